"""The other way to write a workbook, with openpyxl alone, for where xlsxwriter cannot be had.

The same sheets, cells, formats, notes, dropdowns and locks as `_write_fast.py`, row by row through a temporary file.
Not the same: the green corners on codes that look like numbers, which openpyxl cannot turn off.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from bulkio.core.grid import BookSpec, CellType, ColumnSpec
from bulkio.errors import FileError
from bulkio.sheets import _style
from bulkio.sheets._cells import MAX_CELL_CHARACTERS, MAX_ROWS, column_letter, escape, fits_number_cell
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
    from collections.abc import Iterator, Mapping, Sequence

_MARGIN = 0.7109375  # a column is that much wider than its characters, as Excel counts
_LONGEST_NAME = 31  # characters of a sheet's name
_NOT_IN_NAMES = set("[]:*?/\\")
_BOOLEANS = {"true": True, "false": False}

# What a person may still do on a protected sheet (`_write_fast.py` says why); here False is what is not forbidden.
_FORBIDDEN = dict.fromkeys(
    ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"), False
)


def write(book: BookSpec, tables: Sequence[Table], hidden: Sequence[Table], stream: BinaryIO) -> None:
    """Write the tables, checked, to a stream. Raises FileError for a sheet's name that no workbook can have."""
    _check_names([*(table.name for table in tables), *([README_SHEET] if book.readme else []),
                  *(table.name for table in hidden)])  # fmt: skip
    workbook = Workbook(write_only=True)
    if book.title:
        workbook.properties.title = ILLEGAL_IN_XML.sub("", book.title)
    names = list_names(book.lists)
    for table in tables:
        _add_table(workbook, table, names, book.lists)
    if book.readme:
        _add_readme(workbook, book.readme)
    for table in hidden:
        _add_hidden(workbook, table)
    for number, (name, values) in enumerate(book.lists.items()):
        defined = names[name]
        workbook.defined_names[defined] = DefinedName(defined, attr_text=list_range(number, len(values)))
    workbook.save(stream)


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        is_taken = [each.casefold() for each in names].count(name.casefold()) > 1
        if is_taken or not 0 < len(name) <= _LONGEST_NAME or _NOT_IN_NAMES & set(name) or name.strip("'") != name:
            msg = f"cannot make a workbook: {name!r} cannot be the name of a sheet"
            raise FileError(msg, hint="Choose other sheet names.")


def _add_table(workbook: Any, table: Table, names: Mapping[str, str], lists: Mapping[str, Sequence[str]]) -> None:
    """A visible table and everything around it; what stands before the rows in the file has to be said before them."""
    spec = table.spec
    sheet = workbook.create_sheet(table.name)
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = _style.ACCENT[1:]
    if spec.frozen_columns or spec.columns:
        sheet.freeze_panes = f"{column_letter(spec.frozen_columns + 1)}2"
    if spec.columns:
        last_row = max(2, min(spec.row_count + spec.blank_rows, MAX_ROWS - 1) + 1)
        sheet.auto_filter.ref = f"A1:{column_letter(len(spec.columns))}{last_row}"
    if spec.protected:
        sheet.protection.sheet = True
        for name, is_forbidden in _FORBIDDEN.items():
            setattr(sheet.protection, name, is_forbidden)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.print_title_rows = "1:1"
    if sum(column.width for column in spec.columns) <= WIDEST_PAGE:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.page_setup.fitToHeight = 0
    for number, column in enumerate(spec.columns, start=1):
        if column.options and lists[column.options]:
            sheet.data_validations.append(_dropdown(column, column_letter(number), names[column.options]))
    for highlight in spec.highlights:
        if formula := highlight_formula(spec, highlight):
            area = f"A2:{column_letter(len(spec.columns))}{MAX_ROWS}"
            sheet.conditional_formatting.add(area, _rule(formula, _style.HIGHLIGHTS[highlight.tint]))
    _write_rows(sheet, spec.columns, spec.row_count)


def _dropdown(column: ColumnSpec, letter: str, name: str) -> Any:
    """To the end of the sheet: a new record has them too, wherever it is typed."""
    return DataValidation(
        type="list",
        formula1=name,
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="stop" if column.strict else "warning",
        errorTitle=ILLEGAL_IN_XML.sub("", column.header)[:32],
        error=dropdown_message(column)[:LONGEST_PROMPT],
        sqref=f"{letter}2:{letter}{MAX_ROWS}",
    )


def _rule(formula: str, properties: Mapping[str, Any]) -> Any:
    font = Font(
        bold=properties.get("bold"),
        italic=properties.get("italic"),
        strike=properties.get("font_strikeout"),
        color=_argb(properties.get("font_color")),
    )
    colour = _argb(properties.get("bg_color"))
    # A rule's plain fill is its background, where a cell's is its foreground.
    fill = PatternFill("solid", bgColor=colour) if colour else None
    return FormulaRule(formula=[formula], font=font, fill=fill, stopIfTrue=True)


def _add_hidden(workbook: Any, table: Table) -> None:
    sheet = workbook.create_sheet(table.name)
    sheet.sheet_state = "veryHidden" if table.name == ATTACHMENTS_SHEET else "hidden"
    text = {"num_format": _style.TEXT_FORMAT}
    headers = [_styled(sheet, text) for _ in table.spec.columns]
    for number, (column, cell) in enumerate(zip(table.spec.columns, headers, strict=True), start=1):
        dimension = sheet.column_dimensions[column_letter(number)]
        dimension.width = column.width + _MARGIN
        dimension._style = cell._style  # noqa: SLF001 - openpyxl has no public way to share a style
    sheet.append([_filled(cell, column.header) for cell, column in zip(headers, table.spec.columns, strict=True)])
    for row in zip(*(column.values for column in table.spec.columns), strict=True):
        sheet.append([_filled(cell, value) for cell, value in zip(headers, row, strict=True)])


