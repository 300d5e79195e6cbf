"""Export, edit, plan, apply: what was edited changes, and nothing else does; null stays null, "" stays ""."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_one_edited_cell_changes_one_value_on_the_server(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Prefers deliveries on Fridays")
    before = desk.state()
    report = desk.apply(book)
    assert report.is_good
    assert kit.changed(before, desk.state()) == {
        "HURST001/Notes": ("Prefers deliveries on Tuesdays.", "Prefers deliveries on Fridays")
    }


def test_edits_of_a_customer_its_addresses_and_contacts_travel_together(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", DiscountRate=0.0725, StopCredit=True, BankName="Bank of Wade")
    address = book.row("Addresses", CustomerCode="HURST001", AddressType="Shipping")
    book.type("Addresses", address, City="Whangārei", PostalCode="0110")
    contact = book.row("Contacts", CustomerCode="HURST001", FirstName="Harold")
    book.type("Contacts", contact, Notes="Call\nbefore noon", ForShipping=True)
    before = desk.state()
    plan = desk.plan(book)
    report = desk.account.apply(plan)
    assert report.is_good
    moved = kit.changed(before, desk.state())
    assert {path: new for path, (_, new) in moved.items()} == {
        "HURST001/DiscountRate": Decimal("0.0725"),
        "HURST001/StopCredit": True,
        "HURST001/BankName": "Bank of Wade",
        "HURST001/Addresses[1]/City": "Whangārei",
        "HURST001/Addresses[1]/PostalCode": "0110",
        "HURST001/Contacts[0]/Notes": "Call\nbefore noon",
    } | ({"HURST001/Contacts[0]/ForShipping": True} if "HURST001/Contacts[0]/ForShipping" in moved else {})
    assert len(desk.writes()) == 2, "one request for the customer with its addresses, one for the contact"
    assert abs(plan.cost.calls - report.calls) <= 1


def test_the_second_plan_of_an_applied_sheet_is_empty(desk: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="New", Email="harold@example.com")
    book.type("Contacts", book.row("Contacts", CustomerCode="00123", IsDefault=True), MobilePhone="021 555 0199")
    path = book.save()
    assert desk.apply(path).is_good
    again = desk.plan(path)
    assert not again.operations
    assert not again.conflicts
    assert not again.errors


def test_all_awkward_texts_survive_an_edit_of_their_neighbours(desk: Any, kit: Any) -> None:
    """Every customer of the sandbox that can be written at all gets one edit."""
    book = desk.open()
    old = {"LEGACY15", "007/A&B #2"}  # the vendor's rules of today refuse any body with what these hold
    codes = [each["CustomerCode"] for each in desk.sandbox.store.customers() if each["CustomerCode"] not in old]
    for code in codes:
        book.type("Customers", code, BankBranch=f"Branch of {code}")
    before = desk.state()
    report = desk.apply(book)
    assert report.is_good, [outcome.message for outcome in report.failed()]
    moved = kit.changed(before, desk.state())
    assert set(moved) == {f"{code}/BankBranch" for code in codes}
    assert all(new == f"Branch of {path.removesuffix('/BankBranch')}" for path, (_, new) in moved.items())


def test_a_record_that_todays_rules_refuse_is_reported_in_the_servers_words(desk: Any) -> None:
    book = desk.open()
    row = book.row("Customers", CustomerCode="LEGACY15")
    book.type("Customers", row, Notes="Whatever")
    before = desk.state()
    path = book.save()
    checked = desk.account.check(path)
    assert {(issue.code.value, issue.severity.value) for issue in checked.issues} == {("rule", "warning")}
    messages = [issue.message for issue in checked.issues]
    assert "PhoneNumber needs a primary contact, and this customer has none (it was so in the export)" in messages
    report = desk.apply(path)
    (outcome,) = report.outcomes
    assert outcome.status.value == "rejected"
    assert "PhoneNumber requires primary contact details" in outcome.message
    assert desk.state() == before


def test_line_ends_of_an_edited_text_stay_what_they_were(desk: Any) -> None:
    book = desk.open()
    cell = book.cell("Customers", book.row("Customers", CustomerCode="@CMD"), "Notes")
    assert "\r" not in cell.value
    cell.value += "\nFifth line"
    assert desk.apply(book).is_good
    assert (
        desk.customer("@CMD")["Notes"] == 'First line\r\nSecond line\r\n\r\n  -indented, with a "quote"\r\nFifth line'
    )


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_text_files_carry_edits_too(desk: Any, kit: Any, suffix: str) -> None:
    path = desk.export(f"customers.{suffix}")
    text = path.read_bytes().decode("utf-8-sig")
    assert text.count("Hurstmere Hardware Ltd") == 1
    path.write_text(text.replace("Hurstmere Hardware Ltd", "Hurstmere & Söhne"), encoding="utf-8", newline="")
    before = desk.state()
    assert desk.apply(path).is_good
    moved = kit.changed(before, desk.state())
    assert moved == {"HURST001/CustomerName": ("Hurstmere Hardware Ltd", "Hurstmere & Söhne")}


def test_csv_children_stand_in_files_of_their_own(desk: Any, kit: Any) -> None:
    path = desk.export("customers.csv")
    beside = desk.folder / "customers.addresses.csv"
    rows = kit.rows_of(beside)
    next(row for row in rows if row["AddressName"] == "Lager Süd")["City"] = "Bonn"
    kit.write_rows(beside, rows)
    before = desk.state()
    plan = desk.plan(path)
    operation = kit.only_operation(plan)
    assert (operation.entity, operation.target) == ("Addresses", {"City": "Bonn"})
    assert desk.account.apply(plan).is_good
    assert list(kit.changed(before, desk.state())) == ["00123/Addresses[2]/City"]
    rows = kit.rows_of(beside)
    next(row for row in rows if row["AddressName"] == "Lager Süd")["Suburb"] = "Mitte"
    kit.write_rows(beside, rows)
    alone = kit.only_operation(desk.plan(beside))
    assert alone.target == {"Suburb": "Mitte"}


# --- random edits against a model -------------------------------------------------------------------------------------

#: What a person may do to a cell without breaking a rule: column, and the values that a cell may get.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=20
).filter(lambda text: text.strip() == text and text != "[CLEAR]" and not text.startswith("'"))
NUMBERS = st.decimals(min_value=0, max_value=99999, places=4)
FLAGS = st.booleans()
EDITS = {
    "Customers": {
        "CustomerName": TEXTS, "Notes": TEXTS, "BankName": TEXTS, "GSTVATNumber": TEXTS, "DeliveryInstruction": TEXTS,
        "CreditLimit": NUMBERS, "DiscountRate": NUMBERS, "StopCredit": FLAGS, "Taxable": FLAGS, "PrintInvoice": FLAGS,
    },
    "Addresses": {"City": TEXTS, "Suburb": TEXTS, "StreetAddress2": TEXTS, "PostalCode": TEXTS, "IsDefault": FLAGS},
    "Contacts": {"Notes": TEXTS, "OfficePhone": TEXTS, "ForOrdering": FLAGS, "ForInvoicing": FLAGS},
}  # fmt: skip
CLEARABLE = {
    "Notes", "BankName", "GSTVATNumber", "DeliveryInstruction", "CreditLimit", "DiscountRate", "Taxable", "City",
    "Suburb", "OfficePhone",
}  # fmt: skip
UNWRITABLE = ("LEGACY15", "007/A&B #2")


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[str, int, str, Any]]:
    """Some edits: sheet, which of its rows (counted around), column, and the value (None: cleared)."""
    made = []
    for _ in range(draw(st.integers(1, 6))):
        sheet = draw(st.sampled_from(sorted(EDITS)))
        column = draw(st.sampled_from(sorted(EDITS[sheet])))
        clears = column in CLEARABLE and draw(st.booleans())
        made.append((sheet, draw(st.integers(0, 10_000)), column, None if clears else draw(EDITS[sheet][column])))
    return made


@pytest.fixture(scope="module")
def busy(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A desk whose state moves on from example to example."""
    with kit.desk_at(tmp_path_factory.mktemp("busy"), customers=30) as desk:
        yield desk


