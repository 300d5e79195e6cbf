"""Runs on an account: begun, resumed, undone, remembered. Used by bulkio.account only.

begin    refuse what must not be applied -> lock -> run folder, plan and journal on disk -> apply -> results
resume   lock -> journal -> finish -> results
"""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bulkio.core.collector import paused_collector
from bulkio.core.kinds import as_datetime, canonical_timestamp
from bulkio.core.options import OnConflict
from bulkio.core.plan import Plan
from bulkio.core.rails import Rails, hits
from bulkio.core.report import Outcome, Report, Status
from bulkio.errors import FileError, InvalidFileError, LockedError, OutdatedError, RailError, UsageError
from bulkio.store.approvals import write_approval
from bulkio.store.crosswalk import facts_of
from bulkio.store.journal import Check, Journal
from bulkio.store.state import JOURNAL_FILE, PLAN_FILE, AccountState, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bulkio.connectors.protocol import Connector, Link
    from bulkio.core.approval import Approval
    from bulkio.core.plan import Operation
    from bulkio.profiles import Profile
    from bulkio.workflows.run import Progress, Run

#: A plan older than this is refused: what it says of the ERP is history.
OLDEST_PLAN = timedelta(days=7)

# What a request may last at most (bulkio.http): waits because others were too many, then a reply that drips.
_LONGEST_WAITS = 240
_SLOWEST_REPLY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOptions:
    """How to apply; each has the flag of the same name. 0 means: the profile's, or no bound.

    `verify` is "sweep" or "each"; `reserve_calls` of the month's calls are not to be touched. `approval` is the plan's,
    which a profile may require; of a plan that is named by its path, the one beside it is used.
    """

    workers: int = 0
    batch_size: int = 0
    verify: str = "sweep"
    canary: int = 0
    max_calls: int = 0
    reserve_calls: int = 0
    rails: Rails = field(default_factory=Rails)
    approval: Approval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run as its journal has it. Times are canonical timestamps, `finished_at` blank for one that is not."""

    run_id: str
    plan_id: str
    profile: str
    file: str
    started_at: str
    finished_at: str
    report: Report
    folder: Path

    @property
    def is_unfinished(self) -> bool:
        """Whether `resume` would have something to do."""
        return not self.finished_at or not self.report.is_complete


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """What the caller wants to be told and asked while a run goes on."""

    on_progress: Callable[[Progress], None] | None = None
    on_sent: Callable[[Operation], None] | None = None
    may_go_on: Callable[[Sequence[Outcome]], bool] | None = None
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """The account as runs need it. `note_calls` keeps for the month's count what was made so far."""

    profile: Profile
    connector: Connector
    link: Link
    state: AccountState
    calls_made: Callable[[], int]
    note_calls: Callable[[], None]


def refuse_unfit(place: Workplace, plan: Plan, options: ApplyOptions) -> None:
    """Everything that forbids applying a plan, before anybody is asked and anything is touched.

    Raises InvalidFileError, OutdatedError, RailError.
    """
    if plan.errors:
        msg = f"the file has {_errors(plan)}; nothing was sent"
        raise InvalidFileError(msg, issues=plan.errors, hint="Fix them, and plan again.")
    if plan.conflicts and plan.options.get("on_conflict") == OnConflict.STOP.value:
        rows = plan.summary()["conflict"]
        those = "1 row is" if rows == 1 else f"{rows} rows are"
        msg = f"{those} in conflict with what others changed since the export; nothing was sent"
        raise OutdatedError(msg, hint="Export again, or plan with --on-conflict skip or overwrite.")
    if (plan.origin.erp, plan.origin.tenant) != (place.connector.name, place.link.reader.tenant):
        msg = f"the plan was made for another account (profile {plan.origin.profile!r})"
        raise OutdatedError(msg, hint="Use that account's profile, or plan again.")
    made = as_datetime(plan.origin.created_at)
    if made is None or datetime.now(UTC) - made > OLDEST_PLAN:
        msg = f"the plan is too old (made {plan.origin.created_at or 'at an unknown time'})"
        raise OutdatedError(msg, hint="Plan again.")
    _refuse_changed_file(place, plan)
    _refuse_spent(place, plan)
    _refuse_unapproved(place, plan, options.approval)
    found = hits(plan, options.rails)
    if found:
        raise RailError("; ".join(hit.saw for hit in found) + ". Nothing was sent.",
                        hint="If that is meant: " + " ".join(dict.fromkeys(hit.allow for hit in found)))  # fmt: skip
    _refuse_dear(place, plan, options)


