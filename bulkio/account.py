"""The library's front door: a profile opened, with one method per verb. The CLI and the page call only this.

    account = bulkio.open("acme")
    account.export("customers.xlsx", modified_since="2026-01-01")
    plan = account.plan("customers.xlsx")
    run = account.apply(plan)

Nothing here prints, asks or exits.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypedDict, Unpack, cast

from bulkio import runs
from bulkio.connectors.protocol import ConnectionSettings, ContactScope, Query
from bulkio.connectors.registry import connector as find_connector
from bulkio.connectors.registry import known as known_connectors
from bulkio.core.approval import Approval
from bulkio.core.issues import IssueCode
from bulkio.core.kinds import as_datetime, canonical_timestamp
from bulkio.core.layout import Layout
from bulkio.core.options import ImportOptions
from bulkio.core.own_writes import OwnWrites
from bulkio.core.plan import Plan, operation_id
from bulkio.core.selection import LeftOut, leave_out
from bulkio.errors import FileError, InvalidFileError, OutdatedError, UsageError
from bulkio.profiles import Profile, load_profile, load_secrets, profile_names, sandbox_profile
from bulkio.runs import ApplyOptions, Callbacks, RunRecord, Workplace, load_plan
from bulkio.store.approvals import find_approval, read_approval, write_approval
from bulkio.store.review import ReviewFolder
from bulkio.store.state import PLAN_FILE, AccountState, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bulkio.connectors.protocol import Account as AccountIdentity
    from bulkio.connectors.protocol import Connector, Link, LookupTable
    from bulkio.core.plan import Operation
    from bulkio.core.report import Outcome, Report
    from bulkio.core.secret import Secret
    from bulkio.workflows.check import Checked
    from bulkio.workflows.explain import Explanation
    from bulkio.workflows.export import Exported, LaidOut
    from bulkio.workflows.run import Progress
    from bulkio.workflows.user_file import UserFile

_log = logging.getLogger(__name__)

FORMATS = ("xlsx", "csv", "jsonl")
LAYOUTS = tuple(layout.value for layout in Layout)
MOST_SLOTS = 99  # of a kind: more columns are no sheet that a person reads


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

        chosen = _format_of(output, file_format)
        laid = _layout(layout, slots, chosen)
        has_files_beside = chosen == "csv" and laid is Layout.SHEETS
        children = [child.name for child in self.connector.catalogue.children] if has_files_beside else []
        _refuse_unwritable(output, chosen, children)
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
        exported = workflow.export(request, self.connector, self.link.reader, on_progress)
        laid_out = workflow.lay_out(request, exported, self.connector.catalogue)
        set_aside = [*self._set_aside(laid_out, output)] if chosen == "csv" else []
        set_aside += self._keep_edited(output, chosen)
        files = self._write(exported, laid_out, output, chosen)
        self.state.note_written([Path(file) for file in files])
        if exported.is_complete and not where and self._goes_on(request.modified_since, mark):
            self.state.set_watermark(mark, canonical_timestamp(exported.watermark.isoformat()))
        return ExportResult(
            files=files,
            counts={name: len(frame) for name, frame in exported.frames.items()},
            missing=exported.missing,
            account=exported.account.name,
            watermark=canonical_timestamp(exported.watermark.isoformat()),
            notes=(*exported.notes, *laid_out.notes, *set_aside),
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
        from bulkio.core.kinds import parse_column  # noqa: PLC0415

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

    def _write(
        self, exported: Exported, laid_out: LaidOut, output: str | Path | BinaryIO, chosen: str
    ) -> tuple[str, ...]:
        from bulkio import sheets  # noqa: PLC0415
        from bulkio.core.headers import COMMAND  # noqa: PLC0415
        from bulkio.workflows.export import book_of  # noqa: PLC0415
        from bulkio.workflows.user_file import baseline_path  # noqa: PLC0415

        catalogue = self.connector.catalogue
        children = {child.name: child.parent_key for child in catalogue.children}
        if chosen == "xlsx":
            path = Path(cast("str | Path", output))  # streams were refused before anything was read
            sheets.write_xlsx(book_of(exported, self.connector, laid_out), path)
            return (str(output),)
        specs = laid_out.sheets
        if chosen == "jsonl":
            specs = [replace(s, columns=[c for c in s.columns if c.header != COMMAND]) for s in specs]
        if not isinstance(output, str | Path):
            if chosen == "jsonl":
                sheets.write_jsonl(specs, catalogue.root.name, children, output)
            else:
                sheets.write_csv(specs[0], output)
            return ()
        path = Path(output)
        beside = baseline_path(path)
        # Until all are written there is none: an old baseline beside new rows would take others' edits for the user's.
        beside.unlink(missing_ok=True)
        if chosen == "jsonl":
            sheets.write_jsonl_file(specs, catalogue.root.name, children, path)
            written = [path]
        else:
            written = [path, *(_beside(path, spec.name) for spec in specs[1:])]
            for spec, target in zip(specs, written, strict=True):
                sheets.write_csv_file(spec, target)
        write_atomically(beside, exported.packed_baseline)
        return (*map(str, written), str(beside))

    def _set_aside(self, laid_out: LaidOut, output: str | Path | BinaryIO) -> tuple[str, ...]:
        """Rename children's files of an earlier export that this one has none of: they would be read as part of it."""
        if not isinstance(output, str | Path):
            return ()
        notes = []
        written = {spec.name for spec in laid_out.sheets}
        for child in self.connector.catalogue.children:
            stale = _beside(Path(output), child.name)
            if child.name not in written and stale.is_file():
                aside = stale.with_name(f"{stale.stem}.earlier{stale.suffix}")
                stale.replace(aside)
                notes.append(f"{stale.name} was of an earlier export, and is now {aside.name}")
        return tuple(notes)

    def _keep_edited(self, output: str | Path | BinaryIO, chosen: str) -> list[str]:
        """Rename files in the way of this export that are not just as an export left them: somebody's edits."""
        if not isinstance(output, str | Path):
            return []
        path = Path(output)
        beside = [_beside(path, child.name) for child in self.connector.catalogue.children] if chosen == "csv" else []
        return [
            f"{file.name} was there and is not as it was exported: it is now {aside.name}"
            for file in (path, *beside)
            if (aside := self.state.keep_edited(file))
        ]

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
        _template_format(output, file_format, layout, slots)
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
        from bulkio.workflows.plan_import import PlanRequest, plan_import  # noqa: PLC0415

        chosen = options or ImportOptions()
        file = _open(path, self.connector, chosen, reading)
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


