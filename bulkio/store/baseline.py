"""What was exported, exactly: the base of the three-way comparison.

It travels with the export (inside the workbook, or beside the CSV files as `NAME.baseline.jsonl.gz`), so that a mailed
file still knows what it was. Gzipped JSON lines: a header, then blocks of rows (store/blocks.py). Header and blocks are
members of the gzip file of their own, so that blocks can be written before it is known how many there will be.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import asdict, dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import msgspec

from bulkio.core.lookup import LookupTable
from bulkio.errors import FileError
from bulkio.store import baseline_1
from bulkio.store.blocks import GZIP, Tables, deflated, digest_of, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

SCHEMA = "bulkio.baseline/2"

#: The name of the baseline among a workbook's attachments.
ATTACHMENT = "baseline.jsonl.gz"

_PACKED_AT_ONCE, _BYTES_AT_ONCE = 100_000, 1_000_000
_MAX_BYTES = 2 * 1024**3  # of unpacked text: a baseline of some million customers; beyond it is a bomb
_MAX_CELLS = 400_000_000  # the same bound for what takes few bytes of text


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineHeader:
    """What was exported, when and from where. Times are canonical timestamps; `complete` is False for a filtered one.

    `lookups` are the ERP's lists as they were, so that a file can be checked without a connection.
    """

    base_id: str
    erp: str
    tenant: str
    account: str
    profile: str
    exported_at: str
    complete: bool
    schema: str = SCHEMA
    lookups: dict[str, list[dict[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The header and one canonical frame per entity (index 0..n-1)."""

    header: BaselineHeader
    frames: dict[str, pd.DataFrame]

    def lookup_tables(self) -> dict[str, LookupTable | None]:
        """The ERP's lists as they were when this was exported."""
        return {name: LookupTable(name, rows) for name, rows in self.header.lookups.items()}


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of each table, and how many rows it has."""

    columns: dict[str, list[str]]
    rows: dict[str, int]


def dump(baseline: Baseline) -> bytes:
    """The file's bytes; the same baseline always gives the same bytes."""
    blocks = (deflated(line) for name, frame in baseline.frames.items() for line in lines_of(name, frame))
    return b"".join([head(baseline.header, _shape(baseline)), *blocks])


def new_id(baseline: Baseline) -> str:
    """A base's id: short, and different for every content."""
    blocks = (digest_of(line) for name, frame in baseline.frames.items() for line in lines_of(name, frame))
    return id_of(baseline.header, _shape(baseline), blocks)


def head(header: BaselineHeader, shape: Shape) -> bytes:
    """What stands in the file before its blocks."""
    return deflated(_head_line(header, shape))


def id_of(header: BaselineHeader, shape: Shape, digests: Iterable[bytes]) -> str:
    """The id of a baseline of blocks with these digests, in their order."""
    digest = hashlib.sha256(_head_line(header, shape))
    for each in digests:
        digest.update(each)
    return digest.hexdigest()[:16]


def load(packed: bytes, *, where: str) -> Baseline:
    """Read the bytes back. Raises FileError, naming `where`, if they are not a baseline of a version known here."""
    try:
        lines = _lines(packed)
        _, first = next(lines, (0, b""))
        header = msgspec.json.decode(first, type=dict[str, Any])
        schema = header.get("schema")
        if schema not in (SCHEMA, baseline_1.SCHEMA):
            msg = f"{where}: the record of what was exported is of another version ({schema!r})"
            raise FileError(msg, hint="Export again with this version of bulkio.")
        columns = msgspec.convert(header.pop("columns"), dict[str, list[str]])
        if schema == SCHEMA:
            frames = _frames(Shape(columns, msgspec.convert(header.pop("rows"), dict[str, int])), lines)
        else:
            frames = baseline_1.frames_of_lines(columns, (line for _, line in lines))
        return Baseline(msgspec.convert(header, BaselineHeader), frames)
    except (zlib.error, msgspec.DecodeError, KeyError, TypeError, ValueError) as exc:
        message = f"{where}: the record of what was exported is damaged"
        raise FileError(message, hint="Export again, and copy your edits over.") from exc


def _shape(baseline: Baseline) -> Shape:
    frames = baseline.frames
    columns = {name: [str(title) for title in frame.columns] for name, frame in frames.items()}
    return Shape(columns, {name: len(frame) for name, frame in frames.items()})


def _head_line(header: BaselineHeader, shape: Shape) -> bytes:
    stated = {**asdict(header), "schema": SCHEMA, "columns": shape.columns, "rows": shape.rows}
    return msgspec.json.encode(stated) + b"\n"


def _frames(shape: Shape, lines: Iterator[tuple[int, bytes]]) -> dict[str, pd.DataFrame]:
    cells = sum(len(titles) * shape.rows[name] for name, titles in shape.columns.items())
    if cells > _MAX_CELLS or len(shape.rows) != len(shape.columns) or min(shape.rows.values(), default=0) < 0:
        raise ValueError(cells)
    tables = Tables(shape.columns, shape.rows)
    for _, member in groupby(lines, key=itemgetter(0)):
        tables.add(line for _, line in member)
    return tables.frames()


def _lines(packed: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of all members, each with its member's number; some text at a time, and no more than a bound.

    Raises ValueError beyond it, and for a member that is cut off; zlib.error for one that is damaged.
    """
    total = member = 0
    rest = memoryview(packed)
    while rest:
        unpacker = zlib.decompressobj(GZIP)
        begun: list[bytes] = []  # of a line
        while not unpacker.eof:
            some = unpacker.unconsumed_tail or rest[:_PACKED_AT_ONCE]
            if not unpacker.unconsumed_tail:
                rest = rest[_PACKED_AT_ONCE:]
            text = unpacker.decompress(some, _BYTES_AT_ONCE)
            total += len(text)
            if total > _MAX_BYTES or not (text or some or unpacker.eof):
                raise ValueError(total)
            *whole, last = text.split(b"\n")
            if whole:
                whole[0] = b"".join([*begun, whole[0]])
                begun.clear()
                yield from ((member, line) for line in whole if line)
            begun.append(last)
        if line := b"".join(begun):
            yield member, line
        rest = memoryview(packed)[len(packed) - len(rest) - len(unpacker.unused_data) :]
        member += 1
