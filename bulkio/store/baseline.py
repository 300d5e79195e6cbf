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

_AT_ONCE = 1000  # records
_BYTES_AT_ONCE = 500_000
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
            for start in range(0, len(frame), _AT_ONCE):
                some = frame.iloc[start : start + _AT_ONCE]
                rows = zip(*(some[column].tolist() for column in frame.columns), strict=True)
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
        del text  # hundreds of megabytes
        header = msgspec.json.decode(head, type=dict[str, Any])
        if header.get("schema") != SCHEMA:
            msg = f"{where}: the record of what was exported is of another version ({header.get('schema')!r})"
            raise FileError(msg, hint="Export again with this version of bulkio.")
        columns = msgspec.convert(header.pop("columns"), dict[str, list[str]])
        return Baseline(msgspec.convert(header, BaselineHeader), _frames(columns, body))
    except (zlib.error, msgspec.DecodeError, KeyError, TypeError, ValueError) as exc:
        raise _damaged(where) from exc


def _damaged(where: str) -> FileError:
    message = f"{where}: the record of what was exported is damaged"
    return FileError(message, hint="Export again, and copy your edits over.")


def _frames(columns: Mapping[str, list[str]], body: bytes) -> dict[str, pd.DataFrame]:
    """The lines by entity. Some lines at a time: all of them as lists at once keep the garbage collector busy."""
    decoder = msgspec.json.Decoder(tuple[str, list[str]])
    cells: dict[str, list[list[str]]] = {name: [[] for _ in names] for name, names in columns.items()}
    at = 0
    while at < len(body):
        end = body.find(b"\n", at + _BYTES_AT_ONCE) + 1 or len(body)
        by_entity: dict[str, list[list[str]]] = {}
        for name, row in decoder.decode_lines(body[at:end]):
            by_entity.setdefault(name, []).append(row)
        for name, rows in by_entity.items():
            for column, values in zip(cells[name], zip(*rows, strict=True), strict=True):
                column.extend(values)
        at = end
    return {
        name: frame_of(dict(zip(names, cells[name], strict=True)), len(cells[name][0]) if names else 0)
        for name, names in columns.items()
    }


def new_id(baseline: Baseline) -> str:
    """A base's id: short, and different for every content. Cheaper than a dump: exports wait for it."""
    digest = hashlib.sha256(msgspec.json.encode(asdict(baseline.header)))
    for name, frame in baseline.frames.items():
        for column in frame.columns:
            values = frame[column].tolist()
            digest.update(f"\x1e{name}\x1f{column}\x1f{len(values)}\x1f".encode())
            digest.update("\x1f".join(values).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]
