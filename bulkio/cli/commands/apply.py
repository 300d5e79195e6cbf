"""`bulkio apply PLAN|FILE`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import applying, flags
from bulkio.cli.commands.plan import status_of_plan
from bulkio.cli.exit_status import ExitStatus
from bulkio.errors import FileError

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.cli.terminal import Terminal
    from bulkio.core.plan import Plan


@click.command()
@click.argument("plan_or_file", type=flags.PATH)
@flags.profile
@flags.pace
@flags.reading
@flags.meaning
@applying.pacing
@applying.rails
@click.option("--canary", type=click.IntRange(1), help="Do so many customers first, prove them, then ask.")
@applying.consenting
@flags.speaking
@applying.answering
def apply(plan_or_file: Path, terminal: Terminal, **given: Any) -> int:
    """Execute a saved PLAN; of a FILE: plan, show, ask, execute. Proves what it did by reading it back."""
    from bulkio.cli.text import show_plan  # noqa: PLC0415

    is_saved = accounts.is_plan_file(plan_or_file)
    saved = accounts.load_plan(plan_or_file) if is_saved else None
    name = given["profile"] or (saved.origin.profile if saved else None)
    approval = accounts.find_approval(plan_or_file) if is_saved else None
    options = replace(applying.options_of(given), approval=approval)
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
            status = status_of_plan(saved)
            if not terminal.as_json or status is not ExitStatus.OK:
                show_plan(terminal, saved)
            if status is ExitStatus.INVALID_FILE:
                return _invalid(terminal, saved)
        if status_of_plan(saved) is ExitStatus.OK and not saved.has_changes:
            return _nothing_to_do(terminal, saved)
        account.refuse_unfit(saved, options)
        applying.get_consent(terminal, account, is_saved=is_saved, yes=given["yes"], confirmed=given["confirm"])
        applying.warn_of_state_folder(terminal)
        with applying.draining(terminal) as stop:
            report = account.apply(
                saved,
                options=options,
                on_progress=applying.progress(terminal),
                may_go_on=applying.canary_question(terminal, yes=given["yes"]),
                stop=stop,
            )
            interrupted = stop.is_set() and not report.cause
    return applying.conclude(terminal, report, saved, interrupted=interrupted)


def _invalid(terminal: Terminal, plan: Plan) -> int:
    """What is wrong was shown already, issue by issue."""
    count = len(plan.errors)
    error = FileError(f"the file has {count} error{'s' if count != 1 else ''}; nothing was sent")
    if terminal.as_json:
        terminal.document(applying.refused(error))
    terminal.warn(f"bulkio: {error}")
    return ExitStatus.INVALID_FILE


def _nothing_to_do(terminal: Terminal, plan: Plan) -> int:
    from bulkio.core.report import Report  # noqa: PLC0415

    if terminal.as_json:
        terminal.document(Report(run_id="", plan_id=plan.plan_id, outcomes=(), calls=0, files={}).to_dict())
    return ExitStatus.OK
