"""`bulkio login`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import flags
from bulkio.profiles import secret_variable, store_secret

if TYPE_CHECKING:
    from bulkio.cli.terminal import Terminal


@click.command()
@flags.profile
@flags.talking
def login(terminal: Terminal, **given: Any) -> int:
    """Store a profile's credentials in this machine's keyring.

    They are typed unseen, or read from stdin line by line.
    """
    account = accounts.open(given["profile"], config=given["config"])
    name = account.profile.name
    for secret in account.connector.credentials:
        if sys.stdin.isatty():
            value = click.prompt(f"{secret} of {name}", hide_input=True, err=True)
        else:
            value = sys.stdin.readline().strip()
        store_secret(name, secret, value)
    terminal.say(f"Stored {' and '.join(account.connector.credentials)} of {name!r} in the keyring.")
    terminal.note(f"{secret_variable(name, account.connector.credentials[0])} in the environment would override it.")
    return 0
