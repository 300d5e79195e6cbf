"""After an apply the same workbook is edited and applied again, and what colleagues did stays what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bulkio import OnConflict
from bulkio.sandbox import Fault


def notices(plan: Any, code: str) -> list[str]:
    return [issue.message for issue in plan.issues if issue.code.value == code]


@pytest.fixture
def applied(desk: Any) -> Any:
    """A workbook whose one edit was applied."""
    book = desk.open()
    book.type("Customers", "HURST001", Notes="First")
    assert desk.apply(book).is_good
    return book


def test_the_same_cell_can_be_edited_again_in_the_same_workbook(desk: Any, kit: Any, applied: Any) -> None:
    applied.type("Customers", "HURST001", Notes="Second")
    (change,) = kit.only_operation(desk.plan(applied)).changes
    assert (change.before, change.after) == ("First", "Second")
    assert desk.apply(applied).is_good
    applied.type("Customers", "HURST001", Notes="Third")
    assert desk.apply(applied).is_good
    assert desk.customer("HURST001")["Notes"] == "Third"


def test_a_colleagues_edit_after_our_own_is_a_conflict(desk: Any, kit: Any, applied: Any) -> None:
    desk.sandbox.store.edit("HURST001", Notes="Colleague's")
    applied.type("Customers", "HURST001", Notes="Second")
    conflict = kit.only_conflict(desk.plan(applied))
    assert (conflict.sheet_value, conflict.live) == ("Second", "Colleague's")


def test_what_we_wrote_before_our_last_write_counts_no_more(desk: Any, kit: Any, applied: Any) -> None:
    applied.type("Customers", "HURST001", Notes="Second")
    assert desk.apply(applied).is_good
    desk.sandbox.store.edit("HURST001", Notes="First")  # a colleague who did not like the second
    applied.type("Customers", "HURST001", Notes="Third")
    assert kit.only_conflict(desk.plan(applied)).live == "First"


def test_what_was_applied_from_a_colleagues_copy_of_the_export_is_a_conflict(desk: Any, kit: Any) -> None:
    path = desk.export(contacts="primary")
    theirs = kit.Book(path)
    theirs.path = desk.folder / "mailed.xlsx"
    theirs.type("Customers", "HURST001", Notes="Theirs")
    assert desk.apply(theirs).is_good
    mine = kit.Book(path)
    mine.type("Customers", "HURST001", Notes="Mine")
    assert kit.only_conflict(desk.plan(mine)).live == "Theirs"


def test_an_undone_edit_can_be_made_again(desk: Any, applied: Any) -> None:
    (record,) = desk.account.runs()
    assert desk.account.apply(desk.account.undo(record.run_id)).is_good
    assert desk.customer("HURST001")["Notes"] == "Prefers deliveries on Tuesdays."
    assert desk.apply(applied).is_good
    assert desk.customer("HURST001")["Notes"] == "First"


def test_a_second_edit_that_was_undone_leaves_the_first_as_our_own(desk: Any, applied: Any) -> None:
    applied.type("Customers", "HURST001", Notes="Second")
    report = desk.apply(applied)
    assert desk.account.apply(desk.account.undo(report.run_id)).is_good
    assert desk.customer("HURST001")["Notes"] == "First"
    applied.type("Customers", "HURST001", Notes="Third")
    assert desk.apply(applied).is_good


def test_a_cell_that_is_as_exported_again_is_left_alone_and_named(desk: Any, applied: Any) -> None:
    """Typed again, or an older copy in the file's place: that cannot be told."""
    applied.type("Customers", "HURST001", Notes="Prefers deliveries on Tuesdays.")
    plan = desk.plan(applied)
    assert not plan.operations
    assert notices(plan, "set-back") == [
        "the cell is as exported, though an earlier run of this file changed it; left alone"
    ]


