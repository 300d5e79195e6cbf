"""Cells as they come by, kept as columns of text and facts; rows in which nothing stands are never kept."""

from __future__ import annotations

from typing import Final

from bulkio.core.grid import Fact
from bulkio.sheets._cells import MAX_COLUMNS, MAX_ROWS, column_letter

MAX_CELLS: Final = 40_000_000  # rows x columns of one sheet: 100,000 x 50 is 5 million

_TEXT = int(Fact.TEXT)


class TooLargeError(Exception):
    """The table would hold more than `MAX_CELLS`; a sparse bomb has a few cells at the corners of a sheet."""


class CellTable:
    """Columns by number, of the rows that hold anything.

    While it grows, a column's list may end before the last row, and `unusual` holds the facts of the cells that are no
    text: most are. `facts` are there once it is closed. The bulk reader (`_sheet_xml.py`) appends to the lists itself:
    a call per cell would cost as much again.
    """

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.texts: dict[int, list[str]] = {}
        self.unusual: dict[int, list[int]] = {}  # row in `rows` * 8 + fact: numbers are no work for the collector
        self.facts: dict[int, bytearray] = {}
        self.hidden_rows: set[int] = set()
        self.formulas: dict[tuple[int, int], str] = {}
        self.row = 0  # the current one
        self.is_row_kept = False

    def begin_row(self, row: int, *, is_hidden: bool = False) -> None:
        """Go on to a row; rows come in order. Raises ValueError if they do not."""
        if not self.row < row <= MAX_ROWS:
            msg = f"row {row} stands after row {self.row}" if row <= MAX_ROWS else f"there is no row {row}"
            raise ValueError(msg)
        self.row = row
        self.is_row_kept = False
        if is_hidden:
            self.hidden_rows.add(row)

    def keep_row(self) -> None:
        """The current row holds something."""
        self.is_row_kept = True
        self.rows.append(self.row)
        self._check_size()

    def column(self, number: int) -> list[str]:
        """The texts of a column, new or not, filled with blanks up to the current row."""
        texts = self.texts.get(number)
        if texts is None:
            if not 0 < number <= MAX_COLUMNS:
                msg = f"there is no column {number}"
                raise ValueError(msg)
            texts = self.texts[number] = []
            self.unusual[number] = []
            self._check_size()
        missing = len(self.rows) - 1 - len(texts)
        if missing:
            if missing < 0:
                msg = f"cell {column_letter(number)}{self.row} stands twice"
                raise ValueError(msg)
            texts += [""] * missing
        return texts

    def add(self, column: int, text: str, fact: int) -> None:
        """Add a cell that is not blank. Raises ValueError if it stands twice, or beyond the sheet."""
        if not self.is_row_kept:
            self.keep_row()
        self.column(column).append(text)
        if fact != _TEXT:
            self.unusual[column].append((len(self.rows) - 1) << 3 | fact)

    def close(self) -> None:
        """Make all columns as long as the table."""
        height = len(self.rows)
        for column, texts in self.texts.items():
            texts.extend([""] * (height - len(texts)))
            facts = self.facts[column] = bytearray(map(bool, texts))  # Fact.TEXT is 1, Fact.BLANK 0
            for packed in self.unusual[column]:
                facts[packed >> 3] = packed & 7
        self.unusual.clear()

    def text_cells(self, index: int) -> int:
        """How many text cells the row at `index` of `rows` has."""
        return sum(1 for facts in self.facts.values() if facts[index] == Fact.TEXT)

    def _check_size(self) -> None:
        if len(self.rows) * len(self.texts) > MAX_CELLS:
            raise TooLargeError
