from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CUSTOMERS = "/api/v3/customers"
INCLUDES = (
    "communication.additionalContactInformation",
    "financials.paymentMethod",
    "fulfillment.shippingMethod",
    "customFields",
    "customerRoles",
    "groups",
    "deliveryAddresses",
    "contactPersons",
    "tags",
)
BILLING = {"name": "Buchhaltung", "street": "Ring 2", "zipCode": "04229", "city": "Leipzig", "country": "DE"}


def part(document: dict[str, Any], path: str) -> Any:
    for name in path.split("."):
        document = document[name]
    return document


def test_created_customer_comes_back_with_a_location_that_shows_it(client: Any) -> None:
    body = {"number": "00700", "primaryAddress": {**BILLING, "email": "ö@example.com"}, "notes": "a\r\nb"}
    response = client.post(CUSTOMERS, body)
    assert response.status_code == 201
    created = response.json()["data"]
    assert (created["number"], created["notes"], created["id"].isdigit()) == ("00700", "a\r\nb", True)
    assert response.headers["location"] == f"{client.sandbox.url}{CUSTOMERS}/{created['id']}"
    assert client.http.get(response.headers["location"]).json()["data"] == created


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(notes=st.text(), city=st.text(min_size=1).filter(str.strip), limit=st.decimals(0, 10**9, places=4))
def test_whatever_is_written_comes_back_as_it_was(client: Any, notes: str, city: str, limit: Decimal) -> None:
    customer = client.new_customer()
    body = {"notes": notes, "primaryAddress": {"city": city}, "financials": {"creditLimit": limit}}
    content = msgspec.json.Encoder(decimal_format="number").encode(body)
    path = f"{CUSTOMERS}/{customer['id']}"
    assert client.http.patch(path, content=content, headers={"Content-Type": "application/json"}).status_code == 200
    shown = msgspec.json.Decoder(float_hook=Decimal).decode(client.get(path).content)["data"]
    assert (shown["notes"], shown["primaryAddress"]["city"]) == (notes, city)
    assert shown["financials"]["creditLimit"] == limit


def test_customer_without_a_number_gets_the_next_one(client: Any) -> None:
    first = client.post(CUSTOMERS, {"primaryAddress": BILLING}).json()["data"]["number"]
    second = client.post(CUSTOMERS, {"number": "", "primaryAddress": BILLING}).json()["data"]["number"]
    assert int(second) == int(first) + 1


@pytest.mark.parametrize("spelling", ["DUP-1", "dup-1"])
def test_number_that_is_taken_is_refused(client: Any, spelling: str) -> None:
    client.post(CUSTOMERS, {"number": "Dup-1", "primaryAddress": BILLING})
    response = client.post(CUSTOMERS, {"number": spelling, "primaryAddress": BILLING})
    assert response.status_code == 400
    assert response.json()["violations"] == {"number": ["The number has already been taken."]}


@pytest.mark.parametrize("path", INCLUDES)
def test_part_is_absent_unless_it_is_asked_for(client: Any, path: str) -> None:
    customer = client.new_customer(financials={"paymentMethod": {"id": "1"}})
    with pytest.raises(KeyError):
        part(customer, path)
    with pytest.raises(KeyError):
        part(client.customer(customer["id"], ",".join(each for each in INCLUDES if each != path)), path)
    part(client.customer(customer["id"], path), path)


def test_patch_merges_however_deep(client: Any) -> None:
    customer = client.new_customer(financials={"tax": {"vatId": "DE1", "taxNumber": "9/8"}, "creditLimit": 12.5})
    changed = client.change(customer, financials={"tax": {"vatId": "DE2"}}, primaryAddress={"city": "Ulm"})
    assert changed["financials"]["tax"] == {**customer["financials"]["tax"], "vatId": "DE2"}
    assert changed["financials"]["creditLimit"] == 12.5
    assert changed["primaryAddress"] == {**customer["primaryAddress"], "city": "Ulm"}


def test_patch_moves_updated_at_and_nothing_else_of_its_own(client: Any) -> None:
    customer = client.new_customer()
    changed = client.change(customer)
    assert changed["updatedAt"] > customer["updatedAt"]
    assert {**changed, "updatedAt": customer["updatedAt"]} == customer


