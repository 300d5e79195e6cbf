"""`bulkio export OUT`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import flags
from bulkio.cli.exit_status import ExitStatus
from bulkio.cli.terminal import printable
from bulkio.errors import UsageError

if TYPE_CHECKING:
    from bulkio.cli.terminal import Terminal


@click.command()
@click.argument("out")
@flags.profile
@flags.pace
@click.option(
    "--format", "file_format", type=click.Choice(accounts.FORMATS), help="If the file's suffix does not say it."
)
@click.option("--where", multiple=True, metavar="FIELD=VALUE", help="Only records with this value; repeatable.")
@click.option("--modified-since", metavar="DATE|last", help="Only what was created or changed since; UTC.")
@click.option("--active-only", is_flag=True, help="Leave obsolete records out.")
@click.option(
    "--contacts",
    type=click.Choice(["all", "primary", "none"]),
    default="all",
    show_default=True,
    help="Which contacts to read.",
)
@click.option("--columns", metavar="A,B", help="Only these columns of the customers (and the keys).")
@flags.layout
@flags.speaking
def export(out: str, terminal: Terminal, **given: Any) -> int:
    """Page the ERP's customers out into OUT (.xlsx, .csv, .jsonl, or - for stdout with --format)."""
    where = [_pair(text) for text in given["where"]]
    columns = [name.strip() for name in (given["columns"] or "").split(",") if name.strip()]
    to_stdout = out == "-"
    if to_stdout and terminal.as_json:
        msg = "--json and - both want stdout"
        raise UsageError(msg)
    with accounts.open(given["profile"], config=given["config"]) as account:
        if given["rate"]:
            account.limit_rate(given["rate"])
        result = account.export(
            sys.stdout.buffer if to_stdout else out,
            file_format=given["file_format"],
            where=where,
            modified_since=given["modified_since"],
            active_only=given["active_only"],
            contacts=given["contacts"],
            columns=columns,
            layout=given["layout"],
            slots=given["slots"] or 0,
            on_progress=terminal.counter("customers"),
        )
    counts = ", ".join(f"{count} {name.lower()}" for name, count in result.counts.items())
    say = terminal.note if to_stdout else terminal.say
    say(f"Exported {counts} of {printable(result.account)}.")
    for file in result.files:
        say(f"  {file}")
    for note in result.notes:
        terminal.note(f"  note: {note}")
    if terminal.as_json:
        terminal.document(
            {
                "schema": "bulkio.export/1",
                "account": result.account,
                "files": list(result.files),
                "summary": {
                    **{name.lower(): count for name, count in result.counts.items()},
                    "missing": result.missing,
                },
                "next_modified_since": result.watermark,
            }
        )
    if not result.is_complete:
        records = "record" if result.missing == 1 else "records"
        terminal.warn(f"INCOMPLETE: the ERP counts {result.missing} more {records} than could be read. Export again.")
        return ExitStatus.INCOMPLETE
    return ExitStatus.OK


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        msg = f"--where {text!r} is not FIELD=VALUE"
        raise UsageError(msg)
    return name.strip(), value
