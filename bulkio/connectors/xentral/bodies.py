"""Requests to Xentral, encoded. Pure: the same step and live record always give the same text.

A create is POST with all that the row fills in, a change is PATCH with only what changes, inside only the objects that
it is in: what a PATCH leaves out stays as it is. Three things are sent whole, because in part they would mean something
else: a reference to another record (with its id), and the lists of groups and of tags.

Bank data is masked when it is read, so it is never part of a change, and a masked value never part of anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from bulkio.connectors.protocol import Record, WriteRequest
from bulkio.connectors.xentral.catalogue import BILLING, CATALOGUE, CUSTOM_FIELD, CUSTOMERS
from bulkio.connectors.xentral.wire import LABELS
from bulkio.core.catalogue import Kind
from bulkio.core.kinds import to_wire
from bulkio.core.line_ends import changed_wire_value
from bulkio.core.masks import is_mask
from bulkio.core.plan import Action
from bulkio.core.records import canonical, identity, wire_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bulkio.core.catalogue import Entity, Field
    from bulkio.core.plan import Operation, Step

CUSTOMERS_PATH = "/api/v3/customers"

#: https://developer.xentral.com: "Delete customer" stands in V1.
DELETE_PATH = "/api/v1/customers"

_DIGITS = re.compile(r"[0-9]{1,19}")
_encoder = msgspec.json.Encoder(decimal_format="number")


def encode(step: Step, live: Record | None) -> WriteRequest:
    """The request for a step; see `Writer.encode`.

    Raises KeyError where a child that the step changes, or a list that it would overwrite, is not in `live`, and
    ValueError for a change of what is never sent.
    """
    (operation,) = step.operations
    entity = CATALOGUE.by_name[operation.entity]
    if entity is CUSTOMERS:
        return _customer(step, operation, live)
    collection = f"{CUSTOMERS_PATH}/{segment(step.root_guid)}/{entity.record_path}"
    if operation.action is Action.CREATE:
        return WriteRequest(method="POST", path=collection, body=_text(_created(entity, operation)))
    member = find_child(entity, (live or {}).get(entity.record_path) or (), operation)
    path = f"{collection}/{segment(identity(entity, member))}"
    if operation.action is Action.DELETE:
        return WriteRequest(method="DELETE", path=path)
    return WriteRequest(method="PATCH", path=path, body=_text(_changed(entity, operation, member)))


def segment(identifier: str) -> str:
    """An id as part of a path. Raises ValueError for anything else, so that no path is made of a sheet's text."""
    if not _DIGITS.fullmatch(identifier):
        msg = f"{identifier!r} is no id of Xentral's"
        raise ValueError(msg)
    return identifier


def find_child(entity: Entity, members: Sequence[Record], operation: Operation) -> Record:
    """The child that an operation means: by its id, or where the operation has none by its key.

    Raises KeyError if it is not there, or if two fit.
    """
    if operation.guid:
        found = [member for member in members if identity(entity, member) == operation.guid]
    else:
        found = [
            member
            for member in members
            if tuple(canonical(entity, member, name) for name in entity.key_fields) == operation.natural_key
        ]
    if len(found) != 1:
        raise KeyError(operation.guid or operation.key)
    return found[0]


def _customer(step: Step, operation: Operation, live: Record | None) -> WriteRequest:
    if operation.action is Action.CREATE:
        return WriteRequest(method="POST", path=CUSTOMERS_PATH, body=_text(_created(CUSTOMERS, operation)))
    if operation.action is Action.DELETE:
        return WriteRequest(method="DELETE", path=f"{DELETE_PATH}/{segment(step.root_guid)}")
    body = _changed(CUSTOMERS, operation, live or {})
    return WriteRequest(method="PATCH", path=f"{CUSTOMERS_PATH}/{segment(step.root_guid)}", body=_text(body))


def _text(body: Mapping[str, Any]) -> str:
    return _encoder.encode(body).decode()


