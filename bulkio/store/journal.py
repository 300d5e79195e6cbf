"""The journal of one run: what is about to be sent, and what came of it, on disk before and after every request.

SQLite in WAL mode with synchronous=FULL: a commit that returned survives a power cut. A row of `attempt` holds the
exact body, the record as it was before, and the ids of its children before, so that a run that died can be finished and
a finished one undone from this file alone. No secrets and no signatures are in it.

SQLite notices a damaged page, but not a damaged letter in it: every row carries a sum of its own, and one that does not
fit makes the whole journal unfit for use.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

import msgspec

from bulkio.core.report import Outcome, Status
from bulkio.errors import FileError
from bulkio.store.commits import Commits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bulkio.core.request import WriteRequest

Result = TypeVar("Result")

VERSION = 2

_exact = msgspec.json.Encoder(decimal_format="number")  # numbers keep all their digits

_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE operation (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, status TEXT NOT NULL, guid TEXT NOT NULL, message TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0, sum INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE attempt (
    number INTEGER PRIMARY KEY, operations TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, body TEXT NOT NULL,
    before TEXT NOT NULL, children_before TEXT NOT NULL, sent_at TEXT NOT NULL, deadline REAL NOT NULL,
    result TEXT NOT NULL DEFAULT '', status INTEGER NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '',
    sum INTEGER NOT NULL DEFAULT 0
) STRICT;
"""

_ATTEMPT = "number, operations, method, path, body, before, children_before, sent_at, deadline, result, status, message"

# Every write sums its row in the same breath. An attempt's number is not known before it is written, nor needed: what
# names it is an operation, whose own sum covers that name.
_SENT = "operations, method, path, body, before, children_before, sent_at, deadline"
_PLAN = """
INSERT INTO operation (id, position, status, guid, message, sum)
VALUES (:id, :position, :status, '', '', checksum(:id, :position, :status, '', '', 0))
"""
_INTEND = f"""
INSERT INTO attempt ({_SENT}, sum)
VALUES (:operations, :method, :path, :body, :before, :children_before, :sent_at, :deadline,
    checksum(:operations, :method, :path, :body, :before, :children_before, :sent_at, :deadline, '', 0, ''))
"""  # noqa: S608 our own words
_ANSWER = f"""
UPDATE attempt SET result = :result, status = :status, message = :message,
    sum = checksum({_SENT}, :result, :status, :message)
WHERE number = :number RETURNING operations
"""  # noqa: S608
_BEGIN = """
UPDATE operation SET status = :status, message = '', attempt = :attempt,
    sum = checksum(id, position, :status, guid, '', :attempt)
WHERE id = :id
"""
_SET = """
UPDATE operation SET status = :status, message = :message, guid = CASE :guid WHEN '' THEN guid ELSE :guid END,
    sum = checksum(id, position, :status, CASE :guid WHEN '' THEN guid ELSE :guid END, :message, attempt)
WHERE id = :id
"""
_UNSOUND_OPERATIONS = (
    "SELECT count(*) FROM operation WHERE sum <> checksum(id, position, status, guid, message, attempt)"
)
_UNSOUND_ATTEMPTS = f"SELECT count(*) FROM attempt WHERE sum <> checksum({_SENT}, result, status, message)"  # noqa: S608


class Check(Enum):
    """What of a journal is to be proved sound before anything is read from it."""

    ALL = "all"
    OPERATIONS = "operations"  # what became of them; not what was sent, which is most of the file


