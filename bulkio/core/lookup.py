"""One of the ERP's own lists of allowed values."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class LookupTable:
    """The rows of one of the ERP's lists of allowed values, by attribute; canonical texts."""

    def __init__(self, resource: str, rows: Sequence[Mapping[str, str]]) -> None:
        self.resource = resource
        self.rows = tuple(rows)

    def values(self, attribute: str) -> list[str]:
        """The distinct, non-blank values of an attribute, in the ERP's order."""
        return [value for value in dict.fromkeys(row.get(attribute, "") for row in self.rows) if value]

    def matching(self, wanted: Mapping[str, str]) -> list[Mapping[str, str]]:
        """The rows that hold all the wanted values, exactly; a near miss is a suggestion, never a match."""
        return [row for row in self.rows if all(row.get(name, "") == value for name, value in wanted.items())]
