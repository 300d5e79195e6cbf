"""Whose value the ERP holds: ours, if it is the last that an earlier run of the file wrote there and read back."""

from __future__ import annotations

import pytest

from bulkio.core.own_writes import own_writes
from bulkio.core.plan import Action, Change, Operation
from bulkio.core.report import Outcome, Status


def ran(
    after: str, *, action: Action = Action.UPDATE, status: Status = Status.VERIFIED, guid: str = "g-1"
) -> tuple[list[Operation], list[Outcome]]:
    operation = Operation(
        id=after, action=action, entity="Customers", key="A", guid=guid, sheet="Customers", row=2,
        changes=(Change("Notes", "", after),),
    )  # fmt: skip
    return [operation], [Outcome(operation_id=after, status=status, guid="g-1")]


def test_only_the_last_write_is_ours() -> None:
    own = own_writes([ran("one"), ran("two")])
    assert own.held_by_us("Customers", "g-1", "Notes", "two")
    assert not own.held_by_us("Customers", "g-1", "Notes", "one")


@pytest.mark.parametrize("status", [each for each in Status if each is not Status.VERIFIED])
def test_what_was_not_proved_is_not_ours(status: Status) -> None:
    assert not own_writes([ran("one", status=status)]).held_by_us("Customers", "g-1", "Notes", "one")


def test_a_value_is_ours_in_its_own_record_and_field_alone() -> None:
    own = own_writes([ran("one")])
    assert not own.held_by_us("Customers", "g-2", "Notes", "one")
    assert not own.held_by_us("Contacts", "g-1", "Notes", "one")
    assert not own.held_by_us("Customers", "g-1", "BankName", "one")


def test_what_a_server_trimmed_is_still_ours() -> None:
    assert own_writes([ran("one ")]).held_by_us("Customers", "g-1", "Notes", "one")


def test_a_record_that_was_created_is_known_by_the_id_it_got_until_it_is_deleted() -> None:
    made = ran("one", action=Action.CREATE, guid="")
    assert own_writes([made]).created == {("Customers", "g-1")}
    assert own_writes([made, ran("", action=Action.DELETE)]).created == frozenset()
