"""What lists can be filtered by: a table for each list, as in the description. Statements are joined by AND."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from bulkio.sandbox.xentral.formats import is_date
from bulkio.sandbox.xentral.lookups import tag_id
from bulkio.sandbox.xentral.problems import refuse_parameter
from bulkio.sandbox.xentral.views import ZONE

if TYPE_CHECKING:
    from bulkio.sandbox.xentral.query import Statement
    from bulkio.sandbox.xentral.store import Child, Customer

_Record = TypeVar("_Record")

_IDS = ("equals", "notEquals", "in", "notIn")
_TEXTS = (*_IDS, "contains", "notContains", "startsWith", "endsWith")
_COMPARISONS = ("lessThan", "lessThanOrEquals", "greaterThan", "greaterThanOrEquals")
_NULLS = ("isNull", "isNotNull")


class Operators(Enum):
    """Which operators a key knows."""

    IDS = _IDS
    TEXTS = _TEXTS
    DATES = ("equals", "notEquals", *_COMPARISONS, *_NULLS)
    FLAGS = ("equals", "notEquals")


@dataclass(frozen=True, slots=True)
class Key(Generic[_Record]):
    """One key: its operators, and what they look at; several values (tags) match if any of them does.

    If `is_loose`, what should be equal need only be contained.
    """

    operators: Operators
    values: Callable[[_Record], list[str]]
    is_loose: bool = False


Keys = Mapping[str, Key[_Record]]


def predicate(statement: Statement, keys: Keys[_Record]) -> Callable[[_Record], bool]:
    """Make the test of one statement; Refusal (400) for an unknown key or operator, or a value that does not fit."""
    key = keys.get(statement.key)
    if key is None:
        refuse_parameter(f"{statement.name}.key", "The selected key is invalid.")
    if not statement.op or statement.op not in key.operators.value:
        refuse_parameter(f"{statement.name}.op", "The selected op is invalid.")
    if statement.op in _NULLS:
        is_wanted = statement.op == "isNotNull"
        return lambda record: bool(key.values(record)) is is_wanted
    if statement.values is None:
        refuse_parameter(f"{statement.name}.value", "The value field is required.")
    if key.operators is Operators.DATES and not all(map(is_date, statement.values)):
        # Measured: the timestamps that responses show are refused.
        refuse_parameter(f"{statement.name}.value", "The value field must match the format Y-m-d.")
    return _test(key, statement.op, [each.casefold() for each in statement.values])


def _test(key: Key[_Record], op: str, wanted: list[str]) -> Callable[[_Record], bool]:
    compare = _COMPARE[_OPPOSITES.get(op, op)]
    if key.is_loose and compare is _COMPARE["equals"]:
        compare = _COMPARE["contains"]
    is_wanted = op not in _OPPOSITES

    def test(record: _Record) -> bool:
        found = any(compare(value.casefold(), each) for value in key.values(record) for each in wanted)
        return found is is_wanted

    return test


_OPPOSITES = {"notEquals": "equals", "notIn": "in", "notContains": "contains"}

# Dates are compared as texts, which sort like the days.
_COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "equals": str.__eq__,
    "in": str.__eq__,
    "contains": lambda value, wanted: wanted in value,
    "startsWith": lambda value, wanted: value.startswith(wanted),
    "endsWith": lambda value, wanted: value.endswith(wanted),
    "lessThan": lambda value, wanted: value < wanted,
    "lessThanOrEquals": lambda value, wanted: value <= wanted,
    "greaterThan": lambda value, wanted: value > wanted,
    "greaterThanOrEquals": lambda value, wanted: value >= wanted,
}


def _text(*path: str) -> Callable[[Customer | Child], list[str]]:
    """Look at one text; a null counts as blank."""

    def values(record: Customer | Child) -> list[str]:
        value: Any = record.document
        for name in path:
            value = value and value[name]
        return [str(value or "")]

    return values


def _day(name: str) -> Callable[[Customer], list[str]]:
    return lambda customer: [getattr(customer, name).astimezone(ZONE).date().isoformat()]


def _id(record: Customer | Child) -> list[str]:
    return [str(record.id)]


CUSTOMER_KEYS: Keys[Customer] = {
    "id": Key(Operators.IDS, _id),
    "number": Key(Operators.TEXTS, _text("number")),
    **{
        name: Key(Operators.TEXTS, _text("primaryAddress", name))
        for name in ("name", "street", "zipCode", "city", "state", "country")
    },
    # Measured: the filter finds more than it should, so a client has to look again. How much more is assumed.
    "email": Key(Operators.TEXTS, _text("primaryAddress", "email"), is_loose=True),
    "salesManager.id": Key(Operators.IDS, _text("salesManager", "id")),
    "accountManager.id": Key(Operators.IDS, _text("accountManager", "id")),
    "groups": Key(Operators.IDS, lambda customer: customer.document["groups"]),
    "tags": Key(Operators.TEXTS, lambda customer: customer.document["tags"]),
    "tags.id": Key(Operators.IDS, lambda customer: [tag_id(title) for title in customer.document["tags"]]),
    "createdAt": Key(Operators.DATES, _day("created")),
    "updatedAt": Key(Operators.DATES, _day("updated")),
}

CONTACT_KEYS: Keys[Child] = {
    "id": Key(Operators.IDS, _id),
    **{name: Key(Operators.TEXTS, _text(name)) for name in ("name", "country", "city", "zipCode")},
}

_OF_ADDRESS = (
    "name", "title", "contactPerson", "department", "subDepartment", "addressSupplement", "street", "zipCode", "city",
    "state", "country", "gln", "email", "phone", "fax",
)  # fmt: skip
_OF_DETAILS = ("taxType", "termsOfDelivery", "vatId", "remark", "note")


def _is_default(address: Child) -> list[str]:
    return ["true" if address.document["deliveryDetails"]["defaultDeliveryAddress"] else "false"]


ADDRESS_KEYS: Keys[Child] = {
    "id": Key(Operators.IDS, _id),
    **{f"deliveryAddress.{name}": Key(Operators.TEXTS, _text(name)) for name in _OF_ADDRESS},
    **{name: Key(Operators.TEXTS, _text("deliveryDetails", name)) for name in _OF_DETAILS},
    "defaultDeliveryAddress": Key(Operators.FLAGS, _is_default),
}
