"""`bulkio explain FILE CELL`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import flags
from bulkio.cli.terminal import printable

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.cli.terminal import Terminal


@click.command()
@click.argument("file", type=flags.PATH)
@click.argument("cell")
@flags.profile
@flags.reading
@flags.meaning
@click.option("--offline", is_flag=True, help="Without asking the ERP.")
@flags.speaking
def explain(file: Path, cell: str, terminal: Terminal, **given: Any) -> int:
    """One cell's way, step by step. CELL is written like Customers!D17 (quote it in a shell: 'Customers!D17')."""
    with accounts.open(given["profile"], config=given["config"]) as account:
        found = account.explain(
            file,
            cell,
            options=flags.import_options(**given),
            ask_erp=not given["offline"],
            **flags.reading_options(**given),
        )
    if terminal.as_json:
        terminal.document({"schema": "bulkio.explain/1", **found.to_dict()})
        return 0
    for what, value in found.lines():
        terminal.say(f"{what:15}  {printable(value)}")
    return 0
