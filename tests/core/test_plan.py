"""The plan as a thing: to and from JSON, refused when altered, and the order in which its operations travel."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.plan import (
    SCHEMA,
    Action,
    Change,
    Conflict,
    Cost,
    Operation,
    Origin,
    Plan,
    chains,
    fingerprint,
    operation_id,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bulkio.core.catalogue import Catalogue

TEXT = st.text(max_size=6)
OPERATIONS = st.builds(
    Operation,
    id=TEXT,
    action=st.sampled_from(Action),
    entity=TEXT,
    key=TEXT,
    guid=TEXT,
    sheet=TEXT,
    row=st.integers(0, 10**6),
    changes=st.lists(st.builds(Change, TEXT, TEXT, TEXT), max_size=3).map(tuple),
    parent_guid=TEXT,
    parent_key=TEXT,
    natural_key=st.lists(TEXT, max_size=3).map(tuple),
    wire=st.dictionaries(TEXT, st.none() | TEXT, max_size=2),
)
PLANS = st.builds(
    Plan,
    plan_id=TEXT,
    origin=st.builds(
        Origin, profile=TEXT, erp=TEXT, tenant=TEXT, file=TEXT, file_sha256=TEXT, created_at=TEXT, base_id=TEXT,
        exported_at=TEXT, live_at=TEXT, population=st.integers(0, 10**6),
    ),
    operations=st.lists(OPERATIONS, max_size=3).map(tuple),
    conflicts=st.lists(
        st.builds(
            Conflict, sheet=TEXT, row=st.integers(0, 9), key=TEXT, field=TEXT, base=TEXT, sheet_value=TEXT, live=TEXT
        ),
        max_size=2,
    ).map(tuple),
    issues=st.lists(
        st.builds(
            Issue, code=st.sampled_from(IssueCode), severity=st.sampled_from(Severity), message=TEXT, sheet=TEXT,
            row=st.integers(0, 9),
        ),
        max_size=2,
    ).map(tuple),
    cost=st.builds(Cost, st.integers(0, 999), st.integers(0, 999)),
    unchanged=st.integers(0, 999),
    emptied_left=st.integers(0, 999),
    restored=st.integers(0, 999),
    options=st.dictionaries(TEXT, TEXT, max_size=2),
    rows=st.dictionaries(TEXT, st.integers(0, 99), max_size=2),
    live=TEXT,
)  # fmt: skip


def operation(entity: str = "Customers", action: Action = Action.UPDATE, **parts: Any) -> Operation:
    plain: dict[str, Any] = {"id": "", "key": "A", "guid": "g", "sheet": entity, "row": 2, "changes": ()}
    return Operation(entity=entity, action=action, **{**plain, **parts})


def plan(*operations: Operation, **parts: Any) -> Plan:
    origin = Origin(profile="p", erp="e", tenant="t", file="f.xlsx", file_sha256="00", created_at="")
    plain: dict[str, Any] = {"plan_id": "plan", "origin": origin, "conflicts": (), "issues": (), "cost": Cost(3, 4)}
    return Plan(operations=operations, **{**plain, **parts})


RICH = plan(
    operation(
        id="1", changes=(Change("Name", "Ann", "Anna"), Change("Credit", "5", "")), natural_key=("A",), wire={"x": None}
    ),
    conflicts=(Conflict(sheet="Customers", row=3, key="B", field="Name", base="a", sheet_value="b", live="c"),),
    issues=(Issue(code=IssueCode.RULE, severity=Severity.WARNING, message="hm", sheet="Customers", row=2),),
    options={"blank": "keep"},
    rows={"Customers": 2},
    live="packed",
)


@settings(max_examples=60)
@given(PLANS)
def test_a_plan_comes_back_from_its_json_as_it_was(made: Plan) -> None:
    assert Plan.from_dict(json.loads(json.dumps(made.to_dict()))) == made


def _altered(document: Any) -> Iterator[Any]:
    """The document with one thing changed, for every thing in it."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield {other: kept for other, kept in document.items() if other != key}
            for changed in _altered(value):
                yield {**document, key: changed}
        yield {**document, "more": ""}
    elif isinstance(document, list):
        for at, value in enumerate(document):
            yield document[:at] + document[at + 1 :]
            for changed in _altered(value):
                yield [*document[:at], changed, *document[at + 1 :]]
        yield [*document, ""]
    elif isinstance(document, str):
        yield document + " "
        yield None
    elif isinstance(document, int):
        yield document + 1
        yield str(document)
    else:
        yield ""


def test_whatever_is_altered_in_a_plan_it_is_refused() -> None:
    variants = list(_altered(RICH.to_dict()))
    assert len(variants) > 150
    for variant in variants:
        with pytest.raises(ValueError, match=r"altered|version"):
            Plan.from_dict(variant)


