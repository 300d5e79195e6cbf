"""Columns judged as a whole: what all cells suffered, what slipped or was sorted by itself, and what is said of it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bulkio.core.catalogue import Kind
from bulkio.core.damage import Cell, recognise
from bulkio.core.damaged_columns import Suspect, judge_column, moved_rows, ranges
from bulkio.core.locale import LOCALES

CITIES = ["Auckland", "Bonn", "Cairns", "Dunedin", "Essen", "Fulda", "Gera", "Hamilton", "Ipswich", "Jena"]


def exported(bench: Any, name: str, values: list[str]) -> list[dict[str, str]]:
    return [
        {"Guid": bench.guid(at), "CustomerCode": f"C{at}X", "CustomerName": f"Name {at}", name: value}
        for at, value in enumerate(values, start=1)
    ]


def brought_back(bench: Any, name: str, values: list[str], found: list[str], **options: Any) -> Any:
    rows = exported(bench, name, values)
    edited = [{**row, name: value} for row, value in zip(rows, found, strict=True)]
    return bench.brought_back({"Customers": rows}, {"Customers": edited}, **options)


def test_many_restored_cells_are_one_line_and_the_first_twenty(bench: Any) -> None:
    values = [f"00{at}" for at in range(100, 314)]
    checked = brought_back(bench, "XeroSalesAccount", values, [value.lstrip("0") for value in values])
    summary, *single = checked.issues
    assert summary.message == "restored 214 cells that the spreadsheet changed, not you (lost its leading zeros: 214)"
    assert (summary.row, summary.column) == (0, "XeroSalesAccount")
    assert len(single) == 20
    assert checked.to_dict()["summary"]["restored"] == 214
    assert bench.edits(checked) == {}


def test_a_point_taken_for_a_group_mark_is_restored_if_the_whole_column_suffered_it(bench: Any) -> None:
    """What LibreOffice does in German: 0.125 is 125 there, and 0.05 no number."""
    values = ["0.125", "0.05", "0.125", "0.333", ""]
    checked = brought_back(bench, "DiscountRate", values, ["125", "0.05", "125", "333", ""])
    assert bench.edits(checked) == {}
    assert bench.codes(checked) == ["restored"] * 3


def test_a_point_taken_for_a_group_mark_in_some_cells_is_doubtful(bench: Any) -> None:
    checked = brought_back(bench, "DiscountRate", ["0.125"] * 4, ["125", "125", "125", "0.125"])
    assert bench.edits(checked) == {}
    assert bench.codes(checked) == ["damaged"] * 3


def test_a_declared_locale_makes_no_edits_of_untouched_cells(bench: Any) -> None:
    values = ["1.234", "0.125", "1.5", "99999999999999.9999", "1000"]
    checked = brought_back(bench, "CreditLimit", values, values, locale=LOCALES["de"])
    assert bench.edits(checked) == {}
    assert bench.codes(checked) == []  # also 1.234, which is 1234 there


def test_with_a_declared_locale_only_the_cell_that_was_edited_is_an_edit(bench: Any) -> None:
    values = ["1.234", "0.125", "1.5"]
    checked = brought_back(bench, "CreditLimit", values, ["1.234", "0.125", "2.000,5"], locale=LOCALES["de"])
    assert bench.edits(checked) == {4: {"CreditLimit": ("1.5", "2000.5")}}
    assert bench.codes(checked) == []


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize("how", ["sorted", "slipped", "slipped up", "shuffled"])
def test_a_column_that_left_its_keys_is_a_warning_that_names_the_rows(bench: Any, how: str, *, typed: bool) -> None:
    values = [f"{city} {at}" for at, city in enumerate(CITIES * 2)]
    shuffled = random.Random(1).sample(values, len(values))  # noqa: S311 nothing secret
    found = {
        "sorted": sorted(values, reverse=True),
        "slipped": ["", *values[:-1]],
        "slipped up": [*values[1:], ""],
        "shuffled": shuffled,
    }[how]
    checked = brought_back(bench, "BankBranch", values, found, typed=typed)
    (issue,) = [each for each in checked.issues if each.code.value == "moved"]
    assert issue.severity.value == "warning"
    assert issue.column == "BankBranch"
    assert "Compare rows 2" in issue.hint


def test_a_column_of_few_values_that_was_sorted_by_itself_is_seen_too(bench: Any) -> None:
    values = ["Bonn", "Essen", "Jena", "Gera"] * 6
    checked = brought_back(bench, "BankBranch", values, sorted(values), typed=True)
    assert "moved" in bench.codes(checked)


def test_ordinary_edits_are_no_moved_column(bench: Any) -> None:
    values = CITIES * 3
    checked = brought_back(
        bench, "BankBranch", values, ["Bonn" if at % 2 else v for at, v in enumerate(values)], typed=True
    )
    assert bench.codes(checked) == []
    checked = brought_back(bench, "BankBranch", values, [f"{value} branch" for value in values], typed=True)
    assert bench.codes(checked) == []


def test_whole_rows_may_be_sorted(bench: Any) -> None:
    rows = exported(bench, "BankBranch", CITIES)
    checked = bench.brought_back({"Customers": rows}, {"Customers": rows[::-1]})
    assert checked.issues == []


def test_ranges_are_short() -> None:
    assert ranges([2, 3, 4, 7, 9, 10]) == "2-4, 7, 9-10"
    assert ranges(range(2, 60, 2)).endswith("20, ...")


def test_a_few_equal_values_are_no_slip() -> None:
    assert moved_rows(["a", "b", "c", "d"], ["b", "c", "d", "a"]) == []
    assert moved_rows(["a"] * 9, ["b"] * 9) == []


def test_equal_cells_are_never_looked_at() -> None:
    """A hundred thousand equal cells that a program damaged are recognised once."""
    suspects = [Suspect(row, "00123", "123", Cell.UNTYPED) for row in range(100_000)]
    judged = judge_column(Kind.TEXT, suspects, ["00123"] * 100_000)
    assert len(judged.restored) == 100_000
    assert recognise("same", "same") is None
