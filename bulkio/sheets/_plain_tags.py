"""What stands in a plain row's or cell's tag behind its address: few different texts, each of them read once.

`<c r="A7" s="1" t="s">` has the tail ` s="1" t="s">`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from bulkio.sheets._cells import hides_row
from bulkio.sheets._plain_block import NotPlainError, mask, require

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from bulkio.sheets._plain_block import Block, Offsets, Words

_WORDS = 3
_LONGEST = 8 * _WORDS  # bytes of a cell's tail
_MOST_KNOWN = 400  # tails of cells; hardly any workbook has so many styles in use
_MOST_ROW_TAILS = 10_000
_MOST_TRIES = 10_000
_HASH_BITS = 14
_SLOTS = 1 << _HASH_BITS
_MASKS = np.array([[mask(size - 8 * at) for size in range(_LONGEST + 1)] for at in range(_WORDS)])
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_ATTRIBUTE = r' +(?:[A-Za-z][A-Za-z0-9]*:)?[A-Za-z][A-Za-z0-9]*="[ !#-%\'-;=?-~]*"'  # no entity, no < and no >
_TAIL = re.compile(rf"((?:{_ATTRIBUTE})*) *(/?)>")
_PARTS = re.compile(r'(?:([^ :"]+):)?([^ :"]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Tail:
    """Attributes by name, those of other namespaces left out, and whether the tag closes itself."""

    attributes: dict[str, str]
    is_closed: bool


def read_tail(text: bytes, prefixes: AbstractSet[str]) -> Tail | None:
    """A tail's attributes; None if it is not plain, or not well-formed. `prefixes` are the declared ones."""
    found = _TAIL.fullmatch(text.decode("latin-1"))
    if found is None:
        return None
    attributes: dict[str, str] = {}
    names = {"r"}
    for prefix, name, value in _PARTS.findall(found[1]):
        if name in names or name == "xmlns" or (prefix and prefix not in prefixes):
            return None
        names.add(name)
        if not prefix:
            attributes[name] = value
    return Tail(attributes, bool(found[2]))


class RowTails(dict[bytes, int]):
    """Tails of rows: 0, plus 1 if the row is hidden, plus 2 if it closes itself; NOT_PLAIN if it is not plain."""

    HIDDEN: Final = 1
    CLOSED: Final = 2
    NOT_PLAIN: Final = 4

    def __init__(self, prefixes: AbstractSet[str]) -> None:
        super().__init__()
        self._prefixes = prefixes

    def __missing__(self, text: bytes) -> int:
        if len(self) >= _MOST_ROW_TAILS:
            self.clear()
        tail = read_tail(text, self._prefixes)
        if tail is None:
            flags = self.NOT_PLAIN
        else:
            flags = self.HIDDEN * hides_row(tail.attributes) + self.CLOSED * tail.is_closed
        self[text] = flags
        return flags


class CellTails:
    """Tails of cells by number; they are told apart by their words, all of them compared."""

    def __init__(self, prefixes: AbstractSet[str]) -> None:
        self.tails: list[Tail] = []
        self._prefixes = prefixes
        self._words = np.zeros((_WORDS, 1), dtype=np.uint64)  # the last one is that of no tail
        self._slots: Offsets = np.zeros(_SLOTS, dtype=np.int64)  # the number of the only tail with some hash
        self._factor = _MIX[0]

    def numbers(self, block: Block, starts: Offsets, sizes: Offsets) -> Offsets:
        """The number of each tail. Raises NotPlainError if one is not plain."""
        # The last byte counts, because the words do not tell how many NULs a tail ends with.
        require(sizes > 0, sizes <= _LONGEST, block.octets[starts + sizes - 1] == ord(">"))
        words = [word & masks[sizes] for word, masks in zip(block.words(starts, _WORDS).T, _MASKS, strict=True)]
        mixed = _mixed(words)
        while True:
            numbers = self._slots[_hashes(mixed, self._factor)]
            is_known = self._words[0][numbers] == words[0]
            for known, word in zip(self._words[1:], words[1:], strict=True):
                is_known &= known[numbers] == word
            new = int(np.argmin(is_known))
            if is_known[new]:
                return numbers
            self._learn(block.data[starts[new] : starts[new] + sizes[new]], [word[new] for word in words])

    def _learn(self, text: bytes, words: list[np.uint64]) -> None:
        tail = read_tail(text, self._prefixes)
        if tail is None or len(self.tails) >= _MOST_KNOWN:
            raise NotPlainError
        self._words = np.insert(self._words, len(self.tails), words, axis=1)
        self.tails.append(tail)
        mixed = _mixed(self._words[:, :-1])
        for factor in range(int(_MIX[0]), int(_MIX[0]) + _MOST_TRIES, 2):  # one that gives each its own hash
            self._factor = np.uint64(factor)
            hashes = _hashes(mixed, self._factor)
            if len(np.unique(hashes)) == len(hashes):
                self._slots[:] = len(self.tails)
                self._slots[hashes] = np.arange(len(hashes))
                return
        raise NotPlainError


def _mixed(words: Sequence[Words] | Words) -> Words:
    found: Words = words[0] * _MIX[0]
    for word, factor in zip(words[1:], _MIX[1:], strict=True):
        found = found + word * factor
    return found


def _hashes(mixed: Words, factor: np.uint64) -> Offsets:
    hashes: Offsets = (((mixed ^ mixed >> np.uint64(29)) * factor) >> np.uint64(64 - _HASH_BITS)).view(np.int64)
    return hashes