def test_whichever_byte_of_a_saved_plan_is_flipped_it_is_refused() -> None:
    saved = json.dumps(RICH.to_dict(), ensure_ascii=False).encode()
    for at in range(len(saved)):
        flipped = saved[:at] + bytes([saved[at] ^ 1]) + saved[at + 1 :]
        with pytest.raises(ValueError):  # noqa: PT011 no JSON, no UTF-8, or altered
            Plan.from_dict(json.loads(flipped))


@pytest.mark.parametrize("document", [{}, [], None, "plan", 7, {"schema": "bulkio.plan/2"}, {"schema": SCHEMA}])
def test_what_is_no_plan_of_this_version_is_refused(document: Any) -> None:
    with pytest.raises(ValueError, match=r"not a plan of this version|altered"):
        Plan.from_dict(document)


@pytest.mark.parametrize("missing", ["summary", "operations", "base", "cost"])
def test_a_plan_that_lacks_a_part_is_refused_even_with_a_fitting_fingerprint(missing: str) -> None:
    document = RICH.to_dict()
    del document["sha256"]
    document["summary"] = dict(document["summary"])
    if missing == "cost":
        del document["summary"]["calls"]
    else:
        del document[missing]
    document["sha256"] = fingerprint(document)
    with pytest.raises(ValueError, match="not complete"):
        Plan.from_dict(document)


def test_the_fingerprint_does_not_depend_on_the_order_of_keys() -> None:
    document = RICH.to_dict()
    assert Plan.from_dict(dict(reversed(document.items()))) == RICH


@given(st.text(max_size=5))
def test_any_text_can_be_fingerprinted(text: str) -> None:
    assert len(fingerprint({"text": text, "half": "\ud800"})) == 64


def test_the_documents_members_are_the_contracts() -> None:
    document = RICH.to_dict()
    assert {
        "schema",
        "plan_id",
        "profile",
        "tenant",
        "file",
        "base",
        "summary",
        "operations",
        "conflicts",
        "issues",
    } <= set(document)
    assert set(document["base"]) == {"id", "exported_at"}
    assert list(document["summary"]) == [
        "create", "update", "delete", "unchanged", "conflict", "error", "warning", "emptied_left", "restored", "calls",
        "seconds",
    ]  # fmt: skip
    assert {"id", "entity", "action", "key", "guid", "sheet", "row", "changes"} <= set(document["operations"][0])
    assert document["operations"][0]["changes"][1] == {"field": "Credit", "before": "5", "after": ""}


def test_the_summary_counts_conflicting_rows_and_not_fields() -> None:
    conflict = RICH.conflicts[0]
    made = replace(RICH, conflicts=(conflict, replace(conflict, field="Credit"), replace(conflict, row=9)))
    assert made.summary()["conflict"] == 2
    assert made.summary()["update"] == 1
    assert made.summary()["warning"] == 1


def test_only_errors_stop_a_plan_and_only_operations_are_changes() -> None:
    error = Issue(code=IssueCode.RULE, severity=Severity.ERROR, message="no")
    assert replace(RICH, issues=(*RICH.issues, error)).errors == (error,)
    assert RICH.has_changes
    assert not plan().has_changes


def test_the_changes_are_a_table_with_a_row_for_every_field() -> None:
    frame = RICH.changes.to_frame()
    assert len(frame) == len(RICH.changes) == 2
    assert list(frame.loc[1].reindex(["entity", "key", "field", "before", "after"])) == [
        "Customers",
        "A",
        "Credit",
        "5",
        "",
    ]
    assert plan().changes.to_frame().columns.tolist() == frame.columns.tolist()


@pytest.mark.parametrize(
    ("before", "after", "is_clear"), [("a", "", True), ("a", "b", False), ("", "a", False), ("", "", False)]
)
def test_a_change_clears_where_a_value_goes_away(before: str, after: str, *, is_clear: bool) -> None:
    assert Change("F", before, after).is_clear is is_clear


def test_ids_follow_from_plan_and_row_alone() -> None:
    made = operation_id("plan", "Customers", "2", "update")
    assert made == operation_id("plan", "Customers", "2", "update")
    assert UUID(made).version == 5
    others = {operation_id("plan", "Customers", "3", "update"), operation_id("other", "Customers", "2", "update")}
    assert made not in others
    assert operation_id("p", "ab", "c") != operation_id("p", "a", "bc")


# --- leaving operations out -------------------------------------------------------------------------------------------


def test_operations_left_out_make_another_plan_of_the_rest() -> None:
    made = plan(operation(id="1"), operation(id="2", guid="h"))
    rest = made.without({"1"})
    assert [each.id for each in rest.operations] == ["2"]
    assert rest.plan_id != made.plan_id
    assert rest.plan_id == made.without({"1"}).plan_id != made.without({"2"}).plan_id


