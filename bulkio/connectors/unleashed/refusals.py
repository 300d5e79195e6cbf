"""What Unleashed says when it does not do what was asked: status and body, turned into our errors.

The vendor documents "a status code plus an error message" and no more; the shapes read here were observed in its
clients: `{"Items": [{"Field", "Description", "ErrorCode"}]}`, a top-level `Description`, `description` or `Message`,
plain text, a page of HTML, XML, or nothing at all.
"""

from __future__ import annotations

import re
from contextlib import suppress
from html import unescape
from http import HTTPStatus
from http.client import responses
from typing import Any

from bulkio.connectors.protocol import rejected_fields
from bulkio.connectors.unleashed.catalogue import CATALOGUE
from bulkio.connectors.unleashed.wire import decode_json
from bulkio.connectors.unleashed.xml import is_xml, record_from_xml
from bulkio.errors import BulkioError, CredentialsError, FieldMessage, RejectedError, UnavailableError

_LONGEST = 500  # characters of a message that are worth a person's time
_TAGS = re.compile(r"(?is)<(script|style|head)\b.*?</\1\s*>|<[^>]*>")
_TEXTS = ("Description", "description", "Message", "message", "ExceptionMessage", "error", "Error", "title")
_LISTS = ("Items", "items", "errors", "Errors")


def refusal(status: int, body: bytes, media_type: str) -> BulkioError:
    """The error for a status that says "not done": CredentialsError for 401 and 403, else RejectedError."""
    messages = messages_of(body, media_type)
    words = rejected_fields(messages)
    if status == HTTPStatus.UNAUTHORIZED:
        return CredentialsError(
            _sentence("Unleashed does not accept the API id and key (401)", words),
            hint="Check both, and that they belong to this account.",
        )
    if status == HTTPStatus.FORBIDDEN:
        return CredentialsError(
            _sentence("Unleashed refuses access (403)", words),
            hint="The API id or key is wrong, the account's plan or permissions lack this resource, or its monthly "
            "quota of API calls is spent; Unleashed answers all of these alike.",
        )
    name = responses.get(status, "")
    return RejectedError(
        _sentence(f"Unleashed refused the request ({status} {name})".replace(" )", ")"), words),
        status=status,
        messages=messages,
    )


def messages_of(body: bytes, media_type: str) -> tuple[FieldMessage, ...]:
    """The server's words in any of the shapes seen, field by field where it says so; none for an empty body."""
    if not body.strip():
        return ()
    document: Any = None
    with suppress(UnavailableError, ValueError):  # neither JSON nor XML: a text or a page
        document = record_from_xml(body, {}) if is_xml(body, media_type) else decode_json(body)
    found = list(_messages(document)) if isinstance(document, dict | list) else []
    if not found:
        found = [FieldMessage("", _plain(document if isinstance(document, str) else body.decode("utf-8", "replace")))]
    return tuple(message for message in dict.fromkeys(found) if message.message)


def column_of(field: str) -> str:
    """The column that a server's name for a field means: `Customer.SalesPerson.Guid` is `Salesperson.Guid`.

    A name that is none of the catalogue's comes back as it is.
    """
    parts = [part for part in re.split(r"\.|\[\d*\]", field.strip()) if part]
    for start in range(len(parts)):
        name = _COLUMNS.get(".".join(parts[start:]).lower())
        if name:
            return name
    return field


_COLUMNS = {field.name.lower(): field.name for entity in reversed(CATALOGUE.entities) for field in entity.fields}


def _messages(document: Any) -> list[FieldMessage]:
    """Every message in a JSON or XML error, depth first."""
    if isinstance(document, str):
        return [FieldMessage("", _plain(document))]
    if isinstance(document, list):
        return [message for each in document for message in _messages(each)]
    if not isinstance(document, dict):
        return []
    field = document.get("Field") or document.get("field") or ""
    text = next((document[name] for name in _TEXTS if isinstance(document.get(name), str) and document[name]), "")
    found = [FieldMessage(str(field), _plain(text))] if text else []
    for name in _LISTS:
        inside = document.get(name)
        if isinstance(inside, dict) and not any(text in inside for text in _TEXTS):
            for key, value in inside.items():  # {"errors": {"Email": ["is invalid"]}}
                found += [FieldMessage(message.field or key, message.message) for message in _messages(value)]
        elif inside is not None:
            found += _messages(inside)
    return found


def _plain(text: str) -> str:
    """One line of plain text out of a message that may be a whole page of HTML."""
    if "<" in text:
        text = unescape(_TAGS.sub(" ", text))
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _sentence(start: str, words: str) -> str:
    return f"{start}: {words}" if words else start
