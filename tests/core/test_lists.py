"""Lists in one cell: no member is lost, whatever characters it has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.lists import join_members, split_members


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ([], ""),
        (["VIP"], "VIP"),
        (["VIP", "B2B", "VIP"], "B2B; VIP"),
        (["a@example.com", "b,c@example.com"], "a@example.com; b,c@example.com"),
        (["a;b", "c"], '["a;b","c"]'),
        ([" a"], '[" a"]'),
        ([""], '[""]'),
        (["[x]"], '["[x]"]'),
        (["Händler;"], '["Händler;"]'),
    ],
)
def test_a_set_of_members_has_one_text(members: list[str], text: str) -> None:
    assert join_members(members) == text
    assert set(split_members(text) or ()) == set(members)


@pytest.mark.parametrize(
    ("typed", "members"),
    [
        ("VIP;B2B", ["VIP", "B2B"]),
        (" VIP ; ; B2B;", ["VIP", "B2B"]),
        (";", []),
        ("a, b", ["a, b"]),
        (' ["a", "b"] ', ["a", "b"]),
        ("[]", []),
    ],
)
def test_members_are_read_as_people_type_them(typed: str, members: list[str]) -> None:
    assert split_members(typed) == members


@pytest.mark.parametrize("typed", ["[", "[x]", "[1]", '["a"', '["a", null]', "[" * 100_000])
def test_what_begins_like_json_and_is_none_is_refused(typed: str) -> None:
    assert split_members(typed) is None


@given(st.lists(st.text(max_size=6) | st.sampled_from([";", "[", "", " ", "[CLEAR]"])))
def test_no_member_is_lost_or_changed(members: list[str]) -> None:
    text = join_members(members)
    assert sorted(split_members(text) or ()) == sorted(set(members))
    assert join_members(split_members(text) or ()) == text
