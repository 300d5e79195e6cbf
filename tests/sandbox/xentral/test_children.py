from __future__ import annotations

from typing import Any

import pytest

CUSTOMERS = "/api/v3/customers"
ADDRESS = {"name": "Lager Süd", "street": "Werkstraße 3", "zipCode": "70173", "city": "Stuttgart", "country": "DE"}
CONTACT = {"name": "Ada Lovelace"}
KINDS = pytest.mark.parametrize(("kind", "body"), [("deliveryAddresses", ADDRESS), ("contactPersons", CONTACT)])


@pytest.fixture
def base(client: Any) -> str:
    return f"{CUSTOMERS}/{client.new_customer()['id']}"


@KINDS
def test_child_is_created_viewed_listed_changed_and_deleted(
    client: Any, base: str, kind: str, body: dict[str, Any]
) -> None:
    response = client.post(f"{base}/{kind}", body)
    assert response.status_code == 201
    created = response.json()["data"]
    path = f"{base}/{kind}/{created['id']}"
    assert response.headers["location"] == client.sandbox.url + path
    assert client.data(path) == created
    assert client.data(f"{base}/{kind}") == [created]
    changed = client.patch(path, {"name": "Neu", "city": "Ulm"})
    assert changed.status_code == 200
    assert changed.json()["data"]["name"] == "Neu"
    assert client.data(path)["city"] == "Ulm"
    response = client.delete(path)
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(path).status_code == 404
    assert client.data(f"{base}/{kind}") == []


@KINDS
def test_child_of_another_customer_is_not_found(client: Any, base: str, kind: str, body: dict[str, Any]) -> None:
    child = client.post(f"{base}/{kind}", body).json()["data"]
    other = f"{CUSTOMERS}/{client.new_customer()['id']}/{kind}/{child['id']}"
    for response in (client.get(other), client.patch(other, {}), client.delete(other), client.get(f"{base}/{kind}/x")):
        assert (response.status_code, response.content) == (404, b"")


@KINDS
def test_child_leaves_its_customers_updated_at_alone(client: Any, base: str, kind: str, body: dict[str, Any]) -> None:
    before = client.data(base)["updatedAt"]
    child = client.post(f"{base}/{kind}", body).json()["data"]
    client.patch(f"{base}/{kind}/{child['id']}", {"name": "x"})
    client.delete(f"{base}/{kind}/{child['id']}")
    assert client.data(base)["updatedAt"] == before


@KINDS
def test_name_is_required_and_stays(client: Any, base: str, kind: str, body: dict[str, Any]) -> None:
    assert "name" in client.post(f"{base}/{kind}", {}).json()["violations"]
    child = client.post(f"{base}/{kind}", body).json()["data"]
    for blank in (None, ""):
        assert client.patch(f"{base}/{kind}/{child['id']}", {"name": blank}).status_code == 400


@KINDS
def test_null_is_for_updates_only(client: Any, base: str, kind: str, body: dict[str, Any]) -> None:
    assert client.post(f"{base}/{kind}", {**body, "title": None}).status_code == 400
    child = client.post(f"{base}/{kind}", {**body, "title": "Dr."}).json()["data"]
    assert client.patch(f"{base}/{kind}/{child['id']}", {"title": None}).json()["data"]["title"] is None


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("state", "Bayern", "BY"),
        ("state", "B", "NW"),
        ("country", "D", "AT"),
        ("country", "XX", "CH"),
        ("gln", "123", "4012345000300"),
        ("gln", "401234500030x", "0000000000000"),
        ("email", "nobody", "a@example.com"),
        ("type", "firm", "company"),
        ("deliveryDetails", {"taxType": "none"}, {"taxType": "eu"}),
        ("deliveryDetails", None, {"note": "Hintereingang"}),
    ],
)
def test_delivery_address_is_checked(client: Any, base: str, name: str, wrong: Any, right: Any) -> None:
    path = f"{base}/deliveryAddresses"
    assert client.post(path, {**ADDRESS, name: wrong}).json()["violations"].keys() == {name}
    created = client.post(path, {**ADDRESS, name: right})
    assert created.status_code == 201
    one = f"{path}/{created.json()['data']['id']}"
    assert client.patch(one, {name: wrong}).json()["violations"].keys() == {name}
    assert client.patch(one, {name: right}).status_code == 200


def test_customers_own_address_takes_a_state_of_any_length(client: Any, base: str) -> None:
    assert client.patch(base, {"primaryAddress": {"state": "Bayern"}}).status_code == 200


