"""`bulkio show PLAN`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bulkio import account as accounts
from bulkio.cli import flags
from bulkio.cli.terminal import printable
from bulkio.store.state import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.cli.terminal import Terminal


@click.command()
@click.argument("plan", type=flags.PATH)
@click.option("--html", type=flags.PATH, metavar="OUT", help="Write it as one self-contained page, to mail.")
@flags.speaking
def show(plan: Path, terminal: Terminal, html: Path | None) -> int:
    """Print a saved plan; with --html, make a page of it for the person who must approve."""
    from bulkio.cli.text import show_plan  # noqa: PLC0415

    saved = accounts.load_plan(plan)
    approval = accounts.find_approval(plan)
    if approval:
        approval.refuse_other(saved)
    if html is not None:
        from bulkio.web import plan_page  # noqa: PLC0415 only a page needs templates

        page = plan_page(saved, accounts.connector_for(erp=saved.origin.erp).catalogue, approval)
        write_atomically(html, page.encode())
    if terminal.as_json:
        terminal.document(saved.to_dict())
        return 0
    if html is not None:
        terminal.say(f"Written: {html}   (sha256 of the plan: {saved.sha256})")
        return 0
    origin = saved.origin
    of = printable(f"{origin.file} for profile {origin.profile}")
    terminal.say(f"Plan {saved.plan_id} of {of}, made {origin.created_at}")
    if approval:
        terminal.say(f"Approved by {printable(approval.name)} at {approval.approved_at}")
    show_plan(terminal, saved)
    return 0
