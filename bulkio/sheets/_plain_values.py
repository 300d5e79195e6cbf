"""Values of plain cells as they stand in the file, and the texts that they mean: most of them come again and again.

A value that came before is found by its bytes, all of them compared, and costs no step of its own; it is also the same
object then. Only the others are cut out of the block and looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from bulkio.core.cells import cells_of
from bulkio.core.grid import Fact
from bulkio.sheets._plain_block import mask
from bulkio.sheets._plain_text import cut_texts
from bulkio.sheets._xml import unescape_entities

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bulkio.sheets._cell_values import CellValues
    from bulkio.sheets._plain_block import Block, Octets, Offsets, Words
    from bulkio.sheets._plain_tags import Tail

INLINE: Final = 0  # ways from a cell to its text: it stands there, it is a shared one, or it is to be read by its type
SHARED: Final = 1
_TYPED: Final = 2

_WORDS = 5
_LONGEST = 8 * _WORDS  # bytes of a value that is kept; a Guid has 36
_SLOT_BITS = 14
_MASKS = (
    np.array([[mask(size - 8 * at) for at in range(_WORDS)] for size in range(_LONGEST + 2)])
    .view(f"V{8 * _WORDS}")
    .reshape(-1)
)
_TURNS = 5
_MIX = np.array(
    [
        0x9E3779B97F4A7C15,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0x85EBCA77C2B2AE63,
        0x27D4EB2F165667C5,
        0x94D049BB133111EB,
    ],
    dtype=np.uint64,
)
_LENGTH_BITS = 8


class Ways:
    """Which way leads from a cell to its text, by its tail."""

    def __init__(self, values: CellValues) -> None:
        self._values = values
        self._by_tail: list[int] = []
        self._types: list[tuple[str, str]] = []  # type and style, of the ways from 2 on

    def of(self, tails: list[Tail]) -> NDArray[np.uint64]:
        """The way of each tail."""
        self._by_tail += map(self._way, tails[len(self._by_tail) :])
        return np.array(self._by_tail, dtype=np.uint64)

    def typed(self, way: int, value: str) -> tuple[str, int]:
        """Text and fact of a value that is to be read by its type."""
        return self._values.typed(unescape_entities(value), *self._types[way - _TYPED])

    def _way(self, tail: Tail) -> int:
        kind = tail.attributes.get("t", "n")
        if kind in ("inlineStr", "s"):
            return INLINE if kind == "inlineStr" else SHARED
        key = self._values.group(kind, tail.attributes.get("s", ""))
        if key not in self._types:
            self._types.append(key)
        return _TYPED + self._types.index(key)


class KnownValues:
    """Texts and facts of values that came before, each in the slot that its bytes, its length and its way lead to."""

    def __init__(self, ways: Ways) -> None:
        count = 1 << _SLOT_BITS
        self._ways = ways
        self._values = np.zeros(count, dtype=f"V{8 * (_WORDS + 1)}")  # words; then way and length, which is never 0
        self._texts = np.full(count, "", dtype=object)
        self._facts: Octets = np.zeros(count, dtype=np.uint8)
        self._turn = 0

    def find(
        self, block: Block, starts: Offsets, ends: Offsets, ways: NDArray[np.uint64]
    ) -> tuple[NDArray[np.object_], Octets]:
        """Text and fact of each of these values. Raises NotPlainError for what XML does not allow."""
        sizes = np.minimum(ends - starts, _LONGEST + 1)
        values = np.empty((len(sizes), _WORDS + 1), dtype=np.uint64)
        np.bitwise_and(
            block.words(starts, _WORDS), _MASKS[sizes].view("<u8").reshape(-1, _WORDS), out=values[:, :_WORDS]
        )
        values[:, _WORDS] = ways << np.uint64(_LENGTH_BITS) | sizes.view(np.uint64)
        hashes = np.zeros(len(sizes), dtype=np.uint64)
        for words, factor in zip(values.T, _MIX, strict=True):
            hashes = (hashes ^ words) * factor
        slots: Offsets = (hashes >> np.uint64(64 - _SLOT_BITS)).view(np.int64)
        differs = (self._values[slots].view("<u8").reshape(-1, _WORDS + 1) ^ values).T
        new = np.flatnonzero(np.bitwise_or.reduce(differs, axis=0))
        texts, facts = self._texts[slots], self._facts[slots]
        if len(new):
            texts[new], facts[new] = self._read(block, starts[new], ends[new], ways[new])
            self._keep(new[sizes[new] <= _LONGEST], slots, values, texts, facts)
        return texts, facts

    def _keep(self, cells: Offsets, slots: Offsets, values: Words, texts: NDArray[np.object_], facts: Octets) -> None:
        """Keep these for later. A slot that is taken is not given up at once: most new values never come again."""
        self._turn = (self._turn + 1) % _TURNS
        is_free = self._facts[slots[cells]] == 0
        cells = cells[is_free | (values[cells, 0] % np.uint64(_TURNS) == self._turn)]
        cells = cells[np.unique(slots[cells], return_index=True)[1]]
        to = slots[cells]
        self._values[to] = values[cells].view(self._values.dtype).reshape(-1)
        self._texts[to], self._facts[to] = texts[cells], facts[cells]

    def _read(
        self, block: Block, starts: Offsets, ends: Offsets, ways: NDArray[np.uint64]
    ) -> tuple[NDArray[np.object_], Octets]:
        is_typed = ways != INLINE
        cut = cut_texts(block, starts, ends, ~is_typed)
        facts = np.full(len(cut), Fact.TEXT, dtype=np.uint8)
        for at, way in zip(np.flatnonzero(is_typed).tolist(), ways[is_typed].tolist(), strict=True):
            cut[at], facts[at] = self._ways.typed(way, cut[at])
        return cells_of(cut), facts
