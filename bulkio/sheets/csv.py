"""CSV <-> raw sheets, exactly: strict quoting, no guessed values, line numbers as an editor shows them.

Written: UTF-8 with BOM (Excel takes it for the local code page otherwise), commas, CRLF, quotes where needed, and a
guard on cells that a spreadsheet would run as formulas. Read: what Excel and people make of that.

The guard is one apostrophe in front of a value that, apart from apostrophes, begins with one of `= + - @`, tab, CR, LF
or their full-width twins (https://owasp.org/www-community/attacks/CSV_Injection). Reading takes exactly one off where
the same holds, so every value comes back as it was.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final, NoReturn

from bulkio.core.grid import CellType, Fact, RawColumn, RawSheet, SheetSpec, TextFormat
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.errors import FileError, InvalidFileError
from bulkio.sheets._cells import column_letter
from bulkio.sheets._replace import replacing
from bulkio.sheets._text import decoded, name_of, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

DELIMITERS: Final = (",", ";", "\t", "|")
_BLOCK: Final = 1_000  # rows rendered at a time: all of them would take as much memory again as the sheet
MAX_FIELD: Final = 1 << 20  # characters; the csv module's own limit is 131,072
MOST_ISSUES: Final = 100  # a file with the wrong delimiter is wrong on every line

_TRIGGERS = "=+-@\t\r\n＝＋－＠"  # noqa: RUF001 - the full-width twins are meant
_GUARDED = frozenset(_TRIGGERS) | {"'"}  # what a cell that `guard` changes begins with
_NUMERAL = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_DOUBLE_IT = 'Double a quote that is meant within a quoted cell: "".'
_QUOTING = {  # by what the csv module says
    "unexpected end": ("A quote in the record that starts here is never closed.", _DOUBLE_IT),
    "larger than": (f"A cell is longer than {MAX_FIELD:,} characters.", "Look for a quote that is never closed."),
    "expected after": ("Text follows a closing quote in the record that starts here.", _DOUBLE_IT),
}
_BOOLEANS = {"true": "TRUE", "false": "FALSE"}


class CsvWriter:
    """Writes a sheet to a binary stream, some rows at a time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._rows = 0  # written, with the header

    def write(self, part: SheetSpec) -> None:
        """Write the next rows; before the first ones, the header.

        Raises FileError, naming the cell, for a NUL or a lone surrogate, which no text file can hold.
        """
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        if not self._rows:
            self._stream.write(b"\xef\xbb\xbf")
            writer.writerow([guard(column.header) for column in part.columns])
        for start in range(0, part.row_count, _BLOCK):
            stop = start + _BLOCK
            rendered = [_rendered(column.values[start:stop], column.cell_type) for column in part.columns]
            writer.writerows(zip(*rendered, strict=True))
            self._flush(out, part)
        self._flush(out, part)
        self._rows += part.row_count + (0 if self._rows else 1)

    def _flush(self, out: io.StringIO, part: SheetSpec) -> None:
        text = out.getvalue()
        out.seek(0)
        out.truncate()
        try:
            encoded = text.encode()
        except UnicodeEncodeError:
            encoded = b"\0"
        if b"\0" in encoded:
            _refuse_characters(part, self._rows)
        self._stream.write(encoded)


def write_csv(sheet: SheetSpec, stream: BinaryIO) -> None:
    """Write the sheet's columns to a binary stream. Raises FileError as `CsvWriter` does."""
    CsvWriter(stream).write(sheet)


def write_csv_file(sheet: SheetSpec, path: Path) -> None:
    """`write_csv` to a file, whole or not at all. Raises FileError."""
    with replacing(path) as stream:
        write_csv(sheet, stream)


