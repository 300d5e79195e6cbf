"""A worksheet's rows, streamed: cells get other styles, results are written, rows are left out and renumbered.

Rows in which nothing changes are passed on as they are. What is not spelled as spreadsheet programs do (cells without
an address, comments in between, prefixes) raises UnpatchableError.
"""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Final, Protocol

from bulkio.sheets._cells import column_letter, column_number
from bulkio.sheets._nodes import UnpatchableError, with_attributes, without_attributes
from bulkio.sheets._xml import escape_entities, unescape_entities

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bulkio.sheets._trim import Trim

CHUNK: Final = 1 << 20
_LONGEST_ROW: Final = 1 << 24
_END: Final = b"</sheetData>"
_ROW_NUMBER = re.compile(r'(?<=\s)r="([0-9]{1,7})"')
_CELL = re.compile(r'<c r="([A-Z]{1,3})[0-9]{1,7}"')
_STYLE = re.compile(r'\ss="([0-9]+)"')
_FORMULA_CELL = re.compile(
    r'<c r="([A-Z]{1,3})([0-9]{1,7})"[^<>]*(?<!/)>(?:(?!</c>).)*?<f\b(?:(?!</c>).)*</c>', re.DOTALL
)
_FORMULA = re.compile(r"<f(\s[^<>]*?)?(?:/>|>([^<]*)</f>)")
_NO_VALUE = re.compile(r"<v\s*/>|<v></v>")


class CellEdit(Protocol):
    """What becomes of one cell."""

    def __call__(self, reference: str, style: str | None, cell: str | None) -> str:
        """The new cell; `style` and `cell` are None where there is none yet."""


def patched_rows(
    stream: IO[bytes], edits: Mapping[int, Mapping[int, CellEdit]], trim: Trim | None, rows: Sequence[int]
) -> Iterator[bytes]:
    """The rows of `stream` (which stands behind `<sheetData>`), up to `</sheetData>`, with the edits by row and column.

    `rows` are those of `edits`, in order: one that the part has not is added.
    """
    pending = iter(rows)
    waiting = next(pending, None)
    masters: dict[str, tuple[str, str]] = {}
    for block in _blocks(stream):
        if "<!" in block or "<?" in block:
            raise UnpatchableError
        out: list[str] = []
        for row, tag, inner in _rows(block):
            while waiting is not None and waiting < row:
                out.append(_new_row(waiting, edits[waiting], trim))
                waiting = next(pending, None)
            cells = inner
            if trim and "<f" in cells:
                _learn_masters(cells, masters)
            to = trim.row_of(row) if trim else row
            here = edits[row] if row == waiting else None
            if here is not None:
                waiting = next(pending, None)
            if to is None:
                continue
            if here:
                cells = _edited(cells, row, here)
                tag = without_attributes(tag, "spans")  # noqa: PLW2901
            if trim and row > trim.header_row:
                tag, cells = _moved(tag, cells, row, trim, masters)  # noqa: PLW2901
            out.append(f"{_open(tag)}{cells}</row>" if cells else tag if tag.endswith("/>") else f"{tag}</row>")
        yield "".join(out).encode()
    rest = [_new_row(row, edits[row], trim) for row in ([waiting, *pending] if waiting is not None else ())]
    yield "".join(rest).encode()


def _blocks(stream: IO[bytes]) -> Iterator[str]:
    """Whole rows, many at a time."""
    buffer = b""
    while chunk := stream.read(CHUNK):
        buffer += chunk
        end = buffer.find(_END)
        if end >= 0:
            yield buffer[:end].decode()
            return
        cut = buffer.rfind(b"<row ")
        if cut > 0:
            yield buffer[:cut].decode()
            buffer = buffer[cut:]
        if len(buffer) > _LONGEST_ROW:
            break
    raise UnpatchableError


def _rows(block: str) -> Iterator[tuple[int, str, str]]:
    """Number, start tag and cells of each row."""
    pieces = block.split("</row>")
    for at, each in enumerate(pieces):
        piece = each.lstrip()
        while piece:
            if not piece.startswith("<row "):
                raise UnpatchableError
            end = piece.index(">") + 1
            tag = piece[:end]
            number = _ROW_NUMBER.search(tag)
            if number is None:
                raise UnpatchableError
            if tag.endswith("/>"):
                yield int(number[1]), tag, ""
                piece = piece[end:].lstrip()
            elif at == len(pieces) - 1:
                raise UnpatchableError
            else:
                yield int(number[1]), tag, piece[end:]
                break


