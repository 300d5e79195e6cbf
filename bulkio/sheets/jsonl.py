"""JSON lines <-> raw sheets: one line a root record, its child records nested in it as lists of objects.

    {"CustomerCode": "A1", "CreditLimit": "100.50", "Obsolete": false, "Addresses": [{"City": "Leeds"}]}

Keys are column headers; a blank is null (or no key at all). Numbers are strings, so that no reader makes a float of
them. A child has no column for its parent's key: where it stands says whose it is.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NoReturn

import msgspec

from bulkio.core.grid import CellType, ColumnSpec, Fact, RawBook, RawColumn, RawSheet, SheetSpec, TextFormat
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.places import Places
from bulkio.errors import FileError, InvalidFileError
from bulkio.sheets._cells import column_letter, plain_numeral
from bulkio.sheets._replace import replacing
from bulkio.sheets._text import decoded, name_of, read_bytes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

MOST_ISSUES: Final = 100

_encoder = msgspec.json.Encoder()
_BOOLEANS = {"true": True, "false": False}
_HINT = "Every line is one JSON object: column headers as keys, text as values."


class JsonlWriter:
    """Writes the records of the sheet named `root`, each with its children, to a binary stream, some at a time.

    `children` maps a child sheet's name to the column that holds its parent's key; the root has a column of that name.
    """

    def __init__(self, stream: BinaryIO, root: str, children: Mapping[str, str]) -> None:
        self._stream = stream
        self._root = root
        self._children = children
        self._rows = Counter[str]()  # written, by sheet
        self._parents = {key: _Parents() for key in children.values()}

    def write(self, part: Sequence[SheetSpec]) -> None:
        """Write the next records, complete with their children.

        Raises FileError rather than lose a child: one without a parent, or with two.
        """
        by_name = {sheet.name: sheet for sheet in part}
        parent = by_name[self._root]
        headers = {column.header for column in parent.columns}
        records = _records(parent.columns, parent.row_count)
        nested = {name: key for name, key in self._children.items() if name in by_name}
        groups = {name: _by_owner(by_name[name], key) for name, key in nested.items()}
        for name, key in nested.items():
            if name in headers:
                msg = f"{self._root}: the column {name!r} has the name of a sheet"
                raise FileError(msg, hint="Leave that column out.")
            for record, owner in zip(records, _column(parent, key), strict=True):
                record[name] = groups[name].get(owner, [])
        for key in set(nested.values()):
            owners = {owner: name for name, its in nested.items() if its == key for owner in groups[name]}
            for owner, found in self._parents[key].faults(_column(parent, key), owners):
                self._refuse_child(by_name[owners.get(owner, next(iter(nested)))], key, owner, found)
        try:
            self._stream.write(_encoder.encode_lines(records))
        except UnicodeEncodeError:
            self._refuse_half(records)
        self._rows.update({sheet.name: sheet.row_count for sheet in part})

    def _refuse_child(self, sheet: SheetSpec, key: str, owner: str, found: int) -> NoReturn:
        cells = _column(sheet, key)
        row = self._rows[sheet.name] + 2 + (cells.index(owner) if owner in cells else 0)
        msg = f"{sheet.name} row {row}: {key} {owner!r} names {found or 'no'} {self._root}, not one"
        raise FileError(
            msg,
            hint="Export to .xlsx or .csv, where it needs no parent.",
        )

    def _refuse_half(self, records: Sequence[dict[str, Any]]) -> NoReturn:
        row = self._rows[self._root] + 2
        for at, record in enumerate(records):
            try:
                _encoder.encode(record)
            except UnicodeEncodeError:
                row += at
                break
        msg = f"{self._root} row {row}: half a character (a lone surrogate)"
        raise FileError(
            msg,
            hint="The ERP holds a broken character there. Correct it in the ERP.",
        )


class _Parents:
    """The keys of the parents that were written, and whether any child names them."""

    def __init__(self) -> None:
        self._keys = Places()
        self._is_named = bytearray()  # by place

    def faults(self, parents: Sequence[str], owners: Collection[str]) -> list[tuple[str, int]]:
        """Of these owners, and those before, whom not one parent has: how many have it."""
        here = Counter(parents)
        faults = [(owner, here[owner] if owner else 0) for owner in owners if not owner or here[owner] != 1]
        for parent, count in here.items():
            number = self._keys.number(parent)
            if number == len(self._is_named):
                self._is_named.append(parent in owners)
            elif parent in owners or self._is_named[number]:
                faults.append((parent, count + 1))
        return faults


def write_jsonl(sheets: Sequence[SheetSpec], root: str, children: Mapping[str, str], stream: BinaryIO) -> None:
    """Write all records to a binary stream as UTF-8. Raises FileError as `JsonlWriter` does."""
    JsonlWriter(stream, root, children).write(sheets)


def write_jsonl_file(sheets: Sequence[SheetSpec], root: str, children: Mapping[str, str], path: Path) -> None:
    """`write_jsonl` to a file, whole or not at all. Raises FileError."""
    with replacing(path) as stream:
        write_jsonl(sheets, root, children, stream)


def read_jsonl(
    source: Path | BinaryIO, *, root: str, children: Mapping[str, str], encoding: str | None = None
) -> RawBook:
    """Read the records as a sheet named `root`, and one sheet for each of `children` that any record mentions.

    A root record's row is its line; a child's row is its number among the children of its kind in the file (rows must
    be unique, and a line holds many). A child sheet gets its parent's key back as its first column.

    Raises InvalidFileError, with an issue per line, for what is no JSON object, a key that stands twice, a nested value
    that is no known child, and numbers that JSON does not have (NaN).
    """
    label = name_of(source)
    text, codec = decoded(read_bytes(source), label, encoding)
    tables = {root: _Table()}
    issues: list[Issue] = []
    for number, line in enumerate(io.StringIO(text, newline="\n"), start=1):
        if not line.strip():
            continue
        try:
            _add(_parsed(line), number, tables, root, children)
        except _BadLineError as exc:
            issue = Issue(
                code=IssueCode.BAD_LINE,
                severity=Severity.ERROR,
                sheet=root,
                row=number,
                line=number,
                column=exc.column,
                message=str(exc),
                hint=_HINT,
            )
            issues.append(issue)
    if issues:
        first = issues[0]
        more = f" and {len(issues) - 1:,} more lines" if len(issues) > 1 else ""
        where = f"{first.column}: " if first.column else ""
        message = f"{label}: line {first.row}{more}: {where}{first.message}"
        raise InvalidFileError(message, issues=issues[:MOST_ISSUES], hint=first.hint)
    text_format = TextFormat(codec, "")
    return RawBook(sheets={name: table.sheet(name, text_format) for name, table in tables.items()})


class _BadLineError(ValueError):
    """A line that is not what it should be."""

    def __init__(self, message: str, column: str = "") -> None:
        super().__init__(message)
        self.column = column


class _Table:
    """Records of one kind: columns in the order in which their keys first appear."""

    def __init__(self) -> None:
        self._rows: list[int] = []
        self._lines: dict[int, int] = {}
        self._columns: dict[str, tuple[list[str], bytearray]] = {}

    def add(self, record: Mapping[str, tuple[str, Fact]], row: int, line: int) -> None:
        height = len(self._rows)
        for header, (text, fact) in record.items():
            texts, facts = self._columns.setdefault(header, ([], bytearray()))
            texts.extend([""] * (height - len(texts)))
            facts.extend(bytes(height - len(facts)))
            texts.append(text)
            facts.append(fact)
        if any(text for text, _ in record.values()):
            self._rows.append(row)
            self._lines[row] = line
        else:  # a record without a value is a blank row
            for texts, facts in self._columns.values():
                del texts[height:], facts[height:]

    @property
    def next_row(self) -> int:
        return self._rows[-1] + 1 if self._rows else 1

    def sheet(self, name: str, text_format: TextFormat) -> RawSheet:
        height = len(self._rows)
        columns = []
        for number, (header, (texts, facts)) in enumerate(self._columns.items(), start=1):
            texts.extend([""] * (height - len(texts)))
            facts.extend(bytes(height - len(facts)))
            columns.append(RawColumn(header, column_letter(number), texts, bytes(facts)))
        return RawSheet(
            name=name,
            header_row=0,
            rows=self._rows,
            columns=tuple(columns),
            text_format=text_format,
            lines=self._lines,
        )


def _add(
    record: Mapping[str, Any], line: int, tables: dict[str, _Table], root: str, children: Mapping[str, str]
) -> None:
    """Add a parsed line to the tables, or raise before anything was added."""
    cells: dict[str, tuple[str, Fact]] = {}
    nested: dict[str, list[dict[str, tuple[str, Fact]]]] = {}
    for key, value in record.items():
        if key not in children:
            cells[key] = _cell(value, key)
        elif value is None:
            nested[key] = []
        elif isinstance(value, list) and all(isinstance(child, dict) for child in value):
            nested[key] = [{name: _cell(child[name], f"{key}.{name}") for name in child} for child in value]
        else:
            msg = "is a list of objects, one for each record."
            raise _BadLineError(msg, key)
    for name, records in nested.items():
        _check_owner(name, records, children[name], cells.get(children[name], ("", Fact.BLANK)))
    tables[root].add(cells, line, line)
    for name, records in nested.items():
        table = tables.setdefault(name, _Table())
        for child in records:
            if any(text for text, _ in child.values()):
                table.add({children[name]: cells[children[name]], **child}, table.next_row, line)


def _check_owner(
    name: str, records: Sequence[Mapping[str, tuple[str, Fact]]], key: str, owner: tuple[str, Fact]
) -> None:
    """Children belong to the line they stand in, whatever they say themselves."""
    if records and not owner[0]:
        msg = f"has records, but the line has no {key} that they could belong to."
        raise _BadLineError(msg, name)
    if any(child.get(key, owner) != owner for child in records):
        msg = f"has a {key} that is not its parent's."
        raise _BadLineError(msg, name)


def _cell(value: Any, column: str) -> tuple[str, Fact]:
    match value:
        case None | "":
            return "", Fact.BLANK
        case _Number():
            return value.text, Fact.NUMBER
        case str():
            return value, Fact.TEXT
        case bool():
            return ("TRUE" if value else "FALSE"), Fact.BOOLEAN
        case _:
            kind = "a list" if isinstance(value, list) else "an object"
            msg = f"is {kind}; a cell is text, a number, true, false or null."
            raise _BadLineError(msg, column)


class _Number:
    """A JSON number, as its plain numeral; never a float."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        plain = plain_numeral(text) if "e" in text or "E" in text else text
        if plain is None:
            msg = f"the number {text[:40]} is out of range."
            raise _BadLineError(msg)
        self.text = plain


