"""The page's examples, accepted and produced in their shape. Blanks that only its HTML put in are left out."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from defusedxml.ElementTree import fromstring

from bulkio.connectors.unleashed.catalogue import ADDRESSES, CONTACTS, CUSTOMERS
from bulkio.sandbox.unleashed.instant import Instant

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NS = "{http://api.unleashedsoftware.com/version/1}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
NAMESPACES = (
    'xmlns:xsd= "http://www.w3.org/2001/XMLSchema" xmlns:xsi= "http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns= "http://api.unleashedsoftware.com/version/1"'
)

# Vendor page, lines 422 to 482 (top level) and 424 to 436 (inside), in their order.
JSON_EXAMPLE = [
    "Addresses",
    "TaxCode",
    "TaxRate",
    "CustomerCode",
    "CustomerName",
    "GSTVATNumber",
    "BankName",
    "BankBranch",
    "BankAccount",
    "Website",
    "PhoneNumber",
    "FaxNumber",
    "MobileNumber",
    "DDINumber",
    "TollFreeNumber",
    "Email",
    "EmailCC",
    "Currency",
    "Notes",
    "Taxable",
    "Salesperson",
    "DiscountRate",
    "PrintPackingSlipInsteadOfInvoice",
    "PrintInvoice",
    "StopCredit",
    "Obsolete",
    "XeroSalesAccount",
    "XeroCostOfGoodsAccount",
    "SellPriceTier",
    "SellPriceTierReference",
    "CustomerType",
    "CustomerTypeGuid",
    "PaymentTerm",
    "ContactFirstName",
    "ContactLastName",
    "CreatedBy",
    "CreatedOn",
    "LastModifiedBy",
    "Guid",
    "LastModifiedOn",
]
ADDRESS_EXAMPLE = [
    "AddressType",
    "AddressName",
    "StreetAddress",
    "StreetAddress2",
    "Suburb",
    "City",
    "Region",
    "Country",
    "PostalCode",
    "IsDefault",
    "DeliveryInstruction",
    "LastModifiedOn",
    "Guid",
]
CONTACT_EXAMPLE = [
    "ForInvoicing",
    "ForShipping",
    "ForOrdering",
    "IsDefault",
    "DDINumber",
    "EmailAddress",
    "FaxNumber",
    "FirstName",
    "LastName",
    "MobilePhone",
    "Notes",
    "OfficePhone",
    "PhoneNumber",
    "TollFreeNumber",
    "Website",
    "Guid",
    "DeliveryAddress",
]

# Vendor page, lines 845 to 892.
XML_CUSTOMER = f"""<?xml version="1.0"?>
<Customer {NAMESPACES} >
<Guid>faf526bc-baaa-42d0-81ed-64c3148554a0</Guid>
<Addresses>
<Address>
<AddressType>Shipping</AddressType>
<AddressName>Example Shipping</AddressName>
<StreetAddress>44-42226 Morningside Road</StreetAddress>
<Suburb>Edinburgh</Suburb>
<City>Edinburgh</City>
<Region>Scotland</Region>
<Country>United Kingdom</Country>
<PostalCode>EH10 4BF</PostalCode>
<IsDefault>false</IsDefault>
</Address>
<Address>
<AddressType>Postal</AddressType>
<AddressName>Example Postal</AddressName>
<StreetAddress>44-42226 Morningside Road</StreetAddress>
<Suburb>Edinburgh</Suburb>
<City>Edinburgh</City>
<Region>Scotland</Region>
<Country>United Kingdom</Country>
<PostalCode>EH10 4BF</PostalCode>
<IsDefault>false</IsDefault>
</Address>
</Addresses>
<CustomerCode>SIREEN</CustomerCode>
<CustomerName>The House of Sireen</CustomerName>
<Email>support@unleashedsoftware.com</Email>
<EmailCC>support@unleashedsoftware.com</EmailCC>
<Currency>
<Guid>21776179-8c51-4c1f-9eb8-9e6b4ff66c23</Guid>
<CurrencyCode>GBP</CurrencyCode>
<Description>United Kingdom, Pounds</Description>
</Currency>
<Taxable>true</Taxable>
<DiscountRate>0.0000</DiscountRate>
<PrintPackingSlipInsteadOfInvoice>false</PrintPackingSlipInsteadOfInvoice>
<PrintInvoice>false</PrintInvoice>
<StopCredit>false</StopCredit>
<Obsolete>false</Obsolete>
<CustomerType>Cash</CustomerType>
<CustomerTypeGuid>6b60e9ce-4e1a-40da-bc0c-144ec9a9958a</CustomerTypeGuid>
<PaymentTerm>20th Month following</PaymentTerm>
<ContactFirstName>two</ContactFirstName>
<ContactLastName>two</ContactLastName>
</Customer>"""

# Vendor page, lines 893 to 926.
JSON_CUSTOMER = """{
"Guid" : "59f21e05-07fe-4d9d-b460-a09db4c3caa9" ,
"Addresses" : [
{
"AddressType" : "Shipping" ,
"AddressName" : "Example Address" ,
"StreetAddress" : "Example Address" ,
"StreetAddress2" : "Example Address 2" ,
"Suburb" : "Example Suburb" ,
"City" : "Auckland" ,
"Region" : "Auckland" ,
"Country" : "New Zealand" ,
"PostalCode" : "1061" ,
"IsDefault" : false ,
"DeliveryInstruction" : "Have a good day"
}
],
"CustomerCode" : "UnleashedCustomer" ,
"CustomerName" : "Unleashed Customer" ,
"Currency" : {
"CurrencyCode" : "NZD" ,
"Description" : "New Zealand, Dollars" ,
"Guid" : "6cb5d67a-1c96-4fa8-bf59-b23c2d69f22a"
},
"Taxable" : true ,
"DiscountRate" : 0.0000 ,
"PrintPackingSlipInsteadOfInvoice" : false ,
"PrintInvoice" : false ,
"StopCredit" : false ,
"Obsolete" : false ,
"CustomerType" : "Cash" ,
"CustomerTypeGuid" : "6b60e9ce-4e1a-40da-bc0c-144ec9a9958a" ,
"PaymentTerm" : "20th Month following"
}"""

# Vendor page, lines 1003 to 1017: with its trailing comma.
XML_CONTACT = f"""<?xml version="1.0"?>
<CustomerContact {NAMESPACES} >
<EmailAddress>jwhite@company.com</EmailAddress>
<FirstName>Joshua</FirstName>
<LastName>White</LastName>
<ForInvoicing>true</ForInvoicing>
<IsDefault>true</IsDefault>
</CustomerContact>"""
JSON_CONTACT = """{
"ForInvoicing" : true ,
"IsDefault" : true ,
"EmailAddress" : "jwhite@company.com" ,
"FirstName" : "Joshua" ,
"LastName" : "White" ,
}"""

XML = {"Accept": "application/xml", "Content-Type": "application/xml"}


def send_xml(client: Any, method: str, path: str, content: str) -> Any:
    return client.send(method, path, content=content.encode(), headers=XML)


def plain(element: Element) -> Any:
    """An element as text, a dictionary or a list, with None for xsi:nil."""
    if element.get(NIL) == "true":
        return None
    if not len(element):
        return element.text or ""
    if element.tag in (f"{NS}Addresses", f"{NS}Contacts"):
        return [plain(child) for child in element]
    return {child.tag.removeprefix(NS): plain(child) for child in element}


def is_subsequence(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(name in rest for name in part)


def test_json_customer_has_every_documented_field_in_the_order_of_the_example(untouched: Any) -> None:
    (customer,) = untouched.items("/Customers", "customerCode=HURST")
    documented = {field.path[0] for field in CUSTOMERS.fields} | {"Addresses", "Contacts"}
    assert set(customer) == documented | {"XeroContactId", "SourceId"}
    assert is_subsequence(JSON_EXAMPLE, list(customer))
    assert list(customer["Addresses"][0]) == ADDRESS_EXAMPLE
    assert set(ADDRESS_EXAMPLE) == set(ADDRESSES.by_name)
    assert list(customer["Contacts"][0]) == CONTACT_EXAMPLE
    assert set(CONTACT_EXAMPLE) == set(CONTACTS.by_name)


@pytest.mark.parametrize("name", ["Currency", "DefaultWarehouse", "Salesperson", "SellPriceTierReference"])
def test_json_object_inside_a_customer_has_every_documented_field(untouched: Any, name: str) -> None:
    customers = untouched.items("/Customers", "includeObsolete=true")
    documented = {field.path[1] for field in CUSTOMERS.fields if field.path[0] == name}
    found = [each[name] for each in customers if each[name] is not None]
    assert found
    assert all(set(each) == documented for each in found)


def test_json_dates_are_milliseconds_and_decimals_keep_their_places(untouched: Any) -> None:
    response = untouched.get("/Customers", "customerCode=LIMIT")
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert re.search(r'"CreatedOn":"/Date\(\d{13}\)/"', response.text)
    assert '"CreditLimit":99999999999999.9999,' in response.text
    assert '"DiscountRate":0.3333,' in response.text


def test_xml_list_has_the_shape_of_the_example(untouched: Any) -> None:
    response = untouched.get("/Customers", "customerCode=HURST", headers={"Accept": "application/xml"})
    assert response.headers["content-type"] == "application/xml; charset=utf-8"
    root = fromstring(response.content)
    assert root.tag == f"{NS}Customers"
    assert [child.tag.removeprefix(NS) for child in root] == ["Pagination", "Customer"]
    assert plain(root[0]) == {"NumberOfItems": "1", "PageSize": "200", "PageNumber": "1", "NumberOfPages": "1"}
    names = [child.tag.removeprefix(NS) for child in root[1]]
    assert names[:3] == ["Guid", "LastModifiedOn", "Addresses"]
    assert names[-1] == "LastModifiedBy"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}", plain(root[1])["LastModifiedOn"])
    address = [child.tag.removeprefix(NS) for child in root[1][2][0]]
    assert is_subsequence(address, ADDRESS_EXAMPLE)
    assert address[-2:] == ["LastModifiedOn", "Guid"]
    currency = [child.tag.removeprefix(NS) for child in root[1].find(f"{NS}Currency") or ()]
    assert is_subsequence(["Guid", "LastModifiedOn", "CurrencyCode", "Description"], currency)


def test_xml_tells_null_and_empty_apart_as_the_example_does(client: Any) -> None:
    customer = client.new_customer(TaxCode="", SellPriceTier="", Notes=None, Taxable=None)
    root = fromstring(client.get(f"/Customers/{customer['Guid']}", headers={"Accept": "text/xml"}).content)
    assert root.tag == f"{NS}Customer"
    shown = plain(root)
    assert (shown["TaxCode"], shown["SellPriceTier"]) == ("", "")
    assert (shown["TaxRate"], shown["Taxable"], shown["CreditLimit"]) == (None, None, None)
    assert not {"Notes", "Salesperson", "Currency"} & set(shown)
    assert shown["Taxable"] is None


def test_xml_holds_the_same_customers_as_json(untouched: Any) -> None:
    customers = untouched.items("/Customers", "includeObsolete=true&includeAllContacts=true")
    response = untouched.get(
        "/Customers", "includeObsolete=true&includeAllContacts=true", headers={"Accept": "application/xml"}
    )
    elements = [plain(each) for each in fromstring(response.content)][1:]

    def same(json_value: Any, xml_value: Any) -> bool:
        if isinstance(json_value, dict):
            return all(same(value, (xml_value or {}).get(name)) for name, value in json_value.items())
        if isinstance(json_value, list):
            return len(json_value) == len(xml_value or ()) and all(map(same, json_value, xml_value or ()))
        if isinstance(json_value, str) and json_value.startswith("/Date("):
            return json_value == Instant.parse(xml_value).json
        if isinstance(json_value, bool):
            return xml_value == str(json_value).lower()
        if isinstance(json_value, float):
            return float(xml_value) == json_value
        return bool(json_value == xml_value)

    assert len(elements) == len(customers) == 60
    assert all(same(each, element) for each, element in zip(customers, elements, strict=True))


def test_xml_contacts_have_the_shape_of_the_example(client: Any) -> None:
    customer = client.new_customer(ContactFirstName="Harold", ContactLastName="Smith", Email="hsmith@company.com")
    response = client.get(f"/Customers/{customer['Guid']}/Contacts", headers={"Accept": "application/xml"})
    root = fromstring(response.content)
    assert root.tag == f"{NS}CustomerContacts"
    (contact,) = root
    assert contact.tag == f"{NS}CustomerContact"
    assert [child.tag.removeprefix(NS) for child in contact] == [  # vendor page, lines 562 to 569
        "EmailAddress",
        "FirstName",
        "LastName",
        "Guid",
        "ForInvoicing",
        "ForShipping",
        "ForOrdering",
        "IsDefault",
    ]


def test_xml_example_of_a_customer_is_accepted(client: Any) -> None:
    response = send_xml(client, "POST", "/Customers/faf526bc-baaa-42d0-81ed-64c3148554a0", XML_CUSTOMER)
    assert response.status_code == 201, response.text
    shown = plain(fromstring(response.content))
    assert shown["CustomerCode"] == "SIREEN"
    assert [each["AddressName"] for each in shown["Addresses"]] == ["Example Shipping", "Example Postal"]
    stored = client.customer("faf526bc-baaa-42d0-81ed-64c3148554a0")
    assert (stored["Taxable"], stored["DiscountRate"], stored["Email"]) == (True, 0, "support@unleashedsoftware.com")


def test_json_example_of_a_customer_is_accepted(client: Any) -> None:
    path = "/Customers/59f21e05-07fe-4d9d-b460-a09db4c3caa9"
    response = client.send("POST", path, content=JSON_CUSTOMER)
    assert response.status_code == 201, response.text
    sent, shown = json.loads(JSON_CUSTOMER), response.json()
    assert {name for name in sent if shown[name] != sent[name]} == {"Addresses", "Currency"}
    assert {name: shown["Addresses"][0][name] for name in sent["Addresses"][0]} == sent["Addresses"][0]
    assert client.send("POST", path, content=JSON_CUSTOMER).status_code == 200


def test_json_example_of_a_contact_is_accepted_with_its_trailing_comma(client: Any) -> None:
    path = f"/Customers/{client.new_customer()['Guid']}/Contacts"
    response = client.send("POST", path, content=JSON_CONTACT)
    assert response.status_code == 201
    put = JSON_CONTACT.replace("}", f'"MobilePhone" : "314159268" ,\n"Guid" : "{response.json()["Guid"]}" ,\n}}')
    response = client.send("PUT", f"{path}/{response.json()['Guid']}", content=put)
    assert (response.status_code, response.json()["MobilePhone"]) == (200, "314159268")


def test_trailing_commas_inside_texts_are_left_alone(client: Any) -> None:
    customer = client.new_customer()
    content = r'{"CustomerName": "x,}", "Notes": "\"a\", ,] \\", "Addresses": [{"City": ",}",},],}'
    response = client.send("POST", f"/Customers/{customer['Guid']}", content=content)
    assert response.json()["Notes"] == '"a", ,] \\'
    assert (response.json()["CustomerName"], response.json()["Addresses"][0]["City"]) == ("x,}", ",}")


def test_xml_example_of_a_contact_is_accepted(client: Any) -> None:
    path = f"/Customers/{client.new_customer()['Guid']}/Contacts"
    response = send_xml(client, "POST", path, XML_CONTACT)
    assert response.status_code == 201
    root = fromstring(response.content)
    assert root.tag == f"{NS}CustomerContact"
    guid = plain(root)["Guid"]
    # Vendor page, lines 1020 to 1028.
    put = XML_CONTACT.replace("<ForInvoicing>true</ForInvoicing>", f"<Guid>{guid}</Guid>").replace(
        "</CustomerContact>", "<MobilePhone>314159268</MobilePhone></CustomerContact>"
    )
    shown = plain(fromstring(send_xml(client, "PUT", f"{path}/{guid}", put).content))
    assert (shown["MobilePhone"], shown["ForInvoicing"]) == ("314159268", "false")


def test_xml_bodies_carry_null_empty_and_awkward_text(client: Any) -> None:
    customer = client.new_customer(Notes="x", DeliveryInstruction="old")
    body = f"""<Customer {NAMESPACES}><CustomerName> a &amp; &lt;b&gt; ü☕ </CustomerName><Notes xsi:nil="true" />
        <DeliveryInstruction /><BankName></BankName><CreditLimit>1E2</CreditLimit><Taxable>1</Taxable>
        <SalesPerson xsi:nil="true"/><Addresses><Address><AddressName> Postal&#xD;
