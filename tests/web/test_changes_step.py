"""The step Changes in a browser: before and after, what to leave out, conflicts, emptied cells, thousands of rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from web_kit import serving

from bulkio.account import load_plan, save_plan
from bulkio.core.plan import Action, Change, Cost, Operation, Origin, Plan

if TYPE_CHECKING:
    from pathlib import Path


def two_edits(desk: Any) -> Path:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Prefers deliveries on Thursdays.", CreditLimit=500)
    book.type("Customers", "BAROS002", Notes="Another")
    path: Path = book.save(desk.folder / "edited.xlsx")
    return path


def marked(opened: Any) -> list[str]:
    return [" ".join(text.split()) for text in opened.page.locator(".tabulator-row ins").all_inner_texts()]


def test_the_difference_inside_a_text_is_marked(desk: Any, opened: Any) -> None:
    opened.changes(two_edits(desk))
    opened.rows()
    assert "Thursdays" in marked(opened)
    assert opened.page.locator(".tabulator-row del", has_text="Tuesdays").count() == 1


def test_rows_and_fields_are_left_out_and_the_rest_is_applied(desk: Any, opened: Any) -> None:
    before = desk.customer("BAROS002")["Notes"]
    opened.changes(two_edits(desk))
    opened.rows()
    opened.see("2 customers")
    opened.page.get_by_label("Include BAROS002").click()
    opened.see("1 record left out altogether")
    assert not opened.page.get_by_label("Include BAROS002").is_checked()
    opened.page.get_by_label("Include Customers CreditLimit").click()
    opened.page.locator("#summary tr.out", has_text="CreditLimit").wait_for()
    opened.page.reload()
    opened.rows()
    assert not opened.page.get_by_label("Include BAROS002").is_checked()
    assert not opened.page.get_by_label("Include Customers CreditLimit").is_checked()
    opened.judge()
    plan = json.loads(opened.download("Plan to keep").read_text(encoding="utf-8"))
    assert [[change["field"] for change in each["changes"]] for each in plan["operations"]] == [["Notes"]]
    page = opened.download("Page to mail").read_text(encoding="utf-8")
    assert plan["sha256"] in page
    limit = desk.customer("HURST001")["CreditLimit"]
    opened.apply()
    opened.see("1 record changed")
    assert desk.customer("HURST001")["Notes"] == "Prefers deliveries on Thursdays."
    assert desk.customer("HURST001")["CreditLimit"] == limit
    assert desk.customer("BAROS002")["Notes"] == before


def test_a_field_of_one_row_is_left_out_and_taken_in_again(desk: Any, opened: Any) -> None:
    opened.changes(two_edits(desk))
    opened.rows()
    box = opened.page.locator(".tabulator-row").get_by_label("CreditLimit")
    box.click()
    opened.page.locator("#summary tr.out", has_text="CreditLimit").wait_for()
    opened.press("Include everything")
    opened.rows()
    assert box.is_checked()
    assert opened.page.locator("#summary tr.out").count() == 0


def test_search_and_filters_find_rows(desk: Any, opened: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="A needle in a haystack")
    book.type("Customers", "BAROS002", BankName="Bank")
    book.type("Customers", "KENSI003", EmailCC="[CLEAR]")
    book.save()
    opened.changes(book.path)
    opened.wait_for_rows(3)
    opened.page.get_by_label("Search the changes").fill("NEEDLE hay")
    opened.wait_for_rows(1)
    opened.page.get_by_label("Search the changes").fill("")
    opened.wait_for_rows(3)
    opened.page.get_by_label("Only records in which this field changes").select_option("Customers/BankName")
    opened.wait_for_rows(1)
    assert "BAROS002" in opened.rows()[0]
    opened.page.get_by_label("Only records in which this field changes").select_option("")
    opened.wait_for_rows(3)
    opened.page.get_by_role("button", name="Clear 1").click()
    opened.wait_for_rows(1)
    assert "cleared" in opened.rows()[0]


def test_conflicts_are_decided_side_by_side(desk: Any, opened: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Mine", BankName="My bank")
    desk.sandbox.store.edit("HURST001", Notes="Theirs", BankName="Their bank")
    opened.changes(book.save())
    opened.see("Decide the conflicts first", "1 row in conflict", "2 fields still to decide")
    assert opened.page.get_by_role("link", name="Go on to Apply").count() == 0
    opened.page.get_by_role("button", name="Conflicts 2").click()
    opened.wait_for_rows(2)
    rows = " ".join(opened.rows())
    assert all(
        words in rows for words in ("Prefers deliveries on Tuesdays.", "Mine", "Theirs", "My bank", "Their bank")
    )
    opened.judge()
    opened.page.get_by_role("group", name="Notes").get_by_role("radio", name="Yours").check()
    opened.see("1 field still to decide")
    opened.page.get_by_role("group", name="BankName").get_by_role("radio", name="In the ERP now").check()
    opened.see("All are decided")
    opened.judge()
    opened.press("Compare again")
    opened.see("1 record to change", "2 conflicts decided.")
    opened.press("Decide again")
    opened.see("2 fields still to decide")
    opened.page.get_by_role("button", name="Conflicts 2").click()
    opened.page.get_by_role("group", name="Notes").get_by_role("radio", name="Yours").check()
    opened.see("1 field still to decide")
    opened.page.get_by_role("group", name="BankName").get_by_role("radio", name="In the ERP now").check()
    opened.press("Compare again")
    opened.see("1 record to change")
    opened.apply()
    opened.see("All of it is in the ERP")
    assert desk.customer("HURST001")["Notes"] == "Mine"
    assert desk.customer("HURST001")["BankName"] == "Their bank"


@pytest.mark.parametrize(("button", "kept"), [("Take mine for all", "Mine"), ("Keep the ERP\u2019s for all", "Theirs")])
def test_all_conflicts_at_once(desk: Any, opened: Any, button: str, kept: str) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Mine")
    book.type("Customers", "BAROS002", Notes="Also mine")
    desk.sandbox.store.edit("HURST001", Notes="Theirs")
    opened.changes(book.save())
    opened.press(button)
    opened.press("Compare again")
    opened.see("What it takes", "0 in conflict")
    opened.apply()
    opened.see("All of it is in the ERP")
    assert desk.customer("HURST001")["Notes"] == kept
    assert desk.customer("BAROS002")["Notes"] == "Also mine"


def test_emptied_cells_are_cleared_with_one_switch(desk: Any, opened: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes=None)
    opened.changes_of_nothing(book.save())
    opened.see("1 emptied cell left alone", "The ERP holds it all already")
    opened.judge()
    opened.press("Clear these fields")
    opened.see("Emptied cells clear their fields", "1 record to change")
    opened.press("Leave them alone")
    opened.see("1 emptied cell left alone")
    opened.press("Clear these fields")
    opened.see("1 record to change")
    opened.apply()
    opened.see("All of it is in the ERP")
    assert desk.customer("HURST001")["Notes"] in {None, ""}


def test_what_was_restored_is_listed(desk: Any, opened: Any) -> None:
    book = desk.open()
    book.type("Customers", "00123", Notes="Edited")
    book.type("Customers", "00123", CustomerCode=123)
    opened.changes(book.save())
    opened.page.get_by_role("button", name="Restored 1").click()
    opened.wait_for_rows(1)
    assert "'00123' lost its leading zeros" in opened.rows()[0]
    opened.judge()


def test_twenty_thousand_changed_rows_are_pages_of_fifty(desk: Any, visit: Any, tmp_path: Path) -> None:
    link = desk.account.link.reader
    operations = tuple(
        Operation(
            id=f"o{row}", action=Action.UPDATE, entity="Customers", key=f"C{row:05}", guid=f"g{row}", sheet="Customers",
            row=row + 2, changes=(Change("Notes", "old", f"new {row}"), Change("CreditLimit", "1", "7")),
        )
        for row in range(20_000)
    )  # fmt: skip
    origin = Origin(
        profile="env", erp="unleashed", tenant=link.tenant, file="big.xlsx", file_sha256="0" * 64,
        created_at="2026-01-01T00:00:00Z", population=20_000,
    )  # fmt: skip
    options = desk.plan(desk.export()).options
    plan = Plan(
        plan_id="p", origin=origin, operations=operations, conflicts=(), issues=(), cost=Cost(20_020, 6000),
        options=options, rows={"Customers": 20_000},
    )  # fmt: skip
    save_plan(plan, tmp_path / "big.json")
    with serving(desk.account, tmp_path / "big.json") as url:
        visit.open(url)
        visit.see("20,000 records to change", "+120,000", "about 1 h 40 min", "1 to 50 of 20,000")
        visit.wait_for_rows(50)
        visit.judge()
        visit.page.get_by_role("button", name="Last").click()
        visit.see("19,951 to 20,000 of 20,000")
        visit.page.get_by_label("Search the changes").fill("C12345")
        visit.wait_for_rows(1)
        visit.page.get_by_label("Include C12345").click()
        visit.see("1 record left out altogether", "+119,994")
        visit.page.get_by_label("Search the changes").fill("")
        visit.see("1 to 50 of 20,000")
        visit.page.get_by_label("Include Customers Notes").click()
        visit.page.locator("#summary tr.out", has_text="Notes").wait_for()
        kept = load_plan(visit.download("Plan to keep"))
        assert len(kept.operations) == 19_999
        assert {len(operation.changes) for operation in kept.operations} == {1}
        visit.go("Apply")
        visit.see("too old")  # it was made in January
        visit.judge()
        visit.page.close()
