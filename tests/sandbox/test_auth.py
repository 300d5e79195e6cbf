from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bulkio.sandbox.unleashed.auth import signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def servers(connected: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """One server of each way to verify a signature."""
    with ExitStack() as stack:
        yield {
            kind: stack.enter_context(connected(signature=kind, customers=1)) for kind in ("decoded", "raw", "either")
        }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "JxHMI+mrG4qbwP6ZEjjakmcWJKnr2vHBq+wG5+mhT5s="),
        ("pageSize=500", "E+2WlIIuzwFMnCNGB2WH3fLIA3358S17k2FV4Tvd5G8="),
        ("pageSize=1000", "/8kGwL+ZOAOl2MZIJgFH6vp0uwFdQXldVLlHUfytMSw="),
    ],
)
def test_signature_is_the_one_that_existing_clients_send(query: str, expected: str) -> None:
    assert signature(query.encode(), "test-key") == expected


def test_signed_request_is_answered(client: Any) -> None:
    assert client.get("/Customers", "pageSize=2").status_code == 200


@pytest.mark.parametrize("path", ["/Customers", "/Nothing/here", "/Currencies"])
def test_wrong_signature_is_a_bare_403_wherever_it_is_sent(client: Any, path: str) -> None:
    response = client.get(path, key="another key")
    assert (response.status_code, response.content) == (403, b"")


@pytest.mark.parametrize("headers", [{"api-auth-id": "somebody"}, {"api-auth-id": ""}, {"api-auth-signature": ""}])
def test_wrong_or_missing_credentials_are_a_bare_403(client: Any, headers: dict[str, str]) -> None:
    response = client.get("/Customers", headers=headers)
    assert (response.status_code, response.content) == (403, b"")


def test_request_without_any_header_is_a_bare_403(client: Any) -> None:
    response = client.http.get("/Customers")
    assert (response.status_code, response.content) == (403, b"")


def test_signature_covers_the_query_only(client: Any) -> None:
    signed = client.get("/Customers", "pageSize=2").request.headers["api-auth-signature"]
    headers = {"api-auth-id": "sandbox", "api-auth-signature": signed}
    assert client.http.get("/Customers/2?pageSize=2", headers=headers).status_code == 200
    assert client.http.get("/Customers?pageSize=3", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("wire", "signed"),
    [
        ("modifiedSince=2024-01-02T03%3A04%3A05", "modifiedSince=2024-01-02T03:04:05"),
        ("customerName=Wade%27s+%26+Sons", "customerName=Wade's+&+Sons"),  # a plus stays a plus
        ("customerName=M%C3%BCller", "customerName=Müller"),
    ],
)
def test_signature_is_verified_against_the_percent_decoded_query(
    servers: dict[str, Any], wire: str, signed: str
) -> None:
    def status(server: Any, text: str) -> int:
        headers = {"api-auth-id": "sandbox", "api-auth-signature": signature(text.encode(), "sandbox")}
        target = httpx.URL(server.sandbox.url).copy_with(raw_path=f"/Customers?{wire}".encode())
        return int(server.http.get(target, headers=headers).status_code)

    assert {kind: (status(server, signed), status(server, wire)) for kind, server in servers.items()} == {
        "decoded": (200, 403),
        "raw": (403, 200),
        "either": (200, 200),
    }


def test_duplicated_parameter_is_a_403_even_if_it_is_signed(client: Any) -> None:
    assert client.get("/Customers", "pageSize=2&pageSize=2").status_code == 403
    assert client.get("/Customers", "pageSize=2&page%53ize=2").status_code == 403


def test_client_type_is_required_only_if_asked_for(connected: Callable[..., Any]) -> None:
    with connected(requires_client_type=True, customers=1) as strict:
        assert strict.get("/Customers").status_code == 403
        assert strict.get("/Customers", headers={"client-type": "acme/bulkio"}).status_code == 200
