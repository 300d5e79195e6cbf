"""The pieces of two texts: together they are the texts, and what is marked is what differs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.text_diff import Piece, pieces

TEXTS = st.text(st.sampled_from("ab 1,é\n\u202e"), max_size=40)


def shown(parts: tuple[Piece, ...]) -> str:
    return "".join(f"[{part.text}]" if part.is_changed else part.text for part in parts)


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("12 Grey Street, Napier", "12 Gray Street, Napier", "12 [Grey] Street, Napier", "12 [Gray] Street, Napier"),
        ("7 Days", "Cash on Delivery", "[7 Days]", "[Cash on Delivery]"),
        ("a@example.com", "a@example.com,b@example.com", "a@example.com", "a@example.com[,b@example.com]"),
        ("021 555 0123", "021 555 0124", "021 555 [0123]", "021 555 [0124]"),
        ("one  two", "one two", "one[  ]two", "one[ ]two"),
        ("", "new", "", "[new]"),
        ("old", "", "[old]", ""),
        ("same", "same", "same", "same"),
    ],
)
def test_the_words_that_differ_are_marked(before: str, after: str, old: str, new: str) -> None:
    one, other = pieces(before, after)
    assert (shown(one), shown(other)) == (old, new)


@given(TEXTS, TEXTS)
def test_the_pieces_are_the_texts_again_and_what_is_not_marked_is_in_both(before: str, after: str) -> None:
    one, other = pieces(before, after)
    assert "".join(part.text for part in one) == before
    assert "".join(part.text for part in other) == after
    kept = ["".join(part.text for part in parts if not part.is_changed) for parts in (one, other)]
    assert kept[0] == kept[1]
    assert all(part.text for part in (*one, *other))


def test_long_texts_are_marked_between_what_they_share() -> None:
    before, after = "a " + "x " * 5000 + "z", "a " + "y " * 5000 + "z"
    one, _ = pieces(before + " end" * 9000, after + " end" * 9000)
    assert [part.is_changed for part in one] == [False, True, False]
