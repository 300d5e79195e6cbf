"""The texts that several cells of a workbook point at, as Excel itself keeps them: each once, in a part of its own.

Not all texts are in it: those that hardly repeat (ids, codes) stand in their cells, so that they need not be held.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bulkio.sheets._cells import escape
from bulkio.sheets._xml import escape_entities

if TYPE_CHECKING:
    from collections.abc import Iterator

PART: Final = "xl/sharedStrings.xml"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="0" uniqueCount="0">'
)
_COUNTS = re.compile(r' count="([0-9]+)" uniqueCount="([0-9]+)">')
_AT_ONCE = 10_000


class SharedStrings:
    """The texts of a part, and those that are added behind them."""

    def __init__(self, part: str) -> None:
        """`part` as it is in the shell; "" if there is none."""
        self._head, _, _ = (part or f"{_HEAD}</sst>").rpartition("</sst>")
        found = _COUNTS.search(self._head)
        if found is None:  # xlsxwriter always writes them
            msg = "the shared strings are not counted"
            raise ValueError(msg)
        self._uses, self._first = int(found[1]), int(found[2])
        self._added: dict[str, int] = {}

    def index(self, text: str) -> int:
        """Where the text stands."""
        return self._added.setdefault(text, self._first + len(self._added))

    def count_uses(self, number: int) -> None:
        """So many cells more point here."""
        self._uses += number

    def blocks(self) -> Iterator[bytes]:
        """The part, some texts at a time."""
        counts = f' count="{self._uses}" uniqueCount="{self._first + len(self._added)}">'
        yield _COUNTS.sub(counts, self._head, count=1).encode()
        texts = list(self._added)
        for start in range(0, len(texts), _AT_ONCE):
            yield "".join([f"<si>{text_element(text)}</si>" for text in texts[start : start + _AT_ONCE]]).encode()
        yield b"</sst>"


def text_element(text: str) -> str:
    """A text as an element, so that it comes back as it is, white space and all."""
    space = "" if text == text.strip() else ' xml:space="preserve"'
    return f"<t{space}>{escape_entities(escape(text))}</t>"


def with_content_type(types: str) -> str:
    """The package's list of parts, with this one."""
    if _TYPE in types:
        return types
    return types.replace("</Types>", f'<Override PartName="/{PART}" ContentType="{_TYPE}"/></Types>')


def with_relationship(relations: str) -> str:
    """The workbook's list of parts, with this one."""
    if _RELATION in relations:
        return relations
    own = f'<Relationship Id="rIdStrings" Type="{_RELATION}" Target="sharedStrings.xml"/>'
    return relations.replace("</Relationships>", f"{own}</Relationships>")
