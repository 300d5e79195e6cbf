"""The copy with marks as openpyxl writes it: for files that cannot be changed in place (`_patch.py`).

openpyxl rewrites everything: formulas are calculated anew when the file is opened, and what it does not know (shapes,
sparklines, slicers) is lost. It also takes a minute where the other way takes seconds.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from collections import defaultdict
from copy import copy as copied
from typing import TYPE_CHECKING, Any

from bulkio.errors import FileError
from bulkio.sheets import _style
from bulkio.sheets._attachments import to_columns
from bulkio.sheets._cells import column_letter, column_number, escape, unescape
from bulkio.sheets._marks import AUTHOR, FILLS, RULE, TONES, note_of, shown_result, strongest_first
from bulkio.sheets._openpyxl import Loaded, loaded
from bulkio.sheets._replace import replacing
from bulkio.sheets._tables import ATTACHMENTS_SHEET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from bulkio.core.grid import RawBook, RawSheet
    from bulkio.sheets._marks import Mark, ResultColumn, Tone, Wanted

_LOSSES = {
    "drawings/": "shapes and pictures",
    "charts/": "charts",
    "slicers/": "slicers",
    "ctrlProps/": "form controls",
    "threadedComments/": "threaded comments (their text stays in the notes)",
    "embeddings/": "embedded files",
}


def rewrite_xlsx(source: Path, target: Path, book: RawBook, wanted: Wanted) -> tuple[str, ...]:
    """Write `source` (which `book` was read from) to `target`; see `annotate_xlsx`. Returns what was lost, in words."""
    copy = _load(source)
    workbook = copy.workbook
    by_name = {unescape(sheet.title): sheet for sheet in workbook.worksheets}
    for name, raw in book.sheets.items():
        sheet = _Sheet(by_name[name], raw)
        sheet.remove_old_marks()
        sheet.mark([mark for mark in wanted.marks if mark.sheet == name])
        sheet.fill(wanted.columns.get(name, ()))
        if name in wanted.keep_rows:
            sheet.keep_only(wanted.keep_rows[name])
        sheet.finish()
    for entry in workbook.worksheets:
        if entry.title not in book.sheets:
            _resize_notes(entry)
        if entry.title == ATTACHMENTS_SHEET and wanted.attachments:
            _attach(entry, {**book.attachments, **wanted.attachments})
    written = _save(copy, source)
    with replacing(target) as stream:
        stream.write(written.getbuffer())
    return _losses(source, written, copy.warnings)


# --- one sheet -------------------------------------------------------------------------------------------------------


class _Sheet:
    """A worksheet of the copy, and what our own reader found in it."""

    def __init__(self, sheet: Any, raw: RawSheet) -> None:
        self._sheet = sheet
        self._raw = raw

    @property
    def _cells(self) -> dict[tuple[int, int], Any]:
        """The cells that exist; `iter_rows` would create all the others up to the last row."""
        cells: dict[tuple[int, int], Any] = self._sheet._cells  # noqa: SLF001
        return cells

    def remove_old_marks(self) -> None:
        """Take off what an earlier copy put on: a fixed row must not stay red."""
        from openpyxl.comments import Comment  # noqa: PLC0415 - heavy
        from openpyxl.styles import PatternFill  # noqa: PLC0415

        ours = set(FILLS.values())
        for (_, column), cell in self._cells.items():
            if cell.comment is not None and RULE in cell.comment.text:
                kept = cell.comment.text.partition(RULE)[0].rstrip("\n")
                cell.comment = Comment(kept, cell.comment.author) if kept else None
                if cell.fill.fgColor.rgb in ours:
                    below = self._sheet.column_dimensions.get(column_letter(column))
                    cell.fill = PatternFill() if below is None else copied(below.fill)

    def mark(self, marks: Iterable[Mark]) -> None:
        """Colour the cells and hang the notes on them."""
        by_cell: dict[tuple[int, int], list[Mark]] = defaultdict(list)
        for mark in marks:
            place = (mark.row or self._raw.header_row, column_number(mark.letter) or 1)
            by_cell[self._visible(*place)].append(mark)
        from openpyxl.comments import Comment  # noqa: PLC0415 - heavy
        from openpyxl.styles import PatternFill  # noqa: PLC0415

        fills = {severity: PatternFill("solid", fgColor=colour) for severity, colour in FILLS.items()}
        for (row, column), found in by_cell.items():
            cell = self._cell(row, column)
            cell.fill = fills[strongest_first(found)[0].severity]
            before = cell.comment.text if cell.comment is not None else ""
            author = cell.comment.author if cell.comment is not None else AUTHOR
            cell.comment = Comment(f"{before}\n{RULE}\n{note_of(found)}".lstrip("\n"), author)

    def fill(self, columns: Sequence[ResultColumn]) -> None:
        """Fill the result columns, new ones behind the last used column, and filter over all."""
        headers = {column.header: column_number(column.letter) for column in self._raw.columns}
        last = max(headers.values(), default=0)
        for column in columns:
            number = headers.get(column.header)
            if number is None:
                last += 1
                number = headers[column.header] = last
                self._add_header(number, column)
            for row in self._raw.rows:
                value = column.values.get(row, "")
                if value or ((row, number) in self._cells and not column.is_partial):
                    self._write(row, number, value, column.tones.get(row))
        if columns and not self._sheet.tables:  # a table has its own filter
            self._extend_filter(last)

    def keep_only(self, kept: set[int]) -> None:
        """Delete the other data rows, so that what stays moves up with its notes, heights and own formulas."""
        sheet, header_row = self._sheet, self._raw.header_row
        last = max((row for row, _ in self._cells), default=header_row)
        rows = [row for row in self._raw.rows if row in kept]
        moved = {row: row for row in range(1, header_row + 1)}
        moved |= {row: header_row + at for at, row in enumerate(rows, start=1)}
        self._move_cells(moved)
        heights = {moved[row]: sheet.row_dimensions[row].height for row in moved if row in sheet.row_dimensions}
        for row in list(sheet.row_dimensions):
            if row > header_row:
                del sheet.row_dimensions[row]
        for row, height in heights.items():
            if height is not None:
                sheet.row_dimensions[row].height = height
        self._move_ranges(moved, last, header_row + max(1, len(rows)))

    def finish(self) -> None:
        """Give every note the size of its text: openpyxl forgets the sizes that notes had."""
        _resize_notes(self._sheet)

    def _visible(self, row: int, column: int) -> tuple[int, int]:
        """The cell that shows what stands there: of merged cells only the first one does."""
        for area in self._sheet.merged_cells.ranges:
            if area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col:
                return area.min_row, area.min_col
        return row, column

    def _cell(self, row: int, column: int) -> Any:
        """The cell; a new one looks like its column."""
        is_new = (row, column) not in self._cells
        cell = self._sheet.cell(row=row, column=column)
        below = self._sheet.column_dimensions.get(column_letter(column))
        if is_new and below is not None and below.has_style:
            cell._style = below._style  # noqa: SLF001 - openpyxl has no public way to share a style
        return cell

    def _write(self, row: int, column: int, text: str, tone: Tone | None) -> None:
        from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415 - heavy

        cell = self._cell(row, column)
        cell.value = shown_result(text) or None
        if text:
            cell.data_type = "s"  # text, also where it looks like a formula or an error
        cell.number_format = _style.TEXT_FORMAT
        cell.alignment = Alignment(vertical="top", wrap_text=False)
        cell.font = Font(name=_style.FONT, size=11, color=f"FF{_style.INK[1:]}")
        if tone is not None:
            cell.fill = PatternFill("solid", fgColor=tone.value)
        elif cell.fill.fgColor.rgb in TONES:
            cell.fill = PatternFill()

    def _add_header(self, number: int, column: ResultColumn) -> None:
        from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415 - heavy

        cell = self._sheet.cell(row=self._raw.header_row, column=number)
        cell.value = escape(column.header)
        cell.data_type = "s"
        cell.number_format = _style.TEXT_FORMAT
        cell.font = Font(name=_style.FONT, size=11, bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", fgColor=f"FF{_style.TINTS['result'].header[1:]}")
        cell.alignment = Alignment(vertical="center")
        self._sheet.column_dimensions[column_letter(number)].width = column.width

    def _extend_filter(self, last: int) -> None:
        from openpyxl.utils.cell import range_boundaries  # noqa: PLC0415 - heavy

        row_from, column_from = self._raw.header_row, 1
        row_to = max(self._raw.rows, default=row_from)
        if self._sheet.auto_filter.ref:
            left, top, right, bottom = range_boundaries(self._sheet.auto_filter.ref)
            if top == row_from:
                column_from, row_to, last = left, max(row_to, bottom or 0), max(last, right or 0)
        self._sheet.auto_filter.ref = f"{column_letter(column_from)}{row_from}:{column_letter(last)}{row_to}"

    def _move_cells(self, moved: Mapping[int, int]) -> None:
        from openpyxl.formula.translate import Translator  # noqa: PLC0415 - heavy

        cells = dict(self._cells)
        self._cells.clear()
        for (row, column), cell in cells.items():
            to = moved.get(row)
            if to is None:
                continue
            if cell.data_type == "f" and isinstance(cell.value, str) and to != row:
                cell.value = Translator(cell.value, cell.coordinate).translate_formula(f"{column_letter(column)}{to}")
            cell.row = to
            if cell.hyperlink is not None:
                cell.hyperlink.ref = cell.coordinate
            self._cells[to, column] = cell

    def _move_ranges(self, moved: Mapping[int, int], last: int, new_last: int) -> None:
        """Merged cells, tables and the filter: ranges over all rows shrink, those over a row go with it."""
        sheet = self._sheet
        for area in list(sheet.merged_cells.ranges):
            to = moved.get(area.min_row)
            if to is None or area.min_row != area.max_row:
                sheet.merged_cells.remove(area)
            elif to != area.min_row:
                area.shift(row_shift=to - area.min_row)
        for table in sheet.tables.values():
            table.ref = _shrunk(table.ref, last, new_last)
            if table.autoFilter is not None:
                table.autoFilter.ref = table.ref
        if sheet.auto_filter.ref:
            sheet.auto_filter.ref = _shrunk(sheet.auto_filter.ref, 0, new_last)
            sheet.auto_filter.filterColumn = []
            sheet.auto_filter.sortState = None


def _shrunk(area: str, unless_below: int, last_row: int) -> str:
    """A range that ends at `last_row`, unless it lies elsewhere."""
    from openpyxl.utils.cell import range_boundaries  # noqa: PLC0415 - heavy

    left, top, right, bottom = range_boundaries(area)
    if top > last_row or (unless_below and bottom > unless_below):
        return area
    return f"{column_letter(left)}{top}:{column_letter(right)}{max(top + 1, min(bottom, last_row))}"


def _attach(sheet: Any, attachments: Mapping[str, bytes]) -> None:
    """Write what travels in the workbook anew."""
    sheet.delete_rows(1, sheet.max_row)
    for number, column in enumerate(to_columns(attachments), start=1):
        for row, text in enumerate(column, start=1):
            cell = sheet.cell(row=row, column=number)
            cell.value = escape(text)
            cell.data_type = "s"


def _resize_notes(sheet: Any) -> None:
    for cell in sheet._cells.values():  # noqa: SLF001 - only the cells that exist
        if cell.comment is not None:
            cell.comment.width = _style.NOTE_WIDTH
            cell.comment.height = _style.note_height(cell.comment.text)


# --- the file --------------------------------------------------------------------------------------------------------


def _load(source: Path) -> Loaded:
    """The workbook with its rich text."""
    try:
        return loaded(source, rich_text=True)
    except (MemoryError, FileError):
        raise
    except Exception as exc:
        raise _not_copied(source, exc) from exc


def _save(copy: Loaded, source: Path) -> io.BytesIO:
    content = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            copy.workbook.save(content)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError) as exc:
        raise _not_copied(source, exc) from exc
    return copy.restored(content)


def _losses(source: Path, written: io.BytesIO, warned: Iterable[str]) -> tuple[str, ...]:
    """What the source has and the copy has not, in words."""
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(written) as after:
        missing = {name for name in before.namelist() if not name.endswith(".vml")} - set(after.namelist())
    found = [words for part, words in _LOSSES.items() if any(part in name for name in missing if "_rels" not in name)]
    return tuple(dict.fromkeys([*found, *warned]))


def _not_copied(source: Path, exc: BaseException) -> FileError:
    detail = " ".join(str(exc).split())[:160]
    return FileError(
        f"{source}: cannot be copied with marks ({type(exc).__name__}: {detail})",
        hint="Open it in a spreadsheet program, save it as a new .xlsx, and use that.",
    )
