"""What spreadsheet programs take for dates and times, in the languages that they speak, and how they write these."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

#: Months by their first letters, in English, German, French, Spanish, Italian, Dutch and Portuguese.
_MONTHS = (
    "jan januar january janv janvier enero ene gennaio gen januari janeiro jän jänner",
    "feb februar february fév févr février fevr febrero febbraio februari fev fevereiro",
    "mar märz march mär mrz mars marzo maart mrt março",
    "apr april avr avril abril abr aprile",
    "may mai mayo maggio mag mei maio",
    "jun juni june juin junio giugno giu junho",
    "jul juli july juil juillet julio luglio lug julho",
    "aug august août aoû agosto ago augustus",
    "sep sept september septembre septiembre settembre set setembro",
    "oct oktober october okt octobre octubre ottobre ott outubro out",
    "nov november novembre noviembre novembro",
    "dec dezember december dez déc décembre diciembre dic dicembre dezembro",
)
_MONTH = {name: at for at, names in enumerate(_MONTHS, start=1) for name in names.split()}
_NAME = r"([^\W\d_]{3,10})\.?"
_AB = re.compile(r"([0-9]{1,2}|[0-9]{4})([-/.])([0-9]{1,4})\.?")
_ABC = re.compile(r"([0-9]{1,4})([-/. ])([0-9]{1,2})\2([0-9]{1,4})")
_DAY_FIRST = re.compile(rf"([0-9]{{1,4}})[-/. ]{{0,2}}{_NAME}(?:[-/ ,.]{{0,2}}([0-9]{{2,4}}))?", re.IGNORECASE)
_NAME_FIRST = re.compile(rf"{_NAME}[-/. ]{{0,2}}([0-9]{{1,4}})(?:, ?([0-9]{{4}}))?", re.IGNORECASE)
_CLOCK = r"([0-9]{1,4}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)? ?([AP]M)?"
_TIME = re.compile(_CLOCK, re.IGNORECASE)
_MOMENT = re.compile(rf"(.*?[0-9])(?:[T ]{_CLOCK} ?(?:Z|[+-]00:?00)?)", re.IGNORECASE)
_SHOWN_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}([-/. ])[0-9]{1,2}\1(?:[0-9]{2}|[0-9]{4})"
    r"|[0-9]{4}([/.])[0-9]{1,2}\2[0-9]{1,2}"
)
_YEAR = 4  # digits
_CENTURIES = (1900, 2000)
_EPOCH = date(1899, 12, 30)  # of Excel's and LibreOffice's serial numbers, from March 1900 on
_FIRST_SERIAL, _LAST_SERIAL = 1, 80_000


@dataclass(frozen=True, slots=True)
class Day:
    """One reading of a text as a date; a year or a day that it does not tell is 0."""

    year: int
    month: int
    day: int

    def may_be(self, other: Day) -> bool:
        """Whether both can be the same day; programs add the year that it is, and the first of a month."""
        if self.month != other.month:
            return False
        if self.year and other.year and self.year != other.year:
            return False
        days = {self.day, other.day}
        return len(days) == 1 or days == {0, 1}


def days(text: str) -> set[Day]:
    """All days that a program somewhere may take the text for, a time behind it left aside."""
    bare = text.strip()
    if not 3 <= len(bare) <= 40 or not any("0" <= each <= "9" for each in bare):  # noqa: PLR2004 1-2, MAR1
        return set()
    if moment := _MOMENT.fullmatch(bare):
        bare = moment[1]
    if parts := _ABC.fullmatch(bare):
        first, second, third = parts[1], parts[3], parts[4]
        if len(first) == _YEAR:
            return _days(first, second, third)
        return _days(third, second, first) | _days(third, first, second)
    if parts := _AB.fullmatch(bare):
        first, second = parts[1], parts[3]
        if len(first) == _YEAR:
            return _days(first, second, "")
        return _days("", second, first) | _days("", first, second) | _days(second, first, "")
    return _named_days(bare)


def _named_days(bare: str) -> set[Day]:
    """`1. Mar 26`, `Mar-01`, `MAR1`: the one number beside a month is its day, or its year."""
    if parts := _DAY_FIRST.fullmatch(bare):
        number, name, year = parts.groups()
    elif parts := _NAME_FIRST.fullmatch(bare):
        name, number, year = parts.groups()
    else:
        return set()
    month = _MONTH.get(name.lower())
    if not month:
        return set()
    return _days(year or "", str(month), number) | (set() if year else _days(number, str(month), ""))


def _days(year: str, month: str, day: str) -> set[Day]:
    if len(month) > 2 or len(day) > 2 or (year and len(year) == 3):  # noqa: PLR2004
        return set()
    years = {int(year or 0)}
    if year and len(year) < _YEAR:
        years = {century + int(year) for century in _CENTURIES}
    found = set()
    for each in years:
        try:
            date(each or 2000, int(month), int(day) if day else 1)
        except ValueError:
            continue
        found.add(Day(each, int(month), int(day) if day else 0))
    return found


def is_full_date(text: str) -> bool:
    """Whether the text tells day, month and year in numbers."""
    bare = _MOMENT.sub(r"\1", text.strip())
    return bool(_ABC.fullmatch(bare)) and bool(days(bare))


def is_shown_date(text: str) -> bool:
    """Whether a program would write a date so, rather than a person a code: with its year, or its month by name."""
    bare = text.strip()
    if moment := _MOMENT.fullmatch(bare):
        bare = moment[1]
    if _SHOWN_DATE.fullmatch(bare):
        return True
    if parts := _DAY_FIRST.fullmatch(bare):
        name = parts[2]
    elif parts := _NAME_FIRST.fullmatch(bare):
        name = parts[1]
        if not re.search(r"[-/. ][0-9]{2}$|[0-9]{4}$", bare):
            return False
    else:
        return False
    return name.lower() in _MONTH and name != name.upper() and not bare[:-1].isalnum()


def serial(text: str) -> set[Day]:
    """The day of a date's serial number (46082 is 2026-03-01)."""
    if not re.fullmatch(r"[1-9][0-9]{0,4}", text) or not _FIRST_SERIAL <= int(text) <= _LAST_SERIAL:
        return set()
    moment = _EPOCH + timedelta(days=int(text))
    return {Day(moment.year, moment.month, moment.day)}


def seconds(text: str) -> int | None:
    """A time of day, or an elapsed time, in seconds; None if it is neither."""
    parts = _TIME.fullmatch(text.strip())
    return _seconds(parts.groups()) if parts else None


def time_within(text: str) -> int | None:
    """The time of day behind a date; None if there is none."""
    parts = _MOMENT.fullmatch(text.strip())
    return _seconds(parts.groups()[1:]) if parts else None


def _seconds(parts: tuple[str | None, ...]) -> int | None:
    hour, minute, second, half = int(parts[0] or 0), int(parts[1] or 0), int(parts[2] or 0), (parts[3] or "").upper()
    if minute > 59 or second > 59 or (half and not 1 <= hour <= 12):  # noqa: PLR2004 clocks
        return None
    if half:
        hour = hour % 12 + (12 if half == "PM" else 0)
    return hour * 3600 + minute * 60 + second
