"""The other way to read a workbook, with openpyxl: the judge of the fast one, and a choice where that fails.

It takes two readings, one for formulas and one for their values, and holds both in memory. Where a file says what no
spreadsheet program does, the two ways differ: openpyxl knows nothing below merged cells, takes a date beyond the
calendar for an error, and spells out every formula that shares another's.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

from bulkio.core.grid import Fact
from bulkio.errors import FileError
from bulkio.sheets._cell_table import CellTable
from bulkio.sheets._cell_values import CONSTANTS, moment_text
from bulkio.sheets._cells import plain_numeral, unescape
from bulkio.sheets._openpyxl import Loaded, loaded
from bulkio.sheets._workbook import SheetEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def worksheets(path: Path) -> Iterator[tuple[SheetEntry, Callable[[], CellTable]]]:
    """All worksheets, in the workbook's order, and how to read their cells.

    Raises FileError for whatever openpyxl does not understand: it has no error of its own for that.
    """
    try:
        formulas, cached = loaded(path), loaded(path, data_only=True)
    except (MemoryError, FileError):
        raise
    except Exception as exc:
        detail = " ".join(str(exc).split())[:160]
        msg = f"{path}: damaged, or no workbook that openpyxl reads ({type(exc).__name__}: {detail})"
        raise FileError(msg, hint="Open it in a spreadsheet program and save it as .xlsx.") from exc
    calculation = formulas.workbook.calculation
    recalculates = bool(calculation is not None and calculation.fullCalcOnLoad)
    reader = _Reader(cached, formulas, recalculates=recalculates)
    for sheet in formulas.workbook.worksheets:
        entry = SheetEntry(unescape(formulas.text(sheet.title)), "", sheet.sheet_state != "visible")
        yield entry, partial(reader.read, sheet, cached.workbook[sheet.title])


class _Reader:
    def __init__(self, cached: Loaded, formulas: Loaded, *, recalculates: bool) -> None:
        self._cached = cached
        self._formulas = formulas
        self._recalculates = recalculates

    def read(self, sheet: Any, values: Any) -> CellTable:
        """`sheet` has the formulas, `values` what was calculated of them."""
        table = CellTable()
        cells = sheet._cells  # noqa: SLF001 - only the cells that exist; `iter_rows` makes all the others
        by_row: dict[int, list[int]] = {}
        for row, column in sorted(cells):
            by_row.setdefault(row, []).append(column)
        hidden = {row for row, how in sheet.row_dimensions.items() if how.hidden or how.height == 0}
        for row in sorted({*by_row, *hidden}):
            table.begin_row(row, is_hidden=row in hidden)
            for column in by_row.get(row, ()):
                self._add(table, column, cells[row, column], values._cells[row, column])  # noqa: SLF001
        table.close()
        return table

    def _add(self, table: CellTable, column: int, cell: Any, value: Any) -> None:
        if cell.data_type == "f":
            formula = self._formulas.text(str(getattr(cell.value, "text", cell.value)))
            if constant := CONSTANTS.get(formula.removeprefix("=").upper()):
                table.add(column, constant, Fact.BOOLEAN)
                return
            # A calculated text may be blank: openpyxl has no value for it, but its type.
            is_calculated = value.value is not None or value.data_type in {"str", "s"}
            is_default = self._recalculates and value.data_type == "n" and value.value == 0
            if not is_calculated or is_default:
                table.add(column, formula, Fact.UNCACHED)
                return
            table.formulas[table.row, column] = formula
        text, fact = self._typed(value)
        if text:
            table.add(column, text, fact)

    def _typed(self, cell: Any) -> tuple[str, Fact]:
        value = cell.value
        match value:
            case None | "":
                return "", Fact.BLANK
            case bool():
                return ("TRUE" if value else "FALSE"), Fact.BOOLEAN
            case dt.datetime() | dt.date() | dt.time() | dt.timedelta():
                return moment_text(value), Fact.DATE
            case int() | float():
                return plain_numeral(repr(value)) or repr(value), Fact.NUMBER
            case _ if cell.data_type == "e":
                return str(value), Fact.ERROR
            case _:
                return unescape(self._cached.text(str(value))), Fact.TEXT
