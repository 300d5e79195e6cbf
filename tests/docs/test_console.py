"""Every command that the README and the docs show is run, and prints what they show."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from console import fits, reader_of, steps_of

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "sample_data").glob("*.md"))
    if "```console" in page.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_really_happens(page: str, clean: Path) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    steps = steps_of(text)
    for file in (ROOT / "sample_data").glob("*.xlsx") if page.startswith("sample_data/") else ():
        shutil.copy(file, clean)
    with reader_of(text, clean) as reader:
        for at, step in enumerate(steps):
            printed = reader.do(step)
            promised, came = reader.comparable(step, printed)
            assert fits(promised, came), f"{page}:{step.line}: $ {step.command}\n" + "\n".join(came)
            asked = at + 1 < len(steps) and steps[at + 1].command == "echo $?"
            if not asked and step.command.startswith("bulkio "):
                assert reader.status == 0, f"{page}:{step.line}: $ {step.command} ended with {reader.status}"


def test_readme_has_a_session() -> None:
    assert "README.md" in PAGES


@pytest.mark.parametrize(
    ("promised", "printed", "whether"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "..."], ["a", "b", "c"], True),
        (["...", "c"], ["a", "b", "c"], True),
        (["a: ..."], ["a: b"], True),
        (["a: ..."], ["a: b", "c"], False),
        (["a"], ["a", "b"], False),
        (["a.c"], ["abc"], False),
        ([], ["a"], False),
    ],
)
def test_three_dots_stand_for_any_lines(promised: list[str], printed: list[str], whether: bool) -> None:  # noqa: FBT001
    assert fits(promised, printed) is whether