def template_file(  # noqa: PLR0913 each is a flag of its own
    output: str | Path,
    connector: Connector,
    tables: dict[str, LookupTable | None] | None = None,
    *,
    file_format: str | None = None,
    layout: str = "sheets",
    slots: int = 0,
) -> tuple[str, ...]:
    """An empty workbook (or CSV) for new records, without an account; `tables` feed its dropdowns.

    Raises UsageError if there is such a file, FileError if it cannot be written.
    """
    from bulkio.workflows.template import write_template  # noqa: PLC0415

    chosen, laid = _template_format(output, file_format, layout, slots)
    return write_template(Path(output), connector, tables or {}, chosen, layout=laid, slots=slots)


def _template_format(output: str | Path, file_format: str | None, layout: str, slots: int) -> tuple[str, Layout]:
    """The format and layout of a template that can be written there. Raises UsageError, FileError."""
    chosen = _format_of(output, file_format, FORMATS[:2])
    laid = _layout(layout, slots, chosen)
    _refuse_unwritable(output, chosen)
    if Path(output).exists():
        msg = f"{output}: there is such a file already"
        raise UsageError(msg, hint="Name another, or delete it first.")
    return chosen, laid


def check_file(
    path: str | Path, connector: Connector | None = None, *, options: ImportOptions | None = None, **reading: Any
) -> Checked:
    """Validate a file offline, without an account; see `recognised_file` for which ERP it is held to be of."""
    from bulkio.workflows.check import check  # noqa: PLC0415 pandas and pandera are heavy

    chosen = options or ImportOptions()
    file, best = recognised_file(path, connector, options=chosen, **reading)
    return check(file, best, chosen)