@pytest.mark.parametrize(
    "change",
    [{"number": "new"}, {"number": 7}, {"vatId": "DE7"}, {"id": "1"}, {"creditLimit": 1}, {"tax": {"vatId": "x"}}],
)
def test_field_in_the_wrong_place_is_dropped_without_a_word(client: Any, change: dict[str, Any]) -> None:
    customer = client.new_customer()
    changed = client.change(customer, **change)
    assert {**changed, "updatedAt": customer["updatedAt"]} == customer


def test_null_clears_a_text_and_makes_an_amount_zero(client: Any) -> None:
    customer = client.new_customer(notes="x", financials={"creditLimit": 5, "paymentTerms": {"paymentTargetDays": 30}})
    cleared = client.change(
        customer, notes=None, financials={"creditLimit": None, "paymentTerms": {"paymentTargetDays": None}}
    )
    assert cleared["notes"] is None
    assert (cleared["financials"]["creditLimit"], cleared["financials"]["paymentTerms"]["paymentTargetDays"]) == (0, 0)


def test_billing_address_comes_and_goes(client: Any) -> None:
    customer = client.new_customer()
    assert (
        client.patch(f"{CUSTOMERS}/{customer['id']}", {"deviatingBillingAddress": {"city": "Ulm"}}).status_code == 400
    )
    added = client.change(customer, deviatingBillingAddress=BILLING)
    assert added["deviatingBillingAddress"]["city"] == "Leipzig"
    assert client.change(customer, deviatingBillingAddress={"city": "Ulm"})["deviatingBillingAddress"]["city"] == "Ulm"
    assert client.change(customer, deviatingBillingAddress=None)["deviatingBillingAddress"] is None


def test_groups_and_tags_are_replaced_and_roles_and_contact_details_are_added(client: Any) -> None:
    customer = client.new_customer(
        groups=[{"id": "1"}, {"id": "2"}],
        tags=[{"title": "VIP"}],
        customerRoles=[{"project": {"id": "1"}, "validFrom": "2020-01-01"}],
        communication={"additionalContactInformation": [{"key": "Skype", "value": "a"}, {"key": "Fon", "value": "b"}]},
    )
    client.change(
        customer,
        groups=[{"id": "3"}],
        tags=[],
        customerRoles=[{"project": {"id": "2"}}, {"project": {"id": "1"}, "expiresAt": "2021-01-01"}],
        communication={"additionalContactInformation": [{"key": "Skype", "value": None}, {"key": "Neu", "value": "c"}]},
    )
    changed = client.customer(customer["id"], ",".join(INCLUDES))
    assert changed["groups"] == [{"id": "3", "name": "Export"}]
    assert changed["tags"] == []
    assert [(each["project"]["id"], each["expiresAt"]) for each in changed["customerRoles"]] == [
        ("1", "2021-01-01"),
        ("2", None),
    ]
    assert changed["communication"]["additionalContactInformation"] == [
        {"key": "Fon", "value": "b"},
        {"key": "Neu", "value": "c"},
    ]


def test_role_that_is_not_valid_now_is_left_out_of_a_new_customer(client: Any) -> None:
    roles = [{"project": {"id": "1"}, "expiresAt": "2020-01-01"}, {"project": {"id": "2"}, "validFrom": "2999-01-01"}]
    customer = client.new_customer(customerRoles=roles)
    assert client.customer(customer["id"], "customerRoles")["customerRoles"] == []


def test_bank_data_are_masked_and_kept_as_they_are(client: Any) -> None:
    account = {
        "iban": "DE89370400440532013000",
        "bic": "COBADEFFXXX",
        "bankName": "Beispielbank",
        "accountHolder": "Köhler",
        "sepa": {"mandateReference": "TN2-1"},
    }
    customer = client.new_customer(financials={"primaryBankAccount": account})
    shown = customer["financials"]["primaryBankAccount"]
    assert shown["iban"] == "DE89**************3000"
    assert shown["bic"] == "*******FXXX"
    assert (shown["bankName"], shown["accountHolder"]) == ("Bei*********", "Köh***")
    assert shown["sepa"]["mandateReference"] == "TN2**"
    assert client.store.customer(customer["number"])["financials"]["primaryBankAccount"]["iban"] == account["iban"]


