"""How patient we are: when to try again, after how long, and when to give up. Pure arithmetic; nothing sleeps here."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

_SECONDS = re.compile(r"[0-9]{1,400}(\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for an answer, and how often and how long to try again. All times in seconds.

    `timeout` bounds one silence of the server. `max_wait` bounds what one request may cost in waits and failed
    attempts together, so that nobody stares at a screen for an hour because a server says "in one hour". `attempts`
    bounds the tries where the server is broken or unreachable; being asked to slow down is bounded by `max_wait` only.
    `first_attempts` bounds them where no connection was made and none ever was: a wrong address does not pass.
    """

    timeout: float = 60.0
    max_wait: float = 120.0
    attempts: int = 6
    first_attempts: int = 3
    first_delay: float = 0.5
    longest_delay: float = 30.0
    jitter: Callable[[], float] = random.random

    def delay(self, attempt: int) -> float:
        """The wait after the attempt of that number (from 1): doubling, and shortened by up to half at random.

        The randomness keeps workers that failed together from coming back together.
        """
        whole = min(self.longest_delay, self.first_delay * 2.0 ** min(attempt - 1, 30))
        return whole * (1.0 - self.jitter() / 2.0)


def parse_retry_after(header: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for; None where it is missing or is neither of its two forms.

    `now` is what a date is held against: the server's own Date, so that its clock need not agree with ours. A date in
    the past means no wait. Negative numbers are junk (RFC 9110, 10.2.3). Ten years are returned as ten years.
    """
    text = (header or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    moment = parse_http_date(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def parse_http_date(header: str | None) -> datetime | None:
    """The instant of a Date or Retry-After header; None if it is missing, unreadable or without a zone."""
    try:
        moment = parsedate_to_datetime(header or "")
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo is not None else None
