"""Writing: what each answer of the ERP means, and that nothing is ever sent twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bulkio.connectors.protocol import WriteRequest
from bulkio.connectors.unleashed.connector import UNLEASHED
from bulkio.connectors.unleashed.refusals import messages_of
from bulkio.errors import (
    CredentialsError,
    FieldMessage,
    NotExecutedError,
    RateLimitError,
    RejectedError,
    UnavailableError,
)

if TYPE_CHECKING:
    from bulkio.connectors.unleashed.connector import UnleashedWriter

GUID = "b9f21e05-07fe-4d9d-b460-a09db4c3caa9"
OTHER = "9a1effae-f705-45e0-bc87-409e567f7de4"
CUSTOMER = WriteRequest(method="POST", path=f"/Customers/{GUID}", body='{"CustomerCode":"A"}')
CONTACT = WriteRequest(method="POST", path=f"/Customers/{GUID}/Contacts", body='{"FirstName":"Ann"}')
REMOVAL = WriteRequest(method="DELETE", path=f"/Customers/{GUID}/Contacts/{OTHER}")


def test_a_request_leaves_as_it_was_previewed_and_signed_without_a_query(stub: Any, writer: UnleashedWriter) -> None:
    stub.answer = lambda _: {"Guid": GUID}
    writer.send(CUSTOMER)
    (asked,) = stub.asked
    assert (asked.method, asked.path, asked.query, asked.body) == ("POST", CUSTOMER.path, "", CUSTOMER.body)
    assert asked.headers["api-auth-signature"] == "JxHMI+mrG4qbwP6ZEjjakmcWJKnr2vHBq+wG5+mhT5s="
    assert asked.headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("wrap", [lambda each: each, lambda each: {"Items": [each]}])
def test_a_success_tells_the_records_id(stub: Any, writer: UnleashedWriter, status: int, wrap: Any) -> None:
    stub.answer = lambda _: (status, json.dumps(wrap({"Guid": OTHER, "FirstName": "Ann"})).encode(), "application/json")
    reply = writer.send(CONTACT)
    assert (reply.status, reply.id) == (status, OTHER)
    assert reply.record is not None
    assert reply.server_time is not None


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize("body", [b"", b'"done"', b"<p>done</p>"])
def test_a_removal_need_not_say_anything(stub: Any, writer: UnleashedWriter, status: int, body: bytes) -> None:
    stub.answer = lambda _: (status, b"" if status == 204 else body, "application/json")
    reply = writer.send(REMOVAL)
    assert (reply.status, reply.id, reply.record) == (status, "", None)
    assert stub.asked[0].body == ""


def test_no_content_is_a_success_without_a_record(stub: Any, writer: UnleashedWriter) -> None:
    stub.answer = lambda _: (204, b"", "")
    assert writer.send(CUSTOMER).id == ""


@pytest.mark.parametrize("body", [b"", b"ok", b"<html>Sign in</html>", b'{"Guid": "x"', b"{}", b"[]", b"null"])
def test_a_success_that_cannot_be_read_is_unknown(stub: Any, writer: UnleashedWriter, body: bytes) -> None:
    stub.answer = lambda _: (200, body, "application/json")
    with pytest.raises(UnavailableError) as caught:
        writer.send(CUSTOMER)
    assert not isinstance(caught.value, NotExecutedError | RateLimitError)
    assert len(stub.asked) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, RejectedError) for status in (400, 404, 405, 409, 413, 415, 422)),
        (401, CredentialsError),
        (403, CredentialsError),
        *((status, UnavailableError) for status in (301, 307, 408, 500, 502, 503, 504)),
        (429, RateLimitError),
    ],
)
def test_every_status_has_its_meaning(stub: Any, writer: UnleashedWriter, status: int, error: type[Exception]) -> None:
    stub.answer = lambda _: (status, b'{"Description": "No."}', "application/json")
    with pytest.raises(error, match=str(status)) as caught:
        writer.send(CUSTOMER)
    assert type(caught.value) is error
    assert "\n" not in str(caught.value)
    assert (len(stub.asked) == 1) == (status != 429)  # 429 is certainly not executed, so it may be sent again


def test_a_refusal_carries_the_servers_words_by_field(stub: Any, writer: UnleashedWriter) -> None:
    items = [
        {"Field": "Email", "Description": "Email is not valid.", "ErrorCode": 12},
        {"Field": "", "Description": "Try again."},
    ]
    stub.answer = lambda _: (400, json.dumps({"Items": items}).encode(), "application/json")
    with pytest.raises(RejectedError) as caught:
        writer.send(CUSTOMER)
    assert caught.value.status == 400
    assert caught.value.messages == (FieldMessage("Email", "Email is not valid."), FieldMessage("", "Try again."))
    assert (
        str(caught.value) == "Unleashed refused the request (400 Bad Request): Email: Email is not valid.; Try again."
    )


def test_a_403_is_honest_about_what_it_may_mean(stub: Any, writer: UnleashedWriter) -> None:
    stub.answer = lambda _: (403, b"", "")
    with pytest.raises(CredentialsError) as caught:
        writer.send(CUSTOMER)
    assert all(word in caught.value.hint for word in ("key", "permissions", "quota"))


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"", "", []),
        (b"   ", "text/plain", []),
        (b"Customer code is taken", "text/plain", [("", "Customer code is taken")]),
        (b'"Customer code is taken"', "application/json", [("", "Customer code is taken")]),
        (b'{"Description": "No."}', "application/json", [("", "No.")]),
        (b'{"description": "No."}', "application/json", [("", "No.")]),
        (b'{"Message": "No."}', "application/json", [("", "No.")]),
        (
            b'{"Description": "Two problems", "Items": [{"Field": "A", "Description": "b", "ErrorCode": 1}]}',
            "application/json",
            [("", "Two problems"), ("A", "b")],
        ),
        (b'{"Items": {"Field": "A", "Description": "b"}}', "application/json", [("A", "b")]),
        (b'{"Items": ["one", "two"]}', "application/json", [("", "one"), ("", "two")]),
        (b'{"errors": {"Email": ["is wrong"], "Name": ["is long"]}}', "application/json",
         [("Email", "is wrong"), ("Name", "is long")]),
        (b'[{"Field": "A", "Description": "b"}]', "application/json", [("A", "b")]),
        (b"<html><head><title>x</title></head><body><h1>Bad\n Request</h1><p>a &amp; b</p></body></html>", "text/html",
         [("", "Bad Request a & b")]),
        (b'<?xml version="1.0"?><Error><Description>No.</Description></Error>', "application/xml", [("", "No.")]),
        (b'<?xml version="1.0"?><Errors><Items><Field>A</Field><Description>b</Description></Items></Errors>',
         "application/xml", [("A", "b")]),
        (b"\xff\xfe\x00", "application/octet-stream", [("", "\ufffd\ufffd")]),
        (b"\x1b[31mred\x1b[0m", "text/plain", [("", "[31mred [0m")]),
    ],
)  # fmt: skip
def test_words_are_found_in_every_shape_seen(body: bytes, kind: str, expected: list[tuple[str, str]]) -> None:
    assert [(message.field, message.message) for message in messages_of(body, kind)] == expected


def test_a_page_of_an_error_is_cut_to_what_is_worth_reading() -> None:
    (message,) = messages_of(b"<html><body>" + b"word " * 10_000 + b"</body></html>", "text/html")
    assert len(message.message) <= 500


@pytest.mark.parametrize(
    ("server", "column"),
    [
        ("Email", "Email"),
        ("email", "Email"),
        ("Customer.CustomerName", "CustomerName"),
        ("SalesPerson.Guid", "Salesperson.Guid"),
        ("Currency.CurrencyCode", "Currency.CurrencyCode"),
        ("Addresses[0].Country", "Country"),
        ("Nothing", "Nothing"),
        ("", ""),
    ],
)
def test_a_servers_name_for_a_field_is_a_column(server: str, column: str) -> None:
    assert UNLEASHED.column_of(server) == column
