"""Blocks: some rows of one or several tables as text, column by column, and back into frames.

    ["Customers", 3, [["A1", "A2", "A3"], "NZD", {"of": ["true", "false"], "at": "!!#"}]]

One JSON line is some rows of one table: its name, how many, and a column each: its values; or the one value that all of
them have; or, where few values repeat themselves, those values and a character for every row that says which. Columns
of an ERP mostly do repeat themselves: so written they take a third of the bytes and a quarter of the time to read.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from bulkio.core.cells import cells_of
from bulkio.core.flatten import framed
from bulkio.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

ROWS = 1000  # of a line

GZIP = 31  # wbits of a member of a gzip file
_LEVEL = 4
_ALPHABET = bytes(code for code in range(33, 127) if code not in b'"\\')  # one byte each, and JSON escapes none
_LOOKED_AT = 200  # rows that tell whether a column is worth counting
_MOST_SHARED = 20_000  # distinct values of a column that are kept once for all its cells
_TRIAL = 4_000  # cells after which a column has to have shown that it repeats itself
_UNCODED = len(_ALPHABET)


class _Coded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column of few values: `at` has a character of the alphabet for every row."""

    of: list[str]
    at: str


_Column = str | list[str] | _Coded

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[str, int, list[_Column]])
_codes = np.full(256, _UNCODED, dtype=np.uint8)
_codes[np.frombuffer(_ALPHABET, dtype=np.uint8)] = np.arange(len(_ALPHABET), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines as they are kept, compressed. `digest` is of their text; `blank` are (table, column) without any value."""

    packed: bytes
    digest: bytes
    rows: dict[str, int]
    blank: frozenset[tuple[str, str]]


def pack(tables: Mapping[str, Mapping[str, list[str]]]) -> Block:
    """Tables of canonical columns as one block. Raises FileError for half a character, which no file can hold."""
    lines: list[bytes] = []
    rows: dict[str, int] = {}
    filled: set[tuple[str, str]] = set()
    for name, columns in tables.items():
        rows[name] = len(next(iter(columns.values()), ()))
        for line, values in _lines(name, columns, rows[name]):
            lines.append(line)
            filled |= {(name, title) for title, column in zip(columns, values, strict=True) if column != ""}
    text = b"".join(lines)
    return Block(
        packed=deflated(text),
        digest=digest_of(text),
        rows=rows,
        blank=frozenset((name, title) for name, columns in tables.items() for title in columns) - filled,
    )


def lines_of(name: str, frame: pd.DataFrame) -> Iterator[bytes]:
    """A frame of any size, line by line. Raises FileError as `pack` does."""
    return (line for line, _ in _lines(name, columns_of(frame), len(frame)))


def columns_of(frame: pd.DataFrame) -> dict[str, list[str]]:
    """A frame's columns by title."""
    return {str(title): frame[title].tolist() for title in frame.columns}


def deflated(text: bytes) -> bytes:
    """Lines as a member of a gzip file."""
    return zlib.compress(text, _LEVEL, GZIP)


def inflated(packed: bytes) -> bytes:
    """The inverse, for what was written by this process."""
    return zlib.decompress(packed, GZIP)


def digest_of(text: bytes) -> bytes:
    """What tells lines from all others."""
    return hashlib.sha256(text).digest()


def _lines(name: str, columns: Mapping[str, list[str]], rows: int) -> Iterator[tuple[bytes, list[_Column]]]:
    for start in range(0, rows, ROWS):
        values = [_column(column[start : start + ROWS]) for column in columns.values()]
        try:
            line = _encoder.encode((name, min(ROWS, rows - start), values))
        except UnicodeEncodeError as exc:
            msg = f"{name}: half a character (a lone surrogate), in {exc.object[:40]!a}"
            raise FileError(msg, hint="The ERP holds a broken character there. Correct it in the ERP.") from exc
        yield line + b"\n", values


def _column(values: list[str]) -> _Column:
    """The shortest way to say a column."""
    if len(set(values[:_LOOKED_AT])) > len(_ALPHABET):
        return values
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1:
        return distinct[0]
    if len(distinct) > len(_ALPHABET) or len(distinct) * 2 > len(values):
        return values
    codes = dict(zip(distinct, _ALPHABET, strict=False))
    return _Coded(distinct, bytes(map(codes.__getitem__, values)).decode("ascii"))


class Tables:
    """Frames that are filled block by block, each as long as `rows` says.

    If they `are_kept`, equal texts are one object where they can be. What does not fit, or is no line, is a ValueError
    (msgspec's errors are).
    """

    def __init__(self, columns: Mapping[str, Sequence[str]], rows: Mapping[str, int], *, are_kept: bool = True) -> None:
        self._columns = columns
        self._rows = rows
        self._cells = {name: np.empty((len(titles), rows[name]), dtype=object) for name, titles in columns.items()}
        self._filled = dict.fromkeys(columns, 0)
        self._shared = {name: [_Shared() if are_kept else None for _ in titles] for name, titles in columns.items()}

    def add(self, lines: Iterable[bytes]) -> None:
        """Take in the lines of a block: a key of a child there is mostly a key of its parent, too."""
        here: dict[str, str] = {}
        for line in lines:
            name, count, columns = _decoder.decode(line)
            if name not in self._cells or len(columns) != len(self._columns[name]):
                raise ValueError(name)
            start = self._filled[name]
            if not 0 < count <= self._rows[name] - start:
                raise ValueError(count)
            for cells, column, shared in zip(self._cells[name], columns, self._shared[name], strict=True):
                _fill(cells[start : start + count], column, shared, here)
            self._filled[name] = start + count

    def frames(self) -> dict[str, pd.DataFrame]:
        """The frames, once every row is there. Raises ValueError if some are not."""
        if self._filled != dict(self._rows):
            raise ValueError(self._filled)
        return {name: framed(self._cells[name], titles) for name, titles in self._columns.items()}


class _Shared:
    """The values of one column that came so far, as long as it repeats itself enough for that to pay."""

    __slots__ = ("_known", "_seen")

    def __init__(self) -> None:
        self._known: dict[str, str] | None = {}
        self._seen = 0

    def one_of_each(self, values: list[str], here: dict[str, str]) -> list[str]:
        """The same values, equal ones as one object: for the whole column, or at least `here`."""
        known = here if self._known is None else self._known
        shared = [known.setdefault(value, value) for value in values]
        self._seen += len(values)
        is_varied = self._seen > _TRIAL and len(known) * 2 > self._seen
        if known is not here and (is_varied or len(known) > _MOST_SHARED):
            self._known = None
        return shared


def _fill(cells: np.ndarray, column: _Column, shared: _Shared | None, here: dict[str, str]) -> None:
    if isinstance(column, str):
        cells.fill(shared.one_of_each([column], here)[0] if shared else column)
        return
    values = column if isinstance(column, list) else column.of
    if shared:
        values = shared.one_of_each(values, here)
    if isinstance(column, list):
        if len(values) != len(cells):
            raise ValueError(len(values))
        cells[:] = values
    else:
        at = _codes[np.frombuffer(column.at.encode("ascii"), dtype=np.uint8)]
        if len(at) != len(cells) or at.max() >= len(values):
            raise ValueError(column.at)
        cells[:] = cells_of(values)[at]
