"""Every rule of the vendor's page as a person meets it in a sheet: the message names sheet!cell, and how to fix it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def shop(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A desk on which nothing is ever applied: its export serves all these tests."""
    with kit.desk_at(tmp_path_factory.mktemp("shop"), customers=20) as desk:
        book = kit.Book(desk.export())
        contacts = book.book["Contacts"]
        for row in range(contacts.max_row, 1, -1):  # hundreds of others would be read again by every test
            if book.cell("Contacts", row, "CustomerCode").value != "HURST001":
                contacts.delete_rows(row)
        book.save()
        yield desk
        assert desk.writes() == []


@pytest.fixture
def book(shop: Any, kit: Any) -> Any:
    found = kit.Book(shop.folder / "customers.xlsx")
    found.path = shop.folder / "edited.xlsx"
    return found


def said(shop: Any, kit: Any, book: Any) -> tuple[str, str, str]:
    """The one problem, as the offline check and the plan both tell it."""
    path = book.save()
    (offline,) = kit.problems(shop.account.check(path))
    (online,) = kit.problems(shop.plan(path))
    assert offline == online
    return offline


# --- cells of a customer ----------------------------------------------------------------------------------------------

NONSENSE = [
    ({"Email": "harold at example.com"}, "bad-format", "'harold at example.com' is not an e-mail address"),
    ({"EmailCC": "a@example.com; b@example.com"}, "bad-format", "Write a@example.com,b@example.com."),
    ({"Website": "our site"}, "bad-format", "'our site' has blanks in it, which a website address cannot have"),
    ({"DiscountRate": "1,5"}, "not-decimal", "'1,5' is not a decimal Write it like 1234.5, or use a number cell."),
    ({"CreditLimit": "many"}, "not-decimal", "'many' is not a decimal"),
    ({"StopCredit": "perhaps"}, "not-boolean", "'perhaps' is neither TRUE nor FALSE Write TRUE or FALSE."),
    ({"Notes": "x" * 1030}, "too-long", "1030 characters, and at most 1024 are allowed Shorten it by 6."),
    ({"EORINumber": "GB" + "1" * 19}, "too-long", "21 characters, and at most 20 are allowed Shorten it by 1."),
    ({"PaymentTerm": "20 Days"}, "unknown-value", "'20 Days' is not one of the ERP's PaymentTerms Did you mean"),
    ({"DeliveryMethod": "Curier"}, "unknown-value", "Did you mean 'Courier'"),
    ({"TaxCode": "GST"}, "unknown-value", "'GST' is not one of the ERP's Taxes"),
    ({"SellPriceTier": "Hotel"}, "unknown-value", "is not one of the ERP's SellPriceTiers"),
    ({"SalesOrderGroup": "Norht"}, "unknown-value", "Did you mean 'North'"),
    ({"CustomerType": "Holesale"}, "unknown-value", "Did you mean 'Wholesale'"),
    ({"Currency__CurrencyCode": "NZ$"}, "unknown-value", "'NZ$' is not one of the ERP's Currencies"),
    ({"DefaultWarehouse__WarehouseCode": "W9"}, "unknown-value", "is not one of the ERP's Warehouses"),
    ({"Salesperson__FullName": "Aroha Gnata"}, "unknown-value", "Did you mean 'Aroha Ngata'"),
    ({"Salesperson__Email": "nobody@example.com"}, "unknown-value", "is not one of the ERP's Salespersons"),
    ({"Salesperson__FullName": "Sam Wilson"}, "ambiguous", "is the name of 2 entries of Salespersons Write the"),
    ({"CustomerTypeGuid": "not a guid"}, "not-guid", "'not a guid' is not a Guid"),
    ({"PhoneNumber": 95550123}, "not-text", "the cell holds a number (95550123) where a text is expected"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "code", "words"), NONSENSE, ids=[f"{next(iter(t))}-{c}" for t, c, _ in NONSENSE])
def test_a_wrong_cell_is_named_with_its_address_and_the_fix(  # noqa: PLR0913, PLR0917 the columns of a table
    shop: Any, kit: Any, book: Any, typed: dict[str, Any], code: str, words: str
) -> None:
    cell = book.type("Customers", "HURST001", **typed)
    found = said(shop, kit, book)
    assert found[:2] == (code, cell)
    assert words in found[2]


