"""What stands around a worksheet's rows: dimension, widths, filter, merged cells, rules; changed in place."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Final

from bulkio.sheets._nodes import Document, UnpatchableError, with_attributes, without_attributes
from bulkio.sheets._patch_rows import CHUNK
from bulkio.sheets._trim import bounds, shrunk, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bulkio.sheets._nodes import Node
    from bulkio.sheets._trim import Trim

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_OPENING = re.compile(rb"<sheetData\s*(/?)>")
_END: Final = b"</sheetData>"
_LONGEST_HEAD: Final = 1 << 22
_CLOSED_CELL_ROW = re.compile(r"[A-Z]+([0-9]+)")

# ECMA-376 part 1, 18.3.1.99: the order in which a worksheet's elements have to stand.
_ELEMENTS: Final = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios"
    " autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations"
    " hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches"
    " ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls"
    " webPublishItems tableParts extLst"
)
_ORDER: Final = _ELEMENTS.split()
_LAST_KNOWN: Final = _ORDER.index("controls")  # where what other programs add (mc:AlternateContent) usually stands


class SheetShell:
    """A worksheet part without its rows. `head_length` is where the rows begin in the part."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Raises UnpatchableError for a spelling that is not understood in full."""
        head = b""
        while not (opening := _OPENING.search(head)):
            chunk = stream.read(CHUNK)
            if not chunk or len(head) > _LONGEST_HEAD:
                raise UnpatchableError
            head += chunk
        self.has_rows = not opening[1]
        self.head_length = opening.end()
        rest = head[opening.end() :]
        head = head[: opening.start()] + b"<sheetData>"
        self._document = Document(head + (_tail(stream, rest) if self.has_rows else _END + rest + stream.read()))
        self._root = self._document.root
        if self._root.name != "worksheet" or self._root.attributes.get("xmlns") != _MAIN:
            raise UnpatchableError
        self._column_nodes = [
            (int(node.attributes["min"]), int(node.attributes["max"]), node)
            for cols in self._root.all("cols")
            for node in cols.children
        ]
        self._merged = [
            bounds(node.attributes["ref"]) for each in self._root.all("mergeCells") for node in each.children
        ]

    def shown_cell(self, row: int, column: int) -> tuple[int, int]:
        """The cell that shows what stands there: of merged cells only the first one does."""
        for left, top, right, bottom in self._merged:
            if top <= row <= bottom and left <= column <= right:
                return top, left
        return row, column

    def column_style(self, column: int) -> str:
        """The style that a new cell of the column has."""
        nodes = (node for first, last, node in self._column_nodes if first <= column <= last)
        return next((node.attributes.get("style", "0") for node in nodes), "0")

    @property
    def legacy_drawing(self) -> str:
        """The relation of the part that holds the notes' boxes, "" if there is none."""
        node = self._root.child("legacyDrawing")
        if node is None:
            return ""
        return next((value for name, value in node.attributes.items() if name.rpartition(":")[2] == "id"), "")

    @property
    def filter_reference(self) -> str:
        """The range of the sheet's own filter, "" if it has none."""
        node = self._root.child("autoFilter")
        return node.attributes.get("ref", "") if node else ""

    def split(self) -> tuple[bytes, bytes]:
        """What comes before the rows, with `<sheetData>`, and what comes behind them; with all changes."""
        changed = self._document.changed()
        at = changed.index(_END)
        return changed[:at], changed[at:]

    # --- changes -----------------------------------------------------------------------------------------------------

    def add_legacy_drawing(self, relation: str) -> None:
        """Name the part that holds the boxes of the notes."""
        self._insert("legacyDrawing", f'<legacyDrawing xmlns:r="{_RELATIONS}" r:id="{relation}"/>')

    def set_widths(self, widths: Mapping[int, int]) -> None:
        """Give columns a width, and leave their neighbours theirs."""
        if not widths:
            return
        ranges = [(first, last, self._document.source(node)) for first, last, node in self._column_nodes]
        for column, width in widths.items():
            cut: list[tuple[int, int, str]] = []
            tag = "<col/>"
            for first, last, source in ranges:
                if first <= column <= last:
                    tag = without_attributes(source, "hidden", "bestFit")
                    cut += [(first, column - 1, source), (column + 1, last, source)]
                else:
                    cut.append((first, last, source))
            tag = with_attributes(tag, width=str(width), customWidth="1")
            ranges = [*(each for each in cut if each[0] <= each[1]), (column, column, tag)]
        content = "".join(with_attributes(tag, min=str(first), max=str(last)) for first, last, tag in sorted(ranges))
        cols = self._root.child("cols")
        if cols is None:
            self._insert("cols", f"<cols>{content}</cols>")
        else:
            self._document.replace_node(cols, f"<cols>{content}</cols>")

    def set_dimension(self, last_column: int, last_row: int, *, trim: Trim | None) -> None:
        """Say how far the sheet reaches: at least to there, or to where the trimmed rows end."""
        node = self._root.child("dimension")
        try:
            left, top, right, bottom = bounds(node.attributes.get("ref", "") if node else "")
        except UnpatchableError:
            return
        bottom = max(top, trim.new_last_row) if trim else max(bottom, last_row)
        if node is not None:
            self._document.set(node, ref=spelled(left, top, max(right, last_column), bottom))

    def set_filter(self, reference: str, *, emptied: bool) -> None:
        """Filter over another range; `emptied` forgets what is filtered and sorted by."""
        node = self._root.child("autoFilter")
        if node is None:
            self._insert("autoFilter", f'<autoFilter ref="{reference}"/>')
        elif emptied:
            self._document.replace_node(node, f'<autoFilter ref="{reference}"/>')
        else:
            self._document.set(node, ref=reference)

    def trim(self, trim: Trim) -> None:
        """Let ranges go with their rows. Raises UnpatchableError where that cannot be told."""
        for node in self._root.children:
            match node.local:
                case "sheetPr":
                    if "filterMode" in node.attributes:
                        tag = self._document.content[node.start : node.inner].decode()
                        self._document.replace(node.start, node.inner, without_attributes(tag, "filterMode"))
                case "sheetViews":
                    self._scroll_back(node)
                case "mergeCells" | "hyperlinks":
                    self._move_each(node, "ref", trim)
                case "dataValidations" | "ignoredErrors" | "protectedRanges":
                    self._move_each(node, "sqref", trim)
                case "conditionalFormatting":
                    self._move(node, "sqref", trim)
                case "sortState" | "rowBreaks" | "cellWatches":
                    self._document.replace_node(node)
                case "scenarios" | "customSheetViews" | "dataConsolidate":
                    raise UnpatchableError

    def _scroll_back(self, views: Node) -> None:
        """Show the first rows: those to which the sheet was scrolled may be gone."""
        for view in views.children:
            tag = self._document.content[view.start : view.inner].decode()
            self._document.replace(view.start, view.inner, without_attributes(tag, "topLeftCell"))
            pane = view.child("pane")
            if pane is not None and (at := _CLOSED_CELL_ROW.fullmatch(pane.attributes.get("topLeftCell", ""))):
                above = int(float(pane.attributes.get("ySplit", "0")))
                letters = pane.attributes["topLeftCell"].removesuffix(at[1])
                if pane.attributes.get("state") == "frozen":
                    self._document.set(pane, topLeftCell=f"{letters}{above + 1}")

    def _move_each(self, container: Node, attribute: str, trim: Trim) -> None:
        left = [child for child in container.children if self._new_reference(child, attribute, trim)]
        if not left:
            self._document.replace_node(container)
            return
        if "count" in container.attributes:
            self._document.set(container, count=str(len(left)))
        for child in container.children:
            self._move(child, attribute, trim)

    def _move(self, node: Node, attribute: str, trim: Trim) -> None:
        old = node.attributes.get(attribute, "")
        new = self._new_reference(node, attribute, trim)
        if not new:
            self._document.replace_node(node)
        elif new != old:
            if _first_row(new) != _first_row(old) and re.search(r"[A-Z]\$?[0-9]", _formulas(self._document, node)):
                raise UnpatchableError  # its formulas count from the first cell of the range
            self._document.set(node, **{attribute: new})

    @staticmethod
    def _new_reference(node: Node, attribute: str, trim: Trim) -> str:
        old = node.attributes.get(attribute, "")
        if node.local == "mergeCell":
            _, top, _, bottom = bounds(old)
            if top != bottom and bottom > trim.header_row:
                return ""
        return trim.ranges_of(old)

    def _insert(self, local: str, text: str) -> None:
        rank = _ORDER.index(local)
        for child in self._root.children:
            known = _ORDER.index(child.local) if child.local in _ORDER else _LAST_KNOWN
            if known > rank:
                self._document.replace(child.start, child.start, text)
                return
        self._document.append(self._root, text)


