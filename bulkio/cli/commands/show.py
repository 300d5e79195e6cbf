"""`bulkio show PLAN`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bulkio import account as accounts
from bulkio.cli import flags
from bulkio.cli.terminal import printable

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.cli.terminal import Terminal


@click.command()
@click.argument("plan", type=flags.PATH)
@flags.speaking
def show(plan: Path, terminal: Terminal) -> int:
    """Print a saved plan."""
    from bulkio.cli.text import show_plan  # noqa: PLC0415

    saved = accounts.load_plan(plan)
    if terminal.as_json:
        terminal.document(saved.to_dict())
        return 0
    origin = saved.origin
    of = printable(f"{origin.file} for profile {origin.profile}")
    terminal.say(f"Plan {saved.plan_id} of {of}, made {origin.created_at}")
    show_plan(terminal, saved)
    return 0