def _errors(plan: Plan) -> str:
    return "1 error" if len(plan.errors) == 1 else f"{len(plan.errors)} errors"


def _refuse_spent(place: Workplace, plan: Plan) -> None:
    """No plan is applied twice. One whose run got no journal sent nothing, and is as good as new."""
    spent = place.state.run_of_plan(plan.plan_id)
    if spent and place.state.running() == spent:
        msg = f"this plan is being applied right now, by run {spent}"
        raise LockedError(msg, hint=f"Wait until it has finished. See: bulkio runs {spent}")
    if spent and any(folder.name == spent for folder in place.state.runs()):
        msg = f"this plan was applied before, by run {spent}"
        raise OutdatedError(msg, hint=f"See: bulkio runs {spent}. To finish it: bulkio resume {spent}")


def _refuse_unapproved(place: Workplace, plan: Plan, approval: Approval | None) -> None:
    """What the profile requires; an approval that is given must be this plan's, required or not."""
    if approval is not None:
        approval.refuse_other(plan)
    elif place.profile.approval:
        msg = f"the profile {place.profile.name!r} requires an approval, and this plan has none. Nothing was sent."
        raise RailError(msg, hint="Save the plan with -o PLAN, then: bulkio approve PLAN, and bulkio apply PLAN")


def _refuse_changed_file(place: Workplace, plan: Plan) -> None:
    source = Path(plan.origin.file)
    if not source.is_file() or plan.options.get("undo_of"):
        return
    from bulkio.workflows.opened_file import digest_of  # noqa: PLC0415 pandas is heavy

    if digest_of(source, place.connector.catalogue) != plan.origin.file_sha256:
        msg = f"{source} was changed after the plan was made"
        raise OutdatedError(msg, hint="Plan again, so that what you see is what is done.")


def _refuse_dear(place: Workplace, plan: Plan, options: ApplyOptions) -> None:
    """The forecast against what may be spent."""
    calls = plan.cost.calls
    if options.max_calls and calls > options.max_calls:
        msg = f"the plan takes about {calls} calls, and at most {options.max_calls} may be made. Nothing was sent."
        raise RailError(msg, hint=f"If that is meant: --max-calls {calls}, or split the file.")
    monthly = place.profile.monthly_calls
    left = monthly - place.state.calls_this_month()
    if monthly and left - calls < options.reserve_calls:
        msg = (
            f"the plan takes about {calls} calls; {max(left, 0)} of this month's {monthly} are left as far as known, "
            f"and {options.reserve_calls} are to be kept. Nothing was sent."
        )
        raise RailError(msg, hint="Wait for the next month, or lower --reserve-calls or monthly_calls.")


def begin(place: Workplace, plan: Plan, options: ApplyOptions, callbacks: Callbacks) -> Report:
    """Apply a plan that `refuse_unfit` let pass. Raises LockedError, and FileError if nothing can be journaled."""
    from bulkio.workflows.apply import apply  # noqa: PLC0415 the workflows are heavy

    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    lock = place.state.lock(run_id)
    try:
        _refuse_spent(place, plan)  # by whoever held the lock until now
        folder = place.state.run_folder(run_id)
        write_atomically(folder / PLAN_FILE, json.dumps(plan.to_dict(), ensure_ascii=False).encode())
        if options.approval:
            write_approval(folder / PLAN_FILE, options.approval)
        meta = {
            "run_id": run_id,
            "plan_id": plan.plan_id,
            "profile": place.profile.name,
            "tenant": plan.origin.tenant,
            "file": str(Path(plan.origin.file).absolute()),
            "started_at": _now(),
            "verify": options.verify,
            **facts_of(plan),
        }
        place.state.spend(plan.plan_id, run_id)
        place.state.note_applied(Path(plan.origin.file), plan.origin.base_id, run_id)
        journal = Journal.create(folder / JOURNAL_FILE, meta, [each.id for each in plan.operations])
        try:
            run = _run(place, plan, journal, options, callbacks)
            apply(run)
            return _finish(place, run, folder)
        finally:
            journal.close()
    finally:
        lock.release()


