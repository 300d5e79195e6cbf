"""`bulkio check FILE`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import flags
from bulkio.cli.exit_status import ExitStatus

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.cli.terminal import Terminal


@click.command()
@click.argument("file", type=flags.PATH)
@flags.profile
@flags.reading
@flags.pipeable
@flags.meaning
@click.option(
    "--report", type=flags.PATH, metavar="OUT.xlsx", help="Your own workbook again, with every mark on its cell."
)
@flags.speaking
def check(file: Path, terminal: Terminal, **given: Any) -> int:
    """Validate FILE offline: every problem with its cell, and how to fix it. Sends nothing."""
    from bulkio.cli.text import show_issues  # noqa: PLC0415

    connector = accounts.open(given["profile"], config=given["config"]).connector if given["profile"] else None
    options = flags.import_options(**given)
    checked = accounts.check_file(file, connector, options=options, **flags.reading_options(file, **given))
    if given["report"]:
        accounts.write_check_report(checked, given["report"])
    document: dict[str, Any] = checked.to_dict()
    if terminal.as_json:
        terminal.document(document)
    else:
        show_issues(terminal, checked.issues)
        totals = document["summary"]
        terminal.say(
            f"Checked {totals['rows']} rows: {totals['error']} errors, {totals['warning']} warnings, "
            f"{totals['restored']} cells restored."
        )
        if given["report"]:
            terminal.say(f"  report: {given['report']}")
    return ExitStatus.INVALID_FILE if checked.has_errors else ExitStatus.OK
