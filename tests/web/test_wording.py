"""What the command line says with flags is said on the page with its own words."""

from __future__ import annotations

import ast
from pathlib import Path

from bulkio.web.wording import _PHRASES, on_page

PACKAGE = Path(__file__).resolve().parents[2] / "bulkio"


def test_every_phrase_is_really_said_somewhere() -> None:
    """As one text of the source, the joints of long ones and their placeholders aside."""
    said = []
    for path in PACKAGE.rglob("*.py"):
        if path.name != "wording.py":
            tree = ast.parse(path.read_text(encoding="utf-8"))
            said += [
                node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) is str
            ]
    for phrase, _ in _PHRASES:
        assert any(phrase in text for text in said), phrase


def test_an_uploaded_file_goes_by_its_name() -> None:
    folder = Path("/state/review")
    assert on_page(f"{folder}/uploads/1/a.csv: it cannot be read", folder) == "a.csv: it cannot be read"
    assert on_page("/home/you/a.csv: it cannot be read", folder) == "/home/you/a.csv: it cannot be read"
    assert on_page("Wait: bulkio", folder) == "Wait: bulkio"
