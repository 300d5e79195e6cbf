"""Unleashed's rules over several fields of a record, or several records of a customer.

Only what the vendor's page states; by column on whole frames, so that 100,000 rows take a fraction of a second. Values
against Unleashed's own lists (a type and its Guid) are checked where those lists are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.connectors.protocol import Finding
from bulkio.connectors.unleashed.catalogue import (
    ADDRESSES,
    CONTACTS,
    CUSTOMERS,
    NEEDS_PRIMARY_CONTACT,
    PRIMARY_CONTACT,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

_OWNER = CONTACTS.parent_key
_PLACE = "DeliveryAddress"


def check_rules(frames: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    """What breaks a rule in the effective frames (canonical text, index = sheet row); see `Connector`.

    Columns and whole frames may be missing; a rule that needs one that is not there says nothing.
    """
    customers, addresses, contacts = (frames.get(entity.name) for entity in (CUSTOMERS, ADDRESSES, CONTACTS))
    if customers is not None:
        yield from _needs_primary_contact(customers)
    if contacts is not None:
        yield from _needs_a_name(contacts)
        yield from _unique_contacts(contacts)
        if addresses is not None:
            yield from _named_addresses(contacts, addresses)


def _needs_primary_contact(customers: pd.DataFrame) -> Iterator[Finding]:
    """The page: "If supplied, Primary Contact details are required" (POST 675, 702, 715, 727, 756, 760)."""
    has_contact = _any_filled(customers, PRIMARY_CONTACT)
    if has_contact is None:
        return
    for name in NEEDS_PRIMARY_CONTACT:
        if name in customers.columns:
            for row in customers.index[(customers[name] != "") & ~has_contact].tolist():
                yield Finding(
                    entity=CUSTOMERS.name,
                    row=row,
                    field=name,
                    message=f"{name} needs a primary contact, and this customer has none",
                    hint=f"Fill in {_or(PRIMARY_CONTACT)}, or leave {name} blank.",
                    involved=PRIMARY_CONTACT,
                )


def _needs_a_name(contacts: pd.DataFrame) -> Iterator[Finding]:
    """The page: "At a minimum, a valid FirstName, LastName, and/or EmailAddress are required" (POST/PUT 930)."""
    names = CONTACTS.key_fields
    is_named = _any_filled(contacts, names)
    if is_named is None:
        return
    for row in contacts.index[~is_named].tolist():
        yield Finding(
            entity=CONTACTS.name,
            row=row,
            field=names[0],
            message=f"a contact needs {_or(names)}",
            hint="Fill in at least one of them.",
            involved=names[1:],
        )


def _unique_contacts(contacts: pd.DataFrame) -> Iterator[Finding]:
    """The page: "... and the combination of the three must be unique" (POST/PUT 930).

    Held to be within the customer, as the list of contacts is, and whatever the case, as names are.
    """
    names = CONTACTS.key_fields
    if not {_OWNER, *names} <= set(contacts.columns):
        return
    is_named = _any_filled(contacts, names)
    key = contacts[[_OWNER, *names]].loc[is_named]
    folded = key.apply(lambda column: column.str.casefold())
    several = folded[folded.duplicated(keep=False)]
    if several.empty:
        return
    for rows in several.groupby(list(several.columns), sort=False).groups.values():
        labels = [int(row) for row in rows]
        for row in labels:
            yield Finding(
                entity=CONTACTS.name,
                row=row,
                field=names[0],
                message=f"another contact of this customer has the same {_and(names)}",
                hint="The three together must be unique within a customer.",
                involved=names[1:],
                others=tuple(each for each in labels if each != row),
            )


def _named_addresses(contacts: pd.DataFrame, addresses: pd.DataFrame) -> Iterator[Finding]:
    """The page: "If supplied, must match an existing Delivery Address name" (POST/PUT 940).

    Only where the frame has addresses of that customer: of the others we do not know them.
    """
    if not {_OWNER, _PLACE} <= set(contacts.columns) or not {_OWNER, "AddressName"} <= set(addresses.columns):
        return
    wanted = contacts.loc[contacts[_PLACE] != "", [_OWNER, _PLACE]]
    wanted = wanted[wanted[_OWNER].isin(addresses[_OWNER])]
    known = set(zip(addresses[_OWNER], addresses["AddressName"], strict=True))
    for row, owner, name in zip(wanted.index.tolist(), wanted[_OWNER], wanted[_PLACE], strict=True):
        if (owner, name) not in known:
            names = sorted({each for holder, each in known if holder == owner and each})
            yield Finding(
                entity=CONTACTS.name,
                row=row,
                field=_PLACE,
                message=f"{owner} has no address named {name!r}",
                hint=f"Its addresses are {_quoted(names)}." if names else "Its addresses have no names.",
                involved=(_OWNER,),
            )


def _any_filled(frame: pd.DataFrame, names: tuple[str, ...]) -> pd.Series[bool] | None:
    """Which rows have one of the columns filled; None where a column is missing, so that nobody can tell."""
    if not set(names) <= set(frame.columns):
        return None
    return (frame[list(names)] != "").any(axis=1)


def _and(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _or(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _quoted(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names[:5]) + (", ..." if len(names) > 5 else "")  # noqa: PLR2004 a hint
