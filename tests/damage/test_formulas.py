"""Exported texts that look like formulas, and that a program ran: restored, whatever came of it."""

from __future__ import annotations

from typing import Any

import pytest

from bulkio.core.grid import Fact


@pytest.mark.parametrize(
    ("base", "cell"),
    [
        ("=1+1", ("=1+1", Fact.UNCACHED)),
        ("+64 9 555", ("=+64 9 555", Fact.UNCACHED)),
        ("=1+1", ("2", Fact.NUMBER, "=1+1")),
        ("=a1", ("anything", Fact.TEXT, "=A1")),
        ("=now()", ("2026-01-31", Fact.DATE, "=NOW()")),
        ("-Smith", ("#NAME?", Fact.ERROR, "=-Smith")),
        ("=TRUE", ("TRUE", Fact.BOOLEAN, "=TRUE")),
    ],
)
def test_a_text_that_became_its_own_formula_is_restored(bench: Any, base: str, cell: Any) -> None:
    checked = bench.one_cell("Notes", base, bench.Value(*cell), typed=True)
    assert bench.edits(checked) == {}
    assert bench.codes(checked) == ["restored"]
    assert checked.to_dict()["summary"]["restored"] == 1


def test_a_formula_that_a_person_wrote_is_an_edit_by_the_value_it_has(bench: Any) -> None:
    checked = bench.one_cell("Notes", "=1+1", bench.Value("two", Fact.TEXT, "=LOWER(A1)"), typed=True)
    assert bench.edits(checked) == {2: {"Notes": ("=1+1", "two")}}


def test_a_formula_that_a_person_wrote_and_nobody_calculated_is_an_error(bench: Any) -> None:
    checked = bench.one_cell("Notes", "=1+1", bench.Value("=2+2", Fact.UNCACHED), typed=True)
    assert bench.edits(checked) == {}
    assert bench.codes(checked) == ["uncached-formula"]
