"""Records packed into a plan: exactly what they were."""

from __future__ import annotations

import base64
import gzip
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.records import canonical, identity, pack_records, unpack_records

if TYPE_CHECKING:
    from bulkio.core.catalogue import Entity

VALUE = (
    st.none()
    | st.booleans()
    | st.text(st.characters(codec="utf-8"), max_size=6)
    | st.integers(-(2**63), 2**63 - 1)
    | st.decimals(-(10**15), 10**15, places=4)
)
RECORDS = st.lists(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), VALUE | st.lists(VALUE, max_size=2), max_size=4),
    max_size=4,
)


@given(RECORDS)
def test_records_come_back_exactly(records: list[dict[str, Any]]) -> None:
    assert unpack_records(pack_records(records)) == records


def test_numbers_keep_their_digits_and_null_is_not_blank() -> None:
    (record,) = unpack_records(pack_records([{"a": Decimal("1.50"), "b": None, "c": "", "d": 10**30, "e": {"f": []}}]))
    assert (
        repr(record)
        == "{'a': Decimal('1.50'), 'b': None, 'c': '', 'd': 1000000000000000000000000000000, 'e': {'f': []}}"
    )


def test_nothing_packed_is_no_records() -> None:
    assert unpack_records("") == []
    assert unpack_records(pack_records([])) == []


@pytest.mark.parametrize(
    "packed",
    ["x", "AAAA", "\u00e9", base64.b64encode(b"plain").decode(), pack_records([{"a": "b" * 50}])[:-8],
     base64.b64encode(gzip.compress(b"not json", mtime=0)).decode()],
)  # fmt: skip
def test_what_is_not_ours_is_refused(packed: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        unpack_records(packed)


@pytest.mark.parametrize(
    ("name", "text"),
    [("Credit", "0.05"), ("Currency.Code", "NZD"), ("Seller.Name", ""), ("Term", ""), ("Name", "a\nb")],
)
def test_one_field_of_a_record_is_canonical_text(customers: Entity, name: str, text: str) -> None:
    record = {"Credit": Decimal("0.050"), "Currency": {"Code": "NZD"}, "Seller": None, "Name": "a\r\nb", "Guid": "{G}"}
    assert canonical(customers, record, name) == text


def test_the_id_of_a_record_is_canonical_text(customers: Entity) -> None:
    assert (
        identity(customers, {"Guid": "{0A1B2C3D-4E5F-6789-ABCD-EF0123456789}"})
        == "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
    )
