"""A secret that a test leaves behind or prints is found, whichever of the suite's processes the test runs in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SUITE = Path(__file__).parent
LEAVING = """
import gzip, os

def test_leaving(tmp_path):
    (tmp_path / f"left-by-{os.environ['PYTEST_XDIST_WORKER']}").write_bytes(gzip.compress(b"canary-id-"))
"""
PRINTING = """
def test_printing():
    print("canary-id-")

def test_saying_nothing():
    pass
"""


def test_a_secret_is_found_in_every_process() -> None:
    # Not where this test's own folder would be: what is left there is searched, too.
    with tempfile.TemporaryDirectory() as elsewhere:
        folder = Path(elsewhere)
        shutil.copy(SUITE / "conftest.py", folder)
        shutil.copy(SUITE.parent / "pyproject.toml", folder)
        for name, content in {"one": LEAVING, "two": LEAVING, "three": PRINTING}.items():
            (folder / f"test_{name}.py").write_text(content)
        told = subprocess.run(  # noqa: S603 our own tests
            [sys.executable, "-m", "pytest", "-n2", "--dist=each", f"--basetemp={folder}/base", elsewhere],
            capture_output=True,
            check=False,
            cwd=folder,
            encoding="utf-8",
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        ).stdout
    for number in range(2):
        assert f"left-by-gw{number}" in told
    assert "A secret is in what it printed or logged." in told
    assert "8 passed, 4 errors" in told
