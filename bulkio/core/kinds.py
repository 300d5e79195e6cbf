"""Each kind of value, canonical and on the wire; core/parsing.py reads its third spelling, that in a cell.

    cell --(core/parsing)-> canonical text --to_wire--> wire value
    cell <-(core/layout)--- canonical text <-from_wire- wire value

Canonical text has one spelling per value, so that equal values are equal strings; blank is "". Everything works by
column: a list of values in, a list of strings out.

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
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from types import NoneType
from typing import TYPE_CHECKING, Any

from bulkio.core import ticks
from bulkio.core.catalogue import ClearAs, Field, Kind
from bulkio.core.lists import join_members, split_members

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: The word that clears a field; a blank cell leaves it alone.
CLEAR = "[CLEAR]"

#: The kinds that are numbers on the wire.
NUMERIC = (Kind.DECIMAL, Kind.INTEGER)

# ASCII throughout: Python also takes the digits of other scripts for digits, and an underscore for nothing.
#: A number as people write one.
NUMERAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_GUID = re.compile(
    r"(?i)(?:urn:uuid:)?[{(]?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})[)}]?"
)
#: A Guid in the one spelling that is canonical.
CANONICAL_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TICKS = re.compile(r"\s*\\?/\s*Date\(\s*(-?[0-9]{1,17})\s*([+-][0-9]{4})?\s*\)\s*\\?/\s*")
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
    return [line_feeds(_plain(text)) for text in texts]


def line_feeds(text: str) -> str:
    """The text with LF for CRLF and CR."""
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
    if isinstance(value, str) and NUMERAL.fullmatch(text.strip()):
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
        if _are_canonical_guids([value for value in values if value is not None]):
            return ["" if value is None else value for value in values]
        known = {value: canonical_guid(value) or value for value in set(values) if value is not None}
        return [known.get(value, "") for value in values]
    return ["" if value is None else canonical_guid(_plain(value)) or _plain(value) for value in values]


def _are_canonical_guids(texts: Sequence[str]) -> bool:
    """Whether all texts have the shape of one: a look at the whole column. Line ends keep them apart."""
    whole = "\n".join(texts)
    return whole.isascii() and whole.encode().translate(_HEX_ALIKE) == b"\n".join([_GUID_SHAPE] * len(texts))


_GUID_SHAPE = b"00000000-0000-0000-0000-000000000000"
_HEX_ALIKE = bytes.maketrans(b"123456789abcdef", b"0" * 15)


def _timestamps_from_wire(values: Sequence[Any]) -> list[str]:
    if len(values) > _FEW and set(map(type, values)) <= {str, NoneType}:
        distinct = list({value for value in values if value is not None})  # an address is mostly as old as its customer
        known = dict(zip(distinct, ticks.instants(distinct) or map(_timestamp_from_wire, distinct), strict=True))
        return [known.get(value, "") for value in values]
    return ["" if value is None else _timestamp_from_wire(_plain(value)) for value in values]


_FEW = 20  # values that are read one by one in less time than as a column


def _timestamp_from_wire(text: str) -> str:
    return canonical_timestamp(text) or text


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
    if CANONICAL_GUID.fullmatch(text):
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
    if field.kind in NUMERIC and NUMERAL.fullmatch(canonical):
        return Decimal(canonical)
    if field.kind is Kind.BOOLEAN:
        return {"true": True, "false": False}.get(canonical, canonical)
    if field.kind is Kind.LIST and (members := split_members(canonical)) and join_members(members) == canonical:
        return sorted(set(members))
    return canonical
