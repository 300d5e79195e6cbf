"""`bulkio review [FILE|PLAN]`."""

from __future__ import annotations

import sys
import webbrowser
from typing import TYPE_CHECKING, Any

import click

from bulkio import account as accounts
from bulkio.cli import flags

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.cli.terminal import Terminal


@click.command()
@click.argument("file_or_plan", type=flags.PATH, required=False)
@flags.profile
@flags.pace
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: any free one.")
@click.option("--no-browser", is_flag=True, help="Do not open a browser; print the address alone.")
@flags.talking
def review(file_or_plan: Path | None, terminal: Terminal, **given: Any) -> int:
    """The whole second half of the round trip in the browser: check, look at the changes, apply, undo.

    Without a file the page takes up what it was about before. It answers on this machine only, and the address that it
    prints works once, in one browser. Ctrl-C stops it; a run that is under way finishes what is in flight.
    """
    from bulkio.web.server import serve  # noqa: PLC0415 starlette and uvicorn are heavy

    saved = accounts.load_plan(file_or_plan) if file_or_plan and accounts.is_plan_file(file_or_plan) else None
    name = given["profile"] or (saved.origin.profile if saved else None)

    def ready(url: str) -> None:
        print(f"READY {url}", flush=True)
        is_open = not given["no_browser"] and webbrowser.open(url)
        what = "Opened in your browser." if is_open else "Open this address in your browser; it works once."
        if not terminal.quiet:
            print(f"{what} Ctrl-C stops the page.", file=sys.stderr, flush=True)

    with accounts.open(name, config=given["config"]) as account:
        if given["rate"]:
            account.limit_rate(given["rate"])
        serve(account, file_or_plan, port=given["port"], on_ready=ready)
    return 0
