"""Which record there a record here became: the crosswalk of ids between two accounts. Pure; bulkio/store fills it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """`ids` by (entity there, id here) -> id there.

    The id is blank where the record was sent and nobody knows whether it arrived: it may be there under its key.
    """

    ids: dict[tuple[str, str], str] = field(default_factory=dict)

    def find(self, entity: str, source_id: str) -> str | None:
        """The id there, "" if it may be there, None if it was never sent."""
        return self.ids.get((entity, source_id)) if source_id else None

    def __len__(self) -> int:
        """How many records were carried over, or may have been."""
        return len(self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a plan of a converted workbook remembers: the account that the records come from, and by operation which."""

    erp: str
    tenant: str
    ids: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"erp": self.erp, "tenant": self.tenant, "ids": self.ids}

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Carried:
        """The inverse of `to_dict`."""
        return cls(erp=document["erp"], tenant=document["tenant"], ids=dict(document["ids"]))
