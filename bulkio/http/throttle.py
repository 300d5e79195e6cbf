"""The pace of one account: so many requests a minute, however many threads send them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Throttle:
    """Spaces requests evenly, and holds all of them back where the ERP asks for a pause. Thread-safe.

    One per account: limits belong to the account, not to a thread. `requests_per_minute` None means no pace of our
    own. `clock` and `sleep` are arguments so that tests need not wait.
    """

    def __init__(
        self,
        requests_per_minute: int | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raise ValueError for a pace that is not positive."""
        if requests_per_minute is not None and requests_per_minute <= 0:
            msg = "requests_per_minute must be positive"
            raise ValueError(msg)
        self._interval = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self.clock = clock
        self.sleep = sleep
        self._lock = threading.Lock()
        self._next_slot = float("-inf")
        self._paused_until = float("-inf")

    def acquire(self) -> None:
        """Wait for this request's turn."""
        with self._lock:
            now = self.clock()
            slot = max(now, self._next_slot, self._paused_until)
            self._next_slot = slot + self._interval
        while (wait := slot - now) > 0:
            self.sleep(wait)
            with self._lock:
                now = self.clock()
                if self._paused_until > max(slot, now):  # asked to pause while we waited: queue up behind it
                    slot = max(self._paused_until, self._next_slot)
                    self._next_slot = slot + self._interval

    def pause(self, seconds: float) -> None:
        """Let nobody send for that long. Pauses do not add up: the longest holds."""
        with self._lock:
            self._paused_until = max(self._paused_until, self.clock() + seconds)
