"""Columns of `/Date(milliseconds)/`, .NET's spelling of an instant, read as wholes: they come by the thousand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_BEGIN, _END = "/Date(", ")/"
_MOST_DIGITS = 15  # with a sign; what is longer is looked at one by one
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999  # milliseconds: the years 1 to 9999


def instants(texts: Sequence[str]) -> list[str] | None:
    """The instants in ISO 8601 UTC, a fraction only where there is one; None unless all are spelled exactly like that.

    Line ends between the texts make sure that no two of them are taken for one or three.
    """
    whole = "\n".join(texts)
    if not whole.startswith(_BEGIN) or not whole.endswith(_END):
        return None
    numerals = whole[len(_BEGIN) : -len(_END)].split(f"{_END}\n{_BEGIN}")
    digits = "".join(numerals).replace("-", "")
    if (
        len(numerals) != len(texts)
        or max(map(len, numerals)) > _MOST_DIGITS
        or not (digits.isascii() and digits.isdigit())
    ):
        return None
    import numpy as np  # noqa: PLC0415 every command imports this module, and few read whole columns

    try:
        milliseconds = np.array(list(map(int, numerals)), dtype=np.int64)
    except ValueError:  # a sign in a wrong place
        return None
    if milliseconds.min() < _FIRST or milliseconds.max() > _LAST:
        return None
    spelled = np.datetime_as_string(milliseconds.view("datetime64[ms]")).tolist()
    return [f"{text}Z" if text[-1] != "0" else f"{text.rstrip('0').rstrip('.')}Z" for text in spelled]
