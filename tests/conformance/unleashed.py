"""Unleashed, as the conformance suite needs it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from subject import Document, Subject, without

from bulkio.sandbox import CREDENTIAL, SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bulkio.sandbox import Faults, Sandbox

_STAMPS = ("LastModifiedOn", "LastModifiedBy")

#: The customer shows its default contact's details as its own.
_PRIMARY = {
    "ContactFirstName": "FirstName",
    "ContactLastName": "LastName",
    "Email": "EmailAddress",
    "PhoneNumber": "PhoneNumber",
    "MobileNumber": "MobilePhone",
    "DDINumber": "DDINumber",
    "FaxNumber": "FaxNumber",
    "TollFreeNumber": "TollFreeNumber",
    "Website": "Website",
}


@dataclass(frozen=True)
class _Server:
    sandbox: Sandbox

    @property
    def url(self) -> str:
        return self.sandbox.url

    @property
    def faults(self) -> Faults:
        return self.sandbox.faults

    def settle(self) -> None:
        self.sandbox.settle()

    def stored(self) -> dict[str, Document]:
        return {each["CustomerCode"]: without(each, _STAMPS) for each in self.sandbox.store.customers()}

    def edit(self, key: str, name: str, value: object) -> None:
        self.sandbox.store.edit(key, **{name: value})


@contextmanager
def _start(customers: int) -> Iterator[_Server]:
    with running(SandboxOptions(customers=customers)) as sandbox:
        yield _Server(sandbox)


def _misstate(listing: Any) -> None:
    if listing["Pagination"]:
        listing["Pagination"]["PageSize"] *= 3


SUBJECT = Subject(
    name="unleashed",
    start=_start,
    secrets={"API_ID": CREDENTIAL, "API_KEY": CREDENTIAL},
    identifying=("API_ID",),
    text="Notes",
    decimal="CreditLimit",
    flag="StopCredit",
    child="Contacts",
    child_text="Notes",
    new={
        "Customers": {"CustomerName": "Conformance {} Ltd"},
        "Addresses": {"AddressType": "Shipping", "AddressName": "Depot", "City": "Ōtautahi"},
        "Contacts": {"FirstName": "Grace {}", "EmailAddress": "grace{}@example.com"},
    },
    values={
        "Contacts.IsDefault": st.just("true"),  # one contact of a customer is, and the only one cannot stop being it
        "Contacts.DeliveryAddress": st.just("Depot"),
        # A name that another address has already is not told apart from it.
        "Addresses.AddressName": st.integers(10, 10**6).map("Shed {}".format),
    },
    follows={f"Customers.{ours}": rf"Contacts\.{theirs}" for ours, theirs in _PRIMARY.items()}
    | {f"Contacts.{theirs}": ours for ours, theirs in _PRIMARY.items()}
    | {"Addresses.AddressType": r"Addresses\.Guid", "Addresses.AddressName": r"Addresses\.Guid"},
    records_of=lambda listing: listing["Items"],
    misstate=_misstate,
)
