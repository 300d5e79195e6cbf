"""The ```console blocks of a page, run as they stand, in order, in a fresh folder, against a sandbox of their own.

What is written is what is run; only what differs from machine to machine is made alike first:

- `http://127.0.0.1:8123` is the page's sandbox, wherever it really listens, and `/home/you` the folder.
- Run ids (20260102T030405-a1b2c3): the page's first stands for the first that appears, and so on, in commands too.
- Times of day (2026-01-02T03:04:05Z), GUIDs and fingerprints of 16 or more hexadecimal digits count as equal, and so
  does more than one blank within a line (tables are as wide as an address).
- A line of three dots stands for any lines, three dots after a blank for the rest of their line.

Lines that are no commands of a shell:

- `$ # edit FILE: Sheet!A1 = value` is what a person does in a spreadsheet program; the rest of the line is text.
  `Sheet!A1 = ` empties the cell.
- `$ bulkio sandbox ...` starts the page's sandbox instead of waiting for it.

`<!-- sandbox --customers 12 -->` before the first block starts one with the environment set as docs/connect.md says. A
command must end well, unless the page asks with `$ echo $?`.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import openpyxl

from bulkio.cli.commands.sandbox import greeting
from bulkio.cli.main import bulkio as group
from bulkio.cli.main import main
from bulkio.sandbox import SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URL = "http://127.0.0.1:8123"
HOME = "/home/you"

_BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SANDBOX = re.compile(r"^<!-- sandbox(.*?)-->", re.MULTILINE)
_EDIT = re.compile(r"# edit (?P<file>\S+): (?P<sheet>\w+)!(?P<cell>[A-Z]+\d+) = ?(?P<value>.*)")
_RUN = re.compile(r"\b\d{8}T\d{6}-[0-9a-f]{6}\b")
_ALIKE = (
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "GUID"),
    (re.compile(r"\b[0-9a-f]{16,64}\b"), "FINGERPRINT"),
    (re.compile(r"(?<=\S) {2,}"), "  "),
)


@dataclass(frozen=True)
class Step:
    """One command of a page, with the output that the page promises."""

    line: int
    command: str
    promised: tuple[str, ...]


def steps_of(text: str) -> list[Step]:
    """All commands of a page."""
    steps = []
    for block in _BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1)) + 1
        found: list[tuple[int, str, list[str]]] = []
        for number, line in enumerate(block[1].splitlines(), start=first):
            if line.startswith("$ "):
                found.append((number, line[2:], []))
            elif found:
                found[-1][2].append(line)
        steps += [Step(number, command, tuple(lines)) for number, command, lines in found]
    return steps


@dataclass
class Reader:
    """Somebody who does what a page says; `folder` is where."""

    folder: Path
    stack: ExitStack
    url: str = ""
    status: int = 0
    runs: dict[str, str] = field(default_factory=dict)  # as the page has it -> as it is

    def do(self, step: Step) -> str:
        """Run it; what it printed."""
        command = step.command.replace(URL, self.url or URL).replace(HOME, str(self.folder))
        command = _RUN.sub(lambda found: self.runs.get(found[0], found[0]), command)
        if command.startswith("#"):
            return self._edit(command)
        if command.startswith("export "):
            os.environ.update(each.split("=", 1) for each in shlex.split(command)[1:])
            return ""
        if command == "echo $?":
            return str(self.status)
        if command.startswith("bulkio sandbox "):
            return self.start_sandbox(command.removeprefix("bulkio sandbox"))
        if command.startswith("bulkio ") and not re.search(r"[|;&<>]", command):
            return self._bulkio(shlex.split(command)[1:])
        return self._shell(command)

    def start_sandbox(self, flags: str) -> str:
        """The page's sandbox, on any free port."""
        given = group.get_command(None, "sandbox").make_context("sandbox", shlex.split(flags)).params  # type: ignore[union-attr,arg-type]
        sandbox = self.stack.enter_context(running(SandboxOptions(**{**given, "port": 0})))
        self.url = sandbox.url
        return "\n".join([f"READY {self.url}", *greeting(self.url)])

    def _bulkio(self, arguments: list[str]) -> str:
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        stdin, sys.stdin = sys.stdin, io.StringIO()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                main(arguments)
        except SystemExit as ended:
            self.status = int(ended.code or 0)
        finally:
            sys.stdin = stdin
        out.flush()
        return out.buffer.getvalue().decode()  # type: ignore[attr-defined]

    def _shell(self, command: str) -> str:
        itself = f'bulkio() {{ {shlex.quote(sys.executable)} -m bulkio "$@"; }}; set -o pipefail; '
        done = subprocess.run(  # noqa: S603 what our own page says
            ["bash", "-c", itself + command],  # noqa: S607 every machine that runs the tests has one
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
            encoding="utf-8",
        )
        self.status = done.returncode
        return done.stdout

    def _edit(self, comment: str) -> str:
        edit = _EDIT.fullmatch(comment)
        assert edit, f"not an edit that this can do: {comment}"
        book = openpyxl.load_workbook(self.folder / edit["file"])
        book[edit["sheet"]][edit["cell"]].value = edit["value"].strip() or None
        book.save(self.folder / edit["file"])
        return ""

    def comparable(self, step: Step, printed: str) -> tuple[list[str], list[str]]:
        """What the page promises and what came, both without what differs from machine to machine."""
        printed = printed.replace(self.url or URL, URL).replace(str(self.folder), HOME)
        promised = "\n".join(step.promised)
        for told, real in zip(_RUN.findall(promised), _RUN.findall(printed), strict=False):
            if real not in self.runs.values():
                self.runs.setdefault(told, real)
        for told, real in self.runs.items():
            printed = printed.replace(real, told)
        return _alike(promised), _alike(printed)


def _alike(text: str) -> list[str]:
    for pattern, word in _ALIKE:
        text = pattern.sub(word, text)
    return [line.rstrip() for line in text.strip().splitlines()]


def fits(promised: list[str], printed: list[str]) -> bool:
    """Whether the lines are the promised ones, three dots standing for what is left out."""
    return bool(re.fullmatch("".join(map(_pattern, promised)), "".join(line + "\n" for line in printed)))


def _pattern(line: str) -> str:
    if line.strip() == "...":
        return "(.*\n)*?"
    return re.escape(line[:-3]) + ".*\n" if line.endswith(" ...") else re.escape(line) + "\n"


@contextlib.contextmanager
def reader_of(text: str, folder: Path) -> Iterator[Reader]:
    """A reader of the page in a folder (the current one), whose environment is the caller's to restore."""
    with ExitStack() as stack:
        reader = Reader(folder, stack)
        if wanted := _SANDBOX.search(text):
            reader.start_sandbox(wanted[1])
            given = {"ERP": "unleashed", "BASE_URL": reader.url, "API_ID": "sandbox", "API_KEY": "sandbox"}
            os.environ.update({f"BULKIO_{name}": value for name, value in given.items()})
        yield reader