def test_state_of_a_contact_may_be_long_in_post_and_has_two_letters_in_patch(client: Any, base: str) -> None:
    path = f"{base}/contactPersons"
    assert client.post(path, {**CONTACT, "state": "x" * 101}).status_code == 400
    created = client.post(path, {**CONTACT, "state": "Baden-Württemberg"})
    assert created.status_code == 201
    one = f"{path}/{created.json()['data']['id']}"
    for state in ("Baden-Württemberg", "B", "", None):
        assert client.patch(one, {"state": state}).json()["violations"].keys() == {"state"}
    assert client.patch(one, {"state": "BW"}).json()["data"]["state"] == "BW"


@pytest.mark.parametrize(
    ("name", "longest"),
    [("name", 255), ("title", 255), ("salutation", 500), ("zipCode", 20), ("phone", 50), ("mobile", 50), ("fax", 50)],
)
def test_texts_of_a_contact_have_limits(client: Any, base: str, name: str, longest: int) -> None:
    path = f"{base}/contactPersons"
    assert client.post(path, {**CONTACT, name: "ü" * longest}).status_code == 201
    assert client.post(path, {**CONTACT, name: "ü" * (longest + 1)}).json()["violations"].keys() == {name}


def test_details_of_a_contact_merge_and_its_language_is_put_into_capitals(client: Any, base: str) -> None:
    path = f"{base}/contactPersons"
    details = {"position": "Einkauf", "birthday": "1978-04-12", "language": "de"}
    created = client.post(path, {**CONTACT, "contactPersonDetails": details}).json()["data"]
    changed = client.patch(f"{path}/{created['id']}", {"contactPersonDetails": {"birthday": None}}).json()["data"]
    kept = changed["contactPersonDetails"]
    assert (kept["position"], kept["birthday"], kept["language"]) == ("Einkauf", None, "DE")


def test_groups_of_a_contact_are_replaced_and_shown_when_asked_for(client: Any, base: str) -> None:
    path = f"{base}/contactPersons"
    created = client.post(path, {**CONTACT, "groups": [{"id": "1"}]}).json()["data"]
    one = f"{path}/{created['id']}"
    assert "groups" not in created
    assert client.data(one, {"include": "groups"})["groups"] == [{"id": "1", "name": "Großhandel"}]
    client.patch(one, {"groups": []})
    assert client.data(path, {"include": "groups"})[0]["groups"] == []


def test_only_one_delivery_address_is_the_default(client: Any, base: str) -> None:
    path = f"{base}/deliveryAddresses"
    default = {"deliveryDetails": {"defaultDeliveryAddress": True}}
    first = client.post(path, {**ADDRESS, **default}).json()["data"]["id"]
    second = client.post(path, ADDRESS).json()["data"]["id"]
    client.patch(f"{path}/{second}", default)
    assert {each["id"]: each["deliveryDetails"]["defaultDeliveryAddress"] for each in client.data(path)} == {
        first: False,
        second: True,
    }


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [
        ("deliveryAddresses", "deliveryAddress.city", "Kiel"),
        ("deliveryAddresses", "note", "Rampe"),
        ("deliveryAddresses", "defaultDeliveryAddress", "true"),
        ("contactPersons", "city", "Kiel"),
        ("contactPersons", "name", "zwei"),
    ],
)
def test_children_can_be_filtered(client: Any, base: str, kind: str, key: str, value: str) -> None:
    client.post(f"{base}/{kind}", {**ADDRESS, "name": "eins"})
    details = {"deliveryDetails": {"note": "Rampe", "defaultDeliveryAddress": True}}
    client.post(f"{base}/{kind}", {**ADDRESS, "name": "zwei", "city": "Kiel", **details})
    for op, name in (("equals", "zwei"), ("notEquals", "eins")):
        query = {"filter[0][key]": key, "filter[0][op]": op, "filter[0][value]": value}
        assert [each["name"] for each in client.data(f"{base}/{kind}", query)] == [name]


def test_inline_collections_are_whole_however_many_there_are(untouched: Any) -> None:
    customer = untouched.store.customer("10006")
    shown = untouched.customer(customer["id"], "deliveryAddresses,contactPersons")
    assert len(shown["deliveryAddresses"]) == 120
    listed = untouched.data(f"{CUSTOMERS}/{customer['id']}/deliveryAddresses", {"perPage": 500})
    assert len(listed) == 100
    assert len(untouched.customer(untouched.store.customer("+49-17")["id"], "contactPersons")["contactPersons"]) == 130
