"""How people of a place write decimals and booleans; declared by the user, never guessed from a cell."""

from __future__ import annotations

from dataclasses import dataclass

_TRUE = ("true", "yes", "1", "y")
_FALSE = ("false", "no", "0", "n")


@dataclass(frozen=True, slots=True)
class Locale:
    """One declared way of writing; `decimal_mark` and `group_mark` are single characters (the latter may be blank)."""

    name: str
    decimal_mark: str
    group_mark: str
    true_words: frozenset[str]
    false_words: frozenset[str]
    day_first: bool


def _locale(name: str, marks: str, true: tuple[str, ...] = (), false: tuple[str, ...] = (), *, day: bool) -> Locale:
    return Locale(name, marks[0], marks[1:2], frozenset(_TRUE + true), frozenset(_FALSE + false), day)


#: Without a declaration: a point, and no group marks (`1,234` is refused: it is 1234 here and 1.234 there).
NEUTRAL = _locale("", ".", day=False)

LOCALES = {
    "": NEUTRAL,
    "en": _locale("en", ".,", day=False),
    "en-gb": _locale("en-gb", ".,", day=True),
    "de": _locale("de", ",.", ("wahr", "ja", "j"), ("falsch", "nein"), day=True),
    "fr": _locale("fr", ",", ("vrai", "oui"), ("faux", "non"), day=True),
}
