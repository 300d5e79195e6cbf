"""Raw sheets to canonical frames: which column is which field, what each row's command is, and what cannot be read.

A `SheetRows` is one entity's part of the user's file: its frame (index = sheet row) holds only the columns that the
file has. Failures are kept apart from issues, because only later (against what was exported) is it known whether an
unreadable cell was damaged by a spreadsheet program, and whether it can be restored.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bulkio.core.catalogue import Kind
from bulkio.core.cells import cells_of
from bulkio.core.exported import exported_rows
from bulkio.core.grid import Fact, RawColumn
from bulkio.core.headers import BEYOND_COLUMN, COMMAND, RESULT_COLUMNS, SOURCE_ID, Command, normalise_header
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.kinds import CLEAR
from bulkio.core.parsing import Failure, parse_column
from bulkio.core.slots import sheet_row, slot_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bulkio.core.catalogue import Entity
    from bulkio.core.exported import ExportedColumn, ExportedRows
    from bulkio.core.grid import RawSheet
    from bulkio.core.locale import Locale
    from bulkio.core.slots import SlotColumns

_NO_CLEARED_ID = ("what identifies the row cannot be cleared", "Write it again, or leave the cell blank.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRows:
    """One entity's rows as the file has them.

    `frame` holds canonical text by field (and by parent key), `commands` the typed command per row (None: blank),
    `columns` the raw column of each field, `failures` the unreadable cells as (row, field) -> Failure, `formulas` the
    cells that are formulas as (row, field) -> the formula. `raw_rows` are the rows of the raw columns, in order;
    `lines` those of a JSON lines file, by row.
    `sources` are the ids that the records of a converted workbook have where they come from, by row.

    Of children in a flat sheet (those with `slots`), a row's number is a label (core/slots.py), and `columns` are their
    slots' columns one below the other: where a cell really is, `column_at` says.
    """

    entity: Entity
    sheet: str
    frame: pd.DataFrame
    commands: dict[int, Command]
    columns: dict[str, RawColumn]
    failures: dict[tuple[int, str], Failure]
    issues: list[Issue] = field(default_factory=list)
    formulas: dict[tuple[int, str], str] = field(default_factory=dict)
    raw_rows: list[int] = field(default_factory=list)
    sources: dict[int, str] = field(default_factory=dict)
    lines: Mapping[int, int] = field(default_factory=dict)
    slots: tuple[SlotColumns, ...] = ()

    def column_at(self, row: int, name: str) -> RawColumn | None:
        """The column of the file that a row's cell stands in; None where the file has none."""
        slot = slot_of(row)
        return self.slots[slot - 1].columns.get(name) if slot else self.columns.get(name)

    def header_at(self, row: int, name: str) -> str:
        """The header of that column as the file writes it, or what it would be."""
        column = self.column_at(row, name)
        title = self.slot_at(row) if name in self.entity.by_name else ""
        return column.header if column else f"{title}: {name}" if title else name

    def slot_at(self, row: int) -> str:
        """The slot that a row stands for, by its title; "" for a row of its own."""
        slot = slot_of(row)
        return self.slots[slot - 1].title if slot else ""

    def counts(self) -> dict[str, int]:
        """How many rows there are, under the entity's name, and how many in each slot."""
        in_slots = Counter(slot_of(label) for label in self.frame.index.tolist()) if self.slots else Counter()
        by_slot = {slot.title: in_slots[number] for number, slot in enumerate(self.slots, start=1)}
        return {self.entity.name: len(self.frame), **by_slot}

    @property
    def key_name(self) -> str:
        """The first of the human key's fields that has a column: what tells slots apart has none."""
        names = (*self.entity.key_fields, self.entity.id_field)
        return next(name for name in names if not self.slots or name != self.entity.slot_field)

    def place_of(self, row: int) -> str:
        """What a message calls a row: `17`, or `17 (Shipping 2)`."""
        title = self.slot_at(row)
        return f"{sheet_row(row)} ({title})" if title else str(row)

    def issue(  # noqa: PLR0913, PLR0917 an issue has that many parts
        self, code: IssueCode, severity: Severity, row: int, name: str, message: str, hint: str = "", found: str = ""
    ) -> Issue:
        """An issue of one cell (or of the row, if the file has no such column)."""
        column = self.column_at(row, name)
        number = sheet_row(row)
        return Issue(
            code=code,
            severity=severity,
            sheet=self.sheet,
            row=number,
            column=self.header_at(row, name),
            cell=f"{column.letter}{number}" if column and column.letter and not self.lines else "",
            line=self.lines.get(row, 0),
            found=found or self.value(row, name),
            message=message,
            hint=hint,
        )

    def value(self, row: int, name: str) -> str:
        """The canonical text of one cell; "" where the file has no such column."""
        if name not in self.frame.columns or row not in self.frame.index:
            return ""
        return str(self.frame.at[row, name])

    def put(self, name: str, values: Mapping[int, str]) -> None:
        """Set cells of one column, by row. Never in place: a column may be the very one that was exported."""
        cells = self.frame[name].to_numpy(dtype=object).copy()
        cells[self.frame.index.get_indexer(pd.Index(list(values), dtype="int64"))] = list(values.values())
        self.frame[name] = pd.Series(cells, index=self.frame.index, dtype=object)

    def as_typed(self, row: int, name: str) -> str:
        """One cell as the file has it, whatever it was read as."""
        column = self.columns.get(name)
        return column.text[bisect_left(self.raw_rows, row)] if column else self.value(row, name)

    def key_of(self, row: int) -> str:
        """What a person calls the record of a row."""
        names = ((self.entity.parent_key,) if self.entity.parent else ()) + self.entity.key_fields
        parts = [self.value(row, name) for name in names]
        return " / ".join(part for part in parts if part) or self.value(row, self.entity.id_field)