def test_a_customer_type_and_its_guid_must_be_one(shop: Any, kit: Any, book: Any) -> None:
    guid = "6b60e9ce-4e1a-40da-bc0c-144ec9a9958a"  # Cash
    row = book.row("Customers", CustomerCode="HURST001")
    cell = book.type("Customers", row, CustomerType="Retail")
    book.type("Customers", row, CustomerTypeGuid=guid)
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("unknown-value", cell)
    assert (
        text == "CustomerType and CustomerTypeGuid do not name the same entry of CustomerTypes "
        "Change one of them, and leave the other."
    )


@pytest.mark.parametrize("name", ["DDINumber", "FaxNumber", "MobileNumber", "PhoneNumber", "TollFreeNumber", "Website"])
def test_what_needs_a_primary_contact_is_refused_without_one(shop: Any, kit: Any, book: Any, name: str) -> None:
    cell = book.type("Customers", "EMOJI011", **{name: "https://example.com" if name == "Website" else "021 555 0123"})
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("rule", cell)
    assert text == (
        f"{name} needs a primary contact, and this customer has none "
        f"Fill in ContactFirstName, ContactLastName or Email, or leave {name} blank."
    )


def test_clearing_all_that_names_the_primary_contact_is_refused_while_its_numbers_stay(
    shop: Any, kit: Any, book: Any
) -> None:
    book.type("Customers", "HURST001", ContactFirstName="[CLEAR]", ContactLastName="[CLEAR]", Email="[CLEAR]")
    found = kit.problems(shop.plan(book))
    assert {code for code, _, _ in found} == {"rule"}
    assert any("PhoneNumber needs a primary contact" in text for _, _, text in found)


def test_codes_of_existing_customers_cannot_be_changed(shop: Any, kit: Any, book: Any) -> None:
    row = book.row("Customers", CustomerCode="HURST001")
    book.type("Customers", row, CustomerCode="HURST999")
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("create-only", f"Customers!B{row}")
    assert text == (
        "CustomerCode cannot be changed once the customer exists ('HURST001' before) "
        "Write HURST001 again. If the row is another record's, its Guid is wrong."
    )


def test_read_only_edits_are_left_out_and_said_so(shop: Any, kit: Any, book: Any) -> None:
    cell = book.type("Customers", "HURST001", CreatedBy="me")
    book.type("Customers", "HURST001", Notes="Sent")
    plan = shop.plan(book)
    assert kit.problems(plan) == [
        ("read-only", cell, "CreatedBy is read-only; the edit ('me', exported was 'support@example.com') is left out")
    ]
    assert kit.only_operation(plan).target == {"Notes": "Sent"}


def test_rows_of_another_export_are_not_compared_with_this_one(shop: Any, kit: Any, book: Any) -> None:
    """Two exports pasted into one workbook, or a CSV file beside a newer baseline."""
    row = book.row("Customers", CustomerCode="HURST001")
    book.type("Customers", row, Notes="Older", LastModifiedOn="2015-01-01T00:00:00Z")
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("baseline", f"Customers!{book.cell('Customers', row, 'LastModifiedOn').coordinate}")
    assert "the row is of another export (last changed 2015-01-01T00:00:00Z)" in text


# --- required, unknown, twice -----------------------------------------------------------------------------------------


def test_a_new_customer_needs_a_code_and_a_name(shop: Any, kit: Any, book: Any) -> None:
    row = book.add("Customers", Command="NEW", Notes="Who?")
    found = kit.problems(shop.plan(book))
    assert [(code, where) for code, where, _ in found] == [
        ("required", f"Customers!B{row}"),
        ("required", f"Customers!C{row}"),
    ]
    assert found[0][2] == "CustomerCode is required for a new customer Example: 00123"


def test_a_merged_customer_that_would_be_new_needs_a_name(shop: Any, kit: Any, book: Any) -> None:
    row = book.add("Customers", Command="MERGE", CustomerCode="FRESH")
    ((code, where, _),) = kit.problems(shop.plan(book))
    assert (code, where) == ("required", f"Customers!C{row}")


def test_a_column_that_stands_twice_is_an_error(shop: Any, kit: Any, book: Any) -> None:
    cells = book.book["Customers"]
    at = cells.max_column + 1
    cells.cell(row=1, column=at).value = "notes"
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("duplicate-column", f"Customers!{cells.cell(row=1, column=at).coordinate}")
    assert "the column 'notes' stands twice" in text


def test_a_sheet_without_keys_is_one_error_and_not_one_a_row(shop: Any, book: Any) -> None:
    cells = book.book["Customers"]
    for name in ("CustomerCode", "Guid"):
        cells[f"{book.letters('Customers')[name]}1"].value = f"My {name}"
    path = book.save()
    errors = [issue for issue in shop.plan(path).issues if issue.severity.value == "error"]
    (issue,) = errors
    assert (issue.code.value, issue.sheet, issue.row) == ("no-key", "Customers", 0)
    assert str(issue) == "Customers  no column says which record a row is  Add the column Guid or CustomerCode."