def recognised_file(
    path: str | Path, connector: Connector | None = None, *, options: ImportOptions, **reading: Any
) -> tuple[UserFile, Connector]:
    """A file that was read, and the connector of its ERP.

    `connector` says which ERP it is for, or else what was exported or converted with it, or else the columns that it
    has. Raises OutdatedError if it is of another ERP than `connector`'s, FileError if it cannot be read.
    """
    candidates = [connector] if connector else [find_connector(name) for name in known_connectors()]
    fitting: list[tuple[int, UserFile, Connector]] = []
    misfit: InvalidFileError | None = None
    for candidate in candidates:
        try:
            file = _open(path, candidate, options, reading)
        except InvalidFileError as exc:  # JSON lines tie children to their parents by a key of the ERP's own
            misfit = misfit or exc
            continue
        if file.erp not in ("", candidate.name):
            continue
        fitting.append((sum(len(rows.columns) for rows in file.rows.values()), file, candidate))
        is_strange = any(issue.code is IssueCode.UNKNOWN_COLUMN for issue in file.issues)
        if file.erp or (file.rows and not is_strange):
            break  # no other can fit better
    if not fitting and misfit:
        raise misfit
    if not fitting:
        msg = f"{path} was exported from another ERP"
        raise OutdatedError(msg, hint="Use a profile of that ERP.")
    _, file, best = max(fitting, key=lambda each: each[0])
    return file, best


def write_check_report(checked: Checked, path: str | Path) -> None:
    """The user's own workbook again, with every issue as a mark and a note on its cell. Raises FileError."""
    from bulkio.workflows.check_report import write_report  # noqa: PLC0415

    write_report(checked, Path(path))


def connector_for(profile: str | None = None, *, config: str | Path | None = None, erp: str | None = None) -> Connector:
    """The connector of an ERP by name, of a profile, or where there is none, of the first ERP."""
    if erp:
        return find_connector(erp)
    if profile is None and not profile_names(Path(config) if config else None):
        return find_connector(known_connectors()[0])
    return find_connector(load_profile(profile, config=Path(config) if config else None).erp)


def workbook_engines() -> dict[str, str]:
    """What stands behind workbooks when they are read and written. Raises UsageError if it is declared wrongly."""
    from bulkio.sheets.engine import reading_engine, writing_engine  # noqa: PLC0415

    return {"reading": reading_engine().value, "writing": writing_engine().value}


def field_table(connector: Connector) -> list[dict[str, object]]:
    """The catalogue as rows: sheet, field, kind, length, access, required, choices, lookup, clear_as, note, source."""
    return [
        {
            "sheet": entity.name,
            "field": field.name,
            "kind": field.kind.value,
            "length": field.max_length,
            "access": field.access.value,
            "required": "to create" if field in entity.needed else "",
            "choices": list(field.choices),
            "lookup": field.lookup.resource if field.lookup else "",
            "clear_as": field.clear_as.value if field.is_writable else "",
            "note": field.note,
            "example": field.example,
            "source": field.source,
        }
        for entity in connector.catalogue.entities
        for field in entity.fields
    ]


def _open(path: str | Path, connector: Connector, options: ImportOptions, reading: dict[str, Any]) -> Any:
    from bulkio.workflows.user_file import open_user_file  # noqa: PLC0415

    return open_user_file(Path(path), connector.catalogue, locale=options.locale, **reading)


def dump_plan(plan: Plan) -> bytes:
    """The bytes of a saved plan."""
    return json.dumps(plan.to_dict(), ensure_ascii=False, indent=1).encode()


def save_plan(plan: Plan, path: str | Path) -> None:
    """Write a plan to a file. Raises FileError."""
    write_atomically(Path(path), dump_plan(plan))


