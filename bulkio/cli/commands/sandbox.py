"""`bulkio sandbox`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from bulkio.cli import flags

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--customers", type=click.IntRange(0), default=50, show_default=True, help="How many to invent.")
@click.option("--seed", type=int, default=1, show_default=True, help="What they are invented from.")
@click.option("--faults", type=flags.PATH, help="A JSON file of faults to play.")
@click.option("--state", type=flags.PATH, help="A SQLite file to keep the data in.")
@click.option(
    "--limit-per-minute", type=click.IntRange(0), default=0, show_default=True, help="Refuse what is more; 0: never."
)
def sandbox(  # noqa: PLR0913 each is a flag of its own
    *, port: int, host: str, customers: int, seed: int, faults: Path | None, state: Path | None, limit_per_minute: int
) -> int:
    """A local server that speaks the ERPs' protocols strictly; id, key and token are all `sandbox`.

    It listens on loopback only, prints READY and its address once it answers, and serves until Ctrl-C.
    """
    from bulkio.sandbox import SandboxOptions, serve  # noqa: PLC0415 starlette and uvicorn are heavy

    options = SandboxOptions(
        host=host,
        port=port,
        customers=customers,
        seed=seed,
        faults=faults,
        state=state,
        limit_per_minute=limit_per_minute,
    )

    def ready(url: str) -> None:
        print(f"READY {url}", flush=True)
        print(*greeting(url), sep="\n", file=sys.stderr)

    serve(options, ready)
    return 0


def greeting(url: str) -> list[str]:
    """What is said to people, line by line, once the sandbox answers at `url`."""
    from bulkio.sandbox import base_urls  # noqa: PLC0415 starlette and uvicorn are heavy

    profiles = [f"{erp}: base_url {base_url}" for erp, base_url in base_urls(url).items()]
    return [*profiles, "Credentials: id, key and token are `sandbox`. Ctrl-C stops it."]
