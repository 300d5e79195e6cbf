"""The library's front door: a profile opened, with one method per verb. The CLI and the page call only this.

    account = bulkio.open("acme")
    account.export("customers.xlsx", modified_since="2026-01-01")
    plan = account.plan("customers.xlsx")
    run = account.apply(plan)

Nothing here prints, asks or exits.
"""

from __future__ import annotations

import logging
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypedDict, Unpack

from bulkio import runs
from bulkio.connectors.protocol import ConnectionSettings, ContactScope, Query
from bulkio.connectors.registry import connector as find_connector
from bulkio.connectors.registry import known as known_connectors
from bulkio.core.approval import Approval
from bulkio.core.kinds import as_datetime, canonical_timestamp
from bulkio.core.layout import Layout
from bulkio.core.options import ImportOptions
from bulkio.core.own_writes import OwnWrites
from bulkio.core.plan import Plan, operation_id
from bulkio.core.selection import LeftOut, leave_out
from bulkio.errors import UsageError
from bulkio.offline import (
    check_file,
    connector_for,
    field_table,
    open_file,
    recognised_file,
    template_file,
    template_format,
    workbook_engines,
    write_check_report,
)
from bulkio.outputs import (
    FORMATS,
    LAYOUTS,
    MOST_SLOTS,
    folder_of,
    format_of,
    keep_edited,
    layout_of,
    refuse_unwritable,
    set_aside,
    write_export,
)
from bulkio.plan_files import approve_plan, dump_plan, is_plan_file, save_plan
from bulkio.profiles import Profile, load_profile, load_secrets, sandbox_profile
from bulkio.runs import ApplyOptions, Callbacks, RunRecord, Workplace, load_plan
from bulkio.store.approvals import find_approval, read_approval
from bulkio.store.review import ReviewFolder
from bulkio.store.state import PLAN_FILE, AccountState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bulkio.connectors.protocol import Account as AccountIdentity
    from bulkio.connectors.protocol import Connector, Link, LookupTable
    from bulkio.core.plan import Operation
    from bulkio.core.report import Outcome, Report
    from bulkio.core.secret import Secret
    from bulkio.workflows.checked import Checked
    from bulkio.workflows.explain import Explanation
    from bulkio.workflows.run import Progress

_log = logging.getLogger(__name__)


def _uncounted(_done: int, _total: int | None) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportResult:
    """What an export wrote: the files, how many records of each kind, and whether they are all there are.

    `missing` counts records that the ERP counts and that could not be read; `notes` are worth showing.
    """

    files: tuple[str, ...]
    counts: dict[str, int]
    missing: int
    account: str
    watermark: str
    notes: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return self.missing == 0


class _Callbacks(TypedDict, total=False):
    on_progress: Callable[[Progress], None] | None
    on_sent: Callable[[Operation], None] | None
    may_go_on: Callable[[Sequence[Outcome]], bool] | None
    stop: threading.Event


def open(profile: str | None = None, *, config: str | Path | None = None) -> Account:  # noqa: A001 bulkio.open reads well
    """The account of a profile (default: the configured one). No connection is made before it is needed.

    Raises UsageError (UnknownProfileError) if the configuration is wrong.
    """
    return Account(load_profile(profile, config=Path(config) if config else None))


def open_sandbox(url: str, *, state_dir: Path, erp: str | None = None) -> Account:
    """The account of a local sandbox, which needs no configuration: its credentials are all "sandbox"."""
    from bulkio.core.secret import Secret  # noqa: PLC0415

    connector = find_connector(erp or known_connectors()[0])
    credentials = {name: Secret("sandbox") for name in connector.credentials}
    return Account(sandbox_profile(connector.name, url), credentials=credentials, state_dir=state_dir)


