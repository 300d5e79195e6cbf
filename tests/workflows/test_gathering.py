"""Records gathered by pages give the same frames as records flattened at once."""

from __future__ import annotations

from typing import Any

import pytest

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
    frames = gathered.frames()
    expected = flatten(
        CATALOGUE, [customer(1, "new", 3), customer(2, "b", 1), customer(3, "c", 0), customer(4, "d", 1)]
    )
    assert {name: frame.to_dict("split") for name, frame in frames.items()} == {
        name: frame.to_dict("split") for name, frame in expected.items()
    }


def test_nothing_gathered_is_empty_frames() -> None:
    frames = Gathering(CATALOGUE).frames()
    assert {name: len(frame) for name, frame in frames.items()} == {entity.name: 0 for entity in CATALOGUE.entities}
