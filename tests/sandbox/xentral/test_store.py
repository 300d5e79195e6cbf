"""What outlives the process, and what can be seen and done past the API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CUSTOMERS = "/api/v3/customers"
EVERYTHING = {"perPage": 100, "include": "customFields,groups,tags,deliveryAddresses,contactPersons,customerRoles"}


def test_data_survive_a_restart(tmp_path: Path, connected: Any) -> None:
    state = tmp_path / "state.db"
    with connected(state=state) as first:
        created = first.new_customer(notes="kept", financials={"creditLimit": 12.5})
        first.post(f"{CUSTOMERS}/{created['id']}/contactPersons", {"name": "Ada"})
        first.delete(f"{CUSTOMERS}/1004")
        whole = first.data(CUSTOMERS, EVERYTHING)
    with connected(state=state, customers=3, seed=9) as second:
        assert second.data(CUSTOMERS, EVERYTHING) == whole
        assert second.get(f"{CUSTOMERS}/1004").status_code == 404
        later = second.new_customer(number="later")
        assert int(later["id"]) > int(created["id"])
        assert later["createdAt"] > created["createdAt"]


def test_file_that_knew_only_the_other_erp_is_completed(tmp_path: Path, connected: Any) -> None:
    state = tmp_path / "state.db"
    with connected(state=state, customers=4) as first:
        assert first.get("/Customers").status_code == 403
    with connected(state=state, customers=9) as second:
        assert len(second.data(CUSTOMERS)) == 4


def test_store_can_be_inspected_in_copies(connected: Any) -> None:
    with connected(customers=20) as other:
        store = other.store
        assert len(store.customers()) == 20
        first = store.customer("10001")
        first["primaryAddress"]["city"] = "changed"
        first["contactPersons"][0]["name"] = "changed"
        assert store.customer(int(first["id"])) != first
        assert store.customer("10011")["financials"]["primaryBankAccount"]["iban"] == "DE89370400440532013000"
        assert store.customer("kd-ä/7 #2")["tags"] == ["VIP", "A&B"]
        for unknown in ("nobody", 7):
            with pytest.raises(KeyError):
                store.customer(unknown)


def test_colleague_can_edit_in_between(connected: Any) -> None:
    with connected(customers=1) as other:
        before = other.store.customer("10001")
        other.store.edit("10001", **{"notes": "x", "primaryAddress.city": "Ulm", "contactPersons.1.name": "Ada"})
        after = other.customer(before["id"], "contactPersons")
        assert (after["notes"], after["primaryAddress"]["city"]) == ("x", "Ulm")
        assert [each["name"] for each in after["contactPersons"]] == [before["contactPersons"][0]["name"], "Ada"]
        assert other.store.customer("10001")["updatedAt"] - before["updatedAt"] >= timedelta(seconds=1)
        for wrong in ("nonsense", "primaryAddress.nonsense"):
            with pytest.raises(KeyError):
                other.store.edit("10001", **{wrong: 1})


def test_colleague_can_delete_in_between(connected: Any) -> None:
    with connected(customers=2) as other:
        other.store.delete("10001")
        assert other.numbers() == ["10002"]
        with pytest.raises(KeyError):
            other.store.delete("10001")
