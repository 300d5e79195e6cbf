from __future__ import annotations

import subprocess
import sys

import pytest

from bulkio.connectors.registry import connector, known
from bulkio.errors import UsageError


def test_every_known_connector_loads_and_is_called_what_it_is_asked_for_by() -> None:
    assert known()
    for name in known():
        assert connector(name).name == name
        assert connector(f" {name.upper()} ") is connector(name)


def test_an_unknown_erp_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="'oracle'") as caught:
        connector("oracle")
    assert all(name in caught.value.hint for name in known())


def test_a_connector_loads_without_the_http_library() -> None:
    """`bulkio fields` and a check offline need no network, so they must not pay for it."""
    code = (
        "import sys; from bulkio.connectors.registry import connector, known; [connector(name) for name in known()]; "
        "sys.exit('httpx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 our own code
