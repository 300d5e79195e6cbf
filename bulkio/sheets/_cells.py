"""What a spreadsheet cell can hold: letters, limits, numerals, and the `_xHHHH_` escape of text.

Limits: https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_CELL_CHARACTERS = 32_767  # UTF-16 units: an emoji counts two
EXACT_DIGITS = 15  # an IEEE double holds any 15 significant digits; Excel stores and shows no more

_NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
_FILE_NUMERAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LONGEST_NUMERAL = 300  # digits; beyond about 308 a double is infinite or zero

# ECMA-376 part 1, 22.9.2.19 (ST_Xstring): what XML cannot hold stands as _xHHHH_, and an underscore that would begin
# such an escape by accident is itself written _x005F_. Carriage returns too: an XML reader turns them into \n.
_UNSAFE = "\x00-\x08\x0b-\x1f\ufffe\uffff"
_ESCAPED = re.compile(f"[{_UNSAFE}]|_(?=x[0-9A-Fa-f]{{4}}(?:_|[{_UNSAFE}]))")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")


@lru_cache(maxsize=MAX_COLUMNS)
def column_letter(number: int) -> str:
    """The name of a column: 1 is A, 27 is AA."""
    letters = ""
    while number > 0:
        number, digit = divmod(number - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


@lru_cache(maxsize=MAX_COLUMNS)
def column_number(letters: str) -> int:
    """The inverse of `column_letter`; 0 for what names no column."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def hides_row(attributes: dict[str, str]) -> bool:
    """Whether a row with these attributes is hidden, or so flat that nobody sees it."""
    height = attributes.get("ht")
    return attributes.get("hidden") in {"1", "true"} or (height is not None and not height.strip("0."))


def fits_number_cell(text: str) -> bool:
    """Whether a number cell gives this plain numeral back exactly (at most 15 significant digits).

    `1.10` fits: it comes back as 1.1, the same number. `-0`, `1E5` and everything that is no plain numeral do not.
    """
    if len(text) > _LONGEST_NUMERAL or not _NUMERAL.fullmatch(text):
        return False
    digits = text.lstrip("-")
    digits = digits.rstrip("0").replace(".", "").lstrip("0")  # 1.10 and 1000 have two and one that count
    return len(digits) <= EXACT_DIGITS and (bool(digits) or not text.startswith("-"))


def plain_numeral(text: str) -> str | None:
    """The shortest plain numeral of what a file's number cell says, or None if it says no number.

    Whole numbers keep all the digits that the file has; everything else goes through the double that a spreadsheet
    makes of it, so that 1.1000000000000001 (Excel's own spelling of 1.1) comes back as 1.1. Never E-notation.
    """
    if text.isdecimal() and text.isascii():
        return text.lstrip("0") or "0"
    if not _FILE_NUMERAL.fullmatch(text):
        return None
    body = text.lstrip("+-")
    if body.isdecimal():
        digits = body.lstrip("0")
        return (("-" if text[0] == "-" else "") + digits) if digits else "0"
    number = Decimal(repr(float(text)))
    if not number.is_finite():
        return None
    plain = format(number, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in {"-0", ""} else plain


def needs_escape(text: str) -> bool:
    """Whether `escape` would change anything."""
    return _ESCAPED.search(text) is not None


def escape(text: str) -> str:
    """Write what XML or a spreadsheet cannot hold as `_xHHHH_`, so that `unescape` gives exactly the text back."""
    return _ESCAPED.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def unescape(text: str) -> str:
    """Decode `_xHHHH_` exactly once, from left to right.

    Escaped surrogates become their character if they come in pairs; a lone one stays as it is written, because no text
    can hold it.
    """
    if "_x" not in text:
        return text
    decoded = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return _SURROGATES.sub(_joined_or_escaped, decoded)


def _joined_or_escaped(match: re.Match[str]) -> str:
    units = match[0]
    if len(units) == 2:  # noqa: PLR2004 - a pair
        return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    return f"_x{ord(units):04X}_"


def utf16_length(text: str) -> int:
    """Length as a spreadsheet counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
