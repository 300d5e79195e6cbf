from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

TWO_ADDRESSES = [
    {"AddressType": "Postal", "AddressName": "Office", "City": "Auckland", "Country": "New Zealand"},
    {"AddressType": "Shipping", "AddressName": "Store", "City": "Sydney", "Country": "AU"},
]

FILLED = {
    "BankAccount": "01-0001-0000001-00",
    "BankBranch": "Takapuna",
    "BankName": "Example Bank",
    "ContactFirstName": "Harold",
    "ContactLastName": "Smith",
    "CreditLimit": 5000,
    "Currency": {"CurrencyCode": "NZD"},
    "CustomerType": "Cash",
    "DDINumber": "1",
    "DefaultWarehouse": {"WarehouseCode": "0815"},
    "DeliveryInstruction": "Ring twice",
    "DeliveryMethod": "Courier",
    "DiscountRate": 0.05,
    "Email": "harold@example.com",
    "EmailCC": "a@example.com, b@example.com",
    "EORINumber": "GB123456789000",
    "FaxNumber": "2",
    "GSTVATNumber": "123-456-789",
    "HasCreditLimit": True,
    "MobileNumber": "3",
    "Notes": "Line\r\nline",
    "PaymentTerm": "20th Month following",
    "PhoneNumber": "4",
    "PrintInvoice": True,
    "PrintPackingSlipInsteadOfInvoice": True,
    "SalesOrderGroup": "North",
    "SellPriceTier": "Wholesale",
    "StopCredit": True,
    "Taxable": True,
    "TaxCode": "G.S.T.",
    "TollFreeNumber": "5",
    "Website": "https://www.example.com/shop?x=1",
    "XeroCostOfGoodsAccount": "310",
    "XeroSalesAccount": "0200",
    "Addresses": TWO_ADDRESSES,
}


def test_create_without_a_guid_makes_one(client: Any) -> None:
    response = client.post("/Customers", {"CustomerCode": "CREATE-1", "CustomerName": "One"})
    assert response.status_code == 201
    assert client.customer(response.json()["Guid"]) == response.json()
    assert "Items" not in response.json()


@pytest.mark.parametrize("place", ["path", "body", "both"])
def test_create_takes_its_guid_from_the_path_or_the_body(client: Any, place: str) -> None:
    guid = str(uuid.uuid4())
    body = {"CustomerCode": f"CREATE-{place}", "CustomerName": "One"}
    body |= {"Guid": guid.upper()} if place != "path" else {}
    response = client.post("/Customers" if place == "body" else f"/Customers/{guid.upper()}", body)
    assert (response.status_code, response.json()["Guid"]) == (201, guid)


@pytest.mark.parametrize("place", ["path", "body", "both"])
def test_update_finds_its_customer_by_the_path_or_the_body(client: Any, body_of: Any, place: str) -> None:
    customer = client.new_customer()
    body = body_of(customer, CustomerName="Renamed")
    if place == "path":
        del body["Guid"]
    response = client.post("/Customers" if place == "body" else f"/Customers/{customer['Guid']}", body)
    assert (response.status_code, response.json()["CustomerName"]) == (200, "Renamed")
    assert client.customer(customer["Guid"]) == response.json()


def test_guid_of_path_and_body_must_agree(client: Any, body_of: Any, complaints: Any) -> None:
    customer = client.new_customer()
    response = client.post(f"/Customers/{customer['Guid']}", body_of(customer, Guid=str(uuid.uuid4())))
    assert complaints(response) == {"Guid"}


def test_unknown_guid_is_a_bare_404(client: Any) -> None:
    response = client.get(f"/Customers/{uuid.uuid4()}")
    assert (response.status_code, response.content) == (404, b"")


def test_every_documented_field_is_kept_and_shown(client: Any) -> None:
    created = client.new_customer(**FILLED)
    for name, value in FILLED.items():
        if name not in ("Addresses", "Currency", "DefaultWarehouse"):
            assert created[name] == value, name
    assert created["Currency"]["Guid"] == "6cb5d67a-1c96-4fa8-bf59-b23c2d69f22a"
    assert created["DefaultWarehouse"]["WarehouseName"] == "Lager Hamburg"
    assert [each["City"] for each in created["Addresses"]] == ["Auckland", "Sydney"]


