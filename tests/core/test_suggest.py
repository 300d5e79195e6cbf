"""Near misses: shown where they help, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.suggest import did_you_mean


@pytest.mark.parametrize(
    ("value", "choices", "suggestion"),
    [
        ("NZ", ["NZD", "AUD"], "Did you mean 'NZD'?"),
        ("NZX", ["NZD", "AUD"], "Did you mean 'NZD'?"),
        ("custmer", ["Customer"], "Did you mean 'Customer'?"),
        ("CUSTOMER", ["customer"], "Did you mean 'customer'?"),
        ("C0123", ["C0124", "C0124", "X"], "Did you mean 'C0124'?"),
        ("zebra", ["Auckland", "Kiel"], ""),
        ("x", [], ""),
        ("", ["a"], ""),
    ],
)
def test_what_comes_near_is_suggested_once(value: str, choices: list[str], suggestion: str) -> None:
    assert did_you_mean(value, choices) == suggestion


def test_at_most_three_are_suggested() -> None:
    assert did_you_mean("C012", [f"C012{digit}" for digit in range(9)]).count("'") == 6


@given(st.text(max_size=5), st.lists(st.text(max_size=5), max_size=4))
def test_no_text_makes_it_fail(value: str, choices: list[str]) -> None:
    assert isinstance(did_you_mean(value, iter(choices)), str)
