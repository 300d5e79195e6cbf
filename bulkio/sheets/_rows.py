"""Rows of a table as XML, by column: what repeats is rendered once, what does not many cells at a time.

A cell is rendered with a NUL where its row number belongs (no text holds one: it is escaped), so that a column needs
each of its different cells only once, and a row all of its numbers in one go. Blank cells are left out: the column's
format stands for them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING

from bulkio.core.grid import CellType, ColumnSpec, SheetSpec
from bulkio.sheets import _style
from bulkio.sheets._cells import column_letter, fits_number_cell
from bulkio.sheets._shared_strings import SharedStrings, text_element
from bulkio.sheets._tables import ATTACHMENTS_SHEET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bulkio.sheets._tables import Table

Styles = Mapping[tuple[str, str], str]
"""Of each column's letter, and the template row (1 header, 2 usual, 3 text whatever the column): the style."""

_Render = Callable[[int, int], Iterable[bytes]]
"""The cells from one row to before another, counted from 0 below the header."""

# Rows rendered and compressed at a time: some megabytes.
_AT_ONCE = 1_000
_LONG_AT_ONCE = 20  # of the attachments: their cells are as long as a cell may be
_ROW = b"\0"
_NEXT = "\1"  # stands between cells; escaped in text, like all of its kind
_FLAGS = {"true": "1", "false": "0"}


def header_cells(spec: SheetSpec, styles: Styles) -> str:
    """The cells of row 1."""
    letters = map(column_letter, range(1, len(spec.columns) + 1))
    return "".join(
        [
            _inline(letter, styles[letter, "1"], column.header).replace("\0", "1")
            for letter, column in zip(letters, spec.columns, strict=True)
        ]
    )


def row_blocks(table: Table, styles: Styles, strings: SharedStrings) -> Iterator[bytes]:
    """All rows below the header, a block at a time."""
    spec = table.spec
    renders = [
        _renderer(column, letter, styles, different, strings)
        for column, letter, different in table.different_values()
        if different is None or any(different)
    ]
    wrapped = [column for column in spec.columns if column.wrap]
    at_once = _LONG_AT_ONCE if table.name == ATTACHMENTS_SHEET else _AT_ONCE
    for start in range(0, spec.row_count, at_once):
        stop = min(start + at_once, spec.row_count)
        numbers = " ".join(map(str, range(start + 2, stop + 2))).encode().split()
        cells = [render(start, stop) for render in renders]
        rows = zip(_heads(wrapped, start, stop), *cells, [b"</row>"] * len(numbers), strict=True)
        yield b"".join(map(bytes.replace, map(b"".join, rows), repeat(_ROW), numbers))


def _heads(wrapped: Sequence[ColumnSpec], start: int, stop: int) -> list[bytes]:
    """The rows' openings. Not `customHeight`, so that a row goes on to grow with what is typed."""
    if not wrapped:
        return [b'<row r="\0">'] * (stop - start)
    lines = [1] * (stop - start)
    for column in wrapped:
        for at, text in enumerate(column.values[start:stop]):
            if len(text) > column.width or "\n" in text:
                lines[at] = max(lines[at], _style.line_count(text, column.width))
    heights = ["" if count == 1 else f' ht="{count * _style.LINE_HEIGHT:g}"' for count in lines]
    return [f'<row r="\0"{height}>'.encode() for height in heights]


def _renderer(
    column: ColumnSpec, letter: str, styles: Styles, different: Collection[str] | None, strings: SharedStrings
) -> _Render:
    values = column.values
    style, text_style = styles[letter, "2"], styles[letter, "3"]

    def shared(text: str) -> bytes:
        return f'<c r="{letter}\0" s="{style}" t="s"><v>{strings.index(text)}</v></c>'.encode()

    def number(text: str) -> bytes:
        if fits_number_cell(text):
            return f'<c r="{letter}\0" s="{style}"><v>{text}</v></c>'.encode()
        return _inline(letter, text_style, text).encode()

    def boolean(text: str) -> bytes:
        if text in _FLAGS:
            return f'<c r="{letter}\0" s="{style}" t="b"><v>{_FLAGS[text]}</v></c>'.encode()
        return _inline(letter, text_style, text).encode()

    if column.cell_type is CellType.TEXT:
        if different is None:
            return lambda start, stop: _text_cells(letter, style, values[start:stop])
        strings.count_uses(len(values) - values.count(""))
    cell = {CellType.TEXT: shared, CellType.NUMBER: number, CellType.BOOLEAN: boolean}[column.cell_type]
    if different is None:
        return lambda start, stop: map(cell, values[start:stop])
    known = {text: cell(text) if text else b"" for text in different}
    return lambda start, stop: map(known.__getitem__, values[start:stop])


def _text_cells(letter: str, style: str, texts: Sequence[str]) -> Sequence[bytes]:
    """Cells that hold their own text. Where it is plain, a few replacements make all of them at once."""
    joined = "<".join(texts)
    if not _is_plain(joined, len(texts)):
        return [_inline(letter, style, text).encode() for text in texts]
    before, after = f'<c r="{letter}\0" s="{style}" t="inlineStr"><is><t>', "</t></is></c>"
    joined = joined.replace("&", "&amp;").replace(">", "&gt;")
    cells = f"{before}{joined.replace('<', f'{after}{_NEXT}{before}')}{after}"
    if "" in texts:
        cells = cells.replace(f"{before}{after}", "")
    return cells.encode().split(_NEXT.encode())


def _is_plain(joined: str, count: int) -> bool:
    """Whether so many texts, joined by `<`, hold none of it, nothing to escape, and no white space at an end.

    Of white space only the space is printable; what is not, may well be plain, but is looked at one by one.
    """
    line = joined.replace("\n", " ")
    return (
        line.isprintable()
        and line.count("<") == count - 1
        and not ("_x" in line or " <" in line or "< " in line)
        and not (line.startswith(" ") or line.endswith(" "))
    )


def _inline(letter: str, style: str, text: str) -> str:
    """A text cell, never anything else: what looks like a formula, a number or a link stays the text it is."""
    return f'<c r="{letter}\0" s="{style}" t="inlineStr"><is>{text_element(text)}</is></c>' if text else ""
