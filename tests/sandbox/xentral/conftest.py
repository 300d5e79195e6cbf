"""A client with the token, and one sandbox that most tests share, each working on customers of its own."""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bulkio.sandbox import SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bulkio.sandbox import Sandbox

CUSTOMERS = "/api/v3/customers"
ADDRESS = {"name": "Muster GmbH", "street": "Lindenallee 1", "zipCode": "80801", "city": "München", "country": "DE"}


class Client:
    """A client that sends the token."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.store = sandbox.xentral.store
        self.http = httpx.Client(
            base_url=sandbox.url, trust_env=False, timeout=10, headers={"Authorization": "Bearer sandbox"}
        )
        self._numbers = itertools.count(1)

    def get(self, path: str, params: Any = None, **headers: str) -> httpx.Response:
        return self.http.get(path, params=params, headers={name.replace("_", "-"): v for name, v in headers.items()})

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.http.post(path, json=body)

    def patch(self, path: str, body: Any) -> httpx.Response:
        return self.http.patch(path, json=body)

    def delete(self, path: str) -> httpx.Response:
        return self.http.delete(path)

    def data(self, path: str, params: Any = None) -> Any:
        response = self.get(path, params)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    def numbers(self, **params: Any) -> list[str]:
        return [each["number"] for each in self.data(CUSTOMERS, {"perPage": 100, **params})]

    def found(self, key: str, op: str, *values: str) -> list[str]:
        """The numbers of the customers that one statement finds."""
        return self.numbers(**statement(key, op, *values))

    def new_customer(self, **fields: Any) -> dict[str, Any]:
        body = {"number": f"T-{next(self._numbers):04d}", "primaryAddress": ADDRESS, **fields}
        response = self.post(CUSTOMERS, body)
        assert response.status_code == 201, response.text
        created: dict[str, Any] = response.json()["data"]
        return created

    def customer(self, identifier: str, include: str = "") -> dict[str, Any]:
        found: dict[str, Any] = self.data(f"{CUSTOMERS}/{identifier}", {"include": include} if include else None)
        return found

    def change(self, customer: dict[str, Any], **changes: Any) -> dict[str, Any]:
        response = self.patch(f"{CUSTOMERS}/{customer['id']}", changes)
        assert response.status_code == 200, response.text
        changed: dict[str, Any] = response.json()["data"]
        return changed


def statement(key: str, op: str, *values: str, index: int = 0) -> dict[str, Any]:
    start = f"filter[{index}]"
    value = {f"{start}[value]": values[0]} if len(values) == 1 else {f"{start}[value][]": list(values)}
    return {f"{start}[key]": key, f"{start}[op]": op, **(value if values else {})}


@contextmanager
def connected(**options: Any) -> Iterator[Client]:
    with running(SandboxOptions(**{"customers": 20, **options})) as sandbox:
        client = Client(sandbox)
        with client.http:
            yield client


@pytest.fixture(name="connected", scope="session")
def connected_fixture() -> Callable[..., Any]:
    """Start another sandbox, with options."""
    return connected


@pytest.fixture(name="statement")
def statement_fixture() -> Callable[..., dict[str, Any]]:
    return statement


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    """The shared sandbox; nobody may change the invented customers, or rely on there being no others."""
    with connected() as shared:
        yield shared


@pytest.fixture(scope="session")
def untouched() -> Iterator[Client]:
    """A sandbox that is only read."""
    with connected(customers=120) as shared:
        yield shared
