"""Files in and out: .xlsx, .csv and .jsonl <-> raw sheets (core/grid.py).

Not here: what a column means. Reading gives every cell as the file has it; writing takes canonical text. Each format is
one module, and a value written by any of them comes back the same:

    write_xlsx   read_xlsx      xlsx_write.py  xlsx_read.py
    write_csv    read_csv       csv.py
    write_jsonl  read_jsonl     jsonl.py
    CsvWriter, JsonlWriter      the same, some rows at a time
                 read_book      whichever of them the content asks for

    replacing                     _replace.py   a stream whose content is the file, once all of it is written
    refuse_unwritable             _replace.py   whether a file could be written, before there is anything to write
    annotate_xlsx, annotate_csv   annotate.py   a copy of the user's own file with marks and results

Everything raises `FileError` in one line with a hint, or `InvalidFileError` with an issue per line; nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.grid import RawBook
from bulkio.errors import FileError
from bulkio.sheets._replace import refuse_unwritable, replacing
from bulkio.sheets.annotate import Mark, ResultColumn, annotate_csv, annotate_xlsx
from bulkio.sheets.csv import CsvWriter, read_csv, write_csv, write_csv_file
from bulkio.sheets.jsonl import JsonlWriter, read_jsonl, write_jsonl, write_jsonl_file
from bulkio.sheets.xlsx_read import read_xlsx
from bulkio.sheets.xlsx_write import write_xlsx

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = [
    "CsvWriter",
    "JsonlWriter",
    "Mark",
    "ResultColumn",
    "annotate_csv",
    "annotate_xlsx",
    "read_book",
    "read_csv",
    "read_jsonl",
    "read_xlsx",
    "refuse_unwritable",
    "replacing",
    "write_csv",
    "write_csv_file",
    "write_jsonl",
    "write_jsonl_file",
    "write_xlsx",
]

_JSONL_SUFFIXES = {".jsonl", ".ndjson", ".json"}
_WORKBOOK_SUFFIXES = {".xlsx", ".xlsm", ".xltx", ".xls", ".xlsb", ".ods"}
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")


def read_book(
    path: Path,
    *,
    root: str = "",
    children: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> RawBook:
    """Read a file by what is in it, and only then by its suffix: a workbook named .csv is still a workbook.

    `root` and `children` are what `read_jsonl` needs; `root` is also the name of a CSV file's sheet (else the file's
    stem). `encoding` and `delimiter` are for text files. Raises FileError and InvalidFileError.
    """
    start = _start(path)
    suffix = path.suffix.lower()
    if start.startswith(_ARCHIVES):
        return read_xlsx(path)
    if suffix in _JSONL_SUFFIXES or (suffix != ".csv" and start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b'{"')):
        return read_jsonl(path, root=root or path.stem, children=children or {}, encoding=encoding)
    if suffix in _WORKBOOK_SUFFIXES:
        return read_xlsx(path)  # which says what it is instead
    sheet = read_csv(path, root, encoding=encoding, delimiter=delimiter)
    return RawBook(sheets={sheet.name: sheet})


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(64)
    except FileNotFoundError as exc:
        msg = f"{path}: there is no such file"
        raise FileError(msg, hint="Check the name and the folder.") from exc
    except OSError as exc:
        if path.is_dir():
            msg = f"{path}: this is a folder, not a file"
            raise FileError(msg, hint="Name the file in it.") from exc
        msg = f"{path}: cannot be read ({exc.strerror})"
        raise FileError(msg, hint="Close it elsewhere, or check its rights.") from exc
