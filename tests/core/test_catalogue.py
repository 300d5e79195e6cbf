"""The declarative model checks itself, and answers what is derived from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bulkio.connectors.unleashed.catalogue import CATALOGUE
from bulkio.core.catalogue import Access, Catalogue, Entity, Field, Kind, Reference
from bulkio.core.headers import COMMAND, RESULT_COLUMNS, normalise_header

CODE = Field(name="Code", kind=Kind.TEXT)
EVERY_ENTITY = pytest.mark.parametrize("entity", CATALOGUE.entities, ids=lambda entity: entity.name)


def entity(**changes: Any) -> Entity:
    plain: dict[str, Any] = {
        "name": "Things", "singular": "thing", "id_field": "Code", "key_fields": ("Code",), "fields": (CODE,),
    }  # fmt: skip
    return Entity(**{**plain, **changes})


def test_a_field_declared_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        entity(fields=(CODE, replace(CODE, kind=Kind.DECIMAL)))


@pytest.mark.parametrize(
    "changes",
    [
        {"id_field": "Guid"},
        {"key_fields": ("Code", "Nmae")},
        {"soft_delete_field": "Gone"},
        {"modified_field": "At"},
        {"references": (Reference(resource="R", members=(("Code", "A"), ("Other", "B"))),)},
    ],
)
def test_a_name_that_is_not_declared_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not declared"):
        entity(**changes)


@pytest.mark.parametrize(
    ("access", "writable", "sendable"),
    [(Access.READ_ONLY, False, False), (Access.CREATE_ONLY, False, True), (Access.WRITABLE, True, True)],
)
def test_access_says_when_a_field_may_be_sent(access: Access, *, writable: bool, sendable: bool) -> None:
    field = replace(CODE, access=access)
    assert (field.is_writable, field.is_sendable) == (writable, sendable)
    assert entity(fields=(field,)).sendable == ((field,) if sendable else ())


def test_a_name_is_its_wire_path() -> None:
    assert replace(CODE, name="A.B.C").path == ("A", "B", "C")
    assert CODE.path == ("Code",)


def test_a_field_finds_the_group_that_it_belongs_to(customers: Entity) -> None:
    reference = customers.reference_of("Currency.Guid")
    assert reference is not None
    assert reference.names == ("Currency.Code", "Currency.Guid")
    assert customers.reference_of("Name") is None


def test_the_first_entity_is_the_root_and_the_others_its_children(catalogue: Catalogue) -> None:
    assert catalogue.root.name == "Customers"
    assert [child.name for child in catalogue.children] == ["Addresses", "Contacts"]
    assert catalogue.by_name["Addresses"] is catalogue.children[0]
    assert catalogue.contacts is catalogue.children[1]
    assert Catalogue((catalogue.root,)).contacts is None


@EVERY_ENTITY
def test_no_two_headers_of_a_sheet_look_the_same_when_read(entity: Entity) -> None:
    headers = [COMMAND, *RESULT_COLUMNS, *entity.by_name] + ([entity.parent_key] if entity.parent_key else [])
    assert len({normalise_header(header) for header in headers}) == len(headers)


@EVERY_ENTITY
def test_every_field_names_its_source(entity: Entity) -> None:
    assert [field.name for field in entity.fields if not field.source] == []


@EVERY_ENTITY
def test_examples_keep_their_own_limits(entity: Entity) -> None:
    for field in entity.fields:
        assert field.max_length is None or len(field.example) <= field.max_length
        assert not field.choices or field.example in field.choices


@EVERY_ENTITY
def test_children_are_tied_to_a_key_of_their_parent(entity: Entity) -> None:
    if entity.parent:
        assert entity.parent == CATALOGUE.root.name
        assert entity.parent_key in CATALOGUE.root.key_fields
        assert entity.parent_key not in entity.by_name
        assert entity.record_path