def _open(tag: str) -> str:
    return f"{tag[:-2].rstrip()}>" if tag.endswith("/>") else tag


def _new_row(row: int, edits: Mapping[int, CellEdit], trim: Trim | None) -> str:
    to = trim.row_of(row) if trim else row
    if to is None:
        return ""
    cells = "".join(edits[column](f"{column_letter(column)}{to}", None, None) for column in sorted(edits))
    return f'<row r="{to}">{cells}</row>'


def _edited(cells: str, row: int, edits: Mapping[int, CellEdit]) -> str:
    """The row's cells with some of them changed or added, in the order of their columns."""
    if cells.count("<c ") != cells.count('<c r="') or "<c>" in cells:
        raise UnpatchableError
    for column in sorted(edits):
        reference = f"{column_letter(column)}{row}"
        start = cells.find(f'<c r="{reference}"')
        if start >= 0:
            end = _cell_end(cells, start)
            cell = cells[start:end]
            style = _STYLE.search(cell, 0, cell.index(">"))
            changed = edits[column](reference, style[1] if style else "0", cell)
        else:
            start = end = _place(cells, column)
            changed = edits[column](reference, None, None)
        cells = cells[:start] + changed + cells[end:]
    return cells


def _cell_end(cells: str, start: int) -> int:
    end = cells.index(">", start) + 1
    return end if cells[end - 2] == "/" else cells.index("</c>", end) + len("</c>")


def _place(cells: str, column: int) -> int:
    """Where a new cell of the column belongs."""
    last = _CELL.match(cells, cells.rfind("<c "))
    if last is None or column_number(last[1]) < column:
        return len(cells)
    return next(found.start() for found in _CELL.finditer(cells) if column_number(found[1]) > column)


# --- rows that move --------------------------------------------------------------------------------------------------


def _moved(tag: str, cells: str, row: int, trim: Trim, masters: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """A row in its new place, shown if it was hidden."""
    to = trim.row_of(row) or row
    if cells.count("<c ") != cells.count('<c r="') or "<c>" in cells:
        raise UnpatchableError
    tag = with_attributes(without_attributes(tag, "hidden", "collapsed"), r=str(to))
    if re.search(r'\sht="0(?:\.0*)?"', tag):
        tag = without_attributes(tag, "ht", "customHeight")
    if "<f" in cells:
        cells = _FORMULA_CELL.sub(lambda found: _formula_cell(found, row, to, trim, masters), cells)
    if to != row:
        cells = re.sub(rf'<c r="([A-Z]{{1,3}}){row}"', rf'<c r="\g<1>{to}"', cells)
    return tag, cells


def _learn_masters(cells: str, masters: dict[str, tuple[str, str]]) -> None:
    """Remember the cells that hold the formulas which others share."""
    if 't="shared"' not in cells:
        return
    for found in _FORMULA_CELL.finditer(cells):
        formula = _FORMULA.search(found[0])
        if formula and formula[2] and (shared := re.search(r'\ssi="([0-9]+)"', formula[1] or "")):
            masters[shared[1]] = (formula[2], f"{found[1]}{found[2]}")


def _formula_cell(found: re.Match[str], row: int, to: int, trim: Trim, masters: Mapping[str, tuple[str, str]]) -> str:
    cell = found[0]
    formula = _FORMULA.search(cell)
    if formula is None:
        raise UnpatchableError
    attributes, text = formula[1] or "", formula[2] or ""
    if shared := re.search(r'\ssi="([0-9]+)"', attributes):
        if not text and shared[1] not in masters:
            raise UnpatchableError
        text = text or _translated(*masters[shared[1]], f"{found[1]}{row}")
    is_array = ' t="array"' in attributes or ' t="dataTable"' in attributes
    moved = None if is_array else trim.formula_of(unescape_entities(text), row)
    has_value = "<v>" in cell and not _NO_VALUE.search(cell)
    if moved is None and has_value:
        return without_attributes(cell[: formula.start()], "cm") + cell[formula.end() :]
    if moved is None:  # nothing was ever calculated: the formula is all there is
        moved = unescape_entities(_translated(text, f"{found[1]}{row}", f"{found[1]}{to}"))
    return f"{cell[: formula.start()]}<f>{escape_entities(moved)}</f>{cell[formula.end() :]}"


def _translated(formula: str, origin: str, to: str) -> str:
    """A formula as it is when copied to another cell, both as written in XML."""
    from openpyxl.formula.translate import Translator  # noqa: PLC0415 - heavy, and hardly ever needed

    return escape_entities(str(Translator(f"={unescape_entities(formula)}", origin).translate_formula(to))[1:])
