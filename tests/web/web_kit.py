"""The page's server beside a test, and a person at the page."""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bulkio.web.server import prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 20_000  # milliseconds
_SERIOUS = ("serious", "critical")


def chromium() -> str:
    """Where this machine's Chromium is, "" if it has none."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), "")


@contextmanager
def serving(account: Any, file: Path | None = None) -> Iterator[str]:
    """The page's server beside the test; yields the address to open."""
    is_ready, urls = threading.Event(), []

    def ready(url: str) -> None:
        urls.append(url)
        is_ready.set()

    with prepared(account, file, port=0, on_ready=ready) as server:
        thread = threading.Thread(target=server.serve_page, daemon=True)
        thread.start()
        assert is_ready.wait(30)
        try:
            yield urls[0]
        finally:
            server.should_exit = True
            thread.join()


class Visit:
    """A person at the page: what they do, and what they see. Anything that the browser complains of fails the test."""

    def __init__(self, context: Any) -> None:
        self.page = context.new_page()
        self.page.set_default_timeout(_PATIENCE)
        self.complaints: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning") and not any(each in message.text for each in self.expected):
            self.complaints.append(message.text)

    expected: tuple[str, ...] = ()

    def open(self, url: str) -> Visit:
        self.page.goto(url)
        return self

    def go(self, step: str) -> None:
        self.page.get_by_role("navigation", name="Steps").get_by_role("link", name=step).click()

    def drop(self, *files: Path) -> None:
        self.page.set_input_files("#upload", [str(file) for file in files])
        self.press("Use it")

    def press(self, name: str) -> None:
        button = self.page.get_by_role("button", name=name, exact=True)
        button.or_(self.page.get_by_role("link", name=name, exact=True)).first.click()

    def see(self, *words: str) -> None:
        """Wait until these words are to be seen."""
        for each in words:
            self.page.get_by_text(each).filter(visible=True).first.wait_for()

    def heading(self) -> str:
        return str(self.page.locator("h1").inner_text())

    def rows(self) -> list[str]:
        """The table's rows as text, once it has any."""
        self.page.locator(".tabulator-row").first.wait_for()
        rows = self.page.locator(".tabulator-row").all()
        return [" ".join(" ".join(row.locator(".tabulator-cell").all_inner_texts()).split()) for row in rows]

    def wait_for_rows(self, count: int) -> None:
        """Wait until the table has just so many."""
        from playwright.sync_api import expect  # noqa: PLC0415 a part of the test extra

        expect(self.page.locator(".tabulator-row")).to_have_count(count)

    def changes(self, file: Path) -> None:
        """From a dropped file to its changes."""
        self.changes_of_nothing(file)
        self.see("What it takes")

    def changes_of_nothing(self, file: Path) -> None:
        """From a dropped file to the step Changes."""
        self.drop(file)
        self.press("Go on to Check")
        self.press("See the changes")

    def apply(self) -> None:
        """From the changes to the results."""
        self.press("Go on to Apply")
        self.page.locator("form[action='/apply/start'] button.first").click()
        self.page.wait_for_url("**/results")

    def download(self, name: str) -> Path:
        with self.page.expect_download() as started:
            self.press(name)
        target = Path(started.value.path()).with_name(started.value.suggested_filename)
        started.value.save_as(target)
        return target

    def judge(self) -> None:
        """What axe-core finds must not be serious; nothing sticks out at the narrowest width that is promised."""
        from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 a part of the test extra

        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = Axe().run(self.page).response["violations"]
            serious = [
                (scheme, each["id"], each["nodes"][0]["html"], each["nodes"][0]["failureSummary"])
                for each in found
                if each["impact"] in _SERIOUS
            ]
            assert not serious, serious
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), self.page.url
