"""Xentral, as the conformance suite needs it."""

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

_STAMPS = ("updatedAt",)
_ADDRESS = {"street": "Hafenstraße {}", "zipCode": "01067", "city": "Dresden", "country": "DE"}

_glns = st.text("0123456789", min_size=13, max_size=13)
_of_two = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2)
_groups = st.lists(st.sampled_from(["1", "2", "3", "4"]), unique=True, min_size=1).map(
    lambda ids: "; ".join(sorted(ids))
)


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
        return {each["number"]: without(each, _STAMPS) for each in self.sandbox.xentral.store.customers()}

    def edit(self, key: str, name: str, value: object) -> None:
        self.sandbox.xentral.store.edit(key, **{name: value})


@contextmanager
def _start(customers: int) -> Iterator[_Server]:
    with running(SandboxOptions(customers=customers)) as sandbox:
        yield _Server(sandbox)


def _misstate(listing: Any) -> None:
    if "meta" in listing:
        listing["meta"]["perPage"] *= 3


SUBJECT = Subject(
    name="xentral",
    start=_start,
    secrets={"TOKEN": CREDENTIAL},
    identifying=(),  # every account has a host of its own
    text="notes",
    decimal="financials.creditLimit",
    flag="fulfillment.deliveryBlock",
    child="Contacts",
    child_text="contactPersonDetails.remarks",
    new={
        "Customers": {f"primaryAddress.{name}": value for name, value in {"name": "Prüfstand {}", **_ADDRESS}.items()},
        "Addresses": {"name": "Lager {}", **_ADDRESS},
        "Contacts": {"name": "Grace {}", "email": "grace{}@example.com"},
    },
    values={
        "Customers.primaryAddress.gln": _glns,
        "Customers.deviatingBillingAddress.gln": _glns,
        "Addresses.gln": _glns,
        "Addresses.state": _of_two,
        "Contacts.state": _of_two,
        "Contacts.contactPersonDetails.language": _of_two,  # it is put into capitals
        "Customers.communication.language": st.sampled_from(["DE", "EN", "FR"]),
        "Customers.financials.defaultCurrency": st.sampled_from(["EUR", "CHF", "USD"]),
        "Customers.financials.paymentMethod.id": st.sampled_from(["1", "2", "3"]),
        "Customers.fulfillment.shippingMethod.id": st.sampled_from(["1", "2", "3"]),
        "Customers.fulfillment.commissionConsignmentWarehouse.id": st.just("1"),
        "Customers.accountManager.id": st.sampled_from(["11", "12"]),
        "Customers.salesManager.id": st.sampled_from(["11", "12"]),
        "Customers.originSalesChannel.id": st.just("1"),
        "Customers.mainProject.id": st.sampled_from(["1", "2"]),
        "Customers.groups.id": _groups,
        "Contacts.groups.id": _groups,
    },
    together=(
        tuple(f"deviatingBillingAddress.{name}" for name in ("name", "street", "zipCode", "city", "country")),
        ("salesManager.id", "salesManager.commission"),
    ),
    records_of=lambda listing: listing["data"],
    misstate=_misstate,
    # A custom field is an object with its key.
    wire_only=frozenset({"customFields.key", "customFields.label", "customFields.value"}),
)
