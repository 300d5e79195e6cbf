"""The Command column: NEW, UPDATE, MERGE, DELETE and IGNORE, for customers, addresses and contacts."""

from __future__ import annotations

from typing import Any

import pytest

from bulkio import Blank, Command, InvalidFileError


def codes(plan: Any) -> list[str]:
    return [issue.code.value for issue in plan.errors]


# --- customers --------------------------------------------------------------------------------------------------------


def test_new_creates_a_customer_with_the_id_that_the_plan_chose(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.add("Customers", Command="NEW", CustomerCode="00777", CustomerName="=Neu & Co", Currency__CurrencyCode="EUR",
             CreditLimit=1234.5, Taxable=True, Notes="a\nb")  # fmt: skip
    before = desk.state()
    plan = desk.plan(book)
    operation = kit.only_operation(plan)
    assert desk.account.apply(plan).is_good
    made = desk.customer("00777")
    assert made["Guid"] == operation.guid
    assert (made["CustomerName"], made["Notes"], str(made["CreditLimit"]), made["Taxable"]) == (
        "=Neu & Co",
        "a\nb",
        "1234.5000",
        True,
    )
    assert made["Currency"]["CurrencyCode"] == "EUR"
    assert {code: each for code, each in desk.state().items() if code != "00777"} == before


def test_new_of_a_customer_that_was_exported_is_an_error(desk: Any, kit: Any) -> None:
    book = desk.open()
    cell = book.type("Customers", "HURST001", Command="NEW")
    ((code, where, text),) = kit.problems(desk.plan(book))
    assert (code, where) == ("exists", cell)
    assert text == "NEW, but this customer was in the export ('HURST001') Write UPDATE, or change the key."


def test_new_of_a_customer_that_a_colleague_just_made_is_an_error(desk: Any, kit: Any) -> None:
    first = desk.open("first.xlsx")
    first.add("Customers", Command="NEW", CustomerCode="TWICE", CustomerName="Once")
    second = desk.open("second.xlsx")
    row = second.add("Customers", Command="NEW", CustomerCode="TWICE", CustomerName="Twice")
    assert desk.apply(first).is_good
    plan = desk.plan(second)
    ((code, where, text),) = kit.problems(plan)
    assert (code, where) == ("exists", f"Customers!A{row}")
    assert "the ERP has this customer already ('TWICE')" in text
    with pytest.raises(InvalidFileError):
        desk.account.apply(plan)


def test_a_code_that_differs_only_in_its_case_is_no_new_customer(desk: Any, kit: Any) -> None:
    book = desk.open()
    row = book.add("Customers", Command="NEW", CustomerCode="hurst001", CustomerName="A slip")
    ((code, where, text),) = kit.problems(desk.plan(book))
    assert (code, where) == ("exists", f"Customers!B{row}")
    assert text == (
        "'hurst001' would be new, but there is 'HURST001', which differs only in its case "
        "Write HURST001, or choose another CustomerCode."
    )


@pytest.mark.parametrize(
    ("one", "other"), [("AB1", "ab1"), ("AB1", "AB1 "), ("\u00c41", "A\u03081"), ("AB1", "AB\u200b1")]
)
def test_two_new_codes_that_look_the_same_are_an_error(desk: Any, kit: Any, one: str, other: str) -> None:
    book = desk.open()
    book.add("Customers", Command="NEW", CustomerCode=one, CustomerName="One")
    row = book.add("Customers", Command="NEW", CustomerCode=other, CustomerName="Two")
    errors = [found for found in kit.problems(desk.plan(book)) if found[0] == "exists"]
    assert [where for _, where, _ in errors] == [f"Customers!B{row}"]
    assert repr(one) in errors[0][2]


def test_a_customer_named_once_by_its_id_and_once_by_its_code_is_named_twice(desk: Any, kit: Any) -> None:
    guid = str(desk.customer("HURST001")["Guid"])
    path = desk.folder / "twice.csv"
    rows = [{"Guid": guid, "CustomerCode": "", "Notes": "a"}, {"Guid": "", "CustomerCode": "HURST001", "Notes": "b"}]
    kit.write_rows(path, rows)
    found = kit.problems(desk.plan(path))
    assert [(code, where) for code, where, _ in found] == [
        ("duplicate-row", "Customers!B2"),
        ("duplicate-row", "Customers!B3"),
    ]
    assert "rows 2 and 3 are the same customer" in found[0][2]


@pytest.mark.parametrize("command", ["UPDATE", "", "update", " Update "])
def test_update_of_an_unknown_customer_suggests_near_codes_and_creates_nothing(
    desk: Any, kit: Any, command: str
) -> None:
    book = desk.open()
    row = book.add("Customers", Command=command or None, CustomerCode="HURST01", CustomerName="A slip")
    plan = desk.plan(book)
    ((code, where, text),) = kit.problems(plan)
    assert (code, where) == ("no-match", f"Customers!B{row}")
    assert text.startswith("there is no customer 'HURST01' Did you mean 'HURST001'")
    assert text.endswith("Write NEW in the column Command to create it.")
    assert not plan.operations


def test_merge_creates_and_updates(desk: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Command="MERGE", Notes="Merged")
    book.add("Customers", Command="MERGE", CustomerCode="MERGED01", CustomerName="Merged Ltd")
    plan = desk.plan(book)
    assert [(operation.action.value, operation.key) for operation in plan.operations] == [
        ("update", "HURST001"),
        ("create", "MERGED01"),
    ]
    assert desk.account.apply(plan).is_good
    assert desk.customer("MERGED01")["CustomerName"] == "Merged Ltd"
    assert desk.customer("HURST001")["Notes"] == "Merged"


def test_the_default_command_is_what_a_blank_one_means(desk: Any, kit: Any) -> None:
    sheet = desk.folder / "own.csv"
    kit.write_rows(
        sheet, [{"CustomerCode": "OWN1", "CustomerName": "One"}, {"CustomerCode": "HURST001", "CustomerName": "Hurst"}]
    )
    assert codes(desk.plan(sheet)) == ["no-match"]
    merged = desk.plan(sheet, default_command=Command.MERGE)
    assert [operation.action.value for operation in merged.operations] == ["create", "update"]
    assert codes(desk.plan(sheet, default_command=Command.NEW)) == ["exists"]


def test_ignored_rows_are_not_even_judged(desk: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Command="IGNORE", Email="no address", DiscountRate="many", PaymentTerm="never")
    book.add("Customers", Command="ignore", CustomerCode="HURST01")
    plan = desk.plan(book)
    assert plan.issues == ()
    assert not plan.operations


def test_delete_needs_the_flag_and_sets_the_soft_flag(desk: Any, kit: Any) -> None:
    book = desk.open()
    cell = book.type("Customers", "HURST001", Command="DELETE")
    ((code, where, text),) = kit.problems(desk.plan(book))
    assert (code, where, text) == ("delete-not-allowed", cell, "DELETE needs the flag --allow-delete")
    before = desk.state()
    plan = desk.plan(book, allow_delete=True)
    assert [str(issue.message) for issue in plan.issues] == [
        "the ERP has no delete for a customer: Obsolete is set instead"
    ]
    assert desk.account.apply(plan).is_good
    assert kit.changed(before, desk.state()) == {"HURST001/Obsolete": (False, True)}


def test_delete_of_an_obsolete_customer_is_nothing_to_do(desk: Any) -> None:
    book = desk.open()
    book.type("Customers", "NONE014", Command="DELETE")
    plan = desk.plan(book, allow_delete=True)
    assert not plan.operations
    assert not plan.errors


def test_delete_ignores_the_edits_of_its_row(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Command="DELETE", Notes="Never to be sent", Email="no address")
    plan = desk.plan(book, allow_delete=True)
    assert kit.only_operation(plan).target == {"Obsolete": "true"}


def test_a_word_that_is_no_command_is_named(desk: Any, kit: Any) -> None:
    book = desk.open()
    cell = book.type("Customers", "HURST001", Command="REMOVE")
    ((code, where, text),) = kit.problems(desk.plan(book))
    assert (code, where) == ("not-command", cell)
    assert text == "'REMOVE' is not a command Write one of NEW, UPDATE, MERGE, DELETE, IGNORE, or leave the cell blank."


def test_two_rows_for_one_customer_are_both_named(desk: Any, kit: Any) -> None:
    book = desk.open()
    first = book.row("Customers", CustomerCode="HURST001")
    second = book.add("Customers", CustomerCode="HURST001", Notes="Again")
    found = kit.problems(desk.plan(book))
    assert [(code, where) for code, where, _ in found] == [
        ("duplicate-row", f"Customers!B{first}"),
        ("duplicate-row", f"Customers!B{second}"),
    ]
    assert found[0][2].startswith(f"rows {first} and {second} are the same customer ('HURST001')")


# --- addresses and contacts -------------------------------------------------------------------------------------------


def test_addresses_are_made_changed_and_deleted_in_one_body(desk: Any, kit: Any) -> None:
    book = desk.open()
    kept = {each["AddressName"]: each for each in desk.customer("00123")["Addresses"]}
    book.add(
        "Addresses",
        Command="NEW",
        CustomerCode="00123",
        AddressType="Shipping",
        AddressName="Lager West",
        City="Aachen",
    )
    book.type("Addresses", book.row("Addresses", CustomerCode="00123", AddressName="Lager Süd"), City="Bonn")
    book.type("Addresses", book.row("Addresses", CustomerCode="00123", AddressName="Lager Nord"), Command="DELETE")
    before = desk.state()
    assert desk.apply(book, allow_delete=True).is_good
    after = {each["AddressName"]: each for each in desk.customer("00123")["Addresses"]}
    assert set(after) == {*kept, "Lager West"} - {"Lager Nord"}
    assert after["Lager Süd"]["City"] == "Bonn"
    assert after["Lager West"]["City"] == "Aachen"
    for name in ("Zentrale", "Laden Köln", "Außenlager"):
        assert kit.without_stamps(after[name]) == kit.without_stamps(kept[name])
    assert {path.split("/")[0] for path in kit.changed(before, desk.state())} == {"00123"}
    assert len(desk.writes()) == 1


def test_contacts_are_made_changed_and_deleted(desk: Any) -> None:
    book = desk.open(contacts="all")
    book.add("Contacts", Command="NEW", CustomerCode="HURST001", FirstName="Ada", LastName="Ng", ForInvoicing=True)
    book.type("Contacts", book.row("Contacts", CustomerCode="HURST001", FirstName="Harold"), Notes="Boss")
    gone = book.row(
        "Contacts",
        CustomerCode="HURST001",
        IsDefault=False,
        LastName=desk.customer("HURST001")["Contacts"][1]["LastName"],
    )
    book.type("Contacts", gone, Command="DELETE")
    before = desk.customer("HURST001")["Contacts"]
    assert desk.apply(book, allow_delete=True).is_good
    after = {each["FirstName"]: each for each in desk.customer("HURST001")["Contacts"]}
    assert set(after) == {"Harold", "Ada"}
    assert after["Harold"] == {**before[0], "Notes": "Boss"}
    assert (after["Ada"]["LastName"], after["Ada"]["ForInvoicing"], after["Ada"]["MobilePhone"]) == ("Ng", True, None)


def test_children_of_a_customer_that_the_same_file_creates_go_with_it(desk: Any) -> None:
    book = desk.open()
    book.add("Customers", Command="NEW", CustomerCode="FAMILY", CustomerName="Family Ltd")
    book.add("Addresses", CustomerCode="FAMILY", AddressType="Postal", AddressName="Home", City="Nelson")
    book.add("Addresses", CustomerCode="FAMILY", AddressType="Shipping", AddressName="Barn")
    book.add("Contacts", CustomerCode="FAMILY", FirstName="Ma", EmailAddress="ma@example.com", DeliveryAddress="Barn")
    book.add("Contacts", Command="NEW", CustomerCode="FAMILY", FirstName="Pa")
    report = desk.apply(book)
    assert report.is_good, [outcome.message for outcome in report.failed()]
    made = desk.customer("FAMILY")
    assert [(each["AddressType"], each["AddressName"], each["City"]) for each in made["Addresses"]] == [
        ("Postal", "Home", "Nelson"),
        ("Shipping", "Barn", None),
    ]
    assert {(each["FirstName"], each["DeliveryAddress"]) for each in made["Contacts"]} == {("Ma", "Barn"), ("Pa", None)}


def test_a_child_without_its_customer_is_named_with_near_codes(desk: Any, kit: Any) -> None:
    book = desk.open()
    row = book.add("Contacts", Command="NEW", CustomerCode="HURST0O1", FirstName="Ada")
    ((code, where, text),) = kit.problems(desk.plan(book))
    assert (code, where) == ("no-parent", f"Contacts!B{row}")
    assert text.startswith("there is no customer 'HURST0O1' Did you mean 'HURST001'")


def test_a_child_that_does_not_say_whose_it_is_says_so(desk: Any, kit: Any) -> None:
    book = desk.open()
    row = book.add("Contacts", Command="NEW", FirstName="Ada")
    ((code, where, text),) = kit.problems(desk.plan(book))
    assert (code, where) == ("no-parent", f"Contacts!B{row}")
    assert text == "the row does not say whose contact it is Fill in the column CustomerCode."


def test_children_of_a_new_customer_with_errors_add_none_of_their_own(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.add("Customers", Command="NEW", CustomerCode="NAMELESS")
    book.add("Addresses", CustomerCode="NAMELESS", AddressType="Postal", AddressName="Home")
    book.add("Contacts", CustomerCode="NAMELESS", FirstName="Ma")
    assert [(code, text) for code, _, text in kit.problems(desk.plan(book))] == [
        ("required", "CustomerName is required for a new customer Example: Wade's Apparel & Accessories")
    ]


def test_children_find_their_record_by_their_human_key(desk: Any, kit: Any) -> None:
    """Hand-made sheets without a Guid and without a baseline."""
    harold = desk.customer("HURST001")["Contacts"][0]
    sheet = desk.folder / "people.contacts.csv"
    who = {"CustomerCode": "HURST001", "FirstName": "Harold", "LastName": "Smith", "EmailAddress": "hsmith@example.com"}
    kit.write_rows(sheet, [{**who, "Notes": "By name"}])
    plan = desk.plan(sheet)
    operation = kit.only_operation(plan)
    assert (operation.guid, operation.target) == (harold["Guid"], {"Notes": "By name"})
    assert any(issue.code.value == "baseline" for issue in plan.issues), (
        "nothing says that colleagues' edits are not known"
    )
    kit.write_rows(sheet, [{"Guid": harold["Guid"].upper(), "Notes": "By Guid alone"}])
    assert kit.only_operation(desk.plan(sheet)).target == {"Notes": "By Guid alone"}
    kit.write_rows(sheet, [{**who, "FirstName": "Harald", "Notes": "Nobody"}])
    ((code, where, text),) = kit.problems(desk.plan(sheet))
    assert (code, where) == ("no-match", "Contacts!B2")
    assert text.startswith("there is no contact 'HURST001 / Harald / Smith / hsmith@example.com'")


def test_equal_addresses_need_their_guid(desk: Any, kit: Any) -> None:
    sheet = desk.folder / "own.addresses.csv"
    kit.write_rows(
        sheet, [{"CustomerCode": "WADE013", "AddressType": "Postal", "AddressName": " Postal Address", "City": "X"}]
    )
    ((code, _, text),) = kit.problems(desk.plan(sheet))
    assert code == "ambiguous"
    assert (
        text == "'WADE013 /  Postal Address' fits several addresses of the ERP Fill in the column Guid."
        or "fits several" in text
    )
    book = desk.open()
    guid = desk.customer("WADE013")["Addresses"][2]["Guid"]
    book.type("Addresses", book.row("Addresses", Guid=guid), City="Third")
    before = desk.state()
    assert desk.apply(book).is_good
    assert list(kit.changed(before, desk.state())) == ["WADE013/Addresses[2]/City"]


def test_a_wrong_guid_is_not_guessed_around(desk: Any, kit: Any) -> None:
    book = desk.open()
    row = book.row("Customers", CustomerCode="HURST001")
    cell = book.type("Customers", row, Notes="Mine", Guid="11111111-2222-3333-4444-555555555555")
    ((code, where, text),) = kit.problems(desk.plan(book))
    assert (code, where) == ("no-match", cell)
    assert text == (
        "no customer has the Guid 11111111-2222-3333-4444-555555555555 "
        "Correct it, or clear the cell to find it by CustomerCode."
    )


def test_a_row_that_names_nothing_says_so(desk: Any, kit: Any) -> None:
    book = desk.open()
    row = book.add("Customers", CustomerName="Nobody")
    ((code, where, text),) = kit.problems(desk.plan(book))
    assert (code, where) == ("no-match", f"Customers!B{row}")
    assert text == "the row does not say which customer it is Fill in CustomerCode or Guid."


# --- clearing ---------------------------------------------------------------------------------------------------------


def test_clear_clears_and_leaves_blanks_alone(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="[CLEAR]", CustomerName=None)
    before = desk.state()
    plan = desk.plan(book)
    assert plan.emptied_left == 1
    (notice,) = plan.issues
    assert str(notice.message) == "the cell was emptied ('Hurstmere Hardware Ltd' before) and is left alone"
    assert notice.severity.value == "notice"
    assert desk.account.apply(plan).is_good
    assert kit.changed(before, desk.state()) == {"HURST001/Notes": ("Prefers deliveries on Tuesdays.", None)}


def test_emptied_cells_are_counted_and_cleared_only_on_demand(desk: Any, kit: Any) -> None:
    book = desk.open()
    row = book.row("Contacts", CustomerCode="HURST001", FirstName="Harold")
    book.type("Customers", "HURST001", Notes=None)
    book.type("Contacts", row, PhoneNumber=None)
    path = book.save()
    kept = desk.plan(path)
    assert (kept.emptied_left, len(kept.operations)) == (2, 0)
    before = desk.state()
    plan = desk.plan(path, blank=Blank.CLEAR)
    assert plan.emptied_left == 0
    assert desk.account.apply(plan).is_good
    moved = kit.changed(before, desk.state())
    assert {path: new for path, (_, new) in moved.items()} == {
        "HURST001/Notes": None,
        "HURST001/PhoneNumber": None,  # the customer shows its default contact's
        "HURST001/Contacts[0]/PhoneNumber": None,
    }


def test_blank_stays_the_blank_that_it_was(desk: Any) -> None:
    """Clearing what is blank is nothing to do, whether it is null or "" in the ERP."""
    book = desk.open()
    assert desk.customer("BLANK019")["Notes"] == ""
    assert desk.customer("BLANK019")["PaymentTerm"] is None
    book.type("Customers", "BLANK019", Notes="[CLEAR]", PaymentTerm="[CLEAR]")
    plan = desk.plan(book)
    assert not plan.operations
    assert not plan.errors


def test_what_has_no_blank_cannot_be_cleared(desk: Any, kit: Any) -> None:
    book = desk.open()
    row = book.row("Customers", CustomerCode="HURST001")
    cells = [book.type("Customers", row, **{name: "[CLEAR]"}) for name in ("CustomerName", "StopCredit")]
    assert kit.problems(desk.plan(book)) == [
        ("cannot-clear", cells[0], "CustomerName cannot be cleared Write a value, or leave the cell as it was."),
        ("cannot-clear", cells[1], "StopCredit cannot be cleared Write a value, or leave the cell as it was."),
    ]


def test_the_delivery_instruction_is_cleared_by_an_empty_text(desk: Any, kit: Any) -> None:
    """Null would leave the old one in place, says the vendor's page."""
    desk.sandbox.store.edit("HURST001", DeliveryInstruction="Ring twice")
    book = desk.open()
    book.type("Customers", "HURST001", DeliveryInstruction="[CLEAR]")
    before = desk.state()
    assert desk.apply(book).is_good
    assert kit.changed(before, desk.state()) == {"HURST001/DeliveryInstruction": ("Ring twice", "")}
