"""What `apply`, `resume` and `undo --yes` share: flags, consent, draining, progress, and the status at the end."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bulkio.cli.exit_status import ExitStatus, status_of
from bulkio.cli.terminal import printable
from bulkio.core.rails import Limit, Rails
from bulkio.core.report import Status
from bulkio.errors import BulkioError, RailError, UsageError
from bulkio.runs import ApplyOptions
from bulkio.store.place import hazard_of
from bulkio.store.state import state_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from bulkio.account import Account
    from bulkio.cli.terminal import Terminal
    from bulkio.core.plan import Plan
    from bulkio.core.report import Outcome, Report
    from bulkio.workflows.run import Progress

Command = TypeVar("Command", bound="Callable[..., Any]")


class _LimitType(click.ParamType):  # type: ignore[type-arg]  # not generic in every version
    """`100` or `25%`."""

    name = "N|P%"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Limit:
        """The limit that a text means."""
        try:
            return value if isinstance(value, Limit) else Limit.parse(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number of records nor a percentage", param, ctx)


LIMIT = _LimitType()

_MAY_HAVE_CHANGED = (Status.VERIFIED, Status.ACKED, Status.IN_DOUBT, Status.UNKNOWN, Status.INTENT)


def pacing(command: Command) -> Command:
    """How fast and how far."""
    for option in (
        click.option("--reserve-calls", type=click.IntRange(0), default=0, help="Keep so many of the month's calls."),
        click.option("--max-calls", type=click.IntRange(0), default=0, help="Make at most so many calls."),
        click.option(
            "--verify",
            type=click.Choice(["sweep", "each"]),
            default="sweep",
            show_default=True,
            help="Prove by listing what was modified, or record by record.",
        ),
        click.option(
            "--batch-size", type=click.IntRange(1), help="Customers between two looks at what others changed."
        ),
        click.option("--workers", type=click.IntRange(1, 16), help="How many customers at a time."),
    ):
        command = option(command)
    return command


def rails(command: Command) -> Command:
    """What may be done without being stopped."""
    for option in (
        click.option("--allow-shifted", is_flag=True, help="Let a column hold what other rows held."),
        click.option("--allow-pasted", is_flag=True, help="Let one value stand in most of a column."),
        click.option("--max-clears", type=LIMIT, help="At most so many cleared fields (5 %, or 10)."),
        click.option("--max-deletes", type=LIMIT, help="At most so many deletes (10)."),
        click.option("--max-changes", type=LIMIT, help="At most so many changed records (25 %, or 100)."),
    ):
        command = option(command)
    return command


def consenting(command: Command) -> Command:
    """Who says yes."""
    command = click.option("--confirm", metavar="ACCOUNT", help="The live account's name, instead of being asked.")(
        command
    )
    return click.option("-y", "--yes", is_flag=True, help="Do not ask whether to go on.")(command)


def options_of(given: dict[str, Any]) -> ApplyOptions:
    """The flags as one object."""
    default = Rails()
    return ApplyOptions(
        workers=given.get("workers") or 0,
        batch_size=given.get("batch_size") or 0,
        verify=given.get("verify", "sweep"),
        canary=given.get("canary") or 0,
        max_calls=given.get("max_calls", 0),
        reserve_calls=given.get("reserve_calls", 0),
        rails=Rails(
            max_changes=given.get("max_changes") or default.max_changes,
            max_deletes=given.get("max_deletes") or default.max_deletes,
            max_clears=given.get("max_clears") or default.max_clears,
            allow_pasted=bool(given.get("allow_pasted")),
            allow_shifted=bool(given.get("allow_shifted")),
        ),
    )


def answering(command: Command) -> Command:
    """With --json there is a document also where nothing was done: it has the error in it."""

    @wraps(command)
    def answer(*args: Any, terminal: Terminal, **rest: Any) -> Any:
        try:
            return command(*args, terminal=terminal, **rest)
        except BulkioError as exc:
            if terminal.as_json:
                terminal.document(refused(exc))
            raise

    return answer  # type: ignore[return-value]  # it takes what the command takes


def refused(error: BulkioError) -> dict[str, Any]:
    """The document of a run that did not begin."""
    from bulkio.core.report import Report  # noqa: PLC0415 only a refusal needs it

    nothing = Report(run_id="", plan_id="", outcomes=(), calls=0, files={}).to_dict()
    words = {"message": str(error), "hint": error.hint, "exit_status": int(status_of(error))}
    return {**nothing, "error": words}


def get_consent(terminal: Terminal, account: Account, *, is_saved: bool, yes: bool, confirmed: str | None) -> None:
    """A yes; for a live account, its name. Raises UsageError if it was not given."""
    if account.profile.is_live:
        name = account.identity().name
        if confirmed is None and terminal.can_ask:
            confirmed = terminal.ask(f"This writes to the live account {name!r}. Type its name to go on:")
        if confirmed not in (name, account.profile.name):
            msg = f"not confirmed: this is the live account {name!r}; nothing was sent"
            raise UsageError(msg, hint=f'Use --confirm "{name}".')
        return
    if yes or is_saved:
        return
    if not terminal.can_ask:
        msg = "nothing was sent: without a terminal, a write needs --yes or a saved plan"
        raise UsageError(msg, hint="bulkio plan FILE -o PLAN, then bulkio apply PLAN")
    if terminal.ask("Apply this? Type yes to go on:").lower() not in ("yes", "y"):
        msg = "not applied; nothing was sent"
        raise UsageError(msg)


def progress(terminal: Terminal) -> Callable[[Progress], None]:
    """A bar that counts operations."""
    count = terminal.counter("applying")

    def tell(step: Progress) -> None:
        count(step.done, step.total)

    return tell


def canary_question(terminal: Terminal, *, yes: bool) -> Callable[[Sequence[Outcome]], bool]:
    """What to ask after the canary; without a terminal the answer is no."""

    def ask(outcomes: Sequence[Outcome]) -> bool:
        done = sum(outcome.status.value == "verified" for outcome in outcomes)
        terminal.note(f"Canary: {done} operations are done and verified.")
        if yes or not terminal.can_ask:
            return yes
        return terminal.ask("Go on with the rest? Type yes:").lower() in ("yes", "y")

    return ask


def warn_of_state_folder(terminal: Terminal) -> None:
    """Say before a run that its journal would lie where it is not safe."""
    if hazard := hazard_of(state_root()):
        terminal.warn(f"The state folder is no safe place for a journal: {hazard} ({printable(str(state_root()))}).")
        terminal.warn("  Set BULKIO_STATE_DIR to a folder on a disk of this machine.")


@contextmanager
def draining(terminal: Terminal) -> Iterator[threading.Event]:
    """The first Ctrl-C lets what is in flight finish; the second stops at once."""
    stop = threading.Event()

    def drain(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        terminal.note("\nFinishing what is in flight; Ctrl-C again stops at once.")

    old = {each: signal.signal(each, drain) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for each, handler in old.items():
            signal.signal(each, handler)


def conclude(terminal: Terminal, report: Report, plan: Plan | None, *, interrupted: bool) -> ExitStatus:
    """Say what came of the run; the exit status that it means."""
    from bulkio.cli.text import show_report  # noqa: PLC0415

    if terminal.as_json:
        terminal.document(report.to_dict())
    else:
        show_report(terminal, report, plan)
        changed = any(outcome.status in _MAY_HAVE_CHANGED for outcome in report.outcomes)
        back = f"   (take it back: bulkio undo {report.run_id})" if changed else ""
        terminal.say(f"  run: {report.run_id}{back}")
    if interrupted and not report.is_complete:
        terminal.warn(f"Interrupted. To finish it: bulkio resume {report.run_id}")
        return ExitStatus.INTERRUPTED
    if report.cause:
        terminal.warn(f"Stopped: {report.stopped_by}")
        if report.cause.hint and not isinstance(report.cause, RailError):
            terminal.warn(f"  {report.cause.hint}")
        terminal.warn(f"  To finish it: bulkio resume {report.run_id}")
        return status_of(report.cause)
    return ExitStatus.OK if report.is_good else ExitStatus.FAILED
