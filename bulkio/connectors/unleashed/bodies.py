"""Requests to Unleashed, encoded. Pure: the same step and live record always give the same text.

A body holds everything that Unleashed lets one write, exactly as it was received, plus the step's changes: what is
left out of a body "will be overwritten with blank values" (https://api.unleashedsoftware.com/), and what is not in the
page's POST tables is answered with a bare error 500 (observed). So it is the live record, cut down to the whitelist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from bulkio.connectors.protocol import Record, WriteRequest
from bulkio.connectors.unleashed.catalogue import CATALOGUE, CUSTOMERS
from bulkio.connectors.unleashed.wire import SALESPERSON, SALESPERSON_LIVE
from bulkio.core.kinds import from_wire
from bulkio.core.line_ends import changed_wire_value
from bulkio.core.plan import Action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bulkio.core.catalogue import Entity, Field
    from bulkio.core.plan import Operation, Step

_encoder = msgspec.json.Encoder(decimal_format="number")


def encode(step: Step, live: Record | None) -> WriteRequest:
    """The request for a step; see `Writer.encode`.

    Raises KeyError where a child that the step changes is not in `live`, ValueError for a change of what is never sent.
    """
    if step.entity == CUSTOMERS.name:
        body = _customer(step, live)
        return WriteRequest(method="POST", path=f"/Customers/{segment(step.root_guid)}", body=_text(body))
    return _contact(step, live)


def segment(guid: str) -> str:
    """A Guid as part of a path. Raises ValueError for anything else, so that no path is made of a sheet's text."""
    return str(UUID(guid.strip()))


def _text(body: Mapping[str, Any]) -> str:
    return _encoder.encode(body).decode()


# --- the customer, with its addresses ---------------------------------------------------------------------------------


def _customer(step: Step, live: Record | None) -> Record:
    own = [operation for operation in step.operations if operation.entity == CUSTOMERS.name]
    target = {name: after for operation in own for name, after in operation.target.items()}
    if any(operation.action is Action.DELETE for operation in own):
        target.setdefault(CUSTOMERS.soft_delete_field, "true")  # the page documents no DELETE for customers
    exact = {name: value for operation in own for name, value in operation.wire.items()}
    body = _merged(CUSTOMERS, live or {}, target, exact)
    # "Required to update an existing Customer if not provided in the URI" (POST 709); for a create it is ours.
    body = {CUSTOMERS.id_field: (live or {}).get(CUSTOMERS.id_field) or step.root_guid, **body}
    for child in CATALOGUE.children:
        if child.embedded:
            operations = [operation for operation in step.operations if operation.entity == child.name]
            if operations or child.record_path in (live or {}):
                body[child.record_path] = _collection(child, (live or {}).get(child.record_path), operations)
    if live is not None and SALESPERSON_LIVE in live and SALESPERSON in body:
        body[SALESPERSON_LIVE] = body.pop(SALESPERSON)
    return body


def _collection(entity: Entity, live: Sequence[Record] | None, operations: Sequence[Operation]) -> list[Record] | None:
    """The whole collection, as it travels inside its parent: a member left out is a member deleted."""
    if live is None and not operations:
        return None
    members = list(live or ())
    targets: dict[int, Operation] = {}
    deleted: set[int] = set()
    created: list[Record] = []
    for operation in operations:
        if operation.action is Action.CREATE:
            created.append(_merged(entity, {}, operation.target, operation.wire))
            continue
        position = find_child(entity, members, operation)
        if operation.action is Action.DELETE:
            deleted.add(position)
        else:
            targets[position] = operation
    kept = [
        _merged(entity, member, targets[position].target, targets[position].wire)
        if position in targets
        else _merged(entity, member, {}, {})
        for position, member in enumerate(members)
        if position not in deleted
    ]
    return kept + created


# --- the contact, a request of its own --------------------------------------------------------------------------------


def _contact(step: Step, live: Record | None) -> WriteRequest:
    entity = CATALOGUE.by_name[step.entity]
    (operation,) = step.operations
    path = f"/Customers/{segment(step.root_guid)}/{entity.record_path}"
    if operation.action is Action.CREATE:  # "POST does not accept user-generated GUIDs" (POST/PUT 934)
        return WriteRequest(method="POST", path=path, body=_text(_merged(entity, {}, operation.target, operation.wire)))
    members = (live or {}).get(entity.record_path) or ()
    member = members[find_child(entity, members, operation)]
    guid = member[entity.id_field]
    path = f"{path}/{segment(guid)}"
    if operation.action is Action.DELETE:
        return WriteRequest(method="DELETE", path=path)
    # Guid: "POST: N/A, PUT: Required" (POST/PUT 968).
    body = {entity.id_field: guid, **_merged(entity, member, operation.target, operation.wire)}
    return WriteRequest(method="PUT", path=path, body=_text(body))