# --- one object -------------------------------------------------------------------------------------------------------


def _created(entity: Entity, operation: Operation) -> Record:
    """Everything that the row fills in; a blank is left out, and so is what could only be a masked value."""
    filled = {name: after for name, after in operation.target.items() if after}
    kept = {name: after for name, after in filled.items() if not (entity.by_name[name].masked and is_mask(after))}
    return _body(entity, kept, operation.wire, {}, allowed=entity.sendable)


def _changed(entity: Entity, operation: Operation, live: Record) -> Record:
    """Only what changes."""
    target = operation.target
    for name in target:
        top = entity.by_name[name].path[0]
        if top in _WHOLE and top not in live:
            reason = f"{top}: not read, so it is not overwritten"
            raise KeyError(reason)
    writable = [field for field in entity.fields if field.is_writable]
    body = _body(entity, target, operation.wire, live, allowed=writable)
    if BILLING in body and not _is_left(target, live):
        body[BILLING] = None  # "Set to null to delete", says the V3 document; it cannot be without its name
    return body


#: Lists that are sent as a whole, and custom fields, whose labels have to be known.
_WHOLE = ("groups", "tags", CUSTOM_FIELD)


def _is_left(target: Mapping[str, str], live: Record) -> bool:
    """Whether anything of the billing address is left after the changes."""
    names = [field.name for field in CUSTOMERS.fields if field.path[0] == BILLING]
    return any(target.get(name, canonical(CUSTOMERS, live, name)) for name in names)


def _body(
    entity: Entity,
    target: Mapping[str, str],
    exact: Mapping[str, str | None],
    live: Record,
    *,
    allowed: Sequence[Field],
) -> Record:
    """The changes as an object; `exact` are those whose wire value is given to the letter."""
    if unsendable := target.keys() - {field.name for field in allowed}:
        msg = f"{entity.name}: never sent: {', '.join(sorted(unsendable))}"
        raise ValueError(msg)
    body: Record = {}
    for field in allowed:
        if field.name not in target:
            continue
        *parents, leaf = field.path
        if field.name in exact:
            value = exact[field.name]
        else:
            value = changed_wire_value(field, target[field.name], wire_value(live, field.path))
        if parents == [CUSTOM_FIELD]:
            body.setdefault(CUSTOM_FIELD, []).append(_custom_field(leaf, value, live))
        elif field.kind is Kind.LIST and leaf in ("id", "title"):
            body[parents[0]] = [{leaf: member} for member in value or ()]
        elif parents and _reference_of(entity, field) is not None:
            _refer(entity, field, target, live, body)
        else:
            _inside(body, parents)[leaf] = value
    return body


def _inside(body: Record, parents: Sequence[str]) -> Record:
    for parent in parents:
        body = body.setdefault(parent, {})
    return body


def _reference_of(entity: Entity, field: Field) -> Field | None:
    """The id of the object that the field is a member of, where that object names another record."""
    name = ".".join((*field.path[:-1], "id"))
    found = entity.by_name.get(name)
    return found if found is not None and found.kind is Kind.TEXT else None


def _refer(entity: Entity, field: Field, target: Mapping[str, str], live: Record, body: Record) -> None:
    """A reference as a whole: its id and what else it holds, or null where it has no id."""
    *above, parent, _ = field.path
    members: Record = {}
    for sibling in entity.fields:
        if sibling.path[:-1] == field.path[:-1] and sibling.is_sendable:
            after = target.get(sibling.name, canonical(entity, live, sibling.name))
            if after or sibling.name in target:
                members[sibling.path[-1]] = to_wire(sibling, after)
    _inside(body, above)[parent] = members if members.get("id") else None


def _custom_field(key: str, value: Any, live: Record) -> Record:
    """The document calls the label ignored; live systems were seen to ask for it."""
    label = (live.get(LABELS) or {}).get(key)
    return {"key": key, "label": label if isinstance(label, str) and label else key, "value": value}