def _parsed(line: str) -> dict[str, Any]:
    try:
        record = json.loads(
            line, object_pairs_hook=_unique, parse_float=_Number, parse_int=_Number, parse_constant=_no_constant
        )
    except json.JSONDecodeError as exc:
        msg = f"is not JSON: {exc.msg} at character {exc.pos + 1}."
        raise _BadLineError(msg) from exc
    except RecursionError as exc:
        msg = "is nested too deeply."
        raise _BadLineError(msg) from exc
    if not isinstance(record, dict):
        msg = "is not a JSON object."
        raise _BadLineError(msg)
    return record


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        msg = "stands twice."
        raise _BadLineError(msg, twice)
    for key, value in pairs:
        for text in (key, value):
            if isinstance(text, str) and any("\ud800" <= character <= "\udfff" for character in text):
                msg = "holds half a character (a lone surrogate)."
                raise _BadLineError(msg, key.encode("ascii", "backslashreplace").decode())
    return record


def _no_constant(name: str) -> None:
    msg = f"{name} is no number that JSON has."
    raise _BadLineError(msg)


def _records(columns: Sequence[ColumnSpec], count: int) -> list[dict[str, Any]]:
    """Rows as they are written: several times the memory of the sheet."""
    headers = [column.header for column in columns]
    if not headers:
        return [{} for _ in range(count)]
    rows = zip(*(_values(column) for column in columns), strict=True)
    return [dict(zip(headers, row, strict=True)) for row in rows]


def _values(column: ColumnSpec) -> list[Any]:
    if column.cell_type is CellType.BOOLEAN:
        return [_BOOLEANS.get(value, value or None) for value in column.values]
    return [value or None for value in column.values]


def _by_owner(sheet: SheetSpec, key: str) -> dict[str, list[dict[str, Any]]]:
    """A child sheet's records by their parent's key, which they do not repeat."""
    groups: dict[str, list[dict[str, Any]]] = {}
    records = _records([column for column in sheet.columns if column.header != key], sheet.row_count)
    for owner, record in zip(_column(sheet, key), records, strict=True):
        groups.setdefault(owner, []).append(record)
    return groups


def _column(sheet: SheetSpec, header: str) -> Sequence[str]:
    for column in sheet.columns:
        if column.header == header:
            return column.values
    msg = f"{sheet.name}: there is no column {header!r}"
    raise FileError(msg, hint="Include it: it ties the sheets together.")
