"""What pages show besides console sessions is true as well: Python, configuration, links."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from bulkio.profiles import load_profile
from bulkio.sandbox import SandboxOptions, running

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "sample_data/README.md")]
PAGES += sorted((ROOT / "docs").glob("*.md"))
IDS = [page.relative_to(ROOT).as_posix() for page in PAGES]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_library_page_runs_from_top_to_bottom(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ROOT / "docs" / "library.md"
    names: dict[str, object] = {}
    with running(SandboxOptions(customers=12)) as sandbox:
        for name in ("ID", "KEY"):
            monkeypatch.setenv(f"BULKIO_ACME_API_{name}", "sandbox")
        (clean / "bulkio.toml").write_text(f'[profiles.acme]\nerp = "unleashed"\nbase_url = "{sandbox.url}"\n')
        for block in blocks(page, "python"):
            exec(compile(block, str(page), "exec"), names)  # noqa: S102 our own page
    assert names["report"].is_good  # type: ignore[attr-defined]
    assert len(names["plan"].operations) == 1  # type: ignore[attr-defined] # the last one: undone, and planned again


def test_the_configuration_shown_is_understood(clean: Path) -> None:
    (example,) = blocks(ROOT / "docs" / "connect.md", "toml")
    (clean / "bulkio.toml").write_text(example)
    profile = load_profile()
    assert (profile.name, profile.erp, profile.environment) == ("acme", "unleashed", "live")


def test_every_setting_is_in_the_table(clean: Path) -> None:
    (clean / "bulkio.toml").write_text('[profiles.a]\nerp = "unleashed"\n')
    page = (ROOT / "docs" / "connect.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| `?([^|`]*)`? \|", page, re.MULTILINE))
    profile = load_profile()
    shown = set(profile.sources)
    assert shown == set(told)
    for name in shown - {"erp", "base_url"}:
        assert told[name] == str(getattr(profile, name)).lower(), name


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http://", "https://", "#")):
            assert (page.parent / unquote(target.split("#")[0])).exists(), target


def test_the_readme_can_be_read_in_two_minutes() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(re.sub(r"```.*?```", "", text, flags=re.DOTALL).split()) < 500


def test_the_readme_has_the_two_commands_of_a_fresh_machine() -> None:
    (block,) = blocks(ROOT / "README.md", "sh")
    assert [re.split(r"\s{2,}#", line)[0].split() for line in block.splitlines()] == [
        ["pip", "install", "-e", ".", "&&", "bulkio", "demo"],
        ["pip", "install", "-e", '".[test]"', "&&", "pytest"],
    ]


def test_continuous_integration_runs_the_readmes_own_line() -> None:
    (block,) = blocks(ROOT / "README.md", "sh")
    shown = subprocess.run(  # noqa: S603 our own script
        [str(ROOT / ".ci" / "run"), "--show"], capture_output=True, check=True, encoding="utf-8"
    )
    assert shown.stdout.strip() == re.split(r"\s{2,}#", block.splitlines()[1])[0]
