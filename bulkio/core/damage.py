"""What a spreadsheet program did to a cell since the export, proved against what was exported.

A cell is *restored* where the exported value explains the cell and no person would have typed it; it is *damaged* where
a program clearly changed it and the old value cannot be told from the new. Everything else is an edit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

_E_NOTATION = re.compile(r"([+-]?\d(?:[.,]\d+)?)E\+?(\d{1,3})", re.IGNORECASE)
_DIGITS = re.compile(r"\d+")
_EXACT_DIGITS = 15  # what a double holds in every case


class Harm(Enum):
    """How a program changed a cell."""

    LEADING_ZEROS = "lost its leading zeros"
    SCIENTIFIC = "was turned into scientific notation"
    ROUNDED = "was rounded after 15 digits"


@dataclass(frozen=True, slots=True)
class Damage:
    """What happened to one cell."""

    harm: Harm


def recognise(base: str, found: str, *, typed_as_text: bool) -> Damage | None:
    """How a program may have made `found` of `base`; None if it looks like a person's edit.

    `typed_as_text`: the file says that the cell is text (an .xlsx text cell): then no program has touched it. A CSV file
    cannot say that, and a number cell in a text column says the opposite.
    """
    if typed_as_text or not base or base == found:
        return None
    if _DIGITS.fullmatch(found) and base.startswith("0") and _DIGITS.fullmatch(base) and base.lstrip("0") == found:
        return Damage(Harm.LEADING_ZEROS)
    if _is_numeral(base) and (match := _E_NOTATION.fullmatch(found)):
        mantissa = Decimal(match[1].replace(",", "."))
        shown = mantissa.scaleb(int(match[2]))
        step = Decimal(1).scaleb(int(match[2]) + int(mantissa.as_tuple().exponent))
        return Damage(Harm.SCIENTIFIC) if abs(Decimal(base) - shown) <= step else None
    if _DIGITS.fullmatch(base) and _DIGITS.fullmatch(found) and len(base.lstrip("0")) > _EXACT_DIGITS:
        kept = base.lstrip("0")
        if len(kept) == len(found) and kept[: _EXACT_DIGITS - 1] == found[: _EXACT_DIGITS - 1] and found.endswith("0"):
            return Damage(Harm.ROUNDED)
    return None


def _is_numeral(text: str) -> bool:
    return bool(re.fullmatch(r"\d{1,60}(\.\d+)?", text) or _E_NOTATION.fullmatch(text))
