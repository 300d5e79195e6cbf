"""Single records: canonical text of one value, and records packed into a plan so that apply need not read again."""

from __future__ import annotations

import base64
import gzip
import zlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from bulkio.core.catalogue import Kind
from bulkio.core.kinds import as_datetime, canonical_guid, from_wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bulkio.core.catalogue import Entity

Record = dict[str, Any]
Item = TypeVar("Item")

_MAX_BYTES = 1024**3  # of unpacked records; a plan of that size was not made by us
_UNREADABLE = "the records in the plan cannot be read"
_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder = msgspec.json.Decoder(list[dict[str, Any]], float_hook=Decimal)
_splitter = msgspec.json.Decoder(list[msgspec.Raw])


def wire_value(record: Mapping[str, Any], path: Sequence[str]) -> Any:
    """A property of a record as the ERP spells it; None where it is null or missing."""
    value: Any = record
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def canonical(entity: Entity, record: Mapping[str, Any], name: str) -> str:
    """One field of a record as canonical text; "" where the record does not have it."""
    field = entity.by_name[name]
    value = wire_value(record, field.path)
    if field.kind is Kind.TEXT and isinstance(value, str) and "\r" not in value:
        return value  # as nearly always
    if field.kind is Kind.GUID and isinstance(value, str):
        return canonical_guid(value) or value
    return from_wire(field.kind, (value,))[0]


def identity(entity: Entity, record: Mapping[str, Any]) -> str:
    """The record's id as canonical text."""
    return canonical(entity, record, entity.id_field)


def newer(entity: Entity, one: Record, other: Record) -> Record:
    """The later of two readings of a record, the other where that cannot be told: a listing may lag behind."""
    if not entity.modified_field:
        return other
    times = [as_datetime(canonical(entity, record, entity.modified_field)) for record in (one, other)]
    return one if times[0] and times[1] and times[0] > times[1] else other


def pack_records(records: Iterable[Mapping[str, Any]]) -> str:
    """Records as one text, exactly: numbers keep their digits, null and "" stay apart, unknown properties stay."""
    return base64.b64encode(gzip.compress(_encoder.encode(list(records)), 6, mtime=0)).decode("ascii")


def unpack_records(packed: str) -> list[dict[str, Any]]:
    """The inverse. Raises ValueError if the text is not one of ours."""
    return _unpacked(packed, _decoder)


def unpack_texts(packed: str) -> list[msgspec.Raw]:
    """The records one by one, not decoded: each is a part of one text. Raises ValueError likewise."""
    return _unpacked(packed, _splitter)


def _unpacked(packed: str, decoder: msgspec.json.Decoder[list[Item]]) -> list[Item]:
    if not packed:
        return []
    try:
        unpacker = zlib.decompressobj(wbits=31)
        text = unpacker.decompress(base64.b64decode(packed, validate=True), _MAX_BYTES)
        if unpacker.eof:  # else the end is missing, and with it the proof that the rest is sound
            return decoder.decode(text)
    except (ValueError, zlib.error, msgspec.DecodeError) as exc:
        raise ValueError(_UNREADABLE) from exc
    raise ValueError(_UNREADABLE)
