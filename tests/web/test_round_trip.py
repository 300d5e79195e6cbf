"""The whole second half of the round trip with the page alone: from a dropped file to a run that was taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl

if TYPE_CHECKING:
    from pathlib import Path


def edited(desk: Any) -> Path:
    """Two updates, one of them with a cleared field, and a new customer."""
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Prefers deliveries on Thursdays.", CreditLimit=12500)
    book.type("Customers", "BAROS002", EmailCC="[CLEAR]")
    book.add("Customers", Command="NEW", CustomerCode="KAURI9", CustomerName="Kauri Ltd")
    path: Path = book.save(desk.folder / "edited.xlsx")
    return path


def test_from_a_dropped_file_to_an_undone_run(desk: Any, opened: Any, kit: Any) -> None:
    path = edited(desk)
    before = desk.state()
    opened.judge()
    opened.drop(path)
    opened.see("Go on to Check", "Sandbox Wholesale Ltd", "Exported", "Addresses")
    opened.judge()
    opened.press("Go on to Check")
    opened.see("There is nothing to fix")
    opened.judge()
    opened.press("See the changes")
    opened.see("3 records to change", "What it takes", "+12,500")
    assert [row.split(" ")[0] for row in opened.rows()] == ["clear", "update", "create"]
    opened.judge()
    assert desk.state() == before
    assert desk.writes() == []
    opened.press("Go on to Apply")
    opened.see("Apply 3 records to Sandbox Wholesale Ltd")
    opened.judge()
    opened.press("Apply 3 records")
    opened.page.wait_for_url("**/results")
    opened.see("All of it is in the ERP")
    assert [row.split(" ")[0] for row in opened.rows()] == ["done"] * 3
    opened.judge()
    changed = kit.changed(before, desk.state())
    assert changed["HURST001/Notes"][1] == "Prefers deliveries on Thursdays."
    assert {name.partition("/")[0] for name in changed} == {"HURST001", "BAROS002", "KAURI9"}
    results = openpyxl.load_workbook(opened.download("Download results"))
    column = next(cell.column for cell in results["Customers"][1] if cell.value == "Import Result")
    assert [row[column - 1].value for row in results["Customers"].iter_rows(min_row=2)].count("OK") == 3

    opened.press("Take it back…")
    opened.see("What taking it back would do")
    assert len(opened.rows()) == 3
    opened.judge()
    opened.apply()
    opened.see("Taken back")
    opened.judge()
    left = kit.changed(before, desk.state())
    assert list(left) == ["KAURI9"]  # the ERP cannot delete a customer
    assert desk.customer("KAURI9")["Obsolete"] is True


def test_by_keyboard_alone(desk: Any, opened: Any) -> None:
    path = edited(desk)
    page = opened.page

    def tab_to(name: str) -> None:
        """Press Tab until what has the focus is called so."""
        for _ in range(120):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "(e => e.getAttribute('aria-label') || e.innerText || e.id || '')(document.activeElement)"
            )
            if name in focused:
                return
        raise AssertionError(name)

    tab_to("Skip to the content")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    tab_to("upload")
    page.set_input_files("#upload", str(path))  # the system's own dialog is no part of the page
    tab_to("Use it")
    page.keyboard.press("Enter")
    opened.see("Go on to Check")
    tab_to("Go on to Check")
    page.keyboard.press("Enter")
    opened.see("There is nothing to fix")
    tab_to("See the changes")
    page.keyboard.press("Enter")
    assert len(opened.rows()) == 3
    tab_to("Update")
    page.keyboard.press("Enter")
    opened.wait_for_rows(1)
    tab_to("Include HURST001")
    page.keyboard.press("Space")
    opened.see("1 record left out altogether")
    page.keyboard.press("Shift+Tab")
    page.reload()
    tab_to("Go on to Apply")
    page.keyboard.press("Enter")
    opened.see("Apply 2 records to")
    tab_to("Apply 2 records")
    page.keyboard.press("Enter")
    page.wait_for_url("**/results")
    assert desk.customer("BAROS002")["EmailCC"] is None
    assert desk.customer("HURST001")["Notes"] == "Prefers deliveries on Tuesdays."


def test_every_step_says_what_to_do_while_there_is_nothing(opened: Any) -> None:
    words = {
        "file": "Choose the file that you edited",
        "check": "There is no file yet",
        "changes": "There is no plan yet",
        "apply": "There is no plan",
        "results": "Nothing was applied to this account yet",
    }
    base = opened.page.url.rpartition("/")[0]
    for step, said in words.items():
        opened.open(f"{base}/{step}")
        opened.see(said)
        opened.judge()
    opened.expected = ("404",)
    opened.open(f"{base}/nowhere")
    opened.see("There is no such page")
    opened.judge()


def test_a_fresh_export_with_filters_is_downloaded(opened: Any) -> None:
    page = opened.page
    page.get_by_label("Contacts").select_option("none")
    page.get_by_label("Only where").select_option("CustomerCode")
    page.get_by_label("is", exact=True).fill("HURST001")
    opened.press("Export")
    opened.see("1 customers")
    book = openpyxl.load_workbook(opened.download("Download customers.xlsx"))
    column = next(cell.column for cell in book["Customers"][1] if cell.value == "CustomerCode")
    assert [row[column - 1].value for row in book["Customers"].iter_rows(min_row=2)] == ["HURST001"]
    page.get_by_text("Export again").click()
    page.get_by_label("Only where").select_option("CreditLimit")
    page.get_by_label("is", exact=True).fill("a lot")
    opened.press("Export")
    opened.see("CreditLimit: 'a lot' is not a decimal")
    opened.judge()


def test_the_files_of_a_csv_export_are_dropped_together(desk: Any, opened: Any) -> None:
    desk.export("customers.csv", contacts="primary")
    files = sorted(desk.folder.glob("customers.*"))
    assert len(files) == 4
    opened.drop(*files)
    opened.see("Go on to Check", "Contacts")
    assert "customers.csv" in opened.page.locator(".card h2").first.inner_text()


def test_one_row_per_customer_goes_round_as_well(desk: Any, opened: Any) -> None:
    opened.page.get_by_label("Layout").select_option("flat")
    opened.page.get_by_label("Contacts").select_option("primary")
    opened.press("Export")
    path = opened.download("Download customers.xlsx")
    book = openpyxl.load_workbook(path)
    cells = book["Customers"]
    column = next(cell.column for cell in cells[1] if cell.value == "Notes")
    code = next(cell.column for cell in cells[1] if cell.value == "CustomerCode")
    row = next(row for row in range(2, 30) if cells.cell(row, code).value == "HURST001")
    cells.cell(row, column).value = "From a flat sheet"
    book.save(path)
    opened.changes(path)
    opened.apply()
    opened.see("All of it is in the ERP")
    assert desk.customer("HURST001")["Notes"] == "From a flat sheet"
