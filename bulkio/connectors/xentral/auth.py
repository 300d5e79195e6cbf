"""Who we are, in headers: Xentral takes a personal access token.

A token lives for some months (180 days unless its maker says otherwise) and is then replaced by another for the same
account, so that nothing that tells accounts apart may follow from it.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bulkio.errors import CredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bulkio.core.secret import Secret

TOKEN = "TOKEN"  # noqa: S105 the name of the secret, not a secret

_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")


def headers_for(credentials: Mapping[str, Secret]) -> Callable[[str], Mapping[str, str]]:
    """The function that makes a request's headers, whatever its query.

    `x-pagination: table` asks lists for their total. Raises CredentialsError where the token is missing or cannot stand
    in a header.
    """
    token = credentials.get(TOKEN)
    if not token:
        msg = "Xentral needs an access token"
        raise CredentialsError(msg, hint="An administrator makes one in the account's developer settings.")
    if not _HEADER_SAFE.fullmatch(token.reveal()):
        msg = "the access token holds characters that cannot be part of one"
        raise CredentialsError(msg, hint="Copy it again, without blanks or line breaks.")

    def headers(_query: str) -> Mapping[str, str]:
        return {
            "Accept": "application/json",
            "Authorization": f"Bearer {token.reveal()}",
            "Content-Type": "application/json",
            "x-pagination": "table",
        }

    return headers


def tenant_of(base_url: str) -> str:
    """Sixteen hex digits that tell one account from all others: every account has a host of its own."""
    parts = urlsplit(base_url.strip())
    origin = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}".lower()
    return hashlib.sha256(origin.encode()).hexdigest()[:16]
