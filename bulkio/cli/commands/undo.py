"""`bulkio undo RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import applying, flags
from bulkio.cli.exit_status import ExitStatus

if TYPE_CHECKING:
    from bulkio.cli.terminal import Terminal


@click.command()
@click.argument("run")
@flags.profile
@flags.pace
@applying.pacing
@applying.rails
@applying.consenting
@click.option("-o", "--output", type=flags.PATH, metavar="PLAN", help="Where to save the plan [undo-RUN.json].")
@flags.speaking
def undo(run: str, terminal: Terminal, **given: Any) -> int:
    """A plan that restores what RUN changed, where nobody edited since; with --yes it is applied at once.

    What somebody edited since the run is named, and stays as it is; the exit status is then 5.
    """
    from bulkio.cli.text import show_plan  # noqa: PLC0415

    options = applying.options_of(given)
    with accounts.open(given["profile"], config=given["config"]) as account:
        if given["rate"]:
            account.limit_rate(given["rate"])
        made = account.undo(run)
        if not terminal.as_json:
            show_plan(terminal, made)
        if not made.has_changes or not given["yes"]:
            return _save(terminal, made, given["output"] or Path(f"undo-{run}.json"))
        account.refuse_unfit(made, options)
        applying.get_consent(terminal, account, is_saved=False, yes=True, confirmed=given["confirm"])
        applying.warn_of_state_folder(terminal)
        with applying.draining(terminal) as stop:
            report = account.apply(made, options=options, on_progress=applying.progress(terminal), stop=stop)
            interrupted = stop.is_set() and not report.cause
    status = applying.conclude(terminal, report, made, interrupted=interrupted)
    return ExitStatus.CONFLICT if made.conflicts and status is ExitStatus.OK else status


def _save(terminal: Terminal, made: accounts.Plan, path: Path) -> int:
    if terminal.as_json:
        terminal.document(made.to_dict())
    if made.has_changes:
        accounts.save_plan(made, path)
        terminal.say(f"Saved: {path}   (apply it: bulkio apply {path})")
    return ExitStatus.CONFLICT if made.conflicts else ExitStatus.OK
