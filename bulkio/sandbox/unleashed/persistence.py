"""A customer as a blob of the state file, and back, exactly: decimals keep their places, times their ticks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from bulkio.sandbox.records import Layout
from bulkio.sandbox.unleashed.instant import Instant
from bulkio.sandbox.unleashed.lookups import CURRENCIES, SALESPERSONS, find
from bulkio.sandbox.unleashed.shapes import DECIMAL_FIELDS
from bulkio.sandbox.unleashed.store import Contact, Customer


def dump(customer: Customer) -> bytes:
    """Write as JSON: times as ticks, decimals as text."""
    return _ENCODER.encode(
        {
            "document": customer.document,
            "contacts": [
                {"document": each.document, "created": each.created, "modified": each.modified}
                for each in customer.contacts
            ],
        }
    )


def load(blob: bytes) -> Customer:
    """Undo `dump`."""
    stored = _DECODER.decode(blob)
    document: dict[str, Any] = stored["document"]
    for name in _PLAIN_DECIMALS:
        if document[name] is not None:
            document[name] = Decimal(document[name])
    for part in (document, *document["Addresses"]):
        for name in ("CreatedOn", "LastModifiedOn"):
            if name in part:
                part[name] = Instant(part[name])
    # Records of the lists are taken from the lists themselves: they are fixed, and shared by all customers.
    for name, documents in (("Currency", CURRENCIES), ("Salesperson", SALESPERSONS)):
        if document[name] is not None:
            document[name] = find(documents, {"Guid": document[name]["Guid"]})
    contacts = [
        Contact(each["document"], Instant(each["created"]), Instant(each["modified"])) for each in stored["contacts"]
    ]
    return Customer(document, tuple(contacts))


def _ticks(value: object) -> int:
    if isinstance(value, Instant):
        return value.ticks
    msg = f"cannot be kept: {value!r}"
    raise NotImplementedError(msg)


_ENCODER = msgspec.json.Encoder(enc_hook=_ticks, decimal_format="string")
_DECODER = msgspec.json.Decoder()
_PLAIN_DECIMALS = tuple(name for name in DECIMAL_FIELDS if "." not in name)

LAYOUT = Layout("unleashed", key=lambda customer: customer.guid, dump=dump, load=load)
