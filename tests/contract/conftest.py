"""The vendor's printed examples, and a sandbox to send them to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bulkio.connectors.protocol import ConnectionSettings
from bulkio.connectors.registry import connector
from bulkio.core.secret import Secret
from bulkio.sandbox import CREDENTIAL, SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bulkio.connectors.protocol import Link

PAGE = Path(__file__).with_name("page")


@pytest.fixture
def printed() -> Callable[[str], str]:
    """An example exactly as the page's text has it."""
    return lambda name: (PAGE / f"{name}.txt").read_text(encoding="utf-8")


@pytest.fixture
def link() -> Iterator[Link]:
    """A connection to a fresh sandbox."""
    with running(SandboxOptions(customers=5, seed=1)) as sandbox:
        secret = Secret(CREDENTIAL)
        settings = ConnectionSettings(base_url=sandbox.url, credentials={"API_ID": secret, "API_KEY": secret})
        opened = connector("unleashed").connect(settings)
        yield opened
        opened.close()
