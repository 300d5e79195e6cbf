"""What stands inside the texts of a plain block: cut out all at once; nothing passes that XML does not allow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from bulkio.sheets._cells import unescape
from bulkio.sheets._plain_block import NotPlainError, mask, require
from bulkio.sheets._xml import unescape_entities

if TYPE_CHECKING:
    from bulkio.sheets._plain_block import Block, Flags, Offsets

_REFERENCE = re.compile("&(?:amp|lt|gt|quot|apos|#([0-9]{1,7}|x[0-9A-Fa-f]{1,6}));")
_CHARACTER = re.compile("[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML allows
_LEAST_TEXT = 32  # below are control characters
_LONG = 100  # bytes: as many are copied faster text by text
_LAST = 0x10FFFF
_MOST_DIGITS = 8
_ZEROS, _HIGH, _SIX = (np.uint64(byte * 0x0101010101010101) for byte in (ord("0"), 0xF0, 6))
_BELOW = np.array([mask(8 - size) for size in range(9)])


def cut_texts(block: Block, starts: Offsets, ends: Offsets, is_escaped: Flags) -> list[str]:
    """The texts that stand at some offsets, in that order; of those that are `is_escaped`, what they mean.

    They are copied behind each other, each with a NUL behind it, which XML does not allow in any: so one call decodes
    them, and one divides them. Raises NotPlainError for what XML does not allow.
    """
    if not len(starts):
        return []
    sizes = ends - starts + 1
    afters = np.cumsum(sizes)
    if afters[-1] > _LONG * len(sizes):
        pairs = zip(starts.tolist(), ends.tolist(), strict=True)
        octets = np.frombuffer(b"".join([block.data[start:end] + b"\0" for start, end in pairs]), dtype=np.uint8)
    else:
        steps = np.ones(int(afters[-1]), dtype=np.int64)  # from each byte to the next one
        steps[0] = starts[0]
        steps[afters[:-1]] = starts[1:] - ends[:-1]
        octets = block.octets[np.cumsum(steps, out=steps)]
        octets[afters - 1] = 0
    texts = allowed_text(octets.tobytes(), nuls=len(sizes)).split("\0")
    texts.pop()
    underscores = np.flatnonzero(octets == ord("_"))
    escapes = underscores[octets[underscores + 1] == ord("x")]  # the last byte is no underscore
    special = np.append(np.flatnonzero(octets == ord("&")), escapes)
    for cell in np.unique(np.searchsorted(afters, special, side="right")).tolist():
        if is_escaped[cell]:
            texts[cell] = unescape(unescape_entities(texts[cell]))
    return texts


def allowed_text(data: bytes, *, nuls: int = 0) -> str:
    """Some bytes as text. Raises NotPlainError unless all is UTF-8, and all but so many NULs are allowed in XML."""
    octets = np.frombuffer(data, dtype=np.uint8)
    controls = nuls + data.count(b"\n") + data.count(b"\t")
    require(np.count_nonzero(octets < _LEAST_TEXT) == controls, b"]]>" not in data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise NotPlainError from None
    if not data.isascii():
        require("\ufffe" not in text, "\uffff" not in text)
    if "&" in text:
        numbers = _REFERENCE.findall(text)
        require(len(numbers) == text.count("&"), all(map(_is_character, set(filter(None, numbers)))))
    return text


def _is_character(number: str) -> bool:
    code = int(number[1:], 16) if number.startswith("x") else int(number)
    return code <= _LAST and _CHARACTER.fullmatch(chr(code)) is not None


def decimals(block: Block, starts: Offsets, ends: Offsets) -> Offsets:
    """The numbers that stand there. Raises NotPlainError for anything but one to eight digits.

    The word that ends where a number does has all of its digits, the last one on top; the bytes below are made zeros.
    """
    sizes = ends - starts
    require(sizes > 0, sizes <= _MOST_DIGITS)
    below = _BELOW[sizes]
    digits = (block.words(ends - 8, 1)[:, 0] & ~below) | (_ZEROS & below)
    require((digits & _HIGH) == _ZEROS, ((digits + _SIX) & _HIGH) == _ZEROS)
    digits &= np.uint64(0x0F0F0F0F0F0F0F0F)
    digits = ((digits * np.uint64(10 << 8 | 1)) >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)  # pairs
    digits = ((digits * np.uint64(100 << 16 | 1)) >> np.uint64(16)) & np.uint64(0x0000FFFF0000FFFF)
    numbers: Offsets = ((digits * np.uint64(10_000 << 32 | 1)) >> np.uint64(32)).astype(np.int64)
    return numbers
