"""Time, as an object that a test can replace: what o'clock it is, and waiting that a stop cuts short."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import threading


class Clock(Protocol):
    """What the workflows need of time."""

    def now(self) -> float:
        """POSIX seconds."""

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Return after so many seconds, or as soon as `stop` is set."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        """POSIX seconds."""
        return time.time()

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Return after so many seconds, or as soon as `stop` is set."""
        if seconds > 0:
            stop.wait(seconds)


def iso(moment: float) -> str:
    """POSIX seconds as a canonical timestamp of whole milliseconds."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
