"""A signed client for the sandbox, and one sandbox that most tests share, each working on customers of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx
import pytest

from bulkio.sandbox import SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bulkio.sandbox import Sandbox

# Vendor page, lines 633 to 769: what may be posted; the rest of a customer must not be.
POSTED = [
    "Addresses",
    "BankAccount",
    "BankBranch",
    "BankName",
    "ContactFirstName",
    "ContactLastName",
    "CreditLimit",
    "Currency",
    "CustomerCode",
    "CustomerName",
    "CustomerType",
    "CustomerTypeGuid",
    "DDINumber",
    "DefaultWarehouse",
    "DeliveryInstruction",
    "DeliveryMethod",
    "DiscountRate",
    "Email",
    "EmailCC",
    "EORINumber",
    "FaxNumber",
    "GSTVATNumber",
    "Guid",
    "HasCreditLimit",
    "MobileNumber",
    "Notes",
    "Obsolete",
    "PaymentTerm",
    "PhoneNumber",
    "PrintInvoice",
    "PrintPackingSlipInsteadOfInvoice",
    "Salesperson",
    "SalesOrderGroup",
    "SellPriceTier",
    "SellPriceTierReference",
    "StopCredit",
    "Taxable",
    "TaxCode",
    "TaxRate",
    "TollFreeNumber",
    "Website",
    "XeroCostOfGoodsAccount",
    "XeroSalesAccount",
]
POSTED_INSIDE = {
    "Currency": ("CurrencyCode", "Guid"),
    "DefaultWarehouse": ("WarehouseCode", "Guid"),
    "Salesperson": ("Email", "FullName", "Guid"),
}
NOT_POSTED_OF_ADDRESS = ("Guid", "LastModifiedOn")


class Client:
    """A client that signs what it sends."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.http = httpx.Client(base_url=sandbox.url, trust_env=False, timeout=10)
        self._codes = itertools.count(1)

    def send(
        self, method: str, path: str, query: str = "", *, key: str = "sandbox", headers: Any = None, **others: Any
    ) -> httpx.Response:
        digest = hmac.new(key.encode(), unquote(query).encode(), hashlib.sha256).digest()
        signed = {"api-auth-id": "sandbox", "api-auth-signature": base64.b64encode(digest).decode(), **(headers or {})}
        # As bytes, since httpx would otherwise spell the query in its own way.
        target = httpx.URL(self.sandbox.url).copy_with(raw_path=(path + ("?" + query if query else "")).encode())
        return self.http.request(method, target, headers=signed, **others)

    def get(self, path: str, query: str = "", **others: Any) -> httpx.Response:
        return self.send("GET", path, query, **others)

    def post(self, path: str, body: Any, **others: Any) -> httpx.Response:
        return self.send("POST", path, json=body, **others)

    def put(self, path: str, body: Any) -> httpx.Response:
        return self.send("PUT", path, json=body)

    def delete(self, path: str) -> httpx.Response:
        return self.send("DELETE", path)

    def items(self, path: str, query: str = "") -> list[dict[str, Any]]:
        response = self.get(path, query)
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json()["Items"]
        return found

    def codes(self, query: str) -> list[str]:
        return [each["CustomerCode"] for each in self.items("/Customers", query)]

    def new_customer(self, **fields: Any) -> dict[str, Any]:
        code = f"TEST-{next(self._codes):04d}"
        response = self.post("/Customers", {"CustomerCode": code, "CustomerName": f"Customer {code}", **fields})
        assert response.status_code == 201, response.text
        created: dict[str, Any] = response.json()
        return created

    def new_contact(self, customer: dict[str, Any], **fields: Any) -> dict[str, Any]:
        response = self.post(f"/Customers/{customer['Guid']}/Contacts", fields)
        assert response.status_code == 201, response.text
        created: dict[str, Any] = response.json()
        return created

    def customer(self, guid: str) -> dict[str, Any]:
        response = self.get(f"/Customers/{guid}")
        assert response.status_code == 200
        found: dict[str, Any] = response.json()
        return found


def body_of(customer: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What a careful client posts: everything that may be posted, as it is, and the changes."""
    body = {name: customer[name] for name in POSTED if name in customer}
    for name, kept in POSTED_INSIDE.items():
        if body.get(name) is not None:
            body[name] = {each: body[name][each] for each in kept}
    body["Addresses"] = [
        {name: value for name, value in address.items() if name not in NOT_POSTED_OF_ADDRESS}
        for address in customer["Addresses"]
    ]
    return body | changes


def complaints(response: httpx.Response) -> set[str]:
    """The fields that a 400 complains about."""
    assert response.status_code == 400, (response.status_code, response.text)
    assert all(
        each.keys() == {"Field", "Description", "ErrorCode"}
        and each["Description"]
        and isinstance(each["ErrorCode"], int)
        for each in json.loads(response.text)["Items"]
    )
    return {each["Field"] for each in response.json()["Items"]}


@contextmanager
def connected(**options: Any) -> Iterator[Client]:
    with running(SandboxOptions(**{"customers": 25, **options})) as sandbox:
        client = Client(sandbox)
        with client.http:
            yield client


@pytest.fixture(name="connected", scope="session")
def connected_fixture() -> Callable[..., Any]:
    """Start another sandbox, with options."""
    return connected


@pytest.fixture
def client_of() -> Iterator[Callable[[Any], Client]]:
    """Make a client for whatever has a URL."""
    with ExitStack() as stack:

        def make(sandbox: Any) -> Client:
            client = Client(sandbox)
            stack.enter_context(client.http)
            return client

        yield make


@pytest.fixture(name="body_of")
def body_of_fixture() -> Callable[..., dict[str, Any]]:
    return body_of


@pytest.fixture(name="complaints")
def complaints_fixture() -> Callable[[httpx.Response], set[str]]:
    return complaints


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    """The shared sandbox; nobody may change the invented customers, or rely on there being no others."""
    with connected() as shared:
        yield shared


@pytest.fixture(scope="session")
def untouched() -> Iterator[Client]:
    """A sandbox that is only read."""
    with connected(customers=60) as shared:
        yield shared
