"""The shell of a workbook, by xlsxwriter: sheets, formats, notes, dropdowns, protection, one template row per table.

The styles that the template row got are those of the rows that `_write_fast.py` streams into it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from bulkio.core.grid import BookSpec, CellType, ColumnSpec
from bulkio.errors import FileError
from bulkio.sheets import _style
from bulkio.sheets._cells import MAX_CELL_CHARACTERS, MAX_ROWS, column_letter
from bulkio.sheets._tables import (
    ATTACHMENTS_SHEET,
    ILLEGAL_IN_XML,
    LONGEST_PROMPT,
    README_SHEET,
    WIDEST_PAGE,
    Table,
    dropdown_message,
    highlight_formula,
    list_names,
    list_range,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What a person may still do on a protected sheet. Excel itself refuses to sort or to delete rows that contain a locked
# cell; there is no password, so Review > Unprotect Sheet is one click away.
_ALLOWED = {
    "objects": True,
    "scenarios": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "insert_rows": True,
    "delete_rows": True,
    "sort": True,
    "autofilter": True,
}


def make_shell(book: BookSpec, tables: Sequence[Table], hidden: Sequence[Table]) -> bytes:
    """The workbook without its rows; numbers the tables as their parts are. Raises FileError."""
    import xlsxwriter  # noqa: PLC0415 - heavy: only who writes a workbook pays for it
    from xlsxwriter.exceptions import XlsxWriterException  # noqa: PLC0415

    buffer = io.BytesIO()
    try:
        workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
        if book.title:
            workbook.set_properties({"title": ILLEGAL_IN_XML.sub("", book.title)})
        shell = _Shell(workbook, list_names(book.lists), book.lists)
        for table in tables:
            shell.add_table(table)
        if book.readme:
            shell.add_readme(book.readme)
        for table in hidden:
            shell.add_hidden(table)
        for number, name in enumerate(book.lists):
            shell.define_list(number, name)
        workbook.close()
    except XlsxWriterException as exc:
        msg = f"cannot make a workbook: {str(exc).strip()}"
        raise FileError(msg, hint="Choose other sheet names.") from exc
    return buffer.getvalue()


class _Shell:
    """Adds sheets to an xlsxwriter workbook and keeps its formats unique."""

    def __init__(self, workbook: Any, names: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> None:
        self._workbook = workbook
        self._list_names = names
        self._lists = lists
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def add_table(self, table: Table) -> None:
        """A visible table: template rows 1 to 3 (header, cell, text in a number column) and everything around them."""
        spec = table.spec
        sheet = self._sheet(table)
        sheet.hide_gridlines(2)
        sheet.set_tab_color(_style.ACCENT)
        sheet.set_row(0, 24)
        last_row = max(1, min(spec.row_count + spec.blank_rows, MAX_ROWS - 1))
        for number, column in enumerate(spec.columns):
            self._add_column(sheet, number, column)
        sheet.freeze_panes(1, spec.frozen_columns)
        if spec.columns:
            sheet.autofilter(0, 0, last_row, len(spec.columns) - 1)
            # No green corners on codes: text that looks like a number is what a text column is for.
            sheet.ignore_errors({"number_stored_as_text": f"A1:{column_letter(len(spec.columns))}{MAX_ROWS}"})
        for highlight in spec.highlights:
            if formula := highlight_formula(spec, highlight):
                look = self._format(_style.HIGHLIGHTS[highlight.tint])
                rule = {"type": "formula", "criteria": f"={formula}", "format": look, "stop_if_true": True}
                sheet.conditional_format(1, 0, MAX_ROWS - 1, len(spec.columns) - 1, rule)
        if spec.protected:
            sheet.protect("", _ALLOWED)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.repeat_rows(0)
        if sum(column.width for column in spec.columns) <= WIDEST_PAGE:
            sheet.fit_to_pages(1, 0)

    def _add_column(self, sheet: Any, number: int, column: ColumnSpec) -> None:
        is_text = column.cell_type is CellType.TEXT
        cell = self._format(_style.cell_format(column, is_text=is_text))
        sheet.set_column(number, number, column.width, cell, {"hidden": column.hidden})
        sheet.write_blank(0, number, None, self._format(_style.header_format(column)))
        sheet.write_blank(1, number, None, cell)
        sheet.write_blank(2, number, None, self._format(_style.cell_format(column, is_text=True)))
        if column.note:
            self._add_note(sheet, number, column.note)
        if column.options:
            self._add_dropdown(sheet, number, column)

    def _add_note(self, sheet: Any, number: int, note: str) -> None:
        text = ILLEGAL_IN_XML.sub("", note)[:MAX_CELL_CHARACTERS]
        options = {
            "width": _style.NOTE_WIDTH,
            "height": _style.note_height(text),
            "font_name": _style.FONT,
            "font_size": 10,
            "color": "#FFFDF3",
        }
        sheet.write_comment(0, number, text, options)

    def _add_dropdown(self, sheet: Any, number: int, column: ColumnSpec) -> None:
        """To the end of the sheet: a new record has them too, wherever it is typed."""
        if column.options not in self._lists:
            msg = f"column {column.header!r}: there is no list {column.options!r}"
            raise ValueError(msg)
        if not self._lists[column.options]:
            return
        options = {
            "validate": "list",
            "source": f"={self._list_names[column.options]}",
            "error_type": "stop" if column.strict else "warning",
            "error_title": ILLEGAL_IN_XML.sub("", column.header)[:32],
            "error_message": dropdown_message(column)[:LONGEST_PROMPT],
        }
        if sheet.data_validation(1, number, MAX_ROWS - 1, number, options) != 0:
            msg = f"column {column.header!r}: xlsxwriter refused the dropdown"
            raise ValueError(msg)

    def add_hidden(self, table: Table) -> None:
        """A table that people do not see."""
        sheet = self._sheet(table)
        text = self._format({"num_format": _style.TEXT_FORMAT})
        for number, column in enumerate(table.spec.columns):
            sheet.set_column(number, number, column.width, text)
            for row in range(3):
                sheet.write_blank(row, number, None, text)
        if table.name == ATTACHMENTS_SHEET:
            sheet.very_hidden()
        else:
            sheet.hide()

    def define_list(self, number: int, name: str) -> None:
        """Name the cells of a list, so that a dropdown may have any number of choices."""
        self._workbook.define_name(self._list_names[name], f"={list_range(number, len(self._lists[name]))}")

    def add_readme(self, lines: Sequence[tuple[str, str]]) -> None:
        """Add a page of text: a margin, bullets that hang, air before headings."""
        sheet = self._workbook.add_worksheet(README_SHEET)
        sheet.hide_gridlines(2)
        sheet.set_tab_color(_style.QUIET)
        sheet.set_column(0, 0, 3)
        sheet.set_column(1, 1, 3)
        sheet.set_column(2, 2, _style.README_WIDTH)
        sheet.set_portrait()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        for row, (style, text) in enumerate(lines, start=1):
            properties = {"font_name": _style.FONT, **_style.README.get(style, _style.README["text"])}
            shown = ILLEGAL_IN_XML.sub("", text)[:MAX_CELL_CHARACTERS]
            if shown.startswith("<r>"):
                shown = f" {shown}"  # xlsxwriter would take it for its own markup
            # Merged cells do not grow with their text, and not every program lets a row grow when it opens a file.
            sheet.set_row(row, _style.readme_height(style, shown))
            cell = self._format(properties)
            if style == "bullet":
                sheet.write_string(row, 1, "•", self._format({**properties, "align": "right"}))
                sheet.write_string(row, 2, shown, cell)
            else:
                sheet.merge_range(row, 1, row, 2, "", cell)
                sheet.write_string(row, 1, shown, cell)

    def _sheet(self, table: Table) -> Any:
        sheet = self._workbook.add_worksheet(table.name)
        table.number = len(self._workbook.worksheets())
        return sheet

    def _format(self, properties: Mapping[str, Any]) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._workbook.add_format(dict(properties))
        return self._formats[key]