def approve_plan(path: str | Path, name: str) -> Approval:
    """Record beside a saved plan that somebody of that name says yes to it as it stands.

    Raises UsageError if the plan can never be applied or the name is blank, FileError, OutdatedError if it was altered.
    """
    plan = load_plan(path)
    if plan.errors:
        msg = f"the plan has {len(plan.errors)} errors and can never be applied"
        raise UsageError(msg, hint="Fix them, and plan again.")
    if not name.strip() or not name.isprintable():
        msg = "an approval needs the name of who gives it"
        raise UsageError(msg, hint="Give it with --name.")
    now = canonical_timestamp(datetime.now(UTC).isoformat(timespec="milliseconds"))
    approval = Approval(plan_id=plan.plan_id, plan_sha256=plan.sha256, name=name.strip(), approved_at=now)
    write_approval(Path(path), approval)
    return approval


def is_plan_file(path: str | Path) -> bool:
    """Whether the file is a saved plan (and not a sheet)."""
    try:
        with Path(path).open("rb") as stream:
            start = stream.read(512).lstrip()
    except OSError:
        return False
    return start.startswith(b"{") and b'"bulkio.plan/' in start


def _beside(path: Path, sheet: str) -> Path:
    """The file of a child's sheet beside the root's CSV file."""
    return path.with_name(f"{path.stem}.{sheet.lower()}{path.suffix}")


def _format_of(output: str | Path | BinaryIO, chosen: str | None, known: Sequence[str] = FORMATS) -> str:
    """The format, by name or by suffix. Raises UsageError if there is none, or if the two contradict each other."""
    suffix = Path(output).suffix.lower().lstrip(".") if isinstance(output, str | Path) else ""
    spelled = "jsonl" if suffix == "ndjson" else suffix
    if (chosen or spelled) not in known:
        msg = f"which format? Known are {', '.join(known)}, and {str(output)!r} does not say"
        raise UsageError(msg, hint="Give the file one of these suffixes, or use --format.")
    if chosen and chosen != spelled and spelled in FORMATS:
        msg = f"{output}: the suffix says {spelled}, and --format says {chosen}"
        raise UsageError(msg, hint="Leave one of them out.")
    return chosen or spelled


def _layout(layout: str, slots: int, chosen: str) -> Layout:
    """The layout by name. Raises UsageError if there is none, or if the format or the slots do not go with it."""
    try:
        laid = Layout(layout)
    except ValueError as exc:
        msg = f"a layout is sheets or flat, not {layout!r}"
        raise UsageError(msg) from exc
    if laid is Layout.FLAT and chosen == "jsonl":
        msg = "JSON lines are one customer a line already, with addresses and contacts nested in it"
        raise UsageError(msg, hint="Use --layout flat with .xlsx or .csv.")
    if slots and laid is Layout.SHEETS:
        msg = "only a flat layout has slots"
        raise UsageError(msg, hint="Add --layout flat, or leave --slots out.")
    if not 0 <= slots <= MOST_SLOTS:
        msg = f"{slots} slots: there can be 1 to {MOST_SLOTS} of a kind"
        raise UsageError(msg)
    return laid


def _refuse_unwritable(output: str | Path | BinaryIO, chosen: str, children: Sequence[str] = ()) -> None:
    """Say before a long export that one of its files cannot be written. Raises FileError, UsageError."""
    from bulkio.sheets import refuse_unwritable  # noqa: PLC0415

    if not isinstance(output, str | Path):
        if chosen == "xlsx":
            msg = "a workbook cannot be written to stdout"
            raise UsageError(msg, hint="Name a file, or use --format csv or jsonl.")
        return
    path = Path(output)
    if path.is_dir():
        msg = f"{path}: this is a folder, not a file"
        raise FileError(msg, hint="Name the file to write.")
    if not path.parent.is_dir():
        msg = f"{path}: there is no folder {str(path.parent)!r}"
        raise FileError(msg, hint="Make it first, or check its name.")
    for file in (path, *(_beside(path, child) for child in children)):
        refuse_unwritable(file)


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
