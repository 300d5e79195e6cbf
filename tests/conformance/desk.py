"""A person's desk at one account: an export in a folder, cells to edit, plans to apply; and a look at the server."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from relay import relaying

import bulkio
from bulkio.connectors.protocol import ConnectionSettings, Query
from bulkio.core.options import ImportOptions
from bulkio.core.plan import chains
from bulkio.core.records import canonical, identity, unpack_records
from bulkio.core.secret import Secret
from bulkio.profiles import sandbox_profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from relay import Relay
    from subject import Document, Server, Subject

    from bulkio.connectors.protocol import Link, Reader, Record, Writer, WriteRequest
    from bulkio.core.plan import Operation

#: Fast enough for a pace never to be felt.
UNHURRIED = 600_000

_POSITION = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Desk:
    """One account of a subject, reached through a relay; `folder` is the desk's own."""

    subject: Subject
    server: Server
    relay: Relay
    account: bulkio.Account
    folder: Path

    # --- files ---

    def export(self, name: str = "customers.jsonl", **flags: Any) -> Path:
        """A complete export."""
        path = self.folder / name
        assert self.account.export(path, **flags).is_complete
        return path

    def sheet(self) -> Sheet:
        """An export, opened."""
        return Sheet(self.subject, self.export())

    def plan(self, source: Sheet | Path, **options: Any) -> bulkio.Plan:
        """What would be done."""
        path = source.save() if isinstance(source, Sheet) else source
        return self.account.plan(path, options=ImportOptions(**options))

    def apply(self, source: Sheet | Path, **options: Any) -> bulkio.Report:
        """Do it."""
        return self.account.apply(self.plan(source, **options))

    # --- the connector ---

    @property
    def reader(self) -> Reader:
        return self.account.link.reader

    @property
    def writer(self) -> Writer:
        return self.account.link.writer

    def records(self, **query: Any) -> dict[str, Record]:
        """All records of a listing, by key."""
        root = self.subject.root
        pages = self.reader.pages(Query(**query))
        return {canonical(root, record, self.subject.key): record for page in pages for record in page.records}

    def record(self, key: str) -> Record:
        """One record, as a single reading gives it; KeyError if there is none."""
        for record in self.reader.fetch([identity(self.subject.root, self.records()[key])]):
            return record
        raise KeyError(key)

    def request_of(self, plan: bulkio.Plan, operation: Operation) -> WriteRequest:
        """How an operation of a plan travels."""
        root = self.subject.root
        live = {identity(root, record): record for record in unpack_records(plan.live)}
        for part in chains(self.account.connector.catalogue, plan.operations):
            for step in (step for chain in part for step in chain.steps):
                if operation in step.operations:
                    record = live.get(step.root_guid) or next(iter(self.reader.fetch([step.root_guid])), None)
                    return self.writer.encode(step, record)
        raise KeyError(operation.key)


class Sheet:
    """An export in a person's hands: one dict a record, its children in lists by entity."""

    def __init__(self, subject: Subject, path: Path) -> None:
        self.path = path
        self.subject = subject
        lines = path.read_text(encoding="utf-8").splitlines()
        self.rows: dict[str, dict[str, Any]] = {row[subject.key]: row for row in map(json.loads, lines)}

    def __getitem__(self, key: str) -> dict[str, Any]:
        return self.rows[key]

    def child_of(self, key: str, at: int = 0) -> dict[str, Any]:
        """A child of the subject's kind."""
        row: dict[str, Any] = self.rows[key][self.subject.child]
        return row[at]

    def add(self, key: str, number: int = 1) -> dict[str, Any]:
        """A new record."""
        row = {"Command": "NEW", self.subject.key: key, **self.subject.new_values(self.subject.root.name, number)}
        self.rows[key] = row
        return row

    def add_child(self, key: str, number: int = 1) -> dict[str, Any]:
        """A new child."""
        row = {"Command": "NEW", **self.subject.new_values(self.subject.child, number)}
        self.rows[key].setdefault(self.subject.child, []).append(row)
        return row

    def save(self) -> Path:
        """Write it."""
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows.values())
        self.path.write_text("".join(lines), encoding="utf-8")
        return self.path


@contextmanager
def desk_at(subject: Subject, folder: Path, *, customers: int, **settings: Any) -> Iterator[Desk]:
    """A desk with a server of its own. `settings` are the profile's."""
    with subject.start(customers) as server, relaying(server.url) as relay:
        chosen = {"settle_seconds": 0.1, "timeout": 5, "requests_per_minute": UNHURRIED, **settings}
        profile = replace(sandbox_profile(subject.name, relay.url), **chosen)
        credentials = {name: Secret(value) for name, value in subject.secrets.items()}
        with bulkio.Account(profile, credentials=credentials, state_dir=folder / "state") as account:
            yield Desk(subject, server, relay, account, folder)


def settings_of(subject: Subject, url: str, **others: Any) -> ConnectionSettings:
    """How to connect, without a profile; `secrets` replace the right ones."""
    secrets = {**subject.secrets, **others.pop("secrets", {})}
    credentials = {name: Secret(value) for name, value in secrets.items()}
    return ConnectionSettings(
        base_url=url, credentials=credentials, timeout=5, **{"requests_per_minute": UNHURRIED, **others}
    )


@contextmanager
def linked(subject: Subject, url: str, **others: Any) -> Iterator[Link]:
    """A link, without a profile."""
    link = subject.connector.connect(settings_of(subject, url, **others))
    try:
        yield link
    finally:
        link.close()


def at(document: Document, path: str) -> Any:
    """The value at a path of a stored document."""
    value: Any = document
    for part in path.split("."):
        value = value[part]
    return value


def changed(before: Any, after: Any) -> dict[str, tuple[Any, Any]]:
    """What differs, by path. Types count, null is not "", and false is not 0; numbers are the same numerically."""
    found: dict[str, tuple[Any, Any]] = {}

    def walk(path: str, old: Any, new: Any) -> None:
        if isinstance(old, dict) and isinstance(new, dict):
            for name in dict.fromkeys((*old, *new)):
                walk(f"{path}.{name}" if path else str(name), old.get(name, "(none)"), new.get(name, "(none)"))
        elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            for at, (one, other) in enumerate(zip(old, new, strict=True)):
                walk(f"{path}[{at}]", one, other)
        elif old != new or (type(old) is not type(new) and not (_is_number(old) and _is_number(new))):
            found[path] = (old, new)

    walk("", before, after)
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def changed_paths(before: Document, after: Document) -> set[str]:
    """The paths alone, without positions in lists."""
    return {_POSITION.sub("", path) for path in changed(before, after)}
