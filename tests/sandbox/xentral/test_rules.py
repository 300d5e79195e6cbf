from __future__ import annotations

from typing import Any

import pytest

CUSTOMERS = "/api/v3/customers"
ADDRESS = {"name": "Muster GmbH", "street": "Lindenallee 1", "zipCode": "80801", "city": "München", "country": "DE"}


def violations(response: Any) -> dict[str, Any]:
    assert response.status_code == 400, (response.status_code, response.text)
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["type"] == "https://api.xentral.biz/problems/request-validation"
    assert problem["title"]
    found: dict[str, Any] = problem["violations"]
    return found


def test_violations_are_nested_as_the_payload_is_and_told_all_at_once(client: Any) -> None:
    body = {"number": 7, "groups": [{"id": "1"}, {"id": "99"}], "primaryAddress": {**ADDRESS, "city": " ", "type": "x"}}
    assert violations(client.post(CUSTOMERS, body)) == {
        "number": ["The number field must be a string."],
        "groups": {"1": {"id": ["The selected id is invalid."]}},
        "primaryAddress": {"city": ["The city field is required."], "type": ["The selected type is invalid."]},
    }


def test_violations_may_be_spelled_with_dots(connected: Any) -> None:
    with connected(customers=0, violations="dotted") as other:
        found = violations(other.post(CUSTOMERS, {"groups": [{}], "primaryAddress": {**ADDRESS, "country": "Germany"}}))
        assert found.keys() == {"groups.0.id", "primaryAddress.country"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'"x"', b"null", b"\xff", b"[" * 20_000])
def test_body_that_is_no_object_is_a_violation_of_the_whole(client: Any, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert violations(client.http.post(CUSTOMERS, content=body, headers=headers)).keys() == {"_"}


@pytest.mark.parametrize("name", ["name", "street", "zipCode", "city", "country"])
@pytest.mark.parametrize("value", [None, "", "  ", ...])
def test_core_of_an_address_is_required_and_can_never_be_cleared(client: Any, name: str, value: Any) -> None:
    body = {**ADDRESS, name: value} if value is not ... else {k: v for k, v in ADDRESS.items() if k != name}
    assert violations(client.post(CUSTOMERS, {"primaryAddress": body})).keys() == {"primaryAddress"}
    customer = client.new_customer()
    if value is not ...:
        path = f"{CUSTOMERS}/{customer['id']}"
        assert violations(client.patch(path, {"primaryAddress": {name: value}}))["primaryAddress"].keys() == {name}


@pytest.mark.parametrize(
    ("path", "wrong", "right"),
    [
        ("primaryAddress.country", "Deutschland", "AT"),
        ("primaryAddress.country", "de", "CH"),
        ("primaryAddress.country", "XX", "GB"),
        ("primaryAddress.type", "person", "mrs"),
        ("communication.language", "DEU", "EN"),
        ("communication.language", "XX", "FR"),
        ("communication.website", None, ""),
        ("communication.allowMarketingEmails", "true", False),
        ("communication.allowMarketingEmails", 1, True),
        ("financials.creditLimit", "100", 100),
        ("financials.creditLimit", True, 0.5),
        ("financials.paymentTerms.paymentTargetDays", 1.5, 14),
        ("financials.defaultCurrency", "EURO", "EUR"),
        ("financials.tax.taxation", "none", "eu"),
        ("financials.tax.taxation", None, "exempt"),
        ("financials.tax.taxDisplay", "brutto", "gross"),
        ("financials.tax", None, {"vatId": None}),
        ("financials.subscriptionPaymentMethod", "cash", "invoice"),
        ("financials.paymentMethod", {"id": "77"}, {"id": "2"}),
        ("financials.paymentMethod", {}, None),
        ("financials.paymentMethod", "2", {"id": "1"}),
        ("financials.primaryBankAccount.sepa.usage", "often", "single"),
        ("financials.primaryBankAccount.sepa.mandateReferenceDate", "01.02.2024", "2024-02-01"),
        ("fulfillment.deliveryBlockDate", "2024-02-30", "2024-02-29"),
        ("fulfillment.autoCreateDocuments", "all", "invoice"),
        ("fulfillment.freeShippingFrom", "1", None),
        ("documentDelivery.amountInvoicePrints", None, 2),
        ("documentDelivery.documentRecipients.invoice.cc", "a@example.com", ["a@example.com"]),
        ("documentDelivery.documentRecipients.invoice.to", None, ""),
        ("salesManager", {"id": "1"}, {"id": "11", "commission": 2.5}),
        ("mainProject", {"id": 1}, {"id": "1"}),
        ("groups", None, []),
        ("tags", [{"title": ""}], [{"title": "anything new"}]),
        (
            "customFields",
            [{"key": "customField1", "value": "x"}],
            [{"key": "customField1", "label": "l", "value": "x"}],
        ),
        ("customFields", [{"key": "isReseller", "label": "l", "value": True}], []),
        (
            "customFields",
            [{"key": "loyaltyPoints", "label": "l", "value": "1.5"}],
            [{"key": "loyaltyPoints", "label": "l", "value": "15"}],
        ),
        ("customFields", [{"key": "unknown", "label": "l", "value": "x"}], []),
        ("notes", 7, "7"),
    ],
)
def test_value_is_checked_as_the_vendor_does(client: Any, path: str, wrong: Any, right: Any) -> None:
    customer = client.new_customer()
    name, *_ = path.split(".")
    url = f"{CUSTOMERS}/{customer['id']}"
    assert violations(client.patch(url, nested(path, wrong))).keys() == {name}
    assert client.patch(url, nested(path, right)).status_code == 200


@pytest.mark.parametrize("name", ["notes", "deviatingDebtorAccountNumber", "mainProject", "deviatingBillingAddress"])
def test_null_is_for_updates_only(client: Any, name: str) -> None:
    assert violations(client.post(CUSTOMERS, {"primaryAddress": ADDRESS, name: None})).keys() == {name}
    assert client.patch(f"{CUSTOMERS}/{client.new_customer()['id']}", {name: None}).status_code == 200


def test_refused_write_changes_nothing(client: Any) -> None:
    customer = client.new_customer(notes="before")
    client.patch(f"{CUSTOMERS}/{customer['id']}", {"notes": "after", "groups": "x"})
    assert client.customer(customer["id"]) == customer


def nested(path: str, value: Any) -> Any:
    for name in reversed(path.split(".")):
        value = {name: value}
    return value
