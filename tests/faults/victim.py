"""The real command line, in a process that can be killed: forked from one that has everything imported already.

Commands import what they need when they need it, so that a process of its own would spend most of its life, and meet
most of its deaths, importing.
"""

from __future__ import annotations

import multiprocessing
import os
import pkgutil
from importlib import import_module
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import filelock  # noqa: F401
import httpx  # noqa: F401
import pytest

from bulkio.cli.main import main

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # what is to be forked has no threads
for package in map(import_module, ("bulkio.store", "bulkio.http", "bulkio.sheets", "bulkio.workflows", "bulkio.cli")):
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)
for name in ("bulkio.connectors.unleashed.connector", "bulkio.cli.commands.apply", "bulkio.cli.commands.resume"):
    import_module(name)

_IMPORTED_BY = os.getpid()


def forks() -> Any:
    """What starts processes that have this module imported.

    The server that they are forked from looks for it where any Python does, not where this process would, and goes on
    without a word if it does not find it.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
        forkserver.ensure_running()
    return context


def run(arguments: list[str], environment: dict[str, str], output: Path) -> None:
    """`bulkio ARGUMENTS`, its output in a file."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(output.parent)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    assert os.getpid() != _IMPORTED_BY, "it had to import everything itself"
    main(arguments)
