"""Leaving rows and fields out of a plan makes another plan of the rest, and never half a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.plan import Action, Change, Cost, Operation, Origin, Plan
from bulkio.core.selection import LeftOut, is_left_out, leave_out

if TYPE_CHECKING:
    from bulkio.core.catalogue import Catalogue

FIELDS = ("Name", "Credit", "Remark")


def operation(row: int, action: Action = Action.UPDATE, *fields: str, entity: str = "Customers") -> Operation:
    changes = tuple(Change(name, "", f"{name} {row}") for name in fields or FIELDS)
    return Operation(
        id=f"{entity}{row}", action=action, entity=entity, key=f"K{row}", guid=f"g{row}", sheet=entity, row=row,
        changes=changes, wire={change.field: None for change in changes},
    )  # fmt: skip


def plan(*operations: Operation) -> Plan:
    origin = Origin(profile="p", erp="e", tenant="t", file="f", file_sha256="s", created_at="")
    return Plan(plan_id="1", origin=origin, operations=operations, conflicts=(), issues=(), cost=Cost(0, 0))


def shape(made: Plan) -> dict[int, list[str]]:
    return {each.row: [change.field for change in each.changes] for each in made.operations}


def test_nothing_left_out_is_the_same_plan(catalogue: Catalogue) -> None:
    made = plan(operation(2))
    assert leave_out(made, catalogue, LeftOut()) is made


def test_a_row_a_field_of_a_row_and_a_field_everywhere(catalogue: Catalogue) -> None:
    made = plan(operation(2), operation(3), operation(4))
    left = LeftOut(
        rows=frozenset({("Customers", 2)}),
        cells=frozenset({("Customers", 3, "Name")}),
        fields=frozenset({("Customers", "Remark")}),
    )
    rest = leave_out(made, catalogue, left)
    assert shape(rest) == {3: ["Credit"], 4: ["Name", "Credit"]}
    assert rest.operations[0].wire == {"Credit": None}
    assert rest.plan_id != made.plan_id
    assert rest.plan_id == leave_out(made, catalogue, left).plan_id
    others = LeftOut(left.rows, frozenset({("Customers", 3, "Credit")}), left.fields)
    assert rest.plan_id != leave_out(made, catalogue, others).plan_id


def test_an_update_without_any_field_left_is_no_operation(catalogue: Catalogue) -> None:
    rest = leave_out(plan(operation(2)), catalogue, LeftOut(fields=frozenset(("Customers", name) for name in FIELDS)))
    assert rest.operations == ()


def test_fields_that_name_one_record_together_stay_together(catalogue: Catalogue) -> None:
    made = plan(operation(2, Action.UPDATE, "Currency.Code", "Currency.Guid", "Name"))
    for name in ("Currency.Code", "Currency.Guid"):
        assert shape(leave_out(made, catalogue, LeftOut(fields=frozenset({("Customers", name)})))) == {2: ["Name"]}
        assert shape(leave_out(made, catalogue, LeftOut(cells=frozenset({("Customers", 2, name)})))) == {2: ["Name"]}


def test_records_come_and_go_as_a_whole(catalogue: Catalogue) -> None:
    made = plan(operation(2, Action.CREATE), operation(3, Action.DELETE))
    left = LeftOut(cells=frozenset({("Customers", 2, "Name")}), fields=frozenset({("Customers", "Name")}))
    assert shape(leave_out(made, catalogue, left)) == {2: list(FIELDS), 3: list(FIELDS)}


@given(
    rows=st.frozensets(st.tuples(st.just("Customers"), st.integers(2, 5))),
    cells=st.frozensets(st.tuples(st.just("Customers"), st.integers(2, 5), st.sampled_from(FIELDS))),
    fields=st.frozensets(st.tuples(st.just("Customers"), st.sampled_from(FIELDS))),
)
def test_the_rest_is_what_is_not_left_out(
    catalogue: Catalogue,
    rows: frozenset[tuple[str, int]],
    cells: frozenset[tuple[str, int, str]],
    fields: frozenset[tuple[str, str]],
) -> None:
    made = plan(*(operation(row) for row in range(2, 6)))
    left = LeftOut(rows, cells, fields)
    expected = {
        each.row: kept
        for each in made.operations
        if ("Customers", each.row) not in rows
        and (kept := [c.field for c in each.changes if not is_left_out(catalogue, left, each, c.field)])
    }
    assert shape(leave_out(made, catalogue, left)) == expected
