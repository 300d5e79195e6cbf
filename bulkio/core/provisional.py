"""Provisional ids: what a plan calls a root record to which the ERP will give an id of its own.

The record's children name it by that in the plan, and so does whatever groups operations by record. Once the record is
there, `ground` puts the real id in its place; until then no request can be made of it. A provisional id never leaves
the plan: it is in no request and in no result.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bulkio.core.plan import Operation, operation_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bulkio.core.report import Outcome

_MARK = "new:"


def provisional_id(plan_id: str, *parts: str) -> str:
    """The provisional id of a record to be created: the same for the same plan and row, always."""
    return _MARK + operation_id(plan_id, "id", *parts)


def is_provisional(identity: str) -> bool:
    """Whether it only stands for an id that is still to come."""
    return identity.startswith(_MARK)


def makers(operations: Iterable[Operation]) -> dict[str, str]:
    """Provisional id -> id of the operation that creates the record."""
    return {each.guid: each.id for each in operations if is_provisional(each.guid)}


def grounded(operations: Iterable[Operation], outcomes: Iterable[Outcome]) -> list[Operation]:
    """The operations with the real ids that their outcomes tell."""
    listed = list(operations)
    known = {outcome.operation_id: outcome.guid for outcome in outcomes}
    ids = {guid: known.get(maker, "") for guid, maker in makers(listed).items()}
    return [ground(operation, lambda guid: ids.get(guid) or guid) for operation in listed]


def ground(operation: Operation, real_id: Callable[[str], str]) -> Operation:
    """The operation with real ids; `real_id` leaves those as they are that are real or not known yet."""
    guid, parent = real_id(operation.guid), real_id(operation.parent_guid)
    if (guid, parent) == (operation.guid, operation.parent_guid):
        return operation
    return replace(operation, guid=guid, parent_guid=parent)