def test_a_follower_of_an_edit_is_not_taken_for_a_cell_that_was_set_back(desk: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", PaymentTerm="14 Days", Currency__CurrencyCode="USD")
    assert desk.apply(book).is_good
    assert not desk.plan(book).issues
    results = desk.plan(desk.folder / "customers.results.xlsx")
    assert (results.operations, results.issues) == ((), ())


def test_new_rows_may_stay_in_the_workbook(desk: Any, kit: Any) -> None:
    book = desk.open()
    row = book.add("Customers", Command="NEW", CustomerCode="MADE1", CustomerName="Made Ltd")
    book.add("Addresses", CustomerCode="MADE1", AddressType="Shipping", AddressName="Barn")
    assert desk.apply(book).is_good
    assert not desk.plan(book).errors
    assert not desk.plan(book).operations
    book.type("Customers", row, CustomerName="Made & Sons")
    desk.sandbox.store.edit("MADE1", Notes="Colleague's")
    assert desk.apply(book).is_good
    made = desk.customer("MADE1")
    assert (made["CustomerName"], made["Notes"]) == ("Made & Sons", "Colleague's")
    desk.sandbox.store.edit("MADE1", CustomerName="Theirs")
    assert not desk.plan(book).operations, "the row is as it was applied"
    book.type("Customers", row, CustomerName="Made & Daughters")
    assert kit.only_conflict(desk.plan(book)).live == "Theirs"


def test_a_new_row_of_a_record_that_somebody_else_created_is_an_error_as_ever(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.add("Customers", Command="NEW", CustomerCode="MADE1", CustomerName="Made Ltd")
    assert desk.apply(book).is_good
    other = desk.open("other.xlsx")
    row = other.row("Customers", CustomerCode="MADE1")
    other.book["Customers"].delete_rows(row)
    other.add("Customers", Command="NEW", CustomerCode="MADE1", CustomerName="Mine")
    assert [code for code, _, _ in kit.problems(desk.plan(other))] == ["exists"]


# --- the copy with results --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_the_copy_with_results_can_be_edited_and_planned_again(desk: Any, kit: Any, suffix: str) -> None:
    if suffix == "xlsx":
        book = desk.open()
        book.type("Customers", "HURST001", Notes="First")
        assert desk.apply(book).is_good
        results = kit.Book(desk.folder / "customers.results.xlsx")
        results.type("Customers", "HURST001", Notes="Prefers deliveries on Tuesdays.")
        path = results.save()
    else:
        path = desk.export("customers.csv")
        rows = kit.rows_of(path)
        mine = next(row for row in rows if row["CustomerCode"] == "HURST001")
        mine["Notes"] = "First"
        kit.write_rows(path, rows)
        assert desk.apply(path).is_good
        path = desk.folder / "customers.results.csv"
        rows = kit.rows_of(path)
        next(row for row in rows if row["CustomerCode"] == "HURST001")["Notes"] = "Prefers deliveries on Tuesdays."
        kit.write_rows(path, rows)
    (change,) = kit.only_operation(desk.plan(path)).changes
    assert (change.before, change.after) == ("First", "Prefers deliveries on Tuesdays.")
    desk.sandbox.store.edit("HURST001", Notes="Colleague's")
    conflict = kit.only_conflict(desk.plan(path))
    assert (conflict.base, conflict.live) == ("First", "Colleague's")


def test_in_the_copy_with_results_what_was_created_is_no_longer_new(desk: Any, kit: Any) -> None:
    book = desk.open()
    row = book.add("Customers", Command="NEW", CustomerCode="MADE1", CustomerName="Made Ltd")
    contact = book.row("Contacts", CustomerCode="HURST001", IsDefault=True)
    book.type("Contacts", contact, Command="DELETE")
    ignored = book.type("Customers", "BAROS002", Command="IGNORE")
    assert desk.apply(book, allow_delete=True).is_good
    results = kit.Book(desk.folder / "customers.results.xlsx")
    assert results.cell("Customers", row, "Command").value == "UPDATE"
    assert results.cell("Contacts", contact, "Command").value == "IGNORE"
    assert results.book["Customers"][ignored.partition("!")[2]].value == "IGNORE"
    assert not desk.plan(results).operations
    results.type("Customers", row, CustomerName="Made & Sons")
    assert kit.only_operation(desk.plan(results)).target == {"CustomerName": "Made & Sons"}
    desk.sandbox.store.edit("MADE1", CustomerName="Theirs")
    assert kit.only_conflict(desk.plan(results)).base == "Made Ltd"


def test_cleared_cells_stay_cleared_in_the_copy_with_results(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="[CLEAR]")
    assert desk.apply(book).is_good
    plan = desk.plan(desk.folder / "customers.results.xlsx")
    assert (plan.operations, plan.conflicts) == ((), ())
    results = kit.Book(desk.folder / "customers.results.xlsx")
    results.type("Customers", "HURST001", Notes="Again")
    assert kit.only_operation(desk.plan(results)).target == {"Notes": "Again"}


def test_rows_that_did_not_go_through_keep_their_base(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Fine")
    book.type("Customers", "LEGACY15", Notes="Refused")
    desk.apply(book)
    plan = desk.plan(desk.folder / "customers.results.xlsx")
    assert kit.updates(plan) == {"LEGACY15": {"Notes": "Refused"}}


def test_edits_in_an_earlier_copy_with_results_are_kept(desk: Any, kit: Any, applied: Any) -> None:
    results = kit.Book(desk.folder / "customers.results.xlsx")
    results.type("Customers", "HURST001", Notes="Not yet applied")
    results.save()
    applied.type("Customers", "HURST001", Notes="Second")
    report = desk.apply(applied)
    kept = kit.Book(Path(report.files["kept"]))
    row = kept.row("Customers", CustomerCode="HURST001")
    assert kept.path.name == "customers.results.earlier.xlsx"
    assert kept.cell("Customers", row, "Notes").value == "Not yet applied"


def test_a_resume_that_finishes_the_run_leaves_no_stale_file_of_failed_rows(desk: Any, kit: Any) -> None:
    for suffix in ("xlsx", "csv"):
        if suffix == "xlsx":
            book = desk.open()
            book.type("Customers", "HURST001", Notes="Mine")
            path = book.save()
        else:
            path = desk.export("customers.csv")
            rows = kit.rows_of(path)
            next(row for row in rows if row["CustomerCode"] == "HURST001")["Notes"] = "Mine, by CSV"
            kit.write_rows(path, rows)
        plan = desk.plan(path)
        desk.sandbox.faults.add(Fault("401", path="/Customers", count=1))
        report = desk.account.apply(plan)
        assert Path(report.files["failed"]).is_file()
        again = desk.account.resume(report.run_id)
        assert again.is_good
        assert "failed" not in again.files
        assert not list(desk.folder.glob("customers.failed*"))


def test_a_file_of_failed_rows_that_somebody_is_at_work_in_stays(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Mine")
    plan = desk.plan(book)
    desk.sandbox.faults.add(Fault("401", path="/Customers", count=1))
    report = desk.account.apply(plan)
    failed = kit.Book(Path(report.files["failed"]))
    failed.type("Customers", "HURST001", Notes="Better")
    failed.save()
    assert desk.account.resume(report.run_id).is_good
    assert failed.path.is_file()


def test_overwrite_still_overwrites_a_colleague(desk: Any, applied: Any) -> None:
    desk.sandbox.store.edit("HURST001", Notes="Colleague's")
    applied.type("Customers", "HURST001", Notes="Second")
    assert desk.apply(applied, on_conflict=OnConflict.OVERWRITE).is_good
    assert desk.customer("HURST001")["Notes"] == "Second"
