from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bulkio.http.retry import Patience, parse_http_date, parse_retry_after

NOW = datetime(2026, 1, 31, 9, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),  # not in the RFC, but plain enough
        ("315360000", 315360000.0),  # ten years
        ("9" * 60, float("9" * 60)),
        ("Sat, 31 Jan 2026 09:00:30 GMT", 30.0),
        ("Saturday, 31-Jan-26 09:00:30 GMT", 30.0),
        ("Sat, 31 Jan 2026 08:00:00 GMT", 0.0),  # in the past
        ("Thu, 31 Jan 2036 09:00:00 GMT", timedelta(days=3652).total_seconds()),
        ("-5", None),
        ("", None),
        (None, None),
        ("soon", None),
        ("5 minutes", None),
        ("NaN", None),
        ("inf", None),
        ("1e3", None),
        ("Sat, 99 Jan 2026 09:00:30 GMT", None),
        ("Sat, 31 Jan 2026 09:00:30", None),  # without a zone nobody knows when
        ("٣", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_junk_is_no_answer(header: str | None, seconds: float | None) -> None:
    assert parse_retry_after(header, NOW) == seconds


def test_a_date_header_is_an_aware_instant() -> None:
    assert parse_http_date("Sat, 31 Jan 2026 09:00:00 GMT") == NOW
    assert parse_http_date("yesterday") is None
    assert parse_http_date(None) is None


def test_delays_double_up_to_the_longest() -> None:
    patience = Patience(first_delay=0.5, longest_delay=30, jitter=lambda: 0.0)
    assert [patience.delay(attempt) for attempt in (1, 2, 3, 7, 8, 5000)] == [0.5, 1, 2, 30, 30, 30]


def test_chance_shortens_a_delay_by_half_at_most() -> None:
    assert Patience(first_delay=8, jitter=lambda: 1.0).delay(1) == 4
    assert all(4 <= Patience(first_delay=8).delay(1) <= 8 for _ in range(100))