def read_rows(entity: Entity, raw: RawSheet, locale: Locale, base: pd.DataFrame | None = None) -> SheetRows:
    """Parse one sheet by column. Never raises for what the sheet holds; see `issues` and `failures`.

    `base` is what was exported: cells that hold the very text of that are taken from it, and are not parsed.
    """
    columns, issues = _match_columns(entity, raw)
    ids = columns.get(entity.id_field)
    exported = exported_rows(entity, ids.text, base) if ids else None
    frame: dict[str, np.ndarray] = {}
    failures: dict[tuple[int, str], Failure] = {}
    for name, column in columns.items():
        if name == COMMAND:
            continue
        declared = entity.by_name.get(name)
        kind = declared.kind if declared else Kind.TEXT
        known = exported.column(name) if exported else None
        read = _read_column(kind, column, locale, known)
        frame[name] = values = read.cells
        columns[name] = read.raw
        for at, failure in read.failures.items():
            failures[raw.rows[at], name] = failure
        if name == entity.id_field and (cleared := np.flatnonzero(values == CLEAR).tolist()):
            failures |= {(raw.rows[at], name): Failure(at, IssueCode.CANNOT_CLEAR, *_NO_CLEARED_ID) for at in cleared}
    return SheetRows(
        entity=entity,
        sheet=raw.name,
        frame=_framed(frame, raw.rows, _blank_rows(raw, columns, exported)),
        commands=_commands(raw, columns.get(COMMAND), issues),
        columns=columns,
        failures=failures,
        issues=issues,
        formulas=_formulas(raw, columns),
        raw_rows=raw.rows,
        sources=_sources(raw),
        lines=raw.lines,
    )


@dataclass(frozen=True, slots=True)
class _ReadColumn:
    """A column's canonical cells, its failures by position, and the raw column with the export's strings."""

    cells: np.ndarray
    failures: dict[int, Failure]
    raw: RawColumn


def _read_column(kind: Kind, column: RawColumn, locale: Locale, known: ExportedColumn | None) -> _ReadColumn:
    differing = known.differing(column.text) if known else []
    if known is None or differing is None:
        parsed = parse_column(kind, column, locale)
        failures = {failure.position: failure for failure in parsed.failures}
        if known is None:
            return _ReadColumn(cells_of(parsed.values), failures, column)
        failures = {at: failure for at, failure in failures.items() if column.text[at] != known.texts[at]}
        return _ReadColumn(known.laid_under(column.text, parsed.values), failures, column)
    if not differing:
        return _ReadColumn(known.cells, {}, replace(column, text=known.texts))
    typed = [column.text[at] for at in differing]
    some = replace(column, text=typed, facts=bytes(column.facts[at] for at in differing))
    parsed = parse_column(kind, some, locale)
    failures = {differing[each.position]: replace(each, position=differing[each.position]) for each in parsed.failures}
    cells = known.with_cells(dict(zip(differing, parsed.values, strict=True)))
    text = known.with_cells(dict(zip(differing, typed, strict=True))).tolist()
    return _ReadColumn(cells, failures, replace(column, text=text))