Address</AddressName></Address></Addresses></Customer>"""
    assert send_xml(client, "POST", f"/Customers/{customer['Guid']}", body).status_code == 200
    shown = client.customer(customer["Guid"])
    assert shown["CustomerName"] == " a & <b> ü☕ "
    assert (shown["Notes"], shown["DeliveryInstruction"], shown["BankName"]) == (None, "", "")
    assert (shown["CreditLimit"], shown["Taxable"]) == (100, True)
    assert shown["Addresses"][0]["AddressName"] == " Postal\r\nAddress"
    back = client.get(f"/Customers/{customer['Guid']}", headers={"Accept": "application/xml"})
    assert plain(fromstring(back.content))["Addresses"][0]["AddressName"] == " Postal\r\nAddress"


def test_xml_complaints_mirror_those_of_json(client: Any) -> None:
    body = f"<Customer {NAMESPACES}><CreditLimit>much</CreditLimit><Obsolete>maybe</Obsolete></Customer>"
    response = send_xml(client, "POST", "/Customers", body)
    assert response.status_code == 400
    errors = [plain(each) for each in fromstring(response.content)]
    assert {each["Field"] for each in errors} == {"CreditLimit", "Obsolete", "CustomerCode", "CustomerName"}
    assert all(each.keys() == {"Field", "Description", "ErrorCode"} for each in errors)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<Customer>",
        "<Customer><CustomerName>no namespace</CustomerName></Customer>",
        f"<Customers {NAMESPACES}></Customers>",
        f"<CustomerContact {NAMESPACES}></CustomerContact>",
        f'<!DOCTYPE x [<!ENTITY a "b">]><Customer {NAMESPACES}><CustomerName>&a;</CustomerName></Customer>',
    ],
)
def test_unreadable_xml_is_refused(client: Any, body: str) -> None:
    assert send_xml(client, "POST", "/Customers", body).status_code == 400


@pytest.mark.parametrize(
    "inside",
    [
        "<Contacts />",
        "<Anything>1</Anything>",
        "<Addresses><Address><Guid>x</Guid></Address></Addresses>",
        '<CustomerName xmlns="urn:other">x</CustomerName>',
    ],
)
def test_undocumented_element_is_a_bare_500(client: Any, inside: str) -> None:
    response = send_xml(client, "POST", "/Customers", f"<Customer {NAMESPACES}>{inside}</Customer>")
    assert (response.status_code, response.content) == (500, b"")


def test_xml_structure_of_the_wrong_kind_is_refused(client: Any) -> None:
    inside = "<Addresses><Thing /></Addresses><CustomerName><b>x</b></CustomerName>"
    response = send_xml(client, "POST", "/Customers", f"<Customer {NAMESPACES}>{inside}</Customer>")
    assert response.status_code == 400
    assert {"Addresses[0]", "CustomerName"} <= {plain(each)["Field"] for each in fromstring(response.content)}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", "json"),
        ("*/*", "json"),
        ("application/json, text/plain, */*", "json"),
        ("application/xml", "xml"),
        ("text/xml; q=0.9", "xml"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9", "xml"),
    ],
)
def test_accept_chooses_the_format(untouched: Any, accept: str, expected: str) -> None:
    assert expected in untouched.get("/Customers", headers={"Accept": accept}).headers["content-type"]
