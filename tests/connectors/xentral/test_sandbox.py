"""The connector and the sandbox, two independent readings of the vendor's pages, against each other."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bulkio.connectors.protocol import ConnectionSettings, ContactScope, Query
from bulkio.connectors.xentral.catalogue import CATALOGUE
from bulkio.connectors.xentral.connector import XENTRAL
from bulkio.connectors.xentral.refusals import column_of
from bulkio.core.kinds import as_datetime
from bulkio.core.masks import is_mask
from bulkio.core.plan import Action, Change, Operation, Step
from bulkio.core.records import canonical
from bulkio.core.secret import Secret
from bulkio.errors import RejectedError
from bulkio.sandbox import CREDENTIAL, SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bulkio.connectors.protocol import Link, Record

NEW = {
    "number": "N-1",
    "primaryAddress.name": "Neu GmbH",
    "primaryAddress.street": "Fuggerstraße 15",
    "primaryAddress.zipCode": "86150",
    "primaryAddress.city": "Augsburg",
    "primaryAddress.country": "DE",
}


@contextmanager
def opened(options: SandboxOptions) -> Iterator[Link]:
    """A connection to a sandbox of its own, at a pace that no test has to wait for."""
    with running(options) as sandbox:
        settings = ConnectionSettings(
            base_url=sandbox.url, credentials={"TOKEN": Secret(CREDENTIAL)}, requests_per_minute=100_000
        )
        link = XENTRAL.connect(settings)
        try:
            yield link
        finally:
            link.close()


@pytest.fixture
def link() -> Iterator[Link]:
    """A sandbox of the test's own."""
    with opened(SandboxOptions(customers=12, seed=3)) as link:
        yield link


def everyone(link: Link, **query: Any) -> list[Record]:
    return [record for page in link.reader.pages(Query(**query)) for record in page.records]


def step(
    entity: str, changes: dict[str, tuple[str, str]], *, guid: str = "", root: str = "", action: Action = Action.UPDATE
) -> Step:
    operation = Operation(
        id="o", action=action, entity=entity, key="k", guid=guid, sheet=entity, row=2, parent_guid=root,
        changes=tuple(Change(name, before, after) for name, (before, after) in changes.items()),
    )  # fmt: skip
    return Step(entity, root or guid, (operation,))


def write(link: Link, some: Step, live: Record | None) -> Any:
    return link.writer.send(link.writer.encode(some, live))


def fetched(link: Link, identifier: str) -> Record:
    (record,) = link.reader.fetch([identifier])
    return record


def test_every_customer_comes_once_and_with_all_its_parts() -> None:
    with opened(SandboxOptions(customers=120, seed=3)) as link:
        pages = list(link.reader.pages(Query()))
        assert [(page.number, page.pages, page.total) for page in pages] == [(1, 2, 120), (2, 2, 120)]
        records = [record for page in pages for record in page.records]
        assert len({record["id"] for record in records}) == 120
        assert all({"groups", "tags", "customFields", "deliveryAddresses", "contactPersons"} <= set(r) for r in records)
        assert any(record["deliveryAddresses"] for record in records)


def test_bank_data_comes_masked_and_is_recognised_as_such(link: Link) -> None:
    masked = [field.name for field in CATALOGUE.root.fields if field.masked]
    values = [canonical(CATALOGUE.root, record, name) for record in everyone(link) for name in masked]
    assert any(values)
    assert all(is_mask(value) for value in values if value)


def test_a_billing_address_comes_and_goes_as_a_whole(link: Link) -> None:
    record = next(each for each in everyone(link) if each["deviatingBillingAddress"] is None)
    filled = {"name": "Buchhaltung", "street": "S 1", "zipCode": "1", "city": "Ulm", "country": "DE"}
    changes = {f"deviatingBillingAddress.{part}": ("", value) for part, value in filled.items()}
    write(link, step("Customers", changes, guid=record["id"]), record)
    record = fetched(link, record["id"])
    assert filled.items() <= record["deviatingBillingAddress"].items()
    cleared = {name: (after, "") for name, (_, after) in changes.items()}
    write(link, step("Customers", cleared, guid=record["id"]), record)
    assert fetched(link, record["id"])["deviatingBillingAddress"] is None


