"""Approval: who said yes to a plan, and when; bound to that very plan by its SHA-256.

It is a record and no lock: it holds no signature, and whoever may write the file may write any name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bulkio.core.plan import fingerprint
from bulkio.errors import OutdatedError

if TYPE_CHECKING:
    from bulkio.core.plan import Plan

SCHEMA = "bulkio.approval/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who approved which plan. `approved_at` is a canonical timestamp."""

    plan_id: str
    plan_sha256: str
    name: str
    approved_at: str

    def to_dict(self) -> dict[str, str]:
        """The JSON document `bulkio.approval/1`; its last member is the SHA-256 of all the others."""
        document = {
            "schema": SCHEMA,
            "plan_id": self.plan_id,
            "plan_sha256": self.plan_sha256,
            "name": self.name,
            "approved_at": self.approved_at,
        }
        return {**document, "sha256": fingerprint(document)}

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Approval:
        """The inverse of `to_dict`. Raises ValueError if it is of another schema, altered or incomplete."""
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            msg = "this is no approval of this version"
            raise ValueError(msg)
        if document.get("sha256") != fingerprint({k: v for k, v in document.items() if k != "sha256"}):
            msg = "the approval was altered after it was given"
            raise ValueError(msg)
        names = ("plan_id", "plan_sha256", "name", "approved_at")
        if not all(isinstance(document.get(name), str) for name in names):
            msg = "the approval is not complete"
            raise ValueError(msg)
        return cls(**{name: document[name] for name in names})

    def refuse_other(self, plan: Plan) -> None:
        """Raise OutdatedError if it was given to another plan, or to this one as it was before."""
        if (self.plan_id, self.plan_sha256) != (plan.plan_id, plan.sha256):
            msg = f"what {self.name} approved is not this plan"
            raise OutdatedError(msg, hint="Nothing was sent. Have this one approved: bulkio approve PLAN")
