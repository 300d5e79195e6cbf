"""JSON from elsewhere, read exactly and strictly: what is ambiguous or absurd is refused, however large the text.

The JSON library is fast, but it keeps the last of two equal keys, and knows no bounds. So the keys in the text are
counted and compared with those in the objects: none was lost if there are as many.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: What is already known to be in a document: how many keys its objects have in all, and how many lists there are.
Census = tuple[int, int]

#: A number beyond 10**60 or 10**-60 is a denial of service, not money.
_MAX_EXPONENT = 60
_MAX_INTEGER = 10**_MAX_EXPONENT
_LONGEST_NUMERAL = _MAX_EXPONENT + 8  # with a sign, a point and an exponent
_MAX_DEPTH = 32


@lru_cache(10_000)  # numerals: prices and rates repeat
def _number(numeral: str) -> Decimal:
    """The exact number of a numeral with a point or an exponent. Raises ValueError for an absurd one."""
    number = Decimal(numeral)
    if abs(number.adjusted()) > _MAX_EXPONENT or len(numeral) > _LONGEST_NUMERAL:
        raise ValueError
    return number


_decoder = msgspec.json.Decoder(float_hook=_number)


def decode_json(body: bytes, expected: Callable[[Any], Census] | None = None) -> Any:
    """The document; numbers are int or Decimal. Raises ValueError for what is truncated, not JSON, ambiguous or absurd.

    Ambiguous are an object with the same key twice, and text with half a surrogate pair; absurd are numbers of more
    than 60 digits and nesting of more than 32 levels.

    `expected` may take the census of a document of the usual shape, where it knows a cheaper way than to look at every
    value. It may count too few (the text has the last word), but never too many.
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        document = _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error
    keys, lists = _spelled(body)
    if expected and (keys, lists) == expected(document) and not _may_hold_a_long_numeral(body):
        return document
    if keys != _looked_through(document):
        _refuse_duplicate_keys(body)
    return document


# --- the text ---------------------------------------------------------------------------------------------------------

_PIECE = 1 << 16  # bytes: what stays in the processor's cache


def _spelled(body: bytes) -> tuple[int | None, int]:
    """How many `":` and `[` there are in valid JSON; no number of keys where one has white space before its colon.

    Every other key gives one `":`, every list one `[`, and texts can only add some. So there is nothing that was not
    found if there are no more than that.
    """
    characters = np.frombuffer(body, np.uint8)
    keys = lists = 0
    for start in range(0, len(characters), _PIECE):
        piece = characters[start : start + _PIECE + 1]
        before, colons = piece[:-1], piece[1:] == ord(":")
        if np.any(colons & (before <= ord(" "))):
            return None, 0
        keys += int(np.count_nonzero(colons & (before == ord('"'))))
        lists += int(np.count_nonzero(before == ord("[")))
    return keys, lists


_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
_STEP = 10
_DIGITS_AT_STEPS = b"0" * (_MAX_EXPONENT // _STEP)  # so many of the digits of a long numeral stand at whole steps


def _may_hold_a_long_numeral(body: bytes) -> bool:
    """Whether more than 60 digits stand in a row."""
    if _DIGITS_AT_STEPS not in body[::_STEP].translate(_DIGITS):
        return False
    return b"0" * (_MAX_EXPONENT + 1) in body.translate(_DIGITS)


# --- the document -----------------------------------------------------------------------------------------------------


def _looked_through(document: Any) -> int:
    """How many keys there are in all. Raises ValueError for numbers and nesting that no reply has.

    Level by level, so that depth costs no stack.
    """
    keys = 0
    level: Iterable[Any] = [document]
    for _ in range(_MAX_DEPTH + 1):
        found = [value for value in level if value.__class__ in _LOOKED_AT]
        if any(value.__class__ is int and abs(value) >= _MAX_INTEGER for value in found):
            raise ValueError
        objects = [value for value in found if value.__class__ is dict]
        lists = [value for value in found if value.__class__ is list]
        if not objects and not lists:
            return keys
        keys += sum(map(len, objects))
        level = chain(chain.from_iterable(map(dict.values, objects)), chain.from_iterable(lists))
    raise ValueError


_LOOKED_AT = frozenset((int, dict, list))  # texts, truths, nulls and decimals are sound, or would not be here


def _refuse_duplicate_keys(body: bytes) -> None:
    """The slow and certain way to tell. Raises ValueError."""

    def unique(pairs: list[tuple[str, Any]]) -> None:
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError

    json.loads(body, object_pairs_hook=unique, parse_float=str, parse_int=str)
