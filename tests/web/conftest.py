"""The page's server, and a browser to look at it with."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from web_kit import Visit, chromium, serving

if TYPE_CHECKING:
    from collections.abc import Iterator


# --- a browser --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright. Without them these tests are skipped, but never where REQUIRE_BROWSER is set."""
    is_required = bool(os.environ.get("REQUIRE_BROWSER"))
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 a part of the test extra
    except ImportError:
        if is_required:
            raise
        pytest.skip("Playwright is not installed")
    executable = chromium()
    if not executable:
        assert not is_required, "there is no Chromium"
        pytest.skip("there is no Chromium (on Debian: apt install chromium)")
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root, as which containers run.
        arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        launched = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    """A person with a browser window of the narrowest width that is promised."""
    context = browser.new_context(viewport={"width": 1024, "height": 800}, accept_downloads=True)
    made = Visit(context)
    yield made
    context.close()
    assert made.complaints == []


@pytest.fixture
def opened(desk: Any, visit: Visit) -> Iterator[Visit]:
    """The page, opened and empty, at the desk's own account."""
    with serving(desk.account) as url:
        yield visit.open(url)
        visit.page.close()
