"""A customer as a blob of the state file, and back, exactly: decimals keep their places."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from bulkio.sandbox.records import Layout
from bulkio.sandbox.xentral.store import Customer

_DECODER = msgspec.json.Decoder(Customer, float_hook=Decimal)

LAYOUT = Layout(
    "xentral",
    key=lambda customer: str(customer.id),
    dump=msgspec.json.Encoder(decimal_format="number").encode,
    load=_DECODER.decode,
)
