"""A small XML part as bytes and the elements in it, each with where it stands, so that one can be changed in place.

Everything that is not changed stays byte for byte as it was: prefixes, extensions, blanks, the order of attributes.
Not for worksheets' rows: those are streamed (`_patch_rows.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENCODING = re.compile(rb"""<\?xml[^>]*?encoding=["']([^"']+)["']""")
_START_TAG = re.compile(rb"""<[^\s/>]+(?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?>""")


class UnpatchableError(Exception):
    """The file is spelled in a way that is not changed in place safely; another way has to be taken."""


@dataclass(slots=True)
class Node:
    """One element: its name as written, and where its start tag, its content and itself begin and end."""

    name: str
    attributes: dict[str, str]
    start: int
    inner: int = 0
    inner_end: int = 0
    end: int = 0
    children: list[Node] = field(default_factory=list)

    @property
    def local(self) -> str:
        """The name without its prefix."""
        return self.name.rpartition(":")[2]

    def child(self, local: str) -> Node | None:
        """The first child of that name."""
        return next((child for child in self.children if child.local == local), None)

    def all(self, local: str) -> Iterator[Node]:
        """All children of that name."""
        return (child for child in self.children if child.local == local)


class Document:
    """A part, its root element, and the changes to be made to it."""

    def __init__(self, content: bytes) -> None:
        """Raises UnpatchableError if it is not UTF-8 or not well-formed."""
        self.content = content
        self._changes: list[tuple[int, int, int, bytes]] = []
        encoding = _ENCODING.match(content.removeprefix(b"\xef\xbb\xbf"))
        if encoding and encoding[1].lower() != b"utf-8":
            raise UnpatchableError
        self.root = _parsed(content)

    def text(self, node: Node) -> str:
        """What stands between an element's tags, as written."""
        return self.content[node.inner : node.inner_end].decode()

    def source(self, node: Node) -> str:
        """The whole element as written."""
        return self.content[node.start : node.end].decode()

    def replace(self, start: int, end: int, text: str) -> None:
        """Put `text` where `start` to `end` is; several insertions at one place keep their order."""
        self._changes.append((start, end, len(self._changes), text.encode()))

    def replace_node(self, node: Node, text: str = "") -> None:
        """Put `text` in an element's place."""
        self.replace(node.start, node.end, text)

    def append(self, node: Node, text: str) -> None:
        """Add `text` as an element's last content."""
        if node.inner == node.end:  # <a/>
            tag = self.content[node.start : node.end].decode()
            self.replace(node.start, node.end, f"{tag[: tag.rindex('/')].rstrip()}>{text}</{node.name}>")
        else:
            self.replace(node.inner_end, node.inner_end, text)

    def set(self, node: Node, **attributes: str) -> None:
        """Give an element's attributes new values. Its start tag must not be changed otherwise."""
        tag = with_attributes(self.content[node.start : node.inner].decode(), **attributes)
        self.replace(node.start, node.inner, tag)

    def changed(self) -> bytes:
        """The part with all changes."""
        pieces = []
        at = 0
        for start, end, _, text in sorted(self._changes):
            if start < at:
                msg = "two changes of one place"
                raise UnpatchableError(msg)
            pieces += [self.content[at:start], text]
            at = end
        return b"".join([*pieces, self.content[at:]])


def with_attributes(tag: str, **attributes: str) -> str:
    """A start tag with other values of some attributes."""
    for name, value in attributes.items():
        spelled = f'{name}="{value}"'
        pattern = rf"""(?<=\s){name}\s*=\s*(?:"[^"]*"|'[^']*')"""
        tag, found = re.subn(pattern, spelled.replace("\\", r"\\"), tag, count=1)
        if not found:
            end = -2 if tag.endswith("/>") else -1
            tag = f"{tag[:end].rstrip()} {spelled}{tag[end:]}"
    return tag


def without_attributes(tag: str, *names: str) -> str:
    """A start tag without some attributes."""
    for name in names:
        tag = re.sub(rf"""\s+{name}\s*=\s*(?:"[^"]*"|'[^']*')""", "", tag, count=1)
    return tag


def _parsed(content: bytes) -> Node:
    top = Node("", {}, 0)
    path = [top]
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        node = Node(name, attributes, parser.CurrentByteIndex)
        tag = _START_TAG.match(content, node.start)
        if tag is None:
            raise UnpatchableError
        node.inner = tag.end()
        path[-1].children.append(node)
        path.append(node)

    def end(_: str) -> None:
        node = path.pop()
        if content[node.inner - 2 : node.inner] == b"/>":
            node.inner_end = node.end = node.inner
        else:
            node.inner_end = parser.CurrentByteIndex
            node.end = content.index(b">", node.inner_end) + 1

    def refuse(*_: object) -> None:
        raise UnpatchableError

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)  # noqa: FBT003 - positional only
    except expat.ExpatError as exc:
        raise UnpatchableError from exc
    return top.children[0]
