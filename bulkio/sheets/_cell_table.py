"""Cells as they come by, kept as columns of text and facts; rows in which nothing stands are never kept."""

from __future__ import annotations

from typing import Final

from bulkio.core.grid import Fact
from bulkio.sheets._cells import MAX_COLUMNS, MAX_ROWS, column_letter

MAX_CELLS: Final = 40_000_000  # rows x columns of one sheet: 100,000 x 50 is 5 million


class TooLargeError(Exception):
    """The table would hold more than `MAX_CELLS`; a sparse bomb has a few cells at the corners of a sheet."""


class CellTable:
    """Columns by number, of the rows that hold anything. A column's lists may end before the last row."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.texts: dict[int, list[str]] = {}
        self.facts: dict[int, bytearray] = {}
        self.hidden_rows: set[int] = set()
        self.formulas: set[tuple[int, int]] = set()
        self.row = 0  # the current one
        self._is_row_kept = False

    def begin_row(self, row: int, *, is_hidden: bool = False) -> None:
        """Go on to a row; rows come in order. Raises ValueError if they do not."""
        if not self.row < row <= MAX_ROWS:
            msg = f"row {row} stands after row {self.row}" if row <= MAX_ROWS else f"there is no row {row}"
            raise ValueError(msg)
        self.row = row
        self._is_row_kept = False
        if is_hidden:
            self.hidden_rows.add(row)

    def add(self, column: int, text: str, fact: int) -> None:
        """Add a cell that is not blank. Raises ValueError if it stands twice, or beyond the sheet."""
        if not self._is_row_kept:
            self._is_row_kept = True
            self.rows.append(self.row)
            self._check_size()
        texts = self.texts.get(column)
        if texts is None:
            if not 0 < column <= MAX_COLUMNS:
                msg = f"there is no column {column}"
                raise ValueError(msg)
            texts = self.texts[column] = []
            self.facts[column] = bytearray()
            self._check_size()
        facts = self.facts[column]
        missing = len(self.rows) - 1 - len(texts)
        if missing:
            if missing < 0:
                msg = f"cell {column_letter(column)}{self.row} stands twice"
                raise ValueError(msg)
            texts += [""] * missing
            facts += bytes(missing)
        texts.append(text)
        facts.append(fact)

    def close(self) -> None:
        """Make all columns as long as the table."""
        height = len(self.rows)
        for column, texts in self.texts.items():
            missing = height - len(texts)
            texts.extend([""] * missing)
            self.facts[column].extend(bytes(missing))

    def text_cells(self, index: int) -> int:
        """How many text cells the row at `index` of `rows` has."""
        return sum(1 for facts in self.facts.values() if facts[index] == Fact.TEXT)

    def _check_size(self) -> None:
        if len(self.rows) * len(self.texts) > MAX_CELLS:
            raise TooLargeError
