"""Who we are: a token in a header, and a fingerprint that does not follow from it."""

from __future__ import annotations

import pytest

from bulkio.connectors.protocol import ConnectionSettings
from bulkio.connectors.xentral.auth import headers_for, tenant_of
from bulkio.connectors.xentral.connector import XENTRAL
from bulkio.core.secret import Secret
from bulkio.errors import CredentialsError, UsageError


def test_the_token_goes_into_every_request_whatever_its_query() -> None:
    headers = headers_for({"TOKEN": Secret("abc.DEF-1")})
    assert headers("") == headers("page=2")
    assert headers("")["Authorization"] == "Bearer abc.DEF-1"
    assert headers("")["x-pagination"] == "table"


@pytest.mark.parametrize("credentials", [{}, {"TOKEN": Secret("")}, {"API_KEY": Secret("abc")}])
def test_without_a_token_nothing_begins(credentials: dict[str, Secret]) -> None:
    with pytest.raises(CredentialsError, match="token"):
        headers_for(credentials)


@pytest.mark.parametrize("token", ["a b", "a\nb", "tökén"])
def test_a_token_that_cannot_stand_in_a_header_is_refused_and_not_repeated(token: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        headers_for({"TOKEN": Secret(token)})
    assert token not in str(caught.value) + caught.value.hint


def test_an_account_keeps_its_fingerprint_when_its_token_is_replaced() -> None:
    assert tenant_of("https://acme.xentral.biz") == tenant_of("https://ACME.xentral.biz/")
    assert tenant_of("https://acme.xentral.biz") != tenant_of("https://other.xentral.biz")
    assert len(tenant_of("https://acme.xentral.biz")) == 16


def test_a_profile_without_an_address_is_told_what_to_write() -> None:
    settings = ConnectionSettings(base_url="", credentials={"TOKEN": Secret("t")})
    with pytest.raises(UsageError, match="base_url") as caught:
        XENTRAL.connect(settings)
    assert "xentral.biz" in caught.value.hint


def test_the_account_is_named_after_its_host_without_a_call() -> None:
    settings = ConnectionSettings(base_url="https://acme.xentral.biz", credentials={"TOKEN": Secret("t")})
    link = XENTRAL.connect(settings)
    assert link.reader.account().name == "acme.xentral.biz"
    assert link.reader.tenant == tenant_of("https://acme.xentral.biz")
    link.close()
