"""JSON in the shape of the page's examples: `Items` beside `Pagination`, `/Date(ms)/`, decimals as they are kept."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from bulkio.sandbox.unleashed.complaints import ErrorCode, bad_request
from bulkio.sandbox.unleashed.instant import Instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bulkio.sandbox.unleashed.complaints import Complaint
    from bulkio.sandbox.unleashed.paging import Pagination
    from bulkio.sandbox.unleashed.shapes import Shape

# A whole string, to be skipped, or a comma with nothing but a closing bracket behind it.
_TRAILING_COMMA = re.compile(rb'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)


def _instant(value: object) -> str:
    if isinstance(value, Instant):
        return value.json
    msg = f"not a wire value: {value!r}"
    raise NotImplementedError(msg)


_ENCODER = msgspec.json.Encoder(enc_hook=_instant, decimal_format="number")
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


class JsonCodec:
    """See `Codec`."""

    media_type = "application/json; charset=utf-8"

    def page(
        self, names: tuple[str, str], pagination: Pagination | None, documents: Sequence[Mapping[str, Any]]
    ) -> bytes:
        """Encode a list; JSON has no use for the names. `Pagination` is null where the page has it so (line 580)."""
        del names
        return _ENCODER.encode({"Pagination": pagination and pagination.document, "Items": documents})

    def document(self, name: str, document: Mapping[str, Any]) -> bytes:
        """Encode one bare object."""
        del name
        return _ENCODER.encode(document)

    def complaints(self, complaints: Iterable[Complaint]) -> bytes:
        """Encode `{"Items": [{"Field", "Description", "ErrorCode"}]}`, the shape that several clients expect."""
        items = [
            {"Field": each.field, "Description": each.description, "ErrorCode": each.code.value} for each in complaints
        ]
        return _ENCODER.encode({"Items": items})

    def body(self, content: bytes, name: str, shape: Shape) -> Any:
        """Decode a request; Refusal (400) if it is no JSON."""
        del name, shape
        try:
            return _DECODER.decode(content)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
        try:
            # The page's own examples for contacts end in a comma before the bracket (lines 1016 and 1036), so the
            # vendor's parser takes it; everything else that is not JSON is refused.
            return _DECODER.decode(_TRAILING_COMMA.sub(lambda match: match.group(1) or b"", content))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            message = f"The request body is not valid JSON: {error}."
            raise bad_request(ErrorCode.UNREADABLE, message) from error
