"""The templates, and how they write numbers, times and values. Everything is escaped unless it is a template's own."""

from __future__ import annotations

import re
from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from bulkio.core.kinds import as_datetime
from bulkio.core.text_diff import pieces

if TYPE_CHECKING:
    from decimal import Decimal

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MINUTE, _HOUR = 60, 3600
_KIB = 1024


@cache
def templates() -> Environment:
    """The environment of all templates."""
    made = Environment(
        loader=PackageLoader("bulkio.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "visible": visible,
        "number": number,
        "signed": signed,
        "moment": moment,
        "duration": duration,
        "size": size,
        "capitalize_first": lambda text: text[:1].upper() + text[1:],
    }
    made.globals |= {"pieces": pieces, "plural": plural}
    return made


def asset(name: str) -> str:
    """A file of static/ as text."""
    return (files("bulkio.web") / "static" / name).read_text(encoding="utf-8")


def visible(text: str) -> str:
    """The text without characters that a reader does not see, or that turn what follows around."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def number(count: int) -> str:
    """1234 -> 1,234."""
    return f"{count:,}"


def signed(total: Decimal) -> str:
    """Decimal("120000.00") -> +120,000."""
    return f"{total.normalize() + 0:+,f}" if total else "0"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 row`, `1,234 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def moment(timestamp: str) -> str:
    """A canonical timestamp for people: 21 Nov 2026, 14:05 UTC."""
    known = as_datetime(timestamp)
    if known is None:
        return ""
    there = known.astimezone(UTC)
    return f"{there.day} {there:%b %Y, %H:%M} UTC"


def duration(seconds: float) -> str:
    """About how long: `2 min`."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{max(whole, 1)} s"
    if whole < _HOUR:
        return f"{round(whole / _MINUTE)} min"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def size(count: int) -> str:
    """Bytes for people."""
    if count < _KIB:
        return f"{count} bytes"
    return f"{count / _KIB:,.0f} KB" if count < _KIB**2 else f"{count / _KIB**2:,.1f} MB"
