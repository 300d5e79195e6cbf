"""What is refused with a 400, and what with a bare 500."""

from __future__ import annotations

from typing import Any

import pytest

from bulkio.sandbox.unleashed.lookups import stable_guid

AROHA = stable_guid("Salesperson", "aroha.ngata@example.com")
GUID_OF_NOTHING = "00000000-0000-0000-0000-00000000000f"
CASH, NZD = "6b60e9ce-4e1a-40da-bc0c-144ec9a9958a", "6cb5d67a-1c96-4fa8-bf59-b23c2d69f22a"
NEEDS_PRIMARY = ("DDINumber", "FaxNumber", "MobileNumber", "PhoneNumber", "TollFreeNumber", "Website")


@pytest.mark.parametrize("code", [None, "", "   "])
def test_code_and_name_are_required_to_create(client: Any, complaints: Any, code: str | None) -> None:
    assert complaints(client.post("/Customers", {"CustomerCode": code, "CustomerName": code})) == {
        "CustomerCode",
        "CustomerName",
    }
    assert complaints(client.post("/Customers", {})) == {"CustomerCode", "CustomerName"}


def test_name_is_required_to_update_but_the_code_is_not(client: Any, complaints: Any) -> None:
    customer = client.new_customer()
    assert complaints(client.post(f"/Customers/{customer['Guid']}", {})) == {"CustomerName"}


def test_code_must_be_unique_without_regard_to_case(client: Any, complaints: Any) -> None:
    customer = client.new_customer()
    body = {"CustomerCode": customer["CustomerCode"].lower(), "CustomerName": "Again"}
    assert complaints(client.post("/Customers", body)) == {"CustomerCode"}


def test_code_cannot_change(client: Any, body_of: Any, complaints: Any) -> None:
    customer = client.new_customer()
    for code in ("OTHER", customer["CustomerCode"].lower(), ""):
        response = client.post(f"/Customers/{customer['Guid']}", body_of(customer, CustomerCode=code))
        assert complaints(response) == {"CustomerCode"}


