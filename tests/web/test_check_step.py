"""The step Check in a browser: every issue with its cell, by kind; the marked copy; the fixed file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def test_mistakes_are_listed_marked_and_fixed(desk: Any, opened: Any) -> None:
    book = desk.open()
    term = book.type("Customers", "HURST001", PaymentTerm="20 days")
    mail = book.type("Customers", "BAROS002", EmailCC="accounts at example.com")
    mistakes = book.save(desk.folder / "mistakes.xlsx")
    opened.drop(mistakes)
    opened.see("Something in it needs fixing")
    opened.press("See what to fix")
    opened.see("2 things to fix in your file")
    rows = opened.rows()
    assert sorted(row.split()[1] for row in rows) == sorted((term, mail))
    assert all("error" in row for row in rows)
    assert "Did you mean '30 Days'" in " ".join(rows)
    assert opened.page.get_by_role("button", name="See the changes").count() == 0
    opened.judge()

    opened.page.get_by_role("button", name="Unknown value 1").click()
    opened.wait_for_rows(1)
    opened.page.get_by_role("button", name="All 2").click()
    opened.wait_for_rows(2)
    opened.page.get_by_label("Search the issues").fill("accounts at")
    opened.wait_for_rows(1)
    opened.page.get_by_label("Search the issues").fill("nothing like it")
    opened.see("Nothing fits this search.")
    opened.judge()

    marked = openpyxl.load_workbook(opened.download("Download with these marked in it"))
    note = marked["Customers"][term.partition("!")[2]].comment
    assert note is not None
    assert "PaymentTerms" in note.text

    book.type("Customers", "HURST001", PaymentTerm="Cash on Delivery")
    book.type("Customers", "BAROS002", EmailCC="accounts@example.com")
    fixed = book.save(desk.folder / "fixed.xlsx")
    opened.page.set_input_files("#fixed", str(fixed))
    opened.press("Upload")
    opened.see("There is nothing to fix", "fixed.xlsx")
    opened.press("See the changes")
    assert len(opened.rows()) == 2


def test_what_only_the_erp_knows_is_told_after_comparing(desk: Any, opened: Any) -> None:
    book = desk.open()
    book.add("Customers", CustomerCode="HURST0001", CustomerName="A slip")
    opened.changes(book.save(desk.folder / "slip.xlsx"))
    opened.see("The ERP found 1 more thing to fix")
    opened.judge()
    opened.press("See what to fix")
    opened.see("there is no customer 'HURST0001'", "HURST001")
    opened.judge()
    assert desk.writes() == []


def test_deletes_must_be_allowed(desk: Any, opened: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Command="DELETE")
    opened.drop(book.save(desk.folder / "delete.xlsx"))
    opened.press("See what to fix")
    opened.see("1 row with DELETE.")
    opened.press("Let them delete")
    opened.see("Rows with DELETE delete.")
    opened.press("See the changes")
    assert opened.rows()[0].startswith("delete HURST001")
    opened.judge()
    opened.apply()
    opened.see("All of it is in the ERP")
    assert desk.customer("HURST001")["Obsolete"] is True


def test_a_hostile_workbook_is_text(desk: Any, opened: Any) -> None:
    """Scripts in names, in headers, in sheet names and in the file's own name; formulas in cells."""
    book = desk.open()
    book.type("Customers", "HURST001", CustomerName=HOSTILE, PaymentTerm=HOSTILE)
    book.type("Customers", "BAROS002", Notes='=HYPERLINK("http://evil.example","click")')
    cell = book.cell("Customers", book.row("Customers", CustomerCode="00123"), "CustomerName")
    cell.value, cell.data_type = "=1+1", "f"
    sheet = book.book["Customers"]
    sheet.cell(1, sheet.max_column + 1).value = HOSTILE
    book.book.create_sheet("x<script>alert(3)<").append([HOSTILE])
    name = "<b onclick=alert(4)>.xlsx"
    opened.drop(book.save(desk.folder / name))
    opened.see("See what to fix", "_b onclick=alert(4)_.xlsx")
    opened.press("See what to fix")
    text = " ".join(opened.rows())
    assert HOSTILE in text
    assert "=1+1" in text
    assert opened.page.locator("img, td script, .tabulator script").count() == 0
    book.type("Customers", "HURST001", PaymentTerm="7 Days")
    cell.value, cell.data_type = HOSTILE, "s"
    opened.page.set_input_files("#fixed", str(book.save(desk.folder / "again.xlsx")))
    opened.press("Upload")
    opened.press("See the changes")
    assert HOSTILE in " ".join(opened.rows())
    assert '=HYPERLINK("http://evil.example","click")' in " ".join(opened.rows())
    assert opened.page.locator("img, .tabulator script, .tabulator a").count() == 0
    opened.apply()
    opened.see("All of it is in the ERP")
    assert desk.customer("HURST001")["CustomerName"] == HOSTILE
    assert HOSTILE not in opened.page.content()


def test_what_cannot_be_read_says_what_to_do(desk: Any, opened: Any, tmp_path: Path) -> None:
    del desk
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 and then nothing")
    opened.drop(broken)
    opened.see("It could not be read")
    assert opened.page.get_by_role("alert").first.inner_text().strip()
    opened.judge()
    opened.press("Use another file")
    opened.see("Choose the file that you edited")
    text = tmp_path / "semicolons.csv"
    text.write_text("CustomerCode;Notes\nHURST001;a|b\n", encoding="utf-8")
    opened.drop(text)
    opened.see("Go on to Check")
    opened.page.get_by_text("How it is read").click()
    opened.page.get_by_label("Separator of a CSV file").select_option("bar")
    opened.press("Read it again")
    opened.see("semicolons.csv: line 2: 2 cells, but the header has 1.", "choose the separator in the step File")
    opened.judge()
    opened.page.get_by_label("Separator of a CSV file").select_option("semicolon")
    opened.press("Read it again")
    opened.see("Go on to Check")


def test_thousands_of_issues_are_pages_of_fifty(desk: Any, opened: Any, tmp_path: Path) -> None:
    del desk
    path = tmp_path / "many.csv"
    rows = "".join(f"C{row},not a number\n" for row in range(3000))
    path.write_text(f"CustomerCode,CreditLimit\n{rows}", encoding="utf-8")
    opened.drop(path)
    opened.press("See what to fix")
    opened.see("3,000 things to fix", "1 to 50 of 3,001")
    opened.wait_for_rows(50)
    opened.page.get_by_role("button", name="Last").click()
    opened.see("3,001 to 3,001 of 3,001")
    opened.judge()