def test_name_brings_its_guid_rate_or_reference_along(client: Any) -> None:
    created = client.new_customer(**FILLED)
    assert created["CustomerTypeGuid"] == "6b60e9ce-4e1a-40da-bc0c-144ec9a9958a"
    assert created["TaxRate"] == 0.15
    assert created["SellPriceTierReference"] == {"Reference": "SellPriceTier1"}
    other = client.new_customer(
        CustomerTypeGuid="6b60e9ce-4e1a-40da-bc0c-144ec9a9958a",
        SellPriceTierReference={"Reference": "SellPriceTier2"},
    )
    assert (other["CustomerType"], other["SellPriceTier"]) == ("Cash", "Retail")


def test_careful_update_changes_nothing_but_the_dates(client: Any, body_of: Any) -> None:
    before = client.new_customer(**FILLED)
    after = client.post(f"/Customers/{before['Guid']}", body_of(before)).json()
    assert {name for name in before if before[name] != after[name]} == {"LastModifiedOn"}


def test_field_left_out_of_an_update_is_blanked(client: Any) -> None:
    before = client.new_customer(**FILLED)
    after = client.post(f"/Customers/{before['Guid']}", {"CustomerName": "Rest"}).json()
    kept = {"CustomerCode", "CreatedBy", "CreatedOn", "Guid", "DeliveryInstruction"}
    assert {name for name in kept if after[name] != before[name]} == set()
    flags = {"HasCreditLimit", "Obsolete", "PrintInvoice", "PrintPackingSlipInsteadOfInvoice", "StopCredit", "Taxable"}
    assert {name for name in flags if after[name] is not False} == set()
    others = FILLED.keys() - kept - flags - {"Addresses"} | {"TaxRate", "CustomerTypeGuid", "SellPriceTierReference"}
    assert {name for name in others if after[name] is not None} == set()
    assert after["Addresses"] == []


@pytest.mark.parametrize("change", [{}, {"DeliveryInstruction": None}])
def test_delivery_instruction_survives_null_and_absence(client: Any, change: dict[str, Any]) -> None:
    before = client.new_customer(DeliveryInstruction="Ring twice")
    after = client.post(f"/Customers/{before['Guid']}", {"CustomerName": "x", **change}).json()
    assert after["DeliveryInstruction"] == "Ring twice"


def test_empty_delivery_instruction_clears_it(client: Any) -> None:
    before = client.new_customer(DeliveryInstruction="Ring twice")
    after = client.post(f"/Customers/{before['Guid']}", {"CustomerName": "x", "DeliveryInstruction": ""}).json()
    assert after["DeliveryInstruction"] == ""


def test_null_and_empty_text_are_kept_apart(client: Any) -> None:
    created = client.new_customer(Notes="", BankName=None)
    assert (created["Notes"], created["BankName"]) == ("", None)


def test_every_write_moves_the_modification_date_forward(client: Any) -> None:
    customer = client.new_customer()
    stamps = [customer["LastModifiedOn"]]
    path = f"/Customers/{customer['Guid']}"
    stamps += [client.post(path, {"CustomerName": "x"}).json()["LastModifiedOn"] for _ in range(5)]
    moments = [int(stamp.removeprefix("/Date(").removesuffix(")/")) for stamp in stamps]
    assert moments == sorted(set(moments))
    assert client.customer(customer["Guid"])["LastModifiedBy"] == "api@sandbox.example.com"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("0", "0.0000"),
        ("0.05", "0.0500"),
        ("0.123456", "0.123456"),
        ("99999999999999.9999", "99999999999999.9999"),
        ("-1E+2", "-100.0000"),
        ("123456789012345678", "123456789012345678.0000"),
    ],
)
def test_decimals_are_exact_and_have_four_places_at_least(client: Any, sent: str, shown: str) -> None:
    customer = client.new_customer()
    response = client.send(
        "POST", f"/Customers/{customer['Guid']}", content=f'{{"CustomerName":"x","CreditLimit":{sent}}}'
    )
    assert response.status_code == 200
    assert f'"CreditLimit":{shown},' in response.text


def test_address_keeps_its_guid_as_long_as_type_and_name_stay(client: Any, body_of: Any) -> None:
    before = client.new_customer(Addresses=TWO_ADDRESSES)
    body = body_of(before)
    body["Addresses"].reverse()
    body["Addresses"][0]["City"] = "Perth"
    body["Addresses"].append({"AddressType": "Postal", "AddressName": " Office", "City": "Napier"})
    after = client.post(f"/Customers/{before['Guid']}", body).json()["Addresses"]
    assert [each["Guid"] for each in after[:2]] == [each["Guid"] for each in before["Addresses"][::-1]]
    assert after[2]["Guid"] not in {each["Guid"] for each in before["Addresses"]}
    assert after[0]["LastModifiedOn"] > before["Addresses"][1]["LastModifiedOn"]
    assert after[1]["LastModifiedOn"] == before["Addresses"][0]["LastModifiedOn"]