def expected(state: dict[str, Any], where: tuple[str, str, str], column: str, value: Any) -> None:
    """Do to the model what the edit should do to the server; `where` is sheet, code and Guid."""
    sheet, code, guid = where
    record = state[code]
    if sheet != "Customers":
        record = next(each for each in record[sheet] if each["Guid"] == guid)
    if isinstance(value, Decimal):
        value = value.quantize(Decimal("0.0001"))
    if value is None:  # a cleared field is null, except the one where null means "leave it alone"
        if record[column] in (None, ""):
            return
        value = "" if sheet == "Customers" and column == "DeliveryInstruction" else None
    if isinstance(record[column], Decimal) and isinstance(value, Decimal) and record[column] == value:
        return  # the same number in another spelling is no edit
    record[column] = value


def typed_into_a_workbook(busy: Any, made: list[Any], model: dict[str, Any]) -> Path:
    """Do the edits in a workbook, and to the model."""
    book = busy.open()
    for sheet, number, column, value in made:
        cells = book.book[sheet]
        letters = book.letters(sheet)
        rows = [
            at for at in range(2, cells.max_row + 1) if cells[f"{letters['CustomerCode']}{at}"].value not in UNWRITABLE
        ]
        row = rows[number % len(rows)]
        code, guid = (cells[f"{letters[name]}{row}"].value for name in ("CustomerCode", "Guid"))
        cell = cells[f"{letters[column]}{row}"]
        cell.value = "[CLEAR]" if value is None else value
        cell.data_type = {str: "s", bool: "b", Decimal: "n"}.get(type(value), "s")
        expected(model, (sheet, code, guid), column, value)
    path: Path = book.save()
    return path


