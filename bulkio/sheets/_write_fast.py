"""The fast way to write a workbook, in two steps.

1. xlsxwriter builds the *shell*: sheets, formats, notes, dropdowns, protection, and one template row per table.
2. The rows are streamed into the shell's sheet parts, in the styles that the template row got.

Why not all by xlsxwriter: its row writing is four times slower and holds all in memory, it writes a text that begins
with `<r>` and ends with `</r>` as raw XML, and its `_xHHHH_` escape does not survive `_x0041_x0042_`.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any, BinaryIO

from bulkio.core.grid import BookSpec, CellType, ColumnSpec, SheetSpec
from bulkio.errors import FileError
from bulkio.sheets import _style
from bulkio.sheets._cells import (
    MAX_CELL_CHARACTERS,
    MAX_ROWS,
    column_letter,
    escape,
    fits_number_cell,
    needs_escape,
)
from bulkio.sheets._tables import (
    ATTACHMENTS_SHEET,
    ILLEGAL_IN_XML,
    LEVEL,
    LONGEST_PROMPT,
    README_SHEET,
    WIDEST_PAGE,
    Table,
    dropdown_message,
    highlight_formula,
    list_names,
    list_range,
)
from bulkio.sheets._xml import escape_entities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_BLOCK = 1_000  # rows rendered and compressed at a time

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


def write(book: BookSpec, tables: Sequence[Table], hidden: Sequence[Table], stream: BinaryIO) -> None:
    """Write the tables, checked, to a stream; holds one block of rows in memory, not the file."""
    shell = _shell(book, tables, hidden)
    _fill(shell, {f"xl/worksheets/sheet{table.number}.xml": table for table in (*tables, *hidden)}, stream)


# --- the shell -------------------------------------------------------------------------------------------------------


def _shell(book: BookSpec, tables: Sequence[Table], hidden: Sequence[Table]) -> bytes:
    """The workbook without its rows."""
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


# --- the rows --------------------------------------------------------------------------------------------------------

_SHEET_DATA = re.compile(r"<sheetData>(?:(?P<rows>.*?)</sheetData>)|<sheetData/>", re.DOTALL)
_TEMPLATE_CELL = re.compile(r'<c r="([A-Z]+)([1-3])" s="(\d+)"')
_DIMENSION = re.compile(r'<dimension ref="[^"]*"/>')
_HEADER_ROW = re.compile(r'<row r="1"[^>]*>')


def _fill(shell: bytes, tables: Mapping[str, Table], stream: Any) -> None:
    """Copy the shell's parts; into those of `tables` go the rows."""
    with (
        zipfile.ZipFile(io.BytesIO(shell)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as target,
    ):
        for part in source.infolist():
            content = source.read(part)
            if part.filename not in tables:
                target.writestr(part, content, zipfile.ZIP_DEFLATED, LEVEL)
                continue
            copied = zipfile.ZipInfo(part.filename, part.date_time)
            copied.compress_type = zipfile.ZIP_DEFLATED
            copied._compresslevel = LEVEL  # type: ignore[attr-defined]  # noqa: SLF001 - `open` takes none
            copied.external_attr = part.external_attr
            with target.open(copied, "w") as sheet:
                for text in _sheet_part(content.decode("utf-8"), tables[part.filename].spec):
                    sheet.write(text.encode("utf-8"))


def _sheet_part(shell: str, spec: SheetSpec) -> Iterator[str]:
    """The XML of one sheet, a block of rows at a time."""
    found = _SHEET_DATA.search(shell)
    if found is None:  # xlsxwriter always writes it
        msg = "the shell has no sheetData"
        raise ValueError(msg)
    last = f"{column_letter(max(1, len(spec.columns)))}{spec.row_count + 1}"
    yield _DIMENSION.sub(f'<dimension ref="A1:{last}"/>', shell[: found.start()], count=1)
    yield "<sheetData>"
    template = found["rows"] or ""
    styles = {(letter, row): style for letter, row, style in _TEMPLATE_CELL.findall(template)}
    header_row = _HEADER_ROW.match(template)
    if spec.columns:
        yield header_row[0] if header_row else '<row r="1">'
        for number, column in enumerate(spec.columns, start=1):
            letter = column_letter(number)
            yield from _text_cells(letter, styles[letter, "1"], range(1, 2), [_xml(column.header)])
        yield "</row>"
    renderers = [
        _renderer(column, column_letter(number), styles) for number, column in enumerate(spec.columns, start=1)
    ]
    wrapped = [column for column in spec.columns if column.wrap]
    for start in range(0, spec.row_count, _BLOCK):
        stop = min(start + _BLOCK, spec.row_count)
        rows = range(start + 2, stop + 2)
        rendered = [render(rows, start, stop) for render in renderers]
        heights = _heights(wrapped, start, stop)
        yield "".join(
            [
                f'<row r="{row}"{height}>{"".join(cells)}</row>'
                for row, height, cells in zip(rows, heights, zip(*rendered, strict=True), strict=True)
            ]
        )
    yield "</sheetData>"
    yield shell[found.end() :]


def _heights(wrapped: Sequence[ColumnSpec], start: int, stop: int) -> list[str]:
    """Heights of rows whose text wraps; not `customHeight`, so that a row goes on to grow with what is typed."""
    lines = [1] * (stop - start)
    for column in wrapped:
        for at, text in enumerate(column.values[start:stop]):
            if len(text) > column.width or "\n" in text:
                lines[at] = max(lines[at], _style.line_count(text, column.width))
    return ["" if count == 1 else f' ht="{count * _style.LINE_HEIGHT:g}"' for count in lines]


def _renderer(
    column: ColumnSpec, letter: str, styles: Mapping[tuple[str, str], str]
) -> Callable[[range, int, int], list[str]]:
    """A function that renders a slice of the column; blank cells are left out, the column's format stands for them."""
    style, text_style = styles[letter, "2"], styles[letter, "3"]
    values = column.values
    whole = "\n".join(values)
    is_plain = not ("&" in whole or "<" in whole or ">" in whole or needs_escape(whole))

    def render_text(rows: range, start: int, stop: int) -> list[str]:
        cells = values[start:stop]
        return _text_cells(letter, style, rows, cells if is_plain else [_xml(text) for text in cells])

    def render_number(rows: range, start: int, stop: int) -> list[str]:
        return [
            f'<c r="{letter}{row}" s="{style}"><v>{text}</v></c>'
            if fits_number_cell(text)
            else _text_cells(letter, text_style, range(row, row + 1), [_xml(text)])[0]
            for row, text in zip(rows, values[start:stop], strict=True)
        ]

    def render_boolean(rows: range, start: int, stop: int) -> list[str]:
        return [
            f'<c r="{letter}{row}" s="{style}" t="b"><v>{"1" if text == "true" else "0"}</v></c>'
            if text in {"true", "false"}
            else _text_cells(letter, text_style, range(row, row + 1), [_xml(text)])[0]
            for row, text in zip(rows, values[start:stop], strict=True)
        ]

    renderers = {CellType.TEXT: render_text, CellType.NUMBER: render_number, CellType.BOOLEAN: render_boolean}
    return renderers[column.cell_type]


def _text_cells(letter: str, style: str, rows: range, texts: Sequence[str]) -> list[str]:
    """Text cells, never anything else: what looks like a formula, a number or a link stays the text it is."""
    return [
        ""
        if not text
        else f'<c r="{letter}{row}" s="{style}" t="inlineStr"><is><t>{text}</t></is></c>'
        if text == text.strip()
        else f'<c r="{letter}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        for row, text in zip(rows, texts, strict=True)
    ]


def _xml(text: str) -> str:
    return escape_entities(escape(text))
