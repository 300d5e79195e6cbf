"""A block of XML as arrays: where its tags begin, and its bytes, singly or as words, to be compared at many offsets.

Words are eight bytes, little-endian.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Octets: TypeAlias = NDArray[np.uint8]
Words: TypeAlias = NDArray[np.uint64]
Offsets: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

_WORD = 8
_PADDING = bytes(64)  # so that words can be read from any offset, and behind it


class NotPlainError(Exception):
    """Something is not in the plain form, or cannot be proven to be."""


def require(*proofs: Flags | np.bool_ | bool) -> None:
    """Raise NotPlainError unless all of them are true."""
    for proof in proofs:
        if not np.all(proof):
            raise NotPlainError


def word(text: bytes) -> np.uint64:
    """Up to eight bytes as a word."""
    return np.uint64(int.from_bytes(text, "little"))


def mask(size: int) -> np.uint64:
    """The word that has the first bytes of another one, if they are and-ed."""
    return np.uint64((1 << 8 * max(0, min(size, _WORD))) - 1)


class Block:
    """The bytes of some elements, and their tags: what kind they are of says the byte after `<`."""

    def __init__(self, data: bytes) -> None:
        self._padded = data + _PADDING
        self.data = data
        self.octets: Octets = np.frombuffer(self._padded, dtype=np.uint8)
        found = np.flatnonzero(self.octets == ord("<"))
        self.kinds: Octets = self.octets[found + 1]
        self.tags: Offsets = np.append(found, len(data))  # and the end, which is that of the last one

    def words(self, offsets: Offsets, count: int) -> Words:
        """At each offset so many words, one behind the other."""
        size = count * _WORD
        # Read as opaque bytes: these are copied from any offset, and all of them at once.
        every = np.ndarray((len(self._padded) - size + 1,), f"V{size}", self._padded, 0, (1,))
        found: Words = every[offsets].view("<u8").reshape(-1, count)
        return found

    def are(self, offsets: Offsets, text: bytes) -> Flags:
        """At which of the offsets a text stands."""
        parts = [text[at : at + _WORD] for at in range(0, len(text), _WORD)]
        found = np.ones(len(offsets), dtype=np.bool_)
        for words, part in zip(self.words(offsets, len(parts)).T, parts, strict=True):
            found &= (words & mask(len(part))) == word(part)
        return found
