"""Line ends: canonical text has LF alone; what is written has those that the ERP's old text had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bulkio.core.kinds import to_wire

if TYPE_CHECKING:
    from bulkio.core.catalogue import Field


def changed_wire_value(field: Field, after: str, before: Any) -> Any:
    """The wire value of a changed field, with the line ends that its old text had; `before` is the old wire value."""
    value = to_wire(field, after)
    if isinstance(value, str) and isinstance(before, str) and "\n" in value:
        return value.replace("\n", _line_end(before))
    return value


def _line_end(text: str) -> str:
    """The line end that a text uses most; LF if it has none."""
    pairs = text.count("\r\n")
    counts = {"\r\n": pairs, "\n": text.count("\n") - pairs, "\r": text.count("\r") - pairs}
    best = max(counts, key=lambda end: counts[end])
    return best if counts[best] else "\n"
