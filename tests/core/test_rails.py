"""What a plan must not do unless somebody says so."""

from dataclasses import replace
from typing import Any

import pytest

from bulkio.core.plan import Action, Change, Cost, Operation, Origin, Plan
from bulkio.core.rails import Hit, Limit, Rails, hits, permit


def operation(row: int, action: Action = Action.UPDATE, **changes: tuple[str, str]) -> Operation:
    return Operation(
        id=f"op-{row}",
        action=action,
        entity="Customers",
        key=f"C{row}",
        guid=f"guid-{row}",
        sheet="Customers",
        row=row,
        changes=tuple(Change(name, before, after) for name, (before, after) in changes.items()),
    )


def plan(operations: list[Operation], population: int, rows: int | None = None) -> Plan:
    origin = Origin(
        profile="p", erp="e", tenant="t", file="f", file_sha256="h", created_at="2026-01-01T00:00:00Z",
        population=population,
    )  # fmt: skip
    return Plan(
        plan_id="plan",
        origin=origin,
        operations=tuple(operations),
        conflicts=(),
        issues=(),
        cost=Cost(0, 0),
        rows={"Customers": population if rows is None else rows},
    )


def named(found: list[Hit]) -> list[str]:
    return [hit.rail for hit in found]


def test_each_slot_of_a_flat_sheet_is_a_column_of_its_own() -> None:
    pasted = [
        replace(operation(row, Notes=("old", "pasted")), entity="Contacts", slot="Contact 1") for row in range(12)
    ]
    made = replace(plan(pasted, 1000), rows={"Customers": 12, "Contacts": 40, "Contact 1": 12, "Contact 2": 28})
    (hit,) = hits(made, Rails())
    assert hit.saw.startswith("Contact 1: Notes becomes 'pasted' in 12 of 12 rows")


def edits(count: int) -> list[Operation]:
    return [operation(row, Notes=("old", f"new {row}")) for row in range(count)]


@pytest.mark.parametrize(
    ("count", "population", "stopped"),
    [
        (100, 150, False),  # 100 may always change
        (101, 150, True),
        (250, 1000, False),  # a quarter of a large account
        (251, 1000, True),
    ],
)
def test_more_than_a_quarter_and_more_than_a_hundred_changes_are_stopped(
    count: int, population: int, *, stopped: bool
) -> None:
    found = hits(plan(edits(count), population), Rails())
    assert named(found) == (["max-changes"] if stopped else [])
    if stopped:
        assert found[0].allow == f"--max-changes {count}"
        assert str(count) in found[0].saw


def test_the_flag_that_a_hit_names_allows_it() -> None:
    assert hits(plan(edits(101), 150), Rails(max_changes=Limit.parse("101"))) == []


def test_several_rows_of_one_customer_are_one_changed_record() -> None:
    rows = [operation(row, Notes=("a", "b")) for row in range(2)]
    same = [Operation(**{**_fields(row), "guid": "one"}) for row in rows]
    assert hits(plan(same, 5), Rails(max_changes=Limit(1))) == []


def _fields(each: Operation) -> dict[str, Any]:
    return {name: getattr(each, name) for name in each.__slots__}


@pytest.mark.parametrize(("count", "stopped"), [(10, False), (11, True)])
def test_more_than_ten_deletes_are_stopped(count: int, *, stopped: bool) -> None:
    deletes = [operation(row, Action.DELETE, Obsolete=("false", "true")) for row in range(count)]
    assert named(hits(plan(deletes, 1000), Rails())) == (["max-deletes"] if stopped else [])


@pytest.mark.parametrize(
    ("count", "population", "stopped"), [(10, 20, False), (11, 20, True), (50, 1000, False), (51, 1000, True)]
)
def test_clearing_more_than_one_in_twenty_is_stopped(count: int, population: int, *, stopped: bool) -> None:
    clears = [operation(row, Notes=(f"text {row}", "")) for row in range(count)]
    assert named(hits(plan(clears, population), Rails())) == (["max-clears"] if stopped else [])


def test_one_value_down_most_of_a_column_looks_pasted() -> None:
    pasted = [operation(row, PaymentTerm=(f"{row} days", "7 Days")) for row in range(30)]
    found = hits(plan(pasted, 50), Rails())
    assert named(found) == ["pasted"]
    assert "'7 Days'" in found[0].saw
    assert "30 of 50" in found[0].saw
    assert hits(plan(pasted, 50), Rails(allow_pasted=True)) == []
    assert hits(plan(pasted, 61), Rails()) == []


def test_a_column_that_slipped_by_one_row_looks_shifted() -> None:
    names = [f"Customer {row}" for row in range(20)]
    slipped = [operation(row, CustomerName=(names[row], names[row - 1])) for row in range(20)]
    found = hits(plan(slipped, 50), Rails())
    assert named(found) == ["shifted"]
    assert found[0].allow == "--allow-shifted"
    assert hits(plan(slipped, 50), Rails(allow_shifted=True)) == []


def test_a_column_sorted_by_itself_looks_shifted() -> None:
    names = ["Zeta", "Alpha", "Mu", "Beta", "Omega", "Chi", "Eta"]
    pairs = [(b, a) for b, a in zip(names, sorted(names), strict=True) if a != b]
    rows = [operation(row, CustomerName=pair) for row, pair in enumerate(pairs)]
    assert named(hits(plan(rows, 50), Rails())) == ["shifted"]


def test_a_few_ordinary_edits_run_into_nothing() -> None:
    swaps = [operation(row, PaymentTerm=("7 Days", "14 Days")) for row in range(6)]
    swaps += [operation(row + 10, PaymentTerm=("14 Days", "7 Days")) for row in range(6)]
    assert hits(plan(swaps, 200), Rails()) == []


@pytest.mark.parametrize(
    ("text", "whole", "limit"), [("0", 10, 0), ("7", 10, 7), ("25%", 1000, 250), ("2.5%", 1000, 25), ("0%", 10, 0)]
)
def test_a_limit_is_a_number_or_a_percentage(text: str, whole: int, limit: int) -> None:
    assert Limit.parse(text).of(whole) == limit


@pytest.mark.parametrize("text", ["", "x", "-1", "101%", "-5%", "%", "1.5"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Limit.parse(text)


def test_rails_that_a_person_says_are_meant_move_just_as_far_as_the_plan_needs() -> None:
    shifted = [operation(row, Fax=(f"value {row}", f"value {row + 1}")) for row in range(120)]
    made = plan([*shifted, *(operation(200 + row, Action.DELETE) for row in range(20))], 100)
    names = set(named(hits(made, Rails())))
    assert names == {"max-changes", "max-deletes", "shifted"}
    assert hits(made, permit(made, Rails(), names)) == []
    for name in names:
        assert named(hits(made, permit(made, Rails(), names - {name}))) == [name]
    moved = permit(made, Rails(), names)
    more = plan([*made.operations, operation(300, Notes=("a", "b"))], 100)
    assert named(hits(more, moved)) == ["max-changes"]
    assert permit(made, Rails(), ()) == Rails()
