"""`bulkio template OUT`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import flags

if TYPE_CHECKING:
    from bulkio.cli.terminal import Terminal


@click.command()
@click.argument("out")
@flags.profile
@click.option("--format", "file_format", type=click.Choice(accounts.FORMATS[:2]), help="If the suffix does not say it.")
@click.option("--offline", is_flag=True, help="Without the ERP's own lists in the dropdowns; needs no account.")
@click.option("--erp", help="Which ERP, with --offline and if there is no profile.")
@flags.layout
@flags.speaking
def template(out: str, terminal: Terminal, **given: Any) -> int:
    """An empty workbook for new records: dropdowns, notes, limits."""
    form = {"file_format": given["file_format"], "layout": given["layout"], "slots": given["slots"] or 0}
    if given["offline"]:
        connector = accounts.connector_for(given["profile"], config=given["config"], erp=given["erp"])
        files = accounts.template_file(out, connector, **form)
    else:
        with accounts.open(given["profile"], config=given["config"]) as account:
            files = account.template(out, **form)
    for file in files:
        terminal.say(file)
    if terminal.as_json:
        terminal.document({"schema": "bulkio.template/1", "files": list(files)})
    return 0
