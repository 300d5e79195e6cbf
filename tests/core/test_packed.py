"""Records that a plan brought along: the same as if all had been decoded at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.connectors.unleashed.catalogue import CUSTOMERS
from bulkio.core.packed import PackedRecords
from bulkio.core.records import identity, pack_records, unpack_records

values = st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False)
records = st.builds(
    lambda guid, members: {**members, "Guid": str(guid)},
    st.uuids(),
    st.dictionaries(st.text(min_size=1), values | st.dictionaries(st.text(), values)),
)


@given(st.lists(records, max_size=5))
def test_every_record_is_found_by_its_id_and_is_what_was_packed(made: list[dict[str, Any]]) -> None:
    packed = pack_records(made)
    wanted = {identity(CUSTOMERS, record): record for record in unpack_records(packed)}
    held = PackedRecords.unpacked(CUSTOMERS, packed)
    assert dict(held) == wanted
    assert len(held) == len(wanted)
    assert all(guid in held for guid in wanted)


def test_a_newer_reading_stands_in_place_of_the_packed_one_and_a_forgotten_one_is_gone() -> None:
    guids = [f"00000000-0000-0000-0000-00000000000{number}" for number in range(3)]
    planned = PackedRecords.unpacked(CUSTOMERS, pack_records({"Guid": guid, "Rate": Decimal("1.10")} for guid in guids))
    live = PackedRecords()
    live.add(planned)
    live[guids[0]] = {"Guid": guids[0], "Rate": Decimal(2)}
    live.pop(guids[1], None)
    assert [live.get(guid, {}).get("Rate") for guid in guids] == [Decimal(2), None, Decimal("1.10")]
    assert [str(planned[guid]["Rate"]) for guid in guids] == ["1.10"] * 3


@pytest.mark.parametrize("text", ["?", "H4sIAAAAAAAC"])
def test_what_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        PackedRecords.unpacked(CUSTOMERS, text)
