"""What is true of a customer beyond the shape of a body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bulkio.sandbox.xentral import custom_fields
from bulkio.sandbox.xentral.customer_body import ADDRESS_CORE

if TYPE_CHECKING:
    from bulkio.sandbox.xentral.problems import Violations
    from bulkio.sandbox.xentral.store import Customer, Store


def check_customer(values: dict[str, Any], old: Customer | None, store: Store, violations: Violations) -> None:
    """Check a body whose shape was checked; `old` is the customer that it changes. Custom fields are parsed in place.

    A number that is taken is a 400: V3's description knows no other refusal of a POST (V2's would be a 409).
    """
    if old is None and (number := values.get("number")) and store.by_number(number) is not None:
        violations.add(("number",), "The {} has already been taken.")
    if old is not None:
        _check_new_addresses(values, old, violations)
    if not violations and "customFields" in values:
        values["customFields"] = custom_fields.parsed(values["customFields"], violations)


def _check_new_addresses(values: dict[str, Any], old: Customer, violations: Violations) -> None:
    """An address that comes into being by an update needs what one that is created needs (assumed)."""
    for name in ("primaryAddress", "deviatingBillingAddress"):
        if values.get(name) is not None and old.document[name] is None:
            for part in ADDRESS_CORE:
                if part not in values[name]:
                    violations.add((name, part), "The {} field is required.")
