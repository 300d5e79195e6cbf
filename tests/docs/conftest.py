"""Pages and generated files: where they are, and the modules of this folder by name (tests are no package)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh current folder, and an environment without any configuration, which the test may change."""
    for name in [name for name in os.environ if name.startswith("BULKIO_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "you"
    folder.mkdir()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("BULKIO_STATE_DIR", str(folder / "bulkio-state"))
    for name in ("ERP", "BASE_URL", "API_ID", "API_KEY"):  # so that what a page sets is taken back
        monkeypatch.setenv(f"BULKIO_{name}", "")
        monkeypatch.delenv(f"BULKIO_{name}")
    monkeypatch.chdir(folder)
    return folder
