"""A column of instants in .NET's spelling is read as each of them alone would be, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.kinds import canonical_timestamp
from bulkio.core.ticks import instants

TICKS = st.integers(-62_135_596_800_000, 253_402_300_799_999)
PIECES = st.sampled_from(["/Date(", ")/", ")/\n/Date(", "\n", "-", "+", "0", "12", "1_2", " ", "\u0661", "\u00b2"])


@given(st.lists(TICKS | TICKS.map(lambda tick: tick // 1000 * 1000) | TICKS.map(lambda tick: tick // 10 * 10)))
def test_a_column_of_ticks_is_read_as_each_of_them_alone(ticks: list[int]) -> None:
    column = [f"/Date({tick})/" for tick in ticks]
    assert (instants(column) or []) == [canonical_timestamp(text) for text in column]


@given(st.lists(st.lists(PIECES, max_size=6).map("".join) | TICKS.map("/Date({})/".format), max_size=4))
def test_whatever_else_stands_there_is_never_misread(column: list[str]) -> None:
    read = instants(column)
    assert read is None or read == [canonical_timestamp(text) for text in column]


@pytest.mark.parametrize(
    "column",
    [
        [],
        [""],
        ["/Date(1)//Date(2)/", ""],
        ["/Date(1)/\n/Date(2)/"],
        ["/Date(1)/\n/Date(2)/", "/Date(3)/"],
        ["/Date(1)/\n/Da", "te(2)/"],
        ["/Date(1-2)/"],
        ["/Date(-)/"],
        ["/Date(--1)/"],
        ["/Date()/"],
        ["/Date(253402300800000)/"],
        ["/Date(-62135596800001)/"],
        ["/Date(0000000000000000)/"],
        ["/Date(1500000000000+1300)/"],
        ["/Date(1)/", "2026-01-31T00:00:00Z"],
    ],
)
def test_a_column_that_is_not_all_plain_ticks_is_left_to_others(column: list[str]) -> None:
    assert instants(column) is None
