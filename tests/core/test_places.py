"""Texts are numbered as a dict of them would number them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.places import Places


@given(st.lists(st.text(max_size=3)), st.lists(st.text(max_size=3)))
def test_a_text_keeps_the_number_that_it_got_first(texts: list[str], others: list[str]) -> None:
    expected: dict[str, int] = {}
    places = Places()
    for text in texts:
        assert places.number(text) == expected.setdefault(text, len(expected))
        assert len(places) == len(expected)
    assert [other in places for other in others] == [other in expected for other in others]


def test_many_ids_are_told_apart() -> None:
    places = Places()
    ids = [f"00000000-0000-4000-8000-{number:012d}" for number in range(30_000)]
    assert [places.number(each) for each in ids] == list(range(30_000))
    assert [places.number(each) for each in reversed(ids)] == list(reversed(range(30_000)))


def test_half_a_character_has_a_place_too() -> None:
    places = Places()
    assert [places.number(each) for each in ("\ud800", "?", "\ud800")] == [0, 1, 0]
