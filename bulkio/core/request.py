"""WriteRequest: one request as it would leave."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """One request as it would leave: shown by previews, journaled, then sent. No secrets in it.

    `body` is the exact text of the body (blank: none).
    """

    method: str
    path: str
    body: str = ""
