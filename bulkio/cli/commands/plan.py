"""`bulkio plan FILE`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import flags
from bulkio.cli.exit_status import ExitStatus

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.cli.terminal import Terminal
    from bulkio.core.plan import Plan


@click.command()
@click.argument("file", type=flags.PATH)
@flags.profile
@flags.pace
@flags.reading
@flags.pipeable
@flags.meaning
@click.option("-o", "--output", type=flags.PATH, metavar="PLAN", help="Save the plan, to be applied later.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 10 if there are changes.")
@flags.speaking
def plan(file: Path, terminal: Terminal, **given: Any) -> int:
    """Check FILE, read the ERP, and show exactly what applying would change. Sends nothing."""
    from bulkio.cli.text import show_plan  # noqa: PLC0415

    with accounts.open(given["profile"], config=given["config"]) as account:
        if given["rate"]:
            account.limit_rate(given["rate"])
        made = account.plan(
            file,
            options=flags.import_options(**given),
            on_progress=terminal.counter("reading"),
            **flags.reading_options(file, **given),
        )
    if terminal.as_json:
        terminal.document(made.to_dict())
    else:
        show_plan(terminal, made)
    status = status_of_plan(made)
    if given["output"] and status is ExitStatus.INVALID_FILE:
        terminal.warn("The plan was not saved: the file has errors.")
    elif given["output"]:
        accounts.save_plan(made, given["output"])
        terminal.say(f"Saved: {given['output']}   (apply it: bulkio apply {given['output']})")
    if status is ExitStatus.OK and given["detailed_exitcode"] and made.has_changes:
        return ExitStatus.CHANGES
    return status


def status_of_plan(plan: Plan) -> ExitStatus:
    """What a plan's errors and conflicts mean for the exit status."""
    if plan.errors:
        return ExitStatus.INVALID_FILE
    if plan.conflicts and plan.options.get("on_conflict") == "stop":
        return ExitStatus.CONFLICT
    return ExitStatus.OK
