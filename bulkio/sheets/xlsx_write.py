"""Write a workbook: what a person will be glad to open, and what comes back exactly as it was.

It is not a general Excel writer: it writes tables of text, plain numerals and booleans, and no formula or hyperlink
ever. Two steps:

1. xlsxwriter builds the *shell*: sheets, formats, notes, dropdowns, protection, and one template row per table.
2. The rows are streamed into the shell's sheet parts, in the styles that the template row got.

Why not all by xlsxwriter: its row writing is four times slower and holds all in memory, it writes a text that begins
with `<r>` and ends with `</r>` as raw XML, and its `_xHHHH_` escape does not survive `_x0041_x0042_`.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NoReturn

from bulkio.core.grid import BookSpec, CellType, ColumnSpec, SheetSpec
from bulkio.errors import FileError
from bulkio.sheets import _attachments, _style
from bulkio.sheets._cells import (
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_ROWS,
    column_letter,
    escape,
    fits_number_cell,
    needs_escape,
    utf16_length,
)
from bulkio.sheets._replace import replacing
from bulkio.sheets._xml import escape_entities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

README_SHEET: Final = "Read me"
LISTS_SHEET: Final = "_lists"
ATTACHMENTS_SHEET: Final = "_bulkio"

LEVEL: Final = 3  # of deflate: 6 takes twice the time and saves a sixth
_BLOCK = 1_000  # rows rendered and compressed at a time
_LONGEST_PROMPT = 255  # characters of a dropdown's message: Excel's limit
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_WIDEST_PAGE = 160  # characters that still can be read when a page is fitted to them

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


def write_xlsx(book: BookSpec, path: Path) -> None:
    """Write `book` to `path`, whole or not at all; holds one block of rows in memory, not the file.

    Raises FileError if the path cannot be written, or for a value that no workbook can hold (named by sheet and cell):
    more than 32,767 characters, a lone surrogate, a row beyond 1,048,576. Nothing is ever cut off.
    """
    tables = [_Table(sheet.name, sheet) for sheet in book.sheets]
    hidden = _hidden_tables(book)
    for table in (*tables, *hidden):
        table.check()
    with replacing(path) as stream:
        shell = _shell(book, tables, hidden)
        parts = {f"xl/worksheets/sheet{table.number}.xml": table for table in (*tables, *hidden)}
        try:
            _fill(shell, parts, stream)
        except (zipfile.LargeZipFile, RuntimeError) as exc:
            msg = f"{path}: too much for one workbook"
            raise FileError(msg, hint="Export to .csv, or fewer records at a time.") from exc


@dataclass(slots=True)
class _Table:
    """A sheet to stream: where it stands in the shell, and the text of its columns."""

    name: str
    spec: SheetSpec
    number: int = 0  # of the sheet part: sheet3.xml

    def check(self) -> None:
        """Refuse what a sheet cannot hold, before anything is written."""
        columns = self.spec.columns
        if len(columns) > MAX_COLUMNS:
            msg = f"{self.name}: {len(columns):,} columns; a sheet has {MAX_COLUMNS:,}"
            raise FileError(msg)
        for number, column in enumerate(columns, start=1):
            if len(column.values) != self.spec.row_count:
                msg = (
                    f"{self.name}: column {column.header!r} has {len(column.values)} values, not {self.spec.row_count}"
                )
                raise ValueError(msg)
            _check_column(self.name, column_letter(number), (column.header, *column.values))
        if self.spec.row_count >= MAX_ROWS:
            found = f"{self.spec.row_count:,} rows; a sheet holds {MAX_ROWS - 1:,} below its header"
            msg = f"{self.name}!A{MAX_ROWS + 1}: {found}"
            raise FileError(msg, hint="Export to .csv, or fewer records at a time.")


def _check_column(sheet: str, letter: str, cells: Sequence[str]) -> None:
    if max(map(len, cells)) > MAX_CELL_CHARACTERS // 2:
        for row, text in enumerate(cells, start=1):
            if utf16_length(text) > MAX_CELL_CHARACTERS:
                msg = f"{sheet}!{letter}{row}: {utf16_length(text):,} characters; a cell holds {MAX_CELL_CHARACTERS:,}"
                raise FileError(
                    msg,
                    hint="Export to .csv or .jsonl, which have no such limit.",
                )
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        for row, text in enumerate(cells, start=1):
            if any("\ud800" <= character <= "\udfff" for character in text):
                _refuse_surrogate(f"{sheet}!{letter}{row}", text)
        raise  # two halves in two cells would have been found above


def _refuse_surrogate(cell: str, text: str) -> NoReturn:
    msg = f"{cell}: half a character (a lone surrogate) in {text[:40]!a}"
    raise FileError(
        msg,
        hint="The ERP holds a broken character there. Correct it in the ERP.",
    ) from None


def _hidden_tables(book: BookSpec) -> list[_Table]:
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
            tables.append(_Table(name, SheetSpec(name=name, columns=specs, protected=False)))
    return tables


# --- the shell -------------------------------------------------------------------------------------------------------


def _shell(book: BookSpec, tables: Sequence[_Table], hidden: Sequence[_Table]) -> bytes:
    """The workbook without its rows."""
    import xlsxwriter  # noqa: PLC0415 - heavy: only who writes a workbook pays for it
    from xlsxwriter.exceptions import XlsxWriterException  # noqa: PLC0415

    buffer = io.BytesIO()
    try:
        workbook = xlsxwriter.Workbook(buffer, {"in_memory": True})
        if book.title:
            workbook.set_properties({"title": _ILLEGAL_IN_XML.sub("", book.title)})
        shell = _Shell(workbook, _list_names(book.lists), book.lists)
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


def _list_names(lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """A defined name for each list: letters, digits and underscores, never like a cell's address."""
    names: dict[str, str] = {}
    for name in lists:
        base = "list_" + re.sub(r"[^A-Za-z0-9_]", "_", name)[:200]
        while base.casefold() in {taken.casefold() for taken in names.values()}:
            base += "_"
        names[name] = base
    return names


