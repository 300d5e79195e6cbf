"""Single cells against the rules of their own field: length, choices, spelling, characters that no ERP takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulkio.core.catalogue import Entity, Field, Format, Kind
from bulkio.core.issues import IssueCode
from bulkio.core.kinds import CLEAR
from bulkio.core.schema import FEW, check_cells

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    Frame = Callable[..., pd.DataFrame]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Name", "x" * 20),
        ("Name", "😀" * 20),
        ("Name", ""),
        ("Name", CLEAR),
        ("Currency.Code", CLEAR),  # longer than the field may be, but it is no value
        ("Tier", "Gold"),
        ("Tier", CLEAR),
        ("Tier", ""),
        ("Mail", "a@example.com"),
        ("Mail", CLEAR),
        ("Remark", "two\nlines\tand a tab"),
        ("Remark", "[CLEARED]"),
        ("Remark", "clear"),
        ("Remark", "\u2028\x7f\x85\ufeff"),
        ("Code", "=1+1"),
    ],
)
def test_a_good_cell_has_no_problem(customers: Entity, frame: Frame, name: str, value: str) -> None:
    assert check_cells(customers, frame({name: [value]})) == []


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Name", "x" * 21, IssueCode.TOO_LONG),
        ("Currency.Code", "NZDX", IssueCode.TOO_LONG),
        ("Tier", "gold", IssueCode.NOT_A_CHOICE),
        ("Tier", " Gold", IssueCode.NOT_A_CHOICE),
        ("Mail", "nobody", IssueCode.BAD_FORMAT),
        ("Remark", "a\x00b", IssueCode.CONTROL_CHARACTER),
        ("Remark", "\x1f", IssueCode.CONTROL_CHARACTER),
        ("Remark", "\x0b", IssueCode.CONTROL_CHARACTER),
        ("Remark", "half \ud83d a pair", IssueCode.CONTROL_CHARACTER),
        ("Remark", "\uffff", IssueCode.CONTROL_CHARACTER),
        ("Remark", "[clear]", IssueCode.BAD_FORMAT),
        ("Remark", " [CLEAR] ", IssueCode.BAD_FORMAT),
    ],
)
def test_a_bad_cell_has_a_problem_with_its_row_and_field(
    customers: Entity, frame: Frame, name: str, value: str, code: IssueCode
) -> None:
    (problem,) = check_cells(customers, frame({name: ["", value, ""]}, first=16))
    assert (problem.row, problem.field, problem.code) == (17, name, code)
    assert problem.message
    assert problem.hint


def test_a_long_text_says_by_how_much(customers: Entity, frame: Frame) -> None:
    (problem,) = check_cells(customers, frame({"Name": ["x" * 23]}))
    assert "23 characters" in problem.message
    assert problem.hint == "Shorten it by 3."


def test_one_cell_may_have_several_problems(customers: Entity, frame: Frame) -> None:
    problems = check_cells(customers, frame({"Name": ["\x00" * 21]}))
    assert {problem.code for problem in problems} == {IssueCode.TOO_LONG, IssueCode.CONTROL_CHARACTER}


def test_columns_of_others_and_frames_without_rows_or_columns_are_no_problem(customers: Entity, frame: Frame) -> None:
    assert check_cells(customers, frame({"Elsewhere": ["\x00"]})) == []
    assert check_cells(customers, frame({"Name": []})) == []
    assert check_cells(customers, frame({})) == []


def test_every_bad_row_of_a_column_is_named(customers: Entity, frame: Frame) -> None:
    problems = check_cells(customers, frame({"Tier": ["Gold", "x", "y", "x"]}, first=2))
    assert [(problem.row, problem.code) for problem in problems] == [(row, IssueCode.NOT_A_CHOICE) for row in (3, 4, 5)]


@given(st.lists(st.text(max_size=25), min_size=1, max_size=5))
def test_length_is_counted_in_characters(customers: Entity, frame: Frame, values: list[str]) -> None:
    problems = check_cells(customers, frame({"Name": values}))
    long = {problem.row for problem in problems if problem.code is IssueCode.TOO_LONG}
    assert long == {at for at, value in enumerate(values) if len(value) > 20}


@pytest.mark.parametrize(
    ("value", "hint"), [("Germany", "Write DE."), ("UK", "Write GB."), ("ZZZ", "Write it like NZ.")]
)
def test_a_country_that_is_no_code_is_one_problem_and_names_the_code(frame: Frame, value: str, hint: str) -> None:
    country = Field(name="country", kind=Kind.TEXT, max_length=2, format=Format.COUNTRY_CODE)
    places = Entity(name="Places", singular="place", id_field="country", key_fields=("country",), fields=(country,))
    (problem,) = check_cells(places, frame({"country": [value]}))
    assert (problem.code, problem.hint) == (IssueCode.BAD_FORMAT, hint)


def test_the_members_of_a_list_are_texts_as_others(frame: Frame) -> None:
    tagged = Entity(name="Tagged", singular="tag", id_field="Tags", key_fields=(),
                    fields=(Field(name="Tags", kind=Kind.LIST),))  # fmt: skip
    problems = check_cells(tagged, frame({"Tags": ["VIP; a\x00b", "B2B; VIP", "V\ufffdP"]}, first=2))
    assert {problem.row: problem.code for problem in problems} == {
        2: IssueCode.CONTROL_CHARACTER, 4: IssueCode.DAMAGED,
    }  # fmt: skip


@settings(max_examples=20)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["", "Ann", "x" * 21, "\ufffd" * 30, "a\x07\ufffd" + "x" * 30, CLEAR]),
            st.sampled_from(["", "Gold", "Brass", CLEAR]),
            st.sampled_from(["", "NZD", "NZDX", "\x00"]),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_a_whole_file_is_held_to_the_rules_of_a_few_rows_in_the_same_order(
    customers: Entity, frame: Frame, rows: list[tuple[str, str, str]]
) -> None:
    names = ("Name", "Tier", "Currency.Code")
    few = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    many = {name: texts + [""] * FEW for name, texts in few.items()}
    assert check_cells(customers, frame(many)) == check_cells(customers, frame(few))
