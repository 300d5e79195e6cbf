"""What a sandbox is started with; every doubt about the live system that changes an answer is an option here."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bulkio.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

#: The sandbox's only credentials; anybody may know them, since it listens on loopback only.
CREDENTIAL = "sandbox"

_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """How one sandbox behaves. UsageError if an option makes no sense, or if it would listen beyond loopback.

    `host`, `port`: where to listen; port 0 is any free one.
    `customers`, `seed`: how many customers to invent, and from what; a state file's own win.
    `state`: a SQLite file that keeps the data over restarts; None keeps them in memory.
    `faults`: a JSON file of faults to play, see `Fault`.
    `limit_per_minute`: Xentral answers with 429 beyond it; its vendor names 100. 0 is no limit.
    `violations`: how Xentral's 400 names a nested field: nested as in the payload (V1's description), or with dots (as
    its framework does by default; V3's description shows only fields that are not nested).
    `signature`: what the signature is verified against: the percent-decoded query (observed of the live system), the
    query as sent, or either of them.
    `requires_client_type`: refuse requests without `client-type`; the vendor calls it a must, older clients omit it.
    `keep_omitted_addresses`: an address left out of an update stays (the vendor's help hints that it cannot be
    deleted) instead of going.
    `contact_edits_touch_customer`: a contact's edit also moves its customer's LastModifiedOn (undocumented).
    `salesperson_key`: how responses spell it; the page has `Salesperson`, live systems were seen with `SalesPerson`.
    `group_name_key`: how /SalesOrderGroups names a group; clients disagree about it.
    `shows_undocumented_fields`: XeroContactId and SourceId stand in responses, as observed.
    """

    host: str = "127.0.0.1"
    port: int = 0
    customers: int = 50
    seed: int = 1
    state: Path | None = None
    faults: Path | None = None
    limit_per_minute: int = 0
    violations: Literal["mirrored", "dotted"] = "mirrored"
    signature: Literal["decoded", "raw", "either"] = "decoded"
    requires_client_type: bool = False
    keep_omitted_addresses: bool = False
    contact_edits_touch_customer: bool = True
    salesperson_key: Literal["Salesperson", "SalesPerson"] = "Salesperson"
    group_name_key: Literal["Name", "GroupName"] = "Name"
    shows_undocumented_fields: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be meant."""
        if not _is_loopback(self.host):
            msg = f"the sandbox listens on loopback only, not on {self.host!r}"
            raise UsageError(msg, hint="leave out the host, or use 127.0.0.1")
        if not 0 <= self.port <= _HIGHEST_PORT:
            msg = f"not a port: {self.port}"
            raise UsageError(msg)
        if self.customers < 0:
            msg = f"not a number of customers: {self.customers}"
            raise UsageError(msg)
        if self.limit_per_minute < 0:
            msg = f"not a number of requests a minute: {self.limit_per_minute}"
            raise UsageError(msg)
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                msg = f"{name} must be one of {', '.join(allowed)}, not {getattr(self, name)!r}"
                raise UsageError(msg)


_CHOICES = {
    "violations": ("mirrored", "dotted"),
    "signature": ("decoded", "raw", "either"),
    "salesperson_key": ("Salesperson", "SalesPerson"),
    "group_name_key": ("Name", "GroupName"),
}


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
