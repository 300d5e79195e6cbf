"""Converters: total, never guessing, and whatever they cannot carry exactly is said of its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core import converters
from bulkio.core.converters import Converter, Reason

if TYPE_CHECKING:
    from collections.abc import Sequence


def of(converter: Converter, *values: str) -> tuple[tuple[str, ...], list[tuple[int, Reason]]]:
    """One row through a converter: what comes out, and what is said of which source column."""
    made = converter([[value] for value in values])
    return tuple(column[0] for column in made.columns), [(note.source, note.reason) for note in made.notes]


NO, JOINED, SPLIT, ROOM = Reason.NO_EQUIVALENT, Reason.JOINED, Reason.SPLIT, Reason.NO_ROOM


@pytest.mark.parametrize(
    ("first", "last", "name", "said"),
    [
        ("Harold", "Smith", "Harold Smith", []),
        ("Harold", "", "Harold", []),
        ("", "", "", []),
        ("", "Smith", "Smith", [(1, JOINED)]),
        ("Mary Ann", "Smith", "Mary Ann Smith", [(0, JOINED), (1, JOINED)]),
        ("Anna", "von der Heide", "Anna von der Heide", [(0, JOINED), (1, JOINED)]),
    ],
)
def test_two_names_become_one(first: str, last: str, name: str, said: Sequence[tuple[int, Reason]]) -> None:
    assert of(converters.join_names, first, last) == ((name,), said)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Harold Smith", "Harold", "Smith"),
        ("Harold", "Harold", ""),
        ("Mary Ann Smith", "Mary Ann Smith", ""),
        ("Harold  Smith", "Harold  Smith", ""),
        (" Smith", " Smith", ""),
        ("Smith ", "Smith ", ""),
        ("Harold\u00a0Smith", "Harold\u00a0Smith", ""),
    ],
)
def test_a_name_is_split_only_if_it_is_exactly_two_words_and_always_named(name: str, first: str, last: str) -> None:
    assert of(converters.split_name, name) == ((first, last), [(0, SPLIT)])


def test_no_name_is_nothing_to_check() -> None:
    assert of(converters.split_name, "") == (("", ""), [])


@given(st.text())
def test_splitting_a_name_loses_nothing_of_it(name: str) -> None:
    (first, last), _ = of(converters.split_name, name)
    assert of(converters.join_names, first, last)[0] == (name,)


@given(st.text(), st.text())
def test_two_names_that_are_not_named_come_back_as_they_were(first: str, last: str) -> None:
    (name,), said = of(converters.join_names, first, last)
    assert said or of(converters.split_name, name)[0] == (first, last)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("New Zealand", "NZ"),
        ("Germany", "DE"),
        ("Vietnam", "VN"),
    ],
)
def test_a_country_is_known_by_its_name(text: str, code: str) -> None:
    assert of(converters.country_code, text) == ((code,), [])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("new zealand ", "NZ"),
        ("NZ", "NZ"),
        ("nzl", "NZ"),
        ("Federal Republic of Germany", "DE"),
        ("Viet Nam", "VN"),
    ],
)
def test_a_country_by_another_name_or_a_code_is_named_since_it_comes_back_otherwise(text: str, code: str) -> None:
    assert of(converters.country_code, text) == ((code,), [(0, Reason.RESPELLED)])


@pytest.mark.parametrize("text", ["Newzealand", "UK", "Deutschland", "England", "?"])
def test_a_country_that_iso_3166_does_not_know_is_named_and_not_guessed(text: str) -> None:
    assert of(converters.country_code, text) == (("",), [(0, NO)])


def test_a_code_becomes_the_name_that_people_use() -> None:
    assert of(converters.country_name, "VN") == (("Vietnam",), [])
    assert of(converters.country_name, "gb") == (("United Kingdom",), [])
    assert of(converters.country_name, "XX") == (("",), [(0, NO)])


def test_every_country_comes_back_from_its_name() -> None:
    pycountry = pytest.importorskip("pycountry")
    codes = [country.alpha_2 for country in pycountry.countries]
    names = converters.country_name([codes])
    again = converters.country_code([*names.columns])
    assert (list(again.columns), again.notes) == ([codes], [])


@pytest.mark.parametrize(
    ("state", "country", "code"),
    [("Bayern", "Germany", "BY"), ("California", "United States", "CA"), ("", "DE", "")],
)
def test_a_state_has_a_code_of_two_characters(state: str, country: str, code: str) -> None:
    assert of(converters.state_code, state, country) == ((code,), [])


def test_a_states_own_code_comes_back_as_its_name() -> None:
    assert of(converters.state_code, "BY", "DE") == (("BY",), [(0, Reason.RESPELLED)])


@pytest.mark.parametrize(("state", "country"), [("NSW", "AU"), ("Auckland", "NZ"), ("Bayern", ""), ("Baiern", "DE")])
def test_a_state_without_such_a_code_is_named(state: str, country: str) -> None:
    assert of(converters.state_code, state, country) == (("",), [(0, NO)])


def test_a_states_code_becomes_its_name_and_an_unknown_one_stays() -> None:
    assert of(converters.state_name, "BY", "DE") == (("Bayern",), [])
    assert of(converters.state_name, "Q9", "DE") == (("Q9",), [])


def test_one_of_an_owners_records_is_the_default_one() -> None:
    made = converters.one_default([["false", "true", "true", "true", ""], ["a", "a", "a", "b", "a"]])
    assert made.columns == (["false", "true", "false", "true", ""],)
    assert [(note.position, note.reason) for note in made.notes] == [(2, ROOM)]


@pytest.mark.parametrize(("name", "days"), [("7 Days", "7"), ("14 days", "14"), ("1 Day", "1"), ("120 Days", "120")])
def test_a_term_in_days_is_its_days(name: str, days: str) -> None:
    assert of(converters.term_days, name) == ((days,), [])


@pytest.mark.parametrize(
    "name", ["20th Month following", "End of Month following", "Cash on Delivery", "Net 30", "0 Days", "30", "Days"]
)
def test_any_other_term_is_named(name: str) -> None:
    assert of(converters.term_days, name) == (("",), [(0, NO)])


@given(st.integers(1, 999))
def test_days_come_back_from_the_terms_name(days: int) -> None:
    (name,), said = of(converters.days_term, str(days))
    assert (of(converters.term_days, name), said) == (((str(days),), []), [])


def test_no_days_are_no_term() -> None:
    assert of(converters.days_term, "0") == (("",), [(0, Reason.UNSET)])


@pytest.mark.parametrize("days", ["-3", "1000"])
def test_days_that_no_term_has_are_named(days: str) -> None:
    assert of(converters.days_term, days) == (("",), [(0, NO)])


@pytest.mark.parametrize(
    ("limit", "flag", "there", "said"),
    [
        ("5000", "true", "5000", []),
        ("0", "true", "", [(0, NO), (1, NO)]),
        ("", "", "", []),
        ("", "false", "", []),
        ("5000", "false", "", [(0, NO)]),
        ("5000", "", "", [(0, NO)]),
        ("0", "false", "", [(0, Reason.UNSET)]),
        ("", "true", "", [(1, NO)]),
    ],
)
def test_a_limit_is_one_only_if_it_is_in_force(
    limit: str, flag: str, there: str, said: Sequence[tuple[int, Reason]]
) -> None:
    assert of(converters.limit_in_force, limit, flag) == ((there,), said)


def test_a_limit_brings_its_flag_and_none_says_nothing() -> None:
    assert of(converters.limit_with_flag, "5000") == (("5000", "true"), [])
    assert of(converters.limit_with_flag, "") == (("", ""), [])
    assert of(converters.limit_with_flag, "0") == (("0", "false"), [])


@pytest.mark.parametrize(
    ("first", "second", "line", "said"),
    [
        ("Level 2", "", "Level 2", []),
        ("Level 2", "Takapuna", "Level 2, Takapuna", [(0, JOINED), (1, JOINED)]),
        ("", "Takapuna", "Takapuna", [(1, JOINED)]),
    ],
)
def test_two_lines_become_one(first: str, second: str, line: str, said: Sequence[tuple[int, Reason]]) -> None:
    assert of(converters.join_lines, first, second) == ((line,), said)


@pytest.mark.parametrize(
    ("values", "taken", "said"),
    [
        (("1", ""), "1", []),
        (("1", "1"), "1", []),
        (("1", "2"), "1", [(1, ROOM)]),
        (("", "2"), "2", [(1, Reason.MOVED)]),
        (("", ""), "", []),
    ],
)
def test_of_several_the_first_that_is_filled_is_taken(
    values: tuple[str, ...], taken: str, said: Sequence[tuple[int, Reason]]
) -> None:
    assert of(converters.first_filled, *values) == ((taken,), said)
