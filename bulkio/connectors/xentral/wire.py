"""Xentral's replies, decoded: bytes in, records out; anything that is not a reply of this API is an error.

A record is the ERP's own object, exactly, but that its lists of objects are turned so that a path leads into them:

    "groups": [{"id": "3", "name": "B2B"}, ...]            ->  "groups": {"id": ["3", ...], "name": ["B2B", ...]}
    "customFields": [{"key": "customField1", "value": 7}]  ->  "customFields": {"customField1": 7}

The labels of custom fields, which a write has to name, are beside them under `LABELS`. What an `include` was not asked
for, or was not answered with, is absent from the record: not blank, but not known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from bulkio.connectors.xentral.catalogue import ADDRESSES, CONTACTS, CUSTOM_FIELD, CUSTOMERS
from bulkio.core import strict_json
from bulkio.errors import UnavailableError

if TYPE_CHECKING:
    from bulkio.connectors.protocol import Record
    from bulkio.core.catalogue import Entity

#: Where a record keeps the labels of its custom fields, by key.
LABELS = "customFields labels"

#: Lists of objects that become columns, by entity.
_TURNED = {CUSTOMERS.name: ("groups", "tags"), CONTACTS.name: ("groups",), ADDRESSES.name: ()}


@dataclass(frozen=True, slots=True)
class Paging:
    """What a list says about itself; None where it does not. `size` is the page's real size, whatever was asked for.

    `has_next` is whether it names a next page; the link itself drops parameters and is never followed.
    """

    page: int | None
    size: int | None
    last: int | None
    total: int | None
    has_next: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list."""

    records: list[Record]
    paging: Paging


def decode_listing(body: bytes, entity: Entity) -> Listing:
    """A page of a list of the entity's records. Raises UnavailableError for anything else."""
    document = decode_json(body)
    rows = document.get("data") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        _refuse("a list of records")
    meta, links = (document.get(name) if isinstance(document.get(name), dict) else {} for name in ("meta", "links"))
    paging = Paging(
        page=_count(meta, "currentPage"),
        size=_count(meta, "perPage"),
        last=_count(meta, "lastPage"),
        total=_count(meta, "total"),
        has_next=bool(links.get("next")),
    )
    return Listing([decoded(row, entity) for row in rows], paging)


def decode_record(body: bytes, entity: Entity) -> Record:
    """One record, `{"data": {...}}`. Raises UnavailableError for anything else."""
    document = decode_json(body)
    return decoded(document.get("data") if isinstance(document, dict) else None, entity)


def decode_keys(body: bytes) -> set[str]:
    """The keys of the account's custom fields, from the settings; none if the reply names none."""
    document = decode_json(body)
    rows = document.get("data") if isinstance(document, dict) else document
    known = {field.name for field in CUSTOMERS.fields if field.path[0] == CUSTOM_FIELD}
    return {
        name
        for row in (rows if isinstance(rows, list) else ())
        for value in (row.values() if isinstance(row, dict) else ())
        if isinstance(value, str) and (name := f"{CUSTOM_FIELD}.{value}") in known
    }


def decoded(row: Any, entity: Entity) -> Record:
    """The record of one JSON object, its shape proved: an object, with an id, nested where the catalogue nests."""
    if not isinstance(row, dict) or not isinstance(row.get(entity.id_field), str | int):
        _refuse(f"{_article(entity.singular)} {entity.singular} (no {entity.id_field})")
    record = dict(row)
    for name in _TURNED[entity.name]:
        if isinstance(record.get(name), list):
            record[name] = _turned(record[name], name)
    if entity is CUSTOMERS:
        if isinstance(record.get(CUSTOM_FIELD), list):
            record[LABELS], record[CUSTOM_FIELD] = _by_key(record[CUSTOM_FIELD])
        for child in (ADDRESSES, CONTACTS):
            members = record.get(child.record_path)
            if isinstance(members, list):
                record[child.record_path] = [decoded(member, child) for member in members]
            elif members is not None:
                _refuse(f"a customer ({child.record_path} is no list)")
    return record


def decode_json(body: bytes) -> Any:
    """JSON, strictly: UnavailableError for what is truncated, not JSON, ambiguous or absurd (core/strict_json.py)."""
    try:
        return strict_json.decode_json(body)
    except ValueError:
        _refuse("JSON")


# --- lists of objects -------------------------------------------------------------------------------------------------


def _turned(members: list[Any], name: str) -> dict[str, list[Any]]:
    """Rows to columns; a member that lacks an attribute has null there."""
    if not all(isinstance(member, dict) for member in members):
        _refuse(f"a record ({name} is no list of objects)")
    attributes = dict.fromkeys(attribute for member in members for attribute in member)
    return {attribute: [member.get(attribute) for member in members] for attribute in attributes}


def _by_key(members: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Labels and values of custom fields. A value that is no plain one is its JSON text, so that it is seen."""
    labels: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for member in members:
        if not isinstance(member, dict) or not isinstance(member.get("key"), str):
            _refuse(f"a customer ({CUSTOM_FIELD} is no list of keys and values)")
        value = member.get("value")
        labels[member["key"]] = member.get("label")
        values[member["key"]] = json.dumps(value, default=str) if isinstance(value, dict | list) else value
    return labels, values


# --- what a reply must be ---------------------------------------------------------------------------------------------


def _count(meta: Any, name: str) -> int | None:
    """A number of pages or records; some servers send it as a text."""
    value = meta.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _refuse(what: str) -> NoReturn:
    msg = f"the reply is not {what} as Xentral sends it"
    raise UnavailableError(msg, hint="Check the base URL; a proxy or a sign-in page may be answering in its place.")


def _article(noun: str) -> str:
    return "an" if noun[:1] in "aeiou" else "a"
