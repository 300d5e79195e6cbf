"""`bulkio resume [RUN]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import applying, flags

if TYPE_CHECKING:
    from bulkio.cli.terminal import Terminal


@click.command()
@click.argument("run", required=False)
@flags.profile
@flags.pace
@applying.pacing
@flags.speaking
@applying.answering
def resume(run: str | None, terminal: Terminal, **given: Any) -> int:
    """Finish an interrupted run (the newest, unless named): nothing is lost, nothing is done twice."""
    with accounts.open(given["profile"], config=given["config"]) as account:
        if given["rate"]:
            account.limit_rate(given["rate"])
        applying.warn_of_state_folder(terminal)
        with applying.draining(terminal) as stop:
            report = account.resume(
                run, options=applying.options_of(given), on_progress=applying.progress(terminal), stop=stop
            )
            interrupted = stop.is_set() and not report.cause
        plan = accounts.load_plan(account.run(report.run_id).folder / accounts.PLAN_FILE)
    return applying.conclude(terminal, report, plan, interrupted=interrupted)
