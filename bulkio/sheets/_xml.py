"""Reading XML parts: strictly by events, or in bulk where the text has the plain form that spreadsheet programs write.

The bulk path is three times faster. It proves that it understood all of a block by counting its `<`. At the first block
that holds anything else (a formula, rich text, a comment, a prefix), all the rest goes through the event parser.
"""

from __future__ import annotations

import re
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
_LONGEST_HEAD = 1 << 20  # bytes before the first row: views, column widths
_LONGEST_BLOCK = 1 << 24  # bytes of one element: beyond, searching it again with every chunk would take for ever
_UTF8_DECLARATION = re.compile(rb"""\s*(?:<\?xml version=["']1\.0["'](?: encoding=["'](?i:utf-8)["'])?[^>]*\?>)?\s*""")
_DEFAULT_NAMESPACE = re.compile(rb"""<(?:worksheet|sst)\s[^>]*?xmlns=["']([^"']+)["']""")
_ENTITY = re.compile(r"&([^;&]{0,12};)?")
_NAMED = {"amp;": "&", "lt;": "<", "gt;": ">", "quot;": '"', "apos;": "'"}


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
    stream: IO[bytes],
    *,
    container: str,
    element: str,
    take: Callable[[str], bool],
    parser: Callable[[], expat.XMLParserType],
) -> None:
    """Hand the `element`s within `container` to `take`, many at a time; what it refuses, and all the rest, to a parser.

    `take` gets the text of whole elements and returns False, without having kept any of it, if it is not plain.
    """
    opening, closing, cut = f"<{container}>".encode(), f"</{container}>".encode(), f"<{element}".encode()
    head = b""
    while opening not in head and len(head) < _LONGEST_HEAD and (chunk := stream.read(_CHUNK)):
        head += chunk
    if container == "sst":  # its own root, with attributes
        found = re.search(rb"<sst\s[^>]*>", head)
        start = found.end() if found else -1
    else:
        start = head.find(opening) + len(opening) if opening in head else -1
    namespace = _plain_namespace(head)
    if start < 0 or not namespace:
        parse(parser(), stream, head)
        return
    block = head[start:]
    while True:
        end = block.find(closing)
        at = block.rfind(cut) if end < 0 else end
        if at > 0 and not take(block[:at].decode("utf-8")):
            break
        if end >= 0:
            return
        if at > 0:
            block = block[at:]
        chunk = stream.read(_CHUNK) if len(block) < _LONGEST_BLOCK else b""
        if not chunk:
            break  # the part ends too early, or is strange: that is for the parser
        block += chunk
    parse(parser(), stream, head[:start] + block)


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
