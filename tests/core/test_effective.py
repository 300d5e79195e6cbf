"""The records as they would be: the sheet laid over what was known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bulkio.core.effective import effective_frame
from bulkio.core.kinds import CLEAR

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from bulkio.core.catalogue import Entity

    Frame = Callable[..., pd.DataFrame]


@pytest.fixture
def known(frame: Frame) -> pd.DataFrame:
    return frame({"Code": ["A", "B", "C"], "Name": ["Ann", "Bob", "Cy"], "Guid": ["g0", "g1", "g2"]})


@pytest.mark.parametrize(("typed", "name"), [("Anna", "Anna"), ("", "Ann"), (CLEAR, "")])
def test_a_value_replaces_a_blank_leaves_and_clear_blanks(
    customers: Entity, frame: Frame, known: pd.DataFrame, typed: str, name: str
) -> None:
    made = effective_frame(customers, frame({"Name": [typed]}, first=2), known, {2: 0}, set())
    assert list(made.loc[2].reindex(["Code", "Name", "Guid"])) == ["A", name, "g0"]


def test_records_that_only_the_reference_has_come_under_negative_labels(
    customers: Entity, frame: Frame, known: pd.DataFrame
) -> None:
    made = effective_frame(customers, frame({"Name": ["Bob"]}, first=2), known, {2: 1}, set())
    assert made.index.tolist() == [2, -1, -3]
    assert made["Code"].tolist() == ["B", "A", "C"]


def test_a_new_row_holds_only_what_was_typed(customers: Entity, frame: Frame, known: pd.DataFrame) -> None:
    made = effective_frame(customers, frame({"Code": ["D"], "Name": [CLEAR]}, first=9), known, {}, set())
    assert list(made.loc[9].reindex(["Code", "Name", "Credit", "Guid"])) == ["D", "", "", ""]


def test_dropped_rows_are_in_neither_part(customers: Entity, frame: Frame, known: pd.DataFrame) -> None:
    made = effective_frame(customers, frame({"Name": ["x", "y"]}, first=2), known, {2: 0, 3: 1}, {2})
    assert made.index.tolist() == [3, -3]


def test_every_field_is_a_column_and_a_child_has_its_parents_key_in_front(
    customers: Entity, addresses: Entity, frame: Frame
) -> None:
    assert effective_frame(customers, frame({}), frame({}), {}, set()).columns.tolist() == list(customers.by_name)
    made = effective_frame(addresses, frame({"Code": ["A"]}), frame({}), {}, set())
    assert made.columns.tolist() == ["Code", *addresses.by_name]
    assert made.loc[0, "Code"] == "A"


def test_without_a_sheet_everything_known_is_left(customers: Entity, frame: Frame, known: pd.DataFrame) -> None:
    made = effective_frame(customers, frame({}), known, {}, set())
    assert made["Name"].tolist() == ["Ann", "Bob", "Cy"]
    assert made.index.tolist() == [-1, -2, -3]