_UNSOUND = {
    Check.ALL: (_UNSOUND_OPERATIONS, _UNSOUND_ATTEMPTS),
    Check.OPERATIONS: (_UNSOUND_OPERATIONS,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request that was, or may have been, sent.

    `before` is the record's pre-image (JSON, "" for a create), `children_before` the ids of the children that the
    parent had, `deadline` the POSIX time until which the request itself may have been under way.
    """

    number: int
    operations: tuple[str, ...]
    method: str
    path: str
    body: str
    before: str
    children_before: tuple[str, ...]
    sent_at: str
    deadline: float
    result: str
    status: int
    message: str


class Journal:
    """An open journal. Its methods commit before they return, and may be called from any thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._commits = Commits(connection)

    @classmethod
    def create(cls, path: Path, meta: dict[str, str], operation_ids: Sequence[str]) -> Journal:
        """A new journal with every operation PLANNED. Raises FileError if it cannot be written or exists."""
        if _exists(path):
            msg = f"{path}: there is a journal already"
            raise FileError(msg)
        # Made beside its place and then moved there: whatever stands in its place is a whole one.
        neighbour = path.with_name(f".{path.name}.new")
        try:
            neighbour.unlink(missing_ok=True)
            made = cls(path, _connect(neighbour, mode="DELETE"))
            with made._closing_on_failure():
                made._fill(meta, operation_ids)
            made.close()
            neighbour.replace(path)
        except OSError as exc:
            msg = f"{path}: the journal cannot be opened ({exc.strerror or exc})"
            raise FileError(msg) from exc
        return cls(path, _connect(path))

    @classmethod
    def in_memory(cls, meta: dict[str, str], operation_ids: Sequence[str]) -> Self:
        """A journal that is gone with the process, for simulations: it keeps nothing from happening twice."""
        journal = cls(Path(":memory:"), _connect(Path(":memory:"), mode="MEMORY"))
        journal._fill(meta, operation_ids)
        return journal

    def copied(self) -> Self:
        """What is committed, in a journal in memory: what a simulated death leaves behind."""
        copy = type(self)(Path(":memory:"), _connect(Path(":memory:"), mode="MEMORY"))
        with self._read() as connection, copy._read() as other:  # noqa: SLF001 its own kind
            connection.backup(other)
        return copy

    def _fill(self, meta: dict[str, str], operation_ids: Sequence[str]) -> None:
        def fill(cursor: sqlite3.Cursor) -> None:
            cursor.execute("BEGIN IMMEDIATE")  # all of it or nothing: half a journal would look like an empty run
            for statement in _SCHEMA.strip().split(";\n"):
                cursor.execute(statement)
            cursor.execute(f"PRAGMA user_version = {VERSION}")
            cursor.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            planned = Status.PLANNED.value
            rows = [{"id": each, "position": at, "status": planned} for at, each in enumerate(operation_ids)]
            cursor.executemany(_PLAN, rows)

        self._write(fill)

    @classmethod
    def open(cls, path: Path, *, check: Check = Check.ALL) -> Journal:
        """An existing journal. Raises FileError if it is missing, damaged, or of another version."""
        if not _exists(path):
            msg = f"{path}: there is no such journal"
            raise FileError(msg)
        journal = cls(path, _connect(path))
        with journal._closing_on_failure():
            with journal._read() as connection:
                (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != VERSION:
                msg = f"{path}: the journal is of version {version}, this bulkio reads version {VERSION}"
                hint = "Update bulkio." if version > VERSION else "Finish the run with the bulkio that began it."
                raise FileError(msg, hint=hint)
            journal._refuse_damage(check)
        return journal

    def _refuse_damage(self, check: Check) -> None:
        with self._read() as connection:
            (health,) = connection.execute("PRAGMA quick_check").fetchone()
            unsound = any(connection.execute(query).fetchone()[0] for query in _UNSOUND[check])
        if health != "ok" or unsound:
            raise _damaged(self.path)

    def meta(self, name: str) -> str:
        """One of the facts that the journal was created with; "" if it has no such."""
        with self._read() as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def note(self, name: str, value: str) -> None:
        """Keep a fact about the run."""
        self._write(lambda cursor: cursor.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value)))

    def intent(  # noqa: PLR0913 all of it must be on disk before the send
        self,
        operations: Sequence[str],
        request: WriteRequest,
        *,
        before: Any,
        children_before: Sequence[str],
        sent_at: str,
        deadline: float,
    ) -> int:
        """About to send. Returns the attempt's number once this is safely on disk."""
        sent = {
            "operations": json.dumps(list(operations)),
            "method": request.method,
            "path": request.path,
            "body": request.body,
            "before": "" if before is None else _exact.encode(before).decode(),
            "children_before": json.dumps(list(children_before)),
            "sent_at": sent_at,
            "deadline": float(deadline),
        }

        def intend(cursor: sqlite3.Cursor) -> int:
            number = cursor.execute(_INTEND, sent).lastrowid or 0
            facts = {"status": Status.INTENT.value, "attempt": number}
            _update(cursor, _BEGIN, [{**facts, "id": each} for each in operations])
            return number

        return self._write(intend)

    def answered(self, number: int, status: Status, *, http_status: int, guid: str, message: str) -> None:
        """The answer to an attempt, or that none came (UNKNOWN); all its operations get that status.

        `guid` is the id that the answer states for the first of them.
        """
        reply = {"result": status.value, "status": http_status, "message": _storable(message), "number": number}

        def answer(cursor: sqlite3.Cursor) -> None:
            ((ids,),) = cursor.execute(_ANSWER, reply).fetchall()
            first, *others = json.loads(ids)
            _set(cursor, [first], status, guid, message)
            _set(cursor, others, status, "", message)

        self._write(answer)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """What became of some operations; a blank guid keeps the one that is known."""

        def settle(cursor: sqlite3.Cursor) -> None:
            for outcome in outcomes:
                _set(cursor, [outcome.operation_id], outcome.status, outcome.guid, outcome.message)

        self._write(settle)

    def outcome(self, operation_id: str) -> Outcome:
        """One operation as it stands. Raises KeyError if the run has no such."""
        with self._read() as connection:
            row = connection.execute(
                "SELECT status, guid, message FROM operation WHERE id = ?", (operation_id,)
            ).fetchone()
        if row is None:
            raise KeyError(operation_id)
        return Outcome(operation_id=operation_id, status=Status(row[0]), guid=row[1], message=row[2])

    def outcomes(self) -> list[Outcome]:
        """All operations as they stand, in the plan's order."""
        with self._read() as connection:
            rows = connection.execute("SELECT id, status, guid, message FROM operation ORDER BY position").fetchall()
        return [
            Outcome(operation_id=each, status=Status(status), guid=guid, message=message)
            for each, status, guid, message in rows
        ]

    def attempts(self) -> list[Attempt]:
        """All attempts, oldest first."""
        with self._read() as connection:
            rows = connection.execute(f"SELECT {_ATTEMPT} FROM attempt ORDER BY number").fetchall()  # noqa: S608 our own column names
        return [_attempt(row) for row in rows]

    def last_attempt(self, operation_id: str) -> Attempt | None:
        """The newest attempt that an operation was part of; None if it never was sent."""
        with self._read() as connection:
            row = connection.execute(
                f"SELECT {_ATTEMPT} FROM attempt"  # noqa: S608 our own column names
                " WHERE number = (SELECT attempt FROM operation WHERE id = ?)",
                (operation_id,),
            ).fetchone()
        return _attempt(row) if row else None

    def close(self) -> None:
        """Close the file; everything is on disk already."""
        self._commits.close()

    @contextmanager
    def _closing_on_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    @contextmanager
    def _read(self) -> Iterator[sqlite3.Connection]:
        """One reading, by one thread at a time."""
        with self._commits.reading() as connection:
            try:
                yield connection
            except (sqlite3.DatabaseError, UnicodeDecodeError) as exc:  # a damaged word may not even be text
                if _is_refused(exc):  # reading takes some room, too
                    msg = f"{self.path}: the journal cannot be read ({exc})"
                    raise FileError(msg, hint="Free some space, or see who may read it.") from exc
                raise _damaged(self.path) from exc

    def _write(self, work: Callable[[sqlite3.Cursor], Result]) -> Result:
        """Commit. Raises FileError if the disk is full or the file cannot be written: then nothing is sent."""
        try:
            return self._commits.commit(work)
        except sqlite3.OperationalError as exc:
            msg = f"{self.path}: the journal cannot be written ({exc})"
            raise FileError(msg, hint="Free some space; nothing is sent that is not journaled first.") from exc
        except sqlite3.DatabaseError as exc:
            raise _damaged(self.path) from exc


def _attempt(row: tuple[Any, ...]) -> Attempt:
    return Attempt(
        number=row[0],
        operations=tuple(json.loads(row[1])),
        method=row[2],
        path=row[3],
        body=row[4],
        before=row[5],
        children_before=tuple(json.loads(row[6])),
        sent_at=row[7],
        deadline=row[8],
        result=row[9],
        status=row[10],
        message=row[11],
    )


def _set(cursor: sqlite3.Cursor, operations: Sequence[str], status: Status, guid: str, message: str) -> None:
    facts = {"status": status.value, "message": _storable(message), "guid": guid}
    _update(cursor, _SET, [{**facts, "id": each} for each in operations])


def _update(cursor: sqlite3.Cursor, statement: str, rows: Sequence[dict[str, Any]]) -> None:
    """Raises KeyError, and changes nothing, if the run does not have one of the operations."""
    if rows and cursor.executemany(statement, rows).rowcount != len(rows):
        raise KeyError([row["id"] for row in rows])


def _checksum(*values: object) -> int:
    return zlib.crc32(repr(values).encode())


def _storable(message: str) -> str:
    """The words without halves of surrogate pairs, which no file can hold."""
    return message.encode("utf-8", "backslashreplace").decode()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as exc:
        msg = f"{path}: the journal cannot be opened ({exc.strerror or exc})"
        raise FileError(msg) from exc


def _connect(path: Path, *, mode: str = "WAL") -> sqlite3.Connection:
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
        connection.create_function("checksum", -1, _checksum, deterministic=True)
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("PRAGMA synchronous = FULL")
    except (sqlite3.DatabaseError, UnicodeDecodeError) as exc:
        if connection is not None:
            connection.close()
        msg = f"{path}: the journal cannot be opened ({exc})"
        raise FileError(msg) from exc
    return connection


def _is_refused(exc: Exception) -> bool:
    """Whether the machine refuses (no room, no access, no answer of the disk), and the file says nothing wrong."""
    primary = getattr(exc, "sqlite_errorcode", 0) & 0xFF  # the other bits only say more of the same
    return primary in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM}


def _damaged(path: Path) -> FileError:
    message = f"{path}: the journal is damaged"
    return FileError(message, hint="Nothing is sent on the strength of a damaged journal. Export and plan again.")
