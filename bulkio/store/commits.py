"""Commits: writes of several threads to one SQLite file, which wait for the disk together.

Who comes while another thread commits is committed with all who came meanwhile, by the first of them. Nobody's `commit`
returns before his own write is on the disk; what several wait for at once just needs one flush instead of several.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

Result = TypeVar("Result")


def _locked() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class _Write:
    """One thread's write; `turn` is freed when it is committed or has failed, or when its thread is to commit."""

    work: Callable[[sqlite3.Cursor], Any]
    turn: threading.Lock = field(default_factory=_locked)
    is_at_end: bool = False
    result: Any = None
    error: BaseException | None = None

    def end(self, error: BaseException | None = None) -> None:
        self.error = error
        self.is_at_end = True


class Commits:
    """The only user of a connection: one transaction or one reading at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Own the connection."""
        self._connection = connection
        self._using = threading.Lock()
        self._queueing = threading.Lock()
        self._waiting: list[_Write] = []
        self._is_committing = False

    def commit(self, work: Callable[[sqlite3.Cursor], Result]) -> Result:
        """What `work` returns, once all that it wrote is on disk.

        Raises what it raised, or what SQLite said to the commit: then nothing of it is written. `work` may be called
        twice, where another write of the same transaction failed.
        """
        mine = _Write(work)
        with self._queueing:
            self._waiting.append(mine)
            has_to_wait, self._is_committing = self._is_committing, True
        if has_to_wait:
            mine.turn.acquire()
        if not mine.is_at_end:
            self._commit_waiting()
        if mine.error is not None:
            raise mine.error
        result: Result = mine.result
        return result

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, between two transactions."""
        with self._using:
            yield self._connection

    @property
    def waiting(self) -> int:
        """How many writes wait for a commit that has not begun."""
        return len(self._waiting)

    def close(self) -> None:
        """Close the connection."""
        with self._using:
            self._connection.close()

    def _commit_waiting(self) -> None:
        with self._queueing:
            writes, self._waiting = self._waiting, []
        try:
            with self._using:
                self._commit(writes)
        except BaseException as exc:  # an interrupt: nobody must take his write for done
            for write in writes:
                write.end(exc)
            raise
        finally:
            with self._queueing:
                following = self._waiting[:1]
                self._is_committing = bool(following)
            for write in (*writes, *following):  # of which one was not waiting: nobody waits for its turn again
                write.turn.release()

    def _commit(self, writes: Sequence[_Write]) -> None:
        try:
            with self._connection:
                for write in writes:
                    write.result = write.work(self._connection.cursor())
        except sqlite3.Error as exc:  # the file's failure, and so everybody's
            for write in writes:
                write.end(exc)
        except Exception as exc:  # noqa: BLE001 one write's own failure, raised by its thread
            if len(writes) == 1:
                writes[0].end(exc)
            else:
                for write in writes:
                    self._commit([write])
        else:
            for write in writes:
                write.end()
