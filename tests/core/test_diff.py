"""The truth table of the three-way comparison, and comparing whole sheets by column."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.diff import Edits, Verdict, edited_cells, judge
from bulkio.core.kinds import CLEAR

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    Frame = Callable[..., pd.DataFrame]

VALUES = ("a", "b", "")


@pytest.mark.parametrize(("base", "sheet", "live"), list(product(VALUES, repeat=3)))
def test_the_truth_table_of_base_sheet_and_live(base: str, sheet: str, live: str) -> None:
    person_changed, colleague_changed = sheet != base, live != base
    if not person_changed or sheet == live:
        wanted = Verdict.NOTHING
    elif colleague_changed:
        wanted = Verdict.CONFLICT
    else:
        wanted = Verdict.CHANGE
    assert judge(base, sheet, live) is wanted


@pytest.mark.parametrize(
    ("base", "sheet", "live", "verdict"),
    [
        ("a", "a", "b", Verdict.NOTHING),  # a colleague's newer value stays
        ("a", "b", "a", Verdict.CHANGE),
        ("a", "b", "b", Verdict.NOTHING),  # already so
        ("a", "b", "", Verdict.CONFLICT),
        ("a", "", "b", Verdict.CONFLICT),  # cleared here, changed there
        ("a", "", "", Verdict.NOTHING),
        ("", "a", "b", Verdict.CONFLICT),
        ("", "a", "", Verdict.CHANGE),
    ],
)
def test_the_cases_that_matter_most(base: str, sheet: str, live: str, verdict: Verdict) -> None:
    assert judge(base, sheet, live) is verdict


def test_what_differs_is_found_and_what_was_emptied_is_kept_apart(frame: Frame) -> None:
    base = frame({"Name": ["Ann", "Bob", "Cy", ""], "Credit": ["1", "2", "", ""]})
    sheet = frame({"Name": ["Ann", "Rob", "", "Di"], "Credit": ["1", "", "", CLEAR]}, first=5)
    edits = edited_cells(sheet, base, {5: 0, 6: 1, 7: 2, 8: 3}, ["Name", "Credit"])
    assert edits.cells == {6: {"Name": ("Bob", "Rob")}, 8: {"Name": ("", "Di")}}
    assert edits.emptied == {6: {"Credit": "2"}, 7: {"Name": "Cy"}}


def test_the_word_that_clears_is_an_edit_to_blank_where_there_is_something_to_clear(frame: Frame) -> None:
    base = frame({"Name": ["Ann", "", CLEAR]})
    edits = edited_cells(frame({"Name": [CLEAR] * 3}), base, {0: 0, 1: 1, 2: 2}, ["Name"])
    assert edits.cells == {0: {"Name": ("Ann", "")}}
    assert edits.emptied == {}


def test_rows_are_compared_with_their_own_record_whatever_the_order(frame: Frame) -> None:
    base = frame({"Name": ["Ann", "Bob", "Cy"]})
    sheet = frame({"Name": ["Cy", "Bob!", "Ann"]}, first=10)
    assert edited_cells(sheet, base, {12: 0, 11: 1, 10: 2}, ["Name"]).cells == {11: {"Name": ("Bob", "Bob!")}}


def test_unmatched_rows_and_columns_that_only_one_side_has_are_not_compared(frame: Frame) -> None:
    base = frame({"Name": ["Ann"], "Old": ["x"]})
    sheet = frame({"Name": ["Ann", "New"], "Fresh": ["y", "z"]})
    edits = edited_cells(sheet, base, {0: 0}, ["Name", "Old", "Fresh", "Nowhere"])
    assert edits == Edits()
    assert edited_cells(sheet, base, {}, ["Name"]) == Edits()
    assert edited_cells(frame({}), frame({}), {}, ["Name"]) == Edits()


def test_a_dropped_edit_is_forgotten_with_its_row() -> None:
    edits = Edits({1: {"A": ("x", "y"), "B": ("x", "y")}})
    edits.drop(1, "A")
    assert edits.cells == {1: {"B": ("x", "y")}}
    edits.drop(1, "B")
    edits.drop(1, "B")
    edits.drop(2, "A")
    assert edits.cells == {}


TABLE = st.lists(st.tuples(st.text(max_size=3), st.text(max_size=3)), min_size=1, max_size=6)


@given(TABLE, st.randoms())
def test_an_untouched_frame_has_no_edits(frame: Frame, table: list[tuple[str, str]], random: object) -> None:
    base = frame({"A": [a for a, _ in table], "B": [b for _, b in table]})
    order = list(range(len(table)))
    random.shuffle(order)  # type: ignore[attr-defined]
    sheet = base.iloc[order].set_axis(range(2, 2 + len(order)))
    assert edited_cells(sheet, base, dict(zip(range(2, 2 + len(order)), order, strict=True)), ["A", "B"]) == Edits()


@given(TABLE, TABLE)
def test_laying_the_edits_over_the_base_gives_the_sheet(
    frame: Frame, before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    count = min(len(before), len(after))
    base = frame({"A": [a for a, _ in before[:count]], "B": [b for _, b in before[:count]]})
    sheet = frame({"A": [a for a, _ in after[:count]], "B": [b for _, b in after[:count]]})
    edits = edited_cells(sheet, base, {row: row for row in range(count)}, ["A", "B"])
    made = base.copy()
    for row, cells in edits.cells.items():
        for name, (known, typed) in cells.items():
            assert made.loc[row, name] == known
            made.loc[row, name] = typed
    for row, emptied in edits.emptied.items():
        for name, known in emptied.items():
            assert made.loc[row, name] == known
            made.loc[row, name] = ""
    assert made.equals(sheet)
