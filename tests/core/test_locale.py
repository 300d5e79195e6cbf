"""Declared ways of writing decimals, dates and booleans."""

from __future__ import annotations

import pytest

from bulkio.core.locale import LOCALES, NEUTRAL, Locale

ALL = pytest.mark.parametrize("locale", LOCALES.values(), ids=lambda locale: locale.name or "neutral")


@ALL
def test_no_word_is_both_true_and_false(locale: Locale) -> None:
    assert not locale.true_words & locale.false_words


@ALL
def test_words_are_compared_in_lower_case(locale: Locale) -> None:
    assert all(word == word.lower() for word in locale.true_words | locale.false_words)


@ALL
def test_a_mark_is_one_character_and_the_two_differ(locale: Locale) -> None:
    assert len(locale.decimal_mark) == 1
    assert len(locale.group_mark) <= 1
    assert locale.decimal_mark != locale.group_mark


@ALL
def test_every_locale_understands_what_we_write_ourselves(locale: Locale) -> None:
    assert "true" in locale.true_words
    assert "false" in locale.false_words


def test_locales_are_found_by_their_own_name() -> None:
    assert all(name == locale.name for name, locale in LOCALES.items())


def test_without_a_declaration_there_are_no_group_marks() -> None:
    assert LOCALES[""] == NEUTRAL
    assert (NEUTRAL.decimal_mark, NEUTRAL.group_mark) == (".", "")
