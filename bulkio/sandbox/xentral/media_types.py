"""Which formats are spoken: JSON in and out, nothing else. V1 documents 406 and 415, both without a body."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from bulkio.sandbox.xentral.problems import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request

_JSON = "application/json"
_ACCEPTED = {"", "*/*", "application/*", _JSON}


async def check_media_types(request: Request) -> None:
    """Refusal (406, 415) of a request that asks for, or sends, anything but JSON.

    A DELETE has neither a body nor an answer, so its headers are not looked at. The description does not demand a body
    of a write: one that sends nothing at all is taken for an empty object.
    """
    if request.method == "DELETE":
        return
    if not any(_media_type(part) in _ACCEPTED for part in request.headers.get("accept", "").split(",")):
        raise Refusal(HTTPStatus.NOT_ACCEPTABLE)
    if request.method not in ("POST", "PATCH") or _media_type(request.headers.get("content-type", "")) == _JSON:
        return
    if "content-type" in request.headers or await request.body():
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _media_type(text: str) -> str:
    return text.partition(";")[0].strip().lower()
