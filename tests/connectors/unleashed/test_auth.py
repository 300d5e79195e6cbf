"""Signatures against those that independent clients computed, and headers that give nothing away."""

from __future__ import annotations

import pytest

from bulkio.connectors.unleashed.auth import headers_for, signature, tenant_of
from bulkio.core.secret import Secret
from bulkio.errors import CredentialsError, UsageError

CREDENTIALS = {"API_ID": Secret("test-id"), "API_KEY": Secret("test-key")}


@pytest.mark.parametrize(
    ("query", "expected"),
    [  # captured on loopback from PyUnleashed, node-unleashed and n8n, with this key
        ("", "JxHMI+mrG4qbwP6ZEjjakmcWJKnr2vHBq+wG5+mhT5s="),
        ("pageSize=500", "E+2WlIIuzwFMnCNGB2WH3fLIA3358S17k2FV4Tvd5G8="),
        ("pageSize=1000", "/8kGwL+ZOAOl2MZIJgFH6vp0uwFdQXldVLlHUfytMSw="),
        (
            "customerName=Wade's+&+Sons&contactEmail=a+b@x.com&modifiedSince=2024-01-02T03:04:05.000",
            "tkI//OxsAI/paIkWdUoq10YojAxuQguuxCTP1KMr7Xk=",
        ),
    ],
)
def test_signatures_are_those_of_other_clients(query: str, expected: str) -> None:
    assert signature(Secret("test-key"), query) == expected


def test_every_request_has_the_five_headers_and_signs_its_own_query() -> None:
    headers = headers_for(CREDENTIALS, "acme/bulkio")("pageSize=500")
    assert headers == {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "api-auth-id": "test-id",
        "api-auth-signature": "E+2WlIIuzwFMnCNGB2WH3fLIA3358S17k2FV4Tvd5G8=",
        "client-type": "acme/bulkio",
    }


@pytest.mark.parametrize("missing", ["API_ID", "API_KEY"])
@pytest.mark.parametrize("blank", [True, False])
def test_a_missing_credential_is_named_as_such(missing: str, *, blank: bool) -> None:
    credentials = {name: secret for name, secret in CREDENTIALS.items() if name != missing}
    if blank:
        credentials[missing] = Secret("")
    with pytest.raises(CredentialsError, match="API id and an API key"):
        headers_for(credentials, "acme/bulkio")


@pytest.mark.parametrize(
    ("name", "text"), [("API_ID", "a\r\nX-Other: b"), ("API_ID", "a b"), ("API_ID", "имя"), ("API_KEY", "ключ")]
)
def test_a_credential_that_cannot_be_one_is_refused_without_being_shown(name: str, text: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        headers_for({**CREDENTIALS, name: Secret(text)}, "acme/bulkio")
    assert text not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("client_type", ["", "acme bulkio", "a\nb", "ä/b"])
def test_a_client_type_is_one_plain_word(client_type: str) -> None:
    with pytest.raises(UsageError, match="client_type"):
        headers_for(CREDENTIALS, client_type)


def test_a_tenant_is_told_by_origin_and_id_and_reveals_neither() -> None:
    base = tenant_of("https://api.example.com", CREDENTIALS)
    assert base == tenant_of("https://API.example.com/", {**CREDENTIALS, "API_KEY": Secret("another")})
    assert base != tenant_of("https://other.example.com", CREDENTIALS)
    assert base != tenant_of("https://api.example.com", {**CREDENTIALS, "API_ID": Secret("another")})
    assert len(base) == 16
    assert "test" not in base
