"""Write a workbook: what a person will be glad to open, and what comes back exactly as it was.

It is not a general Excel writer: it writes tables of text, plain numerals and booleans, and no formula or hyperlink
ever. Two engines write the same workbook, `_write_fast.py` and `_write_openpyxl.py`; `engine.py` says which.
"""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from bulkio.errors import FileError
from bulkio.sheets._replace import replacing
from bulkio.sheets._tables import Table, hidden_tables
from bulkio.sheets.engine import Engine, writing_engine

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.core.grid import BookSpec


def write_xlsx(book: BookSpec, path: Path) -> None:
    """Write `book` to `path`, whole or not at all.

    Raises FileError if the path cannot be written, or for a value that no workbook can hold (named by sheet and cell):
    more than 32,767 characters, a lone surrogate, a row beyond 1,048,576. Nothing is ever cut off.
    """
    if writing_engine() is Engine.FAST:
        from bulkio.sheets._write_fast import write  # noqa: PLC0415 - either engine is heavy
    else:
        from bulkio.sheets._write_openpyxl import write  # noqa: PLC0415
    tables = [Table(sheet.name, sheet) for sheet in book.sheets]
    hidden = hidden_tables(book)
    for table in (*tables, *hidden):
        table.check()
    with replacing(path) as stream:
        try:
            write(book, tables, hidden, stream)
        except (zipfile.LargeZipFile, RuntimeError) as exc:
            msg = f"{path}: too much for one workbook"
            raise FileError(msg, hint="Export to .csv, or fewer records at a time.") from exc
