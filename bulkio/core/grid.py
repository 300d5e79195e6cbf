"""What stands between a file and the records: sheets as columns of text, with facts about their cells.

Reading yields a `RawBook`: text as typed, nothing interpreted, and a fact per cell that says what the file knew about
it. Writing takes a `BookSpec`. Neither knows an ERP, a rule or a file format.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Fact(IntEnum):
    """What the file says about one cell. One byte a cell: a column's facts are a `bytes`."""

    BLANK = 0  # no cell, or a cell without a value
    TEXT = 1  # a text cell (in CSV every non-blank cell is)
    NUMBER = 2  # a number cell; its text is the shortest numeral that reads back the same
    DATE = 3  # a date or time cell; its text is ISO 8601
    BOOLEAN = 4  # a boolean cell; its text is TRUE or FALSE
    ERROR = 5  # an error cell; its text is the error (#N/A)
    UNCACHED = 6  # a formula that no program has calculated, as far as can be told; its text is the formula


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One column as it stands in a file.

    `header` as typed, `letter` as a spreadsheet names it (A, AB), `text` and `facts` in the order of the sheet's
    `rows`; a blank cell is "".
    """

    header: str
    letter: str
    text: list[str]
    facts: bytes


@dataclass(frozen=True, slots=True)
class TextFormat:
    """How a text file was read: shown to the user when it was guessed, used again when a copy is written."""

    encoding: str  # a Python codec: utf-8-sig, utf-8, utf-16, utf-16-le, utf-16-be, cp1252, or what the user asked for
    delimiter: str


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet of a file.

    `rows` are row numbers as the user sees them (in CSV the line on which a record starts). Rows in which every cell
    is blank are left out. `formulas` are those whose cached value is used, by (row, letter), "" for one that shares
    another's; `hidden_rows` the rows that a filter or a person hides.
    """

    name: str
    header_row: int
    rows: list[int]
    columns: tuple[RawColumn, ...]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    formulas: Mapping[tuple[int, str], str] = field(default_factory=dict)
    text_format: TextFormat | None = None  # of a text file
    lines: Mapping[int, int] = field(
        default_factory=dict
    )  # of a JSON lines file: the line of each row; it has no cells


@dataclass(frozen=True, slots=True)
class RawBook:
    """A file: its sheets by name, in order, and the hidden part that travels with it (`attachments` by name).

    `damaged_attachments` are names of which something was found, but not all of it, or not what was written.
    """

    sheets: dict[str, RawSheet]
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    damaged_attachments: tuple[str, ...] = ()


class CellType(Enum):
    """How a column's values are written."""

    TEXT = "text"  # text cells, format @: what a person types there stays text
    NUMBER = "number"  # number cells where 15 digits hold the value exactly, else text
    BOOLEAN = "boolean"  # TRUE and FALSE cells


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnSpec:
    """One column to write: `values` are canonical text ("" is an empty cell), `width` is in characters.

    `options` names a list of the book's `lists` for a dropdown; a `strict` one refuses other values. `note` hangs on
    the header. `tint` groups columns by colour (the key, the read-only ones, the results). A `hidden` column is in the
    file and read like all others.
    """

    header: str
    values: Sequence[str]
    cell_type: CellType = CellType.TEXT
    width: int = 16
    locked: bool = False
    hidden: bool = False
    wrap: bool = False
    note: str = ""
    options: str = ""
    strict: bool = False
    tint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """What the spreadsheet program colours as a person types: the rows whose `column` says `text`, in any case.

    Without a column it is every cell that says so. `tint` names the colours.
    """

    text: str
    tint: str
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSpec:
    """One table to write: header in row 1, frozen with the first `frozen_columns`, filter over all of it."""

    name: str
    columns: Sequence[ColumnSpec]
    frozen_columns: int = 0
    protected: bool = True
    blank_rows: int = 0  # formatted empty rows below, for new records
    highlights: Sequence[Highlight] = ()

    @property
    def row_count(self) -> int:
        """How many rows of values there are."""
        return len(self.columns[0].values) if self.columns else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSpec:
    """A file to write. `readme` are lines (a first word in capitals makes a heading); `lists` feed the dropdowns."""

    sheets: Sequence[SheetSpec]
    readme: Sequence[tuple[str, str]] = ()
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    title: str = ""
