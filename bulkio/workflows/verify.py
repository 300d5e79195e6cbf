"""Does the record hold what was sent? Comparison of a read-back record with an operation's target."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bulkio.core.masks import fits, is_mask
from bulkio.core.plan import Action, Change, Operation
from bulkio.core.records import canonical, identity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bulkio.connectors.protocol import Record
    from bulkio.core.catalogue import Entity


class Reading(Enum):
    """What a read-back shows of one operation."""

    TARGET = "the target"  # all that was wanted is there
    BEFORE = "the pre-image"  # nothing of it is there
    OTHER = "something else"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The reading, and in words what differs from the target (or what the ERP made of it)."""

    reading: Reading
    difference: str = ""


def is_real_delete(entity: Entity, operation: Operation) -> bool:
    """Whether the record is to be gone afterwards (rather than flagged)."""
    return operation.action is Action.DELETE and not entity.soft_delete_field


def compare(entity: Entity, operation: Operation, record: Record | None) -> Comparison:
    """Compare one record (None: it is not there) with the operation's target and pre-image."""
    if record is None:
        if is_real_delete(entity, operation):
            return Comparison(Reading.TARGET)
        absent = Reading.BEFORE if operation.action is Action.CREATE else Reading.OTHER
        return Comparison(absent, f"the {entity.singular} is not there")
    if is_real_delete(entity, operation):
        return Comparison(Reading.BEFORE, f"the {entity.singular} is still there")
    asked = asked_changes(entity, operation)
    held = {change.field: canonical(entity, record, change.field) for change in asked}
    wrong = [change for change in asked if not reached(entity, held[change.field], change)]
    if not wrong:
        other = [change for change in asked if held[change.field] != change.after]
        return Comparison(Reading.TARGET, "; ".join(_kept_as(entity, held[change.field], change) for change in other))
    difference = "; ".join(f"{c.field} is {held[c.field]!r}, not {c.after!r}" for c in wrong)
    untouched = operation.action is not Action.CREATE and all(held[c.field] == c.before for c in asked)
    return Comparison(Reading.BEFORE if untouched else Reading.OTHER, difference)


def asked_changes(entity: Entity, operation: Operation) -> list[Change]:
    """The changes that a read-back can be held against.

    A member of a reference that was sent blank because it could not be known is none: the ERP fills it in by itself.
    """
    target = operation.target
    asked = []
    for change in operation.changes:
        reference = entity.reference_of(change.field)
        others = [target.get(name) for name in reference.names if name != change.field] if reference else []
        if change.after or not any(others):
            asked.append(change)
    return asked


def reached(entity: Entity, held: str, change: Change) -> bool:
    """Whether the target is reached as far as the ERP shows it."""
    return _holds(held, change) or (entity.by_name[change.field].masked and fits(held, change.after))


def _holds(held: str, change: Change) -> bool:
    """Whether it is there: exactly, or but for blanks at the ends, which servers trim."""
    if held == change.after:
        return True
    return held.strip() == change.after.strip() and change.before.strip() != change.after.strip()


def _kept_as(entity: Entity, held: str, change: Change) -> str:
    verb = "shows" if entity.by_name[change.field].masked and is_mask(held) else "stored"
    return f"the ERP {verb} {change.field} as {held!r}"


def find_record(entity: Entity, operation: Operation, records: Sequence[Record]) -> Record | None:
    """The operation's record among those of its kind.

    By id; an embedded child also by its human key, after or before the change, since an ERP that takes a collection
    as a whole may number its members anew; one that is to go by all that it held, since that may also be true of a
    neighbour of the same key. None if it is not there, or if several fit.
    """
    if operation.guid:
        for record in records:
            if identity(entity, record) == operation.guid:
                return record
    if not entity.embedded:
        return None
    if operation.action is Action.DELETE:
        held = {change.field: change.before for change in operation.changes}
        return next((record for record in records if held and _holds_all(entity, record, held)), None)
    before = dict(zip(entity.key_fields, operation.natural_key, strict=False))
    after = {name: operation.target.get(name, before.get(name, "")) for name in entity.key_fields}
    for wanted in (after, before):
        fitting = [record for record in records if _holds_all(entity, record, wanted)]
        if wanted and len(fitting) == 1:
            return fitting[0]
    return None


def same_key(entity: Entity, operation: Operation, records: Sequence[Record]) -> list[Record]:
    """All records with the human key of a record that is to be created."""
    key = {name: operation.target.get(name, "") for name in entity.key_fields}
    return [record for record in records if _holds_all(entity, record, key)]


def equal_records(entity: Entity, operation: Operation, records: Sequence[Record]) -> list[Record]:
    """All records that hold the whole target of a create: candidates for a record whose id we were never told."""
    asked = asked_changes(entity, operation)
    return [r for r in records if all(reached(entity, canonical(entity, r, c.field), c) for c in asked)]


def _holds_all(entity: Entity, record: Record, values: Mapping[str, str]) -> bool:
    return all(canonical(entity, record, name) == value for name, value in values.items())
