"""Plans made by hand from what a sandbox holds, so that a proof needs neither sheets nor the planner."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import bulkio
from bulkio.connectors.protocol import ContactScope, Query
from bulkio.core.kinds import canonical_timestamp
from bulkio.core.plan import Action, Change, Operation, Origin, Plan, operation_id
from bulkio.core.records import canonical, identity, pack_records
from bulkio.core.report import Status
from bulkio.core.secret import Secret
from bulkio.profiles import sandbox_profile
from bulkio.workflows.cost import forecast

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.connectors.protocol import Record

#: What the server itself writes whenever a record is written, and what it copies from the primary contact.
OWN = {"LastModifiedOn", "LastModifiedBy"}


def environment(folder: Path, url: str, **more: str) -> dict[str, str]:
    """An environment in which nothing of the machine's user counts, and that is a profile by itself."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("BULKIO_", "XDG_"))}
    return {
        **clean,
        "HOME": str(folder),
        "BULKIO_STATE_DIR": str(folder / "state"),
        "BULKIO_ERP": "unleashed",
        "BULKIO_BASE_URL": url,
        "BULKIO_API_ID": "sandbox",
        "BULKIO_API_KEY": "sandbox",
        "BULKIO_TIMEOUT": "5",
        "BULKIO_SETTLE_SECONDS": "1",
        **more,
    }


def account_of(url: str, folder: Path, *, settle_seconds: float = 1) -> bulkio.Account:
    """The account that `environment` describes."""
    profile = replace(sandbox_profile("unleashed", url), name="env", timeout=5, settle_seconds=settle_seconds)  # type: ignore[arg-type] tests are in a hurry
    credentials = {name: Secret("sandbox") for name in ("API_ID", "API_KEY")}
    return bulkio.Account(profile, credentials=credentials, state_dir=folder / "state")


@dataclass
class HandMade:
    """A plan in the making. Customers are named by their code, contacts and addresses by their position."""

    account: bulkio.Account
    name: str = "plan"
    operations: list[Operation] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    live_at: str = ""
    workers: int = 4
    on_conflict: str = "stop"

    def __post_init__(self) -> None:
        self.catalogue = self.account.connector.catalogue
        for page in self.account.link.reader.pages(Query(contacts=ContactScope.ALL)):
            self.live_at = self.live_at or canonical_timestamp((page.server_time or datetime.now(UTC)).isoformat())
            self.records |= {record["CustomerCode"]: record for record in page.records}

    def sound(self) -> list[str]:
        """The codes of customers that the ERP takes back as they are: old ones may break its newer rules."""
        names = ("ContactFirstName", "ContactLastName", "Email")
        details = (*names, "PhoneNumber", "MobileNumber", "DDINumber", "TollFreeNumber", "FaxNumber", "Website")
        return [
            code
            for code, record in sorted(self.records.items())
            if not record.get("EmailCC")
            and (any(record.get(name) for name in names) or not any(record.get(name) for name in details))
        ]

    def update(self, code: str, **values: str) -> Operation:
        record = self.records[code]
        return self._add(Action.UPDATE, "Customers", code, record, None, values)

    def obsolete(self, code: str) -> Operation:
        return self._add(Action.DELETE, "Customers", code, self.records[code], None, {"Obsolete": "true"})

    def create(self, code: str, **values: str) -> Operation:
        guid = operation_id(self.name, "id", code)
        self.records[code] = {"Guid": guid, "CustomerCode": code, "new": True}
        return self._add(Action.CREATE, "Customers", code, None, None, {"CustomerCode": code, **values}, guid=guid)

    def change_child(self, entity: str, code: str, at: int, **values: str) -> Operation:
        root = self.records[code]
        child = root[self.catalogue.by_name[entity].record_path][at]
        return self._add(Action.UPDATE, entity, f"{code} {entity} {at}", child, root, values)

    def delete_child(self, entity: str, code: str, at: int) -> Operation:
        root = self.records[code]
        declared = self.catalogue.by_name[entity]
        child = root[declared.record_path][at]
        values = {
            each.name: "" for each in declared.fields if each.is_writable and canonical(declared, child, each.name)
        }
        return self._add(Action.DELETE, entity, f"{code} {entity} {at}", child, root, values)

    def create_child(self, entity: str, code: str, **values: str) -> Operation:
        return self._add(Action.CREATE, entity, f"{code} {entity} new", None, self.records[code], values)

    def _add(  # noqa: PLR0913, PLR0917 an operation has that many parts
        self,
        action: Action,
        entity: str,
        key: str,
        record: Record | None,
        root: Record | None,
        values: dict[str, str],
        *,
        guid: str = "",
    ) -> Operation:
        declared = self.catalogue.by_name[entity]
        values = {name.replace("__", "."): after for name, after in values.items()}
        before = {name: "" if record is None else canonical(declared, record, name) for name in values}
        operation = Operation(
            id=operation_id(self.name, entity, str(len(self.operations))),
            action=action,
            entity=entity,
            key=key,
            guid=guid or ("" if record is None else identity(declared, record)),
            parent_guid="" if root is None else root["Guid"],
            parent_key="" if root is None else root["CustomerCode"],
            natural_key=() if record is None else tuple(canonical(declared, record, n) for n in declared.key_fields),
            sheet=entity,
            row=len(self.operations) + 2,
            changes=tuple(Change(name, before[name], after) for name, after in values.items()),
        )
        self.operations.append(operation)
        return operation

    def plan(self) -> Plan:
        """The plan as it is now."""
        account = self.account
        there = [record for record in self.records.values() if "new" not in record]
        return Plan(
            plan_id=operation_id(self.name, "plan"),
            origin=Origin(
                profile=account.profile.name,
                erp=account.connector.name,
                tenant=account.link.reader.tenant,
                file="(none)",
                file_sha256="",
                created_at=canonical_timestamp(datetime.now(UTC).isoformat(timespec="milliseconds")),
                live_at=self.live_at,
                population=len(there),
            ),
            operations=tuple(self.operations),
            conflicts=(),
            issues=(),
            cost=forecast(account.connector, self.operations, workers=self.workers, requests_per_minute=None),
            options={"on_conflict": self.on_conflict},
            live=pack_records([record for record in there if record["Guid"] in {o.root_guid for o in self.operations}]),
        )


