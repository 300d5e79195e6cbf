"""Which record a row is: by id, or else by the key that people know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.match import alike, key_columns, match_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from bulkio.core.catalogue import Entity

    Frame = Callable[..., pd.DataFrame]

PEOPLE = {
    "Code": ["A", "A", "A", "B", "B"],
    "First": ["Ann", "Bob", "Bob", "Ann", ""],
    "Last": ["Lee", "Roe", "Roe", "Lee", ""],
    "Guid": ["g0", "g1", "g2", "g3", "g4"],
}


@pytest.fixture
def people(frame: Frame) -> pd.DataFrame:
    return frame(PEOPLE)


@pytest.mark.parametrize(
    ("row", "label"),
    [
        ({"Guid": "g3", "Code": "A", "First": "Bob", "Last": "Roe"}, 3),  # the id alone decides
        ({"Guid": "", "Code": "B", "First": "Ann", "Last": "Lee"}, 3),
        ({"Guid": "", "Code": "A", "First": "Ann", "Last": "Lee"}, 0),
        ({"Guid": "unknown", "Code": "A", "First": "Ann", "Last": "Lee"}, None),
        ({"Guid": "", "Code": "A", "First": "ann", "Last": "Lee"}, None),
        ({"Guid": "", "Code": "B", "First": "", "Last": ""}, None),  # a key of blanks names nobody
        ({"Guid": "", "Code": "", "First": "Ann", "Last": "Lee"}, None),
        ({"Code": "B", "First": "Ann", "Last": "Lee"}, 3),
        ({"First": "Ann", "Last": "Lee"}, None),  # whose Ann?
        ({"Guid": "g1"}, 1),
        ({"Code": "A"}, None),
    ],
)
def test_a_row_is_matched_by_its_id_or_else_by_its_key(
    contacts: Entity, frame: Frame, people: pd.DataFrame, row: dict[str, str], label: int | None
) -> None:
    match = match_rows(contacts, frame({name: [value] for name, value in row.items()}, first=7), people)
    assert match.labels == ({} if label is None else {7: label})
    assert not match.ambiguous


def test_a_key_that_several_records_have_is_ambiguous(contacts: Entity, frame: Frame, people: pd.DataFrame) -> None:
    match = match_rows(contacts, frame({"Code": ["A"], "First": ["Bob"], "Last": ["Roe"]}, first=7), people)
    assert match.labels == {}
    assert match.ambiguous == {7}


def test_an_unknown_id_falls_back_to_the_key_only_where_ids_may_change(
    contacts: Entity, frame: Frame, people: pd.DataFrame
) -> None:
    sheet = frame({"Guid": ["old"], "Code": ["A"], "First": ["Ann"], "Last": ["Lee"]})
    assert match_rows(contacts, sheet, people).labels == {}
    assert match_rows(contacts, sheet, people, ids_may_change=True).labels == {0: 0}


def test_two_rows_may_be_the_same_record(contacts: Entity, frame: Frame, people: pd.DataFrame) -> None:
    assert match_rows(contacts, frame({"Guid": ["g0", "g0"]}), people).labels == {0: 0, 1: 0}


def test_nothing_matches_in_nothing(contacts: Entity, frame: Frame, people: pd.DataFrame) -> None:
    assert match_rows(contacts, people.iloc[:0], people).labels == {}
    assert match_rows(contacts, people, people.iloc[:0]).labels == {}
    assert match_rows(contacts, frame({}), people).labels == {}


def test_a_childs_key_begins_with_its_parents(contacts: Entity, customers: Entity) -> None:
    assert key_columns(contacts) == ["Code", "First", "Last"]
    assert key_columns(customers) == ["Code"]


@given(st.permutations(range(12)), st.booleans())
def test_every_row_of_a_shuffled_export_is_found(
    customers: Entity,
    frame: Frame,
    order: list[int],
    with_ids: bool,  # noqa: FBT001 hypothesis gives it
) -> None:
    base = frame({"Code": [f"C{at}" for at in range(12)], "Guid": [f"g{at}" for at in range(12)]})
    sheet = base.iloc[order].set_axis(range(2, 14))
    match = match_rows(customers, sheet if with_ids else sheet.drop(columns="Guid"), base)
    assert [match.labels[row] for row in range(2, 14)] == order


@pytest.mark.parametrize(
    "other", ["ab 1", "AB 1 ", "\tAB 1", "AB  1", "AB\u00a01", "A\u200bB 1", "AB\u00ad 1", "\ufeffAB 1"]
)
def test_keys_that_look_the_same_are_alike(other: str) -> None:
    assert alike(other) == alike("AB 1")


@pytest.mark.parametrize("other", ["AB1", "A B 1", "AB 2", "AB-1", "ÀB 1"])
def test_keys_that_can_be_told_apart_are_not_alike(other: str) -> None:
    assert alike(other) != alike("AB 1")


def test_an_accent_is_the_same_however_it_is_put_together() -> None:
    assert alike("\u00c41") == alike("A\u03081")
