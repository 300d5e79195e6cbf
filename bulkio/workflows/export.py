"""Export: all customers out of the ERP into a file, complete or said not to be.

lists for the dropdowns -> pages -> deduplicate -> repair what shifted while paging -> flatten -> filter ->
baseline -> render -> write to a temporary neighbour -> rename
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bulkio.connectors.protocol import ContactScope, Query
from bulkio.core.flatten import PARENT_ID
from bulkio.core.grid import BookSpec
from bulkio.core.kinds import canonical_timestamp
from bulkio.core.layout import dropdown_lists, lookup_resources, sheet_specs
from bulkio.core.readme import readme_lines
from bulkio.store.baseline import ATTACHMENT, Baseline, BaselineHeader, dump, new_id
from bulkio.workflows.gathering import Gathering

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    import pandas as pd

    from bulkio.connectors.protocol import Account, Connector, Reader
    from bulkio.core.catalogue import Catalogue
    from bulkio.core.lookup import LookupTable

#: How far behind the ERP's own clock the next incremental export begins: edits that were under way are read twice
#: rather than missed.
OVERLAP = timedelta(minutes=30)

_MOST_REPAIRS = 3  # of a list that keeps changing; then the export is said to be incomplete
_CLOCK_SLACK = timedelta(minutes=5)  # the Date header counts in seconds, and servers differ


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What to export, for whom. `columns` limits the customers' columns; `where` are (field, value) pairs.

    `where` compares canonical text without regard to case. `started` is when the export began (aware UTC).
    """

    profile: str
    started: datetime
    where: tuple[tuple[str, str], ...] = ()
    modified_since: datetime | None = None
    active_only: bool = False
    contacts: ContactScope = ContactScope.ALL
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was read: frames, baseline, and whether it is all there is.

    `watermark` is the ERP's own time (UTC) from which the next incremental export has to begin; `missing` counts
    records that the ERP says it has and that could not be read.
    """

    frames: dict[str, pd.DataFrame]
    baseline: Baseline
    packed_baseline: bytes
    tables: dict[str, LookupTable | None]
    account: Account
    watermark: datetime
    missing: int = 0
    notes: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every record that the ERP counts was read."""
        return self.missing == 0


def _silent(_done: int, _total: int | None) -> None:
    pass


def export(
    request: ExportRequest,
    connector: Connector,
    reader: Reader,
    progress: Callable[[int, int | None], None] = _silent,
) -> Exported:
    """Read everything. Files are written by `book_of` and the sheets; this only reads."""
    catalogue = connector.catalogue
    account = reader.account()
    tables = {name: reader.lookup(name) for name in lookup_resources(catalogue)}
    notes = [f"the list {name} could not be read: no dropdown for it" for name, table in tables.items() if not table]
    collected = _collect(request, connector, reader, progress)
    frames = collected.frames
    kept = _matching(request, catalogue, frames)
    if request.contacts is ContactScope.NONE and catalogue.contacts:
        del frames[catalogue.contacts.name]
    frames = _keep(catalogue, frames, kept)
    exported_at = canonical_timestamp(request.started.isoformat())
    header = BaselineHeader(
        base_id="",
        erp=connector.name,
        tenant=account.tenant,
        account=account.name,
        profile=request.profile,
        exported_at=exported_at,
        complete=not (request.where or request.modified_since or request.active_only) and collected.missing == 0,
        lookups={name: [dict(row) for row in table.rows] for name, table in tables.items() if table},
    )
    baseline, packed = _sealed(header, frames)
    return Exported(
        frames=frames,
        baseline=baseline,
        packed_baseline=packed,
        tables=tables,
        account=account,
        watermark=(collected.server_time or request.started) - OVERLAP,
        missing=collected.missing,
        notes=tuple(notes),
    )


def _sealed(header: BaselineHeader, frames: dict[str, pd.DataFrame]) -> tuple[Baseline, bytes]:
    """The baseline under an id that follows from its content."""
    baseline = Baseline(replace(header, base_id=new_id(Baseline(header, frames))), frames)
    return baseline, dump(baseline)


@dataclass(slots=True)
class _Collected:
    frames: dict[str, pd.DataFrame]
    server_time: datetime | None
    missing: int


def _collect(
    request: ExportRequest, connector: Connector, reader: Reader, progress: Callable[[int, int | None], None]
) -> _Collected:
    """Page through the list; repair what shifted meanwhile.

    No ERP gives a snapshot: records that are created or change place while we page repeat or slip through. Repeats
    are dropped by id (the later reading wins). What slipped through was modified after we began, so a listing of just
    those brings it; what is still missing then is looked for by listing everything again, a few times.
    """
    query = Query(
        modified_since=request.modified_since,
        include_obsolete=not request.active_only,
        contacts=request.contacts,
    )
    records = Gathering(connector.catalogue)
    times: list[datetime] = []

    def listing(wanted: Query) -> tuple[int, bool]:
        """How many records the ERP counted at last, and whether it changed its mind on the way."""
        totals: list[int] = []
        for page in reader.pages(wanted):
            if page.server_time:
                times.append(page.server_time)
            if page.total is not None:
                totals.append(page.total)
            records.add(page.records)
            progress(len(records), page.total if wanted is query else None)
        return (totals[-1] if totals else 0), len(set(totals)) > 1

    expected, shifted = listing(query)
    for _ in range(_MOST_REPAIRS):
        if not shifted and len(records) >= expected:
            break
        shifted = False
        if connector.capabilities.incremental:
            began = (times[0] if times else request.started) - _CLOCK_SLACK
            listing(replace(query, modified_since=max(began, request.modified_since or began)))
        if len(records) < expected:
            expected, shifted = listing(query)
    missing = max(0, expected - len(records))
    return _Collected(records.frames(), times[0] if times else None, missing)


def _matching(request: ExportRequest, catalogue: Catalogue, frames: dict[str, pd.DataFrame]) -> list[bool]:
    """Which root records fit `where`, compared here: not every filter can be put to the ERP exactly."""
    frame = frames[catalogue.root.name]
    keep = [True] * len(frame)
    for name, value in request.where:
        wanted = value.casefold()
        keep = [old and cell.casefold() == wanted for old, cell in zip(keep, frame[name].tolist(), strict=True)]
    return keep


def _keep(catalogue: Catalogue, frames: dict[str, pd.DataFrame], keep: list[bool]) -> dict[str, pd.DataFrame]:
    if all(keep):
        return frames
    root = catalogue.root
    kept = {root.name: frames[root.name][keep].reset_index(drop=True)}
    ids = set(kept[root.name][root.id_field])
    for child in catalogue.children:
        if child.name in frames:
            frame = frames[child.name]
            kept[child.name] = frame[frame[PARENT_ID].isin(ids)].reset_index(drop=True)
    return kept


def book_of(exported: Exported, connector: Connector, *, columns: Sequence[str] = ()) -> BookSpec:
    """The workbook: three sheets, what feeds their dropdowns, a page to read first, and the baseline."""
    header = exported.baseline.header
    return BookSpec(
        sheets=sheet_specs(connector.catalogue, exported.frames, columns=columns),
        readme=readme_lines(
            connector.catalogue,
            connector.title,
            account=header.account,
            exported_at=header.exported_at,
            profile=header.profile,
            complete=header.complete,
        ),
        lists=dropdown_lists(connector.catalogue, exported.tables),
        attachments={ATTACHMENT: exported.packed_baseline},
        title=f"{connector.title}: {exported.account.name}",
    )
