"""The flags that several commands share; each means the same everywhere."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bulkio.account import LAYOUTS, MOST_SLOTS
from bulkio.cli.terminal import Terminal
from bulkio.core.locale import LOCALES
from bulkio.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bulkio.core.options import ImportOptions
    from bulkio.workflows.opened_file import Piped

Command = TypeVar("Command", bound="Callable[..., Any]")

PATH = click.Path(path_type=Path)


def speaking(command: Callable[..., Any]) -> Callable[..., Any]:
    """-q, -v, --json, --no-input: the command gets a `terminal` for them."""

    @click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
    @talking
    @wraps(command)
    def speak(*args: Any, terminal: Terminal, as_json: bool, **rest: Any) -> Any:
        return command(*args, terminal=replace(terminal, as_json=as_json), **rest)

    return speak


def talking(command: Callable[..., Any]) -> Callable[..., Any]:
    """-q, -v, --no-input, of a command that talks to people only."""

    @click.option("-q", "--quiet", is_flag=True, help="Say only what is wrong.")
    @click.option("-v", "--verbose", is_flag=True, help="Say what is done (to stderr).")
    @click.option("--no-input", is_flag=True, help="Never ask.")
    @wraps(command)
    def talk(*args: Any, quiet: bool, verbose: bool, no_input: bool, **rest: Any) -> Any:
        if verbose:
            _log_to_stderr()
        return command(*args, terminal=Terminal(quiet=quiet, no_input=no_input), **rest)

    return talk


def _log_to_stderr() -> None:
    import logging  # noqa: PLC0415 only where it is asked for

    logging.basicConfig(format="%(asctime)s %(name)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("bulkio").setLevel(logging.DEBUG)


def profile(command: Command) -> Command:
    """-p/--profile and --config."""
    command = click.option("--config", type=PATH, help="A configuration file to use first.")(command)
    return click.option("-p", "--profile", help="Which account (see `bulkio profiles`).")(command)


def pace(command: Command) -> Command:
    """--rate."""
    return click.option("--rate", type=click.IntRange(1), help="At most so many requests a minute.")(command)


def layout(command: Command) -> Command:
    """--layout and --slots: how a file is laid out."""
    for option in (
        click.option(
            "--slots",
            type=click.IntRange(1, MOST_SLOTS),
            help="Of a flat sheet: how many of each kind it has room for (default: what there is, 3 to 6).",
        ),
        click.option(
            "--layout",
            type=click.Choice(LAYOUTS),
            default=LAYOUTS[0],
            show_default=True,
            help="A sheet for each kind of record, or one with one row a customer, addresses and contacts beside it.",
        ),
    ):
        command = option(command)
    return command


def reading(command: Command) -> Command:
    """How a file is to be read."""
    for option in (
        click.option("--base", type=PATH, help="What was exported, if the file does not know it itself."),
        click.option(
            "--locale",
            type=click.Choice([name for name in LOCALES if name]),
            help="How decimals, dates and booleans are written.",
        ),
        click.option("--delimiter", help="Of a CSV file, if not recognised; \\t for tab."),
        click.option("--encoding", help="Of a CSV file, if not recognised (utf-8, cp1252, ...)."),
    ):
        command = option(command)
    return command


def meaning(command: Command) -> Command:
    """What rows and cells mean."""
    for option in (
        click.option("--allow-delete", is_flag=True, help="Let rows with DELETE delete."),
        click.option(
            "--on-conflict",
            type=click.Choice(["stop", "skip", "overwrite"]),
            default="stop",
            show_default=True,
            help="A field that others changed too: stop, leave the row out, or let the sheet win.",
        ),
        click.option(
            "--default-command",
            type=click.Choice(["update", "merge", "new"]),
            default="update",
            show_default=True,
            help="What a blank Command means.",
        ),
        click.option(
            "--blank",
            type=click.Choice(["keep", "clear"]),
            default="keep",
            show_default=True,
            help="What an emptied cell means.",
        ),
    ):
        command = option(command)
    return command


def import_options(**flags: Any) -> ImportOptions:
    """The flags of `meaning` and --locale as one object."""
    from bulkio.core.headers import Command as RowCommand  # noqa: PLC0415 pandas is heavy
    from bulkio.core.options import Blank, ImportOptions, OnConflict  # noqa: PLC0415

    return ImportOptions(
        blank=Blank(flags.get("blank", "keep")),
        default_command=RowCommand[flags.get("default_command", "update").upper()],
        on_conflict=OnConflict(flags.get("on_conflict", "stop")),
        allow_delete=bool(flags.get("allow_delete", False)),
        locale=LOCALES[flags.get("locale") or ""],
    )


def pipeable(command: Command) -> Command:
    """--format, for a FILE that is `-`."""
    return click.option(
        "--format", "file_format", type=click.Choice(["csv", "jsonl"]), help="Of what is piped into FILE `-` (csv)."
    )(command)


def reading_options(file: Path | None = None, **flags: Any) -> dict[str, Any]:
    """The flags of `reading` as the library takes them; what is piped, if the file is `-`. Raises UsageError."""
    delimiter = flags.get("delimiter")
    names = {"\\t": "\t", "tab": "\t"}
    return {
        "encoding": flags.get("encoding"),
        "delimiter": names.get(delimiter, delimiter) if delimiter else None,
        "base": flags.get("base"),
        "piped": _piped(file, flags.get("file_format")),
    }


def _piped(file: Path | None, file_format: str | None) -> Piped | None:
    from bulkio.workflows.opened_file import Piped  # noqa: PLC0415 pandas is heavy

    if file != Path("-"):
        if file_format:
            msg = "--format is for a FILE `-`; that of a file is recognised"
            raise UsageError(msg, hint="Leave it out.")
        return None
    if sys.stdin.isatty():
        msg = "nothing is piped into `-`"
        raise UsageError(msg, hint="Name a file, or pipe one in: ... | bulkio check -")
    return Piped(sys.stdin.buffer.read(), file_format or "csv")
