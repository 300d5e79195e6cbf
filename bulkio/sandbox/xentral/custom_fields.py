"""A custom field's value: written as a string or null (the description), read as what its type says."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from bulkio.sandbox.xentral.formats import is_date
from bulkio.sandbox.xentral.lookups import CUSTOM_FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bulkio.sandbox.xentral.problems import Violations

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def parsed(elements: list[dict[str, Any]], violations: Violations) -> dict[str, Any]:
    """Turn the elements of a checked body into values by key; what cannot be read is a violation."""
    values = {}
    for number, element in enumerate(elements):
        key, text = element["key"], element["value"]
        try:
            values[key] = None if text is None else _PARSERS[CUSTOM_FIELDS[key].type](text)
        except ValueError:
            sentence = f"The {{}} field must be {_EXPECTED[CUSTOM_FIELDS[key].type]}."
            violations.add(("customFields", number, "value"), sentence)
    return values


def shown(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Show all fields that are set up, null where the customer has no value (assumed)."""
    return [
        {"key": field.key, "value": values.get(field.key), "label": field.label, "type": field.type}
        for field in CUSTOM_FIELDS.values()
    ]


def _number(text: str) -> Decimal:
    number = msgspec.json.decode(text.encode(), type=Decimal)
    if not number.is_finite():
        raise ValueError(text)
    return number


def _date(text: str) -> str:
    if not is_date(text):
        raise ValueError(text)
    return text


def _moment(text: str) -> str:
    datetime.fromisoformat(text)
    return text


def _flag(text: str) -> bool:
    if text not in _FLAGS:
        raise ValueError(text)
    return _FLAGS[text]


def _object(text: str) -> dict[str, Any]:
    # msgspec's complaint about JSON is a ValueError, too.
    return msgspec.json.decode(text.encode(), type=dict[str, Any])


_PARSERS: dict[str, Callable[[str], Any]] = {
    "string": str,
    "translatable_string": str,
    "integer": int,
    "float": _number,
    "date": _date,
    "datetime": _moment,
    "boolean": _flag,
    "object": _object,
}
_EXPECTED = {
    "integer": "an integer",
    "float": "a number",
    "date": "a valid date",
    "datetime": "a valid date",
    "boolean": "true or false",
    "object": "a JSON object",
}