# --- finding a child --------------------------------------------------------------------------------------------------


def find_child(entity: Entity, members: Sequence[Record], operation: Operation) -> int:
    """Where the child that an operation means stands in the parent's collection. Raises KeyError if it is not there.

    By its Guid. Where the operation has none, or an embedded child's is gone (a collection written as a whole may be
    numbered anew), by its natural key, and among several of that key by the values that the operation says were there.
    Two that fit are as bad as none.
    """
    found = _positions(entity, members, {entity.id_field: operation.guid}) if operation.guid else []
    if not found and operation.natural_key and (entity.embedded or not operation.guid):
        key = dict(zip(entity.key_fields, operation.natural_key, strict=True))
        found = _positions(entity, members, key)
        if len(found) > 1:
            before = {change.field: change.before for change in operation.changes}
            found = _positions(entity, members, key | before)
    if len(found) != 1:
        raise KeyError(operation.guid or operation.key)
    return found[0]


def _positions(entity: Entity, members: Sequence[Record], wanted: Mapping[str, str]) -> list[int]:
    """The members that hold all the canonical values."""
    fields = [(entity.by_name[name], _canonical(entity.by_name[name], value)) for name, value in wanted.items()]
    return [
        position
        for position, member in enumerate(members)
        if all(_canonical(field, member.get(field.name)) == value for field, value in fields)
    ]


# --- one object -------------------------------------------------------------------------------------------------------


def _merged(entity: Entity, live: Record, target: Mapping[str, str], exact: Mapping[str, str | None]) -> Record:
    """The writable part of an object: live values as received, and the changes.

    A property that the live object lacks and nobody changes is not invented. A nested object keeps its whitelisted
    members; one that ends up blank altogether is null, which is how the ERP spells "none". `exact` are changes whose
    wire value is given to the letter.
    """
    if unsendable := target.keys() - _SENDABLE[entity.name]:
        msg = f"{entity.name}: never sent: {', '.join(sorted(unsendable))}"
        raise ValueError(msg)
    body: Record = {}
    for name, fields, is_nested in _PROPERTIES[entity.name]:
        if not is_nested:
            field = fields[0]
            if field.name in exact:
                body[name] = exact[field.name]
            elif field.name in target:
                if live or target[field.name]:  # in a new object a blank is simply left out
                    body[name] = changed_wire_value(field, target[field.name], live.get(name))
            elif name in live:
                body[name] = live[name]
        else:
            _merge_nested(body, name, fields, live, target, exact)
    return body


def _merge_nested(  # noqa: PLR0913, PLR0917 what there is, and what is to be
    body: Record,
    name: str,
    fields: Sequence[Field],
    live: Record,
    target: Mapping[str, str],
    exact: Mapping[str, str | None],
) -> None:
    was: Record = live.get(name) or {}
    members: Record = {}
    is_changed = False
    for field in fields:
        leaf = field.path[1]
        given = exact.get(field.name)
        if given is not None:
            is_changed = True
            members[leaf] = given
        elif field.name in target:
            is_changed = True
            if target[field.name]:  # a blank member is left out: a null Guid beside a new code would be two answers
                members[leaf] = changed_wire_value(field, target[field.name], was.get(leaf))
        elif leaf in was:
            members[leaf] = was[leaf]
    is_given = any(exact.get(field.name) is not None for field in fields)
    if not is_given and all(value in (None, "") for value in members.values()):
        # Nothing to name it by. If nobody changed it, it is only null where it was null; an object whose members we
        # may not write (observed for SellPriceTierReference) cannot be sent back, nor may it be erased.
        if (is_changed and live) or (name in live and (members or not was)):
            body[name] = None
        return
    body[name] = members


def _properties(entity: Entity) -> list[tuple[str, list[Field], bool]]:
    """The whitelist, by the property of the body that each field belongs to, and whether that is an object.

    Without the id: the caller knows whether a request may carry it.
    """
    grouped: dict[str, list[Field]] = {}
    for field in entity.sendable:
        grouped.setdefault(field.path[0], []).append(field)
    return [(name, fields, len(fields[0].path) > 1) for name, fields in grouped.items() if name != entity.id_field]


def _canonical(field: Field, value: Any) -> str:
    return from_wire(field.kind, [value])[0]


_PROPERTIES = {entity.name: _properties(entity) for entity in CATALOGUE.entities}
_SENDABLE = {entity.name: frozenset(field.name for field in entity.sendable) for entity in CATALOGUE.entities}
