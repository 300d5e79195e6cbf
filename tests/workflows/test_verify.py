"""Reading back: what counts as done, and what is said of it."""

from __future__ import annotations

import pytest

from bulkio.core.catalogue import Entity, Field, Kind
from bulkio.core.plan import Action, Change, Operation
from bulkio.workflows.verify import Reading, compare, equal_records

IBAN = "DE89370400440532013000"
CUSTOMERS = Entity(
    name="Customers",
    singular="customer",
    id_field="id",
    key_fields=("code",),
    fields=(
        Field(name="id", kind=Kind.TEXT),
        Field(name="code", kind=Kind.TEXT),
        Field(name="iban", kind=Kind.TEXT, masked=True),
        Field(name="note", kind=Kind.TEXT),
    ),
)


def creating(name: str, value: str) -> Operation:
    return Operation(
        id="o", action=Action.CREATE, entity="Customers", key="A", guid="", sheet="Customers", row=2,
        changes=(Change("code", "", "A"), Change(name, "", value)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "held", "reading", "said"),
    [
        ("iban", IBAN, Reading.TARGET, ""),
        ("iban", "DE89**************3000", Reading.TARGET, "the ERP shows iban as 'DE89**************3000'"),
        ("iban", "AT89**************3000", Reading.OTHER, "iban is 'AT89**************3000', not"),
        ("iban", f"{IBAN} ", Reading.TARGET, "the ERP stored iban as"),
        ("note", "DE89**************3000", Reading.OTHER, "note is 'DE89**************3000', not"),
    ],
)
def test_a_mask_counts_as_what_it_may_hide_where_the_field_may_be_masked(
    name: str, held: str, reading: Reading, said: str
) -> None:
    record = {"id": "1", "code": "A", name: held}
    comparison = compare(CUSTOMERS, creating(name, IBAN), record)
    assert comparison.reading is reading
    assert comparison.difference.startswith(said)
    assert equal_records(CUSTOMERS, creating(name, IBAN), [record]) == ([record] if reading is Reading.TARGET else [])
