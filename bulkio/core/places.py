"""Texts numbered in the order in which they first came: ids by the million in some megabytes.

A `dict` of ids takes 230 bytes for each, and an export that is streamed would still grow by that.
"""

from __future__ import annotations

from array import array
from hashlib import blake2b

_SIZE = 16  # bytes of a digest: no two texts share one
_BUCKETS = 4096


class Places:
    """Grows by texts; `number` gives a known one its old number. Twenty bytes a text, whatever its length."""

    def __init__(self) -> None:
        self._digests = [bytearray() for _ in range(_BUCKETS)]
        self._numbers = [array("I") for _ in range(_BUCKETS)]
        self._count = 0

    def __len__(self) -> int:
        """How many different texts there are."""
        return self._count

    def __contains__(self, text: str) -> bool:
        """Whether the text has a number."""
        digest, bucket = _digest(text)
        return self._at(digest, bucket) >= 0

    def number(self, text: str) -> int:
        """The text's number, from 0 on; the next one if it is new."""
        digest, bucket = _digest(text)
        at = self._at(digest, bucket)
        if at >= 0:
            return self._numbers[bucket][at]
        self._digests[bucket] += digest
        self._numbers[bucket].append(self._count)
        self._count += 1
        return self._count - 1

    def _at(self, digest: bytes, bucket: int) -> int:
        known = self._digests[bucket]
        at = known.find(digest)
        while at % _SIZE and at >= 0:  # where the end of one and the beginning of the next happen to look like it
            at = known.find(digest, at + 1)
        return at // _SIZE


def _digest(text: str) -> tuple[bytes, int]:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_SIZE).digest()
    return digest, (digest[0] << 8 | digest[1]) % _BUCKETS
