"""`bulkio profiles`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bulkio.cli import flags
from bulkio.profiles import profile_names

if TYPE_CHECKING:
    from bulkio.cli.terminal import Terminal


@click.command()
@click.option("--config", type=flags.PATH, help="A configuration file to use first.")
@flags.speaking
def profiles(terminal: Terminal, **given: Any) -> int:
    """The accounts that are configured, each with where it comes from."""
    names = profile_names(given["config"])
    if terminal.as_json:
        terminal.document(
            {"schema": "bulkio.profiles/1", "profiles": [{"name": n, "source": s} for n, s in names.items()]}
        )
        return 0
    for name, source in names.items():
        terminal.say(f"{name}  ({source})")
    if not names:
        terminal.say("No account is configured. `bulkio demo` needs none; README shows how to configure one.")
    return 0
