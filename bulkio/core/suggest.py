"""Near misses: what a person may have meant. Shown, never applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SCORE = 70  # below this a suggestion is noise
_MOST = 3
_SHORTEST = 3  # characters; anything is one slip away from two


def did_you_mean(value: str, choices: Iterable[str]) -> str:
    """`Did you mean 'NZD' or 'AUD'?`, or "" where nothing comes near."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 only a mistake needs it
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    known = list(dict.fromkeys(choices))
    near = process.extract(value, known, scorer=fuzz.WRatio, processor=str.casefold, limit=_MOST, score_cutoff=_SCORE)
    names = [repr(choice) for choice, _, _ in near]
    if not names and len(value) >= _SHORTEST:  # one slip in a code of three letters is a third of it
        folded = value.casefold()
        names = [repr(each) for each in known if OSA.distance(folded, each.casefold(), score_cutoff=1) <= 1][:_MOST]
    return f"Did you mean {' or '.join(names)}?" if names else ""
