"""Records gathered by pages give the same frames as records flattened at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bulkio.connectors.unleashed.catalogue import CATALOGUE
from bulkio.core.flatten import flatten
from bulkio.workflows import gathering
from bulkio.workflows.gathering import Gathering


def customer(number: int, name: str, contacts: int) -> dict[str, Any]:
    guid = f"00000000-0000-0000-0000-{number:012}"
    return {
        "Guid": guid,
        "CustomerCode": f"C{number}",
        "CustomerName": name,
        "Contacts": [{"FirstName": f"{name} {at}", "Guid": guid} for at in range(contacts)],
        "Addresses": None,
    }


@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_a_record_that_is_listed_again_counts_once_as_it_was_read_last(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "_AT_ONCE", at_once)
    gathered = Gathering(CATALOGUE)
    pages = [
        [customer(1, "old", 2), customer(2, "b", 1)],
        [customer(3, "c", 0), customer(1, "new", 3)],
        [customer(4, "d", 1), customer(2, "b", 1)],
    ]
    for page in pages:
        gathered.add(page)
    assert len(gathered) == 4
    frames = gathered.settled().frames()
    expected = flatten(
        CATALOGUE, [customer(1, "new", 3), customer(2, "b", 1), customer(3, "c", 0), customer(4, "d", 1)]
    )
    assert {name: frame.to_dict("split") for name, frame in frames.items()} == {
        name: frame.to_dict("split") for name, frame in expected.items()
    }


def test_nothing_gathered_is_empty_frames() -> None:
    frames = Gathering(CATALOGUE).settled().frames()
    assert {name: len(frame) for name, frame in frames.items()} == {entity.name: 0 for entity in CATALOGUE.entities}


LISTINGS = st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2), st.text("ab", max_size=1)), max_size=40)


@settings(max_examples=50)
@given(LISTINGS, st.sampled_from([1, 3, 5]), st.sampled_from(["", "a"]))
def test_any_order_of_readings_is_as_if_each_record_had_been_read_once(
    readings: list[tuple[int, int, str]], at_once: int, name: str
) -> None:
    """Also where a whole list is read again, and where a record is wanted in one reading and not in the next."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gathering, "_AT_ONCE", at_once)
        gathered = Gathering(
            CATALOGUE,
            wanted=(lambda columns: [cell == name for cell in columns["CustomerName"]]) if name else None,
            left_out=["Contacts"] if at_once == 3 else [],
        )
        for number, contacts, called in readings:
            gathered.add([customer(number, called, contacts)])
        assert len(gathered) == len({number for number, _, _ in readings})
        extract = gathered.settled()
    last = {number: customer(number, called, contacts) for number, contacts, called in readings}
    expected = flatten(CATALOGUE, [each for each in last.values() if not name or each["CustomerName"] == name])
    if at_once == 3:
        del expected["Contacts"]
    frames = extract.frames()
    assert {each: frame.to_dict("split") for each, frame in frames.items()} == {
        each: frame.to_dict("split") for each, frame in expected.items()
    }
    assert extract.rows == {each: len(frame) for each, frame in expected.items()}
    parts = list(extract.parts())
    for each, frame in expected.items():
        rows = [row for part in parts for row in part[each].to_numpy().tolist()]
        assert rows == frame.to_numpy().tolist()
    for part in parts:
        assert set(part["Addresses"]["@parent"]) <= set(part["Customers"]["Guid"])
    columns = expected["Customers"].columns
    blank = {column for column in columns if (expected["Customers"][column] == "").all()}
    assert {column for column in columns if extract.is_blank("Customers", column)} == blank


def test_a_list_that_was_read_twice_is_taken_from_the_second_reading_as_it_was_set_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "_AT_ONCE", 4)
    gathered = Gathering(CATALOGUE)
    for name in ("old", "new"):
        for at in range(0, 20, 4):
            gathered.add([customer(number, name, 1) for number in range(at, at + 4)])
    extract = gathered.settled()
    assert [block.rows["Customers"] for block in extract.chosen] == [4] * 5
    assert set(extract.frames()["Customers"]["CustomerName"]) == {"new"}
