"""The declarative model of an ERP's records: Field, Reference, SlotKind, Entity, Catalogue.

Each connector declares its fields once with these types; columns, dropdowns, notes, the schema, templates, FIELDS.md,
wire paths and the sandbox's checks are derived from that declaration. This module declares no field of any ERP.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from bulkio.core.headers import normalise_header


class Kind(Enum):
    """What a value is; core/kinds.py says how each is spelled in a cell, canonically and on the wire."""

    TEXT = "text"
    DECIMAL = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    GUID = "guid"
    TIMESTAMP = "timestamp"
    DATE = "date"
    LIST = "list"


class Access(Enum):
    """Who may write a field, and when."""

    READ_ONLY = "read-only"  # exported, grey, never sent
    CREATE_ONLY = "create only"  # set when the record is created, never changed afterwards
    WRITABLE = "writable"


class ClearAs(Enum):
    """What is sent to clear a field."""

    NULL = "null"
    EMPTY = "empty text"  # or an empty list: null would leave the old value in place
    NEVER = "never"  # it has no blank state (a boolean), or the ERP requires it


class Format(Enum):
    """A spelling that the ERP validates beyond kind and length."""

    EMAIL = "one e-mail address"
    EMAIL_LIST = "e-mail addresses, separated by commas"
    WEBSITE = "a website address"
    COUNTRY = "a country's name, or its ISO 3166 code of two letters"
    COUNTRY_CODE = "a country's ISO 3166 code of two letters"


@dataclass(frozen=True, slots=True)
class Lookup:
    """The ERP's own list of allowed values: `resource` as its path names it, `attribute` the one that stands here."""

    resource: str
    attribute: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property of a record.

    `name` is the column's header and the wire path (`Currency.CurrencyCode`). `max_length` counts characters.
    `required` means required to create. `also_called` are headers of other files (the vendor's own import
    templates) that mean the same value in the same unit. Of a `masked` field the ERP may show no more than a mask
    (core/masks.py). `source` is the line of the vendor's page (or the observation) that says so.
    """

    name: str
    kind: Kind
    max_length: int | None = None
    required: bool = False
    access: Access = Access.WRITABLE
    choices: tuple[str, ...] = ()
    lookup: Lookup | None = None
    format: Format | None = None
    clear_as: ClearAs = ClearAs.NULL
    masked: bool = False
    also_called: tuple[str, ...] = ()
    note: str = ""
    example: str = ""
    source: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        """The wire path, part by part."""
        return tuple(self.name.split("."))

    @property
    def is_writable(self) -> bool:
        """Whether an existing record's value may be changed."""
        return self.access is Access.WRITABLE

    @property
    def is_sendable(self) -> bool:
        """Whether the value may stand in a body at all."""
        return self.access is not Access.READ_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Several fields that together name one other record of the ERP (a currency by its code and by its Guid).

    A person changes one of them and the others follow: each of `members` is a field with the attribute of the lookup
    `resource` that it holds. What cannot be followed (no lookup, or several records fit) is sent blank rather than
    with its old value, unless it is `required`, the one member that the ERP insists on.
    """

    resource: str
    members: tuple[tuple[str, str], ...]
    required: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of the group."""
        return tuple(name for name, _ in self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotKind:
    """A kind of place for children beside their parent, in the layout of one row per root record.

    `title` begins its columns' headers (`Shipping 2: City`, or `Postal: City` where there is but one). `value` is what
    the entity's `slot_field` holds of the children that go there; blank where it has none, and all go there.
    """

    title: str
    value: str = ""
    is_numbered: bool = True


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One kind of record, shown as one sheet.

    `id_field` identifies a record for the ERP, `key_fields` for a person (within its parent, if it has one).
    `parent` names the entity that it belongs to, `parent_key` the column that ties it to its parent in the sheet, and
    `record_path` where it stands inside the parent's record. An `embedded` entity is written inside its parent's body,
    always as the whole collection; the others have requests of their own. `soft_delete_field` is the flag that stands
    in for a delete where the ERP has none. With `client_ids` we choose the id of a new record, else the ERP does.
    `created_field` and `modified_field` are the ERP's own times of both.
    """

    name: str
    singular: str
    id_field: str
    key_fields: tuple[str, ...]
    fields: tuple[Field, ...]
    parent: str = ""
    parent_key: str = ""
    record_path: str = ""
    embedded: bool = False
    soft_delete_field: str = ""
    references: tuple[Reference, ...] = ()
    client_ids: bool = False
    created_field: str = ""
    modified_field: str = ""
    slot_field: str = ""
    slot_kinds: tuple[SlotKind, ...] = ()

    def __post_init__(self) -> None:
        """Check the declaration against itself; a wrong catalogue must not import."""
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names):
            msg = f"{self.name}: a field is declared twice"
            raise ValueError(msg)
        headers = [normalise_header(name) for name in (*names, *(n for f in self.fields for n in f.also_called))]
        if twice := {each for each in headers if headers.count(each) > 1}:
            msg = f"{self.name}: a header means two fields: {sorted(twice)}"
            raise ValueError(msg)
        named = {self.id_field, *self.key_fields, self.soft_delete_field, self.created_field, self.modified_field}
        named |= {self.slot_field}
        named |= {name for reference in self.references for name in reference.names}
        if unknown := named - set(names) - {""}:
            msg = f"{self.name}: not declared: {sorted(unknown)}"
            raise ValueError(msg)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by their wire path."""
        return {field.name: field for field in self.fields}

    @cached_property
    def needed(self) -> tuple[Field, ...]:
        """The fields without which no record is created.

        A root record to which the ERP gives an id needs its human key as well: if the answer to its creation were lost,
        nothing else could tell whether it is there.
        """
        key = "" if self.parent or self.client_ids else self.key_fields[0]
        return tuple(field for field in self.fields if field.required or field.name == key)

    @cached_property
    def places(self) -> tuple[SlotKind, ...]:
        """The kinds of slots that children of this kind have in a row of their parent's."""
        return self.slot_kinds or (SlotKind(title=self.singular.capitalize()),)

    @cached_property
    def sendable(self) -> tuple[Field, ...]:
        """The whitelist: the fields that may stand in a body."""
        return tuple(field for field in self.fields if field.is_sendable)

    def reference_of(self, name: str) -> Reference | None:
        """The group that the field belongs to, if any."""
        return next((reference for reference in self.references if name in reference.names), None)


@dataclass(frozen=True)
class Catalogue:
    """All entities of one ERP; the first is the root (customers), the others its children."""

    entities: tuple[Entity, ...]

    def __post_init__(self) -> None:
        """A title names one kind of slot, or a flat sheet's header could mean two."""
        titles = [kind.title.casefold() for child in self.children for kind in child.places]
        if len(set(titles)) != len(titles):
            msg = f"a kind of slot is declared twice: {titles}"
            raise ValueError(msg)

    @cached_property
    def by_name(self) -> dict[str, Entity]:
        """The entities by sheet name."""
        return {entity.name: entity for entity in self.entities}

    @property
    def root(self) -> Entity:
        """The entity that all others belong to."""
        return self.entities[0]

    @property
    def children(self) -> tuple[Entity, ...]:
        """The entities that belong to the root."""
        return self.entities[1:]

    @property
    def contacts(self) -> Entity | None:
        """The children that are people, if the ERP has such: those that have requests of their own."""
        return next((child for child in self.children if child.name == "Contacts"), None)
