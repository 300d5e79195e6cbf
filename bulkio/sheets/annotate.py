"""Write a copy of the user's own file back, with marks on cells and result columns; the original is never touched.

Formulas with their values, colours, column order, widths, filters, notes, pictures, extra columns and sheets, and what
travels in `_bulkio` stay: a workbook is changed in place, part by part (`_patch.py`). One that is spelled too unusually
for that is rewritten by openpyxl (`_rewrite.py`), which loses what it does not know: `annotate_xlsx` returns what was
lost, so that the user can be told.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from bulkio.sheets._marks import Mark, ResultColumn, Tone, Wanted, strongest_first
from bulkio.sheets._nodes import UnpatchableError
from bulkio.sheets._patch import patch_xlsx
from bulkio.sheets._replace import replacing
from bulkio.sheets.csv import guard, open_csv
from bulkio.sheets.xlsx_read import read_xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bulkio.core.grid import RawBook, TextFormat

__all__ = ["ISSUES_COLUMN", "Mark", "ResultColumn", "Tone", "annotate_csv", "annotate_xlsx"]

ISSUES_COLUMN: Final = "Issues"  # of a CSV copy, which has no notes


def annotate_xlsx(  # noqa: PLR0913 - what a copy may get
    source: Path,
    target: Path,
    *,
    marks: Sequence[Mark] = (),
    columns: Mapping[str, Sequence[ResultColumn]] | None = None,
    keep_rows: Mapping[str, set[int]] | None = None,
    attachments: Mapping[str, bytes] | None = None,
    book: RawBook | None = None,
) -> tuple[str, ...]:
    """Write `source` to `target` with marks and result columns; returns what could not be kept, in words.

    All row numbers are those of `source`. `keep_rows` names the data rows that stay, by sheet; the others are deleted
    from that sheet, hidden rows are shown and its filter is emptied (the copy is there to be worked through). A sheet
    that is not named keeps all. Marks and results on deleted rows go with them; a mark on a sheet that the file does
    not have is left out. Marks of an earlier copy are taken off first. `attachments` replace those of the source, where
    it has any. `book` is what was read from the source, if it was.

    Raises FileError if the source cannot be read or the target not be written.
    """
    book = book or read_xlsx(source)
    wanted = Wanted(marks=marks, columns=columns or {}, keep_rows=keep_rows or {}, attachments=attachments or {})
    try:
        patch_xlsx(source, target, book, wanted)
    except UnpatchableError:
        from bulkio.sheets._rewrite import rewrite_xlsx  # noqa: PLC0415 - hardly ever needed

        return rewrite_xlsx(source, target, book, wanted)
    return ()


def annotate_csv(  # noqa: PLR0913 - as annotate_xlsx, and how the file is to be read
    source: Path,
    target: Path,
    *,
    marks: Sequence[Mark] = (),
    columns: Sequence[ResultColumn] = (),
    keep_rows: set[int] | None = None,
    text_format: TextFormat | None = None,
) -> None:
    """Write a CSV file to `target` with more columns: the results, and one with the marks' texts if there are any.

    `text_format` is how the file was read, as far as that was not detected (""). Encoding, delimiter, line ends, a
    `sep=` line and every other cell stay as they are; where the encoding cannot hold a new text, the copy is UTF-8.
    Rows are the lines on which records start. Raises FileError, InvalidFileError.
    """
    opened_csv = open_csv(
        source,
        encoding=(text_format.encoding or None) if text_format else None,
        delimiter=(text_format.delimiter or None) if text_format else None,
    )
    by_row: dict[int, list[str]] = defaultdict(list)
    for mark in strongest_first(marks):
        by_row[mark.row].append(f"{mark.letter}{mark.row}: {mark.text}" if mark.letter else mark.text)
    extra = list(columns)
    if marks:
        extra.append(
            ResultColumn(header=ISSUES_COLUMN, values={row: "\n".join(texts) for row, texts in by_row.items()})
        )
    _, header = opened_csv.header
    places = [header.index(column.header) if column.header in header else -1 for column in extra]
    new = [column for column, place in zip(extra, places, strict=True) if place < 0]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=opened_csv.text_format.delimiter, lineterminator=opened_csv.line_end)
    text.write(opened_csv.declaration)
    writer.writerow([*header, *(column.header for column in new)])
    for row, record in opened_csv.records:
        if keep_rows is not None and row not in keep_rows:
            continue
        cells = record[: len(header)]
        for column, place in zip(extra, places, strict=True):
            value = guard(column.values.get(row, ""))
            if place < 0:
                cells.append(value)
            elif value or not column.is_partial:
                cells[place] = value
        writer.writerow(cells)
    try:
        content = text.getvalue().encode(opened_csv.text_format.encoding)
    except UnicodeEncodeError:
        content = text.getvalue().encode("utf-8-sig", "backslashreplace")
    with replacing(target) as stream:
        stream.write(content)
