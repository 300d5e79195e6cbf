"""Cells, read: what a person or a program wrote in a column, as canonical text; core/kinds.py says what that is.

What cannot be read is a `Failure`, never a default.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from bulkio.core.catalogue import Kind
from bulkio.core.grid import Fact
from bulkio.core.issues import IssueCode
from bulkio.core.kinds import (
    CANONICAL_GUID,
    CLEAR,
    NUMERAL,
    NUMERIC,
    canonical_date,
    canonical_decimal,
    canonical_guid,
    canonical_timestamp,
    from_wire,
    line_feeds,
)
from bulkio.core.lists import join_members, split_members
from bulkio.core.locale import NEUTRAL, Locale

if TYPE_CHECKING:
    from collections.abc import Callable

    from bulkio.core.grid import RawColumn

_CANONICAL_DECIMAL = re.compile(r"0|-?(?:[1-9][0-9]{0,40}(?:\.[0-9]{0,40}[1-9])?|0\.[0-9]{0,40}[1-9])")
_CANONICAL_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,40}")


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell that could not be read as its kind: `position` in the column, and what to say about it."""

    position: int
    code: IssueCode
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class ParsedColumn:
    """Canonical values in the order of the raw column; a failed cell holds its raw text, and is in `failures`."""

    values: list[str]
    failures: list[Failure]


def parse_column(kind: Kind, column: RawColumn, locale: Locale = NEUTRAL) -> ParsedColumn:
    """Canonical text of a column of cells; `CLEAR` stays as it is, whatever the kind.

    A column that stands there as it was exported (the normal case) costs one look at each cell; in the others, every
    distinct cell is read once.
    """
    if kind is Kind.TEXT and not column.facts.strip(_TEXT_OR_BLANK):
        return ParsedColumn(from_wire(Kind.TEXT, column.text), [])
    if _is_canonical(kind, column, locale):
        return ParsedColumn(list(column.text), [])
    if (fact := _only_fact(column)) is not None:  # its text alone says which cell it is
        of_text = {text: _read_cell(kind, text, fact, locale) for text in set(column.text)}
        if not any(isinstance(canonical, _Unreadable) for canonical in of_text.values()):
            return ParsedColumn(list(map(of_text.__getitem__, column.text)), [])  # type: ignore[arg-type] # all are text
    cells = list(zip(column.text, column.facts, strict=True))
    read = {cell: _read_cell(kind, *cell, locale) for cell in set(cells)}
    if not any(isinstance(canonical, _Unreadable) for canonical in read.values()):
        return ParsedColumn([read[cell] for cell in cells], [])  # type: ignore[misc] # all are text
    values: list[str] = []
    failures: list[Failure] = []
    for position, cell in enumerate(cells):
        canonical = read[cell]
        if isinstance(canonical, _Unreadable):
            values.append(cell[0])
            failures.append(Failure(position, canonical.code, canonical.message, canonical.hint))
        else:
            values.append(canonical)
    return ParsedColumn(values, failures)


def _only_fact(column: RawColumn) -> int | None:
    """The fact of all cells that are not blank; None if there are several."""
    filled = column.facts.replace(_BLANK, b"")
    return filled[0] if filled and not filled.strip(filled[:1]) else None


def _is_canonical(kind: Kind, column: RawColumn, locale: Locale) -> bool:
    """Whether every cell certainly is canonical text already."""
    spelled = _CANONICAL.get(kind)
    plain = _TEXT_OR_BLANK
    if kind in NUMERIC:
        plain = _NUMBER_OR_BLANK if locale.decimal_mark != "." else _TEXT_OR_BLANK + _NUMBER_OR_BLANK
    if spelled is None or column.facts.strip(plain):
        return False
    return all(spelled(text) for text in column.text if text)


_CANONICAL: dict[Kind, Callable[[str], object]] = {
    Kind.DECIMAL: _CANONICAL_DECIMAL.fullmatch,
    Kind.INTEGER: _CANONICAL_INTEGER.fullmatch,
    Kind.GUID: CANONICAL_GUID.fullmatch,
    Kind.TIMESTAMP: lambda text: canonical_timestamp(text) == text,
    Kind.DATE: lambda text: canonical_date(text) == text,
}


def _read_cell(kind: Kind, text: str, fact: int, locale: Locale) -> str | _Unreadable:
    """One cell, whatever its kind."""
    if fact == Fact.BLANK or text == "":
        return ""
    if fact == Fact.ERROR:
        return _Unreadable(IssueCode.ERROR_CELL, f"the cell holds the error {text}", _ERROR_HINT)
    if fact == Fact.UNCACHED:
        return _Unreadable(IssueCode.UNCACHED_FORMULA, _UNCACHED, _UNCACHED_HINT)
    if text == CLEAR:
        return CLEAR
    if kind is not Kind.TEXT and text.isspace():  # emptied with the space bar
        return ""
    return _PARSE[kind](text, Fact(fact), locale)


_BLANK = bytes((Fact.BLANK,))
_TEXT_OR_BLANK = bytes((Fact.TEXT, Fact.BLANK))
_NUMBER_OR_BLANK = bytes((Fact.NUMBER, Fact.BLANK))
_ERROR_HINT = "Correct the formula, or type the value."
_UNCACHED = "the formula was never calculated, as far as can be told, so its value is not in the file"
_UNCACHED_HINT = "Open the file in a spreadsheet program and save it, or type the value."


