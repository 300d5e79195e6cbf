"""What comes back: the user's own file with what became of every row, and the failed rows alone, to be run again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl.styles import Font

from bulkio import Limit, Rails
from bulkio.account import ApplyOptions
from bulkio.sandbox import Fault

RESULTS = ("Import Result", "Import Comment", "Import Id")


def told(book: Any, sheet: str, row: int) -> tuple[Any, ...]:
    return tuple(book.cell(sheet, row, name).value for name in RESULTS)


def apply(desk: Any, source: Any, **options: Any) -> Any:
    """Apply where most of the file changes, and this is meant."""
    rails = Rails(max_changes=Limit.parse("100%"), max_deletes=Limit.parse("100%"))
    return desk.account.apply(desk.plan(source, **options), options=ApplyOptions(rails=rails))


def test_results_stand_in_the_users_own_rows(desk: Any, kit: Any) -> None:
    book = desk.open()
    sheet = book.book["Customers"]
    sheet["H5"].font = Font(bold=True)
    sheet["BJ1"] = "Our remarks"
    sheet["BJ5"] = "=1+1"
    book.type("Customers", "HURST001", Notes="Edited")
    book.type("Customers", "LEGACY15", Notes="Refused")
    added = book.add("Customers", Command="NEW", CustomerCode="MADE1", CustomerName="Made Ltd")
    rows = {code: book.row("Customers", CustomerCode=code) for code in ("HURST001", "LEGACY15", "BAROS002")}
    path = book.save(desk.folder / "work.xlsx")
    before = path.read_bytes()
    report = desk.apply(path)
    assert path.read_bytes() == before, "the user's own file is never written to"
    assert report.files["results"] == str(desk.folder / "work.results.xlsx")
    results = kit.Book(desk.folder / "work.results.xlsx")
    guid = {code: desk.customer(code)["Guid"] for code in ("HURST001", "LEGACY15", "MADE1")}
    assert told(results, "Customers", rows["HURST001"]) == ("OK", "updated", guid["HURST001"])
    assert told(results, "Customers", added) == ("OK", "created", guid["MADE1"])
    assert told(results, "Customers", rows["BAROS002"]) == (None, None, None)
    word, comment, _ = told(results, "Customers", rows["LEGACY15"])
    assert word == "FAILED"
    assert "requires primary contact details" in comment
    paper = [
        results.cell("Customers", rows[code], "Import Result").fill.fgColor.rgb
        for code in ("HURST001", "LEGACY15", "BAROS002")
    ]
    assert paper == ["FFD6EFDA", "FFF5C9C9", "00000000"], "green, red, and nothing to tell"
    same = results.book["Customers"]
    assert [row[1].value for row in same.iter_rows(min_row=2)] == [row[1].value for row in sheet.iter_rows(min_row=2)]
    assert (same["BJ1"].value, same["BJ5"].value, same["H5"].font.b) == ("Our remarks", "=1+1", True)


def test_the_failed_rows_alone_can_be_fixed_and_run_as_they_are(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Fine")
    book.type("Customers", "LEGACY15", Notes="At first refused")
    path = book.save(desk.folder / "work.xlsx")
    report = desk.apply(path)
    assert report.files["failed"] == str(desk.folder / "work.failed.xlsx")
    failed = kit.Book(desk.folder / "work.failed.xlsx")
    assert failed.book["Customers"].max_row == 2
    assert failed.book["Contacts"].max_row == 1
    assert len(list(failed.book["Customers"].conditional_formatting)) == 1, "rows are still coloured by their Command"
    row = failed.row("Customers", CustomerCode="LEGACY15")
    assert failed.cell("Customers", row, "Command").value == "UPDATE"
    failed.type("Customers", row, ContactFirstName="Now", ContactLastName="Named")
    again = desk.apply(failed)
    assert again.is_good, [outcome.message for outcome in again.failed()]
    told_again = kit.Book(desk.folder / "work.failed.results.xlsx").cell("Customers", row, "Import Result")
    assert (told_again.value, told_again.fill.fgColor.rgb) == ("OK", "FFD6EFDA")
    assert desk.customer("LEGACY15")["Notes"] == "At first refused"
    assert "failed" not in again.files


def test_a_refused_new_customer_takes_its_children_along(desk: Any, kit: Any) -> None:
    """The EORI number is fine for us and not for the server, which is told to refuse it."""
    book = desk.open()
    book.add("Customers", Command="NEW", CustomerCode="FAMILY", CustomerName="Family Ltd")
    book.add("Addresses", CustomerCode="FAMILY", AddressType="Shipping", AddressName="Barn")
    book.add("Contacts", CustomerCode="FAMILY", FirstName="Ma", DeliveryAddress="Barn")
    desk.sandbox.faults.add(Fault("400", method="POST", path="/Customers/"))
    report = desk.apply(book.save(desk.folder / "work.xlsx"))
    assert [outcome.status.value for outcome in report.outcomes] == ["rejected", "rejected", "skipped"]
    failed = kit.Book(desk.folder / "work.failed.xlsx")
    assert [failed.book[name].max_row for name in ("Customers", "Addresses", "Contacts")] == [2, 2, 2]
    assert {failed.cell(name, 2, "Command").value for name in ("Customers", "Addresses", "Contacts")} == {"NEW"}
    assert told(failed, "Contacts", 2)[:2] == ("SKIPPED", "'FAMILY' was not created")
    again = desk.apply(failed)
    assert again.is_good, [outcome.message for outcome in again.failed()]
    made = desk.customer("FAMILY")
    assert ([each["AddressName"] for each in made["Addresses"]], [each["FirstName"] for each in made["Contacts"]]) == (
        ["Barn"],
        ["Ma"],
    )


def test_a_sheet_of_another_name_keeps_only_its_failed_rows(desk: Any, kit: Any) -> None:
    book = desk.open()
    for name in ("Addresses", "Contacts"):
        del book.book[name]
    book.type("Customers", "HURST001", Notes="Fine")
    book.type("Customers", "LEGACY15", Notes="Refused")
    book.book["Customers"].title = "CUSTOMERS "
    desk.apply(book.save(desk.folder / "work.xlsx"))
    failed = kit.Book(desk.folder / "work.failed.xlsx")
    assert failed.book["CUSTOMERS "].max_row == 2


def test_csv_results_and_failed_rows(desk: Any, kit: Any) -> None:
    path = desk.export("work.csv")
    rows = kit.rows_of(path)
    for row in rows:
        if row["CustomerCode"] in ("HURST001", "LEGACY15"):
            row["Notes"] = "By CSV"
    kit.write_rows(path, rows)
    report = desk.apply(path)
    results = kit.rows_of(desk.folder / "work.results.csv")
    assert [row["CustomerCode"] for row in results] == [row["CustomerCode"] for row in rows]
    words = {row["CustomerCode"]: row["Import Result"] for row in results if row["Import Result"]}
    assert words == {"HURST001": "OK", "LEGACY15": "FAILED"}
    assert report.files["failed"] == str(desk.folder / "work.failed.csv")
    (failed,) = kit.rows_of(desk.folder / "work.failed.csv")
    assert (failed["CustomerCode"], failed["Command"]) == ("LEGACY15", "UPDATE")
    kit.write_rows(desk.folder / "work.failed.csv", [{**failed, "ContactFirstName": "Now"}])
    assert apply(desk, desk.folder / "work.failed.csv").is_good
    assert desk.customer("LEGACY15")["Notes"] == "By CSV"


def test_failed_csv_children_belong_to_the_failed_customers(desk: Any, kit: Any) -> None:
    path = desk.export("work.csv")
    for name, new in (
        ("work.csv", {"CustomerCode": "FAMILY", "CustomerName": "Family Ltd", "Command": "NEW"}),
        ("work.addresses.csv", {"CustomerCode": "FAMILY", "AddressType": "Shipping", "AddressName": "Barn"}),
        ("work.contacts.csv", {"CustomerCode": "FAMILY", "FirstName": "Ma"}),
    ):
        rows = kit.rows_of(desk.folder / name)
        kit.write_rows(desk.folder / name, [*rows, {**dict.fromkeys(rows[0], ""), **new}])
    desk.sandbox.faults.add(Fault("400", method="POST", path="/Customers/"))
    desk.apply(path)
    assert {each.name for each in desk.folder.glob("work.failed*")} == {
        "work.failed.csv",
        "work.failed.addresses.csv",
        "work.failed.contacts.csv",
    }
    again = apply(desk, desk.folder / "work.failed.csv")
    assert again.is_good, [outcome.message for outcome in again.failed()]
    made = desk.customer("FAMILY")
    assert (len(made["Addresses"]), len(made["Contacts"])) == (1, 1)


def test_json_lines_get_a_table_of_results(desk: Any, kit: Any) -> None:
    path = desk.export("work.jsonl")
    text = path.read_text(encoding="utf-8").replace("Hurstmere Hardware Ltd", "Hurstmere")
    path.write_text(text, encoding="utf-8")
    report = desk.apply(path)
    (row,) = kit.rows_of(Path(report.files["results"]))
    assert (row["Key"], row["Import Result"]) == ("HURST001", "OK")


def test_no_key_is_a_formula_in_the_table_of_results(desk: Any, kit: Any) -> None:
    path = desk.folder / "new.jsonl"
    path.write_text('{"Command": "NEW", "CustomerCode": "=1+1|x", "CustomerName": "Formula"}\n', encoding="utf-8")
    (row,) = kit.rows_of(Path(desk.apply(path).files["results"]))
    assert (row["Key"], row["Import Result"]) == ("'=1+1|x", "OK")


def test_results_can_be_planned_again_and_change_nothing(desk: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Edited")
    desk.apply(book.save(desk.folder / "work.xlsx"))
    plan = desk.plan(desk.folder / "work.results.xlsx")
    assert not plan.operations
    assert plan.issues == ()


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_a_report_is_the_users_file_with_marks(desk: Any, kit: Any, suffix: str) -> None:
    if suffix == "xlsx":
        book = desk.open()
        cell = book.type("Customers", "HURST001", PaymentTerm="never")
        book.save(desk.folder / "work.xlsx")
    else:
        rows = kit.rows_of(desk.export("work.csv"))
        next(row for row in rows if row["CustomerCode"] == "HURST001")["PaymentTerm"] = "never"
        kit.write_rows(desk.folder / "work.csv", rows)
    ran = kit.command("check", f"work.{suffix}", "--report", f"report.{suffix}")
    assert ran.status == 3
    assert f"report: report.{suffix}" in ran.out
    if suffix == "xlsx":
        report = kit.Book(desk.folder / "report.xlsx")
        sheet, _, where = cell.partition("!")
        assert "'never' is not one of the ERP's PaymentTerms" in report.book[sheet][where].comment.text
        row = report.row("Customers", CustomerCode="HURST001")
        assert report.cell("Customers", row, "Import Result").value == "FIX"
    else:
        marked = [row for row in kit.rows_of(desk.folder / "report.csv") if row["Issues"]]
        assert [row["CustomerCode"] for row in marked] == ["HURST001"]
    assert kit.command("check", f"work.{suffix}", "--report", f"work.{suffix}").status == 2
    assert kit.command("check", f"work.{suffix}", "--report", "report.pdf").status == 2