def _write_rows(sheet: Any, columns: Sequence[ColumnSpec], count: int) -> None:
    headers = [_header(sheet, column) for column in columns]
    cells = [_Cells(sheet, column) for column in columns]
    for number, (column, cell) in enumerate(zip(columns, cells, strict=True), start=1):
        dimension = sheet.column_dimensions[column_letter(number)]
        dimension.width = column.width + _MARGIN
        dimension.hidden = column.hidden
        dimension._style = cell.usual._style  # noqa: SLF001
    sheet.row_dimensions[1].height = 24
    wrapped = [column for column in columns if column.wrap]
    if columns:
        sheet.append(headers)
    for at in range(count):
        lines = max((_style.line_count(column.values[at], column.width) for column in wrapped), default=1)
        if lines > 1:
            sheet.row_dimensions[at + 2].height = lines * _style.LINE_HEIGHT
        sheet.append([cell.at(at) for cell in cells])


def _header(sheet: Any, column: ColumnSpec) -> Any:
    cell = _filled(_styled(sheet, _style.header_format(column)), column.header)
    if cell is not None and column.note:
        text = ILLEGAL_IN_XML.sub("", column.note)[:MAX_CELL_CHARACTERS]
        cell.comment = Comment(text, "", height=_style.note_height(text), width=_style.NOTE_WIDTH)
    return cell


class _Cells:
    """A column's cells, one after the other: each is written before the next is asked for, so one object will do."""

    def __init__(self, sheet: Any, column: ColumnSpec) -> None:
        is_text = column.cell_type is CellType.TEXT
        self._column = column
        self.usual = _styled(sheet, _style.cell_format(column, is_text=is_text))
        self._text = _styled(sheet, _style.cell_format(column, is_text=True))

    def at(self, row: int) -> Any:
        """A blank cell is left out; the column's format stands for it."""
        text = self._column.values[row]
        match self._column.cell_type:
            case CellType.NUMBER if fits_number_cell(text):
                return _valued(self.usual, Decimal(text), "n")
            case CellType.BOOLEAN if text in _BOOLEANS:
                return _valued(self.usual, _BOOLEANS[text], "b")
            case _:
                return _filled(self._text, text)


def _filled(cell: Any, text: str) -> Any:
    """The cell as a text cell, past openpyxl's own reading of texts: `=1+1` is a text, and nothing is cut off."""
    return _valued(cell, escape(text), "s") if text else None


def _valued(cell: Any, value: object, kind: str) -> Any:
    cell._value = value  # noqa: SLF001
    cell.data_type = kind
    return cell


def _add_readme(workbook: Any, lines: Sequence[tuple[str, str]]) -> None:
    sheet = workbook.create_sheet(README_SHEET)
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = _style.QUIET[1:]
    for letter, width in (("A", 3), ("B", 3), ("C", _style.README_WIDTH)):
        sheet.column_dimensions[letter].width = width + _MARGIN
    sheet.page_setup.orientation = "portrait"
    sheet.page_setup.paperSize = 9
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToHeight = 0
    for row, (style, text) in enumerate(lines, start=2):
        if style != "bullet":
            sheet.merged_cells.add(f"B{row}:C{row}")
        sheet.row_dimensions[row].height = _style.readme_height(style, text)
    sheet.append([])
    for cells in _readme_rows(sheet, lines):
        sheet.append(cells)


def _readme_rows(sheet: Any, lines: Sequence[tuple[str, str]]) -> Iterator[list[Any]]:
    for style, text in lines:
        properties = {"font_name": _style.FONT, **_style.README.get(style, _style.README["text"])}
        cell = _filled(_styled(sheet, properties), ILLEGAL_IN_XML.sub("", text)[:MAX_CELL_CHARACTERS])
        if style == "bullet":
            yield [None, _filled(_styled(sheet, {**properties, "align": "right"}), "•"), cell]
        else:
            yield [None, cell]


def _styled(sheet: Any, properties: Mapping[str, Any]) -> Any:
    """A cell that looks as `_style.py` says, in the words of xlsxwriter."""
    cell = WriteOnlyCell(sheet)
    cell.font = Font(
        name=properties.get("font_name", _style.FONT),
        size=properties.get("font_size", 11),
        bold=properties.get("bold"),
        color=_argb(properties.get("font_color")),
    )
    if colour := _argb(properties.get("bg_color")):
        cell.fill = PatternFill("solid", fgColor=colour)
    if "border" in properties:
        side = Side("thin", color=_argb(properties["border_color"]))
        cell.border = Border(left=side, right=side, top=side, bottom=side)
    elif "bottom" in properties:
        cell.border = Border(bottom=Side("thin", color=_argb(properties["bottom_color"])))
    vertical = properties.get("valign")
    cell.alignment = Alignment(
        horizontal=properties.get("align", "left" if "indent" in properties else None),
        vertical="center" if vertical == "vcenter" else vertical,
        wrap_text=properties.get("text_wrap"),
        indent=properties.get("indent", 0),
    )
    cell.number_format = properties.get("num_format", "General")
    cell.protection = Protection(locked=properties.get("locked", True))
    return cell


def _argb(colour: str | None) -> str | None:
    return f"FF{colour[1:]}" if colour else None
