"""A moment as Unleashed keeps it: to 100 nanoseconds, always UTC, spelled differently in JSON and in XML."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from functools import total_ordering

TICKS_PER_MILLISECOND = 10_000
TICKS_PER_SECOND = 10_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPELLING = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?Z?)?", re.ASCII)


@total_ordering
class Instant:
    """So many ticks of 100 ns since 1970.

    A plain class on purpose: the JSON encoder would write a dataclass, a named tuple or a datetime in its own way
    before we could write `/Date(...)/`.
    """

    __slots__ = ("ticks",)

    def __init__(self, ticks: int) -> None:
        """Take the ticks as they are."""
        self.ticks = ticks

    @classmethod
    def now(cls) -> Instant:
        """Read the clock, in whole milliseconds, so that JSON loses nothing."""
        return cls(time.time_ns() // 1_000_000 * TICKS_PER_MILLISECOND)

    @classmethod
    def parse(cls, text: str) -> Instant:
        """Read `YYYY-MM-DD` (vendor page, line 64) or a date-time in UTC (observed); ValueError for anything else."""
        match = _SPELLING.fullmatch(text)
        if match is None:
            msg = f"not an ISO date: {text!r}"
            raise ValueError(msg)
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
        fraction = int((match.group(7) or "").ljust(7, "0"))
        whole = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _EPOCH
        return cls((whole.days * 86_400 + whole.seconds) * TICKS_PER_SECOND + fraction)

    @property
    def json(self) -> str:
        """As in the page's JSON examples: milliseconds, rounded down."""
        return f"/Date({self.ticks // TICKS_PER_MILLISECOND})/"

    @property
    def xml(self) -> str:
        """As in the page's XML examples: seven digits, no zone."""
        seconds, fraction = divmod(self.ticks, TICKS_PER_SECOND)
        return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}.{fraction:07d}"

    @property
    def moment(self) -> datetime:
        """As an aware datetime, rounded down to microseconds."""
        return _EPOCH + timedelta(microseconds=self.ticks // 10)

    def __eq__(self, other: object) -> bool:
        """Compare the moments."""
        return isinstance(other, Instant) and self.ticks == other.ticks

    def __lt__(self, other: Instant) -> bool:
        """Compare the moments."""
        return self.ticks < other.ticks

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash(self.ticks)

    def __repr__(self) -> str:
        """Show the moment, for people."""
        return f"Instant({self.xml})"
