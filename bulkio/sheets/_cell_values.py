"""What a cell's value means by its type and style: a text with a fact."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from bulkio.core.grid import Fact
from bulkio.sheets._cells import plain_numeral, unescape

if TYPE_CHECKING:
    from bulkio.sheets._workbook import Contents

CONSTANTS: Final = {"TRUE()": "TRUE", "FALSE()": "FALSE"}  # how LibreOffice saves truth values: nothing is calculated
_TRUE = {"1", "true"}


class CellValues:
    """The values of one workbook's cells; dates are remembered, because they repeat."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._moments: dict[tuple[str, str], tuple[str, Fact]] = {}

    def group(self, kind: str, style: str) -> tuple[str, str]:
        """What of type and style makes a difference."""
        return kind, style if kind == "n" and style in self._contents.date_styles else ""

    def typed(self, value: str, kind: str, style: str) -> tuple[str, Fact]:  # noqa: PLR0911 - one for each type
        """Text and fact of a cell by its type `t`."""
        match kind:
            case "n":
                if style in self._contents.date_styles:
                    moment = self._moments.get((value, style))
                    if moment is None:
                        moment = self._moments[value, style] = self._moment(value, style)
                    return moment
                return _number(value)
            case "s":
                index = int(value)
                if index < 0:
                    msg = f"there is no shared string {index}"
                    raise ValueError(msg)
                return self._contents.strings[index], Fact.TEXT
            case "b":
                return ("TRUE" if value.strip() in _TRUE else "FALSE"), Fact.BOOLEAN
            case "e":
                return value, Fact.ERROR
            case "d":
                return value, Fact.DATE
            case _:
                return unescape(value), Fact.TEXT

    def _moment(self, value: str, style: str) -> tuple[str, Fact]:
        is_elapsed = style in self._contents.elapsed_styles
        text = _iso(value, is_1904=self._contents.is_1904, is_elapsed=is_elapsed)
        return (text, Fact.DATE) if text else _number(value)


def _number(value: str) -> tuple[str, Fact]:
    """A number cell; what is no number there is shown as an error, never taken for one."""
    numeral = plain_numeral(value.strip())
    return (value, Fact.ERROR) if numeral is None else (numeral, Fact.NUMBER)


def _iso(value: str, *, is_1904: bool, is_elapsed: bool) -> str:
    """A date serial as ISO 8601: a date, a date with time, a time, or a duration (PT26H30M0S); "" if it is no date."""
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel  # noqa: PLC0415 - heavy

    numeral = plain_numeral(value)
    if numeral is None:
        return ""
    try:
        moment = from_excel(float(numeral), MAC_EPOCH if is_1904 else WINDOWS_EPOCH, timedelta=is_elapsed)
    except (OverflowError, ValueError):
        return ""  # a spreadsheet shows ##### for it: the number is all there is
    return moment_text(moment)


def moment_text(moment: dt.datetime | dt.date | dt.time | dt.timedelta) -> str:
    """A date, a date with time, a time, or a duration (PT26H30M0S) as ISO 8601."""
    if isinstance(moment, dt.timedelta):
        return _duration(moment)
    if isinstance(moment, dt.datetime) and moment.time() == dt.time():
        return moment.date().isoformat()
    if not isinstance(moment, dt.datetime | dt.time):
        return moment.isoformat()
    return str(moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds"))


def _duration(elapsed: dt.timedelta) -> str:
    seconds = elapsed.total_seconds()
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{'-' if seconds < 0 else ''}PT{hours}H{minutes}M{plain_numeral(str(round(rest, 3)))}S"
