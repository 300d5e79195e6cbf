"""Each kind of value in its three spellings: in a cell, canonical, on the wire.

    cell --parse_column--> canonical text --to_wire--> wire value
    cell <-(core/layout)-- canonical text <-from_wire-- wire value

Canonical text has one spelling per value, so that equal values are equal strings; blank is "". Everything works by
column: a list of values in, a list of strings out. What cannot be read is a `Failure`, never a default.

| kind | canonical | same when |
|---|---|---|
| TEXT | the text, with LF for CRLF and CR | code points |
| DECIMAL | digits, `.` and no needless zeros: `0.05`, `-12`, `0` | numerically |
| INTEGER | digits: `0`, `-12` | numerically |
| BOOLEAN | `true`, `false` | identity |
| GUID | lower case, with hyphens | as UUID |
| TIMESTAMP | `2026-01-31T09:05:00.123Z`, fraction only if there is one | instant |
| DATE | `2026-01-31` | day |
| LIST | `B2B; VIP`, as core/lists.py joins them | set of members |
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import NoneType
from typing import TYPE_CHECKING, Any

from bulkio.core.catalogue import ClearAs, Field, Kind
from bulkio.core.grid import Fact
from bulkio.core.issues import IssueCode
from bulkio.core.lists import join_members, split_members
from bulkio.core.locale import NEUTRAL, Locale

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bulkio.core.grid import RawColumn

#: The word that clears a field; a blank cell leaves it alone.
CLEAR = "[CLEAR]"

# ASCII throughout: Python also takes the digits of other scripts for digits, and an underscore for nothing.
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_GUID = re.compile(
    r"(?i)(?:urn:uuid:)?[{(]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[)}]?"
)
_CANONICAL_DECIMAL = re.compile(r"0|-?(?:[1-9][0-9]{0,40}(?:\.[0-9]{0,40}[1-9])?|0\.[0-9]{0,40}[1-9])")
_CANONICAL_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,40}")
_CANONICAL_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TICKS = re.compile(r"\s*\\?/\s*Date\(\s*(-?[0-9]{1,17})\s*([+-][0-9]{4})?\s*\)\s*\\?/\s*")
_PLAIN_TICKS = re.compile(r"/Date\((-?[0-9]{1,15})\)/").fullmatch
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?)?"
    r"\s*(Z|z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?"
)
# A day, and the midnight with which programs and servers like to write one.
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00(?:\.0{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?")
# What certainly is canonical; the 29th of a February is looked at more closely.
_CANONICAL_TIME = re.compile(
    r"(?!0000)[0-9]{4}-"
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{0,8}[1-9])?Z"
)
_EPOCH = date(1970, 1, 1).toordinal()
_MS_PER_DAY = 86_400_000
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
    return _FROM_WIRE[kind](values)


def _texts_from_wire(values: Sequence[Any]) -> list[str]:
    texts = ["" if value is None else value for value in values]
    try:
        # One look at the whole column, which is nearly always nothing but text without carriage returns.
        if "\r" not in "".join(texts):
            return texts
    except TypeError:
        pass
    return [_line_feeds(_plain(text)) for text in texts]


def _line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _plain(value: Any) -> str:
    """Any wire value as text; never raises."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        exact = Decimal(value)  # `str` of an int refuses more than 4300 digits
        try:
            return canonical_decimal(exact)
        except ValueError:
            return str(exact)
    return str(value)


def _decimals_from_wire(values: Sequence[Any]) -> list[str]:
    if set(map(type, values)) <= _NUMBERS:  # they repeat: prices and rates do, and 0 does
        with contextlib.suppress(TypeError):  # a signalling NaN cannot be looked up
            known = {value: "" if value is None else _decimal_from_wire(value) for value in set(values)}
            return [known[value] for value in values]
    return ["" if value is None else _decimal_from_wire(value) for value in values]


_NUMBERS = {Decimal, int, NoneType}