def read_csv(
    source: Path | BinaryIO, name: str = "", *, encoding: str | None = None, delimiter: str | None = None
) -> RawSheet:
    """Read a CSV file as one sheet; `name` is the sheet's (else the file's stem).

    Encoding, unless given: BOM, then strict UTF-8, then UTF-16 if every other byte is NUL, then Windows-1252. That last
    one is a guess, and `RawSheet.text_format` says so to whoever shows it. Delimiter, unless given: a first line
    `sep=;`, else the one of comma, semicolon, tab and bar that the header has most often outside of quotes.
    `rows` are the physical lines on which the records start.

    Raises FileError if the bytes are no text in that encoding, and InvalidFileError, with an issue per line, for NULs,
    quotes that are not closed, and records with more or fewer cells than the header.
    """
    opened = open_csv(source, name, encoding=encoding, delimiter=delimiter)
    header_row, header = opened.header
    kept = [(row, record) for row, record in opened.records if any(record)]
    cells = zip(*(record for _, record in kept), strict=True) if kept else [()] * len(header)
    columns = []
    for number, (title, column) in enumerate(zip(header, cells, strict=True), start=1):
        text = list(column)
        if any(cell.startswith("'") for cell in text):
            text = [unguard(cell) for cell in text]
        if title or any(text):
            facts = bytes([Fact.TEXT if cell else Fact.BLANK for cell in text])
            columns.append(RawColumn(unguard(title), column_letter(number), text, facts))
    return RawSheet(
        name=opened.name,
        header_row=header_row,
        rows=[row for row, _ in kept],
        columns=tuple(columns),
        text_format=opened.text_format,
    )


@dataclass(frozen=True, slots=True)
class OpenedCsv:
    """A CSV file as records of cells as they stand (guards and all), with the line on which each starts."""

    name: str
    text_format: TextFormat
    declaration: str  # the `sep=` line, with its line end
    line_end: str
    header: tuple[int, list[str]]
    records: list[tuple[int, list[str]]]  # each as long as the header; blank lines are left out


def open_csv(
    source: Path | BinaryIO, name: str = "", *, encoding: str | None = None, delimiter: str | None = None
) -> OpenedCsv:
    """Read and check a file's records; see `read_csv`, which is this and makes columns of them."""
    label = name_of(source)
    sheet = name or re.split(r"[/\\]", label)[-1].rsplit(".", 1)[0]
    text, codec = decoded(read_bytes(source), label, encoding)
    if "\0" in text:
        _refuse_nuls(text, sheet, label)
    declaration, declared = _declared_delimiter(text)
    body = text[len(declaration) :]
    chosen = delimiter or declared or detect_delimiter(body)
    if len(chosen) != 1 or chosen in '"\r\n':
        msg = f"{label}: {chosen!r} cannot be a delimiter"
        raise FileError(msg, hint="Use one character: , ; | or a tab.")
    records = list(_records(body, chosen, 2 if declaration else 1, sheet, label))
    if not records:
        msg = f"{label}: the file is empty"
        raise FileError(msg, hint="Its first line must be the header.")
    header, *others = records
    return OpenedCsv(
        name=sheet,
        text_format=TextFormat(codec, chosen),
        declaration=declaration,
        line_end="\r\n" if "\r\n" in text or "\n" not in text else "\n",
        header=header,
        records=_even(others, len(header[1]), sheet, label),
    )


def guard(value: str) -> str:
    """`value` with an apostrophe in front if a spreadsheet would run it."""
    return f"'{value}" if value.lstrip("'").startswith(tuple(_TRIGGERS)) else value


def unguard(value: str) -> str:
    """The inverse of `guard`."""
    return value[1:] if value.startswith("'") and value.lstrip("'").startswith(tuple(_TRIGGERS)) else value


def detect_delimiter(text: str) -> str:
    """The delimiter that stands most often in the first record, outside of quotes; a comma if none does."""
    counts = dict.fromkeys(DELIMITERS, 0)
    is_quoted = False
    for character in text:
        if character == '"':
            is_quoted = not is_quoted
        elif not is_quoted:
            if character in "\r\n":
                if any(counts.values()):
                    break
            elif character in counts:
                counts[character] += 1
    return max(counts, key=lambda delimiter: counts[delimiter])


def _declared_delimiter(text: str) -> tuple[str, str]:
    """Excel's own `sep=;` in the first line: that line, and the delimiter."""
    found = re.match(r'"?sep=(.)"?(?:\r\n|\r|\n|$)', text, re.IGNORECASE)
    return (found[0], found[1]) if found else ("", "")


