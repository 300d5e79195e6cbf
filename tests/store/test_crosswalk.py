"""The crosswalk: what journals say of records that were carried over, whatever became of their runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bulkio.core.crosswalk import Carried
from bulkio.core.plan import Action, Change, Cost, Operation, Origin, Plan
from bulkio.core.report import Outcome, Status
from bulkio.errors import FileError
from bulkio.store.crosswalk import facts_of, read_crosswalk
from bulkio.store.journal import Journal
from bulkio.store.state import JOURNAL_FILE, PLAN_FILE, AccountState

if TYPE_CHECKING:
    from pathlib import Path

FROM = ("nord", "n0rd")


@pytest.fixture
def state(tmp_path: Path) -> AccountState:
    return AccountState.of("sued", tmp_path)


def operation(  # noqa: PLR0913 what a test says of one
    number: int, *, entity: str = "Customers", action: Action = Action.CREATE, guid: str = "", key: str = "A1",
    parent_key: str = "", changes: tuple[Change, ...] = (),
) -> Operation:  # fmt: skip
    return Operation(id=f"op{number}", action=action, entity=entity, key=key, guid=guid, sheet=entity, row=number,
                     changes=changes, parent_key=parent_key)  # fmt: skip


def run(
    state: AccountState,
    name: str,
    *done: tuple[Operation, str, Status, str],
    origin: tuple[str, str] | None = FROM,
) -> None:
    """A run with (operation, source id, status, id there) each; `origin` None: of no converted workbook."""
    carried = None
    if origin:
        ids = {each.id: source for each, source, _, _ in done if source}
        carried = Carried(erp=origin[0], tenant=origin[1], ids=ids)
    plan = Plan(
        plan_id=name,
        origin=Origin(profile="p", erp="sued", tenant="sued", file="f", file_sha256="0" * 64, created_at=""),
        operations=tuple(each for each, *_ in done),
        conflicts=(),
        issues=(),
        cost=Cost(0, 0),
        carried=carried,
    )
    folder = state.run_folder(name)
    (folder / PLAN_FILE).write_text(json.dumps(plan.to_dict()), encoding="utf-8")
    journal = Journal.create(folder / JOURNAL_FILE, {"run_id": name, **facts_of(plan)}, [o.id for o in plan.operations])
    journal.settle([Outcome(operation_id=o.id, status=status, guid=guid) for o, _, status, guid in done])
    journal.close()


def ids(state: AccountState, origin: tuple[str, str] = FROM) -> dict[tuple[str, str], str]:
    return read_crosswalk(state, *origin).ids


def test_nothing_was_carried_over_where_nothing_ran(state: AccountState) -> None:
    assert ids(state) == {}


@pytest.mark.parametrize(
    ("status", "there", "expected"),
    [
        (Status.VERIFIED, "70", "70"),
        (Status.ACKED, "70", "70"),
        (Status.INTENT, "", ""),
        (Status.UNKNOWN, "", ""),
        (Status.IN_DOUBT, "", ""),
        (Status.PLANNED, "", None),
        (Status.NOT_SENT, "", None),
        (Status.SKIPPED, "", None),
        (Status.REJECTED, "", None),
        (Status.CONFLICT, "", None),
    ],
)
def test_a_record_is_there_may_be_there_or_was_never_sent(
    state: AccountState, status: Status, there: str, expected: str | None
) -> None:
    run(state, "1", (operation(1), "a", status, there))
    assert read_crosswalk(state, *FROM).find("Customers", "a") == expected


def test_what_a_later_run_made_sure_of_is_sure(state: AccountState) -> None:
    run(state, "1", (operation(1), "a", Status.UNKNOWN, ""))
    run(state, "2", (operation(1), "a", Status.VERIFIED, "70"))
    run(state, "3", (operation(1), "a", Status.UNKNOWN, ""))
    assert ids(state) == {("Customers", "a"): "70"}


def test_records_of_other_accounts_and_other_files_are_none_of_it(state: AccountState) -> None:
    run(state, "1", (operation(1), "a", Status.VERIFIED, "70"), origin=("nord", "another"))
    run(state, "2", (operation(1), "", Status.VERIFIED, "71"), origin=None)
    run(state, "3", (operation(1), "", Status.VERIFIED, "72"))
    assert ids(state) == {}
    assert ids(state, ("nord", "another")) == {("Customers", "a"): "70"}


def test_the_same_id_of_two_kinds_of_records_is_two_records(state: AccountState) -> None:
    run(state, "1", (operation(1), "1", Status.VERIFIED, "70"),
        (operation(2, entity="Contacts", parent_key="A1"), "1", Status.VERIFIED, "80"))  # fmt: skip
    assert ids(state) == {("Customers", "1"): "70", ("Contacts", "1"): "80"}


def test_what_was_deleted_again_was_not_carried_over_and_neither_was_what_belonged_to_it(state: AccountState) -> None:
    run(state, "1", (operation(1), "a", Status.VERIFIED, "70"), (operation(2, key="A2"), "b", Status.VERIFIED, "71"),
        (operation(3, entity="Contacts", parent_key="A1"), "c", Status.VERIFIED, "80"))  # fmt: skip
    gone = operation(1, action=Action.DELETE, guid="70", changes=(Change("name", "x", ""),))
    run(state, "2", (gone, "", Status.VERIFIED, "70"), origin=None)
    assert ids(state) == {("Customers", "b"): "71"}


def test_runs_of_the_same_second_are_understood_in_any_order(state: AccountState) -> None:
    gone = operation(1, action=Action.DELETE, guid="70", changes=(Change("name", "x", ""),))
    run(state, "1-a", (gone, "", Status.VERIFIED, "70"), origin=None)
    run(state, "1-b", (operation(1), "a", Status.VERIFIED, "70"),
        (operation(2, entity="Contacts", parent_key="A1"), "c", Status.VERIFIED, "80"))  # fmt: skip
    assert ids(state) == {}


def test_what_was_carried_over_anew_is_known_by_its_new_id(state: AccountState) -> None:
    gone = operation(1, action=Action.DELETE, guid="70", changes=(Change("name", "x", ""),))
    contact = operation(2, entity="Contacts", parent_key="A1")
    run(state, "1", (operation(1), "a", Status.VERIFIED, "70"), (contact, "c", Status.VERIFIED, "80"))
    run(state, "2", (gone, "", Status.VERIFIED, "70"), origin=None)
    run(state, "3", (operation(1), "a", Status.VERIFIED, "75"), (contact, "c", Status.VERIFIED, "85"))
    assert ids(state) == {("Customers", "a"): "75", ("Contacts", "c"): "85"}


def test_a_delete_that_did_not_happen_or_only_flags_takes_nothing_out(state: AccountState) -> None:
    run(state, "1", (operation(1), "a", Status.VERIFIED, "70"))
    refused = operation(1, action=Action.DELETE, guid="70", changes=(Change("name", "x", ""),))
    flagged = operation(1, action=Action.DELETE, guid="70", changes=(Change("Obsolete", "false", "true"),))
    run(state, "2", (refused, "", Status.REJECTED, ""), origin=None)
    run(state, "3", (flagged, "", Status.VERIFIED, "70"), origin=None)
    assert ids(state) == {("Customers", "a"): "70"}


def test_a_run_whose_plan_cannot_be_read_is_not_passed_over(state: AccountState) -> None:
    run(state, "1", (operation(1), "a", Status.VERIFIED, "70"))
    (state.run_folder("1") / PLAN_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(FileError, match="carried records over"):
        read_crosswalk(state, *FROM)
