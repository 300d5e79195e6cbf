"""What a spreadsheet program did to a cell since the export, proved against what was exported.

    the exported value explains the cell, and no person would have typed it   -> certain: the cell is restored
    it explains the cell, but a person may have meant it                      -> doubtful: an error that shows both
    it does not explain the cell                                              -> None: a person's edit

A rule is one thing that programs do: it takes what was exported, what was found, and what the file says about the cell.
The first rule that explains the cell decides. Rules are only asked about cells that differ.

Rules: damaged_numbers.py, damaged_dates.py, damaged_texts.py and here. What programs take a text for: readings.py and
date_readings.py. Whole columns: damaged_columns.py; rows whose key was harmed: damaged_keys.py.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import normalize

from bulkio.core import date_readings, readings
from bulkio.core.catalogue import Kind
from bulkio.core.damaged_dates import date, timestamp
from bulkio.core.damaged_numbers import GROUP_LIKE, decimal, number_in_a_text
from bulkio.core.damaged_texts import (
    cut_off,
    loses_characters,
    misread,
    only_blanks_differ,
    only_typography_differs,
)
from bulkio.core.harm import Cell, Damage, Harm

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Cell", "Damage", "Harm", "may_suffer", "recognise"]

_DIGITS = re.compile(r"[0-9]{1,60}")
_SUM = re.compile(r"=?([+-]?[0-9]{1,15}(?:[+-][0-9]{1,15})*)")
_HASHES = re.compile(r"#{3,300}")
_FORMULA = ("=", "+", "-", "@")


def recognise(base: str, found: str, kind: Kind = Kind.TEXT, cell: Cell = Cell.UNTYPED) -> Damage | None:
    """How a program may have made `found` of `base`; None if it looks like a person's edit.

    Both are canonical, or `found` is the raw text of a cell that could not be read as its kind.
    """
    if not base or not found or base == found:
        return None
    if cell is not Cell.TEXT and base[0] == "0" and base.lstrip("0") == found and _DIGITS.fullmatch(found):
        return Damage(Harm.LEADING_ZEROS)  # what happens most by far
    for rule in _RULES[kind]:
        if damage := rule(base, found, cell):
            return damage
    return None


def may_suffer(harm: Harm, base: str) -> bool:
    """Whether a program that does this harm would have done it to this value, too.

    If it has done so to all of a column that it could, a doubt about one cell is none about the column.
    """
    if harm is Harm.GROUPED:
        return GROUP_LIKE.fullmatch(base) is not None
    return False


# --- truth values, formulas, errors -----------------------------------------------------------------------------------


def _truth(base: str, found: str, cell: Cell) -> Damage | None:
    was = readings.truth(base)
    if cell is Cell.TEXT or was is None:
        return None
    if found in readings.TRUE_WORDS | readings.FALSE_WORDS and readings.truth(found) is was:
        return Damage(Harm.RESPELLED if base.upper() == found else Harm.TRUTH)
    if found in (("1", "-1") if was else ("0",)) or base.strip().casefold() == found.casefold():
        return Damage(Harm.TRUTH, is_certain=False)
    return None


def _boolean(base: str, found: str, _cell: Cell) -> Damage | None:
    """`base` is `true` or `false`; `found` is what is no truth value here, but is one elsewhere."""
    was = base == "true"
    spelled = {True: ("-1", "1.0", "1,0", "ON", "T", "-1.0"), False: ("0.0", "0,0", "OFF", "F")}[was]
    is_same = readings.truth(found) is was or found.strip().upper() in spelled
    return Damage(Harm.TRUTH) if is_same else None


def _shown_error(base: str, found: str, cell: Cell) -> Damage | None:
    if cell is Cell.TEXT:
        return None
    if readings.is_error(found):
        return Damage(Harm.CALCULATED, is_certain=base.startswith(_FORMULA))
    if _HASHES.fullmatch(found):
        return Damage(Harm.HASHES, is_certain=bool(readings.numerals(base) or date_readings.days(base)))
    return None


def _calculated(base: str, found: str, cell: Cell) -> Damage | None:
    if cell is Cell.TEXT or not base.startswith(_FORMULA):
        return None
    shown = readings.numerals(found)[:1]
    if shown and (total := _SUM.fullmatch(base)):
        terms = re.findall("[+-]?[0-9]+", total[1])
        if sum(map(int, terms)) == shown[0].value:
            return Damage(Harm.CALCULATED)
    if base.startswith(("=", "@")) and (shown or readings.truth(found) is not None):
        return Damage(Harm.CALCULATED, is_certain=False)
    return Damage(Harm.CALCULATED) if found == f"={base}" else None


# --- texts ------------------------------------------------------------------------------------------------------------


def _wrapped(base: str, found: str, cell: Cell) -> Damage | None:
    """What people and programs put around a code so that it stays a text."""
    if found in (f"'{base}", f'="{base}"', f"mailto:{base}"):
        return Damage(Harm.APOSTROPHE, is_certain=cell is Cell.UNTYPED)
    return None


def _encoding(base: str, found: str, cell: Cell) -> Damage | None:
    if normalize("NFC", base) == normalize("NFC", found):
        return Damage(Harm.ENCODING) if cell is Cell.UNTYPED else None
    if is_whole := misread(base, found):
        # `ü` for `ü` in a text cell: nobody types that; a question mark for a letter, somebody may.
        return Damage(Harm.ENCODING, is_certain=cell is Cell.UNTYPED or is_whole == "longer")
    if loses_characters(base, found):
        return Damage(Harm.ENCODING, is_certain=False)
    return None


def _escaped(base: str, found: str, cell: Cell) -> Damage | None:
    if "&" in found and ";" in found:
        from html import unescape  # noqa: PLC0415 seldom needed

        if unescape(found) == base:
            return Damage(Harm.ESCAPED, is_certain=cell is Cell.UNTYPED)
    return None


def _blanks(base: str, found: str, cell: Cell) -> Damage | None:
    if cell is not Cell.UNTYPED:  # no program does that to a text cell, and a person who tidies up means it
        return None
    differ = only_blanks_differ(base, found)
    return Damage(Harm.BLANKS, is_certain=differ == "certain") if differ else None


def _typography(base: str, found: str, cell: Cell) -> Damage | None:
    is_so = cell is Cell.UNTYPED and only_typography_differs(base, found)
    return Damage(Harm.TYPOGRAPHY, is_certain=False) if is_so else None


def _cut(base: str, found: str, cell: Cell) -> Damage | None:
    return Damage(Harm.CUT, is_certain=cell is Cell.UNTYPED) if cut_off(base, found) else None


_TEXT_RULES: tuple[Callable[[str, str, Cell], Damage | None], ...] = (
    _shown_error, number_in_a_text, _calculated, _truth, date, _wrapped, _encoding, _escaped, _blanks, _typography,
    _cut,
)  # fmt: skip
_RULES: dict[Kind, tuple[Callable[[str, str, Cell], Damage | None], ...]] = {
    Kind.TEXT: _TEXT_RULES,
    Kind.DECIMAL: (_shown_error, decimal, date),
    Kind.INTEGER: (_shown_error, decimal, date),
    Kind.BOOLEAN: (_boolean, _shown_error),
    Kind.GUID: (_shown_error,),
    Kind.TIMESTAMP: (timestamp, _shown_error),
    Kind.DATE: (timestamp, _shown_error),  # a day is its own midnight
    Kind.LIST: _TEXT_RULES,
}