def test_masked_account_that_is_written_back_destroys_the_real_one(client: Any) -> None:
    customer = client.new_customer(financials={"primaryBankAccount": {"iban": "DE89370400440532013000"}})
    client.change(customer, financials={"primaryBankAccount": {"iban": "DE89**************3000"}})
    stored = client.store.customer(customer["number"])["financials"]["primaryBankAccount"]["iban"]
    assert stored == "DE89**************3000"


def test_amounts_keep_their_digits(client: Any) -> None:
    body = b'{"primaryAddress": %s, "financials": {"creditLimit": 99999999999.0001}}'
    address = b'{"name": "x", "street": "x", "zipCode": "1", "city": "x", "country": "DE"}'
    response = client.http.post(CUSTOMERS, content=body % address, headers={"Content-Type": "application/json"})
    assert b'"creditLimit":99999999999.0001' in response.content


@pytest.mark.parametrize("version", ["v1", "v3"])
def test_deleted_customer_is_not_found_any_more_nor_is_what_belongs_to_it(client: Any, version: str) -> None:
    customer = client.new_customer()
    path = f"{CUSTOMERS}/{customer['id']}"
    contact = client.post(f"{path}/contactPersons", {"name": "Ada"}).json()["data"]
    response = client.delete(f"/api/{version}/customers/{customer['id']}")
    assert (response.status_code, response.content) == (204, b"")
    for gone in (path, f"{path}/contactPersons", f"{path}/contactPersons/{contact['id']}", f"{path}/deliveryAddresses"):
        response = client.get(gone)
        assert (response.status_code, response.content) == (404, b"")
    assert client.patch(path, {}).status_code == 404
    assert client.delete(path).status_code == 404
    assert customer["number"] not in client.numbers()
    assert client.new_customer(number=customer["number"])["id"] != customer["id"]


@pytest.mark.parametrize("version", ["v1", "v3"])
def test_write_protected_customer_cannot_be_deleted_but_changed(connected: Any, version: str) -> None:
    with connected(customers=16) as other:
        customer = other.store.customer("10016")
        response = other.delete(f"/api/{version}/customers/{customer['id']}")
        assert response.status_code == 409
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json() == {
            "type": "https://api.xentral.biz/problems/write-protected",
            "title": "The resource is write-protected.",
        }
        assert other.change(customer, notes="x")["notes"] == "x"


@pytest.mark.parametrize("identifier", ["0", "999999", "abc", "1e3", "-1", "1.0", "\u0661", "9" * 5000])
def test_unknown_id_is_not_found(client: Any, identifier: str) -> None:
    response = client.get(f"{CUSTOMERS}/{identifier}")
    assert (response.status_code, response.content) == (404, b"")


def test_custom_fields_are_written_as_text_and_read_as_their_type(client: Any) -> None:
    written = {
        "customField1": "01",
        "loyaltyPoints": "17",
        "discountShare": "0.10",
        "customerSince": "2020-02-29",
        "lastVisit": "2026-03-29T02:30:00+01:00",
        "isReseller": "false",
        "preferences": '{"a": [1]}',
    }
    fields = [{"key": key, "label": "any", "value": value} for key, value in written.items()]
    customer = client.new_customer(customFields=fields)
    client.change(customer, customFields=[{"key": "customField1", "label": "any", "value": None}])
    shown = {each["key"]: each["value"] for each in client.customer(customer["id"], "customFields")["customFields"]}
    assert shown == {
        "customField1": None,
        "customField2": None,
        "loyaltyPoints": 17,
        "discountShare": 0.1,
        "customerSince": "2020-02-29",
        "lastVisit": "2026-03-29T02:30:00+01:00",
        "isReseller": False,
        "slogan": None,
        "preferences": {"a": [1]},
    }


def test_custom_fields_that_are_set_up_can_be_listed(client: Any) -> None:
    fields = client.data("/api/v2/settings/masterdata/addressCustomFields")
    assert {"id": "1", "key": "customField1", "label": "Branche", "type": "string"} in fields
    assert len(fields) <= 20