@pytest.mark.parametrize(
    ("name", "longest"),
    [
        ("CustomerName", 500),
        ("Notes", 1024),
        ("BankAccount", 500),
        ("EORINumber", 20),
        ("XeroSalesAccount", 500),
        ("DeliveryInstruction", 500),
        ("ContactFirstName", 500),
    ],
)
def test_length_limit_is_kept_to_the_character(client: Any, complaints: Any, name: str, longest: int) -> None:
    customer = client.new_customer()
    path = f"/Customers/{customer['Guid']}"
    assert client.post(path, {"CustomerName": "x", name: "ü" * longest}).json()[name] == "ü" * longest
    assert complaints(client.post(path, {"CustomerName": "x", name: "ü" * (longest + 1)})) == {name}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        # Types
        ({"Notes": 5}, "Notes"),
        ({"Notes": ["x"]}, "Notes"),
        ({"CreditLimit": "5"}, "CreditLimit"),
        ({"CreditLimit": True}, "CreditLimit"),
        ({"CreditLimit": 10**30}, "CreditLimit"),
        ({"Obsolete": "true"}, "Obsolete"),
        ({"Obsolete": 1}, "Obsolete"),
        ({"Obsolete": None}, "Obsolete"),
        ({"Guid": "17"}, "Guid"),
        ({"Addresses": {}}, "Addresses"),
        ({"Addresses": ["x"]}, "Addresses[0]"),
        ({"Currency": "NZD"}, "Currency"),
        # Formats
        ({"Email": "somebody"}, "Email"),
        ({"Email": "a@example.com, b@example.com"}, "Email"),
        ({"EmailCC": "a@example.com;b@example.com"}, "EmailCC"),
        ({"EmailCC": "a@example.com,"}, "EmailCC"),
        ({"Website": "no site", "Email": "a@example.com"}, "Website"),
        ({"Website": "ftp://example.com", "Email": "a@example.com"}, "Website"),
        # Types of customers
        ({"CustomerType": "Nobody's"}, "CustomerType"),
        ({"CustomerTypeGuid": GUID_OF_NOTHING}, "CustomerTypeGuid"),
        ({"CustomerType": "Wholesale", "CustomerTypeGuid": CASH}, "CustomerTypeGuid"),
        # Names of lists
        ({"PaymentTerm": "Whenever"}, "PaymentTerm"),
        ({"DeliveryMethod": "Pigeon"}, "DeliveryMethod"),
        ({"TaxCode": "GST"}, "TaxCode"),
        ({"SellPriceTier": "Cheap"}, "SellPriceTier"),
        ({"SellPriceTierReference": {"Reference": "SellPriceTier11"}}, "SellPriceTierReference.Reference"),
        (
            {"SellPriceTier": "Retail", "SellPriceTierReference": {"Reference": "SellPriceTier1"}},
            "SellPriceTierReference.Reference",
        ),
        ({"SalesOrderGroup": "West"}, "SalesOrderGroup"),
        ({"TaxCode": "G.S.T.", "TaxRate": 0.1}, "TaxRate"),
        ({"TaxRate": 0.15}, "TaxRate"),
        # References
        ({"Currency": {}}, "Currency.Guid"),
        ({"Currency": {"CurrencyCode": "XXX"}}, "Currency.CurrencyCode"),
        ({"Currency": {"CurrencyCode": "DOLLAR"}}, "Currency.CurrencyCode"),
        ({"Currency": {"Guid": GUID_OF_NOTHING}}, "Currency.Guid"),
        ({"Currency": {"Guid": NZD, "CurrencyCode": "AUD"}}, "Currency"),
        ({"DefaultWarehouse": {"WarehouseCode": "W9"}}, "DefaultWarehouse.WarehouseCode"),
        ({"DefaultWarehouse": {"WarehouseCode": None}}, "DefaultWarehouse.Guid"),
        ({"Salesperson": {"FullName": "Aroha Ngata"}}, "Salesperson.Guid"),
        ({"Salesperson": {"Guid": GUID_OF_NOTHING}}, "Salesperson.Guid"),
        ({"Salesperson": {"Guid": AROHA, "FullName": "Sam Wilson"}}, "Salesperson"),
        # Addresses
        ({"Addresses": [{"AddressType": "Home"}]}, "Addresses[0].AddressType"),
        ({"Addresses": [{}, {"Country": "XX"}]}, "Addresses[1].Country"),
        ({"Addresses": [{"City": "x" * 501}]}, "Addresses[0].City"),
        ({"Addresses": [{"IsDefault": "no"}]}, "Addresses[0].IsDefault"),
    ],
)
def test_rule_is_enforced_with_a_400_that_names_the_field(
    client: Any, complaints: Any, fields: dict[str, Any], expected: str
) -> None:
    body = {"CustomerCode": "REFUSED", "CustomerName": "x", **fields}
    assert complaints(client.post("/Customers", body)) == {expected}


@pytest.mark.parametrize(
    "fields",
    [
        {"CustomerType": "", "PaymentTerm": "", "TaxCode": "", "SellPriceTier": "", "EmailCC": "", "Website": ""},
        {"Website": "www.example.com", "Email": "a@example.com"},
        {"CustomerType": "Cash", "CustomerTypeGuid": CASH},
        {"Currency": {"Guid": NZD, "CurrencyCode": "NZD", "Description": "whatever it says"}},
        {"Salesperson": {"Guid": AROHA, "FullName": "", "Email": None}},
        {"Currency": None, "Salesperson": None, "DefaultWarehouse": None, "Addresses": None},
        {"TaxCode": "NONE", "TaxRate": 0},
        {"PrintInvoice": None, "Taxable": None},
        {"Addresses": [{"Country": "nz"}, {"Country": "Atlantis"}, {"Country": ""}, {}]},
        {"Addresses": [{"IsDefault": True, "DeliveryInstruction": "Ring"}]},
        {"ContactFirstName": "", "ContactLastName": "x", "PhoneNumber": "1"},
    ],
)
def test_page_allows(client: Any, fields: dict[str, Any]) -> None:
    client.new_customer(**fields)


@pytest.mark.parametrize("name", NEEDS_PRIMARY)
@pytest.mark.parametrize("detail", ["ContactFirstName", "ContactLastName", "Email"])
def test_numbers_need_primary_contact_details_in_the_same_body(
    client: Any, complaints: Any, name: str, detail: str
) -> None:
    number = {name: "www.example.com"}
    body = {"CustomerCode": "REFUSED", "CustomerName": "x", **number}
    assert complaints(client.post("/Customers", body)) == {name}
    assert client.new_customer(**number, **{detail: "a@example.com"})[name] == "www.example.com"


