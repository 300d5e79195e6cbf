"""Rules for dates and times: what became one, and what became of one."""

from __future__ import annotations

import re
from decimal import Decimal

from bulkio.core import date_readings, readings
from bulkio.core.harm import Cell, Damage, Harm
from bulkio.core.kinds import as_datetime


def date(base: str, found: str, cell: Cell) -> Damage | None:
    """A text or a decimal that became a date or a time, or a number that is only shown as one."""
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


def timestamp(base: str, found: str, cell: Cell) -> Damage | None:
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