# --- addresses --------------------------------------------------------------------------------------------------------


def test_an_address_type_is_one_of_three(shop: Any, kit: Any, book: Any) -> None:
    cell = book.type(
        "Addresses", book.row("Addresses", CustomerCode="HURST001", AddressType="Postal"), AddressType="Billing"
    )
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("not-a-choice", cell)
    assert text == "'Billing' is not allowed Write one of Postal, Physical, Shipping."


def test_a_country_of_two_letters_is_checked(shop: Any, kit: Any, book: Any) -> None:
    row = book.row("Addresses", CustomerCode="HURST001", AddressType="Postal")
    cell = book.type("Addresses", row, Country="XX")
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("bad-format", cell)
    assert "XX" in text
    book.type("Addresses", row, Country="NZ")
    assert kit.only_operation(shop.plan(book)).target == {"Country": "NZ"}


def test_an_address_cannot_move_to_another_customer(shop: Any, kit: Any, book: Any) -> None:
    row = book.row("Addresses", CustomerCode="HURST001", AddressType="Postal")
    cell = book.type("Addresses", row, CustomerCode="00123")
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("create-only", cell)
    assert text.startswith("CustomerCode cannot be changed once the address exists ('HURST001' before)")


# --- contacts ---------------------------------------------------------------------------------------------------------


def test_a_contact_needs_a_name_or_an_address(shop: Any, kit: Any, book: Any) -> None:
    row = book.add("Contacts", Command="NEW", CustomerCode="HURST001", MobilePhone="021 555 0123")
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("rule", f"Contacts!{book.cell('Contacts', row, 'FirstName').coordinate}")
    assert text == "a contact needs FirstName, LastName or EmailAddress Fill in at least one of them."


def test_the_three_details_of_a_contact_are_unique_within_its_customer(shop: Any, kit: Any, book: Any) -> None:
    other = book.row("Contacts", CustomerCode="HURST001", IsDefault=False)
    cell = book.type("Contacts", other, FirstName="HAROLD")
    book.type("Contacts", other, LastName="Smith", EmailAddress="hsmith@example.com")
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("rule", cell)
    assert text.startswith("another contact of this customer has the same FirstName, LastName and EmailAddress")


def test_a_delivery_address_must_exist(shop: Any, kit: Any, book: Any) -> None:
    row = book.row("Contacts", CustomerCode="HURST001", FirstName="Harold")
    cell = book.type("Contacts", row, DeliveryAddress="Moon base")
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("rule", cell)
    assert text == "HURST001 has no address named 'Moon base' Its addresses are 'Head Office', 'Main Warehouse'."
    book.type("Contacts", row, DeliveryAddress="Main Warehouse")
    assert kit.only_operation(shop.plan(book)).target == {"DeliveryAddress": "Main Warehouse"}


def test_a_new_contact_has_no_guid_of_ours(shop: Any, kit: Any, book: Any) -> None:
    row = book.add(
        "Contacts", Command="NEW", CustomerCode="HURST001", FirstName="Ada", Guid="11111111-2222-3333-4444-555555555555"
    )
    code, where, text = said(shop, kit, book)
    assert (code, where) == ("read-only", f"Contacts!{book.cell('Contacts', row, 'Guid').coordinate}")
    assert text == "a new contact gets its Guid from the ERP Leave the cell blank."


# --- what follows from a change ---------------------------------------------------------------------------------------


def test_a_changed_customer_type_takes_its_guid_with_it(shop: Any, kit: Any, book: Any) -> None:
    now = shop.customer("HURST001")["CustomerType"]
    wanted = "Distributor" if now != "Distributor" else "Retail"
    book.type("Customers", "HURST001", CustomerType=wanted)
    target = kit.only_operation(shop.plan(book)).target
    assert target.keys() == {"CustomerType", "CustomerTypeGuid"}
    assert target["CustomerType"] == wanted
    assert target["CustomerTypeGuid"] != shop.customer("HURST001")["CustomerTypeGuid"]


