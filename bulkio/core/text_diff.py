"""What differs inside a text: the pieces of before and after, so that a reader sees the word that changed.

By words, not by letters: "0123 -> 0124" is read at once, "012[3->4]" is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORDS = re.compile(r"\w+|\s+|[^\w\s]")
_MOST = 400  # words that are compared one by one; what lies between the same beginning and end is else marked whole
_ALIKE = 30  # percent; below, two texts have little but blanks in common, and marks would only confuse


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text, and whether the other text lacks it."""

    text: str
    is_changed: bool


def pieces(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces; joined they are the texts again. A blank text has none."""
    if not before or not after:
        return _whole(before), _whole(after)
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    middle = old[head : len(old) - tail], new[head : len(new) - tail]
    matcher = SequenceMatcher(None, *(middle if max(map(len, middle)) <= _MOST else ([], [])), autojunk=False)
    matched = sum(len("".join(old[head + block.a :][: block.size])) for block in matcher.get_matching_blocks())
    matched += len("".join(old[:head])) + len("".join(old[len(old) - tail :]))
    if matched * 100 < _ALIKE * min(len(before), len(after)):
        return _whole(before), _whole(after)
    same_old = {head + block.a + at for block in matcher.get_matching_blocks() for at in range(block.size)}
    same_new = {head + block.b + at for block in matcher.get_matching_blocks() for at in range(block.size)}
    return _marked(old, same_old, head, tail), _marked(new, same_new, head, tail)


def _whole(text: str) -> tuple[Piece, ...]:
    return (Piece(text, is_changed=True),) if text else ()


def _shared(one: list[str], other: list[str]) -> int:
    """How many words both begin with."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _marked(words: list[str], same: set[int], head: int, tail: int) -> tuple[Piece, ...]:
    made: list[Piece] = []
    for at, word in enumerate(words):
        is_changed = head <= at < len(words) - tail and at not in same
        if made and made[-1].is_changed == is_changed:
            made[-1] = Piece(made[-1].text + word, is_changed)
        else:
            made.append(Piece(word, is_changed))
    return tuple(made)
