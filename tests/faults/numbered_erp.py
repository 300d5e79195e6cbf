"""A second ERP in memory: it numbers all its records itself, changes only what it is told, and really deletes.

It has no uniqueness rules either, so that nothing but the protocol keeps a customer from being there twice.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulated_erp import CAPABILITIES, CONNECTOR, Erp, SimulatedLink, stamp

from bulkio.connectors.protocol import Deletes, Page, Reply, UpdateStyle, WriteRequest
from bulkio.core.catalogue import Access, Catalogue, Entity, Field, Kind
from bulkio.core.kinds import to_wire
from bulkio.core.plan import Action
from bulkio.errors import RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bulkio.connectors.protocol import Query, Record
    from bulkio.core.plan import Step

_ID = Field(name="Id", kind=Kind.TEXT, access=Access.READ_ONLY)


def _text(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name=name, kind=Kind.TEXT) for name in names)


CUSTOMERS = Entity(
    name="Customers",
    singular="customer",
    id_field="Id",
    key_fields=("Number",),
    fields=(
        _ID,
        Field(name="Number", kind=Kind.TEXT, access=Access.CREATE_ONLY),
        *_text("Name", "City"),
        Field(name="Modified", kind=Kind.TIMESTAMP, access=Access.READ_ONLY),
    ),
    modified_field="Modified",
)
ADDRESSES, CONTACTS = (
    Entity(
        name=name,
        singular=singular,
        id_field="Id",
        key_fields=fields[:1],
        fields=(_ID, *_text(*fields)),
        parent="Customers",
        parent_key="Number",
        record_path=name,
    )
    for name, singular, fields in (
        ("Addresses", "address", ("Label", "Street")),
        ("Contacts", "contact", ("Name", "Phone")),
    )
)
CATALOGUE = Catalogue((CUSTOMERS, ADDRESSES, CONTACTS))
NUMBERED = replace(
    CONNECTOR,
    name="numbered",
    catalogue=CATALOGUE,
    capabilities=replace(
        CAPABILITIES, update_style=UpdateStyle.PATCH, client_ids=False, deletes=Deletes.HARD, whole_days=True
    ),
)


class NumberedErp(Erp):
    """Customers by their number; a write changes what its body names."""

    def put(self, record: Record) -> None:
        record["Modified"] = stamp(self.time)
        self.customers[record["Id"]] = record

    def pretend(self, request: WriteRequest) -> Reply:
        return Reply(status=201, id=self._number()) if request.method == "POST" else Reply(status=204)

    def execute(self, request: WriteRequest, *, hidden: float = 0.0) -> Reply:
        _, *parts = request.path.strip("/").split("/")
        body = json.loads(request.body or "{}")
        if not parts:
            made = {"Addresses": [], "Contacts": [], **body, "Id": self._number()}
            return self._store(made["Id"], made, made["Id"], hidden)
        root, *parts = parts
        old = self.customers.get(root)
        if old is None:
            msg = "there is no such customer"
            raise RejectedError(msg, status=404)
        if not parts:
            return self._store(root, None if request.method == "DELETE" else {**old, **body}, "", hidden)
        kind, *rest = parts
        members = {each["Id"]: each for each in old[kind]}
        number = rest[0] if rest else self._number()
        if rest and number not in members:
            msg = "there is no such child"
            raise RejectedError(msg, status=404)
        if request.method == "DELETE":
            del members[number]
        else:
            members[number] = {**members.get(number, {"Id": number}), **body}
        return self._store(root, {**old, kind: list(members.values())}, "" if rest else number, hidden)

    def _store(self, root: str, record: Record | None, made: str, hidden: float) -> Reply:
        if hidden:
            self._shown[root] = (self.time + hidden, self.shown(root))
        if record is None:
            del self.customers[root]
        else:
            self.put(record)
        return Reply(status=201 if made else 204, id=made)

    def _number(self) -> str:
        self._ids += 1
        return str(self._ids)


class NumberedLink(SimulatedLink):
    """Reader, Writer and Link in one."""

    def find(self, keys: Sequence[str]) -> Iterator[Record]:
        for key in keys:
            self.erp.reads += 1
            self.erp.pass_time(0.1)
            yield from (
                each for root in list(self.erp.customers) if (each := self.erp.shown(root)) and each["Number"] == key
            )

    def pages(self, query: Query) -> Iterator[Page]:
        everything = replace(query, modified_since=None)  # all of a simulation happens on one day
        yield from super().pages(everything)

    def encode(self, step: Step, live: Record | None) -> WriteRequest:
        (operation,) = step.operations
        entity = CATALOGUE.by_name[step.entity]
        assert not step.root_guid.startswith("new:") or operation.action is Action.CREATE
        path = "/customers"
        if entity.parent:
            assert step.root_guid.isdigit()
            path = f"{path}/{step.root_guid}/{entity.record_path}"
        values = {name: to_wire(entity.by_name[name], after) for name, after in operation.target.items()}
        if operation.action is Action.CREATE:
            return WriteRequest(method="POST", path=path, body=json.dumps(values))
        there: Any = (live or {}).get(entity.record_path) if entity.parent else [live]
        if all(each["Id"] != operation.guid for each in there or ()):
            raise KeyError(operation.guid)
        path = f"{path}/{operation.guid}"
        if operation.action is Action.DELETE:
            return WriteRequest(method="DELETE", path=path)
        return WriteRequest(method="PATCH", path=path, body=json.dumps(values))
