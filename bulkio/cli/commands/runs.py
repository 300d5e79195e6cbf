"""`bulkio runs [RUN]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import flags

if TYPE_CHECKING:
    from bulkio.account import RunRecord
    from bulkio.cli.terminal import Terminal


@click.command()
@click.argument("run", required=False)
@flags.profile
@flags.speaking
def runs(run: str | None, terminal: Terminal, **given: Any) -> int:
    """History, totals, and where the files are."""
    with accounts.open(given["profile"], config=given["config"]) as account:
        records = [account.run(run)] if run else list(account.runs())
        unread = [] if run else sorted({each.name for each in account.state.runs()} - {each.run_id for each in records})
    for name in unread:
        terminal.warn(f"{name}: its journal cannot be read. See: bulkio runs {name}")
    if terminal.as_json:
        terminal.document({"schema": "bulkio.runs/1", "runs": [_document(record) for record in records]})
        return 0
    if not records and not unread:
        terminal.say("Nothing was applied to this account yet.")
    for record in records:
        _show(terminal, record, in_full=run is not None)
    return 0


def _document(record: RunRecord) -> dict[str, object]:
    return {
        **record.report.to_dict(),
        "profile": record.profile,
        "file": record.file,
        "started_at": record.started_at,
        "finished_at": record.finished_at,
    }


def _show(terminal: Terminal, record: RunRecord, *, in_full: bool) -> None:
    totals = {name: count for name, count in record.report.summary().items() if count and name != "calls"}
    words = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in totals.items()) or "nothing"
    ended = "" if record.finished_at else "  (not finished)"
    terminal.say(f"{record.run_id}  {record.started_at}  {words}; {record.report.calls} calls{ended}")
    if not in_full:
        return
    from bulkio.cli.text import show_report  # noqa: PLC0415

    terminal.say(f"  file: {record.file}")
    terminal.say(f"  folder: {record.folder}")
    show_report(terminal, record.report, accounts.load_plan(record.folder / accounts.PLAN_FILE))
