"""What Xentral says when it does not do what was asked: status and body, turned into our errors.

{"type", "title", "violations": {"number": ["..."]}}         nested as the payload is, or a list of such, or under "_"
{"type", "title", "messages": ["..."]}                       or messages by field
{"type", "title", "items": [{"id", "title", "messages"}]}
{"message": "..."}                                           too many requests, and what never reached the API
a text, a page of HTML, or nothing at all                    401, 403, 404
"""

from __future__ import annotations

import re
from contextlib import suppress
from html import unescape
from http import HTTPStatus
from http.client import responses
from typing import TYPE_CHECKING, Any

from bulkio.connectors.protocol import rejected_fields
from bulkio.connectors.xentral.catalogue import CATALOGUE
from bulkio.connectors.xentral.wire import decode_json
from bulkio.errors import BulkioError, CredentialsError, FieldMessage, RejectedError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 500  # characters of a message that are worth a person's time
_TAGS = re.compile(r"(?is)<(script|style|head)\b.*?</\1\s*>|<[^>]*>")
_WHOLE_RECORD = "_"

#: What a status means where the body says nothing.
_MEANINGS: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "there is no such record, or the token may not see it",
    HTTPStatus.CONFLICT: "the record is write-protected, or in use",
}


def refusal(status: int, body: bytes) -> BulkioError:
    """The error for a status that says "not done": CredentialsError for 401 and 403, else RejectedError."""
    messages = messages_of(body)
    words = rejected_fields(messages)
    if status == HTTPStatus.UNAUTHORIZED:
        return CredentialsError(
            _sentence("Xentral does not accept the access token (401)", words),
            hint="It may have expired: tokens live for some months, and go when nobody uses them. Make another.",
        )
    if status == HTTPStatus.FORBIDDEN:
        return CredentialsError(
            _sentence("Xentral refuses access (403)", words),
            hint="The token needs the scopes customer:read, customer:create, customer:update and customer:delete.",
        )
    words = words or _MEANINGS.get(status, "")
    words = words or _MEANINGS.get(status, "")
    name = responses.get(status, "")
    return RejectedError(
        _sentence(f"Xentral refused the request ({status} {name})".replace(" )", ")"), words),
        status=status,
        messages=messages,
    )


def messages_of(body: bytes) -> tuple[FieldMessage, ...]:
    """The server's words in any of its shapes, field by field where it says so; none for an empty body."""
    if not body.strip():
        return ()
    document: Any = None
    with suppress(UnavailableError):  # a text or a page
        document = decode_json(body)
    found = list(_messages(document)) if isinstance(document, dict | list) else []
    if not found:
        text = document if isinstance(document, str) else body.decode("utf-8", "replace")
        found = [FieldMessage("", _plain(text))]
    return tuple(message for message in dict.fromkeys(found) if message.message)


def column_of(field: str) -> str:
    """The column that a server's name for a field means: `groups.0.id` is `groups.id`.

    A name that is none of the catalogue's comes back as it is.
    """
    parts = [part for part in re.split(r"[.\[\]]+", field.strip()) if part and not part.isdigit()]
    for start in range(len(parts)):
        name = _COLUMNS.get(".".join(parts[start:]).lower())
        if name:
            return name
    return field


_COLUMNS = {field.name.lower(): field.name for entity in reversed(CATALOGUE.entities) for field in entity.fields}


def _messages(document: Any) -> Iterator[FieldMessage]:
    """Every message in a problem document; its title only where there is nothing more exact."""
    if isinstance(document, list):
        for each in document:
            yield from _messages(each)
        return
    if not isinstance(document, dict):
        return
    found = list(_violations(document.get("violations"), ()))
    found += _violations(document.get("messages"), ())
    found += _violations(document.get("errors"), ())
    items = document.get("items")
    found += [message for item in (items if isinstance(items, list) else ()) for message in _item(item)]
    if not found:
        texts = (document.get(name) for name in ("detail", "message", "title"))
        found = [FieldMessage("", _plain(text)) for text in texts if isinstance(text, str) and text][:1]
    yield from found


def _item(item: Any) -> Iterator[FieldMessage]:
    """One of several records that are in the way."""
    if not isinstance(item, dict):
        return
    name = f"{item.get('title') or 'record'} {item.get('id') or ''}".strip()
    for message in _violations(item.get("messages"), ()):
        yield FieldMessage(message.field, f"{name}: {message.message}")
    if not item.get("messages"):
        yield FieldMessage("", _plain(name))


def _violations(found: Any, path: tuple[str, ...]) -> Iterator[FieldMessage]:
    """Messages in an object that mirrors the payload, at any depth; the path down to each names its field."""
    if isinstance(found, str):
        yield FieldMessage(".".join(path), _plain(found))
    elif isinstance(found, list):
        for at, each in enumerate(found):
            # A list of texts is the messages of one field; a list of objects mirrors a list in the payload.
            yield from _violations(each, path if isinstance(each, str) or not path else (*path, str(at)))
    elif isinstance(found, dict):
        for name, each in found.items():
            yield from _violations(each, path if name == _WHOLE_RECORD else (*path, str(name)))


def _plain(text: str) -> str:
    """One line of plain text out of a message that may be a whole page of HTML."""
    if "<" in text:
        text = unescape(_TAGS.sub(" ", text))
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _sentence(start: str, words: str) -> str:
    return f"{start}: {words}" if words else start
