"""What a spreadsheet program did to a cell since the export, proved against what was exported.

A cell is *restored* where the exported value explains the cell and no person would have typed it; it is *damaged* where
a program clearly changed it and the old value cannot be told from the new. Everything else is an edit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

_E_NOTATION = re.compile(r"([+-]?[0-9](?:[.,][0-9]{1,60})?)E([+-]?[0-9]{1,3})", re.IGNORECASE)
_NUMERAL = re.compile(r"[+-]?[0-9]{1,60}(?:\.[0-9]{1,60})?")
_BARE_NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]{0,59})(?:\.[0-9]{0,59}[1-9])?")
_DIGITS = re.compile(r"[0-9]{1,60}")
_KEPT_DIGITS = (15, 16, 17)  # what programs keep of a number: a double holds 15 in every case, and at most 17


class Harm(Enum):
    """How a program changed a cell."""

    LEADING_ZEROS = "lost its leading zeros"
    RESPELLED = "was respelled as a number or a truth value"
    SCIENTIFIC = "was turned into scientific notation"
    ROUNDED = "was rounded after 15 digits"


@dataclass(frozen=True, slots=True)
class Damage:
    """What happened to one cell."""

    harm: Harm


def recognise(base: str, found: str, *, typed_as_text: bool) -> Damage | None:
    """How a program may have made `found` of `base`; None if it looks like a person's edit.

    `typed_as_text`: the file says that the cell is text (an .xlsx text cell): then no program has touched it. A CSV
    file cannot say that, and a number cell in a text column says the opposite.
    """
    if typed_as_text or not base or base == found:
        return None
    harm = _harm_to_number(base, found)
    if found in ("TRUE", "FALSE") and base.upper() == found:
        harm = Harm.RESPELLED
    return Damage(harm) if harm else None


def _harm_to_number(base: str, found: str) -> Harm | None:
    was, now = _number(base), _number(found)
    if was is None or now is None:
        return None
    if shown := _E_NOTATION.fullmatch(found):
        digits = len(shown[1].lstrip("+-")) - 2  # after the mark; -1 where there is none, and the step is as wide
        step = Decimal(1).scaleb(int(shown[2]) - max(digits, 0))
        return Harm.SCIENTIFIC if abs(was - now) <= step else None
    digits_only = _DIGITS.fullmatch(base) and _DIGITS.fullmatch(found)
    if was == now and _BARE_NUMERAL.fullmatch(found):  # nobody but a person adds zeros or a plus
        # 007 became 7; +649 became 649, 1.50 became 1.5, 1E5 became 100000.
        return Harm.LEADING_ZEROS if digits_only else Harm.RESPELLED
    return Harm.ROUNDED if digits_only and _is_rounded(base.lstrip("0"), found) else None


def _is_rounded(base: str, found: str) -> bool:
    """Whether `found` is `base` with its last digits made zeros; a person who types other digits has edited it."""
    for kept in _KEPT_DIGITS:
        step = 10 ** max(len(base) - kept, 0)
        if step > 1 and int(found) % step == 0 and abs(int(found) - int(base)) < step:
            return True
    return False


def _number(text: str) -> Decimal | None:
    """What a program takes for a number, exactly; None for everything else."""
    if _NUMERAL.fullmatch(text) or _E_NOTATION.fullmatch(text):
        return Decimal(text.replace(",", "."))
    return None
