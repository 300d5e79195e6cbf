"""A plan at a glance: groups, and sums by field."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from bulkio.core.overview import Group, count_by_group, field_totals, group_of
from bulkio.core.plan import Action, Change, Cost, Operation, Origin, Plan

if TYPE_CHECKING:
    from bulkio.core.catalogue import Catalogue


def operation(action: Action, *changes: tuple[str, str, str], entity: str = "Customers") -> Operation:
    name = f"{entity} {action} {changes}"
    made = tuple(Change(*change) for change in changes)
    return Operation(id=name, action=action, entity=entity, key=name, guid=name, sheet=entity, row=2, changes=made)


def plan(*operations: Operation) -> Plan:
    origin = Origin(profile="p", erp="e", tenant="t", file="f", file_sha256="s", created_at="")
    return Plan(plan_id="1", origin=origin, operations=operations, conflicts=(), issues=(), cost=Cost(0, 0))


def test_an_update_that_empties_a_field_is_a_group_of_its_own() -> None:
    assert group_of(operation(Action.UPDATE, ("Name", "a", "b"))) is Group.UPDATE
    assert group_of(operation(Action.UPDATE, ("Name", "a", "b"), ("Mail", "m", ""))) is Group.CLEAR
    assert group_of(operation(Action.CREATE, ("Name", "", "b"))) is Group.CREATE
    assert group_of(operation(Action.DELETE, ("Name", "a", ""))) is Group.DELETE


def test_every_operation_is_counted_once() -> None:
    made = plan(operation(Action.UPDATE, ("Name", "a", "b")), operation(Action.UPDATE, ("Name", "a", "")))
    counts = count_by_group(made)
    assert counts == {Group.CREATE: 0, Group.UPDATE: 1, Group.CLEAR: 1, Group.DELETE: 0}


def test_numbers_are_summed_exactly_and_texts_are_counted(catalogue: Catalogue) -> None:
    made = plan(
        operation(Action.UPDATE, ("Credit", "0.1", "0.3"), ("Remark", "a", "")),
        operation(Action.UPDATE, ("Credit", "", "120000")),
        operation(Action.CREATE, ("Credit", "", "5")),
        operation(Action.UPDATE, ("Credit", "7", "")),
        operation(Action.DELETE, ("Credit", "1000", "")),
        operation(Action.UPDATE, ("City", "a", "b"), entity="Addresses"),
    )
    found = [(t.entity, t.field, t.records, t.cleared, t.total) for t in field_totals(made, catalogue)]
    assert found == [
        ("Customers", "Credit", 4, 1, Decimal("119998.2")),
        ("Customers", "Remark", 1, 1, None),
        ("Addresses", "City", 1, 0, None),
    ]