@pytest.mark.parametrize("guid", ["g", ""])
def test_the_children_of_a_record_that_is_not_created_go_with_it(guid: str) -> None:
    made = plan(
        operation(id="1", action=Action.CREATE, key="A", guid=guid),
        operation("Contacts", Action.CREATE, id="2", guid="", parent_guid=guid, parent_key="A"),
        operation(id="3", action=Action.CREATE, key="B", guid="h" if guid else ""),
        operation("Contacts", Action.CREATE, id="4", guid="", parent_guid="h" if guid else "", parent_key="B"),
    )
    assert [each.id for each in made.without({"1"}).operations] == ["3", "4"]


def test_the_children_of_a_record_that_exists_stay() -> None:
    made = plan(operation(id="1"), operation("Contacts", id="2", parent_guid="g", parent_key="A"))
    assert [each.id for each in made.without({"1"}).operations] == ["2"]


# --- the order --------------------------------------------------------------------------------------------------------


def shape(catalogue: Catalogue, *operations: Operation) -> tuple[list[list[str]], list[list[str]]]:
    """Per chain, the requests in order, each as its operations' ids."""
    first, last = chains(catalogue, operations)
    return tuple(
        [["+".join(o.id for o in step.operations) for step in chain.steps] for chain in part] for part in (first, last)
    )  # type: ignore[return-value]


def child(entity: str, id_: str, action: Action = Action.UPDATE, parent: str = "g") -> Operation:
    return operation(entity, action, id=id_, guid=f"{id_}-guid", parent_guid=parent, parent_key=parent.upper())


def test_a_record_and_its_embedded_children_are_one_request_and_the_others_follow(catalogue: Catalogue) -> None:
    made = shape(
        catalogue, child("Contacts", "c1"), child("Addresses", "a1"), operation(id="r"), child("Contacts", "c2")
    )
    assert made == ([["r+a1", "c1", "c2"]], [])


def test_records_are_independent_chains(catalogue: Catalogue) -> None:
    made = shape(catalogue, operation(id="r"), operation(id="s", guid="h"), child("Addresses", "a", parent="h"))
    assert made == ([["r"], ["s+a"]], [])


def test_a_body_with_only_embedded_children_is_an_update_of_the_record(catalogue: Catalogue) -> None:
    (chain,), _ = chains(catalogue, [child("Addresses", "a", Action.DELETE), child("Contacts", "c")])
    assert [step.entity for step in chain.steps] == ["Customers", "Contacts"]
    assert chain.steps[0].action is Action.UPDATE
    assert (chain.root_guid, chain.root_key) == ("g", "G")


def test_deletes_come_last_and_children_before_the_record_that_holds_them(catalogue: Catalogue) -> None:
    made = shape(
        catalogue,
        operation(id="r", action=Action.DELETE),
        child("Contacts", "c", Action.DELETE),
        operation(id="s", guid="h"),
        child("Addresses", "a", Action.DELETE, parent="h"),
    )
    assert made == ([["s+a"]], [["c", "r"]])


def test_records_that_have_no_id_yet_are_not_mixed_up(catalogue: Catalogue) -> None:
    made = shape(
        catalogue,
        operation(id="r", action=Action.CREATE, guid="", key="A"),
        operation(id="s", action=Action.CREATE, guid="", key="B"),
        operation("Addresses", Action.CREATE, id="a", guid="", parent_key="A"),
        operation("Contacts", Action.CREATE, id="c", guid="", parent_key="B"),
        operation(id="t", action=Action.CREATE, guid="", key=""),
        operation(id="u", action=Action.CREATE, guid="", key=""),
    )
    assert made == ([["r+a"], ["s", "c"], ["t"], ["u"]], [])
    (first, *_), _ = chains(catalogue, [operation(id="r", action=Action.CREATE, guid="", key="A")])
    assert (first.root_guid, first.root_key) == ("", "A")


@given(st.lists(st.tuples(st.sampled_from(["Customers", "Addresses", "Contacts"]), st.sampled_from(Action),
                          st.sampled_from("gh")), max_size=8))  # fmt: skip
def test_every_operation_travels_exactly_once(catalogue: Catalogue, rows: list[tuple[str, Action, str]]) -> None:
    made = [
        operation(entity, action, id=str(at), guid=parent)
        if entity == "Customers"
        else child(entity, str(at), action, parent)
        for at, (entity, action, parent) in enumerate(rows)
    ]
    first, last = chains(catalogue, made)
    travelled = [o.id for part in (first, last) for chain in part for step in chain.steps for o in step.operations]
    assert sorted(travelled) == sorted(each.id for each in made)
    assert all(o.action is Action.DELETE for chain in last for step in chain.steps for o in step.operations)


def test_altering_a_copy_of_the_document_does_not_alter_the_plan() -> None:
    document = RICH.to_dict()
    copy.deepcopy(document)["operations"].clear()
    assert Plan.from_dict(document) == RICH