def _framed(cells: dict[str, np.ndarray], rows: list[int], blank: list[int]) -> pd.DataFrame:
    """The columns as they are, without a copy, and without the rows that say nothing."""
    frame = pd.DataFrame(cells, index=pd.Index(rows, dtype="int64"), dtype=object, copy=False)
    return frame.drop(index=blank) if blank else frame


def _match_columns(entity: Entity, raw: RawSheet) -> tuple[dict[str, RawColumn], list[Issue]]:
    known = {normalise_header(name): name for name in entity.by_name}
    known[normalise_header(COMMAND)] = COMMAND
    if entity.parent_key:
        known[normalise_header(entity.parent_key)] = entity.parent_key
    headers = {normalise_header(column.header) for column in raw.columns}
    synonyms = {
        normalise_header(other): field.name
        for field in entity.fields
        for other in field.also_called
        if normalise_header(field.name) not in headers  # else it is a column of the user's own
    }
    ours = {normalise_header(header) for header in (*RESULT_COLUMNS, SOURCE_ID, BEYOND_COLUMN)}
    columns: dict[str, RawColumn] = {}
    issues: list[Issue] = []

    def say(code: IssueCode, severity: Severity, column: RawColumn, message: str, hint: str) -> None:
        cell = f"{column.letter}{raw.header_row}" if column.letter and not raw.lines else ""
        issues.append(
            Issue(code=code, severity=severity, sheet=raw.name, row=raw.header_row, column=column.header, cell=cell,
                  found=column.header, message=message, hint=hint)
        )  # fmt: skip

    for column in raw.columns:
        spelled = normalise_header(column.header)
        name = known.get(spelled, synonyms.get(spelled))
        if normalise_header(column.header) in ours:
            continue
        if name is None:
            if column.header.strip():
                hint = "It is left alone. `bulkio fields` lists the columns there are."
                say(IssueCode.UNKNOWN_COLUMN, Severity.WARNING, column, f"no field is called {column.header!r}", hint)
        elif name in columns:
            first = columns[name].letter or columns[name].header
            message = f"the column {column.header!r} stands twice (also in {first})"
            say(IssueCode.DUPLICATE_COLUMN, Severity.ERROR, column, message, "Delete or rename one of them.")
        else:
            columns[name] = column
            if spelled not in known:
                say(IssueCode.READ_AS, Severity.NOTICE, column, f"read as {name}", "")
    return columns, issues


def _formulas(raw: RawSheet, columns: dict[str, RawColumn]) -> dict[tuple[int, str], str]:
    found: dict[tuple[int, str], str] = {}
    names = {column.letter: name for name, column in columns.items()}
    for (row, letter), formula in raw.formulas.items():
        if letter in names:
            found[row, names[letter]] = formula
    for name, column in columns.items():
        if Fact.UNCACHED in column.facts:
            cells = zip(raw.rows, column.text, column.facts, strict=True)
            found |= {(row, name): text for row, text, fact in cells if fact == Fact.UNCACHED}
    return found


def _sources(raw: RawSheet) -> dict[int, str]:
    column = next((each for each in raw.columns if normalise_header(each.header) == normalise_header(SOURCE_ID)), None)
    if column is None:
        return {}
    return {row: text for row, text in zip(raw.rows, column.text, strict=True) if text}


def _blank_rows(raw: RawSheet, columns: dict[str, RawColumn], exported: ExportedRows | None) -> list[int]:
    """The rows that say nothing in any column of ours: emptied with the space bar, or with a remark beside them."""
    blank = list(range(len(raw.rows))) if exported is None else exported.unknown
    for column in columns.values():
        blank = [at for at in blank if not column.text[at] or column.text[at].isspace()]
    return [raw.rows[at] for at in blank]


def _commands(raw: RawSheet, column: RawColumn | None, issues: list[Issue]) -> dict[int, Command]:
    commands: dict[int, Command] = {}
    if column is None:
        return commands
    for row, text in compress(zip(raw.rows, column.text, strict=True), column.text):
        word = text.strip().upper()
        if not word:
            continue
        if word in Command.__members__:
            commands[row] = Command[word]
            continue
        known = ", ".join(Command.__members__)
        issues.append(
            Issue(code=IssueCode.NOT_COMMAND, severity=Severity.ERROR, sheet=raw.name, row=row, column=column.header,
                  cell=f"{column.letter}{row}" if column.letter and not raw.lines else "", found=text,
                  line=raw.lines.get(row, 0),
                  message=f"{text!r} is not a command", hint=f"Write one of {known}, or leave the cell blank.")
        )  # fmt: skip
    return commands
