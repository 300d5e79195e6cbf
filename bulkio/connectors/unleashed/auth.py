"""Who we are, in headers: Unleashed signs the query string of a request, and nothing else of it.

Source: https://apidocs.unleashedsoftware.com/AuthenticationHelp. The signature of an empty query is therefore the same
for every write, for ever: it is worth as much as the key, and is kept out of logs and files in the same way.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bulkio.errors import CredentialsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bulkio.core.secret import Secret

API_ID = "API_ID"
API_KEY = "API_KEY"

_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")


def signature(key: Secret, query: str) -> str:
    """base64(HMAC-SHA256(key, query)): `query` as it stands on the wire after the question mark, blank if none."""
    digest = hmac.new(key.reveal().encode(), query.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def headers_for(credentials: Mapping[str, Secret], client_type: str) -> Callable[[str], Mapping[str, str]]:
    """The function that makes a request's headers from its query string.

    Raises CredentialsError where an id or key is missing or cannot stand in a header, UsageError for such a client
    type ("partner_name/app_name", which newer vendor pages require of every request).
    """
    api_id, key = (credentials.get(name) for name in (API_ID, API_KEY))
    if not api_id or not key:
        msg = "Unleashed needs an API id and an API key"
        raise CredentialsError(msg, hint="The account's owner finds both under Integration > Unleashed API Access.")
    if not _HEADER_SAFE.fullmatch(api_id.reveal()) or not key.reveal().isascii():
        msg = "the API id or key holds characters that cannot be part of one"
        raise CredentialsError(msg, hint="Copy them again, without blanks or line breaks.")
    if not _HEADER_SAFE.fullmatch(client_type):
        msg = f"client_type {client_type!r} may hold neither blanks nor special characters"
        raise UsageError(msg, hint="Write it like acme/bulkio.")

    def headers(query: str) -> Mapping[str, str]:
        return {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "api-auth-id": api_id.reveal(),
            "api-auth-signature": signature(key, query),
            "client-type": client_type,
        }

    return headers


def tenant_of(base_url: str, credentials: Mapping[str, Secret]) -> str:
    """Sixteen hex digits that tell one account at one origin from all others, and reveal neither id nor key."""
    parts = urlsplit(base_url.strip())
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    api_id = credentials[API_ID].reveal() if API_ID in credentials else ""
    return hashlib.sha256(f"{origin}\n{api_id}".encode()).hexdigest()[:16]