@pytest.mark.parametrize(
    ("column", "value"), [("Salesperson__FullName", "Jürgen Voß"), ("Salesperson__Email", "juergen.voss@example.org")]
)
def test_a_salesperson_is_found_by_name_or_by_e_mail(shop: Any, kit: Any, book: Any, column: str, value: str) -> None:
    assert (shop.customer("HURST001")["Salesperson"] or {}).get("FullName") != "Jürgen Voß"
    book.type("Customers", "HURST001", **{column: value})
    target = kit.only_operation(shop.plan(book)).target
    assert (target["Salesperson.FullName"], target["Salesperson.Email"]) == ("Jürgen Voß", "juergen.voss@example.org")
    assert target["Salesperson.Guid"]


def test_two_salespersons_of_one_name_are_told_apart_by_e_mail(shop: Any, kit: Any, book: Any) -> None:
    book.type("Customers", "HURST001", Salesperson__FullName="Sam Wilson", Salesperson__Email="sam.wilson@example.org")
    assert kit.only_operation(shop.plan(book)).target["Salesperson.Email"] == "sam.wilson@example.org"


def test_clearing_a_reference_clears_all_of_it(shop: Any, kit: Any, book: Any) -> None:
    code = next(each["CustomerCode"] for each in shop.sandbox.store.customers() if each["Salesperson"])
    book.type("Customers", code, Salesperson__FullName="[CLEAR]")
    target = kit.only_operation(shop.plan(book)).target
    assert target == {"Salesperson.FullName": "", "Salesperson.Email": "", "Salesperson.Guid": ""}


# --- hand-made sheets -------------------------------------------------------------------------------------------------


def test_a_rule_never_takes_what_the_sheet_does_not_have_for_blank(shop: Any, kit: Any) -> None:
    """HURST001 has a primary contact in the ERP; a sheet of two columns does not know it."""
    sheet = shop.folder / "phones.csv"
    kit.write_rows(sheet, [{"CustomerCode": "HURST001", "PhoneNumber": "+64 9 555 0000"}])
    assert kit.only_operation(shop.plan(sheet)).target == {"PhoneNumber": "+64 9 555 0000"}
    kit.write_rows(sheet, [{"CustomerCode": "EMOJI011", "PhoneNumber": "+64 9 555 0000"}])
    plan = shop.plan(sheet)
    ((code, where, text),) = kit.problems(plan)
    assert (code, where) == ("rule", "Customers!B2")
    assert text.startswith("PhoneNumber needs a primary contact, and this customer has none")
    assert not plan.operations


def test_a_number_in_a_text_column_stays_an_error_when_the_lists_are_read_too(shop: Any, kit: Any, book: Any) -> None:
    cell = book.type("Customers", "HURST001", BankAccount=12345)
    book.type("Customers", "BAROS002", PaymentTerm="7 Days")
    found = kit.problems(shop.plan(book))
    assert [(code, where) for code, where, _ in found] == [("not-text", cell)]


def test_a_file_is_checked_again_as_it_was_read(shop: Any, book: Any) -> None:
    """A restored cell is restored, and told, in the plan as in the check."""
    book.type("Customers", "00123", CustomerCode=123)
    book.type("Customers", "BAROS002", PaymentTerm="7 Days")
    path = book.save()
    assert shop.account.check(path).to_dict()["summary"]["restored"] == 1
    plan = shop.plan(path)
    assert [issue.code.value for issue in plan.issues] == ["restored"]
    assert (
        str(plan.issues[0].message)
        == "'00123' lost its leading zeros ('123'); a spreadsheet program did that, and it was restored"
    )


def test_characters_that_nobody_sees_are_warned_of_and_sent_all_the_same(desk: Any) -> None:
    desk.sandbox.store.edit("HURST001", BankName="Old\u00a0Bank")
    book = desk.open()
    edited = book.type("Customers", "HURST001", Notes="Zero\u200bwidth", BankName="New\u00a0Bank", BankBranch="Plain")
    row = book.add("Customers", Command="NEW", CustomerCode="UNSEEN1", CustomerName="Аcme")  # noqa: RUF001 a Cyrillic A
    plan = desk.plan(book)
    warned = [(issue.code.value, issue.severity.value, issue.row, issue.column) for issue in plan.issues]
    at = int("".join(filter(str.isdigit, edited)))
    assert warned == [
        ("unseen-character", "warning", at, "Notes"),
        ("unseen-character", "warning", row, "CustomerName"),
    ]
    assert "U+200B ZERO WIDTH SPACE" in plan.issues[0].message
    assert desk.account.apply(plan).is_good
    assert desk.customer("HURST001")["Notes"] == "Zero\u200bwidth"
    assert "\u200b" not in desk.command("plan", desk.folder / "customers.xlsx").out
