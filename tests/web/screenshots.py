"""`python tests/web/screenshots.py` makes docs/screenshots/: the five steps of the review page, as they are.

Needs Chromium and the test extra. The data is the sandbox's own; times and run ids are those of the moment.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "story")]

from kit import desk_at  # noqa: E402 tests are no package
from playwright.sync_api import sync_playwright  # noqa: E402
from web_kit import Visit, chromium, serving  # noqa: E402

from bulkio.sandbox import Fault  # noqa: E402

FOLDER = HERE.parents[2] / "docs" / "screenshots"
SIZE = {"width": 1280, "height": 800}


def main() -> None:
    """Walk through the steps, and take a picture of each."""
    FOLDER.mkdir(exist_ok=True)
    here = Path.cwd()
    with (
        tempfile.TemporaryDirectory() as scratch,
        desk_at(Path(scratch), customers=60) as desk,
        sync_playwright() as playwright,
    ):
        arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        visit = Visit(browser.new_context(viewport=SIZE, device_scale_factor=1, reduced_motion="reduce"))
        with serving(desk.account) as url:
            walk(desk, visit.open(url))
            visit.page.close()
        browser.close()
        os.chdir(here)


def walk(desk: Any, visit: Visit) -> None:
    book = edit(desk, mistakes=True)
    visit.drop(book)
    visit.see("See what to fix")
    take(visit, "file")
    visit.press("See what to fix")
    visit.rows()
    take(visit, "check")
    visit.page.set_input_files("#fixed", str(edit(desk, mistakes=False)))
    visit.press("Upload")
    visit.press("See the changes")
    visit.rows()
    visit.page.set_viewport_size({**SIZE, "height": 1080})
    take(visit, "changes")
    visit.page.emulate_media(color_scheme="dark")
    take(visit, "changes-dark")
    visit.page.emulate_media(color_scheme="light")
    desk.account.profile = replace(desk.account.profile, workers=1)
    desk.sandbox.faults.add(Fault(fault="slow", method="POST", count=None, delay=0.15))
    visit.page.set_viewport_size(SIZE)
    visit.press("Go on to Apply")
    visit.page.locator("form[action='/apply/start'] button.first").click()
    visit.page.locator("#job-recent li").nth(5).wait_for()
    take(visit, "apply")
    visit.page.wait_for_url("**/results")
    visit.rows()
    take(visit, "results")


def edit(desk: Any, *, mistakes: bool) -> Path:
    book = desk.open(f"customers{'-mistakes' if mistakes else ''}.xlsx")
    for number, row in enumerate(range(2, 62, 3)):
        code = book.cell("Customers", row, "CustomerCode").value
        if code != "LEGACY15":
            book.type("Customers", row, CreditLimit=5000 + 500 * number)
        if number % 3 == 0:
            book.type("Customers", row, Notes=f"{book.cell('Customers', row, 'Notes').value or ''} Call first.".strip())
    book.type("Customers", "HURST001", Notes="Prefers deliveries on Thursdays.", PaymentTerm="Cash on Delivery")
    book.type("Customers", "BAROS002", EmailCC="[CLEAR]")
    book.add("Customers", Command="NEW", CustomerCode="KAURI013", CustomerName="Kauri Trading Ltd")
    if mistakes:
        book.type("Customers", "HURST001", PaymentTerm="20 days")
        book.type("Customers", "BAROS002", EmailCC="accounts at example.com")
        book.type("Customers", "00123", CustomerCode=123)
        book.type("Customers", "KENSI003", CreditLimit="12,50.0")
    path: Path = book.save()
    return path


def take(visit: Visit, name: str) -> None:
    visit.page.screenshot(path=str(FOLDER / f"{name}.png"))
    print(f"wrote docs/screenshots/{name}.png")


if __name__ == "__main__":
    main()
