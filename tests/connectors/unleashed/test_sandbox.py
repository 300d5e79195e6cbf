"""The connector and the sandbox, two independent readings of the vendor's page, against each other."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import pytest

from bulkio.connectors.protocol import ConnectionSettings, ContactScope, Query
from bulkio.connectors.registry import connector
from bulkio.core.catalogue import Kind
from bulkio.core.kinds import as_datetime, from_wire
from bulkio.core.plan import Action, Change, Operation, Step
from bulkio.core.secret import Secret
from bulkio.errors import RejectedError
from bulkio.sandbox import CREDENTIAL, SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bulkio.connectors.protocol import Link, Record

UNLEASHED = connector("unleashed")
MOVED = ("LastModifiedOn", "LastModifiedBy")


@contextmanager
def opened(options: SandboxOptions, **settings: Any) -> Iterator[Link]:
    """A connection to a sandbox of its own."""
    credentials = {"API_ID": Secret(CREDENTIAL), "API_KEY": Secret(CREDENTIAL)}
    with running(options) as sandbox:
        link = UNLEASHED.connect(ConnectionSettings(base_url=sandbox.url, credentials=credentials, **settings))
        try:
            yield link
        finally:
            link.close()


def everyone(link: Link) -> list[Record]:
    return [record for page in link.reader.pages(Query()) for record in page.records]


def settled(record: Record) -> Record:
    """The record without what every write moves."""
    addresses = record.get("Addresses")
    plain = {name: value for name, value in record.items() if name not in MOVED}
    if addresses:
        plain["Addresses"] = [{n: v for n, v in each.items() if n not in (*MOVED, "Guid")} for each in addresses]
    return plain


def renaming(record: Record) -> Step:
    operation = Operation(
        id="1",
        action=Action.UPDATE,
        entity="Customers",
        key=record["CustomerCode"],
        guid=record["Guid"],
        sheet="Customers",
        row=2,
        changes=(Change("CustomerName", record["CustomerName"], "New"),),
    )
    return Step("Customers", record["Guid"], (operation,))


@pytest.mark.parametrize("salesperson_key", ["Salesperson", "SalesPerson"])
def test_every_customer_goes_back_whole_and_only_its_name_changes(
    salesperson_key: Literal["Salesperson", "SalesPerson"],
) -> None:
    with opened(SandboxOptions(customers=60, seed=5, salesperson_key=salesperson_key)) as link:
        before = everyone(link)
        refused = {record["Guid"] for record in before if not is_renamed(link, record)}
        after = {record["Guid"]: record for record in everyone(link)}
    assert any(record.get("Salesperson") for record in before)
    assert len(refused) <= 2  # records from before the ERP had its rules, which it does not take back as they are
    for record in before:
        name = record["CustomerName"] if record["Guid"] in refused else "New"
        assert settled(after[record["Guid"]]) == {**settled(record), "CustomerName": name}


def is_renamed(link: Link, record: Record) -> bool:
    try:
        return link.writer.send(link.writer.encode(renaming(record), record)).id == record["Guid"]
    except RejectedError as error:
        return not all(message.field for message in error.messages)  # a refusal that names no field would be news


@pytest.mark.parametrize("signature", ["decoded", "raw", "either"])
def test_signatures_hold_under_every_reading_of_the_rule(signature: Literal["decoded", "raw", "either"]) -> None:
    with opened(SandboxOptions(customers=5, seed=1, signature=signature, requires_client_type=True)) as link:
        records = everyone(link)
        moments = [as_datetime(from_wire(Kind.TIMESTAMP, [record["LastModifiedOn"]])[0]) for record in records]
        newest = max(moment for moment in moments if moment)
        since = [each["Guid"] for page in link.reader.pages(Query(modified_since=newest)) for each in page.records]
        assert len(since) < len(records)
        assert records[moments.index(newest)]["Guid"] in since
        assert isinstance(link.reader.children("Contacts", records[0]["Guid"]), list)
        plain = next(record for record in records if record["CustomerCode"].isalnum())
        found = link.reader.find([plain["CustomerCode"]])
        assert found is not None
        assert [each["Guid"] for each in found] == [plain["Guid"]]


def test_calls_are_told_as_they_are_made() -> None:
    told: list[tuple[str, str, int]] = []
    with opened(SandboxOptions(customers=3, seed=1), on_call=lambda *call: told.append(call)) as link:
        list(link.reader.pages(Query(contacts=ContactScope.PRIMARY)))
    assert told == [("GET", "/Customers/1", 200)]