def resume(place: Workplace, run_id: str | None, options: ApplyOptions, callbacks: Callbacks) -> Report:
    """Finish an interrupted run (default: the newest that is unfinished).

    Raises UsageError if there is none, LockedError, FileError if its journal is damaged, OutdatedError if its plan is.
    """
    from bulkio.workflows.apply import resume as resume_run  # noqa: PLC0415 the workflows are heavy

    record = _unfinished(place, run_id)
    if place.state.running() == record.run_id:
        msg = f"run {record.run_id} is at work right now, in another process: there is nothing to resume"
        raise LockedError(msg, hint=f"Wait until it has finished. See: bulkio runs {record.run_id}")
    lock = place.state.lock(record.run_id)
    try:
        journal = Journal.open(record.folder / JOURNAL_FILE)
        try:
            plan = load_plan(record.folder / PLAN_FILE)
            if plan.origin.tenant != place.link.reader.tenant:
                msg = "the run belongs to another account"
                raise OutdatedError(msg)
            run = _run(place, plan, journal, options, callbacks)
            resume_run(run)
            return _finish(place, run, record.folder)
        finally:
            journal.close()
    finally:
        lock.release()


def _unfinished(place: Workplace, run_id: str | None) -> RunRecord:
    # Which run it is, its operations tell; all of its journal is checked when it is opened to be written.
    if run_id is not None:
        return find_record(place.state, run_id, check=Check.OPERATIONS)
    for folder in place.state.runs():
        record = _record(folder, Check.OPERATIONS)  # a damaged one is not passed over: an older one is hardly meant
        if record.is_unfinished:
            return record
    msg = "no run on this account was interrupted"
    raise UsageError(msg, hint="`bulkio runs` lists them all.")


def undo(place: Workplace, run_id: str, plan_id: str) -> Plan:
    """The plan that restores what a run changed; reads only. Raises UsageError if there is no such run."""
    from bulkio.workflows.undo import plan_undo  # noqa: PLC0415 the workflows are heavy
    from bulkio.workflows.undoing import UndoRequest  # noqa: PLC0415

    record = find_record(place.state, run_id)
    journal = Journal.open(record.folder / JOURNAL_FILE)
    try:
        request = UndoRequest(
            run_id=record.run_id,
            plan=load_plan(record.folder / PLAN_FILE),
            plan_id=plan_id,
            created_at=_now(),
            workers=place.profile.workers,
            requests_per_minute=place.profile.requests_per_minute or None,
        )
        return plan_undo(request, journal, place.connector, place.link.reader)
    finally:
        journal.close()


@paused_collector()
def _run(place: Workplace, plan: Plan, journal: Journal, options: ApplyOptions, callbacks: Callbacks) -> Run:
    from bulkio.workflows.run import Run, RunSettings, Verify  # noqa: PLC0415

    before, earlier = place.calls_made(), int(journal.meta("calls") or 0)

    def calls_made() -> int:
        return place.calls_made() - before

    def note_calls() -> None:
        """So that a sitting that is killed is not counted as free."""
        journal.note("calls", str(earlier + calls_made()))
        place.note_calls()

    return Run(
        plan=plan,
        connector=place.connector,
        link=place.link,
        journal=journal,
        settings=RunSettings(
            settle_seconds=float(place.profile.settle_seconds),
            request_timeout=float(_LONGEST_WAITS + _SLOWEST_REPLY * place.profile.timeout),
            workers=options.workers or place.profile.workers,
            batch_size=options.batch_size,
            verify=Verify(options.verify),
            canary=options.canary,
            max_calls=options.max_calls,
        ),
        on_progress=callbacks.on_progress,
        on_sent=callbacks.on_sent,
        may_go_on=callbacks.may_go_on,
        stop=callbacks.stop,
        calls_made=calls_made,
        on_batch=note_calls,
    )


