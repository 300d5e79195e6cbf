"""What the stories share: a person's desk (a sandbox, its account, a folder) and hands that edit sheets."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

import bulkio
from bulkio.cli.main import main
from bulkio.connectors.unleashed.auth import signature
from bulkio.core.options import ImportOptions
from bulkio.core.secret import Secret
from bulkio.sandbox import SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bulkio.core.plan import Conflict, Operation
    from bulkio.sandbox import Sandbox

CREDENTIALS = {"BULKIO_API_ID": "sandbox", "BULKIO_API_KEY": "sandbox"}
NEVER_SHOWN = ("api-auth-signature", "Bearer sandbox", signature(Secret("sandbox"), ""))
SUFFIXES = ("xlsx", "csv", "jsonl")

#: What the server itself writes whenever a record is written.
STAMPS = ("LastModifiedOn", "LastModifiedBy")


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document that is all of stdout."""
        found: dict[str, Any] = json.loads(self.out)
        return found


def command(*arguments: object, answers: str | None = None) -> Ran:
    """Run `bulkio ...` in this process, without a terminal."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    stdin = sys.stdin
    sys.stdin = io.StringIO(answers or "")
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
    finally:
        sys.stdin = stdin
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    assert "Traceback" not in texts[1], texts[1]
    assert not any(secret in text for text in texts for secret in NEVER_SHOWN)
    return Ran(int(ended.value.code or 0), *texts)


def program(*arguments: object, **environment: str) -> Ran:
    """Run `python -m bulkio ...` as a program of its own, its output in pipes."""
    done = subprocess.run(  # noqa: S603 our own program
        [sys.executable, "-m", "bulkio", *map(str, arguments)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert not any(secret in text for text in (done.stdout, done.stderr) for secret in NEVER_SHOWN)
    return Ran(done.returncode, done.stdout, done.stderr)


class Book:
    """A workbook in a person's hands: rows are found by what stands in them, cells by their header."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book = openpyxl.load_workbook(path)

    def letters(self, sheet: str) -> dict[str, str]:
        return {cell.value: cell.column_letter for cell in self.book[sheet][1] if cell.value}

    def row(self, sheet: str, **wanted: str) -> int:
        """The one row that holds these values (`__` in a name stands for a dot)."""
        letters = self.letters(sheet)
        cells = self.book[sheet]
        found = [
            row
            for row in range(2, cells.max_row + 1)
            if all(cells[f"{letters[_dotted(name)]}{row}"].value == value for name, value in wanted.items())
        ]
        assert len(found) == 1, (wanted, found)
        return found[0]

    def cell(self, sheet: str, row: int, name: str) -> Any:
        return self.book[sheet][f"{self.letters(sheet)[name]}{row}"]

    def type(self, sheet: str, row: int | str, **values: Any) -> str:
        """Type into the cells of a row (of a customer, by its code); the last cell's address."""
        at = row if isinstance(row, int) else self.row(sheet, CustomerCode=row)
        address = ""
        for name, value in values.items():
            cell = self.cell(sheet, at, _dotted(name))
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # `=x` typed into a text cell is a text
            address = f"{sheet}!{cell.coordinate}"
        return address

    def add(self, sheet: str, **values: Any) -> int:
        """A row below the others; its number."""
        row = self.book[sheet].max_row + 1
        self.type(sheet, row, **values)
        return row

    def save(self, path: Path | None = None) -> Path:
        self.book.save(path or self.path)
        return path or self.path


