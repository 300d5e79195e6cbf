"""Every example printed on https://apidocs.unleashedsoftware.com/Customers: read, written, and accepted by the sandbox.

`page/` holds them letter by letter, as the page's text has them; `REPAIRS` are the page's own typos, each with its
line. Line numbers are those that the catalogue cites.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from bulkio.connectors.protocol import ContactScope, Query, WriteRequest
from bulkio.connectors.unleashed.bodies import encode
from bulkio.connectors.unleashed.catalogue import ADDRESSES, CONTACTS, CUSTOMERS
from bulkio.connectors.unleashed.wire import Pagination, decode_listing, decode_record
from bulkio.core.catalogue import Kind
from bulkio.core.kinds import from_wire
from bulkio.core.plan import Action, Change, Operation, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from bulkio.connectors.protocol import Link, Record
    from bulkio.core.catalogue import Entity

#: (example, wrong, right, why)
REPAIRS = (
    ("get_customers.json", '"0622"\n', '"0622",\n', "line 436: no comma after PostalCode"),
    ("get_customers.xml", "Apparel & Acc", "Apparel &amp; Acc", "line 390: an ampersand is not XML"),
    ("get_contacts.json", "},\n]", "}\n]", "line 619: a comma after the last item"),
    ("post_contact.json", '"White" ,\n}', '"White"\n}', "line 1016: a comma after the last member"),
    ("put_contact.json", '967b" ,\n}', '967b"\n}', "line 1036: a comma after the last member"),
)


def example(printed: Callable[[str], str], name: str) -> bytes:
    text = printed(name)
    for where, wrong, right, _why in REPAIRS:
        if where == name:
            assert text.count(wrong) == 1
            text = text.replace(wrong, right)
    if name.endswith("xml"):
        # The page's text puts a blank after every tag and every attribute's equals sign; it is no part of the values.
        text = text.replace("> ", ">").replace("= ", "=").replace('" >', '">')
    return text.encode()


def media_type(name: str) -> str:
    return f"application/{name.rpartition('.')[2]}"


def flat(entity: Entity, record: Record) -> dict[str, str]:
    """The writable fields that a record has, as canonical text."""
    found = {}
    for field in entity.sendable:
        value: Any = record
        for part in field.path:
            value = value.get(part) if isinstance(value, dict) else None
        text = from_wire(field.kind, [value])[0]
        if text:
            found[field.name] = text
    return found


def operation(entity: Entity, action: Action, record: Record, *, parent: str = "") -> Operation:
    values = {name: text for name, text in flat(entity, record).items() if name != "Guid"}
    return Operation(
        id="1",
        action=action,
        entity=entity.name,
        key="",
        guid=str(record.get("Guid") or ""),
        sheet=entity.name,
        row=2,
        changes=tuple(Change(name, "", text) for name, text in values.items()),
        parent_guid=parent,
    )


def creation(record: Record) -> WriteRequest:
    """The request that creates a customer with everything that the record says, addresses included."""
    own = operation(CUSTOMERS, Action.CREATE, record)
    addresses = [
        operation(ADDRESSES, Action.CREATE, {**address, "Guid": None}, parent=record["Guid"])
        for address in record.get("Addresses") or []
    ]
    return encode(Step("Customers", record["Guid"], (own, *addresses)), None)


def sent(request: WriteRequest) -> Any:
    return json.loads(request.body, parse_float=Decimal)


# --- GET /Customers (lines 358-485) -----------------------------------------------------------------------------------


def test_get_customers_json_413(printed: Callable[[str], str]) -> None:
    body = example(printed, "get_customers.json")
    listing = decode_listing(body, "application/json", CUSTOMERS)
    assert listing.pagination == Pagination(items=1, page_size=200, page=1, pages=1)
    (customer,) = listing.records
    assert customer["CustomerName"] == "Wade's Apparel & Accessories"
    assert customer["Addresses"][0]["PostalCode"] == "0622"
    assert customer["Addresses"][0]["IsDefault"] is False
    assert str(customer["DiscountRate"]) == "0.0000"
    assert customer["TaxCode"] == ""
    assert customer["TaxRate"] is None
    assert customer["Currency"]["Guid"] == "6cb5d67a-1c96-4fa8-bf59-b23c2d69f22a"
    assert from_wire(Kind.TIMESTAMP, [customer["CreatedOn"]]) == ["2017-06-05T23:47:17.136Z"]
    assert from_wire(Kind.TIMESTAMP, [customer["LastModifiedOn"]]) == ["2019-06-05T23:47:17.146Z"]


def test_get_customers_xml_360(printed: Callable[[str], str]) -> None:
    body = example(printed, "get_customers.xml")
    listing = decode_listing(body, "application/xml", CUSTOMERS)
    assert listing.pagination == Pagination(items=1, page_size=200, page=1, pages=1)
    (customer,) = listing.records
    assert customer["CustomerName"] == "Wade's Apparel & Accessories2"
    assert customer["Addresses"][0]["PostalCode"] == "0622"
    assert customer["Addresses"][0]["IsDefault"] is False
    assert str(customer["DiscountRate"]) == "0.0000"
    assert customer["TaxCode"] == ""
    assert customer["TaxRate"] is None
    assert customer["Taxable"] is True
    assert customer["Currency"]["CurrencyCode"] == "NZD"
    assert customer["PaymentTerm"] == "20th Month following"
    assert from_wire(Kind.TIMESTAMP, [customer["LastModifiedOn"]]) == ["2019-08-06T01:40:17.0039206Z"]


@pytest.mark.parametrize("name", ["get_customers.json", "get_customers.xml"])
def test_a_customer_read_goes_back_whole_with_one_change(printed: Callable[[str], str], name: str, link: Link) -> None:
    (customer,) = decode_listing(example(printed, name), media_type(name), CUSTOMERS).records
    change = Operation(
        id="1", action=Action.UPDATE, entity="Customers", key="WADE", guid=customer["Guid"], sheet="Customers", row=2,
        changes=(Change("Notes", "", "Prefers Tuesdays"),),
    )  # fmt: skip
    request = encode(Step("Customers", customer["Guid"], (change,)), customer)
    body = sent(request)
    assert body["Notes"] == "Prefers Tuesdays"
    assert set(body) - {"Notes"} <= set(customer) - {"CreatedOn", "CreatedBy", "LastModifiedOn", "LastModifiedBy"}
    assert {each: body[each] for each in body if each not in ("Notes", "Currency", "Addresses")} == {
        each: customer[each] for each in body if each not in ("Notes", "Currency", "Addresses")
    }
    assert set(body["Currency"]) == {"Guid", "CurrencyCode"}
    assert not {"Guid", "LastModifiedOn"} & set(body["Addresses"][0])
    assert '"DiscountRate":0.0000' in request.body
    assert link.writer.send(request).id == customer["Guid"]
    (stored,) = link.reader.fetch([customer["Guid"]], contacts=ContactScope.NONE)
    expected = {**flat(CUSTOMERS, customer), "Notes": "Prefers Tuesdays"}
    assert expected.items() <= flat(CUSTOMERS, stored).items()


# --- GET /Customers/{customerGuid}/Contacts (lines 557-621) -----------------------------------------------------------


def test_get_contacts_json_579(printed: Callable[[str], str]) -> None:
    listing = decode_listing(example(printed, "get_contacts.json"), "application/json", CONTACTS)
    assert listing.pagination is None
    harold, nameless = listing.records
    assert (harold["FirstName"], harold["MobilePhone"]) == ("Harold", "123456789")
    assert harold["DeliveryAddress"] == "Company Warehouse 5"
    assert (harold["IsDefault"], nameless["IsDefault"]) == (True, False)
    assert nameless["FirstName"] is None


def test_get_contacts_xml_559(printed: Callable[[str], str]) -> None:
    listing = decode_listing(example(printed, "get_contacts.xml"), "text/xml", CONTACTS)
    assert listing.pagination is None
    harold, nameless = listing.records
    assert (harold["FirstName"], harold["ForInvoicing"], harold["ForShipping"]) == ("Harold", True, False)
    assert nameless == {
        "Guid": "e9086f56-6966-4599-9b69-c96aa973e981",
        "ForInvoicing": False,
        "ForShipping": False,
        "ForOrdering": False,
        "IsDefault": False,
    }


# --- POST /Customers/{customerGuid} (lines 842-926) -------------------------------------------------------------------


def test_post_customer_json_893_is_what_we_would_send(printed: Callable[[str], str], link: Link) -> None:
    printed_body = json.loads(example(printed, "post_customer.json"), parse_float=Decimal)
    record = decode_record(example(printed, "post_customer.json"), "application/json", CUSTOMERS)
    request = creation(record)
    assert request.method == "POST"
    assert request.path == "/Customers/59f21e05-07fe-4d9d-b460-a09db4c3caa9"
    # Currency.Description stands in the example, but not in the table of what may be sent (lines 806-815).
    del printed_body["Currency"]["Description"]
    assert sent(request) == printed_body
    assert link.writer.send(request).id == record["Guid"]


def test_post_customer_xml_845_is_the_same_request_in_json(printed: Callable[[str], str], link: Link) -> None:
    record = decode_record(example(printed, "post_customer.xml"), "application/xml", CUSTOMERS)
    assert [each["AddressType"] for each in record["Addresses"]] == ["Shipping", "Postal"]
    request = creation(record)
    body = sent(request)
    assert body["CustomerCode"] == "SIREEN"
    assert body["Currency"] == {"Guid": "21776179-8c51-4c1f-9eb8-9e6b4ff66c23", "CurrencyCode": "GBP"}
    assert [each["AddressName"] for each in body["Addresses"]] == ["Example Shipping", "Example Postal"]
    assert body["Addresses"][0]["IsDefault"] is False
    assert link.writer.send(request).id == "faf526bc-baaa-42d0-81ed-64c3148554a0"


@pytest.mark.parametrize("name", ["post_customer.json"])
def test_the_printed_body_itself_is_accepted(printed: Callable[[str], str], name: str, link: Link) -> None:
    body = example(printed, name).decode()
    reply = link.writer.send(WriteRequest(method="POST", path=f"/Customers/{json.loads(body)['Guid']}", body=body))
    assert reply.status in (200, 201)


# --- POST and PUT /Customers/{customerGuid}/Contacts (lines 1000-1037) ------------------------------------------------


@pytest.mark.parametrize("name", ["post_contact.json", "post_contact.xml"])
def test_post_contact_1003_1011(printed: Callable[[str], str], name: str, link: Link) -> None:
    record = _contact(printed, name)
    owner = _some_customer(link)
    request = encode(Step("Contacts", owner, (operation(CONTACTS, Action.CREATE, record, parent=owner),)), None)
    assert (request.method, request.path) == ("POST", f"/Customers/{owner}/Contacts")
    assert sent(request) == {
        "FirstName": "Joshua",
        "LastName": "White",
        "EmailAddress": "jwhite@company.com",
        "ForInvoicing": True,
        "IsDefault": True,
    }
    reply = link.writer.send(request)
    assert reply.id in [each["Guid"] for each in link.reader.children("Contacts", owner)]


@pytest.mark.parametrize("name", ["put_contact.json", "put_contact.xml"])
def test_put_contact_1020_1029(printed: Callable[[str], str], name: str, link: Link) -> None:
    """The example's contact, changed from the one that the POST example makes: whole, and with its Guid."""
    after, before = _contact(printed, name), _contact(printed, name.replace("put", "post"))
    owner = _some_customer(link)
    created = encode(Step("Contacts", owner, (operation(CONTACTS, Action.CREATE, before, parent=owner),)), None)
    guid = link.writer.send(created).id
    live = {"Contacts": link.reader.children("Contacts", owner)}
    change = Operation(
        id="1", action=Action.UPDATE, entity="Contacts", key="", guid=guid, sheet="Contacts", row=2, parent_guid=owner,
        changes=(Change("MobilePhone", "", after["MobilePhone"]),),
    )  # fmt: skip
    request = encode(Step("Contacts", owner, (change,)), live)
    assert (request.method, request.path) == ("PUT", f"/Customers/{owner}/Contacts/{guid}")
    body = sent(request)
    assert {**flat(CONTACTS, after), "Guid": guid}.items() <= {**flat(CONTACTS, body), "Guid": body["Guid"]}.items()
    assert link.writer.send(request).id == guid
    (stored,) = [each for each in link.reader.children("Contacts", owner) if each["Guid"] == guid]
    assert flat(CONTACTS, stored).items() >= flat(CONTACTS, after).items()


def _contact(printed: Callable[[str], str], name: str) -> Record:
    """An example of a contact; the POST ones have no Guid yet."""
    body = example(printed, name)
    if b"Guid" in body:
        return decode_record(body, media_type(name), CONTACTS)
    if name.endswith("json"):
        return decode_record(body.replace(b"{", b'{"Guid": "",', 1), "application/json", CONTACTS)
    marked = body.replace(b"<EmailAddress>", b"<Guid>-</Guid><EmailAddress>")
    return decode_record(marked, "application/xml", CONTACTS)


def _some_customer(link: Link) -> str:
    return str(next(iter(next(iter(link.reader.pages(Query()))).records))["Guid"])
