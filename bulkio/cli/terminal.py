"""What the commands say and ask: data to stdout; progress, warnings and questions to stderr.

Everything that comes from a sheet or an ERP is stripped of control characters first: a customer's name must not be able
to drive the terminal.
"""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bulkio.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

#: What a terminal acts on, and what it does not show at all.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_COLOURS = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "bold": "1", "dim": "2"}
_OURS = re.compile(rf"(\x1b\[(?:{'|'.join((*_COLOURS.values(), '0'))})m)")


def printable(text: str) -> str:
    """The text in one line, without anything that a terminal would act on or hide."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\n", "\\n").replace("\t", " "))


def _harmless(text: str) -> str:
    """A text that is to be printed, with its lines and our own colours: whatever came into it from elsewhere.

    Callers use `printable` for what may hold line ends; this is for the path or the note that none thought of.
    """
    parts = _OURS.split(text)
    return "".join(part if at % 2 else _CONTROL.sub("\N{REPLACEMENT CHARACTER}", part) for at, part in enumerate(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """How to talk: `quiet` says only what is wrong, `as_json` puts one document on stdout and no text."""

    quiet: bool = False
    as_json: bool = False
    no_input: bool = False

    def say(self, text: str = "") -> None:
        """A line of the answer, for people; stdout, unless stdout is for a document."""
        if not self.quiet:
            print(_harmless(text), file=sys.stderr if self.as_json else sys.stdout)

    def insist(self, text: str) -> None:
        """A line of the answer that says what is wrong: `say`, even if quiet."""
        print(_harmless(text), file=sys.stderr if self.as_json else sys.stdout)

    def note(self, text: str) -> None:
        """A line beside the answer; stderr."""
        if not self.quiet:
            print(_harmless(text), file=sys.stderr)

    def warn(self, text: str) -> None:
        """A line that must be seen; stderr, even if quiet."""
        print(_harmless(self.colour(text, "yellow", stream=sys.stderr)), file=sys.stderr)

    def document(self, content: dict[str, Any]) -> None:
        """The JSON document on stdout, with escapes for what a terminal would act on or hide."""
        text = json.dumps(content, ensure_ascii=False, indent=2)
        print(_CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))

    def colour(self, text: str, name: str, stream: Any = None) -> str:
        """The text in a colour, if the stream is a terminal that wants any (https://no-color.org)."""
        target = stream or sys.stdout
        if not target.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return text
        return f"\x1b[{_COLOURS[name]}m{text}\x1b[0m"

    @property
    def can_ask(self) -> bool:
        """Whether there is a person at the other end."""
        return not self.no_input and sys.stdin.isatty() and sys.stderr.isatty()

    def ask(self, question: str) -> str:
        """Ask on stderr; the answer without blanks around it. Raises UsageError if nobody can answer."""
        if not self.can_ask:
            msg = "this needs an answer, and there is no terminal to ask on"
            raise UsageError(msg, hint="Use --yes (and --confirm ACCOUNT for a live account).")
        print(_harmless(question) + " ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip()

    def counter(self, what: str) -> Callable[[int, int | None], None]:
        """A progress bar to be told (done, total); nothing where there is no terminal."""
        if self.quiet or not sys.stderr.isatty():
            return lambda _done, _total: None
        from tqdm import tqdm  # noqa: PLC0415 only where a bar is shown

        bar = tqdm(desc=what, unit="", file=sys.stderr, leave=False, disable=None)

        def count(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)
            if total is not None and done >= total:
                bar.close()

        return count