def differences(plan: Plan, outcomes: dict[str, Any], before: dict[str, Record], after: dict[str, Record]) -> list[str]:
    """Where the server does not hold what the outcomes say: lost, doubled, or never asked for.

    `before` and `after` are the sandbox's customers by id. IN_DOUBT and CONFLICT may be either way.
    """
    found: list[str] = []
    expected = {guid: _plain(record) for guid, record in before.items()}
    actual = {guid: _plain(record) for guid, record in after.items()}
    for operation in plan.operations:
        status = outcomes[operation.id].status
        if status in (Status.PLANNED, Status.INTENT, Status.UNKNOWN, Status.ACKED, Status.NOT_SENT):
            found.append(f"unaccounted: {operation.key} is {status.value}: {outcomes[operation.id].message}")
        is_done = _is_done(operation, actual.get(operation.root_guid))
        if status is Status.VERIFIED and not is_done:
            found.append(f"lost: {operation.key} is said to be verified")
        if status in (Status.REJECTED, Status.SKIPPED) and is_done:
            found.append(f"done: {operation.key} is said to be {status.value}: {outcomes[operation.id].message}")
        if is_done:
            _do(operation, expected, actual)
    for guid in expected.keys() | actual.keys():
        old, new = expected.get(guid), actual.get(guid)
        if old is None or new is None:
            found.append(f"a customer too many or too few: {(old or new or {}).get('CustomerCode')}")
            continue
        found += [
            f"doubled or lost: {old['CustomerCode']} has {len(new[entity])} {entity}, not {len(old[entity])}"
            for entity in ("Addresses", "Contacts")
            if len(old[entity]) != len(new[entity])
        ]
    return found


def _plain(record: Record) -> Record:
    return {**record, "Addresses": list(record["Addresses"]), "Contacts": list(record["Contacts"])}


def _is_done(operation: Operation, root: Record | None) -> bool:
    if root is None:
        return False
    if operation.entity == "Customers":
        return all(_text(root, name) == after for name, after in operation.target.items())
    members = root[operation.entity]
    if operation.action is Action.DELETE:
        return all(member["Guid"] != operation.guid for member in members)
    return any(all(_text(member, name) == after for name, after in operation.target.items()) for member in members)


def _do(operation: Operation, expected: dict[str, Record], actual: dict[str, Record]) -> None:
    """The operation's effect on how many there are of everything."""
    if operation.entity == "Customers":
        if operation.action is Action.CREATE:
            created = actual[operation.guid]
            expected[operation.guid] = {**created, "Addresses": [], "Contacts": []}
        return
    members = expected.setdefault(operation.root_guid, {"Addresses": [], "Contacts": []})[operation.entity]
    if operation.action is Action.CREATE:
        members.append({})
    elif operation.action is Action.DELETE:
        members.pop()


def _text(record: Record, name: str) -> str:
    value: Any = record
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
