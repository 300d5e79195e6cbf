"""What a spreadsheet program did to a cell, told from what a person typed."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bulkio.core.catalogue import Kind
from bulkio.core.damage import Cell, Harm, recognise


@pytest.mark.parametrize(
    ("base", "found", "harm"),
    [
        ("00123", "123", Harm.LEADING_ZEROS),
        ("007", "7", Harm.LEADING_ZEROS),
        ("000", "0", Harm.LEADING_ZEROS),
        ("+6495550123", "6495550123", Harm.RESPELLED),
        ("1.50", "1.5", Harm.RESPELLED),
        ("0012.50", "12.5", Harm.RESPELLED),
        ("1E5", "100000", Harm.RESPELLED),
        ("1,5E3", "1500", Harm.RESPELLED),
        ("true", "TRUE", Harm.RESPELLED),
        ("False", "FALSE", Harm.RESPELLED),
        ("123456789012", "1.23457E+11", Harm.SCIENTIFIC),
        ("123456789012", "1,23457E+11", Harm.SCIENTIFIC),
        ("1E5", "1.00E+05", Harm.SCIENTIFIC),
        ("1,5E3", "1,50E+03", Harm.SCIENTIFIC),
        ("6421123456789", "6E+12", Harm.SCIENTIFIC),
        ("0.00001234", "1.23E-05", Harm.SCIENTIFIC),
        ("1234567890123456", "1234567890123450", Harm.ROUNDED),
        ("1234567890123456", "1234567890123460", Harm.ROUNDED),
        ("12345678901234567890", "12345678901234500000", Harm.ROUNDED),
        ("12345678901234567890", "12345678901234567000", Harm.ROUNDED),
        ("001234567890123456", "1234567890123450", Harm.ROUNDED),
    ],
)
def test_damage_is_recognised_by_what_the_program_made_of_the_exported_text(base: str, found: str, harm: Harm) -> None:
    damage = recognise(base, found)
    assert damage is not None
    assert damage.harm is harm


@pytest.mark.parametrize(
    ("base", "found"),
    [
        ("00123", "124"),
        ("00123", "00124"),
        ("123", "00123"),
        ("Ann", "Bob"),
        ("", "5"),
        ("5", ""),
        ("5", "5"),
        ("A1", "a1"),
        ("true", "false"),
        ("yes", "TRUE"),
        ("1.5", "1.6"),
        ("123456789012", "2.23457E+11"),
        ("123456789012", "1.23457E+12"),
        ("Ann", "1.00E+05"),
        ("1234567890123456", "1234567890123480"),
        ("1234567890123456", "1234567890123000"),
        ("123456789012345", "123456789012340"),
        ("12345678901234567890", "1234567890123450000"),
        ("\u0660\u0661", "1"),
    ],
)
def test_everything_else_is_a_persons_edit(base: str, found: str) -> None:
    assert recognise(base, found) is None


@pytest.mark.parametrize(
    ("found", "harm", "is_certain"),
    [
        ("31.01.2026", Harm.RESPELLED, True),
        ("1/31/2026", Harm.RESPELLED, True),
        ("46053", Harm.DATE, True),
        ("########", Harm.HASHES, True),
    ],
)
def test_a_day_that_a_program_shows_in_its_own_way_is_recognised(found: str, harm: Harm, *, is_certain: bool) -> None:
    damage = recognise("2026-01-31", found, Kind.DATE)
    assert damage is not None
    assert (damage.harm, damage.is_certain) == (harm, is_certain)


def test_a_day_whose_month_changed_places_with_it_is_doubtful() -> None:
    damage = recognise("2026-01-12", "2026-12-01", Kind.DATE)
    assert damage is not None
    assert (damage.harm, damage.is_certain) == (Harm.SWAPPED, False)
    assert recognise("2026-01-31", "2026-02-28", Kind.DATE) is None


def test_integers_and_lists_are_harmed_as_numbers_and_texts_are() -> None:
    rounded = recognise("1234567890123456", "1234567890123460", Kind.INTEGER)
    assert rounded is not None
    assert rounded.harm is Harm.ROUNDED
    misread = recognise("Händler; VIP", "HÃ¤ndler; VIP", Kind.LIST)
    assert misread is not None
    assert misread.harm is Harm.ENCODING


def test_no_program_has_touched_a_text_cell() -> None:
    assert recognise("00123", "123", cell=Cell.TEXT) is None


NUMERALS = st.from_regex(r"[+-]?[0-9]{1,20}([.,][0-9]{1,5})?(E[+-]?[0-9]{1,3})?", fullmatch=True)


@given(st.text(max_size=6) | NUMERALS, st.text(max_size=6) | NUMERALS)
@example("1,5E3", "1,5E+3")
@example("1E999", "1E-999")
@example("1" * 5000, "9" * 5000)
@example("\ud800", "1E5")
def test_no_pair_of_texts_makes_it_fail(base: str, found: str) -> None:
    damage = recognise(base, found)
    assert damage is None or base != found


@given(st.integers(0, 10**14), st.integers(1, 5))
def test_lost_leading_zeros_are_always_recognised(number: int, zeros: int) -> None:
    damage = recognise("0" * zeros + str(number), str(number))
    assert damage is not None
    assert damage.harm is Harm.LEADING_ZEROS
