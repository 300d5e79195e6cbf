"""The fast way to write a workbook, in two steps.

1. xlsxwriter builds the *shell* (`_shell.py`): everything but the rows.
2. The rows (`_rows.py`) are streamed into the shell's sheet parts, in the styles that its template row got.

Why not all by xlsxwriter: its row writing takes ten times as long and holds all in memory, it writes a text that begins
with `<r>` and ends with `</r>` as raw XML, and its `_xHHHH_` escape does not survive `_x0041_x0042_`.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

from bulkio.sheets._cells import column_letter
from bulkio.sheets._rows import Styles, header_cells, row_blocks
from bulkio.sheets._shared_strings import PART, SharedStrings, with_content_type, with_relationship
from bulkio.sheets._shell import make_shell
from bulkio.sheets._tables import ATTACHMENTS_SHEET, LEVEL, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bulkio.core.grid import BookSpec

_SHEET_DATA = re.compile(r"<sheetData>(?:(?P<rows>.*?)</sheetData>)|<sheetData/>", re.DOTALL)
_TEMPLATE_CELL = re.compile(r'<c r="([A-Z]+)([1-3])" s="(\d+)"')
_DIMENSION = re.compile(r'<dimension ref="[^"]*"/>')
_HEADER_ROW = re.compile(r'<row r="1"[^>]*>')


def write(book: BookSpec, tables: Sequence[Table], hidden: Sequence[Table], stream: BinaryIO) -> None:
    """Write the tables, checked, to a stream; holds one block of rows in memory, not the file."""
    shell = make_shell(book, tables, hidden)
    _fill(shell, {f"xl/worksheets/sheet{table.number}.xml": table for table in (*tables, *hidden)}, stream)


def _fill(shell: bytes, tables: Mapping[str, Table], stream: Any) -> None:
    """Copy the shell's parts; into those of `tables` go the rows, and what they share into a part of its own."""
    with (
        zipfile.ZipFile(io.BytesIO(shell)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as target,
    ):
        parts = {name: source.read(name).decode() for name in source.namelist()}  # no pictures: all is XML
        strings = SharedStrings(parts.pop(PART, ""))
        parts["[Content_Types].xml"] = with_content_type(parts["[Content_Types].xml"])
        parts["xl/_rels/workbook.xml.rels"] = with_relationship(parts["xl/_rels/workbook.xml.rels"])
        for name, content in parts.items():
            with target.open(name, "w") as part:
                if name not in tables:
                    part.write(content.encode())
                    continue
                if tables[name].name == ATTACHMENTS_SHEET:
                    # Base64 of what is compressed already: there is nothing to find in it, only six bits to a letter.
                    _compress_by(zlib.compressobj(LEVEL, zlib.DEFLATED, -15, strategy=zlib.Z_HUFFMAN_ONLY), part)
                for block in _sheet_part(content, tables[name], strings):
                    part.write(block)
        with target.open(PART, "w") as part:
            for block in strings.blocks():
                part.write(block)


def _compress_by(compressor: Any, part: Any) -> None:
    """Give a part that is being written its own compressor. zipfile has no public way to choose a strategy."""
    part._compressor = compressor  # noqa: SLF001


def _sheet_part(shell: str, table: Table, strings: SharedStrings) -> Iterator[bytes]:
    """The XML of one sheet, a block of rows at a time."""
    found = _SHEET_DATA.search(shell)
    if found is None:  # xlsxwriter always writes it
        msg = "the shell has no sheetData"
        raise ValueError(msg)
    spec = table.spec
    last = f"{column_letter(max(1, len(spec.columns)))}{spec.row_count + 1}"
    head = _DIMENSION.sub(f'<dimension ref="A1:{last}"/>', shell[: found.start()], count=1)
    template = found["rows"] or ""
    styles: Styles = {(letter, row): style for letter, row, style in _TEMPLATE_CELL.findall(template)}
    opening = _HEADER_ROW.match(template)
    header = f"{opening[0]}{header_cells(spec, styles)}</row>" if opening else ""
    yield f"{head}<sheetData>{header}".encode()
    yield from row_blocks(table, styles, strings)
    yield f"</sheetData>{shell[found.end() :]}".encode()