def typed_into_json_lines(busy: Any, made: list[Any], model: dict[str, Any]) -> Path:
    """Do the edits in a file of JSON lines, and to the model."""
    path: Path = busy.export("customers.jsonl")
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for sheet, number, column, value in made:
        writable = [record for record in records if record["CustomerCode"] not in UNWRITABLE]
        rows = [
            (record["CustomerCode"], row)
            for record in writable
            for row in ([record] if sheet == "Customers" else record[sheet])
        ]
        code, row = rows[number % len(rows)]
        row[column] = "[CLEAR]" if value is None else value if isinstance(value, bool) else str(value)
        expected(model, (sheet, code, row["Guid"]), column, value)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def hold_to_the_model(busy: Any, kit: Any, path: Path, model: dict[str, Any]) -> None:
    """Plan and apply the file: then the server is what the model says, and there is nothing left to do."""
    plan = busy.plan(path)
    assert not plan.errors, kit.problems(plan)
    report = busy.account.apply(plan)
    assert report.is_good, [outcome.message for outcome in report.failed()]
    assert kit.changed(model, busy.state()) == {}
    assert not busy.plan(path).operations


@settings(max_examples=3, deadline=None)
@given(made=edits())
def test_random_edits_of_a_workbook_make_of_the_server_what_a_model_says(busy: Any, kit: Any, made: list[Any]) -> None:
    model = busy.state()
    hold_to_the_model(busy, kit, typed_into_a_workbook(busy, made, model), model)


@settings(max_examples=12, deadline=None)
@given(made=edits())
def test_random_edits_of_json_lines_make_of_the_server_what_a_model_says(busy: Any, kit: Any, made: list[Any]) -> None:
    model = busy.state()
    hold_to_the_model(busy, kit, typed_into_json_lines(busy, made, model), model)
