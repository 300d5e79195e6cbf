"""`bulkio approve PLAN`."""

from __future__ import annotations

import getpass
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
@click.option("--name", help="Who says yes [the user of this machine].")
@flags.speaking
def approve(plan: Path, terminal: Terminal, name: str | None) -> int:
    """Record beside PLAN that somebody says yes to it as it stands: name, time, and the plan's SHA-256.

    With `approval = true` in the profile nothing else can be applied. It is a record and no lock: nobody checks who
    writes the name, nor that another person applies the plan.
    """
    approval = accounts.approve_plan(plan, _user() if name is None else name)
    if terminal.as_json:
        terminal.document({**approval.to_dict()})
        return 0
    terminal.say(f"Approved by {printable(approval.name)} at {approval.approved_at}.")
    terminal.say(f"  plan {approval.plan_id}")
    terminal.say(f"  sha256 {approval.plan_sha256}")
    return 0


def _user() -> str:
    """The name of the machine's user, "" if the machine does not tell."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