def trimmed_table(content: bytes, trim: Trim) -> bytes:
    """A table of the sheet, with the rows that are left."""
    document = Document(content)
    root = document.root
    reference = root.attributes.get("ref", "")
    _, top, _, bottom = bounds(reference)
    if "totalsRowCount" in root.attributes or (top != trim.header_row and bottom > trim.header_row):
        raise UnpatchableError
    if bottom <= trim.header_row:
        return content
    shorter = shrunk(reference, trim.new_last_row)
    document.set(root, ref=shorter)
    for child in root.children:
        if child.local == "autoFilter":
            document.replace_node(child, f'<autoFilter ref="{shorter}"/>')
        elif child.local == "sortState":
            document.replace_node(child)
    return document.changed()


def _tail(stream: IO[bytes], start: bytes) -> bytes:
    """From `</sheetData>` on."""
    buffer = start
    while (at := buffer.find(_END)) < 0:
        chunk = stream.read(CHUNK)
        if not chunk:
            raise UnpatchableError
        buffer = buffer[-len(_END) :] + chunk
    return buffer[at:] + stream.read()


def _first_row(references: str) -> str:
    found = re.match(r"\$?[A-Z]*\$?([0-9]*)", references)
    return found[1] if found else ""


def _formulas(document: Document, node: Node) -> str:
    def walk(each: Node) -> Iterator[str]:
        if each.local in {"formula", "formula1", "formula2"}:
            yield document.text(each)
        for child in each.children:
            yield from walk(child)

    return " ".join(walk(node))
