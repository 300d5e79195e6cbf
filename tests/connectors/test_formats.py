"""E-mail addresses, websites and countries: a table of what passes, and one of what does not."""

from __future__ import annotations

import pytest

from bulkio.core.catalogue import Format
from bulkio.core.formats import format_failures

FINE = {
    Format.EMAIL: [
        "a@b.co",
        "first.last+tag@sub.example.com",
        "o'neil@example.co.nz",
        "UPPER@EXAMPLE.COM",
        "x@münchen.example",
        "用户@例え.jp",
        '"odd one"@example.com',
        "root@[127.0.0.1]",
        "printer@office.local",  # not deliverable from here, but somebody has it
        "a" * 64 + "@example.com",
    ],
    Format.EMAIL_LIST: ["a@b.co", "a@b.co,c@d.co", "a@b.co, c@d.co", "a@b.co,x@münchen.example"],
    Format.WEBSITE: [
        "https://www.example.com",
        "http://example.com:8080/path?query=1#there",
        "www.example.com",
        "example.co.nz/shop",
        "EXAMPLE.COM",
        "//example.com",
        "https://münchen.example",
        "http://192.168.0.1/",
        "https://www.example.com/@user",
    ],
    Format.COUNTRY_CODE: ["DE", "de", "GB"],
    Format.COUNTRY: ["NZ", "nz", "New Zealand", "United Kingdom", "Atlantis", "NZL", "Côte d'Ivoire", "GB"],
}

WRONG = {
    Format.EMAIL: [
        "nobody",
        "a@b",
        "@example.com",
        "a@",
        "a b@example.com",
        " a@b.co",
        "a@b.co ",
        "a@b.co,c@d.co",
        "a@b.co;c@d.co",
        "a..b@example.com",
        "a@example..com",
        "a@-example.com",
        "Ann <a@b.co>",
        "a" * 65 + "@",
    ],
    Format.EMAIL_LIST: ["a@b.co;c@d.co", "a@b.co,", ",a@b.co", "a@b.co,,c@d.co", "a@b.co,nobody", "nobody"],
    Format.WEBSITE: [
        "not a site",
        "localhost",
        "mailto:a@b.co",
        "a@b.co",
        "javascript:alert(1)",
        "example",
        ".",
        "a..b",
    ],
    Format.COUNTRY_CODE: ["UK", "New Zealand", "XX", "DEU", " DE", "1"],
    Format.COUNTRY: ["UK", "XX", "uk", "ZZ", "12", "E1"],
}


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in FINE.items() for value in values])
def test_what_passes(kind: Format, value: str) -> None:
    assert format_failures(kind, [value]) == []


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in WRONG.items() for value in values])
def test_what_does_not_pass_says_what_is_wrong_and_what_to_do(kind: Format, value: str) -> None:
    ((position, message, hint),) = format_failures(kind, [value])
    assert position == 0
    assert message
    assert hint.endswith(".")
    assert "\n" not in message + hint


def test_positions_are_those_of_the_column_and_blanks_are_fine() -> None:
    failures = format_failures(Format.COUNTRY, ["", "NZ", "XX", "", "XX"])
    assert [position for position, _, _ in failures] == [2, 4]


@pytest.mark.parametrize(
    ("kind", "value", "advice"),
    [
        (Format.COUNTRY, "UK", "GB"),
        (Format.COUNTRY_CODE, "UK", "GB"),
        (Format.COUNTRY, "el", "GR"),
        (Format.EMAIL, " a@b.co ", "Write a@b.co."),
        (Format.EMAIL_LIST, "a@b.co; c@d.co;", "Write a@b.co,c@d.co."),
    ],
)
def test_the_hint_holds_the_right_spelling_where_there_is_one(kind: Format, value: str, advice: str) -> None:
    ((_, _, hint),) = format_failures(kind, [value])
    assert advice in hint


def test_a_hundred_thousand_ordinary_addresses_need_no_library() -> None:
    values = [f"person{number}@example{number % 97}.com" for number in range(100_000)]
    assert format_failures(Format.EMAIL, values) == []
