"""A sheet's notes: their texts (the comments part) and their boxes (the VML part), changed in place.

People's notes stay as they are, colours and all; ours come below a rule, and are taken off where they stood before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import unescape as unescape_xml

from bulkio.sheets import _style
from bulkio.sheets._cells import column_letter, column_number
from bulkio.sheets._marks import AUTHOR, RULE
from bulkio.sheets._nodes import Document, UnpatchableError
from bulkio.sheets._xml import escape_entities

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bulkio.sheets._nodes import Node

Place = tuple[int, int]  # row, column, both from 1

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_NAMESPACES: Final = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_EMPTY_COMMENTS: Final = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{_MAIN}"><authors></authors>'
    "<commentList></commentList></comments>"
).encode()
_EMPTY_BOXES: Final = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    b' xmlns:x="urn:schemas-microsoft-com:office:excel">'
    b'<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="1"/></o:shapelayout>'
    b'<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    b'<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
)
_BOX: Final = (
    '<{v}:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:59.25pt;'
    'margin-top:1.5pt;width:{width}px;height:{height}px;z-index:1;visibility:hidden" fillcolor="#fffdf3"'
    ' {o}:insetmode="auto"><{v}:fill color2="#fffdf3"/><{v}:shadow on="t" color="black" obscured="t"/>'
    '<{v}:path {o}:connecttype="none"/><{v}:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div>'
    '</{v}:textbox><{x}:ClientData ObjectType="Note"><{x}:MoveWithCells/><{x}:SizeWithCells/>'
    "<{x}:AutoFill>False</{x}:AutoFill><{x}:Row>{row}</{x}:Row><{x}:Column>{column}</{x}:Column></{x}:ClientData>"
    "</{v}:shape>"
)
_RUN: Final = '<r><rPr><sz val="10"/><rFont val="Calibri"/></rPr><t xml:space="preserve">{}</t></r>'
_EMPTY_RUN = re.compile(r"<r>(?:<rPr>(?:(?!</rPr>).)*</rPr>)?<t(?:\s[^>]*)?></t></r>$", re.DOTALL)
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]+)")
_SHAPE_NUMBER = re.compile(rb"_x0000_s([0-9]{1,9})\b")
_ANCHOR_ROWS = (2, 6)  # of the eight numbers that say where a box is


@dataclass(frozen=True, slots=True)
class NoteParts:
    """The two parts, changed."""

    comments: bytes
    boxes: bytes


class Notes:
    """The notes of one sheet; either part may be missing."""

    def __init__(self, comments: bytes | None, boxes: bytes | None) -> None:
        """Raises UnpatchableError for a spelling that is not understood in full."""
        if comments is not None and boxes is None:
            raise UnpatchableError
        self._comments = Document(comments or _EMPTY_COMMENTS)
        self._boxes = Document(boxes or _EMPTY_BOXES)
        root = self._comments.root
        authors, listed = root.child("authors"), root.child("commentList")
        if root.name != "comments" or authors is None or listed is None:
            raise UnpatchableError
        self._authors, self._list = authors, listed
        self._by_place = {_place(node.attributes.get("ref", "")): node for node in listed.all("comment")}
        if len(self._by_place) != len(listed.children):
            raise UnpatchableError
        self._shapes = self._find_shapes()
        self._known_authors = [self._comments.text(author) for author in authors.all("author")]
        self._is_author_added = False

    @property
    def ours(self) -> set[Place]:
        """The cells on which a note of an earlier copy hangs."""
        return {place for place, node in self._by_place.items() if RULE in self._comments.source(node)}

    def rewritten(self, added: Mapping[Place, str], row_of: Callable[[int], int | None]) -> NoteParts:
        """Our notes replaced by those `added` (as they are written in XML, without its entities).

        `row_of` tells where a row went, None if it is gone; the cells of `added` are those of before.
        """
        boxes: dict[Place, str] = {}  # to be drawn
        gone: set[Place] = set()
        ours = self.ours
        for place, node in self._by_place.items():
            row = row_of(place[0])
            new = added.get(place, "")
            before = self._person_text(node)
            if row is None or (place in ours and not before and not new):
                self._comments.replace_node(node)
                gone.add(place)
                continue
            if self._is_thread(node) and new:
                raise UnpatchableError  # a note below a conversation is not shown
            if new or place in ours:
                self._set_text(node, before, new)
                gone.add(place)
                boxes[row, place[1]] = self._plain(before) + new
            elif row != place[0]:
                self._move_box(place, row)
            if row != place[0]:
                tag = self._comments.content[node.start : node.inner].decode()
                moved = tag.replace(f'"{node.attributes["ref"]}"', f'"{column_letter(place[1])}{row}"', 1)
                self._comments.replace(node.start, node.inner, moved)
        fresh = {place: text for place, text in added.items() if place not in self._by_place}
        for (before_row, column), text in fresh.items():
            if (row := row_of(before_row)) is not None:
                boxes[row, column] = text
                self._add(row, column, text)
        self._draw(gone, boxes)
        return NoteParts(self._comments.changed(), self._boxes.changed())

    # --- texts -------------------------------------------------------------------------------------------------------

    def _person_text(self, node: Node) -> str:
        """The content of a note's text element without ours; "" if nothing is left."""
        text = node.child("text")
        if text is None:
            raise UnpatchableError
        content = self._comments.text(text)
        before, is_ours, _ = content.partition(RULE)
        if is_ours:
            before = re.sub(r"(?:\s|&#10;|&#13;|_x000D_)+$", "", before)
            if before.rfind("<t") > before.rfind("</t>"):
                before += "</t>"
            if re.search(r"<r>(?:(?!</r>).)*$", before, re.DOTALL):
                before += "</r>"
            before = _EMPTY_RUN.sub("", before)  # the one that held ours alone
        return before if self._plain(before).strip() or not is_ours else ""

    @staticmethod
    def _plain(content: str) -> str:
        return unescape_xml("".join(re.findall(r"<t(?:\s[^>]*)?>([^<]*)</t>", content)))

    def _set_text(self, node: Node, before: str, new: str) -> None:
        text = node.child("text")
        if text is None or "<rPh" in before or "<phoneticPr" in before:
            raise UnpatchableError
        ours = ""
        if new:
            ours = _RUN.format(escape_entities(f"\n{RULE}\n{new}" if before else f"{RULE}\n{new}"))
            if before and not before.lstrip().startswith("<r>"):
                before = f"<r>{before}</r>"
        self._comments.replace(text.start, text.end, f"<text>{before}{ours}</text>")

    def _is_thread(self, node: Node) -> bool:
        """Whether the note stands for a conversation (Excel shows that instead)."""
        number = int(node.attributes.get("authorId", "0"))
        return number < len(self._known_authors) and self._known_authors[number].startswith("tc=")

    def _add(self, row: int, column: int, new: str) -> None:
        known = self._known_authors
        if AUTHOR in known:
            number = known.index(AUTHOR)
        else:
            number = len(known)
            if not self._is_author_added:
                self._comments.append(self._authors, f"<author>{AUTHOR}</author>")
                self._is_author_added = True
        run = _RUN.format(escape_entities(f"{RULE}\n{new}"))
        reference = f"{column_letter(column)}{row}"
        self._comments.append(
            self._list, f'<comment ref="{reference}" authorId="{number}"><text>{run}</text></comment>'
        )

    # --- boxes -------------------------------------------------------------------------------------------------------

    def _find_shapes(self) -> dict[Place, Node]:
        shapes: dict[Place, Node] = {}
        for shape in self._boxes.root.all("shape"):
            data = shape.child("ClientData")
            if data is not None and data.attributes.get("ObjectType") == "Note":
                row, column = data.child("Row"), data.child("Column")
                if row is None or column is None:
                    raise UnpatchableError
                shapes[int(self._boxes.text(row)) + 1, int(self._boxes.text(column)) + 1] = shape
        return shapes

    def _move_box(self, place: Place, row: int) -> None:
        shape = self._shapes.get(place)
        data = shape.child("ClientData") if shape else None
        if data is None:
            raise UnpatchableError
        for child in data.children:
            if child.local == "Row":
                self._boxes.replace(child.inner, child.inner_end, str(row - 1))
            elif child.local == "Anchor":
                numbers = self._boxes.text(child).split(",")
                for at in _ANCHOR_ROWS:
                    numbers[at] = f" {max(0, int(numbers[at]) + row - place[0])}"
                self._boxes.replace(child.inner, child.inner_end, ",".join(numbers))

    def _draw(self, gone: set[Place], boxes: Mapping[Place, str]) -> None:
        """Take boxes away, and draw others in the size of their texts."""
        for place in gone:
            if place in self._shapes:
                self._boxes.replace_node(self._shapes[place])
        prefixes = {
            short: next((name[6:] for name, value in self._boxes.root.attributes.items() if value == uri), "")
            for short, uri in _NAMESPACES.items()
        }
        if not all(prefixes.values()):
            raise UnpatchableError
        first = max((int(number) for number in _SHAPE_NUMBER.findall(self._boxes.content)), default=1024) + 1
        for number, ((row, column), text) in enumerate(boxes.items(), start=first):
            height = _style.note_height(f"{RULE}\n{text}")
            box = _BOX.format(
                number=number, width=_style.NOTE_WIDTH, height=height, row=row - 1, column=column - 1, **prefixes
            )
            self._boxes.append(self._boxes.root, box)


def _place(reference: str) -> Place:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise UnpatchableError
    return int(found[2]), column_number(found[1])
