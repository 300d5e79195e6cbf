from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ALL_FIELDS = {
    "DeliveryAddress": "Store",
    "DDINumber": "1",
    "EmailAddress": "ada@example.com",
    "FaxNumber": "2",
    "FirstName": "Ada",
    "ForInvoicing": True,
    "ForOrdering": True,
    "ForShipping": True,
    "LastName": "Byron",
    "MobilePhone": "3",
    "Notes": "x\r\ny",
    "OfficePhone": "4",
    "PhoneNumber": "5",
    "TollFreeNumber": "6",
    "Website": "www.example.com",
}
STORE = [{"AddressType": "Shipping", "AddressName": "Store"}]


def path(customer: dict[str, Any], contact: dict[str, Any] | None = None) -> str:
    return f"/Customers/{customer['Guid']}/Contacts" + (f"/{contact['Guid']}" if contact else "")


def names(client: Any, customer: dict[str, Any], query: str = "") -> list[str]:
    return [each["FirstName"] for each in client.items(path(customer), query)]


def test_created_contact_is_shown_whole(client: Any) -> None:
    customer = client.new_customer(Addresses=STORE)
    response = client.post(path(customer), ALL_FIELDS)
    assert response.status_code == 201
    created = response.json()
    assert created == ALL_FIELDS | {"IsDefault": True, "Guid": created["Guid"]}
    assert client.items(path(customer)) == [created]


def test_list_has_no_pagination(client: Any) -> None:
    customer = client.new_customer()
    assert client.get(path(customer)).json() == {"Pagination": None, "Items": []}


def test_first_contact_becomes_the_default_and_later_ones_do_not(client: Any) -> None:
    customer = client.new_customer()
    first = client.new_contact(customer, FirstName="Ada", IsDefault=False)
    second = client.new_contact(customer, FirstName="Bea")
    assert (first["IsDefault"], second["IsDefault"]) == (True, False)


def test_new_default_takes_the_place_of_the_old_one(client: Any) -> None:
    customer = client.new_customer(ContactFirstName="Ada")
    client.new_contact(customer, FirstName="Bea", IsDefault=True, OfficePhone="1")
    assert {each["FirstName"]: each["IsDefault"] for each in client.items(path(customer))} == {
        "Bea": True,
        "Ada": False,
    }
    assert client.customer(customer["Guid"])["ContactFirstName"] == "Bea"


def test_customer_mirrors_its_default_contact(client: Any) -> None:
    customer = client.new_customer()
    client.new_contact(
        customer,
        FirstName="Ada",
        LastName="Byron",
        EmailAddress="ada@example.com",
        MobilePhone="1",
        PhoneNumber="2",
        DDINumber="3",
        FaxNumber="4",
        TollFreeNumber="5",
        Website="www.example.com",
    )
    shown = client.customer(customer["Guid"])
    assert [
        shown[name] for name in ("ContactFirstName", "ContactLastName", "Email", "MobileNumber", "PhoneNumber")
    ] == [
        "Ada",
        "Byron",
        "ada@example.com",
        "1",
        "2",
    ]
    assert [shown[name] for name in ("DDINumber", "FaxNumber", "TollFreeNumber", "Website")] == [
        "3",
        "4",
        "5",
        "www.example.com",
    ]


def test_put_replaces_the_whole_contact(client: Any) -> None:
    customer = client.new_customer(Addresses=STORE)
    created = client.new_contact(customer, **ALL_FIELDS)
    response = client.put(path(customer, created), {"Guid": created["Guid"], "LastName": "King"})
    assert response.status_code == 200
    kept = {"Guid": created["Guid"], "LastName": "King", "IsDefault": True}
    flags = {"ForInvoicing": False, "ForOrdering": False, "ForShipping": False}
    assert response.json() == dict.fromkeys(created) | flags | kept
    assert client.items(path(customer)) == [response.json()]


def test_put_with_is_default_moves_the_default(client: Any) -> None:
    customer = client.new_customer(ContactFirstName="Ada")
    second = client.new_contact(customer, FirstName="Bea")
    client.put(path(customer, second), {"Guid": second["Guid"], "FirstName": "Bea", "IsDefault": True})
    assert [each["IsDefault"] for each in client.items(path(customer), "orderBy=CreatedOn")] == [False, True]


def test_put_needs_the_guid_of_the_path_in_its_body(client: Any, complaints: Any) -> None:
    customer = client.new_customer()
    created = client.new_contact(customer, FirstName="Ada")
    assert complaints(client.put(path(customer, created), {"FirstName": "Ada"})) == {"Guid"}
    assert complaints(client.put(path(customer, created), {"FirstName": "Ada", "Guid": str(uuid.uuid4())})) == {"Guid"}


def test_post_refuses_a_guid(client: Any, complaints: Any) -> None:
    body = {"FirstName": "Ada", "Guid": str(uuid.uuid4())}
    assert complaints(client.post(path(client.new_customer()), body)) == {"Guid"}


