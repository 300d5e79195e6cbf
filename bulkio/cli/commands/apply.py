"""`bulkio apply PLAN|FILE`."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import flags
from bulkio.cli.commands.plan import status_of_plan
from bulkio.cli.exit_status import ExitStatus, status_of
from bulkio.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

    from bulkio.account import Account
    from bulkio.cli.terminal import Terminal
    from bulkio.core.plan import Plan
    from bulkio.core.report import Report
    from bulkio.workflows.run import Progress


@click.command()
@click.argument("plan_or_file", type=flags.PATH)
@flags.profile
@flags.pace
@flags.reading
@flags.meaning
@click.option("--workers", type=click.IntRange(1, 16), help="How many customers at a time.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask whether to go on.")
@click.option("--confirm", metavar="ACCOUNT", help="The live account's name, instead of being asked for it.")
@flags.speaking
def apply(plan_or_file: Path, terminal: Terminal, **given: Any) -> int:
    """Execute a saved PLAN; of a FILE: plan, show, ask, execute. Proves what it did by reading it back."""
    from bulkio.cli.text import show_plan, show_report  # noqa: PLC0415

    is_saved = accounts.is_plan_file(plan_or_file)
    saved = accounts.load_plan(plan_or_file) if is_saved else None
    name = given["profile"] or (saved.origin.profile if saved else None)
    with accounts.open(name, config=given["config"]) as account:
        if given["rate"]:
            account.limit_rate(given["rate"])
        if saved is None:
            saved = account.plan(
                plan_or_file,
                options=flags.import_options(**given),
                on_progress=terminal.counter("reading"),
                **flags.reading_options(**given),
            )
            if not terminal.as_json or status_of_plan(saved) is not ExitStatus.OK:
                show_plan(terminal, saved)
        if status_of_plan(saved) is ExitStatus.OK and not saved.has_changes:
            return _nothing_to_do(terminal, saved)
        account.refuse_unfit(saved)
        _get_consent(terminal, account, is_saved=is_saved, yes=given["yes"], confirmed=given["confirm"])
        with _draining(terminal) as stop:
            report = account.apply(saved, workers=given["workers"], on_progress=_progress(terminal), stop=stop)
            interrupted = stop.is_set() and not report.cause
    if terminal.as_json:
        terminal.document(report.to_dict())
    else:
        show_report(terminal, report, saved)
    return _status(terminal, report, interrupted=interrupted)


def _nothing_to_do(terminal: Terminal, plan: Plan) -> int:
    from bulkio.core.report import Report  # noqa: PLC0415

    if terminal.as_json:
        terminal.document(Report(run_id="", plan_id=plan.plan_id, outcomes=(), calls=0, files={}).to_dict())
    return ExitStatus.OK


def _status(terminal: Terminal, report: Report, *, interrupted: bool) -> ExitStatus:
    if interrupted:
        terminal.warn(f"Interrupted. What was done is in the journal: bulkio runs {report.run_id}")
        return ExitStatus.INTERRUPTED
    if report.cause:
        terminal.warn(f"Stopped: {report.stopped_by}")
        return status_of(report.cause)
    return ExitStatus.OK if report.is_good else ExitStatus.FAILED


def _get_consent(terminal: Terminal, account: Account, *, is_saved: bool, yes: bool, confirmed: str | None) -> None:
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


def _progress(terminal: Terminal) -> Any:
    count = terminal.counter("applying")

    def tell(progress: Progress) -> None:
        count(progress.done, progress.total)

    return tell


@contextmanager
def _draining(terminal: Terminal) -> Iterator[threading.Event]:
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
