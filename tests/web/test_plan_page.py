"""The page that is mailed: all of the plan, nothing but the plan, and nothing in it that could act."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from bulkio.account import connector_for, load_plan
from bulkio.core.plan import Action, Change, Conflict
from bulkio.web import plan_page

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.core.plan import Plan

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202egnp"


class Page(HTMLParser):
    """The tags with their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def catalogue() -> Any:
    return connector_for(erp="unleashed").catalogue


def sample() -> Plan:
    return load_plan("sample_data/plan.json")


def test_everything_of_the_plan_is_in_it(pytestconfig: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(pytestconfig.rootpath)
    plan = sample()
    page = Page(plan_page(plan, catalogue()))
    assert plan.sha256 in page.words
    for operation in plan.operations:
        assert operation.key in page.words
        for change in operation.changes:
            assert change.field in page.words
            assert change.before in page.words
            assert change.after in page.words


def test_it_loads_nothing_and_runs_nothing(pytestconfig: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(pytestconfig.rootpath)
    text = plan_page(sample(), catalogue())
    page = Page(text)
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe", "object", "form", "a"})
    assert not [name for _, attributes in page.tags for name in attributes if name in ("src", "href", "style")]
    assert "url(" not in text
    (policy,) = [a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv")]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'", str(policy)
    )


def test_values_are_text_whatever_is_in_them(pytestconfig: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(pytestconfig.rootpath)
    plan = sample()
    first = plan.operations[0]
    operations = [
        replace(first, action=action, key=HOSTILE, sheet=HOSTILE, changes=(Change("Notes", HOSTILE, HOSTILE + "x"),))
        for action in Action
    ]
    conflict = Conflict(sheet=HOSTILE, row=2, key=HOSTILE, field="Notes", base=HOSTILE, sheet_value="b", live=HOSTILE)
    issues = tuple(replace(issue, message=HOSTILE, hint=HOSTILE, column=HOSTILE) for issue in plan.issues)
    origin = replace(plan.origin, file=f"/x/{HOSTILE}", profile=HOSTILE)
    hostile = replace(plan, origin=origin, operations=tuple(operations), conflicts=(conflict,), issues=issues)
    text = plan_page(hostile, catalogue())
    page = Page(text)
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img"})
    assert "\u202e" not in text
    assert "<script>alert(1)</script>" in page.words


def test_show_writes_it(desk: Any, kit: Any, tmp_path: Path) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Shown to the boss")
    book.save()
    assert kit.command("plan", "customers.xlsx", "-o", "plan.json").status == 0
    assert kit.command("approve", "plan.json", "--name", "Ada <b>").status == 0
    ran = kit.command("show", "plan.json", "--html", "page.html")
    assert ran.status == 0
    page = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "Shown to the boss" in page.words
    assert "Ada <b>" in page.words
    assert load_plan("plan.json").sha256 in ran.out
    assert kit.command("show", "plan.json", "--html", tmp_path / "nowhere" / "page.html").status == 3