def test_stored_primary_contact_does_not_stand_in_for_one_in_the_body(client: Any, complaints: Any) -> None:
    customer = client.new_customer(ContactFirstName="Ada")
    body = {"CustomerName": "x", "PhoneNumber": "1"}
    assert complaints(client.post(f"/Customers/{customer['Guid']}", body)) == {"PhoneNumber"}


def test_primary_contact_must_not_become_the_double_of_another(client: Any, complaints: Any) -> None:
    customer = client.new_customer(ContactFirstName="Ada")
    client.new_contact(customer, FirstName="Bea")
    body = {"CustomerName": "x", "ContactFirstName": "bea"}
    assert complaints(client.post(f"/Customers/{customer['Guid']}", body)) == {"ContactFirstName"}


def test_all_complaints_come_at_once(client: Any, complaints: Any) -> None:
    body = {
        "CustomerName": 5,
        "Notes": "x" * 2000,
        "Email": "?",
        "PaymentTerm": "?",
        "Addresses": [{"Country": "XX"}, {"AddressType": "?", "City": 1}],
        "Currency": {"CurrencyCode": "?"},
    }
    assert complaints(client.post("/Customers", body)) == {
        "CustomerCode",
        "CustomerName",
        "Notes",
        "Email",
        "PaymentTerm",
        "Addresses[0].Country",
        "Addresses[1].AddressType",
        "Addresses[1].City",
        "Currency.CurrencyCode",
    }


def test_refused_update_changes_nothing(client: Any, complaints: Any) -> None:
    customer = client.new_customer(Notes="before")
    complaints(client.post(f"/Customers/{customer['Guid']}", {"CustomerName": "x", "PaymentTerm": "?"}))
    assert client.customer(customer["Guid"]) == customer


@pytest.mark.parametrize(
    "fields",
    [
        {"Contacts": []},
        {"CreatedOn": "/Date(0)/"},
        {"CreatedBy": "me"},
        {"LastModifiedOn": "/Date(0)/"},
        {"LastModifiedBy": "me"},
        {"Reminder": "x"},
        {"XeroContactId": None},
        {"SourceId": None},
        {"customerName": "x"},
        {"Anything": "else"},
        {"Addresses": [{"Guid": GUID_OF_NOTHING}]},
        {"Addresses": [{"LastModifiedOn": "/Date(0)/"}]},
        {"Currency": {"CurrencyCode": "NZD", "DefaultBuyRate": None}},
        {"Currency": {"CurrencyCode": "NZD", "LastModifiedOn": "/Date(0)/"}},
        {"DefaultWarehouse": {"WarehouseCode": "W1", "WarehouseName": "Main"}},
        {"Salesperson": {"Guid": GUID_OF_NOTHING, "Obsolete": False}},
    ],
)
def test_field_that_is_not_documented_for_writing_is_a_bare_500(client: Any, fields: dict[str, Any]) -> None:
    customer = client.new_customer(Notes="before")
    response = client.post(f"/Customers/{customer['Guid']}", {"CustomerName": "x", **fields})
    assert (response.status_code, response.content) == (500, b"")
    assert client.customer(customer["Guid"]) == customer


def test_customer_posted_back_as_it_was_shown_is_a_bare_500(client: Any) -> None:
    customer = client.new_customer()
    assert client.post(f"/Customers/{customer['Guid']}", customer).status_code == 500


@pytest.mark.parametrize("body", [[], [{"CustomerCode": "A", "CustomerName": "A"}], "text", 5, None])
def test_body_that_is_no_single_object_is_refused(client: Any, complaints: Any, body: Any) -> None:
    assert complaints(client.post("/Customers", body)) == {""}


@pytest.mark.parametrize("content", [b"", b"{", b"{'a': 1}", b'{"CustomerName": "\xff"}', b"[" * 100_000, b"NaN"])
def test_unreadable_json_is_refused(client: Any, complaints: Any, content: bytes) -> None:
    assert complaints(client.send("POST", "/Customers", content=content)) == {""}


def test_post_without_a_body_is_refused(client: Any, complaints: Any) -> None:
    assert complaints(client.send("POST", f"/Customers/{GUID_OF_NOTHING}")) == {""}


def test_other_content_types_are_refused(client: Any) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.send("POST", "/Customers", content=b"a=1", headers=headers).status_code == 415
