"""What was exported, exactly: the base of the three-way comparison.

It travels with the export (inside the workbook, or beside the CSV files as `NAME.baseline.jsonl.gz`), so that a mailed
file still knows what it was. Gzipped JSON lines: a header, then one line a record.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from bulkio.core.flatten import frame_of
from bulkio.core.lookup import LookupTable
from bulkio.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

SCHEMA = "bulkio.baseline/1"

#: The name of the baseline among a workbook's attachments.
ATTACHMENT = "baseline.jsonl.gz"

_MAX_BYTES = 2 * 1024**3  # of unpacked text: a baseline of some million customers; beyond it is a bomb


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


def dump(baseline: Baseline) -> bytes:
    """The file's bytes; the same baseline always gives the same bytes."""
    encoder = msgspec.json.Encoder()
    out = io.BytesIO()
    header = asdict(baseline.header)
    columns = {name: list(frame.columns) for name, frame in baseline.frames.items()}
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=4, mtime=0) as packed:
        packed.write(encoder.encode({**header, "columns": columns}) + b"\n")
        for name, frame in baseline.frames.items():
            rows = zip(*(frame[column].tolist() for column in frame.columns), strict=True)
            packed.write(encoder.encode_lines([(name, row) for row in rows]))
    return out.getvalue()


def load(packed: bytes, *, where: str) -> Baseline:
    """Read the bytes back. Raises FileError, naming `where`, if they are not a baseline of this version."""
    try:
        unpacker = zlib.decompressobj(wbits=31)
        text = unpacker.decompress(packed, _MAX_BYTES)
        if not unpacker.eof:
            raise _damaged(where)
        head, _, body = text.partition(b"\n")
        header = msgspec.json.decode(head, type=dict[str, Any])
        if header.get("schema") != SCHEMA:
            msg = f"{where}: the record of what was exported is of another version ({header.get('schema')!r})"
            raise FileError(msg, hint="Export again with this version of bulkio.")
        columns = msgspec.convert(header.pop("columns"), dict[str, list[str]])
        rows = msgspec.json.Decoder(tuple[str, list[str]]).decode_lines(body)
        return Baseline(msgspec.convert(header, BaselineHeader), _frames(columns, rows))
    except (zlib.error, msgspec.DecodeError, KeyError, TypeError, ValueError) as exc:
        raise _damaged(where) from exc


def _damaged(where: str) -> FileError:
    message = f"{where}: the record of what was exported is damaged"
    return FileError(message, hint="Export again, and copy your edits over.")


def _frames(columns: Mapping[str, list[str]], rows: list[tuple[str, list[str]]]) -> dict[str, pd.DataFrame]:
    by_entity: dict[str, list[list[str]]] = {name: [] for name in columns}
    for name, row in rows:
        by_entity[name].append(row)
    frames = {}
    for name, names in columns.items():
        values = list(zip(*by_entity[name], strict=True)) or [()] * len(names)
        frames[name] = frame_of(dict(zip(names, values, strict=True)), len(by_entity[name]))
    return frames


def new_id(packed_frames: bytes) -> str:
    """A base's id: short, and different for every content."""
    return hashlib.sha256(packed_frames).hexdigest()[:16]
