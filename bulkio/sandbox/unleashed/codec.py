"""What both wire formats offer, and which one a request speaks."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from bulkio.sandbox.unleashed.codec_json import JsonCodec
from bulkio.sandbox.unleashed.codec_xml import XmlCodec
from bulkio.sandbox.unleashed.complaints import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bulkio.sandbox.unleashed.complaints import Complaint
    from bulkio.sandbox.unleashed.paging import Pagination
    from bulkio.sandbox.unleashed.shapes import Shape


class Codec(Protocol):
    """One wire format."""

    media_type: str

    def page(
        self, names: tuple[str, str], pagination: Pagination | None, documents: Sequence[Mapping[str, Any]]
    ) -> bytes:
        """Encode a list; `names` are the XML names of the list and of one element."""

    def document(self, name: str, document: Mapping[str, Any]) -> bytes:
        """Encode one bare object."""

    def complaints(self, complaints: Iterable[Complaint]) -> bytes:
        """Encode the body of a 400."""

    def body(self, content: bytes, name: str, shape: Shape) -> Any:
        """Decode a request; Refusal (400) if it cannot be read. Whether it fits the shape is checked later."""


_JSON: Codec = JsonCodec()
_XML: Codec = XmlCodec()


def codec_for_response(accept: str) -> Codec:
    """Choose the first of the two that `Accept` names; JSON if it names neither."""
    for part in accept.lower().split(","):
        kind = part.partition(";")[0].strip()
        if kind in ("application/json", "text/json"):
            return _JSON
        if kind in ("application/xml", "text/xml"):
            return _XML
    return _JSON


def codec_for_request(content_type: str) -> Codec:
    """As `Content-Type` says, JSON without one; Refusal (415) for any other type."""
    kind = content_type.lower().partition(";")[0].strip()
    if kind in ("", "application/json", "text/json"):
        return _JSON
    if kind in ("application/xml", "text/xml"):
        return _XML
    raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
