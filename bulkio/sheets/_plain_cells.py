"""Plain rows (`_plain_rows.py`) into a `CellTable`, column by column.

Whatever is wrong (rows out of order, a shared string that there is not, too many cells) is left to the event parser,
which says so: a block is taken as a whole or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bulkio.core.cells import cells_of
from bulkio.core.grid import Fact
from bulkio.sheets._cells import MAX_COLUMNS
from bulkio.sheets._plain_block import NotPlainError, require
from bulkio.sheets._plain_rows import Cutter
from bulkio.sheets._plain_text import decimals
from bulkio.sheets._plain_values import SHARED, KnownValues, Ways

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

    from bulkio.sheets._cell_table import CellTable
    from bulkio.sheets._cell_values import CellValues
    from bulkio.sheets._plain_block import Octets, Offsets
    from bulkio.sheets._plain_rows import PlainRows

    Objects = NDArray[np.object_]

_MOST_BLANK = 8  # per cell: beyond, a block goes cell by cell
_FEW = 20_000


class PlainCells:
    """Takes block after block of one sheet."""

    def __init__(self, strings: list[str], values: CellValues, table: CellTable, prefixes: AbstractSet[str]) -> None:
        self._table = table
        self._cutter = Cutter(prefixes)
        self._ways = Ways(values)
        self._known = KnownValues(self._ways)
        self._strings = cells_of(strings)

    def take(self, block: bytes) -> bool:
        """Take the rows of a block; False if it is not plain, or anything is wrong: then nothing is taken."""
        try:
            rows = self._cutter.cut(block)
            require(rows.rows[0] > self._table.row)
            texts, facts = self._texts(rows)
            self._add(rows, texts, facts)
        except NotPlainError:
            return False
        self._table.pass_rows(int(rows.rows[-1]))
        return True

    def _texts(self, rows: PlainRows) -> tuple[Objects, Octets]:
        """Text and fact of each cell."""
        ways = self._ways.of(self._cutter.tails)[rows.tails]
        is_filled = rows.ends > rows.starts
        texts, facts = np.full(len(ways), "", dtype=object), np.zeros(len(ways), dtype=np.uint8)
        own = np.flatnonzero(is_filled & (ways != SHARED))
        if len(own):
            texts[own], facts[own] = self._known.find(rows.block, rows.starts[own], rows.ends[own], ways[own])
        shared = np.flatnonzero(is_filled & (ways == SHARED))
        if len(shared):
            numbers = decimals(rows.block, rows.starts[shared], rows.ends[shared])
            require(numbers < len(self._strings))
            texts[shared] = self._strings[numbers]
            facts[shared] = texts[shared].astype(np.bool_) * np.uint8(Fact.TEXT)
        return texts, facts

    def _add(self, rows: PlainRows, texts: Objects, facts: Octets) -> None:
        """Add the cells that are not blank. Raises NotPlainError before it adds any, if there is no room for all."""
        filled = np.flatnonzero(facts)
        texts, facts = texts[filled], facts[filled]
        kept, row_of = _present(rows.places[filled], len(rows.rows))
        columns, column_of = _present(rows.columns[filled], MAX_COLUMNS + 1)
        numbers, hidden = rows.rows[kept].tolist(), rows.rows[kept][rows.is_hidden[kept]].tolist()
        require(self._table.has_room(len(kept), columns.tolist()))
        if len(kept) * len(columns) > _MOST_BLANK * len(filled) + _FEW:  # a few cells here and there
            for row, column, text, fact in zip(
                rows.rows[kept][row_of].tolist(), columns[column_of].tolist(), texts, facts.tolist(), strict=True
            ):
                if row != self._table.row:
                    self._table.begin_row(row, is_hidden=row in hidden)
                self._table.add(column, text, fact)
            return
        before = len(self._table.rows)
        self._table.add_rows(numbers, hidden)
        shape, at = (len(columns), len(kept)), (column_of * len(kept) + row_of)
        all_texts, all_facts = np.full(shape, "", dtype=object), np.zeros(shape, dtype=np.uint8)
        all_texts.reshape(-1)[at] = texts
        all_facts.reshape(-1)[at] = facts
        for number, own_texts, own_facts in zip(columns.tolist(), all_texts.tolist(), all_facts, strict=True):
            column = self._table.column(number)
            column.grow(before)
            column.extend(own_texts, own_facts.tobytes())


def _present(values: Offsets, limit: int) -> tuple[Offsets, Offsets]:
    """Which numbers below `limit` there are, in order, and of each value the place of its number among them."""
    is_present = np.zeros(limit, dtype=np.bool_)
    is_present[values] = True
    return np.flatnonzero(is_present), (np.cumsum(is_present) - 1)[values]
