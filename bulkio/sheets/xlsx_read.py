"""Read a workbook: every cell as text, exactly as the file has it, with a fact that says what it was.

Nothing is interpreted: no types are guessed, no blanks are filled, no formula is calculated. One pass over each sheet,
in constant memory but for what is returned. `engine.py` says which engine reads; both read the same.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from bulkio.core.grid import RawBook, RawColumn, RawSheet
from bulkio.errors import FileError
from bulkio.sheets import _attachments
from bulkio.sheets._cell_table import MAX_CELLS, CellTable, TooLargeError
from bulkio.sheets._cells import column_letter
from bulkio.sheets._package import Package, opened
from bulkio.sheets._sheet_xml import read_cells
from bulkio.sheets._tables import ATTACHMENTS_SHEET, LISTS_SHEET, README_SHEET
from bulkio.sheets._workbook import Contents, SheetEntry, read_contents
from bulkio.sheets.engine import Engine, reading_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_TITLE_ROWS: Final = 20  # rows above the header that may hold a title, a date, a note


def read_xlsx(path: Path) -> RawBook:
    """Read all worksheets of `path`, hidden ones too (`RawSheet.hidden`), in the workbook's order.

    In a workbook that bulkio wrote, its own `Read me`, `_lists` and `_bulkio` sheets are no tables and are left out;
    what `_bulkio` carries is in `attachments`.

    The header is the first row with two or more cells of text (a title above it is passed over), else the first row
    that is not blank. Raises FileError, in one line, for whatever cannot be read.
    """
    with opened(path) as package:
        found = list(_worksheets(package, path))
        is_ours = any(entry.name == ATTACHMENTS_SHEET for entry, _ in found)
        ours = {README_SHEET, LISTS_SHEET, ATTACHMENTS_SHEET} if is_ours else set()
        sheets: dict[str, RawSheet] = {}
        whole: dict[str, bytes] = {}
        damaged: tuple[str, ...] = ()
        for entry, read in found:
            if entry.name == ATTACHMENTS_SHEET:
                whole, damaged = _attachments.from_columns(_bare_columns(_table(read, entry, path)))
            elif entry.name not in ours:
                sheets[entry.name] = _sheet(_table(read, entry, path), entry)
        return RawBook(sheets=sheets, attachments=whole, damaged_attachments=damaged)


def _worksheets(package: Package, path: Path) -> Iterator[tuple[SheetEntry, Callable[[], CellTable]]]:
    """The worksheets, and how to read their cells, by the engine that was chosen."""
    if reading_engine() is Engine.OPENPYXL:
        from bulkio.sheets._read_openpyxl import worksheets  # noqa: PLC0415 - heavy

        yield from worksheets(path)
        return
    contents = read_contents(package, path)
    for entry in contents.sheets:
        yield entry, partial(_read_fast, package, contents, entry.part)


def _read_fast(package: Package, contents: Contents, part: str) -> CellTable:
    table = CellTable()
    with package.open(part) as stream:
        read_cells(stream, contents, table)
    return table


def _table(read: Callable[[], CellTable], entry: SheetEntry, path: Path) -> CellTable:
    try:
        return read()
    except TooLargeError:
        hint = "Delete what is not needed below and beside the table, or use .csv."
        msg = f"{path}: {entry.name}: more than {MAX_CELLS:,} cells"
        raise FileError(msg, hint=hint) from None


def _sheet(table: CellTable, entry: SheetEntry) -> RawSheet:
    """The header and the rows below it; a column with neither header nor value is left out."""
    if not table.rows:
        return RawSheet(name=entry.name, header_row=1, rows=[], columns=(), hidden=entry.is_hidden)
    at = _header_index(table)
    rows = table.rows[at + 1 :]
    kept = frozenset(rows)
    columns = []
    for number, column in sorted(table.columns.items()):
        header, text, facts = column.texts[at], column.texts[at + 1 :], bytes(column.facts[at + 1 :])
        if header or any(facts):
            columns.append(RawColumn(header, column_letter(number), text, facts))
    return RawSheet(
        name=entry.name,
        header_row=table.rows[at],
        rows=rows,
        columns=tuple(columns),
        hidden=entry.is_hidden,
        hidden_rows=kept & table.hidden_rows,
        formulas={(row, column_letter(at)): text for (row, at), text in table.formulas.items() if row in kept},
    )


def _header_index(table: CellTable) -> int:
    """Where in `rows` the header is."""
    candidates = range(min(_TITLE_ROWS, len(table.rows)))
    return next((at for at in candidates if table.text_cells(at) > 1), 0)


def _bare_columns(table: CellTable) -> list[list[str]]:
    """Columns from A and from row 1, as they stand, without what is blank at their ends."""
    columns = []
    for number in range(1, max(table.columns, default=0) + 1):
        texts = table.columns[number].texts if number in table.columns else ()
        cells = dict(zip(table.rows, texts, strict=False))
        last = max((row for row, text in cells.items() if text), default=0)
        columns.append([cells.get(row, "") for row in range(1, last + 1)])
    return columns
