"""The real command line, in a process that can be killed: forked from one that has everything imported already."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import httpx  # noqa: F401

from bulkio.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


def run(arguments: list[str], environment: dict[str, str], output: Path) -> None:
    """`bulkio ARGUMENTS`, its output in a file."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(output.parent)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    main(arguments)
