"""A small ERP that does not exist: every kind of field, both kinds of children."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from bulkio.core.catalogue import Access, Catalogue, ClearAs, Entity, Field, Format, Kind, Lookup, Reference, SlotKind
from bulkio.core.grid import Fact, RawColumn, RawSheet
from bulkio.core.lookup import LookupTable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Frame = Callable[..., pd.DataFrame]

# Nothing here is about time: a busy machine must not fail a property.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

CUSTOMERS = Entity(
    name="Customers",
    singular="customer",
    id_field="Guid",
    key_fields=("Code",),
    soft_delete_field="Obsolete",
    client_ids=True,
    modified_field="ModifiedOn",
    fields=(
        Field(name="Code", kind=Kind.TEXT, required=True, access=Access.CREATE_ONLY, clear_as=ClearAs.NEVER),
        Field(name="Name", kind=Kind.TEXT, max_length=20, required=True, clear_as=ClearAs.NEVER, example="Ann's"),
        Field(name="Mail", kind=Kind.TEXT, format=Format.EMAIL),
        Field(name="Tier", kind=Kind.TEXT, choices=("Gold", "Silver")),
        Field(name="Credit", kind=Kind.DECIMAL),
        Field(name="Taxable", kind=Kind.BOOLEAN),
        Field(name="Obsolete", kind=Kind.BOOLEAN, clear_as=ClearAs.NEVER),
        Field(name="Remark", kind=Kind.TEXT, clear_as=ClearAs.EMPTY),
        Field(name="Currency.Code", kind=Kind.TEXT, max_length=3, lookup=Lookup("Currencies", "Code")),
        Field(name="Currency.Guid", kind=Kind.GUID),
        Field(name="Seller.Name", kind=Kind.TEXT, lookup=Lookup("Sellers", "Name")),
        Field(name="Seller.Mail", kind=Kind.TEXT, lookup=Lookup("Sellers", "Mail")),
        Field(name="Seller.Guid", kind=Kind.GUID),
        Field(name="Term", kind=Kind.TEXT, lookup=Lookup("Terms", "Name")),
        Field(name="ModifiedOn", kind=Kind.TIMESTAMP, access=Access.READ_ONLY),
        Field(name="Guid", kind=Kind.GUID, access=Access.CREATE_ONLY, clear_as=ClearAs.NEVER),
    ),
    references=(
        Reference(resource="Currencies", members=(("Currency.Code", "Code"), ("Currency.Guid", "Guid"))),
        Reference(
            resource="Sellers",
            members=(("Seller.Name", "Name"), ("Seller.Mail", "Mail"), ("Seller.Guid", "Guid")),
            required="Seller.Guid",
        ),
    ),
)

ADDRESSES = Entity(
    name="Addresses",
    singular="address",
    id_field="Guid",
    key_fields=("Type", "Name"),
    parent="Customers",
    parent_key="Code",
    record_path="Addresses",
    embedded=True,
    slot_field="Type",
    slot_kinds=(
        SlotKind(title="Postal", value="Postal", is_numbered=False),
        SlotKind(title="Shipping", value="Shipping"),
    ),
    fields=(
        Field(name="Type", kind=Kind.TEXT, choices=("Postal", "Shipping"), clear_as=ClearAs.NEVER),
        Field(name="Name", kind=Kind.TEXT),
        Field(name="City", kind=Kind.TEXT),
        Field(name="Guid", kind=Kind.GUID, access=Access.READ_ONLY),
    ),
)

CONTACTS = Entity(
    name="Contacts",
    singular="contact",
    id_field="Guid",
    key_fields=("First", "Last"),
    parent="Customers",
    parent_key="Code",
    record_path="Contacts",
    fields=(
        Field(name="First", kind=Kind.TEXT),
        Field(name="Last", kind=Kind.TEXT),
        Field(name="Guid", kind=Kind.GUID, access=Access.READ_ONLY),
    ),
)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue((CUSTOMERS, ADDRESSES, CONTACTS))


@pytest.fixture(scope="session")
def customers() -> Entity:
    return CUSTOMERS


@pytest.fixture(scope="session")
def addresses() -> Entity:
    return ADDRESSES


@pytest.fixture(scope="session")
def contacts() -> Entity:
    return CONTACTS


@pytest.fixture(scope="session")
def frame() -> Frame:
    """A canonical frame from columns; `first` is the first label of its index."""

    def build(columns: Mapping[str, Sequence[str]], first: int = 0) -> pd.DataFrame:
        count = len(next(iter(columns.values()), ()))
        return pd.DataFrame(dict(columns), index=range(first, first + count), dtype=object)

    return build


@pytest.fixture(scope="session")
def sheet_of() -> Callable[..., RawSheet]:
    """A raw sheet from headers and columns of text; `facts` gives other facts than text and blank, by header."""

    def build(
        columns: Sequence[tuple[str, Sequence[str]]], facts: Mapping[str, Sequence[Fact]] | None = None
    ) -> RawSheet:
        count = len(columns[0][1]) if columns else 0
        return RawSheet(
            name="Customers",
            header_row=1,
            rows=list(range(2, 2 + count)),
            columns=tuple(
                RawColumn(
                    header,
                    chr(ord("A") + at),
                    list(text),
                    bytes((facts or {}).get(header, [Fact.TEXT if each else Fact.BLANK for each in text])),
                )
                for at, (header, text) in enumerate(columns)
            ),
        )

    return build


@pytest.fixture(scope="session")
def tables() -> dict[str, LookupTable | None]:
    return {
        "Currencies": LookupTable("Currencies", [{"Code": "NZD", "Guid": "g-nzd"}, {"Code": "AUD", "Guid": "g-aud"}]),
        "Sellers": LookupTable(
            "Sellers",
            [
                {"Name": "Sam", "Mail": "sam@example.com", "Guid": "g-sam"},
                {"Name": "Kim", "Mail": "kim1@example.com", "Guid": "g-kim1"},
                {"Name": "Kim", "Mail": "kim2@example.com", "Guid": "g-kim2"},
            ],
        ),
        "Terms": LookupTable("Terms", [{"Name": "30 days"}, {"Name": ""}, {"Name": "30 days"}, {"Name": "7 days"}]),
    }
