"""Cells as they come by, kept as columns of text and facts; rows in which nothing stands are never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bulkio.core.grid import Fact
from bulkio.sheets._cells import MAX_COLUMNS, MAX_ROWS, column_letter

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_CELLS: Final = 40_000_000  # rows x columns of one sheet: 100,000 x 50 is 5 million

_MOST_KNOWN = 10_000


class TooLargeError(Exception):
    """The table would hold more than `MAX_CELLS`; a sparse bomb has a few cells at the corners of a sheet."""


class Column:
    """The texts and facts of one column; while the table grows, it may end before the table's last row."""

    __slots__ = ("facts", "texts")

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.facts = bytearray()

    def grow(self, height: int) -> None:
        """Add blanks up to `height`."""
        missing = height - len(self.texts)
        if missing > 0:
            self.texts += [""] * missing
            self.facts += bytes(missing)

    def extend(self, texts: Iterable[str], facts: bytes) -> None:
        """Add cells."""
        self.texts += texts
        self.facts += facts


class CellTable:
    """Columns by number, of the rows that hold anything."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.columns: dict[int, Column] = {}
        self.hidden_rows: set[int] = set()  # of those in `rows`
        self.formulas: dict[tuple[int, int], str] = {}
        self.row = 0  # the current one
        self._is_row_kept = False
        self._is_row_hidden = False
        self._known: dict[str, str] = {}  # texts that came lately: equal ones are one object then

    def begin_row(self, row: int, *, is_hidden: bool = False) -> None:
        """Go on to a row; rows come in order. Raises ValueError if they do not."""
        if not self.row < row <= MAX_ROWS:
            msg = f"row {row} stands after row {self.row}" if row <= MAX_ROWS else f"there is no row {row}"
            raise ValueError(msg)
        self.row = row
        self._is_row_kept = False
        self._is_row_hidden = is_hidden

    def add(self, number: int, text: str, fact: int) -> None:
        """Add a cell that is not blank. Raises ValueError if it stands twice, or beyond the sheet."""
        if not self._is_row_kept:
            self._is_row_kept = True
            self.rows.append(self.row)
            if self._is_row_hidden:
                self.hidden_rows.add(self.row)
            self._check_size()
        column = self.column(number)
        height = len(self.rows) - 1
        if len(column.texts) > height:
            msg = f"cell {column_letter(number)}{self.row} stands twice"
            raise ValueError(msg)
        column.grow(height)
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        column.extend((self._known.setdefault(text, text),), bytes((fact,)))

    def add_rows(self, rows: list[int], hidden: list[int]) -> None:
        """Keep rows whose cells come by column; they come after the current one, and are in order."""
        self.rows += rows
        self.hidden_rows.update(hidden)

    def pass_rows(self, row: int) -> None:
        """All rows up to this one have come by."""
        self.row = row
        self._is_row_kept = False

    def column(self, number: int) -> Column:
        """A column, new or not. Raises ValueError if a sheet has no such column."""
        column = self.columns.get(number)
        if column is None:
            if not 0 < number <= MAX_COLUMNS:
                msg = f"there is no column {number}"
                raise ValueError(msg)
            column = self.columns[number] = Column()
            self._check_size()
        return column

    def has_room(self, rows: int, columns: Iterable[int]) -> bool:
        """Whether so many more rows with these columns are not too large."""
        return (len(self.rows) + rows) * len(self.columns.keys() | columns) <= MAX_CELLS

    def close(self) -> None:
        """Make all columns as long as the table."""
        self._known.clear()
        for column in self.columns.values():
            column.grow(len(self.rows))

    def text_cells(self, index: int) -> int:
        """How many text cells the row at `index` of `rows` has."""
        return sum(1 for column in self.columns.values() if column.facts[index] == Fact.TEXT)

    def _check_size(self) -> None:
        if len(self.rows) * len(self.columns) > MAX_CELLS:
            raise TooLargeError
