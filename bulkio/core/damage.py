"""What a spreadsheet program did to a cell since the export, proved against what was exported.

    the exported value explains the cell, and no person would have typed it   -> certain: the cell is restored
    it explains the cell, but a person may have meant it                      -> doubtful: an error that shows both
    it does not explain the cell                                              -> None: a person's edit

A rule is one thing that programs do: it takes what was exported, what was found, and what the file says about the cell.
The first rule that explains the cell decides. Rules are only asked about cells that differ.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import Enum
from typing import TYPE_CHECKING
from unicodedata import normalize

from bulkio.core import date_readings, readings
from bulkio.core.catalogue import Kind
from bulkio.core.damaged_texts import (
    cut_off,
    loses_characters,
    misread,
    only_blanks_differ,
    only_typography_differs,
)
from bulkio.core.kinds import as_datetime

if TYPE_CHECKING:
    from collections.abc import Callable

_DIGITS = re.compile(r"[0-9]{1,60}")
_KEPT_DIGITS = (15, 16, 17)  # what programs keep of a number: a double holds 15 in every case, and at most 17
_SHOWN_DIGITS = (10, 11)  # of a long fraction, zeros in front included; a person who rounds leaves fewer
_GROUP_LIKE = re.compile(r"-?[0-9]{1,3}\.[0-9]{3}")  # 0.125 is 125 where the point groups thousands
_SUM = re.compile(r"=?([+-]?[0-9]{1,15}(?:[+-][0-9]{1,15})*)")
_HASHES = re.compile(r"#{3,300}")
_FORMULA = ("=", "+", "-", "@")


class Cell(Enum):
    """What the file says about a cell."""

    UNTYPED = "untyped"  # a CSV file cannot say anything: every exported text may be damaged
    TEXT = "text"  # a text cell: what a person typed, or what was exported
    VALUE = "value"  # a number, date or truth value, as a program understood what was typed or pasted


class Harm(Enum):
    """How a program changed a cell."""

    LEADING_ZEROS = "lost its leading zeros"
    RESPELLED = "was respelled as a number or a truth value"
    SCIENTIFIC = "was turned into scientific notation"
    ROUNDED = "was rounded, as programs keep 15 digits and show fewer"
    DATE = "was turned into a date or a time"
    SWAPPED = "had its day and month swapped"
    TIME_LOST = "lost a part of its time"
    GROUPED = "had its point taken for a group mark, or the other way round"
    TRUTH = "was translated as a truth value"
    CALCULATED = "was run as a formula"
    HASHES = "was too wide for its column"
    ENCODING = "was read or saved in another encoding"
    ESCAPED = "was escaped as for a web page"
    BLANKS = "had its blanks or line breaks changed"
    TYPOGRAPHY = "had its quotes or dashes replaced"
    APOSTROPHE = "had something put around it to keep it a text"
    CUT = "was cut off"


@dataclass(frozen=True, slots=True)
class Damage:
    """What happened to one cell, and whether it is certain that a program did it."""

    harm: Harm
    is_certain: bool = True


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
        return _GROUP_LIKE.fullmatch(base) is not None
    return False


# --- numbers ----------------------------------------------------------------------------------------------------------


def _number_in_a_text(base: str, found: str, cell: Cell) -> Damage | None:
    if cell is Cell.TEXT or not readings.is_shown_number(found):
        return None
    if "," in base and _DIGITS.fullmatch(found) and base.replace(",", "") == found:
        return Damage(Harm.GROUPED, is_certain=False)
    known = readings.numerals(base)
    shown = readings.numerals(found)
    for was in known:
        for now in shown:
            if was.value == now.value and (was.is_grouped != now.is_grouped or was.is_spaced > now.is_spaced):
                return Damage(Harm.GROUPED if was.is_grouped != now.is_grouped else Harm.RESPELLED, is_certain=False)
            if was.value == now.value:
                # A person may put a currency or a percent sign to a number; programs do it where they were told to.
                is_certain = readings.symbols(found) <= readings.symbols(base)
                return Damage(_respelling(base, found), is_certain=is_certain)
    return _rounded(base, found, known, shown)


def _respelling(base: str, found: str) -> Harm:
    if _DIGITS.fullmatch(base) and base.startswith("0") and (base.lstrip("0") or "0") == found:
        return Harm.LEADING_ZEROS
    return Harm.RESPELLED if readings.exponent_step(found) is None else Harm.SCIENTIFIC


def _rounded(base: str, found: str, known: list[readings.Numeral], shown: list[readings.Numeral]) -> Damage | None:
    step = readings.exponent_step(found)
    for was in known:
        for now in shown:
            if now.is_grouped:
                continue
            if step is not None and abs(was.value - now.value) * 2 <= step:
                return Damage(Harm.SCIENTIFIC, is_certain=not was.is_grouped)
            if _is_rounded(was.value, now.value):
                return Damage(Harm.ROUNDED, is_certain=not was.is_grouped)
            if "%" in base and "%" in found and abs(was.value - now.value) * 20_000 <= 1:  # Excel shows 0.00 %
                return Damage(Harm.ROUNDED, is_certain=False)
    return None


def _is_rounded(was: Decimal, now: Decimal) -> bool:
    """Whether a program made `now` of `was` by keeping or showing fewer digits; a person who types others edits."""
    before, after = len(_significant(was)), len(_significant(now))
    if after >= before or was.adjusted() > 60 or (was < 0) != (now < 0):  # noqa: PLR2004 no number of anybody's
        if before <= _KEPT_DIGITS[0]:
            return False
        is_whole = was == was.to_integral_value()
        return _as_double(was) == now if is_whole else abs(was - now) * 2**53 <= abs(was)
    if before > _KEPT_DIGITS[0]:
        for kept in _KEPT_DIGITS:
            step = Decimal(1).scaleb(was.adjusted() - kept + 1)
            if abs(was - now) < step and now % step == 0:
                return True
    # What Excel's General shows of a long fraction; a whole number is never shown with fewer digits.
    whole = max(was.adjusted() + 1, 1)
    return any(
        now == was.quantize(Decimal(1).scaleb(whole - shown), rounding=rounding)
        for shown in _SHOWN_DIGITS
        if shown >= whole
        for rounding in (ROUND_HALF_UP, ROUND_HALF_EVEN)
    )


def _significant(value: Decimal) -> str:
    return "".join(map(str, value.as_tuple().digits)).strip("0")


def _as_double(value: Decimal) -> Decimal:
    """What a program that reckons in doubles makes of a whole number: 53 bits of it."""
    number = abs(int(value))
    lost = max(number.bit_length() - 53, 0)
    kept, rest = divmod(number, 1 << lost)
    half = (1 << lost) // 2
    kept += rest > half or (0 < rest == half and kept % 2 == 1)
    return Decimal(kept << lost).copy_sign(value)


def _decimal(base: str, found: str, cell: Cell) -> Damage | None:
    """A cell of a DECIMAL column: `base` is canonical, `found` canonical or what could not be read."""
    known = readings.numerals(base)[:1]  # a point is a point: we wrote it
    shown = readings.numerals(found)
    for was in known:
        for now in shown:
            if was.value == now.value:
                harm = Harm.GROUPED if now.is_grouped else _respelling(base, found)
                # Read as it stands it is another number: then somebody may have meant that.
                is_doubtful = now.is_grouped and found.count(".") == 1
                return Damage(harm, is_certain=not is_doubtful) if not is_doubtful or cell is Cell.UNTYPED else None
    if cell is Cell.UNTYPED and shown and _is_regrouped(base, found):
        return Damage(Harm.GROUPED, is_certain=False)
    damage = _rounded(base, found, known, shown[:1])
    if damage and (cell is Cell.UNTYPED or len(_significant(known[0].value)) > _KEPT_DIGITS[0]):
        return damage
    return _date(base, found, cell)


def _is_regrouped(base: str, found: str) -> bool:
    """`0.125` read as 125, or `1234` shown as `1.234` and read as that."""
    try:
        was, now = Decimal(base), Decimal(found)
    except ArithmeticError:
        return False
    if _GROUP_LIKE.fullmatch(base):
        return now == was * 1000
    return was == was.to_integral_value() and abs(was) >= 1000 and now * 1000 == was  # noqa: PLR2004 thousands


# --- dates and times --------------------------------------------------------------------------------------------------


def _date(base: str, found: str, cell: Cell) -> Damage | None:
    if cell is Cell.TEXT:
        return None
    if damage := _number_shown_as_date(base, found):
        return damage
    known = date_readings.days(base)
    if known:
        if date_readings.is_shown_date(found):
            if any(one.may_be(other) for one in known for other in date_readings.days(found)):
                # `10/12/2024` and `12/10/2024`: the same day elsewhere, or another one.
                doubtful = date_readings.is_full_date(base) and _shape(base) == _shape(found)
                return Damage(Harm.SWAPPED if doubtful else Harm.DATE, is_certain=not doubtful)
        elif any(one.may_be(other) for one in known for other in date_readings.serial(found)):
            return Damage(Harm.DATE, is_certain=False)
        return _swapped(base, found)
    return _time(base, found)


def _number_shown_as_date(base: str, found: str) -> Damage | None:
    """200 in a cell that is formatted as a date: 1900-07-18."""
    known = date_readings.serial(base)
    if not known or not date_readings.is_shown_date(found):
        return None
    shown = {day for day in date_readings.days(found) if day.year}
    return Damage(Harm.DATE) if known & shown else None


def _swapped(base: str, found: str) -> Damage | None:
    """ISO dates whose day and month changed places."""
    if not (date_readings.is_full_date(base) and date_readings.is_full_date(found)) or _shape(base) != _shape(found):
        return None
    turned = {date_readings.Day(day.year, day.day, day.month) for day in date_readings.days(base)}
    is_same_time = date_readings.time_within(base) == date_readings.time_within(found)
    return Damage(Harm.SWAPPED, is_certain=False) if is_same_time and turned & date_readings.days(found) else None


def _time(base: str, found: str) -> Damage | None:
    was, now = date_readings.seconds(base), date_readings.seconds(found)
    if was is None:
        return None
    if now is None:
        shown = [each.value for each in readings.numerals(found)[:1]] if "." in found else []
        return Damage(Harm.DATE) if shown and abs(shown[0] * 86_400 - was) < Decimal("0.5") else None
    return Damage(Harm.DATE) if was == now else None


def _shape(text: str) -> str:
    return re.sub("[0-9]", "0", text)


def _timestamp(base: str, found: str, cell: Cell) -> Damage | None:
    """`base` is canonical: an instant; `found` may be any spelling of it that could not be read."""
    del cell  # a date cell and its text say the same
    known, now = as_datetime(base), as_datetime(found)
    if known is None:
        return None
    clock = known.hour * 3600 + known.minute * 60 + known.second
    if now is not None:
        if (known.year, known.month, known.day) == (now.year, now.month, now.day):
            return _time_lost(clock, now.hour * 3600 + now.minute * 60 + now.second)
        is_turned = (known.year, known.month, known.day) == (now.year, now.day, now.month)
        is_same_minute = (known.hour, known.minute) == (now.hour, now.minute)
        return Damage(Harm.SWAPPED, is_certain=False) if is_turned and is_same_minute else None
    day = date_readings.Day(known.year, known.month, known.day)
    if day in date_readings.days(found):
        return _time_lost(clock, date_readings.time_within(found) or 0) or Damage(Harm.TIME_LOST, is_certain=False)
    shown = readings.numerals(found)[:1]
    whole = date_readings.serial(found.partition(".")[0])
    if shown and day in whole:
        within = (shown[0].value % 1) * 86_400
        return Damage(Harm.DATE) if abs(within - clock) < 60 else None  # noqa: PLR2004 a minute
    return None


def _time_lost(was: int, now: int) -> Damage | None:
    """Fractions and seconds go by the way; a whole time that is gone, somebody may have deleted."""
    if was == now:
        return Damage(Harm.RESPELLED)
    if now % 60 == 0 and was // 60 == now // 60:
        return Damage(Harm.TIME_LOST)
    return Damage(Harm.TIME_LOST, is_certain=False) if now == 0 else None


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
    _shown_error, _number_in_a_text, _calculated, _truth, _date, _wrapped, _encoding, _escaped, _blanks, _typography,
    _cut,
)  # fmt: skip
_RULES: dict[Kind, tuple[Callable[[str, str, Cell], Damage | None], ...]] = {
    Kind.TEXT: _TEXT_RULES,
    Kind.DECIMAL: (_shown_error, _decimal),
    Kind.BOOLEAN: (_boolean, _shown_error),
    Kind.GUID: (_shown_error,),
    Kind.TIMESTAMP: (_timestamp, _shown_error),
}
