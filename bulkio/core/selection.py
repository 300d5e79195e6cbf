"""Selection: what a person leaves out of a plan before it is applied, and the plan of the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bulkio.core.plan import Action, Plan, operation_id

if TYPE_CHECKING:
    from bulkio.core.catalogue import Catalogue
    from bulkio.core.plan import Operation


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows (sheet, row), single fields of them (sheet, row, field), and fields everywhere (entity, field).

    Of a flat sheet, each slot counts as a sheet of its own (`Operation.part`).
    """

    rows: frozenset[tuple[str, int]] = frozenset()
    cells: frozenset[tuple[str, int, str]] = frozenset()
    fields: frozenset[tuple[str, str]] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether everything is in."""
        return not (self.rows or self.cells or self.fields)


def can_lack(operation: Operation) -> bool:
    """Whether single fields may be left out: a record that comes or goes does so as a whole."""
    return operation.action is Action.UPDATE


def is_left_out(catalogue: Catalogue, left: LeftOut, operation: Operation, field: str) -> bool:
    """Whether a field of an operation is left out by itself.

    Fields that together name one other record (a currency by its code and by its Guid) stay together.
    """
    if not can_lack(operation):
        return False
    entity = catalogue.by_name[operation.entity]
    reference = entity.reference_of(field)
    return any(
        (operation.part, operation.row, name) in left.cells or (operation.entity, name) in left.fields
        for name in (reference.names if reference else (field,))
    )


def leave_out(plan: Plan, catalogue: Catalogue, left: LeftOut) -> Plan:
    """The plan of the rest, under an id that follows from what is left out. Its cost is still that of the whole.

    What would be created inside a record that is no longer created goes with it.
    """
    if left.is_empty:
        return plan
    dropped = {each.id for each in plan.operations if (each.part, each.row) in left.rows}
    thinner: dict[str, Operation] = {}
    concerned = {(part, row) for part, row, _ in left.cells}
    entities = {entity for entity, _ in left.fields}
    for operation in plan.operations:
        if (operation.part, operation.row) not in concerned and operation.entity not in entities:
            continue
        kept = tuple(c for c in operation.changes if not is_left_out(catalogue, left, operation, c.field))
        if not kept and operation.changes:
            dropped.add(operation.id)
        elif len(kept) < len(operation.changes):
            names = {change.field for change in kept}
            wire = {name: value for name, value in operation.wire.items() if name in names}
            thinner[operation.id] = replace(operation, changes=kept, wire=wire)
    rest = plan.without(dropped)
    parts = sorted((name, change.field) for name, each in thinner.items() for change in each.changes)
    return replace(
        rest,
        plan_id=operation_id(rest.plan_id, "fields", *(text for part in parts for text in part)),
        operations=tuple(thinner.get(each.id, each) for each in rest.operations),
    )
