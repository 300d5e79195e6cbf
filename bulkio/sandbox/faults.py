"""Faults on request: what goes wrong, for which requests, how often. ERP-neutral; `fault_layer` plays them.

- `429`, `500`, `503`, `403`: any status from 400 to 599, with an empty body; `retry_after` adds that header.
- `dropped_before`: the connection is closed and nothing was done.
- `dropped_after`: it was done, then the connection is closed without a reply.
- `late`: the connection is closed at once, and it is done `delay` seconds after that.
- `truncated`: it was done, but only half of the reply arrives.
- `slow`: it is done, and answered, after `delay` seconds.
- `html`: 200 with a login page, and nothing was done.
- `ignore_field`: a write is done, except that `field` keeps its old value.
- `stale_read`: a read shows what was before the last write.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import msgspec

from bulkio.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

KINDS = (
    "dropped_before",
    "dropped_after",
    "late",
    "truncated",
    "slow",
    "html",
    "ignore_field",
    "stale_read",
)
_STATUS = re.compile(r"[45]\d\d")


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One fault. ValueError if it makes no sense.

    `fault`: a status, or one of the names above.
    `method`, `path`: which requests; `*` is any method, `path` a regular expression that is searched for.
    `count`: how often, None for ever; `after`: how many matching requests are left alone first.
    `delay`: seconds, of `late` and `slow`. `retry_after`: seconds or an HTTP date. `field`: of `ignore_field`.
    `is_processed`: a status or `html` is sent although the request was executed (a 500 after the commit).
    """

    fault: str
    method: str = "*"
    path: str = ""
    count: int | None = 1
    after: int = 0
    delay: float = 0.0
    retry_after: str | int | None = None
    field: str = ""
    is_processed: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be played."""
        if self.fault not in KINDS and not _STATUS.fullmatch(self.fault):
            msg = f"no fault is called {self.fault!r}; known are statuses from 400 to 599, {', '.join(KINDS)}"
            raise ValueError(msg)
        if (self.fault == "ignore_field") != bool(self.field):
            msg = "`field` belongs to ignore_field, and to nothing else"
            raise ValueError(msg)
        if self.after < 0 or self.delay < 0 or (self.count is not None and self.count < 1):
            msg = "`after` and `delay` must not be negative, `count` must be at least 1"
            raise ValueError(msg)
        try:
            re.compile(self.path)
        except re.error as error:
            msg = f"{self.path!r} is not a regular expression: {error}"
            raise ValueError(msg) from error

    @property
    def status(self) -> int | None:
        """The status, if the fault is one."""
        return int(self.fault) if _STATUS.fullmatch(self.fault) else None

    def matches(self, method: str, path: str) -> bool:
        """Whether the request is one of those meant. Reads only can be stale."""
        wanted = "GET" if self.fault == "stale_read" else self.method.upper()
        return wanted in ("*", method) and re.search(self.path, path) is not None


class _Entry:
    """One fault and how far it has come."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.seen = 0
        self.played = 0

    def is_due(self) -> bool:
        return self.seen > self.fault.after and (self.fault.count is None or self.played < self.fault.count)


class Faults:
    """The faults of a running sandbox, in the order of their adding. Safe to use from any thread."""

    def __init__(self, faults: list[Fault] | None = None) -> None:
        """Start with these."""
        self._entries = [_Entry(fault) for fault in faults or []]
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Play one more, from the next request on."""
        with self._lock:
            self._entries.append(_Entry(fault))

    def clear(self) -> None:
        """Play none any more."""
        with self._lock:
            self._entries.clear()

    @property
    def played(self) -> list[tuple[Fault, int]]:
        """Every fault, and how often it has been played."""
        with self._lock:
            return [(entry.fault, entry.played) for entry in self._entries]

    def take(self, method: str, path: str) -> Fault | None:
        """Choose the fault to be played for this request: the first that is due. All that match count the request."""
        with self._lock:
            matching = [entry for entry in self._entries if entry.fault.matches(method, path)]
            for entry in matching:
                entry.seen += 1
            due = next((entry for entry in matching if entry.is_due()), None)
            if due is None:
                return None
            due.played += 1
            return due.fault


def read_faults(path: Path) -> list[Fault]:
    """Read a file of faults, a JSON list; UsageError, in one line, if it cannot be read or played."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Fault])
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror}"
        raise UsageError(msg) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is not a list of faults: {' '.join(str(error).split())}"
        raise UsageError(msg) from error
