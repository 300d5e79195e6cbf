"""How a stored customer is shown: which contacts, and the spellings that differ between systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulkio.sandbox.unleashed.filters import ordered_contacts
from bulkio.sandbox.unleashed.shapes import UNDOCUMENTED

if TYPE_CHECKING:
    from bulkio.sandbox.options import SandboxOptions
    from bulkio.sandbox.unleashed.store import Customer, Document

#: "Returns the first 100 contacts of each Customer record" (line 41).
MOST_CONTACTS = 100


@dataclass(frozen=True, slots=True)
class View:
    """One server's way to show customers."""

    options: SandboxOptions

    def customer(self, customer: Customer, *, includes_all_contacts: bool) -> Document:
        """Make the document of a response; without all contacts it holds the primary one at most (line 41)."""
        if includes_all_contacts:
            contacts = ordered_contacts(customer.contacts, {})[:MOST_CONTACTS]
        else:
            contacts = [customer.primary_contact] if customer.primary_contact else []
        document = customer.document.copy()
        document["Contacts"] = [contact.document for contact in contacts]
        if not self.options.shows_undocumented_fields:
            for name in UNDOCUMENTED:
                del document[name]
        key = self.options.salesperson_key
        return document if key == "Salesperson" else {key if k == "Salesperson" else k: v for k, v in document.items()}
