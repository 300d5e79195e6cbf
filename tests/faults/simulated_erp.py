"""An ERP in memory with a clock of its own, behind the connectors' protocol: for simulations, thousands a second.

It has no uniqueness rules, so that nothing but the protocol keeps a contact from being there twice; a write replaces
the whole record; a POST to an id that is not there makes it. What goes wrong is told beforehand, by the number of the
write. Nothing is random, and nothing waits: time is what the clock is told.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bulkio.connectors.protocol import (
    Account,
    Capabilities,
    Connector,
    Deletes,
    Page,
    Reply,
    UpdateStyle,
    WriteRequest,
)
from bulkio.core.catalogue import Access, Catalogue, ClearAs, Entity, Field, Kind
from bulkio.core.kinds import to_wire
from bulkio.core.plan import Action
from bulkio.core.records import identity
from bulkio.errors import (
    CredentialsError,
    FieldMessage,
    NotExecutedError,
    RateLimitError,
    RejectedError,
    UnavailableError,
)
from bulkio.workflows.verify import find_record

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence

    from bulkio.connectors.protocol import ContactScope, Query, Record
    from bulkio.core.lookup import LookupTable
    from bulkio.core.plan import Step

CUSTOMERS = Entity(
    name="Customers",
    singular="customer",
    id_field="Guid",
    key_fields=("Code",),
    fields=(
        Field(name="Guid", kind=Kind.GUID, access=Access.CREATE_ONLY),
        Field(name="Code", kind=Kind.TEXT, access=Access.CREATE_ONLY, required=True),
        Field(name="Name", kind=Kind.TEXT),
        Field(name="City", kind=Kind.TEXT),
        Field(name="Obsolete", kind=Kind.BOOLEAN, clear_as=ClearAs.NEVER),
        Field(name="Modified", kind=Kind.TIMESTAMP, access=Access.READ_ONLY),
    ),
    soft_delete_field="Obsolete",
    client_ids=True,
    modified_field="Modified",
)
ADDRESSES = Entity(
    name="Addresses",
    singular="address",
    id_field="Guid",
    key_fields=("Type", "Label"),
    fields=(
        Field(name="Guid", kind=Kind.GUID, access=Access.READ_ONLY),
        Field(name="Type", kind=Kind.TEXT),
        Field(name="Label", kind=Kind.TEXT),
        Field(name="Street", kind=Kind.TEXT),
    ),
    parent="Customers",
    parent_key="Code",
    record_path="Addresses",
    embedded=True,
)
CONTACTS = Entity(
    name="Contacts",
    singular="contact",
    id_field="Guid",
    key_fields=("First", "Email"),
    fields=(
        Field(name="Guid", kind=Kind.GUID, access=Access.READ_ONLY),
        Field(name="First", kind=Kind.TEXT),
        Field(name="Email", kind=Kind.TEXT),
        Field(name="Phone", kind=Kind.TEXT),
    ),
    parent="Customers",
    parent_key="Code",
    record_path="Contacts",
)
CATALOGUE = Catalogue((CUSTOMERS, ADDRESSES, CONTACTS))
CAPABILITIES = Capabilities(
    update_style=UpdateStyle.WHOLE,
    client_ids=True,
    deletes=Deletes.SOFT,
    page_size=100,
    max_page=100,
    incremental=True,
)


def _cannot_connect(_settings: object) -> Any:
    raise NotImplementedError


CONNECTOR = Connector(
    name="simulated",
    title="Simulated",
    catalogue=CATALOGUE,
    capabilities=CAPABILITIES,
    credentials=(),
    default_url="",
    check_rules=lambda _frames: iter(()),
    connect=_cannot_connect,
)

START = datetime(2026, 1, 1, tzinfo=UTC)

#: What can happen to a write: is it executed (None: later), is it answered, and with what.
FAULTS = (
    "lost before",  # the request never arrives; no answer
    "lost after",  # it is executed, and the answer lost
    "late",  # no answer, and it is executed some time after the client gave up
    "hidden",  # executed and answered, and shown to readers some time later
    "hidden and lost",
    "late and hidden",
    "refused",  # answered: not executed
    "throttled",
    "unauthorised",
    "not connected",
    "ignored",  # answered as if it was executed, and it was not
)


def guid(number: int) -> str:
    """An id."""
    return f"00000000-0000-4000-8000-{number:012d}"


def stamp(seconds: float) -> str:
    """A time as the ERP spells it."""
    return (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Erp:
    """What the ERP holds: customers by id, each with its addresses and contacts; and its clock, in seconds.

    Records are never changed in place, so that whoever read one has what it was then.

    `faults` are by the number of the write.
    """

    faults: dict[int, str] = field(default_factory=dict)
    lag: float = 19.0
    time: float = 0.0
    customers: dict[str, Record] = field(default_factory=dict)
    writes: int = 0
    reads: int = 0
    _later: list[tuple[float, WriteRequest, float]] = field(default_factory=list)
    _shown: dict[str, tuple[float, Record | None]] = field(default_factory=dict)
    _ids: int = 1000

    def copied(self) -> Erp:
        """The same once more, to go another way from here."""
        return replace(
            self,
            customers=dict(self.customers),
            faults=dict(self.faults),
            _later=list(self._later),
            _shown=dict(self._shown),
        )

    def put(self, record: Record) -> None:
        """Store a customer, as the ERP itself or a colleague in it."""
        record["Modified"] = stamp(self.time)
        self.customers[record["Guid"]] = record

    def edit(self, root: str, **values: Any) -> None:
        """A colleague's edit of a customer's own fields."""
        self.put({**self.customers[root], **values})

    def pass_time(self, seconds: float) -> None:
        """Let time go by, and happen what was to happen meanwhile."""
        end = self.time + seconds
        while self._later and self._later[0][0] <= end:
            self.time, request, hidden = self._later.pop(0)
            self._execute_unseen(request, hidden)
        self.time = end

    # --- reading ---

    def shown(self, root: str) -> Record | None:
        """A customer as readers see it."""
        until, old = self._shown.get(root, (0.0, None))
        return old if self.time < until else self.customers.get(root)

    # --- writing ---

    def write(self, request: WriteRequest) -> Reply:
        """One request, and what is to go wrong with it."""
        self.writes += 1
        self.pass_time(0.1)
        fault = self.faults.get(self.writes, "")
        hidden = self.lag if "hidden" in fault else 0.0
        match fault:
            case "" | "hidden":
                return self.execute(request, hidden=hidden)
            case "lost after" | "hidden and lost":
                self._execute_unseen(request, hidden)
            case "late" | "late and hidden":
                self._later.append((self.time + self.lag, request, hidden))
            case "refused":
                msg = "no"
                raise RejectedError(msg, status=400, messages=[FieldMessage("", "no")])
            case "throttled":
                msg = "slow down"
                raise RateLimitError(msg)
            case "unauthorised":
                msg = "who are you?"
                raise CredentialsError(msg)
            case "not connected":
                msg = "no connection"
                raise NotExecutedError(msg)
            case "ignored":
                return self.pretend(request)
        msg = "the answer was lost"
        raise UnavailableError(msg)

    def pretend(self, request: WriteRequest) -> Reply:
        """The answer to a request that is not executed."""
        return Reply(status=200, id=request.path.rpartition("/")[2] if request.method == "PUT" else "")

    def execute(self, request: WriteRequest, *, hidden: float = 0.0) -> Reply:
        """Do what a request says; with `hidden` nobody sees it for so many seconds."""
        kind, _, rest = request.path.strip("/").partition("/")
        root, _, child = rest.partition("/")
        old = self.customers.get(root)
        if kind == "customers":
            body = json.loads(request.body)
            for address in body["Addresses"]:
                address["Guid"] = address.get("Guid") or self._new_id()
            made = {"Contacts": [], **(old or {}), **body, "Guid": root}
            reply = Reply(status=200 if old else 201, id=root)
        else:
            if old is None:
                msg = "there is no such customer"
                raise RejectedError(msg, status=404)
            contacts = list(old["Contacts"])
            at = next((at for at, each in enumerate(contacts) if each["Guid"] == child), None)
            if request.method == "POST":
                contacts.append({**json.loads(request.body), "Guid": self._new_id()})
                reply = Reply(status=201, id=contacts[-1]["Guid"])
            elif at is None:
                msg = "there is no such contact"
                raise RejectedError(msg, status=404)
            elif request.method == "PUT":
                contacts[at] = {**json.loads(request.body), "Guid": child}
                reply = Reply(status=200, id=child)
            else:
                del contacts[at]
                reply = Reply(status=204)
            made = {**old, "Contacts": contacts}
        if hidden:
            self._shown[root] = (self.time + hidden, self.shown(root))
        self.put(made)
        return reply

    def _execute_unseen(self, request: WriteRequest, hidden: float) -> None:
        with suppress(RejectedError):
            self.execute(request, hidden=hidden)

    def _new_id(self) -> str:
        self._ids += 1
        return guid(self._ids)


@dataclass
class SimulatedClock:
    """The clock of the workflows: waiting is only a number."""

    erp: Erp
    on_wait: Callable[[], None] | None = None

    def now(self) -> float:
        return self.erp.time

    def wait(self, seconds: float, stop: threading.Event) -> None:
        if seconds > 0 and not stop.is_set():
            self.erp.pass_time(seconds)
            if self.on_wait:
                self.on_wait()


class SimulatedLink:
    """Reader, Writer and Link in one."""

    def __init__(self, erp: Erp, between: Callable[[], None] = lambda: None) -> None:
        """`between` is told of the moment just after a write."""
        self.erp = erp
        self.reader = self
        self.writer = self
        self._between = between

    tenant = "tenant"

    def account(self) -> Account:
        return Account(name="simulated", tenant=self.tenant)

    def pages(self, query: Query) -> Iterator[Page]:
        self.erp.reads += 1
        self.erp.pass_time(0.1)
        found = [record for root in self.erp.customers if (record := self.erp.shown(root)) is not None]
        since = query.modified_since
        if since is not None:
            least = stamp((since - START).total_seconds())
            found = [record for record in found if record["Modified"] >= least]
        now = START + timedelta(seconds=self.erp.time)
        yield Page(records=found, number=1, pages=1, total=len(found), server_time=now)

    def fetch(self, ids: Sequence[str], *, contacts: ContactScope | None = None) -> Iterator[Record]:  # noqa: ARG002
        for each in ids:
            self.erp.reads += 1
            self.erp.pass_time(0.1)
            record = self.erp.shown(each)
            if record is not None:
                yield record

    def find(self, keys: Sequence[str]) -> None:  # noqa: ARG002
        return None

    def children(self, entity: str, root_id: str) -> list[Record]:
        self.erp.reads += 1
        self.erp.pass_time(0.1)
        record = self.erp.shown(root_id) or {}
        return list(record.get(entity) or ())

    def lookup(self, resource: str) -> LookupTable | None:  # noqa: ARG002
        return None

    def absent_fields(self) -> frozenset[str]:
        return frozenset()

    def encode(self, step: Step, live: Record | None) -> WriteRequest:
        if step.entity == CUSTOMERS.name:
            return _customer(step, live or {})
        (operation,) = step.operations
        if operation.action is Action.CREATE:
            return WriteRequest(method="POST", path=f"/contacts/{step.root_guid}", body=_body(CONTACTS, {}, operation))
        found = find_record(CONTACTS, operation, (live or {}).get("Contacts") or ())
        if found is None:
            raise KeyError(operation.guid)
        path = f"/contacts/{step.root_guid}/{identity(CONTACTS, found)}"
        if operation.action is Action.DELETE:
            return WriteRequest(method="DELETE", path=path)
        return WriteRequest(method="PUT", path=path, body=_body(CONTACTS, found, operation))

    def send(self, request: WriteRequest) -> Reply:
        try:
            return self.erp.write(request)
        finally:
            self._between()

    def close(self) -> None:
        pass


def _customer(step: Step, live: Record) -> WriteRequest:
    body = {name: live.get(name) for name in ("Code", "Name", "City", "Obsolete")}
    addresses = [dict(address) for address in live.get("Addresses") or ()]
    for operation in step.operations:
        if operation.entity == CUSTOMERS.name:
            body |= _values(CUSTOMERS, operation)
        elif operation.action is Action.CREATE:
            addresses.append(_values(ADDRESSES, operation))
        else:
            found = find_record(ADDRESSES, operation, addresses)
            if found is None:
                raise KeyError(operation.guid)
            if operation.action is Action.DELETE:
                addresses.remove(found)
            else:
                found |= _values(ADDRESSES, operation)
    text = json.dumps({**body, "Addresses": addresses})
    return WriteRequest(method="POST", path=f"/customers/{step.root_guid}", body=text)


def _values(entity: Entity, operation: Any) -> dict[str, Any]:
    return {name: to_wire(entity.by_name[name], after) for name, after in operation.target.items()}


def _body(entity: Entity, live: Record, operation: Any) -> str:
    kept = {name: live.get(name) for name in ("First", "Email", "Phone")}
    return json.dumps({**kept, **_values(entity, operation)})
