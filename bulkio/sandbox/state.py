"""The state file: a sandbox's data in SQLite, so that a restart, even after a kill, goes on with them.

It knows nothing of customers: records are blobs by key. Every write is committed before the reply leaves.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Self

from bulkio.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

#: Raised when the blobs' layout changes; an older file is then refused rather than misread.
_VERSION = 2

#: Seconds to wait for a file that another sandbox is just letting go of.
_PATIENCE = 1.0

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE filled (erp TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE records (erp TEXT NOT NULL, key TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (erp, key));
"""


class StateFile:
    """One open state file. UsageError if the file is something else, of another version, or in use."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        self._path = path
        self._lock = threading.Lock()  # each ERP's store has one of its own, but they share the file
        try:
            # Only one thread writes at a time (the lock sees to it), but it may not be the one that opened it.
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=_PATIENCE)
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self.close()
            raise self._unusable(error) from error
        except UsageError:
            self.close()
            raise

    def facts(self) -> dict[str, str]:
        """Read what the data were made from (seed, size)."""
        return dict(self._connection.execute("SELECT name, value FROM facts"))

    def records(self, erp: str) -> Iterator[bytes]:
        """Read all blobs of one ERP, in the order in which they were first saved."""
        query = "SELECT content FROM records WHERE erp = ? ORDER BY rowid"
        with closing(self._connection.execute(query, [erp])) as rows:
            for (content,) in rows:
                yield content

    def begin(self, facts: dict[str, str]) -> None:
        """Write down what the data are made from."""
        with self._transaction():
            self._connection.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())

    def has(self, erp: str) -> bool:
        """Whether that ERP's records have been filled in; there may be none of them all the same."""
        return self._connection.execute("SELECT 1 FROM filled WHERE erp = ?", [erp]).fetchone() is not None

    def fill(self, erp: str, records: Iterable[tuple[str, bytes]]) -> None:
        """Write one ERP's first records in one transaction: a kill meanwhile leaves none of them, not half."""
        with self._transaction():
            self._connection.execute("INSERT INTO filled VALUES (?)", [erp])
            self._connection.executemany(
                "INSERT INTO records VALUES (?, ?, ?)", ((erp, key, content) for key, content in records)
            )

    def save(self, erp: str, key: str, content: bytes) -> None:
        """Insert or replace one record; committed when this returns."""
        with self._lock:
            self._connection.execute(
                "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT (erp, key) DO UPDATE SET content = excluded.content",
                (erp, key, content),
            )

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Use it in a `with` statement."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of the file."""
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _prepare(self) -> None:
        # Two sandboxes on one file would overwrite each other's data without noticing.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        is_new = self._connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if not is_new and version != _VERSION:  # before anything is changed: it may be somebody else's database
            reason = f"its version is {version}, not {_VERSION}"
            raise self._unusable(reason)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")  # survives a kill of the process; that is enough
        if is_new:
            self._connection.executescript(f"BEGIN;{_SCHEMA}PRAGMA user_version = {_VERSION};COMMIT;")

    def _unusable(self, reason: object) -> UsageError:
        return UsageError(f"{self._path} cannot be used as a sandbox's state file: {reason}")
