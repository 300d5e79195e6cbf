"""What an ERP shows of a value that it hides, told from the value, and held against it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.masks import fits, is_mask

IBAN = "DE89370400440532013000"


@pytest.mark.parametrize(
    ("shown", "value", "fitting"),
    [
        ("DE89**************3000", IBAN, True),
        ("DE89**3000", IBAN, True),
        ("***", IBAN, True),
        ("DE89*", IBAN, True),
        ("M-***17", "M-2026-17", True),
        ("DE89**************3001", IBAN, False),
        ("AT89**************3000", IBAN, False),
        ("D.*", IBAN, False),
        (IBAN, IBAN, False),
        ("", IBAN, False),
        ("***", "", True),
    ],
)
def test_a_mask_fits_what_it_may_hide(shown: str, value: str, *, fitting: bool) -> None:
    assert fits(shown, value) is fitting


@given(st.text(), st.integers(0, 8), st.integers(0, 8), st.integers(1, 20))
def test_a_mask_of_a_value_always_fits_it(value: str, head: int, tail: int, stars: int) -> None:
    shown = value[:head] + "*" * stars + (value[max(head, len(value) - tail) :])
    assert is_mask(shown)
    assert fits(shown, value)