class Account:
    """One account of one ERP. Use as a context manager, or call `close()`."""

    def __init__(
        self, profile: Profile, *, credentials: dict[str, Secret] | None = None, state_dir: Path | None = None
    ) -> None:
        """`credentials` and `state_dir` are those of the environment unless given."""
        self.profile = profile
        self._credentials = credentials
        self._state_dir = state_dir
        self.connector: Connector = find_connector(profile.erp)
        self.calls = 0
        self._counting = threading.Lock()
        self._noted_calls = 0
        self._link: Link | None = None
        self._requests_per_minute = profile.requests_per_minute or None

    def __enter__(self) -> Self:
        """Nothing to do yet."""
        return self

    def __exit__(self, *_exc: object) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Give the sockets back, and remember how many calls were made (for the monthly quota)."""
        if self._link:
            self._note_calls()
            self._link.close()
            self._link = None

    def _note_calls(self) -> None:
        made = self.calls
        self.state.note_calls(made - self._noted_calls)
        self._noted_calls = made

    def limit_rate(self, requests_per_minute: int) -> None:
        """Make at most so many requests a minute from the next connection on."""
        self.close()
        self._requests_per_minute = requests_per_minute

    @property
    def link(self) -> Link:
        """The connection, opened when it is first needed. Raises CredentialsError, UsageError."""
        if self._link is None:
            names = self.connector.credentials
            self._link = self.connector.connect(
                ConnectionSettings(
                    base_url=self.profile.base_url or self.connector.default_url,
                    credentials=self._credentials or load_secrets(self.profile, names),
                    client_type=self.profile.client_type,
                    requests_per_minute=self._requests_per_minute,
                    timeout=float(self.profile.timeout),
                    on_call=self._count,
                )
            )
        return self._link

    def _count(self, method: str, path: str, status: int) -> None:
        _log.info("%s %s: %s", method, path, status or "no answer")
        with self._counting:
            self.calls += 1

    def check_connection(self) -> str:
        """Read a single page's first record with the credentials; the account's name. Raises what is wrong."""
        identity = self.identity()
        next(iter(self.link.reader.pages(Query(contacts=ContactScope.NONE))), None)
        return identity.name

    def identity(self) -> AccountIdentity:
        """Which account this is, as the ERP says; may cost a call."""
        return self.link.reader.account()

    @property
    def state(self) -> AccountState:
        """Where this account's runs and watermarks are."""
        return AccountState.of(self.link.reader.tenant, self._state_dir)

    # --- out ----------------------------------------------------------------------------------------------------------

    def export(  # noqa: PLR0913 each is a flag of its own
        self,
        output: str | Path | BinaryIO,
        *,
        file_format: str | None = None,
        where: Sequence[tuple[str, str]] = (),
        modified_since: str | None = None,
        active_only: bool = False,
        contacts: str = "all",
        columns: Sequence[str] = (),
        layout: str = "sheets",
        slots: int = 0,
        on_progress: Callable[[int, int | None], None] = _uncounted,
    ) -> ExportResult:
        """Page the customers out into a file, or into a binary stream (CSV: the customers only).

        `modified_since` is a date, a date-time, or "last": since the last complete export. `layout` is "sheets" or
        "flat": one row a customer, its addresses and contacts in `slots` beside it (0: as many as there is to show).
        Raises UsageError for names that are no fields, FileError if the file cannot be written; what could not be read
        is in `missing`.
        """
        from bulkio.workflows import export as workflow  # noqa: PLC0415 pandas is heavy

        chosen = format_of(output, file_format)
        laid = layout_of(layout, slots, chosen)
        has_files_beside = chosen == "csv" and laid is Layout.SHEETS
        children = [child.name for child in self.connector.catalogue.children] if has_files_beside else []
        refuse_unwritable(output, chosen, children)
        mark = _mark(active_only=active_only, contacts=contacts)
        request = workflow.ExportRequest(
            profile=self.profile.name,
            started=datetime.now(UTC),
            where=tuple(self._filter(name, value) for name, value in where),
            modified_since=self._since(modified_since, mark, where=where),
            active_only=active_only,
            contacts=_scope(contacts),
            columns=tuple(self._field(name) for name in columns),
            layout=laid,
            slots=slots,
        )
        exported = workflow.export(request, self.connector, self.link.reader, on_progress, folder=folder_of(output))
        laid_out = workflow.lay_out(request, exported, self.connector.catalogue)
        catalogue = self.connector.catalogue
        moved = set_aside(laid_out, catalogue, output) if chosen == "csv" else []
        moved += keep_edited(self.state, catalogue, output, chosen)
        files = write_export(exported, laid_out, self.connector, output, chosen)
        self.state.note_written([Path(file) for file in files])
        if exported.is_complete and not where and self._goes_on(request.modified_since, mark):
            self.state.set_watermark(mark, canonical_timestamp(exported.watermark.isoformat()))
        return ExportResult(
            files=files,
            counts=exported.counts,
            missing=exported.missing,
            account=exported.account.name,
            watermark=canonical_timestamp(exported.watermark.isoformat()),
            notes=(*exported.notes, *laid_out.notes, *moved),
        )

    def _since(self, text: str | None, mark: str, *, where: Sequence[tuple[str, str]]) -> datetime | None:
        if text is None:
            return None
        if text == "last":
            last = self.state.watermark(mark)
            if not last:
                msg = "there is no complete export yet that --modified-since last could go on from"
                raise UsageError(
                    msg,
                    hint="Export everything once without it" + (" and without --where" if where else "")
                    + ", with the same --active-only and --contacts.",
                )  # fmt: skip
            return as_datetime(last)
        moment = as_datetime(canonical_timestamp(text))
        if moment is None:
            msg = f"{text!r} is not a date"
            raise UsageError(msg, hint="Write 2026-01-31, 2026-01-31T09:05:00Z, or last.")
        return moment

    def _goes_on(self, since: datetime | None, mark: str) -> bool:
        """Whether an export since then leaves no gap to the one before: a gap would hide changes for good."""
        if since is None:
            return True
        last = as_datetime(self.state.watermark(mark))
        return last is not None and since <= last

    def _filter(self, name: str, value: str) -> tuple[str, str]:
        """A field and the canonical text of a value as a person writes it. Raises UsageError if it can be none."""
        from bulkio.core.grid import Fact, RawColumn  # noqa: PLC0415
        from bulkio.core.parsing import parse_column  # noqa: PLC0415

        field = self._field(name)
        facts = bytes((Fact.TEXT if value else Fact.BLANK,))
        parsed = parse_column(self.connector.catalogue.root.by_name[field].kind, RawColumn(name, "", [value], facts))
        for failure in parsed.failures:
            msg = f"{field}: {failure.message}"
            raise UsageError(msg, hint=failure.hint)
        return field, parsed.values[0]

    def _field(self, name: str) -> str:
        """The field that a person means: any case, with or without blanks. Raises UsageError with near names."""
        from bulkio.core.headers import normalise_header  # noqa: PLC0415
        from bulkio.core.suggest import did_you_mean  # noqa: PLC0415

        names = self.connector.catalogue.root.by_name
        known = {normalise_header(each): each for each in names}
        if normalise_header(name) not in known:
            msg = f"no field is called {name!r}"
            raise UsageError(msg, hint=did_you_mean(name, names) or "`bulkio fields` lists them.")
        return known[normalise_header(name)]

    def template(
        self,
        output: str | Path,
        *,
        file_format: str | None = None,
        live_lists: bool = True,
        layout: str = "sheets",
        slots: int = 0,
    ) -> tuple[str, ...]:
        """An empty workbook (or CSV) for new records. With `live_lists`, its dropdowns hold the ERP's own values.

        `layout` and `slots` are those of an export.
        """
        from bulkio.core.layout import lookup_resources  # noqa: PLC0415

        # Refused before anything is read.
        template_format(output, file_format, layout, slots)
        tables: dict[str, LookupTable | None] = {}
        if live_lists:
            tables = {name: self.link.reader.lookup(name) for name in lookup_resources(self.connector.catalogue)}
        return template_file(output, self.connector, tables, file_format=file_format, layout=layout, slots=slots)

    # --- in -----------------------------------------------------------------------------------------------------------

    def check(self, path: str | Path, *, options: ImportOptions | None = None, **reading: Any) -> Checked:
        """Validate a file offline; what is wrong is in `issues`. Raises FileError if it cannot be read at all.

        `reading` are `encoding` and `delimiter` of a CSV file, `base`, the file of what was exported, and `piped`, what
        came through a pipe in the file's place.
        """
        return check_file(path, self.connector, options=options, **reading)

    def plan(
        self,
        path: str | Path,
        *,
        options: ImportOptions | None = None,
        on_progress: Callable[[int, int | None], None] = _uncounted,
        **reading: Any,
    ) -> Plan:
        """Read the file and the ERP, and say what would change. Its errors and conflicts are in the plan.

        Raises FileError if the file cannot be read at all, OutdatedError if it is another account's.
        """
        from bulkio.workflows.earlier_runs import earlier_writes  # noqa: PLC0415
        from bulkio.workflows.plan_import import plan_import  # noqa: PLC0415
        from bulkio.workflows.planning import PlanRequest  # noqa: PLC0415

        chosen = options or ImportOptions()
        file = open_file(path, self.connector, chosen, reading)
        base_id = file.baseline.header.base_id if file.baseline else ""
        now = datetime.now(UTC)
        request = PlanRequest(
            file=file,
            options=chosen,
            plan_id=operation_id(secrets.token_hex(16), file.sha256),
            profile=self.profile.name,
            tenant=self.link.reader.tenant,
            created_at=canonical_timestamp(now.isoformat(timespec="milliseconds")),
            requests_per_minute=self._requests_per_minute,
            workers=self.profile.workers,
            own=OwnWrites() if file.is_piped else earlier_writes(self.state, file.path, base_id),
        )
        return plan_import(request, self.connector, self.link.reader, on_progress)

    def explain(
        self, path: str | Path, cell: str, *, options: ImportOptions | None = None, ask_erp: bool = True, **reading: Any
    ) -> Explanation:
        """One cell's way (`Customers!D17`): raw, read, rules, base, and with `ask_erp` live and what would be sent.

        Raises UsageError if there is no such cell, FileError if the file cannot be read.
        """
        from bulkio.workflows.explain import explain  # noqa: PLC0415 pandas is heavy

        checked = self.check(path, options=options, **reading)
        plan = self.plan(path, options=options, **reading) if ask_erp else None
        return explain(checked, cell, plan)

    def apply(
        self, plan: Plan | str | Path, *, options: ApplyOptions | None = None, **callbacks: Unpack[_Callbacks]
    ) -> Report:
        """Execute a plan: journal first, prove by reading back, results into a copy of the user's own file.

        `on_progress` is told of every operation at its end, `on_sent` when the ERP has taken it, `may_go_on` is asked
        after the canary, `stop` ends the run after what is in flight. Raises InvalidFileError (the plan has errors),
        OutdatedError (conflicts; another account; too old; applied before; the file changed since), RailError,
        LockedError, CredentialsError and UnavailableError before anything was sent. What happens afterwards is in the
        report, row by row.
        """
        ready = plan if isinstance(plan, Plan) else load_plan(plan)
        chosen = options or ApplyOptions()
        if not isinstance(plan, Plan) and chosen.approval is None:
            chosen = replace(chosen, approval=find_approval(Path(plan)))
        runs.refuse_unfit(self._place, ready, chosen)
        return runs.begin(self._place, ready, chosen, Callbacks(**callbacks))

    def refuse_unfit(self, plan: Plan, options: ApplyOptions | None = None) -> None:
        """Raise what `apply` would raise for a plan that cannot be applied, before anybody is asked for consent."""
        runs.refuse_unfit(self._place, plan, options or ApplyOptions())

    def resume(
        self, run_id: str | None = None, *, options: ApplyOptions | None = None, **callbacks: Unpack[_Callbacks]
    ) -> Report:
        """Finish an interrupted run (default: the newest). Nothing is done twice.

        Raises UsageError if there is none, LockedError, FileError if its journal is damaged.
        """
        return runs.resume(self._place, run_id, options or ApplyOptions(), Callbacks(**callbacks))

    def leave_out(self, plan: Plan, left: LeftOut) -> Plan:
        """The plan without some rows and fields, under an id of its own."""
        from bulkio.workflows.cost import forecast  # noqa: PLC0415 the workflows are heavy

        rest = leave_out(plan, self.connector.catalogue, left)
        if rest is plan:
            return plan
        pace = self._requests_per_minute
        cost = forecast(self.connector, rest.operations, workers=self.profile.workers, requests_per_minute=pace)
        return replace(rest, cost=cost)

    def undo(self, run_id: str) -> Plan:
        """The plan that restores what a run changed, where nobody edited since. Reads only; apply it like any other."""
        return runs.undo(self._place, run_id, operation_id(secrets.token_hex(16), run_id))

    @property
    def _place(self) -> Workplace:
        return Workplace(
            profile=self.profile,
            connector=self.connector,
            link=self.link,
            state=self.state,
            calls_made=lambda: self.calls,
            note_calls=self._note_calls,
        )

    @property
    def review_folder(self) -> ReviewFolder:
        """Where the review page of this account keeps what it is about."""
        return ReviewFolder(self.state.folder / "review")

    # --- history ------------------------------------------------------------------------------------------------------

    def runs(self) -> Iterator[RunRecord]:
        """All runs on this account, newest first."""
        return runs.records(self.state)

    def run(self, run_id: str) -> RunRecord:
        """One run. Raises UsageError if there is no such."""
        return runs.find_record(self.state, run_id)


def _scope(text: str) -> ContactScope:
    try:
        return ContactScope(text)
    except ValueError as exc:
        msg = f"contacts are all, primary or none, not {text!r}"
        raise UsageError(msg) from exc


def _mark(*, active_only: bool, contacts: str) -> str:
    """The name of a watermark: exports that leave different things out do not go on from each other."""
    which = "active" if active_only else "all"
    return which if contacts == ContactScope.ALL.value else f"{which}, contacts {contacts}"


__all__ = [
    "FORMATS",
    "LAYOUTS",
    "MOST_SLOTS",
    "PLAN_FILE",
    "Account",
    "ApplyOptions",
    "Approval",
    "ExportResult",
    "Plan",
    "ReviewFolder",
    "RunRecord",
    "approve_plan",
    "check_file",
    "connector_for",
    "dump_plan",
    "field_table",
    "find_approval",
    "is_plan_file",
    "known_connectors",
    "load_plan",
    "open",
    "open_sandbox",
    "read_approval",
    "recognised_file",
    "save_plan",
    "template_file",
    "workbook_engines",
    "write_check_report",
]
