"""The command line's pages: every command and flag is in them, and the generated one is fresh."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from make_commands import commands_page

from bulkio.cli.exit_status import ExitStatus
from bulkio.cli.main import bulkio as group

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = click.Context(group, info_name="bulkio")
COMMANDS = group.list_commands(CONTEXT)
COMMANDS_PAGE = ROOT / "docs" / "commands.md"


def test_the_reference_is_fresh() -> None:
    assert COMMANDS_PAGE.read_text(encoding="utf-8") == commands_page(), "run python tests/docs/regenerate.py"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_and_has_help(name: str) -> None:
    command = group.get_command(CONTEXT, name)
    assert command is not None
    assert command.help
    assert f"## bulkio {name}\n" in COMMANDS_PAGE.read_text(encoding="utf-8")
    unexplained = [each.name for each in command.params if isinstance(each, click.Option) and not each.help]
    assert not unexplained


def test_every_flag_is_explained_on_the_page_of_flags() -> None:
    page = (ROOT / "docs" / "flags.md").read_text(encoding="utf-8")
    commands = [group.get_command(CONTEXT, name) for name in COMMANDS]
    flags = {
        option.opts[-1]
        for command in commands
        if command
        for option in command.params
        if isinstance(option, click.Option)
    }
    assert {flag for flag in flags if f"`{flag}" not in page} == set()


def test_no_page_names_a_flag_or_a_command_that_is_not_there() -> None:
    commands = {name: group.get_command(CONTEXT, name) for name in COMMANDS}
    known = {"--help", "--version", *(flag for c in commands.values() if c for p in c.params for flag in p.opts)}
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = page.read_text(encoding="utf-8")
        used = {
            flag for span in re.findall(r"`([^`\n]+)`", text) for flag in re.findall(r"(?<![\w-])--[a-z][a-z-]*", span)
        }
        assert used - known - {"--check"} == set(), page.name  # ruff format --check is for developers
        assert set(re.findall(r"`bulkio ([a-z]+)", text)) <= set(commands), page.name


def test_the_exit_statuses_are_those_of_the_program() -> None:
    page = (ROOT / "docs" / "flags.md").read_text(encoding="utf-8")
    listed = [int(number) for number in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)]
    assert listed == [int(status) for status in ExitStatus]
