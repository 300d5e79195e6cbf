"""The declarations: whether they fit each other, and what the server says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.connectors.protocol import Deletes
from bulkio.connectors.registry import known
from bulkio.core.catalogue import Access, ClearAs, Kind
from bulkio.core.grid import Fact, RawColumn
from bulkio.core.parsing import parse_column

if TYPE_CHECKING:
    from desk import Desk
    from subject import Subject

    from bulkio.core.catalogue import Entity, Field


def fields(subject: Subject) -> list[tuple[Entity, Field]]:
    return [(entity, field) for entity in subject.connector.catalogue.entities for field in entity.fields]


def test_every_connector_of_the_registry_is_tried(subjects: tuple[Subject, ...]) -> None:
    assert sorted(subject.name for subject in subjects) == sorted(known())


def test_the_connector_goes_by_the_name_of_the_registry(subject: Subject) -> None:
    assert subject.connector.name == subject.name
    assert subject.connector.title
    assert set(subject.connector.credentials) == subject.secrets.keys()


def test_children_are_tied_to_the_root_by_its_key(subject: Subject) -> None:
    catalogue = subject.connector.catalogue
    assert not catalogue.root.parent
    assert len(catalogue.root.key_fields) == 1
    for child in catalogue.children:
        assert (child.parent, child.parent_key) == (catalogue.root.name, subject.key)
        assert child.parent_key not in child.by_name, "its sheet gets that column from the parent"
    places = [child.record_path for child in catalogue.children]
    assert all(places)
    assert len({*places}) == len(places)


def test_every_field_says_where_it_is_documented(subject: Subject) -> None:
    assert [f"{entity.name}.{field.name}" for entity, field in fields(subject) if not field.source] == []


def test_every_example_can_be_read_and_is_allowed(subject: Subject) -> None:
    for _, field in fields(subject):
        if field.example:
            parsed = parse_column(field.kind, RawColumn(field.name, "", [field.example], bytes((Fact.TEXT,))))
            assert not parsed.failures, field.name
            assert len(field.example) <= (field.max_length or len(field.example)), field.name
            assert not field.choices or field.example in field.choices, field.name


def test_what_is_required_can_be_given_and_never_cleared(subject: Subject) -> None:
    for _, field in fields(subject):
        if field.required:
            assert field.is_sendable, field.name
            assert field.clear_as is ClearAs.NEVER, field.name


def test_what_may_be_masked_is_never_changed(subject: Subject) -> None:
    """Nobody could say whether such a value differs from the one that is there."""
    assert [field.name for _, field in fields(subject) if field.masked and field.is_writable] == []


def test_records_are_known_by_fields_that_are_there(subject: Subject) -> None:
    root = subject.root
    assert root.by_name[subject.key].access is Access.CREATE_ONLY, "a key that changes ties no children"
    assert root.client_ids == subject.connector.capabilities.client_ids
    assert root.by_name[root.id_field].is_sendable == root.client_ids, "an id is ours to give, or the ERP's"
    for entity in subject.connector.catalogue.children:
        assert not entity.by_name[entity.id_field].is_sendable


def test_the_soft_delete_is_a_flag_where_the_erp_has_no_other(subject: Subject) -> None:
    flag = subject.root.soft_delete_field
    assert bool(flag) == (subject.connector.capabilities.deletes is Deletes.SOFT)
    if flag:
        assert subject.root.by_name[flag].kind is Kind.BOOLEAN
        assert subject.root.by_name[flag].is_writable


def test_capabilities_fit_each_other(subject: Subject) -> None:
    able = subject.connector.capabilities
    assert 0 < able.page_size <= able.max_page
    assert able.calls_a_record >= 1
    assert able.incremental or not able.whole_days
    assert bool(subject.root.modified_field) or not able.incremental


def test_lookups_that_the_account_may_read_have_the_attributes_that_stand_in_records(library: Desk) -> None:
    for entity in library.account.connector.catalogue.entities:
        wanted = {(each.lookup.resource, each.lookup.attribute) for each in entity.fields if each.lookup}
        wanted |= {(each.resource, name) for each in entity.references for _, name in each.members}
        for resource, attribute in wanted:
            table = library.reader.lookup(resource)
            assert table is None or table.values(attribute), (resource, attribute)
    assert library.reader.lookup("NoSuchList") is None


def test_references_lead_from_fields_that_may_be_sent(subject: Subject) -> None:
    for entity in subject.connector.catalogue.entities:
        for reference in entity.references:
            assert all(entity.by_name[name].is_sendable for name in reference.names)
            assert reference.required in ("", *reference.names)


def test_fields_that_an_account_lacks_are_fields(library: Desk) -> None:
    root = library.subject.root
    absent = library.reader.absent_fields()
    assert absent <= root.by_name.keys()
    assert not absent & {root.id_field, *root.key_fields}


def test_the_parts_that_a_subject_gives_out_are_played_by_fields_that_can(subject: Subject) -> None:
    root, child = subject.root, subject.connector.catalogue.by_name[subject.child]
    assert (root.by_name[subject.text].kind, root.by_name[subject.text].is_writable) == (Kind.TEXT, True)
    assert (root.by_name[subject.decimal].kind, root.by_name[subject.decimal].is_writable) == (Kind.DECIMAL, True)
    assert (root.by_name[subject.flag].kind, root.by_name[subject.flag].is_writable) == (Kind.BOOLEAN, True)
    assert child.by_name[subject.child_text].is_writable
    assert not child.embedded
    assert subject.new.keys() == subject.connector.catalogue.by_name.keys()