def _records(text: str, delimiter: str, first_line: int, sheet: str, label: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line on which each starts; blank lines are passed over."""
    if csv.field_size_limit() < MAX_FIELD:
        csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = first_line
    try:
        for record in reader:
            if record:
                yield start, record
            start = first_line + reader.line_num
    except csv.Error as exc:
        message, hint = next(
            (found for words, found in _QUOTING.items() if words in str(exc)),
            ("The quotes of this record cannot be read.", _DOUBLE_IT),
        )
        issue = _issue(IssueCode.BAD_QUOTING, sheet, start, message, hint)
        msg = f"{label}: line {start}: {message}"
        raise InvalidFileError(msg, issues=[issue], hint=hint) from exc


def _even(records: list[tuple[int, list[str]]], width: int, sheet: str, label: str) -> list[tuple[int, list[str]]]:
    """The records, all as long as the header, or an issue for each that is not."""
    issues = []
    for at, (line, record) in enumerate(records):
        if len(record) == width:
            continue
        if len(record) > width and not any(
            record[width:]
        ):  # delimiters at the end with nothing behind: nothing is lost
            records[at] = (line, record[:width])
        else:
            issues.append(_ragged(sheet, line, len(record), width))
    if issues:
        first = issues[0]
        more = f" and {len(issues) - 1:,} more lines" if len(issues) > 1 else ""
        message = f"{label}: line {first.row}{more}: {first.message}"
        raise InvalidFileError(message, issues=issues[:MOST_ISSUES], hint=first.hint)
    return records


def _ragged(sheet: str, line: int, found: int, expected: int) -> Issue:
    message = f"{found} {'cell' if found == 1 else 'cells'}, but the header has {expected}."
    hint = "Put quotes around a cell that contains the delimiter or a line break; or give --delimiter."
    return _issue(IssueCode.RAGGED_ROW, sheet, line, message, hint)


def _refuse_nuls(text: str, sheet: str, label: str) -> None:
    message = "A NUL character: the file is damaged, or it is not text in this encoding."
    hint = "Export it again, or give --encoding."
    lines = [number for number, line in enumerate(io.StringIO(text, newline=""), start=1) if "\0" in line]
    issues = [_issue(IssueCode.NUL_CHARACTER, sheet, line, message, hint) for line in lines[:MOST_ISSUES]]
    msg = f"{label}: line {lines[0]}: {message}"
    raise InvalidFileError(msg, issues=issues, hint=hint)


def _issue(code: IssueCode, sheet: str, row: int, message: str, hint: str) -> Issue:
    return Issue(code=code, severity=Severity.ERROR, sheet=sheet, row=row, message=message, hint=hint)


def _refuse_characters(part: SheetSpec, above: int) -> NoReturn:
    """Name the first cell whose text no file holds; `above` are the rows before the part's."""
    for number, column in enumerate(part.columns, start=1):
        cells = column.values if above else (column.header, *column.values)
        for row, cell in enumerate(cells, start=above + 1):
            if "\0" in cell or any("\ud800" <= character <= "\udfff" for character in cell):
                msg = f"{part.name}!{column_letter(number)}{row}: a character that no text file holds, in {cell[:40]!a}"
                raise FileError(
                    msg,
                    hint="The ERP holds a broken character there. Correct it in the ERP.",
                )
    msg = f"{part.name}: a character that no text file holds"
    raise FileError(msg)


def _rendered(values: Sequence[str], cell_type: CellType) -> Sequence[str]:
    """The cells as they are written. Of most columns nothing begins like a formula, and all is written as it is."""
    if cell_type is CellType.BOOLEAN:
        return [_BOOLEANS.get(value) or guard(value) for value in values]
    if _GUARDED.isdisjoint({value[0] for value in values if value}):
        return values
    if cell_type is CellType.NUMBER:
        return [value if _NUMERAL.fullmatch(value) else guard(value) for value in values]
    return [guard(value) for value in values]
