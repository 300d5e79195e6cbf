"""Writing to Xentral: what it answers, and what that proves."""

from __future__ import annotations

from typing import Any

import pytest

from bulkio.connectors.protocol import WriteRequest
from bulkio.errors import (
    CredentialsError,
    FieldMessage,
    NotExecutedError,
    RateLimitError,
    RejectedError,
    UnavailableError,
)

CREATE = WriteRequest(method="POST", path="/api/v3/customers", body='{"number":"K-1"}')
CHANGE = WriteRequest(method="PATCH", path="/api/v3/customers/17", body='{"notes":"x"}')
DELETE = WriteRequest(method="DELETE", path="/api/v1/customers/17")
NEW_CHILD = WriteRequest(method="POST", path="/api/v3/customers/17/contactPersons", body='{"name":"Ann"}')


def test_a_create_is_answered_with_the_record(stub: Any, writer: Any, answer: Any) -> None:
    stub.answer = lambda _asked: answer(201, b'{"data": {"id": "20", "number": "K-1", "groups": [{"id": "3"}]}}')
    reply = writer.send(CREATE)
    assert (reply.status, reply.id) == (201, "20")
    assert reply.record["groups"] == {"id": ["3"]}
    (asked,) = stub.asked
    assert (asked.method, asked.path, asked.query, asked.body) == ("POST", "/api/v3/customers", "", CREATE.body)
    assert asked.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("location", "identifier"),
    [
        ("{url}/api/v3/customers/20", "20"),
        ("/api/v3/customers/20", "20"),
        ("{url}/api/v2/customers/20/", "20"),
        ("https://elsewhere.example/api/v3/customers/20", ""),
        ("//elsewhere.example/api/v3/customers/20", ""),
        ("http://127.0.0.1:1/api/v3/customers/20", ""),
        ("{url}/api/v3/customers/new", ""),
        ("{url}/api/v3/suppliers/20", ""),
        ("http://[broken", ""),
        ("", ""),
    ],
)
def test_a_create_may_be_answered_with_the_new_records_address_alone(
    stub: Any, writer: Any, answer: Any, location: str, identifier: str
) -> None:
    headers = {"Location": location.format(url=stub.url)} if location else {}
    stub.answer = lambda _asked: answer(201, headers=headers)
    reply = writer.send(CREATE)
    assert (reply.id, reply.record) == (identifier, None)
    assert len(stub.asked) == 1


def test_a_new_childs_id_is_its_own_and_not_its_customers(stub: Any, writer: Any, answer: Any) -> None:
    stub.answer = lambda _asked: answer(201, headers={"Location": f"{stub.url}{NEW_CHILD.path}/9"})
    assert writer.send(NEW_CHILD).id == "9"
    stub.answer = lambda _asked: answer(201, b'{"data": {"id": 9, "name": "Ann"}}')
    assert writer.send(NEW_CHILD).id == "9"


def test_a_change_is_answered_with_the_record_or_with_nothing(stub: Any, writer: Any, answer: Any) -> None:
    stub.answer = lambda _asked: {"data": {"id": "17", "notes": "x"}}
    assert writer.send(CHANGE).record == {"id": "17", "notes": "x"}
    stub.answer = lambda _asked: answer(204, headers={"Location": "/api/v3/customers/99"})
    assert (writer.send(CHANGE).id, writer.send(CHANGE).record) == ("", None)


def test_a_delete_is_answered_with_nothing(stub: Any, writer: Any, answer: Any) -> None:
    stub.answer = lambda _asked: answer(204)
    assert writer.send(DELETE).status == 204
    assert (stub.asked[0].method, stub.asked[0].path, stub.asked[0].body) == ("DELETE", "/api/v1/customers/17", "")


def test_a_refusal_carries_the_servers_words_by_field(stub: Any, writer: Any, answer: Any) -> None:
    body = b'{"type": "x/request-validation", "title": "No.", "violations": {"number": ["Taken."]}}'
    stub.answer = lambda _asked: answer(400, body, "application/problem+json")
    with pytest.raises(RejectedError) as caught:
        writer.send(CREATE)
    assert caught.value.messages == (FieldMessage("number", "Taken."),)
    assert len(stub.asked) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, RejectedError), (401, CredentialsError), (403, CredentialsError), (404, RejectedError), (409, RejectedError),
     (415, RejectedError), (302, UnavailableError), (500, UnavailableError), (503, UnavailableError)],
)  # fmt: skip
def test_what_was_not_done_is_told_from_what_may_have_been(
    stub: Any, writer: Any, answer: Any, status: int, error: type[Exception]
) -> None:
    stub.answer = lambda _asked: answer(status)
    with pytest.raises(error) as caught:
        writer.send(CHANGE)
    assert not isinstance(caught.value, NotExecutedError)
    assert len(stub.asked) == 1


def test_a_request_too_many_is_sent_again_since_it_was_not_done(stub: Any, writer: Any, answer: Any) -> None:
    stub.answer = lambda _asked: answer(204) if len(stub.asked) > 1 else answer(429, b'{"message":"Too Many Requests"}')
    assert writer.send(CHANGE).status == 204
    stub.answer = lambda _asked: answer(429)
    with pytest.raises(RateLimitError):
        writer.send(CHANGE)


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"{}", b'{"data": []}', b"{"])
def test_an_answer_that_is_not_xentrals_proves_nothing(stub: Any, writer: Any, answer: Any, body: bytes) -> None:
    kind = "text/html" if body.startswith(b"<") else "application/json"
    stub.answer = lambda _asked: answer(200, body, kind)
    with pytest.raises(UnavailableError):
        writer.send(CHANGE)
