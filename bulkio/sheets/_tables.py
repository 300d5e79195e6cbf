"""The tables of a workbook to write, checked before anything is written; common to all engines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from bulkio.core.grid import ColumnSpec, SheetSpec
from bulkio.errors import FileError
from bulkio.sheets import _attachments
from bulkio.sheets._cells import MAX_CELL_CHARACTERS, MAX_COLUMNS, MAX_ROWS, column_letter, utf16_length

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from bulkio.core.grid import BookSpec, Highlight

README_SHEET: Final = "Read me"
LISTS_SHEET: Final = "_lists"
ATTACHMENTS_SHEET: Final = "_bulkio"

# Of deflate. For rows of cells 1 makes a larger file in the same time, 3 takes a fifth more and saves a twentieth, and
# 6 takes three times as long and saves a fifth.
LEVEL: Final = 2

# A column's values are few if each stands there several times: then it costs less to render each once, and to point at
# it. And no more than can be held for every column of a sheet.
_FEW_USES: Final = 4
_MOST_DIFFERENT: Final = 10_000

LONGEST_PROMPT: Final = 255  # characters of a dropdown's message: Excel's limit
WIDEST_PAGE: Final = 160  # characters that still can be read when a page is fitted to them
ILLEGAL_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


@dataclass(slots=True)
class Table:
    """A sheet to stream: where it stands in the shell, and the text of its columns."""

    name: str
    spec: SheetSpec
    number: int = 0  # of the sheet part: sheet3.xml
    _different: list[Collection[str] | None] = field(default_factory=list)

    def check(self) -> None:
        """Refuse what a sheet cannot hold, before anything is written."""
        columns = self.spec.columns
        if len(columns) > MAX_COLUMNS:
            msg = f"{self.name}: {len(columns):,} columns; a sheet has {MAX_COLUMNS:,}"
            raise FileError(msg)
        count = self.spec.row_count
        self._different.clear()
        for number, column in enumerate(columns, start=1):
            if len(column.values) != count:
                msg = f"{self.name}: column {column.header!r} has {len(column.values)} values, not {count}"
                raise ValueError(msg)
            different = dict.fromkeys(column.values)
            if not (_fit_cells((column.header,)) and _fit_cells(different)):
                _refuse_cell(self.name, column_letter(number), (column.header, *column.values))
            are_few = len(different) <= min(count // _FEW_USES, _MOST_DIFFERENT)
            self._different.append(different if are_few else None)
        if count >= MAX_ROWS:
            found = f"{count:,} rows; a sheet holds {MAX_ROWS - 1:,} below its header"
            msg = f"{self.name}!A{MAX_ROWS + 1}: {found}"
            raise FileError(msg, hint="Export to .csv, or fewer records at a time.")

    def different_values(self) -> Iterator[tuple[ColumnSpec, str, Collection[str] | None]]:
        """Each column, its letter, and its different values if they are few; once it is checked."""
        letters = map(column_letter, range(1, len(self.spec.columns) + 1))
        yield from zip(self.spec.columns, letters, self._different, strict=True)


def _fit_cells(texts: Collection[str]) -> bool:
    """Whether a cell can hold each of the texts."""
    if (
        max(map(len, texts), default=0) > MAX_CELL_CHARACTERS // 2
        and max(map(utf16_length, texts)) > MAX_CELL_CHARACTERS
    ):
        return False
    if all(map(str.isascii, texts)):
        return True
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_cell(sheet: str, letter: str, cells: Sequence[str]) -> None:
    """Raise FileError for the first cell that no sheet can hold."""
    for row, text in enumerate(cells, start=1):
        if utf16_length(text) > MAX_CELL_CHARACTERS:
            msg = f"{sheet}!{letter}{row}: {utf16_length(text):,} characters; a cell holds {MAX_CELL_CHARACTERS:,}"
            raise FileError(msg, hint="Export to .csv or .jsonl, which have no such limit.")
        if any("\ud800" <= character <= "\udfff" for character in text):
            _refuse_surrogate(f"{sheet}!{letter}{row}", text)


def _refuse_surrogate(cell: str, text: str) -> NoReturn:
    msg = f"{cell}: half a character (a lone surrogate) in {text[:40]!a}"
    raise FileError(
        msg,
        hint="The ERP holds a broken character there. Correct it in the ERP.",
    ) from None


def hidden_tables(book: BookSpec) -> list[Table]:
    """The dropdowns' sources and the attachments, as tables whose header is their first cell."""
    sources = [[name, *values] for name, values in book.lists.items()]
    # Always there, even when empty: it is how a workbook is recognised as one of ours.
    attachments = _attachments.to_columns(book.attachments) or [[""]]
    tables = []
    for name, columns in ((LISTS_SHEET, sources), (ATTACHMENTS_SHEET, attachments)):
        length = max(map(len, columns), default=0)
        padded = [column + [""] * (length - len(column)) for column in columns]
        specs = [ColumnSpec(header=column[0], values=column[1:], width=24) for column in padded]
        if specs:
            tables.append(Table(name, SheetSpec(name=name, columns=specs, protected=False)))
    return tables


def list_names(lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """A defined name for each list: letters, digits and underscores, never like a cell's address."""
    names: dict[str, str] = {}
    for name in lists:
        base = "list_" + re.sub(r"[^A-Za-z0-9_]", "_", name)[:200]
        while base.casefold() in {taken.casefold() for taken in names.values()}:
            base += "_"
        names[name] = base
    return names


def highlight_formula(spec: SheetSpec, highlight: Highlight) -> str:
    """The condition of a highlight for the first cell below the header; "" if the sheet has no such column."""
    text = highlight.text.replace('"', '""')
    if not highlight.column:
        return f'A2="{text}"'
    headers = [column.header for column in spec.columns]
    if highlight.column not in headers:
        return ""
    return f'${column_letter(headers.index(highlight.column) + 1)}2="{text}"'


def dropdown_message(column: ColumnSpec) -> str:
    """What a dropdown says to somebody who types something else."""
    return "Choose one from the list." if column.strict else "This value is not in the list. Keep it anyway?"


def list_range(number: int, length: int) -> str:
    """The cells of a list among the sources of the dropdowns, the first list being 0."""
    letter = column_letter(number + 1)
    return f"{LISTS_SHEET}!${letter}$2:${letter}${max(2, length + 1)}"