@dataclass(frozen=True, slots=True)
class _Unreadable:
    code: IssueCode
    message: str
    hint: str


def _read_text(text: str, fact: Fact, _locale: Locale) -> str | _Unreadable:
    if fact is Fact.TEXT:
        return line_feeds(text)
    what = {Fact.NUMBER: "a number", Fact.DATE: "a date", Fact.BOOLEAN: "TRUE/FALSE"}[fact]
    return _Unreadable(
        IssueCode.NOT_TEXT,
        f"the cell holds {what} ({text}) where a text is expected, so leading zeros or digits may be lost",
        "Format the cell as Text and type the value again.",
    )


def _read_decimal(text: str, fact: Fact, locale: Locale) -> str | _Unreadable:
    numeral = text.strip()
    if fact is Fact.TEXT:
        numeral = _neutral_numeral(numeral, locale)
    if fact in (Fact.TEXT, Fact.NUMBER) and NUMERAL.fullmatch(numeral):
        try:
            return canonical_decimal(Decimal(numeral))
        except (InvalidOperation, ValueError):
            pass
    mark = locale.decimal_mark
    return _Unreadable(
        IssueCode.NOT_DECIMAL, f"{text!r} is not a decimal", f"Write it like 1234{mark}5, or use a number cell."
    )


def _read_integer(text: str, fact: Fact, locale: Locale) -> str | _Unreadable:
    numeral = _read_decimal(text, fact, locale)
    if isinstance(numeral, str) and "." not in numeral:
        return numeral
    return _Unreadable(IssueCode.NOT_INTEGER, f"{text!r} is not a whole number", "Write it like 30.")


def _neutral_numeral(numeral: str, locale: Locale) -> str:
    """The numeral with a point and without group marks; a mark in a wrong place leaves it unreadable."""
    whole, mark, fraction = numeral.partition(locale.decimal_mark)
    if locale.group_mark and locale.group_mark in whole:
        groups = whole.lstrip("+-").split(locale.group_mark)
        # `0.500` is nobody's five hundred, even where the point groups thousands.
        sound = 1 <= len(groups[0]) <= 3 and groups[0][0] != "0" and all(len(group) == 3 for group in groups[1:])  # noqa: PLR2004 thousands
        if not sound:
            return "?"
        whole = whole.replace(locale.group_mark, "")
    if locale.decimal_mark != "." and "." in whole + fraction:
        return "?"
    return f"{whole}.{fraction}" if mark else whole


def _read_boolean(text: str, fact: Fact, locale: Locale) -> str | _Unreadable:
    word = text.strip().lower()
    if fact is not Fact.DATE:
        if word in locale.true_words:
            return "true"
        if word in locale.false_words:
            return "false"
    return _Unreadable(IssueCode.NOT_BOOLEAN, f"{text!r} is neither TRUE nor FALSE", "Write TRUE or FALSE.")


def _read_guid(text: str, fact: Fact, _locale: Locale) -> str | _Unreadable:
    if fact is Fact.TEXT and (guid := canonical_guid(text)):
        return guid
    return _Unreadable(
        IssueCode.NOT_GUID, f"{text!r} is not a Guid", "Copy it whole: 8-4-4-4-12 characters of 0-9 and a-f."
    )


def _read_timestamp(text: str, fact: Fact, locale: Locale) -> str | _Unreadable:
    if fact in (Fact.TEXT, Fact.DATE):
        canonical = canonical_timestamp(text) or canonical_timestamp(_iso_date(text, locale))
        if canonical:
            return canonical
    return _Unreadable(
        IssueCode.NOT_TIMESTAMP, f"{text!r} is not a date and time", "Write it like 2026-01-31T09:05:00Z."
    )


def _read_date(text: str, fact: Fact, locale: Locale) -> str | _Unreadable:
    if fact in (Fact.TEXT, Fact.DATE):
        canonical = canonical_date(text) or _iso_date(text, locale)
        if canonical:
            return canonical
    return _Unreadable(IssueCode.NOT_DATE, f"{text!r} is not a date", "Write it like 2026-01-31.")


def _read_list(text: str, fact: Fact, locale: Locale) -> str | _Unreadable:
    plain = _read_text(text, fact, locale)
    if isinstance(plain, _Unreadable):
        return plain
    members = split_members(plain)
    if members is None:
        message = f"{text!r} cannot be read as a list"
        return _Unreadable(IssueCode.NOT_LIST, message, "Separate the values by semicolons, like a; b.")
    return join_members(members)


def _iso_date(text: str, locale: Locale) -> str:
    """A date as people of the declared locale write it, in ISO; "" without a declaration."""
    parts = re.fullmatch(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})", text.strip())
    if not parts or not locale.name:
        return ""
    first, second, year = (int(part) for part in parts.groups())
    day, month = (first, second) if locale.day_first else (second, first)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


_PARSE: dict[Kind, Callable[[str, Fact, Locale], str | _Unreadable]] = {
    Kind.TEXT: _read_text,
    Kind.DECIMAL: _read_decimal,
    Kind.INTEGER: _read_integer,
    Kind.BOOLEAN: _read_boolean,
    Kind.GUID: _read_guid,
    Kind.TIMESTAMP: _read_timestamp,
    Kind.DATE: _read_date,
    Kind.LIST: _read_list,
}