def test_a_customer_is_made_found_and_deleted(link: Link) -> None:
    changes = {name: ("", value) for name, value in NEW.items()} | {"tags.title": ("", "VIP")}
    reply = write(link, step("Customers", changes, action=Action.CREATE), None)
    (record,) = link.reader.find(["N-1"]) or ()
    assert reply.id == record["id"]
    assert record["tags"]["title"] == ["VIP"]
    assert len(everyone(link)) == 13
    write(link, step("Customers", {}, guid=record["id"], action=Action.DELETE), record)
    assert list(link.reader.fetch([record["id"]])) == []
    assert list(link.reader.find(["N-1"]) or ()) == []
    assert len(everyone(link)) == 12
    with pytest.raises(RejectedError, match="404"):
        write(link, step("Customers", {}, guid=record["id"], action=Action.DELETE), record)


@pytest.mark.parametrize(
    ("entity", "filled", "change"),
    [
        (
            "Addresses",
            {"name": "Lager", "street": "S 1", "zipCode": "1", "city": "Ulm", "country": "DE", "state": "BY"},
            {"deliveryDetails.note": "Tor 4", "city": "Bonn"},
        ),
        ("Contacts", {"name": "Ann", "email": "ann@example.com"}, {"contactPersonDetails.birthday": "1980-05-17"}),
    ],
)
def test_a_child_is_made_changed_and_deleted(
    link: Link, entity: str, filled: dict[str, str], change: dict[str, str]
) -> None:
    root = everyone(link)[0]["id"]
    child = CATALOGUE.by_name[entity]
    new = {name: ("", value) for name, value in filled.items()}
    reply = write(link, step(entity, new, root=root, action=Action.CREATE), {child.record_path: []})
    there = link.reader.children(entity, root)
    (made,) = (each for each in there if each["id"] == reply.id)
    assert {name: canonical(child, made, name) for name in filled} == filled

    edits = {name: (canonical(child, made, name), value) for name, value in change.items()}
    write(link, step(entity, edits, guid=reply.id, root=root), {child.record_path: there})
    (now,) = (each for each in link.reader.children(entity, root) if each["id"] == reply.id)
    assert {name: canonical(child, now, name) for name in {**filled, **change}} == {**filled, **change}

    write(link, step(entity, {}, guid=reply.id, root=root, action=Action.DELETE), {child.record_path: [now]})
    assert [each["id"] for each in link.reader.children(entity, root)] == [
        e["id"] for e in there if e["id"] != reply.id
    ]


@pytest.mark.parametrize("violations", ["mirrored", "dotted"])
def test_a_refusal_names_the_column(violations: Any) -> None:
    with opened(SandboxOptions(customers=3, violations=violations)) as link:
        record = everyone(link)[0]
        with pytest.raises(RejectedError) as caught:
            write(link, step("Customers", {"primaryAddress.country": ("DE", "Nowhere")}, guid=record["id"]), record)
        assert "primaryAddress.country" in [column_of(message.field) for message in caught.value.messages]


def test_what_changed_since_an_instant_is_listed_to_the_instant(link: Link) -> None:
    records = everyone(link)
    times = sorted(as_datetime(canonical(CATALOGUE.root, record, "updatedAt")) for record in records)  # type: ignore[type-var]
    middle = times[len(times) // 2]
    assert middle is not None
    later = {r["id"] for r in records if as_datetime(canonical(CATALOGUE.root, r, "updatedAt")) >= middle}  # type: ignore[operator]
    pages = list(link.reader.pages(Query(modified_since=middle)))
    assert {record["id"] for page in pages for record in page.records} == later
    assert {page.total for page in pages} == {len(later) + sum(len(page.left_out) for page in pages)}
    assert not everyone(link, modified_since=times[-1] + timedelta(seconds=1))  # type: ignore[operator]


def test_contacts_come_only_where_they_are_wanted(link: Link) -> None:
    assert all("contactPersons" not in record for record in everyone(link, contacts=ContactScope.NONE))


def test_custom_fields_are_those_of_the_settings(link: Link) -> None:
    declared = {field.name for field in CATALOGUE.root.fields if field.path[0] == "customFields"}
    absent = link.reader.absent_fields()
    assert absent < declared
    shown = {f"customFields.{key}" for record in everyone(link) for key in record["customFields"]}
    assert declared - absent == shown & declared
