"""The filters of GET Customers, one row of the page's table each (vendor page, lines 25 to 70).

Names are exact; a parameter that is not known is ignored, and so is a blank one (observed: clients append their own).
Text is compared without regard to case, as the vendor's database does by default, except where the page says
otherwise (`customer`: case-sensitive; `currency`: exactly).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from bulkio.sandbox.records import Remembered
from bulkio.sandbox.unleashed.complaints import ErrorCode, bad_request
from bulkio.sandbox.unleashed.instant import Instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bulkio.sandbox.unleashed.store import Contact, Customer, Document, Store

_ORDERS = ("LastModifiedOn", "CreatedOn")

NOT_A_DATE = "modifiedSince must be a date, YYYY-MM-DD, or a date-time in UTC."


def parameters_of(query: bytes) -> dict[str, str]:
    """Read a query string as forms are read: `+` and `%20` are blanks, `%2B` is a plus."""
    return dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True, errors="replace"))


def flag(parameters: Mapping[str, str], name: str) -> bool:
    """Read `true` or `false`, in any case; Refusal (400) for anything else."""
    text = parameters.get(name, "").lower()
    if text not in ("", "true", "false"):
        raise bad_request(ErrorCode.BAD_PARAMETER, f"{name} must be true or false.", field=name)
    return text == "true"


def _text(name: str, value: Document | None) -> str:
    return str((value or {}).get(name) or "")


def _starts_with(field: str) -> Callable[[str], Callable[[Customer], bool]]:
    def make(wanted: str) -> Callable[[Customer], bool]:
        prefix = wanted.casefold()
        return lambda customer: _text(field, customer.document).casefold().startswith(prefix)

    return make


def _equals(field: str) -> Callable[[str], Callable[[Customer], bool]]:
    def make(wanted: str) -> Callable[[Customer], bool]:
        same = wanted.casefold()
        return lambda customer: _text(field, customer.document).casefold() == same

    return make


def _contact_email(wanted: str) -> Callable[[Customer], bool]:
    prefix = wanted.casefold()
    return lambda customer: any(
        _text("EmailAddress", contact.document).casefold().startswith(prefix) for contact in customer.contacts
    )


def _code_or_name_contains(wanted: str) -> Callable[[Customer], bool]:
    return lambda customer: wanted in customer.code or wanted in _text("CustomerName", customer.document)


def _currency(wanted: str) -> Callable[[Customer], bool]:
    return lambda customer: _text("CurrencyCode", customer.document["Currency"]) == wanted


def _modified_since(wanted: str) -> Callable[[Customer], bool]:
    try:
        ticks = Instant.parse(wanted).ticks
    except ValueError as error:
        raise bad_request(ErrorCode.BAD_PARAMETER, NOT_A_DATE, field="modifiedSince") from error
    return lambda customer: (
        customer.document["LastModifiedOn"].ticks >= ticks or customer.document["CreatedOn"].ticks >= ticks
    )


_FILTERS: Mapping[str, Callable[[str], Callable[[Customer], bool]]] = {
    "contactEmail": _contact_email,
    "currency": _currency,
    "customer": _code_or_name_contains,
    "customerCode": _starts_with("CustomerCode"),
    "customerName": _starts_with("CustomerName"),
    "customerType": _equals("CustomerType"),
    "modifiedSince": _modified_since,
    "salesOrderGroup": _equals("SalesOrderGroup"),
    "sellPriceTier": _equals("SellPriceTier"),
    "xeroContactId": _starts_with("XeroContactId"),
}


@dataclass(frozen=True, slots=True)
class Ordering:
    """`orderBy` and `sort` of a list."""

    order_by: str
    is_descending: bool

    @classmethod
    def parse(cls, parameters: Mapping[str, str], *, default: str) -> Ordering:
        """Read both; Refusal (400) for a value that the page does not name.

        `sort` alone orders by CreatedOn, which is what the page says of it (lines 57 to 59).
        """
        order_by, sort = parameters.get("orderBy", ""), parameters.get("sort", "").lower()
        if order_by and order_by not in _ORDERS:
            message = f"orderBy must be one of {', '.join(_ORDERS)}."
            raise bad_request(ErrorCode.BAD_PARAMETER, message, field="orderBy")
        if sort not in ("", "asc", "desc"):
            raise bad_request(ErrorCode.BAD_PARAMETER, "sort must be asc or desc.", field="sort")
        return cls(order_by or ("CreatedOn" if sort else default), sort == "desc")


class Selections:
    """Answers to list queries."""

    def __init__(self, store: Store) -> None:
        """Select from `store`."""
        self._store = store
        self._remembered: Remembered[list[Customer]] = Remembered()

    def select(self, parameters: Mapping[str, str]) -> Sequence[Customer]:
        """All customers that a query asks for, in its order; Refusal (400) if the query is wrong."""
        ordering = Ordering.parse(parameters, default="CustomerCode")
        includes_obsolete, stopped_only = flag(parameters, "includeObsolete"), flag(parameters, "stopCredit")
        wanted = tuple((name, parameters[name]) for name in _FILTERS if parameters.get(name))
        question = (ordering, includes_obsolete, stopped_only, wanted)

        def find() -> list[Customer]:
            predicates = [_FILTERS[name](value) for name, value in wanted]
            if not includes_obsolete:
                predicates.append(lambda customer: not customer.document["Obsolete"])
            if stopped_only:
                predicates.append(lambda customer: bool(customer.document["StopCredit"]))
            found = [each for each in self._store.ordered(ordering.order_by) if all(test(each) for test in predicates)]
            if ordering.is_descending:
                found.reverse()
            return found

        return self._remembered.answer(question, self._store.version, find)


def ordered_contacts(contacts: Sequence[Contact], parameters: Mapping[str, str]) -> list[Contact]:
    """Sort a customer's contacts as asked for; by default the primary first, then by names (line 492)."""
    ordering = Ordering.parse(parameters, default="")
    match ordering.order_by:
        case "CreatedOn":
            found = sorted(contacts, key=lambda contact: (contact.created, contact.guid))
        case "LastModifiedOn":
            found = sorted(contacts, key=lambda contact: (contact.modified, contact.guid))
        case _:
            found = sorted(contacts, key=_by_name)
    return found[::-1] if ordering.is_descending else found


def _by_name(contact: Contact) -> tuple[bool, str, str, str]:
    first, last = (_text(name, contact.document).casefold() for name in ("FirstName", "LastName"))
    return (not contact.is_default, first, last, contact.guid)
