"""What every ERP's store has in common: records by key, and as they were before their last write. It knows no fields.

Records are never changed in place: a write replaces the whole record. So what a reader got stays what it was.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from bulkio.core.collector import paused_collector

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from bulkio.sandbox.state import StateFile

_Key = TypeVar("_Key")
_Record = TypeVar("_Record")
_Saved_contra = TypeVar("_Saved_contra", contravariant=True)
_Answer = TypeVar("_Answer")


class Journal(Protocol[_Saved_contra]):
    """Where every written record is kept before the reply leaves."""

    def save(self, record: _Saved_contra, /) -> None:
        """Keep it durably."""


class Records(Generic[_Key, _Record]):
    """All records of one ERP. Safe to ask from any thread; whoever reads and then writes holds `lock` meanwhile."""

    def __init__(
        self, records: Iterable[_Record], key: Callable[[_Record], _Key], journal: Journal[_Record] | None = None
    ) -> None:
        """Hold these; with a journal every write is kept there first."""
        self._key = key
        self._records = {key(record): record for record in records}
        self._before: dict[_Key, _Record | None] = {}
        self._journal = journal
        self.version = 0
        self.lock = threading.RLock()

    def get(self, key: _Key, *, stale: bool = False) -> _Record | None:
        """One record; with `stale`, as it was before its last write."""
        with self.lock:
            if stale and key in self._before:
                return self._before[key]
            return self._records.get(key)

    def put(self, record: _Record) -> None:
        """Insert or replace one; it is in the state file when this returns."""
        with self.lock:
            key = self._key(record)
            if self._journal is not None:
                self._journal.save(record)
            self._before[key] = self._records.get(key)
            self._records[key] = record
            self.version += 1


@dataclass(frozen=True, slots=True)
class Layout(Generic[_Record]):
    """How one ERP's records lie in a state file; `load` undoes `dump` exactly."""

    erp: str
    key: Callable[[_Record], str]
    dump: Callable[[_Record], bytes]
    load: Callable[[bytes], _Record]


@dataclass(frozen=True, slots=True)
class _StateJournal(Generic[_Record]):
    state: StateFile
    layout: Layout[_Record]

    def save(self, record: _Record, /) -> None:
        self.state.save(self.layout.erp, self.layout.key(record), self.layout.dump(record))


def open_records(
    state: StateFile | None, layout: Layout[_Record], invent: Callable[[], list[_Record]]
) -> tuple[list[_Record], Journal[_Record] | None]:
    """Read one ERP's records, and what keeps them from now on; invent them if there is no file, or none of it yet."""
    if state is None:
        return invent(), None
    if state.has(layout.erp):
        with paused_collector():
            records = [layout.load(content) for content in state.records(layout.erp)]
    else:
        records = invent()
        state.fill(layout.erp, ((layout.key(record), layout.dump(record)) for record in records))
    return records, _StateJournal(state, layout)


class Remembered(Generic[_Answer]):
    """The last few answers to list queries, until something is written.

    Paging through 100,000 customers asks the same question hundreds of times.
    """

    _MOST = 16

    def __init__(self) -> None:
        """Start with none."""
        self._answers: dict[Hashable, _Answer] = {}
        self._version = -1

    def answer(self, question: Hashable, version: int, find: Callable[[], _Answer]) -> _Answer:
        """Give the answer of this version, found out at most once."""
        if version != self._version:
            self._answers.clear()
            self._version = version
        if question not in self._answers:
            while len(self._answers) >= self._MOST:
                del self._answers[next(iter(self._answers))]
            self._answers[question] = find()
        return self._answers[question]