def _decimal_from_wire(value: Any) -> str:
    text = _plain(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(text.strip()):
        try:
            return canonical_decimal(Decimal(text.strip()))
        except ValueError:
            return text
    return text


def _booleans_from_wire(values: Sequence[Any]) -> list[str]:
    if set(map(type, values)) <= {bool, NoneType}:
        return [_BOOLEANS[value] for value in values]
    return ["" if value is None else _boolean_from_wire(value) for value in values]


_BOOLEANS = {True: "true", False: "false", None: ""}


def _boolean_from_wire(value: Any) -> str:
    text = _plain(value)
    return text.lower() if text.lower() in ("true", "false") else text


def _guids_from_wire(values: Sequence[Any]) -> list[str]:
    if set(map(type, values)) <= {str, NoneType}:  # those of other records repeat
        known = {value: canonical_guid(value) or value for value in set(values) if value is not None}
        return [known.get(value, "") for value in values]
    return ["" if value is None else canonical_guid(_plain(value)) or _plain(value) for value in values]


def _timestamps_from_wire(values: Sequence[Any]) -> list[str]:
    texts = []
    for value in values:
        if value is None:
            texts.append("")
        elif type(value) is str and (ticks := _PLAIN_TICKS(value)):  # the spelling that comes by the hundred thousand
            texts.append(_from_milliseconds(int(ticks[1])) or value)
        else:
            text = _plain(value)
            texts.append(canonical_timestamp(text) or text)
    return texts


def _dates_from_wire(values: Sequence[Any]) -> list[str]:
    texts = ["" if value is None else _plain(value) for value in values]
    return [canonical_date(text) or text for text in texts]


def _lists_from_wire(values: Sequence[Any]) -> list[str]:
    return [
        join_members(map(_plain, value)) if isinstance(value, list) else "" if value is None else _plain(value)
        for value in values
    ]


_FROM_WIRE: dict[Kind, Callable[[Sequence[Any]], list[str]]] = {
    Kind.TEXT: _texts_from_wire,
    Kind.DECIMAL: _decimals_from_wire,
    Kind.INTEGER: _decimals_from_wire,
    Kind.BOOLEAN: _booleans_from_wire,
    Kind.GUID: _guids_from_wire,
    Kind.TIMESTAMP: _timestamps_from_wire,
    Kind.DATE: _dates_from_wire,
    Kind.LIST: _lists_from_wire,
}


def canonical_decimal(value: Decimal) -> str:
    """`0.0500` -> `0.05`, `1E+3` -> `1000`, `-0` -> `0`. Raises ValueError for NaN, infinities and huge exponents."""
    if not value.is_finite() or (value and abs(value.adjusted()) > _MAX_EXPONENT):
        msg = "not a finite decimal of a reasonable size"
        raise ValueError(msg)
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def canonical_guid(text: str) -> str:
    """Lower case with hyphens; "" if the text is no spelling of a Guid (any case, braces, without hyphens)."""
    if _CANONICAL_GUID.fullmatch(text):
        return text
    spelled = _GUID.fullmatch(text.strip())
    return "-".join(spelled.groups()).lower() if spelled else ""


def canonical_date(text: str) -> str:
    """The day in ISO 8601; "" if the text is not one, or has a time of day other than midnight."""
    spelled = _DAY.fullmatch(text.strip())
    if not spelled:
        return ""
    try:
        return date(*(int(part) for part in spelled.groups())).isoformat()
    except ValueError:
        return ""


def canonical_timestamp(text: str) -> str:
    """The instant in ISO 8601 UTC; "" if the text is not one.

    Read are `/Date(ms)/` with or without escapes, blanks and offset (observed in the wild), and ISO 8601 with up to
    nine digits of a second; without a zone it is UTC.
    """
    if text.endswith("Z") and _CANONICAL_TIME.fullmatch(text):
        return text
    if ticks := _TICKS.fullmatch(text):
        # The offset of /Date(ms+hhmm)/ is only how the writer would show it; ms are UTC all the same.
        return _from_milliseconds(int(ticks[1]))
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
    return moment.isoformat()[:19] + _fraction(fraction or "") + "Z"


def _from_milliseconds(since_epoch: int) -> str:
    days, within = divmod(since_epoch, _MS_PER_DAY)
    day = _iso_day(days)
    if not day:
        return ""
    second, millisecond = divmod(within, 1000)
    return f"{day}T{_iso_time(second)}{_MILLISECONDS[millisecond]}Z"


@lru_cache(100_000)  # days: more than a list of customers has
def _iso_day(days: int) -> str:
    try:
        return date.fromordinal(_EPOCH + days).isoformat()
    except (ValueError, OverflowError):
        return ""


@lru_cache(86_400)
def _iso_time(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def _fraction(digits: str) -> str:
    kept = digits.rstrip("0")
    return f".{kept}" if kept else ""


_MILLISECONDS = tuple(_fraction(f"{millisecond:03}") for millisecond in range(1000))


def as_datetime(canonical: str) -> datetime | None:
    """The aware UTC datetime of a canonical timestamp (microseconds; further digits are cut); None if it is not one."""
    if not (instant := canonical_timestamp(canonical)):
        return None
    microsecond = instant[20:-1][:6].ljust(6, "0")
    return datetime.fromisoformat(instant[:19]).replace(microsecond=int(microsecond), tzinfo=UTC)


# --- canonical -> wire ------------------------------------------------------------------------------------------------


def to_wire(field: Field, canonical: str) -> Any:
    """The wire value of one canonical text: str, Decimal, bool, list, or what clears the field where it is blank.

    A text that is not of its kind (`from_wire` keeps such, and an undo restores it) goes out as that text: the ERP may
    refuse it, but it never becomes a value that nobody wrote.
    """
    if canonical == "":
        empty: Any = [] if field.kind is Kind.LIST else ""
        return empty if field.clear_as is ClearAs.EMPTY else None
    if field.kind in _NUMERIC and _DECIMAL.fullmatch(canonical):
        return Decimal(canonical)
    if field.kind is Kind.BOOLEAN:
        return {"true": True, "false": False}.get(canonical, canonical)
    if field.kind is Kind.LIST and (members := split_members(canonical)) and join_members(members) == canonical:
        return sorted(set(members))
    return canonical


_NUMERIC = (Kind.DECIMAL, Kind.INTEGER)


# --- cell -> canonical ------------------------------------------------------------------------------------------------


def parse_column(kind: Kind, column: RawColumn, locale: Locale = NEUTRAL) -> ParsedColumn:
    """Canonical text of a column of cells; `CLEAR` stays as it is, whatever the kind.

    A column that stands there as it was exported (the normal case) costs one look at each cell; in the others, every
    distinct cell is read once.
    """
    if kind is Kind.TEXT and not column.facts.strip(_TEXT_OR_BLANK):
        return ParsedColumn(_texts_from_wire(column.text), [])
    if _is_canonical(kind, column, locale):
        return ParsedColumn(list(column.text), [])
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


def _is_canonical(kind: Kind, column: RawColumn, locale: Locale) -> bool:
    """Whether every cell certainly is canonical text already."""
    spelled = _CANONICAL.get(kind)
    plain = _TEXT_OR_BLANK
    if kind in _NUMERIC:
        plain = _NUMBER_OR_BLANK if locale.decimal_mark != "." else _TEXT_OR_BLANK + _NUMBER_OR_BLANK
    if spelled is None or column.facts.strip(plain):
        return False
    return all(spelled(text) for text in column.text if text)


_CANONICAL: dict[Kind, Callable[[str], object]] = {
    Kind.DECIMAL: _CANONICAL_DECIMAL.fullmatch,
    Kind.INTEGER: _CANONICAL_INTEGER.fullmatch,
    Kind.GUID: _CANONICAL_GUID.fullmatch,
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
        return _line_feeds(text)
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
