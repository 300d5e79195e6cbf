"""An undo in the making: what the run did, what there is now, and the plan that grows from it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.masks import is_mask
from bulkio.core.plan import Action, Change, Conflict, Operation, Plan, operation_id
from bulkio.core.records import canonical, identity, wire_value
from bulkio.workflows.verify import find_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.connectors.protocol import Connector, Record
    from bulkio.core.catalogue import Entity
    from bulkio.core.report import Outcome
    from bulkio.store.journal import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoRequest:
    """What to undo. `created_at` is a canonical timestamp."""

    run_id: str
    plan: Plan
    plan_id: str
    created_at: str
    workers: int = 4
    requests_per_minute: int | None = None


@dataclass(slots=True)
class Undoing:
    """What the steps share.

    `done` and `attempts` are by operation, `mine` the operations that the run really sent, with real ids, `live` the
    root records as they are now, by id. `settled` are operations that go with their root record.
    """

    request: UndoRequest
    connector: Connector
    done: dict[str, Outcome]
    attempts: dict[str, Attempt]
    mine: list[Operation]
    live: dict[str, Record]
    operations: list[Operation] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    unchanged: int = 0

    def known(self, operation: Operation) -> Operation:
        """The operation under the id that its record has since."""
        return replace(operation, guid=self.done[operation.id].guid or operation.guid)

    def inside(self, root_guid: str) -> list[Operation]:
        """What the run did to the children of a root record."""
        return [operation for operation in self.mine if operation.parent_guid == root_guid]

    def pre_image(self, entity: Entity, operation: Operation) -> Record | None:
        """The record as the journal has it from just before the request; None for a create."""
        before = self.attempts[operation.id].before
        if not before:
            return None
        holder: Record = json.loads(before, parse_float=Decimal)
        return child_in(entity, operation, holder) if entity.parent else holder

    def add(
        self,
        operation: Operation,
        action: Action,
        changes: Sequence[Change],
        *,
        now: Record | None,
        wire: dict[str, str | None] | None = None,
    ) -> None:
        """An operation of the undo, on the record as it is `now` (None: it is made anew)."""
        entity = self.connector.catalogue.by_name[operation.entity]
        self.operations.append(
            Operation(
                id=operation_id(self.request.plan_id, operation.id, action.value),
                action=action,
                entity=operation.entity,
                key=operation.key,
                guid=operation.guid if now is None else identity(entity, now),
                parent_guid=operation.parent_guid,
                parent_key=operation.parent_key,
                natural_key=() if now is None else tuple(canonical(entity, now, name) for name in entity.key_fields),
                sheet=operation.sheet,
                row=operation.row,
                slot=operation.slot,
                changes=tuple(changes),
                wire=wire or {},
            )
        )

    def add_again(self, operation: Operation, before: Record) -> list[str]:
        """The operation that makes anew what is gone, under the id that the operation has.

        Returns the fields that stay blank, because the ERP showed no more of them than a mask.
        """
        entity = self.connector.catalogue.by_name[operation.entity]
        fields = [field for field in entity.sendable if field.name != entity.id_field]
        values = {field.name: canonical(entity, before, field.name) for field in fields}
        hidden = [field.name for field in fields if field.masked and is_mask(values[field.name])]
        values = {name: value for name, value in values.items() if name not in hidden}
        changes = [Change(name, "", value) for name, value in values.items() if value]
        exact = {name: wire_value(before, entity.by_name[name].path) for name in values}
        wire: dict[str, str | None] = {name: value for name, value in exact.items() if isinstance(value, str)}
        self.add(operation, Action.CREATE, changes, now=None, wire=wire)
        return hidden

    def conflict(self, operation: Operation, name: str, ours: str, before: str, now: str) -> None:
        """A field that somebody edited since: what we wrote, what was there before, what is there now."""
        self.conflicts.append(
            Conflict(sheet=operation.sheet, row=operation.row, key=operation.key, field=name,
                     base=ours, sheet_value=before, live=now, slot=operation.slot)
        )  # fmt: skip

    def warn(self, operation: Operation, code: IssueCode, message: str) -> None:
        """What is remarkable about undoing an operation."""
        self.issues.append(
            Issue(code=code, severity=Severity.WARNING, sheet=operation.sheet, row=operation.row, found=operation.key,
                  message=message)
        )  # fmt: skip


def child_in(entity: Entity, operation: Operation, holder: Record | None) -> Record | None:
    """The operation's child in a root record, or in what stands for one."""
    members = (holder or {}).get(entity.record_path) or ()
    return find_record(entity, operation, members)
