"""Packed: root records by id, of which those that a plan brought along are decoded when they are asked for.

Objects take three times the room of their text and most of the time that a large plan takes to load, and of a plan
that is resumed many are never looked at.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

import msgspec

from bulkio.core.records import identity, unpack_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bulkio.core.catalogue import Entity

Record = dict[str, Any]

_decode = msgspec.json.Decoder(Record, float_hook=Decimal).decode


class PackedRecords(MutableMapping[str, Record]):
    """A dict of records; what was packed comes as a new object at every look."""

    def __init__(self, readings: Mapping[str, Record | msgspec.Raw] | None = None) -> None:
        """Hold these."""
        self._readings: dict[str, Record | msgspec.Raw] = dict(readings or {})

    @classmethod
    def unpacked(cls, entity: Entity, packed: str) -> Self:
        """The records of a plan. Raises ValueError if the text is not one of ours."""
        texts = unpack_texts(packed)
        path = entity.by_name[entity.id_field].path
        if len(path) > 1:
            return cls({identity(entity, _decode(text)): text for text in texts})
        name = path[0]
        only = msgspec.defstruct("Id", [("id", Any, None)], rename={"id": name})
        ids: list[Any] = [msgspec.json.decode(text, type=only) for text in texts]
        return cls({identity(entity, {name: each.id}): text for each, text in zip(ids, texts, strict=True)})

    def add(self, other: PackedRecords) -> None:
        """The other's as well, without decoding them."""
        self._readings.update(other._readings)

    def __getitem__(self, guid: str) -> Record:
        """The record, decoded."""
        reading = self._readings[guid]
        return _decode(reading) if isinstance(reading, msgspec.Raw) else reading

    def __setitem__(self, guid: str, record: Record) -> None:
        """A newer reading."""
        self._readings[guid] = record

    def __delitem__(self, guid: str) -> None:
        """Forget it."""
        del self._readings[guid]

    def __contains__(self, guid: object) -> bool:
        """Without decoding it."""
        return guid in self._readings

    def __iter__(self) -> Iterator[str]:
        """The ids."""
        return iter(self._readings)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._readings)