def test_delete_removes_the_contact_and_the_next_becomes_the_default(client: Any) -> None:
    customer = client.new_customer(ContactFirstName="Ada")
    client.new_contact(customer, FirstName="Bea")
    (first, _) = client.items(path(customer))
    response = client.delete(path(customer, first))
    assert (response.status_code, response.content) == (204, b"")
    (left,) = client.items(path(customer))
    assert (left["FirstName"], left["IsDefault"]) == ("Bea", True)
    assert client.delete(path(customer, first)).status_code == 404
    assert client.delete(path(customer, left)).status_code == 204
    assert client.customer(customer["Guid"])["ContactFirstName"] is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "FirstName"),
        ({"FirstName": "", "LastName": None, "PhoneNumber": "1"}, "FirstName"),
        ({"FirstName": "Ada", "LastName": "Byron"}, "FirstName"),
        ({"FirstName": "ada", "LastName": "BYRON", "EmailAddress": ""}, "FirstName"),
        ({"FirstName": "x" * 501}, "FirstName"),
        ({"LastName": "x", "Notes": "x" * 1025}, "Notes"),
        ({"EmailAddress": "nobody"}, "EmailAddress"),
        ({"LastName": "x", "Website": "none"}, "Website"),
        ({"LastName": "x", "DeliveryAddress": "Nowhere"}, "DeliveryAddress"),
        ({"LastName": "x", "DeliveryAddress": "store"}, "DeliveryAddress"),
        ({"LastName": "x", "IsDefault": None}, "IsDefault"),
        ({"LastName": "x", "ForOrdering": "yes"}, "ForOrdering"),
        ({"LastName": 7}, "LastName"),
    ],
)
def test_rule_is_enforced_for_post_and_put(client: Any, complaints: Any, fields: dict[str, Any], expected: str) -> None:
    customer = client.new_customer(ContactFirstName="Ada", ContactLastName="Byron", Addresses=STORE)
    other = client.new_contact(customer, FirstName="Bea")
    assert expected in complaints(client.post(path(customer), fields))
    assert expected in complaints(client.put(path(customer, other), {"Guid": other["Guid"], **fields}))


def test_contact_does_not_collide_with_itself_nor_with_other_customers(client: Any) -> None:
    customer = client.new_customer()
    created = client.new_contact(customer, FirstName="Ada")
    assert client.put(path(customer, created), {"Guid": created["Guid"], "FirstName": "Ada"}).status_code == 200
    client.new_contact(client.new_customer(), FirstName="Ada")


def test_undocumented_field_is_a_bare_500(client: Any) -> None:
    customer = client.new_customer()
    response = client.post(path(customer), {"FirstName": "Ada", "CreatedOn": None})
    assert (response.status_code, response.content) == (500, b"")
    assert client.post(path(customer), [{"FirstName": "Ada"}]).status_code == 400


def test_contacts_of_unknown_customers_are_404(client: Any) -> None:
    nobody = {"Guid": str(uuid.uuid4())}
    assert client.get(path(nobody)).status_code == 404
    assert client.post(path(nobody), {"FirstName": "Ada"}).status_code == 404
    assert client.put(path(nobody, nobody), {"FirstName": "Ada"}).status_code == 404
    assert client.delete(path(nobody, nobody)).status_code == 404
    customer = client.new_customer()
    assert client.put(path(customer, nobody), {"FirstName": "Ada"}).status_code == 404
    assert client.delete(path(customer, nobody)).status_code == 404


def test_default_order_is_primary_first_then_names(client: Any) -> None:
    customer = client.new_customer(ContactFirstName="Zoe")
    for first, last in (("bea", "Young"), ("Ada", "X"), ("Bea", "Old")):
        client.new_contact(customer, FirstName=first, LastName=last)
    assert names(client, customer) == ["Zoe", "Ada", "Bea", "bea"]


def test_contacts_are_ordered_by_their_dates(client: Any) -> None:
    customer = client.new_customer(ContactFirstName="C")
    client.new_contact(customer, FirstName="A")
    third = client.new_contact(customer, FirstName="B")
    (first,) = [each for each in client.items(path(customer)) if each["FirstName"] == "C"]
    assert names(client, customer, "orderBy=CreatedOn") == ["C", "A", "B"]
    assert names(client, customer, "sort=desc") == ["B", "A", "C"]
    client.put(path(customer, first), {"Guid": first["Guid"], "FirstName": "C"})
    assert names(client, customer, "orderBy=LastModifiedOn") == ["A", "B", "C"]
    assert names(client, customer, "orderBy=LastModifiedOn&sort=desc") == ["C", "B", "A"]
    assert third["FirstName"] == "B"


def test_contacts_come_in_pages_all_the_same(untouched: Any) -> None:
    customer = untouched.sandbox.store.customer("PACIF006")
    assert len(untouched.items(path(customer))) == 130
    pages = [untouched.items(path(customer), f"pageSize=50&page={page}") for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [50, 50, 30, 30]
    assert pages[2] == pages[3]
    assert len({each["Guid"] for page in pages for each in page}) == 130


@pytest.mark.parametrize("query", ["page=0", "page=x", "pageSize=0", "pageSize=1001", "orderBy=Name", "sort=up"])
def test_wrong_parameters_are_refused(untouched: Any, complaints: Any, query: str) -> None:
    customer = untouched.sandbox.store.customer("PACIF006")
    assert complaints(untouched.get(path(customer), query)) == {query.partition("=")[0]}


def test_edit_of_a_contact_moves_its_customers_modification_date(client: Any) -> None:
    customer = client.new_customer()
    stamps = [customer["LastModifiedOn"]]
    contact = client.new_contact(customer, FirstName="Ada")
    stamps.append(client.customer(customer["Guid"])["LastModifiedOn"])
    client.put(path(customer, contact), {"Guid": contact["Guid"], "FirstName": "Bea"})
    stamps.append(client.customer(customer["Guid"])["LastModifiedOn"])
    client.delete(path(customer, contact))
    stamps.append(client.customer(customer["Guid"])["LastModifiedOn"])
    assert stamps == sorted(set(stamps))


def test_edit_of_a_contact_leaves_the_customers_date_alone_if_asked_for(connected: Callable[..., Any]) -> None:
    with connected(contact_edits_touch_customer=False, customers=0) as other:
        customer = other.new_customer()
        other.new_contact(customer, FirstName="Ada")
        shown = other.customer(customer["Guid"])
        assert (shown["LastModifiedOn"], shown["ContactFirstName"]) == (customer["LastModifiedOn"], "Ada")
