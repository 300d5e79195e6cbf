"""`bulkio convert FILE --to ERP -o OUT`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio import conversion
from bulkio.cli import flags
from bulkio.core.headers import NOT_CARRIED_OVER
from bulkio.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.cli.terminal import Terminal
    from bulkio.conversion import Converted


@click.command()
@click.argument("file", type=flags.PATH)
@click.option("--to", required=True, type=click.Choice(accounts.known_connectors()), help="The ERP to convert for.")
@click.option("-o", "--output", required=True, type=flags.PATH, metavar="OUT.xlsx", help="Where the new workbook goes.")
@flags.profile
@click.option(
    "--fill", multiple=True, metavar="FIELD=VALUE", help="For a required field that would be blank; repeatable."
)
@click.option("--by-key", is_flag=True, help="Take a record there that has the same key for the same one.")
@flags.reading
@flags.speaking
def convert(file: Path, terminal: Terminal, **given: Any) -> int:
    """A workbook of one ERP as a workbook of another; what is not carried over is named, cell by cell.

    Sends nothing, and asks neither ERP. --profile is the account that the customers are to go to: what was carried
    there before is recognised, so that a migration can be run again and goes on.
    """
    done = conversion.convert(
        file,
        to=given["to"],
        output=given["output"],
        profile=given["profile"],
        config=given["config"],
        fill=[_pair(text) for text in given["fill"]],
        by_key=given["by_key"],
        options=flags.import_options(**given),
        **flags.reading_options(**given),
    )
    _show(terminal, done)
    if terminal.as_json:
        terminal.document(done.to_dict())
    return 0


def _show(terminal: Terminal, done: Converted) -> None:
    title = accounts.connector_for(erp=done.target).title
    rows = ", ".join(f"{count} {name.lower()}" for name, count in done.records.items())
    terminal.say(f"Converted for {title}: {rows}.")
    terminal.say(f"  {done.output}")
    terminal.say(f"  {done.carried} of {done.filled} cells are carried{_counted('to be checked', done.to_check)}")
    terminal.say(f"  {done.filled - done.carried} are not{_counted('', done.not_carried)}")
    terminal.say(f"  All of them are named in the sheet {NOT_CARRIED_OVER}.")
    if known := done.commands.get("", 0):
        terminal.say(f"  {known} rows were carried over before.")
    if maybe := done.commands.get("MERGE", 0):
        terminal.say(f"  {maybe} rows are looked for by their keys: they may be there (MERGE).")
    if ignored := done.commands.get("IGNORE", 0):
        terminal.warn(f"  {ignored} rows cannot be made as they are; they are there under IGNORE. See --fill.")
    for note in done.notes:
        terminal.note(f"  note: {note}")


def _counted(what: str, counts: dict[str, int]) -> str:
    """`: 12 unset, 3 joined`, the most first; with `what`, their sum in front."""
    if not counts:
        return ""
    parts = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items(), key=lambda each: -each[1]))
    return f"; {sum(counts.values())} {what}: {parts}" if what else f": {parts}"


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        msg = f"--fill {text!r} is not FIELD=VALUE"
        raise UsageError(msg)
    return name.strip(), value
