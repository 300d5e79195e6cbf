"""Every shape in which Xentral says no becomes words about a column."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bulkio.connectors.xentral.refusals import column_of, messages_of, refusal
from bulkio.errors import CredentialsError, FieldMessage, RejectedError

PROBLEMS = "https://api.xentral.biz/problems"
TITLE = "Request payload validation failed."


def problem(kind: str, **members: Any) -> bytes:
    return json.dumps({"type": f"{PROBLEMS}/{kind}", **members}).encode()


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        (
            problem("request-validation", title=TITLE, violations={"number": ["It must be a string.", "It is taken."]}),
            [("number", "It must be a string."), ("number", "It is taken.")],
        ),
        (
            problem("request-validation", title=TITLE, violations={"primaryAddress": {"country": ["Unknown."]}}),
            [("primaryAddress.country", "Unknown.")],
        ),
        (
            problem("request-validation", title=TITLE, violations={"primaryAddress.country": ["Unknown."]}),
            [("primaryAddress.country", "Unknown.")],
        ),
        (
            problem("request-validation", title=TITLE, violations={"groups": [{"id": ["There is no such group."]}]}),
            [("groups.0.id", "There is no such group.")],
        ),
        (
            problem(
                "request-validation", title=TITLE, violations=[{"number": ["Too long."]}, {"notes": ["Too long."]}]
            ),
            [("number", "Too long."), ("notes", "Too long.")],
        ),
        (
            problem("request-validation", title=TITLE, violations={"_": ["The payload is empty."]}),
            [("", "The payload is empty.")],
        ),
        (problem("request-validation", title=TITLE, violations={}), [("", TITLE)]),
        (problem("generic-validation", title="No.", messages=["A.", "B."]), [("", "A."), ("", "B.")]),
        (problem("generic-validation", title="No.", messages={"iban": ["Wrong."]}), [("iban", "Wrong.")]),
        (problem("generic-validation", title="No.", messages={"iban": "Wrong."}), [("iban", "Wrong.")]),
        (problem("conflict", title="In use.", messages=["An order needs it."]), [("", "An order needs it.")]),
        (problem("conflict", title="In use.", messages=[]), [("", "In use.")]),
        (
            problem(
                "conflictItems",
                title="Conflicts.",
                items=[{"id": "7", "title": "Order", "messages": ["Open."]}, {"id": 8, "title": "Invoice"}],
            ),
            [("", "Order 7: Open."), ("", "Invoice 8")],
        ),
        (problem("write-protected", title="The record is protected."), [("", "The record is protected.")]),
        (b'{"message":"Too Many Requests"}', [("", "Too Many Requests")]),
        (b'{"message":"No.","errors":{"email":["Wrong."]}}', [("email", "Wrong.")]),
        (b"Unauthorized", [("", "Unauthorized")]),
        (b"<html><head><title>x</title></head><body><h1>Unauthorized</h1></body></html>", [("", "Unauthorized")]),
        (b'"a text"', [("", "a text")]),
        (b"{broken", [("", "{broken")]),
        (b"", []),
        (b" \n", []),
    ],
)
def test_the_servers_words_are_read_in_every_shape(body: bytes, messages: list[tuple[str, str]]) -> None:
    assert messages_of(body) == tuple(FieldMessage(*each) for each in messages)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [b"", b"Unauthorized"])
def test_a_refused_token_is_a_matter_of_credentials(status: int, body: bytes) -> None:
    error = refusal(status, body)
    assert isinstance(error, CredentialsError)
    assert error.hint


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, problem("request-validation", violations={"number": ["Taken."]}), "400 Bad Request): number: Taken."),
        (404, b"", "404 Not Found): there is no such record, or the token may not see it"),
        (409, b"", "409 Conflict): the record is write-protected, or in use"),
        (409, problem("write-protected", title="The record is protected."), "409 Conflict): The record is protected."),
        (415, b"", "415 Unsupported Media Type)"),
        (499, b"", "(499)"),
    ],
)
def test_everything_else_was_not_done_and_says_why(status: int, body: bytes, words: str) -> None:
    error = refusal(status, body)
    assert isinstance(error, RejectedError)
    assert error.status == status
    assert str(error).endswith(words)


def test_a_long_page_is_cut_to_what_is_worth_reading() -> None:
    (message,) = messages_of(b"x" * 10_000)
    assert len(message.message) == 500


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("number", "number"),
        ("primaryAddress.country", "primaryAddress.country"),
        ("PrimaryAddress.Country", "primaryAddress.country"),
        ("groups.0.id", "groups.id"),
        ("tags[1].title", "tags.title"),
        ("data.financials.tax.vatId", "financials.tax.vatId"),
        ("documentDelivery.documentRecipients.invoice.cc.0", "documentDelivery.documentRecipients.invoice.cc"),
        ("deliveryDetails.taxType", "deliveryDetails.taxType"),
        ("customerRoles", "customerRoles"),
        ("", ""),
    ],
)
def test_a_servers_name_for_a_field_becomes_a_column(name: str, column: str) -> None:
    assert column_of(name) == column
