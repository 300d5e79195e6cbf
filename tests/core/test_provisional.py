from __future__ import annotations

from bulkio.core.plan import Action, Operation
from bulkio.core.provisional import grounded, is_provisional, makers, provisional_id
from bulkio.core.report import Outcome, Status

NEW = provisional_id("plan", "Customers", "2")


def operation(name: str, *, guid: str = "", parent: str = "") -> Operation:
    return Operation(
        id=name, action=Action.CREATE, entity="Customers", key=name, guid=guid, parent_guid=parent, sheet="", row=2,
        changes=(),
    )  # fmt: skip


OPERATIONS = [operation("customer", guid=NEW), operation("contact", parent=NEW), operation("other", guid="7")]


def outcome(guid: str) -> Outcome:
    return Outcome(operation_id="customer", status=Status.VERIFIED, guid=guid)


def test_the_same_row_of_the_same_plan_always_gets_the_same_provisional_id() -> None:
    assert provisional_id("plan", "Customers", "2") == NEW
    assert len({NEW, provisional_id("plan", "Customers", "3"), provisional_id("another", "Customers", "2")}) == 3
    assert is_provisional(NEW)
    assert not is_provisional("7")


def test_the_operation_that_creates_a_record_is_known_by_its_provisional_id() -> None:
    assert makers(OPERATIONS) == {NEW: "customer"}


def test_a_record_and_its_children_get_the_real_id_once_it_is_known() -> None:
    customer, contact, other = grounded(OPERATIONS, [outcome("42")])
    assert (customer.guid, contact.parent_guid, other.guid) == ("42", "42", "7")
    assert contact.root_guid == "42"


def test_what_is_not_known_yet_stays_provisional() -> None:
    assert grounded(OPERATIONS, []) == grounded(OPERATIONS, [outcome("")]) == OPERATIONS
