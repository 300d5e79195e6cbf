"""`bulkio fields`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import flags

if TYPE_CHECKING:
    from bulkio.cli.terminal import Terminal


@click.command()
@flags.profile
@click.option("--erp", help="Which ERP, if there is no profile.")
@flags.speaking
def fields(terminal: Terminal, **given: Any) -> int:
    """The catalogue as a table: every field with its type, length, rule, and who may write it."""
    connector = accounts.connector_for(given["profile"], config=given["config"], erp=given["erp"])
    rows = accounts.field_table(connector)
    if terminal.as_json:
        terminal.document({"schema": "bulkio.fields/1", "erp": connector.name, "fields": rows})
        return 0
    names = ("sheet", "field", "kind", "length", "access", "required", "clear_as")
    texts = [{name: "" if row[name] is None else str(row[name]) for name in names} for row in rows]
    widths = {name: max(len(name), *(len(text[name]) for text in texts)) for name in names}
    terminal.say("  ".join(terminal.colour(name.ljust(widths[name]), "bold") for name in names))
    for text in texts:
        terminal.say("  ".join(text[name].ljust(widths[name]) for name in names).rstrip())
    return 0
