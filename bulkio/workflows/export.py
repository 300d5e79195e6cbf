"""Export: all customers out of the ERP into a file, complete or said not to be.

lists for the dropdowns -> pages -> deduplicate -> repair what shifted while paging -> flatten -> filter ->
baseline -> render -> write to a temporary neighbour -> rename
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope, Query
from bulkio.core.flat_layout import flat_sheet
from bulkio.core.grid import BookSpec, SheetSpec
from bulkio.core.headers import BEYOND_COLUMN
from bulkio.core.kinds import as_datetime, canonical_timestamp
from bulkio.core.layout import Layout, dropdown_lists, lookup_resources, sheet_specs
from bulkio.core.readme import readme_lines
from bulkio.core.records import canonical, identity
from bulkio.store.baseline import ATTACHMENT, Baseline, BaselineHeader
from bulkio.workflows.gathering import Gathering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    import pandas as pd

    from bulkio.connectors.protocol import Account, Connector, Page, Reader
    from bulkio.core.catalogue import Catalogue
    from bulkio.core.lookup import LookupTable
    from bulkio.store.extract import Extract

#: How far behind the ERP's own clock the next incremental export begins: edits that were under way are read twice
#: rather than missed.
OVERLAP = timedelta(minutes=30)

_MOST_NAMED = 10  # records with children that have no slot; the sheet names all of them
_MOST_REPAIRS = 3  # of a list that keeps changing; then the export is said to be incomplete
_CLOCK_SLACK = timedelta(minutes=5)  # the Date header counts in seconds, and servers differ
_CREATED_SLACK = timedelta(minutes=1)  # less of it where too much costs a listing of everything
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What to export, for whom. `columns` limits the customers' columns; `where` are (field, value) pairs.

    `where` compares canonical text without regard to case. `started` is when the export began (aware UTC). `slots` are
    the numbered slots of a kind in a flat layout; 0: as many as there is to show, within bounds.
    """

    profile: str
    started: datetime
    where: tuple[tuple[str, str], ...] = ()
    modified_since: datetime | None = None
    active_only: bool = False
    contacts: ContactScope = ContactScope.ALL
    columns: tuple[str, ...] = ()
    layout: Layout = Layout.SHEETS
    slots: int = 0


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What was read: the records, the header of their baseline, and whether they are all there are.

    `not_shown` are the root's columns that no sheet needs. `watermark` is the ERP's own time (UTC) from which the next
    incremental export has to begin; `missing` counts records that the ERP says it has and that could not be read.
    """

    extract: Extract
    header: BaselineHeader
    root: str
    not_shown: frozenset[str]
    tables: dict[str, LookupTable | None]
    account: Account
    watermark: datetime
    missing: int = 0
    notes: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every record that the ERP counts was read."""
        return self.missing == 0

    @property
    def counts(self) -> dict[str, int]:
        """How many records there are of each entity."""
        return self.extract.rows

    def parts(self) -> Iterator[dict[str, pd.DataFrame]]:
        """The frames of some thousand records at a time, each with its children; at least one part."""
        return map(self._shown, self.extract.parts())

    @property
    def frames(self) -> dict[str, pd.DataFrame]:
        """All frames, in memory."""
        return self._shown(self.baseline.frames)

    @cached_property
    def baseline(self) -> Baseline:
        """The baseline, in memory; `packed_baseline` is as it is written."""
        return Baseline(self.header, self.extract.frames())

    def packed_baseline(self) -> Iterator[bytes]:
        """The bytes of the baseline, piece by piece."""
        return self.extract.baseline(self.header)

    def _shown(self, frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        if not self.not_shown:
            return frames
        return frames | {self.root: frames[self.root].drop(columns=list(self.not_shown))}


def _silent(_done: int, _total: int | None) -> None:
    pass


def export(
    request: ExportRequest,
    connector: Connector,
    reader: Reader,
    progress: Callable[[int, int | None], None] = _silent,
    *,
    folder: Path | None = None,
) -> Exported:
    """Read everything, into a temporary file in the folder. Files are written by `book_of` and the sheets."""
    root = connector.catalogue.root.name
    account = reader.account()
    tables = {name: reader.lookup(name) for name in lookup_resources(connector.catalogue)}
    notes = [f"the list {name} could not be read: no dropdown for it" for name, table in tables.items() if not table]
    collected = _collect(request, connector, reader, progress, folder)
    extract = collected.extract
    header = BaselineHeader(
        base_id="",
        erp=connector.name,
        tenant=account.tenant,
        account=account.name,
        profile=request.profile,
        exported_at=canonical_timestamp(request.started.isoformat()),
        complete=not (request.where or request.modified_since or request.active_only) and collected.missing == 0,
        lookups={name: [dict(row) for row in table.rows] for name, table in tables.items() if table},
    )
    # A field that the account does not have gets no column, unless one holds a value all the same.
    absent = reader.absent_fields() - set(request.columns)
    return Exported(
        extract=extract,
        header=replace(header, base_id=extract.id_under(header)),
        root=root,
        not_shown=frozenset(name for name in absent if extract.is_blank(root, name)),
        tables=tables,
        account=account,
        watermark=(collected.server_time or request.started) - OVERLAP,
        missing=collected.missing,
        notes=tuple(notes),
    )


@dataclass(slots=True)
class _Collected:
    extract: Extract
    server_time: datetime | None
    missing: int


def _collect(
    request: ExportRequest,
    connector: Connector,
    reader: Reader,
    progress: Callable[[int, int | None], None],
    folder: Path | None,
) -> _Collected:
    """Page through the list; repair what shifted meanwhile.

    No ERP gives a snapshot: records that are created, deleted or change place while we page repeat or slip through.
    Repeats are dropped by id (the later reading wins). What was created or edited after we began is brought by a
    listing of just those. What is still missing then, or may be, is looked for by listing everything again, a few
    times.
    """
    query = Query(
        modified_since=request.modified_since,
        include_obsolete=not request.active_only,
        contacts=request.contacts,
    )
    root = connector.catalogue.root
    contacts = connector.catalogue.contacts
    records = Gathering(
        connector.catalogue,
        wanted=_wanted(request) if request.where else None,
        left_out=[contacts.name] if contacts and request.contacts is ContactScope.NONE else [],
        folder=folder,
    )

    def listing() -> _Listing:
        heard = _Listing()
        for page in reader.pages(query):
            heard.hear(page)
            records.add(page.records)
            progress(len(records) + len(heard.left_out), page.total)
        return heard

    def created_since(began: datetime) -> int:
        """How many records are new since then; all that were modified are read again."""
        new: set[str] = set()
        slack = replace(query, modified_since=max(began - _CLOCK_SLACK, query.modified_since or began - _CLOCK_SLACK))
        for page in reader.pages(slack):
            records.add(page.records)
            if root.created_field:
                times = {identity(root, each): canonical(root, each, root.created_field) for each in page.records}
                new |= {each for each, time in times.items() if (as_datetime(time) or _NEVER) >= began - _CREATED_SLACK}
        return len(new)

    def lacking(heard: _Listing) -> int:
        """How many records the ERP counts that were neither gathered nor left out."""
        not_wanted = sum(identifier not in records for identifier in heard.left_out)
        return max(0, heard.last_total - len(records) - not_wanted)

    began: datetime | None = None
    missing = 0
    for _ in range(1 + _MOST_REPAIRS):
        heard = listing()
        began = began or heard.began
        created = 0
        if connector.capabilities.incremental and (heard.pages > 1 or lacking(heard)):
            created = created_since(heard.began or request.started)
        missing = lacking(heard)
        if not missing and not heard.unseen_losses(created):
            break
    return _Collected(records.settled(), began, missing)


@dataclass(slots=True)
class _Listing:
    """What the ERP said about a list while it was paged: when it began, and how many records there were."""

    began: datetime | None = None
    pages: int = 0
    first_total: int = 0
    last_total: int = 0
    shrunk: int = 0
    left_out: set[str] = field(default_factory=set)

    def hear(self, page: Page) -> None:
        """Take in what one page says."""
        self.pages += 1
        self.began = self.began or page.server_time
        self.left_out.update(page.left_out)
        if page.total is None:
            return
        if self.pages == 1:
            self.first_total = self.last_total = page.total
        self.shrunk += max(0, self.last_total - page.total)
        self.last_total = page.total

    def unseen_losses(self, created: int) -> int:
        """How many records vanished without the total showing it, because as many were created meanwhile.

        Each pulled all records behind it one place forward, and so perhaps one over the edge of a page, unread. Where
        the total shrinks, the reader itself goes back.
        """
        return max(0, self.first_total + created - self.last_total - self.shrunk)


def _wanted(request: ExportRequest) -> Callable[[dict[str, list[str]]], list[bool]]:
    """Which root records fit `where`, compared here: not every filter can be put to the ERP exactly."""

    def fit(columns: dict[str, list[str]]) -> list[bool]:
        keep = [True] * len(next(iter(columns.values())))
        for name, value in request.where:
            wanted = value.casefold()
            keep = [old and cell.casefold() == wanted for old, cell in zip(keep, columns[name], strict=True)]
        return keep

    return fit


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """The tables of an export. `slots` are those of a flat one in words, `notes` name what no slot shows.

    `parts` gives them some thousand rows at a time, every part in the same columns.
    """

    names: tuple[str, ...]
    parts: Callable[[], Iterable[list[SheetSpec]]]
    whole: Callable[[], list[SheetSpec]]
    slots: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sheets(self) -> list[SheetSpec]:
        """The tables as wholes, in memory."""
        return self.whole()


def lay_out(request: ExportRequest, exported: Exported, catalogue: Catalogue) -> LaidOut:
    """The records as the tables that the request asks for."""

    def specs(frames: dict[str, pd.DataFrame]) -> list[SheetSpec]:
        return sheet_specs(catalogue, frames, columns=request.columns)

    if request.layout is Layout.SHEETS:
        return LaidOut(
            names=tuple(exported.counts),
            parts=lambda: map(specs, exported.parts()),
            whole=lambda: specs(exported.frames),
        )
    flat = flat_sheet(catalogue, exported.frames, columns=request.columns, slots=request.slots)
    return LaidOut(
        names=(flat.spec.name,),
        parts=lambda: [[flat.spec]],
        whole=lambda: [flat.spec],
        slots=flat.slots,
        notes=_beyond(catalogue, flat.beyond),
    )


def _beyond(catalogue: Catalogue, beyond: dict[str, str]) -> tuple[str, ...]:
    if not beyond:
        return ()
    children = " or ".join(child.name.lower() for child in catalogue.children)
    few = "; ".join(f"{key} ({counts})" for key, counts in list(beyond.items())[:_MOST_NAMED])
    rest = f"; and {len(beyond) - _MOST_NAMED} more" if len(beyond) > _MOST_NAMED else ""
    count = f"{len(beyond)} {catalogue.root.name.lower() if len(beyond) > 1 else catalogue.root.singular}"
    has = "have" if len(beyond) > 1 else "has"
    return (f"{count} {has} more {children} than slots, see the column {BEYOND_COLUMN}: {few}{rest}",)


def book_of(exported: Exported, connector: Connector, laid_out: LaidOut) -> BookSpec:
    """The workbook: its tables, what feeds their dropdowns, a page to read first, and the baseline."""
    header = exported.header
    return BookSpec(
        sheets=laid_out.sheets,
        readme=readme_lines(
            connector.catalogue,
            connector.title,
            account=header.account,
            exported_at=header.exported_at,
            profile=header.profile,
            complete=header.complete,
            slots=laid_out.slots,
        ),
        lists=dropdown_lists(connector.catalogue, exported.tables),
        attachments={ATTACHMENT: b"".join(exported.packed_baseline())},
        title=f"{connector.title}: {exported.account.name}",
    )
