"""Reading XML parts: strictly by events, or in bulk where the text has the plain form that spreadsheet programs write.

The bulk path is many times faster. It takes a block only if it can prove that it understood all of it. A block that
holds anything else (a formula, rich text, a prefix) goes through the event parser, which has seen the part's head and
sees no more than such blocks; and from a comment or the like on, where a block may not be what it seems, all the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable

# The second one is "strict" OOXML, which Excel offers under Save As.
MAIN_NAMESPACES: Final = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_CHUNK = 1 << 18
_BLOCK = 1 << 19  # bytes: each block costs some hundred calls, and has to stay near the processor
_LONGEST_HEAD = 1 << 20  # bytes before the first row: views, column widths
_LONGEST_BLOCK = 1 << 24  # bytes of one element: beyond, searching it again with every chunk would take for ever
_UTF8_DECLARATION = re.compile(rb"""\s*(?:<\?xml version=["']1\.0["'](?: encoding=["'](?i:utf-8)["'])?[^>]*\?>)?\s*""")
_DEFAULT_NAMESPACE = re.compile(rb"""<(?:worksheet|sst)\s[^>]*?xmlns=["']([^"']+)["']""")
_DECLARATION = re.compile(rb"<[!?]")  # a comment, CDATA, an instruction: may hold what looks like an element
_ENTITY = re.compile(r"&([^;&]{0,12};)?")
_NAMED = {"amp;": "&", "lt;": "<", "gt;": ">", "quot;": '"', "apos;": "'"}


@dataclass(frozen=True, slots=True)
class Events:
    """An event parser with its handlers; `is_between` says whether it stands between two elements of the container."""

    parser: expat.XMLParserType
    is_between: Callable[[], bool]


def make_parser() -> expat.XMLParserType:
    """A parser that knows namespaces (names are `uri local`), joins text, and refuses document types."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = 1 << 16
    parser.StartDoctypeDeclHandler = _refuse_document_type
    return parser


def local_name(tag: str) -> str:
    """An element's name without its namespace."""
    return tag.rpartition(" ")[2]


def parse(parser: expat.XMLParserType, stream: IO[bytes], first: bytes = b"") -> None:
    """Parse `first` and then the stream to its end, or until a handler raises `StopIteration`."""
    try:
        if first:
            parser.Parse(first, False)  # noqa: FBT003 - positional only
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)  # noqa: FBT003
        parser.Parse(b"", True)  # noqa: FBT003
    except StopIteration:
        return


def parse_blocks(
    stream: IO[bytes], *, container: str, element: str, take: Callable[[bytes], bool], events: Events
) -> None:
    """Hand out the elements of `container` in blocks of whole `element`s, to `take` or to the event parser.

    `take` says whether a block was plain; it must not have taken any of it, if it is not plain.
    """
    closing, cut = f"</{container}>".encode(), f"<{element}".encode()
    head, block = _head_of(stream, container)
    if not head or not _parse_some(events, head):
        parse(events.parser, stream, block)
        return
    while True:
        end = block.find(closing)
        at = max(0, end if end >= 0 else block.rfind(cut))
        if at and not take(block[:at]):
            if _DECLARATION.search(block, 0, at):
                break
            is_whole = _parse_some(events, block[:at])
            if not is_whole:
                block = block[at:]
                break
        if end >= 0:
            return
        block = block[at:]
        chunk = stream.read(_BLOCK) if len(block) < _LONGEST_BLOCK else b""
        if not chunk:
            break  # the part ends too early, or is strange: that is for the parser
        block += chunk
    parse(events.parser, stream, block)


def _head_of(stream: IO[bytes], container: str) -> tuple[bytes, bytes]:
    """All up to the start of the container, and what was read of its content; no head if it is not a plain one."""
    opening = f"<{container}>".encode()
    head = b""
    while opening not in head and len(head) < _LONGEST_HEAD and (chunk := stream.read(_CHUNK)):
        head += chunk
    if container == "sst":  # its own root, with attributes
        found = re.search(rb"<sst\s[^>]*>", head)
        start = found.end() if found else -1
    else:
        start = head.find(opening) + len(opening) if opening in head else -1
    return (head[:start], head[start:]) if start > 0 and _plain_namespace(head) else (b"", head)


def _parse_some(events: Events, some: bytes) -> bool:
    """Parse what may be a head, or whole elements: whether it is.

    The comment makes an unfinished tag at the end the error that it is: the parser would wait for the rest of it.
    """
    events.parser.Parse(some + b"<!---->", False)  # noqa: FBT003 - positional only
    return events.is_between()


def unescape_entities(text: str) -> str:
    """`&amp;` and friends. Raises ValueError for an entity that XML does not have."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def escape_entities(text: str) -> str:
    """The inverse, for text between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _character(match: re.Match[str]) -> str:
    name = match[1]
    if name in _NAMED:
        return _NAMED[name]
    if name and name.startswith("#x"):
        return chr(int(name[2:-1], 16))
    if name and name.startswith("#"):
        return chr(int(name[1:-1]))
    msg = f"there is no entity {match[0]}"
    raise ValueError(msg)


def _plain_namespace(head: bytes) -> bytes:
    """The namespace, if it is the default one of a UTF-8 part; else nothing."""
    start = _UTF8_DECLARATION.match(head.removeprefix(b"\xef\xbb\xbf"))
    root = _DEFAULT_NAMESPACE.match(head.removeprefix(b"\xef\xbb\xbf"), start.end()) if start else None
    if root is None or root[1].decode("latin-1") not in MAIN_NAMESPACES:
        return b""
    return root[1]


def _refuse_document_type(*_: object) -> None:
    msg = "a part declares a document type"
    raise ValueError(msg)
