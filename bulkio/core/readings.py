"""What spreadsheet programs take a text for: numbers and truth values (dates: core/date_readings.py).

Not what we take it for (core/kinds.py, which never guesses). Everything here answers "could a program, somewhere, have
read it so?", and is only used to tell a program's doing from a person's where the exported value is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_LONGEST = 80  # characters; no program takes more for a number or a date
_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u2007\u2009\u202f", " ") | {"\u2212": "-", "\u2019": "'"})
_CURRENCY = r"(?:[$€£¥₹]|US\$|NZ\$|A\$|EUR|USD|GBP|NZD|AUD|CHF|kr|zł)"
_AROUND = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-])? ?{_CURRENCY}? ?(?P<sign2>[+-])?(?P<body>[0-9][0-9., ']*?)"
    rf"(?:E(?P<exponent>[+-]?[0-9]{{1,3}}))? ?(?P<percent>%)? ?{_CURRENCY}?(?(open)\))",
    re.IGNORECASE,
)
_DIGIT = re.compile("[0-9]")
_MANTISSA = re.compile(r"-?[0-9](?:[.,]([0-9]{1,16}))?E([+-]?)([0-9]{1,3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Numeral:
    """One reading of a text as a number; `is_grouped` if only a group mark made it that, `is_spaced` if blanks did."""

    value: Decimal
    is_grouped: bool = False
    is_spaced: bool = False


def numerals(text: str) -> list[Numeral]:
    """All readings, the plainest first: with a decimal point or comma, groups, an exponent, percent, a currency."""
    if len(text) > _LONGEST or not _DIGIT.search(text):
        return []
    if text.isascii() and text.isdecimal():
        return [Numeral(Decimal(text))]
    parts = _AROUND.fullmatch(text.translate(_BLANKS).strip())
    if not parts:
        return []
    is_negative = "-" in (parts["sign"], parts["sign2"]) or bool(parts["open"])
    shift = int(parts["exponent"] or 0) - (2 if parts["percent"] else 0)
    found: list[Numeral] = []
    for digits, is_grouped, is_spaced in _plain(parts["body"]):
        value = Decimal(digits).scaleb(shift)
        numeral = Numeral(-value if is_negative else value, is_grouped, is_spaced)
        if all(known.value != numeral.value for known in found):
            found.append(numeral)
    return found


def _plain(body: str) -> list[tuple[str, bool, bool]]:
    """The spellings with a point and without groups that a numeral with marks may stand for."""
    if body[-1] in ".,' ":
        return []
    is_spaced = " " in body
    if is_spaced:
        head, *groups = body.split(" ")
        last = re.split("[.,]", groups[-1])[0]
        in_thousands = len(head) <= 3 and all(len(each) == 3 for each in (*groups[:-1], last))  # noqa: PLR2004
        is_spaced = not in_thousands
        body = body.replace(" ", "")
    body = body.replace("'", "")
    points, commas = body.count("."), body.count(",")
    if not points and not commas:
        return [(body, False, is_spaced)]
    if points and commas:
        mark, group = (".", ",") if body.rindex(".") > body.rindex(",") else (",", ".")
        whole, _, fraction = body.partition(mark)
        sound = body.count(mark) == 1 and _in_groups(whole, group)
        return [(f"{whole.replace(group, '')}.{fraction}", False, is_spaced)] if sound else []
    mark = "." if points else ","
    spellings = []
    if body.count(mark) == 1:
        spellings.append((body.replace(mark, "."), False, is_spaced))
    if _in_groups(body, mark):
        spellings.append((body.replace(mark, ""), True, is_spaced))
    return spellings


def _in_groups(whole: str, mark: str) -> bool:
    head, *groups = whole.split(mark)
    return bool(groups) and 1 <= len(head) <= 3 and all(len(each) == 3 for each in groups)  # noqa: PLR2004 thousands


def is_shown_number(text: str) -> bool:
    """Whether a program would write a number so: no needless zeros in front, no plus."""
    bare = text.translate(_BLANKS).strip()
    if bare.startswith("+"):
        return False
    parts = _AROUND.fullmatch(bare)
    body = parts["body"] if parts else ""
    return bool(body) and (body == "0" or body[0] != "0" or body[1:2] in (".", ","))


def symbols(text: str) -> set[str]:
    """What stands around a number: a currency's letters and signs, a percent sign, brackets."""
    return {each for each in re.sub("E[+-]?[0-9]+", "", text.upper()) if not each.isdigit() and each not in ".,' +-"}


def exponent_step(text: str) -> Decimal | None:
    """How exact a number in scientific notation is, if a program may have written it so; else None.

    A person's own codes look like it, too (`161E5`), but without a sign, or with another mantissa.
    """
    shown = _MANTISSA.fullmatch(text.strip())
    if not shown or not (shown[2] or shown[1]):
        return None
    exponent = int(shown[2] + shown[3]) - len(shown[1] or "")
    return Decimal(1).scaleb(exponent) if shown[2] else Decimal(0)


#: The words that programs write for TRUE and FALSE, by language.
TRUE_WORDS = frozenset(
    ("TRUE", "WAHR", "VRAI", "VERDADERO", "VERO", "WAAR", "VERDADEIRO", "SANN", "SAND", "TOSI", "PRAWDA", "PRAVDA",
     "IGAZ", "ИСТИНА", "DOĞRU", "ADEVĂRAT")
)  # fmt: skip
FALSE_WORDS = frozenset(
    ("FALSE", "FALSCH", "FAUX", "FALSO", "ONWAAR", "FALSKT", "FALSK", "USANN", "EPÄTOSI", "FAŁSZ", "NEPRAVDA", "HAMIS",
     "ЛОЖЬ", "YANLIŞ", "FALS")
)  # fmt: skip


def truth(text: str) -> bool | None:
    """What a program takes for a truth value; None for everything else."""
    word = text.strip().upper()
    return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None


_ERRORS = re.compile(
    r"#(?:N/A|NAME\?|VALUE!|REF!|DIV/0!|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|BUSY!|ERROR!|GETTING_DATA|"
    r"NV|WERT!|BEZUG!|ZAHL!|NOM\?|VALEUR!|NOMBRE!|NUL!|¡VALOR!|¡REF!|¿NOMBRE\?|¡NUM!|¡DIV/0!|N/D|NOME\?|WAARDE!|VERW!|"
    r"DEEL/0!|GETAL!|NAAM\?|VALOR!|NÚM!)|(?:Err|Fehler|Erreur):5[0-9]{2}"
)


def is_error(text: str) -> bool:
    """Whether a program shows this for a formula that it cannot calculate."""
    return _ERRORS.fullmatch(text.strip()) is not None