def _finish(place: Workplace, run: Run, folder: Path) -> Report:
    """Close the run's books: the journal's last facts, and the results in the user's own file."""
    from bulkio.workflows.results import ResultsRequest, write_results  # noqa: PLC0415

    journal = run.journal
    if run.on_batch:
        run.on_batch()
    calls = int(journal.meta("calls"))
    outcomes = tuple(journal.outcomes())
    if not run.pending and not any(outcome.status in (Status.INTENT, Status.UNKNOWN) for outcome in outcomes):
        journal.note("finished_at", _now())
    files = {"run": str(folder)}
    # The results of an undo are the run's own: the user's file is not what was applied.
    source = folder if run.plan.options.get("undo_of") else Path(journal.meta("file"))
    try:
        request = ResultsRequest(
            source=source,
            plan=run.plan,
            outcomes=outcomes,
            folder=folder,
            catalogue=place.connector.catalogue,
            state=place.state,
            earlier=json.loads(journal.meta("files") or "{}"),
        )
        files |= write_results(request)
    except (FileError, OSError) as exc:
        files["results_problem"] = str(exc)
    journal.note("files", json.dumps(files))
    return Report(
        run_id=journal.meta("run_id"),
        plan_id=run.plan.plan_id,
        outcomes=outcomes,
        calls=calls,
        files=files,
        stopped_by=str(run.stopped_by) if run.stopped_by else "",
        cause=run.stopped_by,
    )


def records(state: AccountState) -> Iterator[RunRecord]:
    """All runs on an account, newest first. One whose journal is damaged is left out here, and refused by name."""
    for folder in state.runs():
        try:
            yield _record(folder)
        except FileError:
            continue


def find_record(state: AccountState, run_id: str, *, check: Check = Check.ALL) -> RunRecord:
    """One run. Raises UsageError if there is no such, FileError if its journal is damaged."""
    for folder in state.runs():
        if folder.name == run_id:
            return _record(folder, check)
    msg = f"there is no run {run_id!r}"
    raise UsageError(msg, hint="`bulkio runs` lists them.")


def _record(folder: Path, check: Check = Check.ALL) -> RunRecord:
    journal = Journal.open(folder / JOURNAL_FILE, check=check)
    try:
        return RunRecord(
            run_id=journal.meta("run_id"),
            plan_id=journal.meta("plan_id"),
            profile=journal.meta("profile"),
            file=journal.meta("file"),
            started_at=journal.meta("started_at"),
            finished_at=journal.meta("finished_at"),
            report=Report(
                run_id=journal.meta("run_id"),
                plan_id=journal.meta("plan_id"),
                outcomes=tuple(journal.outcomes()),
                calls=int(journal.meta("calls") or 0),
                files=json.loads(journal.meta("files") or "{}"),
            ),
            folder=folder,
        )
    finally:
        journal.close()


@paused_collector()
def load_plan(path: str | Path) -> Plan:
    """Read a saved plan. Raises FileError if it is none, OutdatedError if it was altered."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        msg = f"{path}: there is no such file"
        raise FileError(msg) from exc
    except (OSError, ValueError) as exc:
        msg = f"{path}: this is not a saved plan"
        raise FileError(msg, hint="Make one with: bulkio plan FILE -o PLAN") from exc
    if not isinstance(document, dict):
        msg = f"{path}: this is not a saved plan"
        raise FileError(msg)
    try:
        return Plan.from_dict(document)
    except (ValueError, KeyError, TypeError) as exc:
        reason = str(exc) if isinstance(exc, ValueError) else "a part of it is missing"
        msg = f"{path}: {reason}"
        raise OutdatedError(msg, hint="Plan again.") from exc


def _now() -> str:
    return canonical_timestamp(datetime.now(UTC).isoformat(timespec="milliseconds"))
