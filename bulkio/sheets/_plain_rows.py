"""A block of whole rows in the form that spreadsheet programs write, cut into cells by arrays: no step per cell.

    <row r="7" spans="1:2"><c r="A7" s="1" t="s"><v>0</v></c><c r="B7" t="inlineStr"><is><t>x</t></is></c></row>

Nothing is taken on trust. Every `<` of the block is found, and every byte outside the texts is compared with that form;
a block with anything else is not plain, and is for the event parser. What stands inside the texts is not looked at
(`_plain_text.py` does that).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bulkio.sheets._cells import MAX_COLUMNS, MAX_ROWS
from bulkio.sheets._plain_block import Block, NotPlainError, mask, require, word
from bulkio.sheets._plain_tags import CellTails, RowTails, Tail
from bulkio.sheets._plain_text import decimals

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from bulkio.sheets._plain_block import Flags, Offsets

_GAP = re.compile(rb">\s+(?=<(?:/?(?:row|c|is)[ >]|[vt][ >]))")  # of pretty-printed XML; never in a text
# How LibreOffice saves truth values. Nothing is calculated there, and the event parser takes them for constants, too.
_CONSTANTS = tuple(
    (b' t="%b"><f aca="false">%b()</f><v>%b</v>' % (kind, word, value), b' t="b"><v>%b</v>' % value)
    for kind in (b"n", b"b")
    for word, value in ((b"TRUE", b"1"), (b"FALSE", b"0"))
)
_MORE_THAN_COLUMNS = 32_768
_LETTERS = 26
_BEFORE_A = np.uint64(ord("A") - 1)
_BYTE = np.uint64(0xFF)
_ONES, _QUOTES, _TOPS = (np.uint64(byte * 0x0101010101010101) for byte in (1, ord('"'), 0x80))
_TAGS_OF_BLANK, _TAGS_OF_VALUE, _TAGS_OF_TEXT = 1, 4, 6  # <c/>, <c><v></v></c>, <c><is><t></t></is></c>

_ROW = b'<row r="'
_CELL = b'<c r="'
_TEXT = b"<is><t>"
_KEPT_TEXT = b'<is><t xml:space="preserve">'
_MASKS = np.array([mask(size) for size in range(9)])


@dataclass(frozen=True, slots=True)
class PlainRows:
    """The rows of a block, and its cells in their order.

    Of each cell: the place of its row in `rows`, its column, where its value begins and ends (at the same offset, if it
    is blank), and the number of its tail (see `Cutter.tails`).
    """

    block: Block
    rows: Offsets
    is_hidden: Flags
    places: Offsets
    columns: Offsets
    starts: Offsets
    ends: Offsets
    tails: Offsets


class Cutter:
    """Cuts block after block of one sheet; the few tails of its tags are read once."""

    def __init__(self, prefixes: AbstractSet[str]) -> None:
        self._row_tails = RowTails(prefixes)
        self._cell_tails = CellTails(prefixes)

    @property
    def tails(self) -> list[Tail]:
        """The tails of cells by number."""
        return self._cell_tails.tails

    def cut(self, data: bytes) -> PlainRows:
        """The rows of a block that begins with one and ends after one. Raises NotPlainError if it is not plain."""
        if b"\r" in data:  # XML: line ends become \n; a carriage return that is meant stands as _x000D_ or &#13;
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"()</f>" in data:
            for constant, plain in _CONSTANTS:
                data = data.replace(constant, plain)
        try:
            return self._cut(Block(data))
        except NotPlainError:
            if not _GAP.search(data):
                raise
            return self._cut(Block(_GAP.sub(b">", data).rstrip()))

    def _cut(self, block: Block) -> PlainRows:
        """Rows, their ends and cells divide the tags into units, without a gap; then all of each cell is compared."""
        rows = _Rows.of(block, self._row_tails)
        is_cell = block.kinds == ord("c")
        is_unit = is_cell.copy()
        is_unit[rows.heads] = True
        is_unit[rows.ends(block)] = True
        units = np.flatnonzero(is_unit)
        sizes = np.diff(units, append=len(block.kinds))
        are_cells = is_cell[units]
        require(sizes[~are_cells] == 1)
        cells, sizes = units[are_cells], sizes[are_cells]
        counts = np.diff(np.searchsorted(cells, rows.heads), append=len(cells))
        places = np.repeat(np.arange(len(counts)), counts)
        if not len(cells):
            return PlainRows(block, rows.numbers, rows.is_hidden, places, cells, cells, cells, cells)
        columns, openings = rows.addresses(block, cells, places)
        tails = self._cell_tails.numbers(block, openings, block.tags[cells + 1] - openings)
        require(np.array([_tags_in(tail) for tail in self.tails])[tails] == sizes)
        return PlainRows(block, rows.numbers, rows.is_hidden, places, columns, *_values(block, cells, sizes), tails)


@dataclass(frozen=True, slots=True)
class _Rows:
    heads: Offsets  # the numbers of their tags
    numbers: Offsets
    digits: Offsets  # how many the number has
    quotes: Offsets  # where that behind the number stands
    is_hidden: Flags
    is_closed: Flags  # <row/>

    @classmethod
    def of(cls, block: Block, tails: RowTails) -> _Rows:
        heads = np.flatnonzero(block.kinds == ord("r"))
        starts, afters = block.tags[heads], block.tags[heads + 1]
        require(len(heads) > 0 and starts[0] == 0, block.are(starts, _ROW))
        # Where the quote is, is the lowest byte of the word that a subtraction borrows from.
        differs = block.words(starts + len(_ROW), 1)[:, 0] ^ _QUOTES
        found = (differs - _ONES) & ~differs & _TOPS
        require(found != 0)
        digits: Offsets = np.log2(found & (~found + np.uint64(1))).astype(np.int64) >> 3
        quotes: Offsets = starts + len(_ROW) + digits
        numbers = decimals(block, starts + len(_ROW), quotes)
        require(np.diff(numbers) > 0, numbers[0] > 0, numbers <= MAX_ROWS)
        texts = [block.data[start:end] for start, end in zip((quotes + 1).tolist(), afters.tolist(), strict=True)]
        flags = np.fromiter(map(tails.__getitem__, texts), dtype=np.int64, count=len(texts))
        require((flags & RowTails.NOT_PLAIN) == 0)
        return cls(heads, numbers, digits, quotes, (flags & RowTails.HIDDEN) != 0, (flags & RowTails.CLOSED) != 0)

    def ends(self, block: Block) -> Offsets:
        """The numbers of the tags that end the rows: the one before the next row, unless a row closes itself."""
        nexts = np.append(self.heads[1:], len(block.kinds))
        require(nexts[self.is_closed] == self.heads[self.is_closed] + 1)
        ends: Offsets = nexts[~self.is_closed] - 1
        offsets = block.tags[ends]
        require(ends > self.heads[~self.is_closed], block.are(offsets, b"</row>"), offsets + 6 == block.tags[ends + 1])
        return ends

    def addresses(self, block: Block, cells: Offsets, places: Offsets) -> tuple[Offsets, Offsets]:
        """Of each cell `<c r="AB7"`: its column, and the offset behind it; 7 must be the number of its row."""
        starts = block.tags[cells]
        first, second, third = block.words(starts, 3).T
        require((first & mask(6)) == word(_CELL))
        address, rest = (
            first >> np.uint64(48) | second << np.uint64(16),
            second >> np.uint64(48) | third << np.uint64(16),
        )
        letters = [(address >> np.uint64(8 * at) & _BYTE) - _BEFORE_A for at in range(3)]  # what is less wraps around
        has_second, has_third = ((letter - np.uint64(1)) < _LETTERS for letter in letters[1:])
        has_third &= has_second
        columns = letters[0]
        columns = np.where(has_second, columns * np.uint64(_LETTERS) + letters[1], columns)
        columns = np.where(has_third, columns * np.uint64(_LETTERS) + letters[2], columns)
        order = (places * _MORE_THAN_COLUMNS).view(np.uint64) + columns
        require((letters[0] - np.uint64(1)) < _LETTERS, columns <= MAX_COLUMNS, order[1:] > order[:-1])
        # Behind the letters come the row's digits and a quote, as in the row.
        shifts = (np.uint64(8) + np.uint64(8) * has_second) + np.uint64(8) * has_third
        behind = address >> shifts | rest << (np.uint64(64) - shifts)
        masks = _MASKS[self.digits + 1]
        expected = block.words(self.quotes - self.digits, 1)[:, 0] & masks
        require((behind & masks[places]) == expected[places])
        return columns.view(np.int64), starts + (shifts >> np.uint64(3)).view(np.int64) + (self.digits + 7)[places]


def _tags_in(tail: Tail) -> int:
    """How many tags a cell with this tail has."""
    if tail.is_closed:
        return _TAGS_OF_BLANK
    return _TAGS_OF_TEXT if tail.attributes.get("t") == "inlineStr" else _TAGS_OF_VALUE


def _values(block: Block, cells: Offsets, sizes: Offsets) -> tuple[Offsets, Offsets]:
    """Where the value of each cell begins and ends: at the same offset for a blank."""
    starts, ends = np.zeros_like(cells), np.zeros_like(cells)
    values = np.flatnonzero(sizes == _TAGS_OF_VALUE)
    if len(values):
        at = cells[values]
        opening, closing = block.tags[at + 1], block.tags[at + 2]
        require(block.are(opening, b"<v>"), block.are(closing, b"</v></c>"), block.tags[at + 4] == closing + 8)
        starts[values], ends[values] = opening + 3, closing
    texts = np.flatnonzero(sizes == _TAGS_OF_TEXT)
    if len(texts):
        at = cells[texts]
        opening, closing = block.tags[at + 1], block.tags[at + 3]
        require(block.are(closing, b"</t></is></c>"), block.tags[at + 6] == closing + 13)
        is_short = block.are(opening, _TEXT)
        require(block.are(opening[~is_short], _KEPT_TEXT))
        starts[texts], ends[texts] = opening + np.where(is_short, len(_TEXT), len(_KEPT_TEXT)), closing
    return starts, ends