class _Shell:
    """Adds sheets to an xlsxwriter workbook and keeps its formats unique."""

    def __init__(self, workbook: Any, list_names: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> None:
        self._workbook = workbook
        self._list_names = list_names
        self._lists = lists
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def add_table(self, table: _Table) -> None:
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
        if spec.protected:
            sheet.protect("", _ALLOWED)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.repeat_rows(0)
        if sum(column.width for column in spec.columns) <= _WIDEST_PAGE:
            sheet.fit_to_pages(1, 0)

    def _add_column(self, sheet: Any, number: int, column: ColumnSpec) -> None:
        is_text = column.cell_type is CellType.TEXT
        cell = self._format(_style.cell_format(column, is_text=is_text))
        sheet.set_column(number, number, column.width, cell)
        sheet.write_blank(0, number, None, self._format(_style.header_format(column)))
        sheet.write_blank(1, number, None, cell)
        sheet.write_blank(2, number, None, self._format(_style.cell_format(column, is_text=True)))
        if column.note:
            self._add_note(sheet, number, column.note)
        if column.options:
            self._add_dropdown(sheet, number, column)

    def _add_note(self, sheet: Any, number: int, note: str) -> None:
        text = _ILLEGAL_IN_XML.sub("", note)[:MAX_CELL_CHARACTERS]
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
        message = "Choose one from the list." if column.strict else "This value is not in the list. Keep it anyway?"
        options = {
            "validate": "list",
            "source": f"={self._list_names[column.options]}",
            "error_type": "stop" if column.strict else "warning",
            "error_title": _ILLEGAL_IN_XML.sub("", column.header)[:32],
            "error_message": message[:_LONGEST_PROMPT],
        }
        if sheet.data_validation(1, number, MAX_ROWS - 1, number, options) != 0:
            msg = f"column {column.header!r}: xlsxwriter refused the dropdown"
            raise ValueError(msg)

    def add_hidden(self, table: _Table) -> None:
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
        letter = column_letter(number + 1)
        last = max(2, len(self._lists[name]) + 1)
        self._workbook.define_name(self._list_names[name], f"={LISTS_SHEET}!${letter}$2:${letter}${last}")

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
            shown = _ILLEGAL_IN_XML.sub("", text)[:MAX_CELL_CHARACTERS]
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

    def _sheet(self, table: _Table) -> Any:
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


def _fill(shell: bytes, tables: Mapping[str, _Table], stream: Any) -> None:
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
