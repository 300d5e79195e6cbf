"""Xentral's rules over several fields of a record, and spellings that are Xentral's own.

Only what its documents state or a live system was seen to insist on; by column on whole frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.connectors.protocol import Finding
from bulkio.connectors.xentral.catalogue import (
    ADDRESS_REQUIRED,
    ADDRESSES,
    BILLING,
    CATALOGUE,
    CONTACTS,
    CUSTOMERS,
    PRIMARY,
)
from bulkio.core.catalogue import Kind
from bulkio.core.lists import split_members
from bulkio.core.masks import is_mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

_MANAGER, _COMMISSION = "salesManager.id", "salesManager.commission"

_GLN = (r"[0-9]{13}", "13 digits")
_TWO = (r".{2}", "exactly two characters")

#: Entity, field, the whole value's pattern, and in words.
_SPELLINGS = (
    (CUSTOMERS.name, f"{PRIMARY}.gln", *_GLN),
    (CUSTOMERS.name, f"{BILLING}.gln", *_GLN),
    (CUSTOMERS.name, "communication.language", *_TWO),
    (CUSTOMERS.name, "financials.defaultCurrency", r".{3}", "exactly three characters"),
    (ADDRESSES.name, "gln", *_GLN),
    (ADDRESSES.name, "state", *_TWO),
    (CONTACTS.name, "state", *_TWO),
)


def check_rules(frames: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    """What breaks a rule in the effective frames (canonical text, index = sheet row); see `Connector`.

    Columns and whole frames may be missing; a rule that needs one that is not there says nothing.
    """
    customers = frames.get(CUSTOMERS.name)
    if customers is not None:
        yield from _whole_address(customers, BILLING, "Fill them all in, or leave or clear the whole address.")
        if CUSTOMERS.id_field in customers.columns:  # of a new customer they are required one by one
            known = customers[customers[CUSTOMERS.id_field] != ""]
            yield from _whole_address(known, PRIMARY, "Fill them all in: this customer has no address yet.")
        yield from _commission_has_a_manager(customers)
        yield from _unmasked(customers)
    for sheet, name, pattern, words in _SPELLINGS:
        frame = frames.get(sheet)
        if frame is not None and name in frame.columns:
            yield from _spelled(sheet, name, frame[name], pattern, words)
    for entity in CATALOGUE.entities:
        frame = frames.get(entity.name)
        for field in entity.fields:
            is_reference = field.is_sendable and len(field.path) > 1 and field.path[-1] == "id"
            if frame is not None and is_reference and field.name in frame.columns:
                yield from _ids(entity.name, field.name, frame[field.name], is_list=field.kind is Kind.LIST)


def _whole_address(customers: pd.DataFrame, prefix: str, hint: str) -> Iterator[Finding]:
    """An address has a name, street, zipCode, city and country, or there is none (V3 customer)."""
    names = [str(name) for name in customers.columns if str(name).startswith(f"{prefix}.")]
    needed = [f"{prefix}.{name}" for name in ADDRESS_REQUIRED]
    if not set(needed) <= set(names):
        return
    begun = customers[(customers[names] != "").any(axis=1)]
    for name in needed:
        for row in begun.index[begun[name] == ""].tolist():
            yield Finding(
                entity=CUSTOMERS.name,
                row=row,
                field=name,
                message=f"the {prefix} needs {_and(ADDRESS_REQUIRED)}",
                hint=hint,
                involved=tuple(each for each in names if each != name),
            )


def _commission_has_a_manager(customers: pd.DataFrame) -> Iterator[Finding]:
    if not {_MANAGER, _COMMISSION} <= set(customers.columns):
        return
    for row in customers.index[(customers[_COMMISSION] != "") & (customers[_MANAGER] == "")].tolist():
        yield Finding(
            entity=CUSTOMERS.name,
            row=row,
            field=_COMMISSION,
            message=f"{_COMMISSION} needs {_MANAGER}, and this customer has none",
            hint=f"Fill in {_MANAGER}, or leave {_COMMISSION} blank.",
            involved=(_MANAGER,),
        )


def _unmasked(customers: pd.DataFrame) -> Iterator[Finding]:
    """Of a new customer only: a row copied from an export holds what Xentral shows of an account, not the account."""
    known = customers.get(CUSTOMERS.id_field)
    new = customers if known is None else customers[known == ""]
    for name in (field.name for field in CUSTOMERS.fields if field.masked and field.name in new.columns):
        for row, value in new.loc[new[name].map(is_mask), name].items():
            yield Finding(
                entity=CUSTOMERS.name,
                row=int(str(row)),
                field=name,
                message=f"{value!r} is what Xentral shows of a value that it masks",
                hint="Write the whole value, or leave the cell blank.",
            )


def _spelled(entity: str, name: str, values: pd.Series[str], pattern: str, words: str) -> Iterator[Finding]:
    for row, value in values[(values != "") & ~values.str.fullmatch(pattern)].items():
        yield Finding(
            entity=entity, row=int(str(row)), field=name, message=f"{value!r} is not {words}", hint=f"Write {words}."
        )


def _ids(entity: str, name: str, values: pd.Series[str], *, is_list: bool) -> Iterator[Finding]:
    """References are by the ERP's own ids, which are numbers."""
    for row, value in values[(values != "") & ~values.str.fullmatch("[0-9]+")].items():
        members = split_members(value) if is_list else None
        if members and all(member.isascii() and member.isdigit() for member in members):
            continue
        message = f"{value!r} is not {'a list of ids' if is_list else 'an id'} of the ERP's"
        hint = "Write them like 3; 7." if is_list else "Write its number."
        yield Finding(entity=entity, row=int(str(row)), field=name, message=message, hint=hint)


def _and(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
