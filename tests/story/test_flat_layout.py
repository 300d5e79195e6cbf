"""One row a customer, addresses and contacts in slots beside it: as safe as the three sheets."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from jsonschema import Draft202012Validator

from bulkio import Limit, Rails
from bulkio.account import ApplyOptions, open_sandbox
from bulkio.core.options import Blank, Decision, OnConflict, Winner
from bulkio.core.selection import LeftOut
from bulkio.errors import UsageError
from bulkio.sandbox import Fault, SandboxOptions, running
from bulkio.schemas import load
from bulkio.sheets._cells import column_letter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOTHING = {"create": 0, "update": 0, "delete": 0, "conflict": 0, "error": 0, "warning": 0, "emptied_left": 0}


def totals(plan: Any) -> dict[str, int]:
    return {name: count for name, count in plan.summary().items() if name in NOTHING}


def letter_of(book: Any, header: str) -> str:
    letter: str = book.letters("Customers")[header]
    return letter


@pytest.fixture(scope="module")
def library(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """500 awkward customers that are only read."""
    with kit.desk_at(tmp_path_factory.mktemp("library"), customers=500) as desk:
        for suffix in ("xlsx", "csv"):
            desk.export(f"flat.{suffix}", layout="flat")
        yield desk
        assert desk.writes() == []


# --- nothing was edited -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_an_untouched_export_of_500_customers_plans_nothing(library: Any, suffix: str) -> None:
    before = library.account.calls
    plan = library.plan(library.folder / f"flat.{suffix}")
    assert totals(plan) == NOTHING
    assert plan.issues == ()
    assert plan.rows["Customers"] == 500
    assert plan.rows["Contacts"] > 500
    assert library.account.calls == before


def test_a_flat_workbook_is_one_sheet_that_says_how_it_works(library: Any) -> None:
    book = openpyxl.load_workbook(library.folder / "flat.xlsx")
    states = {sheet.title: sheet.sheet_state for sheet in book.worksheets}
    assert states == {"Customers": "visible", "Read me": "visible", "_lists": "hidden", "_bulkio": "veryHidden"}
    assert book["Customers"].max_row == 501
    page = " ".join(str(cell.value) for row in book["Read me"].iter_rows() for cell in row if cell.value)
    assert "Postal, Physical, Shipping 1 to " in page
    assert "Contact 1 to 6" in page
    letters = {cell.value: cell.column_letter for cell in book["Customers"][1]}
    assert book["Customers"].column_dimensions[letters["Contact 1: Guid"]].hidden


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_rows_and_columns_in_another_order_plan_nothing(library: Any, kit: Any, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"flat.{suffix}"
    source = library.folder / f"flat.{suffix}"
    shuffle = random.Random(5).shuffle  # noqa: S311 nothing is kept secret
    if suffix == "csv":
        (tmp_path / "flat.baseline.jsonl.gz").write_bytes((library.folder / "flat.baseline.jsonl.gz").read_bytes())
        rows = kit.rows_of(source)
        names = list(rows[0])
        shuffle(names)
        shuffle(rows)
        kit.write_rows(path, [{name: row[name] for name in names} for row in rows])
    else:
        book = openpyxl.load_workbook(source)
        cells = book["Customers"]
        table = [[(cell.value, cell.data_type) for cell in row] for row in cells.iter_rows()]
        order = list(range(len(table[0])))
        shuffle(order)
        body = table[1:]
        shuffle(body)
        for at, row in enumerate([table[0], *body], start=1):
            for to, origin in enumerate(order, start=1):
                cell = cells.cell(row=at, column=to)
                cell.value, cell.data_type = row[origin]
        book.save(path)
    assert totals(library.plan(path)) == NOTHING


def test_columns_that_one_slot_lacks_are_not_emptied_cells(library: Any, kit: Any, tmp_path: Path) -> None:
    rows = kit.rows_of(library.folder / "flat.csv")
    (tmp_path / "flat.baseline.jsonl.gz").write_bytes((library.folder / "flat.baseline.jsonl.gz").read_bytes())
    gone = {"Contact 1: FirstName", "Shipping 1: City", "Physical: Guid", "Contact 2: IsDefault"}
    kit.write_rows(tmp_path / "flat.csv", [{n: v for n, v in row.items() if n not in gone} for row in rows])
    assert totals(library.plan(tmp_path / "flat.csv")) == NOTHING
    assert totals(library.plan(tmp_path / "flat.csv", blank=Blank.CLEAR)) == NOTHING


# --- what has no slot -------------------------------------------------------------------------------------------------


def test_what_has_no_slot_is_named_and_no_edit_touches_it(desk: Any, kit: Any) -> None:
    result = desk.account.export(desk.folder / "flat.xlsx", layout="flat", slots=2)
    (note,) = result.notes
    assert "PACIF006 (Contact +128)" in note
    assert "00123 (Shipping +1, Contact +1)" in note
    assert "WADE013 (Postal +2)" in note
    book = kit.Book(desk.folder / "flat.xlsx")
    row = book.row("Customers", CustomerCode="00123")
    assert book.cell("Customers", row, "Not Shown").value == "Shipping +1, Contact +1"
    book.type("Customers", row, **{"Shipping 2: City": "Bonn", "Contact 2: Notes": "Call first"})
    before = desk.state()
    plan = desk.plan(book)
    assert [(o.entity, o.slot, o.row, o.target) for o in plan.operations] == [
        ("Addresses", "Shipping 2", row, {"City": "Bonn"}),
        ("Contacts", "Contact 2", row, {"Notes": "Call first"}),
    ]
    assert desk.account.apply(plan).is_good
    moved = kit.changed(before, desk.state())
    assert [path for path in moved if "Contacts" not in path] == ["00123/Addresses[3]/City"]
    assert [path.rpartition("/")[2] for path in moved if "Contacts" in path] == ["Notes"]
    assert len(desk.customer("00123")["Addresses"]) == 5


# --- edits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_an_empty_slot_that_is_filled_in_is_a_new_one(desk: Any, kit: Any, suffix: str) -> None:
    path = desk.export(f"flat.{suffix}", layout="flat", contacts="primary")
    new = {"Shipping 2: AddressName": "Barn", "Shipping 2: City": "Bonn", "Contact 2: FirstName": "Ann"}
    if suffix == "xlsx":
        book = kit.Book(path)
        book.type("Customers", "HURST001", **new)
        book.save()
    else:
        rows = kit.rows_of(path)
        next(row for row in rows if row["CustomerCode"] == "HURST001").update(new)
        kit.write_rows(path, rows)
    before = desk.customer("HURST001")
    plan = desk.plan(path)
    assert [(o.action.value, o.slot) for o in plan.operations] == [("create", "Shipping 2"), ("create", "Contact 2")]
    report = desk.account.apply(plan)
    assert report.is_good, report.failed()
    after = desk.customer("HURST001")
    assert [each["AddressName"] for each in after["Addresses"]] == [
        *(each["AddressName"] for each in before["Addresses"]),
        "Barn",
    ]
    assert (after["Addresses"][-1]["AddressType"], after["Contacts"][-1]["FirstName"]) == ("Shipping", "Ann")
    assert not desk.plan(path).operations, "found by their names, they are not made again"
    results = desk.folder / f"flat.results.{suffix}"
    assert not desk.plan(results).operations
    if suffix == "xlsx":
        book = kit.Book(results)
        book.type("Customers", "HURST001", **{"Contact 2: FirstName": "Anna"})
        book.save()
    else:
        rows = kit.rows_of(results)
        next(row for row in rows if row["CustomerCode"] == "HURST001")["Contact 2: FirstName"] = "Anna"
        kit.write_rows(results, rows)
    renamed = kit.only_operation(desk.plan(results))
    assert (renamed.guid, renamed.target) == (after["Contacts"][-1]["Guid"], {"FirstName": "Anna"})


def test_a_new_customer_takes_what_is_in_its_slots_along(desk: Any) -> None:
    path = desk.folder / "new.xlsx"
    desk.account.template(path, layout="flat")
    book = openpyxl.load_workbook(path)
    letters = {cell.value: cell.column_letter for cell in book["Customers"][1]}
    typed = {
        "Command": "NEW", "CustomerCode": "FAMILY", "CustomerName": "Family Ltd", "Postal: City": "Bonn",
        "Shipping 3: AddressName": "Barn", "Contact 1: FirstName": "Ma", "Contact 1: DeliveryAddress": "Barn",
    }  # fmt: skip
    for name, value in typed.items():
        book["Customers"][f"{letters[name]}2"] = value
    book.save(path)
    report = desk.apply(path)
    assert report.is_good, report.failed()
    made = desk.customer("FAMILY")
    assert [(each["AddressType"], each["City"], each["AddressName"]) for each in made["Addresses"]] == [
        ("Postal", "Bonn", None),
        ("Shipping", None, "Barn"),
    ]
    assert [each["FirstName"] for each in made["Contacts"]] == ["Ma"]


def test_a_hand_made_file_finds_children_by_their_names(desk: Any, kit: Any) -> None:
    address = desk.customer("HURST001")["Addresses"][1]
    kit.write_rows(
        desk.folder / "mine.csv",
        [{"customer code": "HURST001", "shipping: address name": address["AddressName"], "SHIPPING: City": "Bonn"}],
    )
    operation = kit.only_operation(desk.plan(desk.folder / "mine.csv"))
    assert (operation.guid, operation.target) == (address["Guid"], {"City": "Bonn"})


@pytest.mark.parametrize(("command", "expected"), [("IGNORE", []), ("DELETE", [("Customers", "delete")])])
def test_the_command_is_the_customers(desk: Any, command: str, expected: list[tuple[str, str]]) -> None:
    book = desk.open(layout="flat")
    book.type("Customers", "HURST001", **{"Command": command, "Shipping 1: City": "Bonn", "Contact 2: FirstName": "A"})
    plan = desk.plan(book, allow_delete=True)
    assert [(each.entity, each.action.value) for each in plan.operations] == expected
    assert not plan.errors


def test_an_emptied_slot_is_left_alone_and_named(desk: Any, kit: Any) -> None:
    book = desk.open(layout="flat")
    row = book.row("Customers", CustomerCode="HURST001")
    filled = [
        header
        for header in book.letters("Customers")
        if header.startswith("Shipping 1: ") and book.cell("Customers", row, header).value is not None
    ]
    for header in filled:
        if not header.endswith(("Guid", "LastModifiedOn")):
            book.cell("Customers", row, header).value = None
    plan = desk.plan(book)
    assert not plan.operations
    assert plan.emptied_left == len(filled) - 2
    letters = book.letters("Customers")
    assert {(issue.code.value, issue.cell) for issue in plan.issues} == {
        ("emptied", f"{letters[header]}{row}") for header in filled if not header.endswith(("Guid", "LastModifiedOn"))
    }
    cleared = kit.only_operation(desk.plan(book, blank=Blank.CLEAR))
    assert (cleared.entity, cleared.slot, set(cleared.target.values())) == ("Addresses", "Shipping 1", {""})


def test_a_slot_that_is_gone_with_its_id_is_no_delete(desk: Any) -> None:
    book = desk.open(layout="flat")
    row = book.row("Customers", CustomerCode="HURST001")
    for header in book.letters("Customers"):
        if header.startswith("Shipping 1: "):
            book.cell("Customers", row, header).value = None
    plan = desk.plan(book, blank=Blank.CLEAR)
    assert totals(plan) == NOTHING


# --- mistakes ---------------------------------------------------------------------------------------------------------


def test_every_mistake_names_its_real_cell(desk: Any, kit: Any) -> None:
    book = desk.open(layout="flat")
    row = book.row("Customers", CustomerCode="HURST001")
    first = book.cell("Customers", row, "Contact 1: FirstName").value
    book.type(
        "Customers",
        row,
        **{
            "Shipping 1: City": "x" * 501,
            "Shipping 1: IsDefault": "maybe",
            "Contact 1: EmailAddress": "nobody",
            "Contact 2: MobilePhone": "021",
            "Contact 3: DeliveryAddress": "nowhere",
            "Contact 3: FirstName": first,
        },
    )
    letters = book.letters("Customers")
    found = {(code, where) for code, where, _ in kit.problems(desk.plan(book))}
    assert found == {
        ("too-long", f"Customers!{letters['Shipping 1: City']}{row}"),
        ("not-boolean", f"Customers!{letters['Shipping 1: IsDefault']}{row}"),
        ("bad-format", f"Customers!{letters['Contact 1: EmailAddress']}{row}"),
        ("rule", f"Customers!{letters['Contact 2: FirstName']}{row}"),
        ("rule", f"Customers!{letters['Contact 3: DeliveryAddress']}{row}"),
    }


def test_two_contacts_of_one_name_are_told_with_their_slots(desk: Any, kit: Any) -> None:
    book = desk.open(layout="flat")
    row = book.row("Customers", CustomerCode="HURST001")
    book.type("Customers", row, **{"Contact 2: FirstName": "Ann", "Contact 3: FirstName": "Ann"})
    letters = book.letters("Customers")
    problems = kit.problems(desk.plan(book))
    text = f"rows {row} (Contact 2) and {row} (Contact 3) are the same contact ('HURST001 / Ann')"
    duplicates = [(where, message) for code, where, message in problems if code == "duplicate-row"]
    assert [where for where, _ in duplicates] == [
        f"Customers!{letters['Contact 2: FirstName']}{row}",
        f"Customers!{letters['Contact 3: FirstName']}{row}",
    ]
    assert all(message.startswith(text) for _, message in duplicates)


def test_a_slot_whose_id_is_gone_and_whose_name_changed_is_not_guessed_at(desk: Any, kit: Any) -> None:
    book = desk.open(layout="flat")
    row = book.row("Customers", CustomerCode="HURST001")
    cell = book.cell("Customers", row, "Contact 1: Guid")
    guid, cell.value = cell.value, None
    assert totals(desk.plan(book)) == NOTHING, "its name says whose it is"
    book.type("Customers", row, **{"Contact 1: FirstName": "Henrietta"})
    ((code, where, text),) = kit.problems(desk.plan(book))
    assert (code, where) == ("ambiguous", f"Customers!{cell.coordinate}")
    assert f"write {guid} into Contact 1: Guid" in text


def test_a_contact_of_another_customer_is_not_taken_over(desk: Any, kit: Any) -> None:
    book = desk.open(layout="flat")
    other = book.row("Customers", CustomerCode="BAROS002")
    guid = book.cell("Customers", other, "Contact 1: Guid").value
    for header in book.letters("Customers"):
        if header.startswith("Contact 1: "):
            book.cell("Customers", other, header).value = None
    row = book.row("Customers", CustomerCode="HURST001")
    where = book.type("Customers", row, **{"Contact 2: FirstName": "Ann", "Contact 2: Guid": guid})
    problems = kit.problems(desk.plan(book))
    assert ("create-only", where) in [(code, cell) for code, cell, _ in problems]
    assert "this contact is of 'BAROS002', and the row is of 'HURST001'" in problems[0][2]


def test_a_code_that_lost_its_zeros_is_restored_once_for_the_whole_row(desk: Any, kit: Any) -> None:
    path = desk.export("flat.csv", layout="flat")
    rows = kit.rows_of(path)
    row = next(row for row in rows if row["CustomerCode"] == "00123")
    row.update({"CustomerCode": "123", "Shipping 1: City": "Bonn", "Contact 4: FirstName": "Ann"})
    kit.write_rows(path, rows)
    plan = desk.plan(path)
    assert [issue.code.value for issue in plan.issues] == ["restored"]
    assert [(each.key.split(" / ")[0], each.slot) for each in plan.operations] == [
        ("00123", "Shipping 1"),
        ("00123", "Contact 4"),
    ]


def test_a_file_that_mixes_the_layouts_is_refused(desk: Any, kit: Any) -> None:
    sheets = desk.open("sheets.xlsx")
    flat = desk.open("flat.xlsx", layout="flat")
    copied = flat.book.create_sheet("Addresses")
    for row in sheets.book["Addresses"].iter_rows(values_only=True):
        copied.append(row)
    problems = kit.problems(desk.plan(flat))
    assert [code for code, _, _ in problems] == ["mixed-layout"]
    assert "Delete these columns, or Addresses" in problems[0][2]


def test_a_flat_csv_export_does_not_leave_the_childrens_files_beside_it(desk: Any) -> None:
    desk.export("customers.csv")
    result = desk.account.export(desk.folder / "customers.csv", layout="flat")
    assert "customers.contacts.csv was of an earlier export" in " ".join(result.notes)
    assert sorted(each.name for each in desk.folder.glob("customers*.csv")) == [
        "customers.addresses.earlier.csv",
        "customers.contacts.earlier.csv",
        "customers.csv",
    ]
    assert totals(desk.plan(desk.folder / "customers.csv")) == NOTHING


# --- conflicts, explanations, reports, results ------------------------------------------------------------------------


def test_a_conflict_names_the_slot(desk: Any, kit: Any) -> None:
    mine = desk.open("mine.xlsx", layout="flat")
    theirs = desk.open("theirs.xlsx")
    guid = mine.cell("Customers", mine.row("Customers", CustomerCode="HURST001"), "Shipping 1: Guid").value
    theirs.type("Addresses", theirs.row("Addresses", Guid=guid), City="Paris")
    assert desk.apply(theirs).is_good
    mine.type("Customers", "HURST001", **{"Shipping 1: City": "Bonn", "CustomerName": "Hurstmere"})
    plan = desk.plan(mine)
    conflict = kit.only_conflict(plan)
    assert (conflict.slot, conflict.field, conflict.live) == ("Shipping 1", "City", "Paris")
    assert type(conflict).from_dict(conflict.to_dict()) == conflict
    Draft202012Validator(load("bulkio.plan/1")).validate(plan.to_dict())
    ran = kit.command("plan", mine.path)
    assert f"conflict  Customers row {conflict.row}, Shipping 1  HURST001 / Shipping / Main Warehouse  City" in ran.out
    skipping = desk.plan(mine, on_conflict=OnConflict.SKIP)
    report = desk.account.apply(skipping)
    assert report.is_good
    results = kit.Book(desk.folder / "mine.results.xlsx")
    row = results.row("Customers", CustomerCode="HURST001")
    assert results.cell("Customers", row, "Import Result").value == "CONFLICT"
    assert results.cell("Customers", row, "Import Comment").value.startswith(
        "updated; Shipping 1: left out; Shipping 1: City: exported "
    )


def test_one_slot_can_be_left_out_or_decided_without_its_neighbours(desk: Any, kit: Any) -> None:
    """What the page in the browser asks for."""
    book = desk.open(layout="flat")
    book.type("Customers", "00123", **{"Shipping 1: City": "Bonn", "Shipping 2: City": "Bonn"})
    plan = desk.plan(book)
    first, second = plan.operations
    assert (first.part, second.part) == ("Customers: Shipping 1", "Customers: Shipping 2")
    rest = desk.account.leave_out(plan, LeftOut(rows=frozenset({(first.part, first.row)})))
    assert [each.slot for each in rest.operations] == ["Shipping 2"]
    theirs = desk.open("theirs.xlsx")
    for each in (first, second):
        theirs.type("Addresses", theirs.row("Addresses", Guid=each.guid), City="Paris")
    assert desk.apply(theirs).is_good
    decisions = {(first.part, first.row, "City"): Decision("Paris", Winner.SHEET)}
    again = desk.plan(book, decisions=decisions)
    assert [(each.slot, each.target) for each in again.operations] == [("Shipping 1", {"City": "Bonn"})]
    assert kit.only_conflict(again).slot == "Shipping 2"


def test_a_formula_in_a_slot_is_named_where_it_stands(desk: Any, kit: Any) -> None:
    book = desk.open(layout="flat")
    cell = book.cell("Customers", book.row("Customers", CustomerCode="HURST001"), "Contact 1: Notes")
    cell.value = "=1+1"
    ((code, where, _),) = kit.problems(desk.plan(book))
    assert (code, where) == ("uncached-formula", f"Customers!{cell.coordinate}")


def test_a_hand_made_slot_is_not_the_record_that_another_slot_names_by_its_id(desk: Any, kit: Any) -> None:
    contact = desk.customer("HURST001")["Contacts"][0]
    named = {name: contact[name] for name in ("FirstName", "LastName", "EmailAddress")}
    row = {"CustomerCode": "HURST001", "Contact 1: Guid": contact["Guid"], "Contact 1: Notes": "by its id"}
    row |= {f"Contact 2: {name}": value for name, value in named.items()} | {"Contact 2: Notes": "by its name"}
    kit.write_rows(desk.folder / "mine.csv", [row])
    plan = desk.plan(desk.folder / "mine.csv")
    assert [(code, where) for code, where, _ in kit.problems(plan)] == [
        ("duplicate-row", "Customers row 2"),
        ("duplicate-row", "Customers!D2"),
    ]
    assert not [each for each in plan.operations if each.action.value == "create"]


def test_a_cell_of_a_slot_can_be_explained(desk: Any) -> None:
    book = desk.open(layout="flat")
    where = book.type("Customers", "HURST001", **{"Shipping 1: City": "Bonn"})
    path = book.save()
    found = desk.account.explain(path, where)
    assert (found.field, found.record, found.read) == ("City", "HURST001 / Shipping / Main Warehouse", "Bonn")
    assert (found.live, found.sent) == (found.base, "'Bonn'")
    empty = letter_of(book, "Shipping 3: City")
    with pytest.raises(UsageError, match="this slot is blank"):
        desk.account.explain(path, f"{empty}{book.row('Customers', CustomerCode='HURST001')}", ask_erp=False)


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_a_report_marks_the_real_cells(desk: Any, kit: Any, suffix: str) -> None:
    path = desk.export(f"flat.{suffix}", layout="flat", contacts="primary")
    if suffix == "xlsx":
        book = kit.Book(path)
        where = book.type("Customers", "HURST001", **{"Contact 2: EmailAddress": "nobody"})
        book.save()
    else:
        rows = kit.rows_of(path)
        next(row for row in rows if row["CustomerCode"] == "HURST001")["Contact 2: EmailAddress"] = "nobody"
        kit.write_rows(path, rows)
    assert kit.command("check", path, "--report", desk.folder / f"report.{suffix}").status == 3
    if suffix == "xlsx":
        report = kit.Book(desk.folder / "report.xlsx")
        assert "not an e-mail address" in report.book["Customers"][where.partition("!")[2]].comment.text
    else:
        (marked,) = [row for row in kit.rows_of(desk.folder / "report.csv") if row["Issues"]]
        assert (marked["CustomerCode"], marked["Import Result"]) == ("HURST001", "FIX")


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_a_rows_result_is_the_worst_of_its_records_and_can_be_run_again(desk: Any, kit: Any, suffix: str) -> None:
    path = desk.export(f"flat.{suffix}", layout="flat", contacts="primary")
    edits = {
        "HURST001": {"Notes": "Fine", "Contact 2: FirstName": "Ann"},
        "BAROS002": {"Shipping 1: City": "Bonn", "Contact 1: Notes": "Fine"},
    }
    if suffix == "xlsx":
        book = kit.Book(path)
        for code, cells in edits.items():
            book.type("Customers", code, **cells)
        book.save()
    else:
        rows = kit.rows_of(path)
        for row in rows:
            row.update(edits.get(row["CustomerCode"], {}))
        kit.write_rows(path, rows)
    guid = desk.customer("HURST001")["Guid"]
    desk.sandbox.faults.add(Fault("400", method="POST", path="/Contacts"))
    report = desk.apply(path)
    told = _told(kit, desk.folder / f"flat.results.{suffix}")
    assert set(told) == {"HURST001", "BAROS002"}
    word, comment, identity = told["HURST001"]
    assert (word, identity) == ("FAILED", guid)
    assert comment.startswith("updated; Contact 2: FAILED; ")
    assert told["BAROS002"][:2] == ("OK", "Shipping 1: updated; Contact 1: updated")
    failed = desk.folder / f"flat.failed.{suffix}"
    assert report.files["failed"] == str(failed)
    assert list(_told(kit, failed)) == ["HURST001"]
    again = desk.account.apply(desk.plan(failed), options=ApplyOptions(rails=Rails(max_changes=Limit.parse("100%"))))
    assert again.is_good, [outcome.message for outcome in again.failed()]
    assert [outcome.status.value for outcome in again.outcomes] == ["verified"]
    assert [each["FirstName"] for each in desk.customer("HURST001")["Contacts"]].count("Ann") == 1


def _told(kit: Any, path: Path) -> dict[str, tuple[str, str, str]]:
    """The results by customer, where there are any."""
    names = ("Import Result", "Import Comment", "Import Id")
    if path.suffix == ".csv":
        rows = [(row["CustomerCode"], *(row[name] for name in names)) for row in kit.rows_of(path)]
    else:
        book = kit.Book(path)
        rows = [
            tuple(book.cell("Customers", row, name).value for name in ("CustomerCode", *names))
            for row in range(2, book.book["Customers"].max_row + 1)
        ]
    return {code: (word, comment, identity) for code, word, comment, identity in rows if word}


def test_a_refused_new_customer_is_new_again_with_all_its_slots(desk: Any, kit: Any) -> None:
    book = desk.open(layout="flat")
    book.add("Customers", **{"Command": "NEW", "CustomerCode": "FAMILY", "CustomerName": "Family Ltd",
                             "Shipping 1: AddressName": "Barn", "Contact 1: FirstName": "Ma"})  # fmt: skip
    desk.sandbox.faults.add(Fault("400", method="POST", path="/Customers/"))
    report = desk.apply(book)
    assert [outcome.status.value for outcome in report.outcomes] == ["rejected", "rejected", "skipped"]
    failed = kit.Book(desk.folder / "customers.failed.xlsx")
    assert failed.book["Customers"].max_row == 2
    assert failed.cell("Customers", 2, "Command").value == "NEW"
    assert desk.apply(failed).is_good
    assert len(desk.customer("FAMILY")["Contacts"]) == 1


# --- an ERP with other slots, that makes the ids itself ---------------------------------------------------------------


def test_xentrals_deliveries_and_contacts_stand_in_slots_too(tmp_path: Path, kit: Any) -> None:
    options = SandboxOptions(customers=5)
    with running(options) as sandbox, open_sandbox(sandbox.url, state_dir=tmp_path / "s", erp="xentral") as account:
        path = tmp_path / "flat.csv"
        account.export(path, layout="flat")
        assert totals(account.plan(path)) == NOTHING
        rows = kit.rows_of(path)
        at = next(at for at, row in enumerate(rows) if row["Delivery 1: city"])
        rows[at] |= {"Delivery 1: city": "Bonn"}
        place = {"street": "Hafenstraße 2", "zipCode": "86150", "city": "Augsburg", "country": "DE"}
        new = {"Command": "NEW", "number": "77001", "primaryAddress.name": "Family", "Contact 1: name": "Ma"}
        for name, value in place.items():
            new |= {f"primaryAddress.{name}": value, f"Delivery 1: {name}": value}
        rows.append({**dict.fromkeys(rows[0], ""), **new})
        kit.write_rows(path, rows)
        ((code, where, _),) = kit.problems(account.plan(path))
        letter = column_letter(list(rows[0]).index("Delivery 1: name") + 1)
        assert (code, where.rstrip("0123456789")) == ("required", f"Customers!{letter}")
        rows[-1]["Delivery 1: name"] = "Barn"
        kit.write_rows(path, rows)
        plan = account.plan(path)
        assert [(each.action.value, each.slot) for each in plan.operations] == [
            ("create", ""), ("update", "Delivery 1"), ("create", "Delivery 1"), ("create", "Contact 1"),
        ]  # fmt: skip
        report = account.apply(plan, options=ApplyOptions(rails=Rails(max_changes=Limit.parse("100%"))))
        assert report.is_good, report.failed()
        told = kit.rows_of(tmp_path / "flat.results.csv")[-1]
        assert (told["Command"], told["Import Result"]) == ("UPDATE", "OK")
        assert told["Import Comment"].startswith("created; Delivery 1: created ")
        assert totals(account.plan(tmp_path / "flat.results.csv")) == NOTHING


# --- the command line -------------------------------------------------------------------------------------------------


def test_the_flags_of_the_command_line(desk: Any, kit: Any) -> None:
    ran = kit.command("export", "flat.xlsx", "--layout", "flat", "--slots", "2", "--contacts", "none")
    assert ran.status == 0
    assert "note: 2 customers have more addresses or contacts than slots, see the column Not Shown: " in ran.err
    letters = kit.Book(desk.folder / "flat.xlsx").letters("Customers")
    assert "Shipping 2: City" in letters
    assert not [header for header in letters if header.startswith(("Shipping 3", "Contact "))]
    ran = kit.command("export", "-", "--format", "csv", "--layout", "flat", "--contacts", "primary")
    assert '"Contact 1: FirstName"' in ran.out or ",Contact 1: FirstName," in ran.out
    ran = kit.command("export", "flat.jsonl", "--layout", "flat")
    assert (ran.status, "Use --layout flat with .xlsx or .csv." in ran.err) == (2, True)
    ran = kit.command("export", "sheets.xlsx", "--slots", "2")
    assert (ran.status, "only a flat layout has slots" in ran.err) == (2, True)
    assert kit.command("template", "new.csv", "--layout", "flat").status == 0
    assert [each.name for each in desk.folder.glob("new*")] == ["new.csv"]
