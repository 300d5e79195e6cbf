"""Each kind of value in its three spellings: in a cell, canonical, on the wire.

    cell --parse_column--> canonical text --to_wire--> wire value
    cell <-(core/layout)-- canonical text <-from_wire-- wire value

Canonical text has one spelling per value, so that equal values are equal strings; blank is "". Everything works by
column: a list of values in, a list of strings out. What cannot be read is a `Failure`, never a default.

| kind | canonical | same when |
|---|---|---|
| TEXT | the text, with LF for CRLF and CR | code points |
| DECIMAL | digits, `.` and no needless zeros: `0.05`, `-12`, `0` | numerically |
| BOOLEAN | `true`, `false` | identity |
| GUID | lower case, with hyphens | as UUID |
| TIMESTAMP | `2026-01-31T09:05:00.123Z`, fraction only if there is one | instant |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bulkio.core.catalogue import ClearAs, Field, Kind
from bulkio.core.grid import Fact
from bulkio.core.issues import IssueCode
from bulkio.core.locale import NEUTRAL, Locale

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bulkio.core.grid import RawColumn

#: The word that clears a field; a blank cell leaves it alone.
CLEAR = "[CLEAR]"

_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?")
_TICKS = re.compile(r"\s*\\?/\s*Date\(\s*(-?\d{1,17})\s*([+-]\d{4})?\s*\)\s*\\?/\s*")
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z|z|[+-]\d\d:?\d\d)?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_EXPONENT = 60  # beyond this a numeral is a denial of service, not money


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


# --- wire -> canonical ------------------------------------------------------------------------------------------------


def from_wire(kind: Kind, values: Sequence[Any]) -> list[str]:
    """Canonical text of a column of wire values (str, int, Decimal, bool, None).

    A value that is not of its kind is kept as its plain text, so that nothing the ERP holds is lost on export.
    """
    convert = _FROM_WIRE[kind]
    return ["" if value is None else convert(value) for value in values]


def _text_from_wire(value: Any) -> str:
    text = value if isinstance(value, str) else _plain(value)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return canonical_decimal(value)
    return str(value)


def _decimal_from_wire(value: Any) -> str:
    if isinstance(value, bool):
        return _plain(value)
    if isinstance(value, int | Decimal):
        return canonical_decimal(Decimal(value))
    text = str(value).strip()
    return canonical_decimal(Decimal(text)) if _DECIMAL.fullmatch(text) else str(value)


def _boolean_from_wire(value: Any) -> str:
    text = _plain(value)
    return text.lower() if text.lower() in ("true", "false") else text


def _guid_from_wire(value: Any) -> str:
    text = str(value)
    try:
        return str(UUID(text.strip()))
    except ValueError:
        return text


def _timestamp_from_wire(value: Any) -> str:
    text = str(value)
    return canonical_timestamp(text) or text


_FROM_WIRE: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: _text_from_wire,
    Kind.DECIMAL: _decimal_from_wire,
    Kind.BOOLEAN: _boolean_from_wire,
    Kind.GUID: _guid_from_wire,
    Kind.TIMESTAMP: _timestamp_from_wire,
}


def canonical_decimal(value: Decimal) -> str:
    """`0.0500` -> `0.05`, `1E+3` -> `1000`, `-0` -> `0`. Raises ValueError for NaN, infinities and huge exponents."""
    if not value.is_finite() or abs(value.adjusted()) > _MAX_EXPONENT:
        msg = "not a finite decimal of a reasonable size"
        raise ValueError(msg)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def canonical_timestamp(text: str) -> str:
    """The instant in ISO 8601 UTC; "" if the text is not one.

    Read are `/Date(ms)/` with or without escapes, blanks and offset (observed in the wild), and ISO 8601 with up to
    nine digits of a second; without a zone it is UTC.
    """
    if ticks := _TICKS.fullmatch(text):
        # The offset of /Date(ms+hhmm)/ is only how the writer would show it; ms are UTC all the same.
        try:
            moment = _EPOCH + timedelta(milliseconds=int(ticks[1]))
        except OverflowError:
            return ""
        return _iso(moment, f"{moment.microsecond:06d}")
    iso = _ISO.fullmatch(text.strip())
    if not iso:
        return ""
    year, month, day, hour, minute, second, fraction, zone = iso.groups()
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC
        )
        if zone and zone not in "Zz":
            sign = -1 if zone[0] == "-" else 1
            moment -= sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    except (ValueError, OverflowError):
        return ""
    return _iso(moment, fraction or "")


def _iso(moment: datetime, fraction: str) -> str:
    fraction = fraction.rstrip("0")
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + (f".{fraction}" if fraction else "") + "Z"


def as_datetime(canonical: str) -> datetime | None:
    """The aware UTC datetime of a canonical timestamp (microseconds; further digits are cut); None if blank or not one."""
    iso = _ISO.fullmatch(canonical) if canonical else None
    if not iso:
        return None
    moment = datetime.fromisoformat(canonical[:19]).replace(tzinfo=UTC)
    return moment.replace(microsecond=int((iso[7] or "")[:6].ljust(6, "0")))


# --- canonical -> wire ------------------------------------------------------------------------------------------------


def to_wire(field: Field, canonical: str) -> Any:
    """The wire value of one canonical text: str, Decimal, bool, or what clears the field where it is blank."""
    if canonical == "":
        return "" if field.clear_as is ClearAs.EMPTY else None
    if field.kind is Kind.DECIMAL:
        return Decimal(canonical)
    if field.kind is Kind.BOOLEAN:
        return canonical == "true"
    return canonical


# --- cell -> canonical ------------------------------------------------------------------------------------------------


def parse_column(kind: Kind, column: RawColumn, locale: Locale = NEUTRAL) -> ParsedColumn:
    """Canonical text of a column of cells; `CLEAR` stays as it is, whatever the kind.

    Columns in which the file has nothing but text and blanks (the normal case for TEXT) are not looked at cell by cell.
    """
    if kind is Kind.TEXT and not column.facts.strip(_TEXT_OR_BLANK):
        return ParsedColumn([_text_from_wire(text) if "\r" in text else text for text in column.text], [])
    read = _PARSE[kind]
    values: list[str] = []
    failures: list[Failure] = []
    for position, (text, fact) in enumerate(zip(column.text, column.facts, strict=True)):
        if fact == Fact.BLANK or text == "":
            values.append("")
        elif fact == Fact.ERROR:
            values.append(text)
            failures.append(Failure(position, IssueCode.ERROR_CELL, f"the cell holds the error {text}", _ERROR_HINT))
        elif fact == Fact.UNCACHED:
            values.append(text)
            failures.append(Failure(position, IssueCode.UNCACHED_FORMULA, _UNCACHED, _UNCACHED_HINT))
        elif text == CLEAR:
            values.append(CLEAR)
        else:
            canonical = read(text, Fact(fact), locale)
            if isinstance(canonical, _Unreadable):
                values.append(text)
                failures.append(Failure(position, canonical.code, canonical.message, canonical.hint))
            else:
                values.append(canonical)
    return ParsedColumn(values, failures)


_TEXT_OR_BLANK = bytes((Fact.TEXT, Fact.BLANK))
_ERROR_HINT = "Correct the formula, or type the value."
_UNCACHED = "the formula has never been calculated, so its value is not in the file"
_UNCACHED_HINT = "Open the file in a spreadsheet program and save it, or type the value."


@dataclass(frozen=True, slots=True)
class _Unreadable:
    code: IssueCode
    message: str
    hint: str


def _read_text(text: str, fact: Fact, _locale: Locale) -> str | _Unreadable:
    if fact is Fact.TEXT:
        return _text_from_wire(text)
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
    if fact in (Fact.TEXT, Fact.NUMBER) and _DECIMAL.fullmatch(numeral):
        try:
            return canonical_decimal(Decimal(numeral))
        except (InvalidOperation, ValueError):
            pass
    mark = locale.decimal_mark
    return _Unreadable(
        IssueCode.NOT_DECIMAL, f"{text!r} is not a decimal", f"Write it like 1234{mark}5, or use a number cell."
    )


def _neutral_numeral(numeral: str, locale: Locale) -> str:
    """The numeral with a point and without group marks; a mark in a wrong place leaves it unreadable."""
    whole, mark, fraction = numeral.partition(locale.decimal_mark)
    if locale.group_mark and locale.group_mark in whole:
        groups = whole.lstrip("+-").split(locale.group_mark)
        if not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):  # noqa: PLR2004 thousands
            return numeral if locale.decimal_mark == "." else "?"
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
    if fact is Fact.TEXT:
        try:
            return str(UUID(text.strip()))
        except ValueError:
            pass
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


def _iso_date(text: str, locale: Locale) -> str:
    """A date as people of the declared locale write it, in ISO; "" without a declaration."""
    parts = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text.strip())
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
    Kind.BOOLEAN: _read_boolean,
    Kind.GUID: _read_guid,
    Kind.TIMESTAMP: _read_timestamp,
}