def test_addresses_of_the_same_name_are_matched_in_their_order(client: Any, body_of: Any) -> None:
    before = client.new_customer(Addresses=[{"AddressType": "Postal", "AddressName": "A"}] * 2)
    after = client.post(f"/Customers/{before['Guid']}", body_of(before)).json()
    assert after["Addresses"] == before["Addresses"]
    assert len({each["Guid"] for each in after["Addresses"]}) == 2


def test_omitted_address_is_dropped(client: Any, body_of: Any) -> None:
    before = client.new_customer(Addresses=TWO_ADDRESSES)
    after = client.post(f"/Customers/{before['Guid']}", body_of(before, Addresses=TWO_ADDRESSES[1:])).json()
    assert [each["AddressName"] for each in after["Addresses"]] == ["Store"]


def test_omitted_address_stays_if_the_server_keeps_them(connected: Callable[..., Any], body_of: Any) -> None:
    with connected(keep_omitted_addresses=True, customers=1) as other:
        before = other.new_customer(Addresses=TWO_ADDRESSES)
        after = other.post(f"/Customers/{before['Guid']}", body_of(before, Addresses=TWO_ADDRESSES[1:])).json()
        assert [each["AddressName"] for each in after["Addresses"]] == ["Store", "Office"]


def test_primary_contact_is_created_from_the_customers_fields(client: Any) -> None:
    customer = client.new_customer(ContactFirstName="Ada", MobileNumber="021")
    (contact,) = client.items(f"/Customers/{customer['Guid']}/Contacts")
    assert (contact["FirstName"], contact["MobilePhone"], contact["IsDefault"]) == ("Ada", "021", True)


def test_primary_contact_is_overwritten_and_what_is_left_blank_is_removed(client: Any, body_of: Any) -> None:
    before = client.new_customer(ContactFirstName="Ada", ContactLastName="Byron", PhoneNumber="1")
    (contact,) = client.items(f"/Customers/{before['Guid']}/Contacts")
    body = body_of(before, ContactFirstName="Augusta", PhoneNumber=None)
    del body["ContactLastName"]
    client.post(f"/Customers/{before['Guid']}", body)
    (after,) = client.items(f"/Customers/{before['Guid']}/Contacts")
    assert after == contact | {"FirstName": "Augusta", "LastName": None, "PhoneNumber": None}


def test_body_without_any_detail_blanks_the_primary_contact_and_keeps_it(client: Any) -> None:
    before = client.new_customer(ContactFirstName="Ada", PhoneNumber="1")
    after = client.post(f"/Customers/{before['Guid']}", {"CustomerName": "x"}).json()
    assert (after["ContactFirstName"], after["PhoneNumber"]) == (None, None)
    (contact,) = client.items(f"/Customers/{before['Guid']}/Contacts")
    assert contact["FirstName"] is None
    assert contact["IsDefault"] is True


def test_both_spellings_of_salesperson_are_accepted(client: Any) -> None:
    sold_by = client.items("/Salespersons")[0]
    for name in ("Salesperson", "SalesPerson"):
        created = client.new_customer(**{name: {"Guid": sold_by["Guid"]}})
        assert created["Salesperson"] == sold_by


def test_responses_spell_salesperson_as_asked_for(connected: Callable[..., Any], untouched: Any) -> None:
    with connected(salesperson_key="SalesPerson", customers=2) as other:
        names = list(other.items("/Customers")[0])
    ours = list(untouched.items("/Customers")[0])
    assert names == ["SalesPerson" if name == "Salesperson" else name for name in ours]


def test_undocumented_fields_are_shown_only_if_wanted(connected: Callable[..., Any], untouched: Any) -> None:
    with connected(shows_undocumented_fields=False, customers=2) as other:
        names = set(other.items("/Customers")[0])
    assert set(untouched.items("/Customers")[0]) - names == {"XeroContactId", "SourceId"}


def test_every_ordinary_invented_customer_may_be_posted_back_as_it_is(
    connected: Callable[..., Any], body_of: Any
) -> None:
    legacy = {"LEGACY15", "007/A&B #2"}  # older than the rules
    with connected(customers=80) as other:
        for before in other.items("/Customers", "includeObsolete=true"):
            response = other.post(f"/Customers/{before['Guid']}", body_of(before))
            if before["CustomerCode"] in legacy:
                assert response.status_code == 400
            else:
                assert response.status_code == 200, response.text
                after = response.json()
                changed = {name for name in before if before[name] != after[name]}
                assert changed == {"LastModifiedOn", "LastModifiedBy"}