def _dotted(name: str) -> str:
    return name.replace("__", ".")


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    """A CSV file, as a program would save it."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


class Desk:
    """A sandbox with its account, and a folder of its own; the environment is the profile `env`."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.account = bulkio.open()
        self.command = command
        self.program = program

    def export(self, name: str = "customers.xlsx", **flags: Any) -> Path:
        path = self.folder / name
        assert self.account.export(path, **flags).is_complete
        return path

    def open(self, name: str = "customers.xlsx", **flags: Any) -> Book:
        """An export, opened; with the primary contacts only, since the hundreds of others take their time."""
        return Book(self.export(name, **{"contacts": "primary", **flags}))

    def plan(self, source: Book | Path, **options: Any) -> bulkio.Plan:
        path = source.save() if isinstance(source, Book) else source
        reading = {name: options.pop(name) for name in ("base", "encoding", "delimiter") if name in options}
        return self.account.plan(path, options=ImportOptions(**options), **reading)

    def apply(self, source: Book | Path, **options: Any) -> bulkio.Report:
        return self.account.apply(self.plan(source, **options))

    def state(self) -> dict[str, Any]:
        """All that the server holds, by code, without its own stamps."""
        return {each["CustomerCode"]: without_stamps(each) for each in self.sandbox.store.customers()}

    def customer(self, code: str) -> dict[str, Any]:
        return self.sandbox.store.customer(code)

    def writes(self) -> list[tuple[str, str]]:
        """Method and path of everything that was sent and was no read."""
        return [(served.method, served.path) for served in self.sandbox.requests if served.method != "GET"]


def without_stamps(document: dict[str, Any]) -> dict[str, Any]:
    """A record without the stamps of its last write, children included."""
    kept = {name: value for name, value in document.items() if name not in STAMPS}
    for children in ("Addresses", "Contacts"):
        if children in kept:
            kept[children] = [without_stamps(each) for each in kept[children]]
    return kept


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs between two states, by path; type and spelling count."""
    found: dict[str, tuple[Any, Any]] = {}

    def walk(path: str, old: Any, new: Any) -> None:
        if isinstance(old, dict) and isinstance(new, dict):
            for name in [*old, *(each for each in new if each not in old)]:
                walk(f"{path}/{name}" if path else str(name), old.get(name, "(none)"), new.get(name, "(none)"))
        elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            for at, (one, other) in enumerate(zip(old, new, strict=True)):
                walk(f"{path}[{at}]", one, other)
        elif old != new or type(old) is not type(new) or str(old) != str(new):
            found[path] = (old, new)

    walk("", before, after)
    return found


@contextmanager
def desk_at(folder: Path, *, customers: int = 20, **options: Any) -> Iterator[Desk]:
    """A desk in `folder`, with a sandbox and an environment of its own."""
    with running(SandboxOptions(customers=customers, **options)) as sandbox, pytest.MonkeyPatch.context() as patch:
        settle(patch, folder, sandbox.url)
        desk = Desk(sandbox, folder)
        with desk.account:
            yield desk


def settle(patch: pytest.MonkeyPatch, folder: Path, url: str = "") -> None:
    """An environment in which nothing of the machine's user counts; with `url`, one that is a profile."""
    for name in [each for each in os.environ if each.startswith("BULKIO_")]:
        patch.delenv(name)
    patch.setenv("HOME", str(folder))
    patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    patch.setenv("BULKIO_STATE_DIR", str(folder / "state"))
    patch.setenv("BULKIO_SETTLE_SECONDS", "0")
    patch.chdir(folder)
    if url:
        patch.setenv("BULKIO_ERP", "unleashed")
        patch.setenv("BULKIO_BASE_URL", url)
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)


def updates(plan: bulkio.Plan) -> dict[str, dict[str, str]]:
    """What a plan would set, by key."""
    return {operation.key: operation.target for operation in plan.operations}


def only_operation(plan: bulkio.Plan) -> Operation:
    """The one operation of a plan without problems."""
    assert not plan.errors, plan.errors
    assert not plan.conflicts, plan.conflicts
    (operation,) = plan.operations
    return operation


def only_conflict(plan: bulkio.Plan) -> Conflict:
    """The one conflict of a plan."""
    (conflict,) = plan.conflicts
    return conflict


def problems(plan: Any) -> list[tuple[str, str, str]]:
    """The errors and warnings of a plan or a check: code, sheet!cell (or row), message and hint."""
    found = []
    for issue in plan.issues:
        if issue.severity.value != "notice":
            where = f"{issue.sheet}!{issue.cell}" if issue.cell else f"{issue.sheet} row {issue.row}"
            found.append((issue.code.value, where, f"{issue.message} {issue.hint}".strip()))
    return found
