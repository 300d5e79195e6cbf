"""Characters that nobody sees are named; those that a text needs are not."""

# ruff: noqa: RUF001 - the look-alikes are meant

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.unseen import unseen_in


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Acme\u00a0Ltd", "a special space (U+00A0 NO-BREAK SPACE)"),
        ("1\u202f000", "a special space (U+202F NARROW NO-BREAK SPACE)"),
        ("Acme\u200bLtd", "an invisible character (U+200B ZERO WIDTH SPACE)"),
        ("\ufeffAcme", "an invisible character (U+FEFF ZERO WIDTH NO-BREAK SPACE)"),
        ("Ac\u200dme", "an invisible character (U+200D ZERO WIDTH JOINER)"),
        ("Ac\u00adme", "an invisible character (U+00AD SOFT HYPHEN)"),
        ("a\u2028b", "a special line end (U+2028 LINE SEPARATOR)"),
        ("abc\u202etxt.exe", "a mark that turns the direction of writing (U+202E RIGHT-TO-LEFT OVERRIDE)"),
        ("\u2067abc", "a mark that turns the direction of writing (U+2067 RIGHT-TO-LEFT ISOLATE)"),
        ("Аcme", "a letter in 'Аcme' that only looks Latin (U+0410 CYRILLIC CAPITAL LETTER A)"),
        ("Αcme Ltd", "a letter in 'Αcme' that only looks Latin (U+0391 GREEK CAPITAL LETTER ALPHA)"),
        ("раypal", "a letter in 'раypal' that only looks Latin (U+0440 CYRILLIC SMALL LETTER ER)"),
    ],
)
def test_what_nobody_sees_is_named(text: str, named: str) -> None:
    assert named in unseen_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Acme Ltd",
        "Müller & Söhne, Ålesund, Łódź",
        "Whangārei",
        "Москва",
        "Αθήνα Athens",
        "Газпром Export",
        "5 μm, 3 kΩ",
        "株式会社\u3000山田",
        "👨\u200d👩\u200d👧 ❤\ufe0f",
        "می\u200cخواهم",
        "שלום",
        "a\tb\nc",
    ],
)
def test_what_a_text_needs_is_not_named(text: str) -> None:
    assert unseen_in(text) == []


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    assert all(" (U+" in each for each in unseen_in(text))
