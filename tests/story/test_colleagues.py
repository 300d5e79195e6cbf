"""What colleagues do in the ERP between an export and its return: kept, agreed with, or shown as a conflict."""

from __future__ import annotations

from typing import Any

import pytest

from bulkio import OnConflict, OutdatedError
from bulkio.core.options import Decision, Winner
from bulkio.core.request import WriteRequest


def test_a_colleagues_edit_of_another_field_survives(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Mine")
    desk.sandbox.store.edit("HURST001", BankName="Colleague's bank", DiscountRate=None)
    before = desk.state()
    assert desk.apply(book).is_good
    assert kit.changed(before, desk.state()) == {"HURST001/Notes": ("Prefers deliveries on Tuesdays.", "Mine")}
    assert desk.customer("HURST001")["BankName"] == "Colleague's bank"


def test_an_untouched_cell_leaves_a_colleagues_newer_value_alone(desk: Any) -> None:
    book = desk.open()
    desk.sandbox.store.edit("HURST001", Notes="Colleague's")
    plan = desk.plan(book)
    assert not plan.operations
    assert not plan.conflicts


def test_a_colleagues_edit_of_the_same_field_is_a_conflict_with_all_three_values(desk: Any, kit: Any) -> None:
    book = desk.open()
    row = book.row("Customers", CustomerCode="HURST001")
    book.type("Customers", row, Notes="Mine")
    desk.sandbox.store.edit("HURST001", Notes="Colleague's")
    before = desk.state()
    plan = desk.plan(book)
    conflict = kit.only_conflict(plan)
    assert conflict.to_dict() == {
        "sheet": "Customers",
        "row": row,
        "key": "HURST001",
        "field": "Notes",
        "base": "Prefers deliveries on Tuesdays.",
        "sheet_value": "Mine",
        "live": "Colleague's",
    }
    assert not plan.operations
    with pytest.raises(OutdatedError, match="in conflict with what others changed"):
        desk.account.apply(plan)
    assert desk.state() == before


def test_skip_leaves_the_conflicting_row_out_and_does_the_rest(desk: Any, kit: Any) -> None:
    book = desk.open()
    row = book.row("Customers", CustomerCode="HURST001")
    book.type("Customers", row, Notes="Mine", BankName="Mine too")
    book.type("Customers", "BAROS002", Notes="Other")
    desk.sandbox.store.edit("HURST001", Notes="Colleague's")
    before = desk.state()
    report = desk.apply(book, on_conflict=OnConflict.SKIP)
    assert report.is_good
    assert list(kit.changed(before, desk.state())) == ["BAROS002/Notes"]
    results = kit.Book(desk.folder / "customers.results.xlsx")
    assert results.cell("Customers", row, "Import Result").value == "CONFLICT"
    comment = results.cell("Customers", row, "Import Comment").value
    assert (
        comment
        == "left out; Notes: exported 'Prefers deliveries on Tuesdays.', your sheet 'Mine', ERP now \"Colleague's\""
    )


def test_overwrite_lets_the_sheet_win_and_shows_what_it_overwrites(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Mine")
    desk.sandbox.store.edit("HURST001", Notes="Colleague's")
    plan = desk.plan(book, on_conflict=OnConflict.OVERWRITE)
    (change,) = kit.only_operation(plan).changes
    assert (change.before, change.after) == ("Colleague's", "Mine")
    assert desk.account.apply(plan).is_good
    assert desk.customer("HURST001")["Notes"] == "Mine"


def test_a_colleague_who_did_the_same_edit_leaves_nothing_to_do(desk: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Ours")
    desk.sandbox.store.edit("HURST001", Notes="Ours")
    plan = desk.plan(book)
    assert not plan.operations
    assert not plan.conflicts


def test_a_field_that_a_colleague_filled_where_the_sheet_fills_it_too_is_a_conflict(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "BLANK019", Notes="Mine")
    desk.sandbox.store.edit("BLANK019", Notes="Colleague's")
    conflict = kit.only_conflict(desk.plan(book))
    assert (conflict.base, conflict.sheet_value, conflict.live) == ("", "Mine", "Colleague's")


def test_clearing_what_a_colleague_changed_is_a_conflict(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="[CLEAR]")
    desk.sandbox.store.edit("HURST001", Notes="Colleague's")
    conflict = kit.only_conflict(desk.plan(book))
    assert (conflict.sheet_value, conflict.live) == ("", "Colleague's")


def test_a_contact_that_a_colleague_deleted_is_a_conflict_and_not_made_again(desk: Any, kit: Any) -> None:
    book = desk.open(contacts="all")
    row = book.row("Contacts", CustomerCode="HURST001", IsDefault=False)
    guid = book.cell("Contacts", row, "Guid").value
    book.type("Contacts", row, Notes="Mine")
    _delete_contact(desk, "HURST001", guid)
    plan = desk.plan(book)
    conflict = kit.only_conflict(plan)
    assert (conflict.sheet, conflict.row, conflict.field, conflict.live) == ("Contacts", row, "Guid", "")
    assert not plan.operations


def test_what_a_colleague_does_between_plan_and_apply_is_not_overwritten(desk: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Mine")
    plan = desk.plan(book)
    desk.sandbox.store.edit("HURST001", Notes="Late")
    (outcome,) = desk.account.apply(plan).outcomes
    assert outcome.status.value == "conflict"
    assert desk.customer("HURST001")["Notes"] == "Late"


def test_a_renamed_address_is_never_taken_for_another_one(desk: Any, kit: Any) -> None:
    """Its own Guid is gone from the ERP (a colleague renamed it), and its new name is another address's."""
    book = desk.open()
    row = book.row("Addresses", CustomerCode="00123", AddressName="Lager Süd")
    book.type("Addresses", row, AddressName="Lager Nord", City="Bonn")
    other = book.row(
        "Addresses",
        CustomerCode="00123",
        AddressName="Lager Nord",
        AddressType="Shipping",
        City=_city(book, "Lager Nord", row),
    )
    book.book["Addresses"].delete_rows(other)
    row = row if row < other else row - 1
    _rename_address(desk, "00123", "Lager Süd", "Lager West")
    plan = desk.plan(book)
    assert not plan.operations
    conflict = kit.only_conflict(plan)
    assert (conflict.row, conflict.field) == (row, "Guid")


def _city(book: Any, name: str, but: int) -> str:
    """The city of the address of that name that is not in row `but`."""
    cells, letters = book.book["Addresses"], book.letters("Addresses")
    return next(
        cells[f"{letters['City']}{row}"].value
        for row in range(2, cells.max_row + 1)
        if row != but and cells[f"{letters['AddressName']}{row}"].value == name
    )


def _delete_contact(desk: Any, code: str, guid: str) -> None:
    """As a colleague would."""
    desk.account.link.writer.send(
        WriteRequest(method="DELETE", path=f"/Customers/{desk.customer(code)['Guid']}/Contacts/{guid}", body="")
    )


def _rename_address(desk: Any, code: str, old: str, new: str) -> None:
    addresses = desk.customer(code)["Addresses"]
    renamed = [
        {**each, "AddressName": new, "Guid": each["Guid"][::-1]} if each["AddressName"] == old else each
        for each in addresses
    ]
    desk.sandbox.store.edit(code, Addresses=renamed)


def decisions(plan: Any, **winners: Winner) -> dict[tuple[str, int, str], Decision]:
    return {(c.sheet, c.row, c.field): Decision(c.live, winners[c.field]) for c in plan.conflicts}


def test_conflicts_are_decided_one_by_one(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Mine", BankName="My bank", BankBranch="Only mine")
    desk.sandbox.store.edit("HURST001", Notes="Colleague's", BankName="Colleague's bank")
    before = desk.state()
    chosen = decisions(desk.plan(book), Notes=Winner.SHEET, BankName=Winner.ERP)
    assert len(chosen) == 2
    plan = desk.plan(book, decisions=chosen)
    assert not plan.conflicts
    assert kit.only_operation(plan).target == {"Notes": "Mine", "BankBranch": "Only mine"}
    assert desk.account.apply(plan).is_good
    assert set(kit.changed(before, desk.state())) == {"HURST001/Notes", "HURST001/BankBranch"}


def test_a_decision_does_not_hold_for_a_value_that_nobody_saw(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Mine")
    desk.sandbox.store.edit("HURST001", Notes="Colleague's")
    chosen = decisions(desk.plan(book), Notes=Winner.SHEET)
    desk.sandbox.store.edit("HURST001", Notes="Colleague's, once more")
    assert kit.only_conflict(desk.plan(book, decisions=chosen)).live == "Colleague's, once more"


def test_all_decided_for_the_erp_is_nothing_to_do(desk: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Mine")
    desk.sandbox.store.edit("HURST001", Notes="Colleague's")
    plan = desk.plan(book, decisions=decisions(desk.plan(book), Notes=Winner.ERP))
    assert (plan.operations, plan.conflicts) == ((), ())
