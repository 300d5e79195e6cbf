"""Plan: what would be done, as data. Planning makes it, preview and apply consume the very same object.

    Plan
    ├── operations   one per row that changes something; each has its changes, field by field
    ├── conflicts    rows that we must not send, because the ERP's value moved as well
    └── issues       what is wrong or remarkable in the file

`steps()` says how operations travel: a customer with its embedded children is one request, the rest one each, in an
order that is safe (parents first, deletes last).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from bulkio.core.collector import paused_collector
from bulkio.core.crosswalk import Carried
from bulkio.core.issues import Issue, Severity, count_by_severity
from bulkio.core.slots import part_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from bulkio.core.catalogue import Catalogue

SCHEMA = "bulkio.plan/1"

#: Namespace of operation ids and of the Guids of records to be created; both follow from plan and row alone.
_NAMESPACE = UUID("6f1c1d52-7a0e-5b1b-9d3c-2f6f0a7c4b10")


class Action(Enum):
    """What an operation does to one record."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"  # where the ERP has none, `changes` hold the flag that stands in for it


@dataclass(frozen=True, slots=True)
class Change:
    """One field's canonical text before and after; `after` blank means that the field is cleared."""

    field: str
    before: str
    after: str

    @property
    def is_clear(self) -> bool:
        """Whether a value goes away."""
        return self.after == "" and self.before != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One row's effect on one record.

    `guid` is the record's id in the ERP. For a create it is the id that we chose; where the ERP makes it, it is blank
    for a child, and provisional (core/provisional.py) for a root record, whose children have to name it.
    `parent_guid` and `parent_key` name the record that a child belongs to. `key` is what a person calls it, and
    `natural_key` the entity's key fields as the ERP holds them before the operation (blank for a create). `wire` are
    exact wire values (text or None) of changed fields where canonical text is not exact enough: an undo puts back null
    where null was, and the line ends that there were. `slot` is the child's place in a row of a flat sheet.
    """

    id: str
    action: Action
    entity: str
    key: str
    guid: str
    sheet: str
    row: int
    changes: tuple[Change, ...]
    parent_guid: str = ""
    parent_key: str = ""
    natural_key: tuple[str, ...] = ()
    wire: dict[str, str | None] = field(default_factory=dict)
    slot: str = ""

    @property
    def part(self) -> str:
        """The part of the file that it stands in: together with the row, it tells one record from all others."""
        return part_of(self.sheet, self.slot)

    @property
    def place(self) -> str:
        """Where it stands in the user's file, for a message."""
        return _place(self.sheet, self.row, self.slot)

    @property
    def is_child(self) -> bool:
        """Whether the record belongs to another."""
        return bool(self.parent_guid or self.parent_key)

    @property
    def root_guid(self) -> str:
        """The id of the root record that this belongs to, itself included."""
        return self.parent_guid or self.guid

    @property
    def target(self) -> dict[str, str]:
        """The changed fields' canonical text after the operation."""
        return {change.field: change.after for change in self.changes}

    def to_dict(self) -> dict[str, Any]:
        """The JSON form that the contract fixes (section 5), with the parent's id and key beside it."""
        return {
            "id": self.id,
            "entity": self.entity,
            "action": self.action.value,
            "key": self.key,
            "guid": self.guid,
            "parent_guid": self.parent_guid,
            "parent_key": self.parent_key,
            "natural_key": list(self.natural_key),
            **({"wire": self.wire} if self.wire else {}),
            "sheet": self.sheet,
            "row": self.row,
            **({"slot": self.slot} if self.slot else {}),
            "changes": [
                {"field": change.field, "before": change.before, "after": change.after} for change in self.changes
            ],
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Operation:
        """The inverse of `to_dict`."""
        return cls(
            id=document["id"],
            action=Action(document["action"]),
            entity=document["entity"],
            key=document["key"],
            guid=document["guid"],
            parent_guid=document["parent_guid"],
            parent_key=document["parent_key"],
            natural_key=tuple(document["natural_key"]),
            wire=document.get("wire", {}),
            sheet=document["sheet"],
            row=int(document["row"]),
            slot=document.get("slot", ""),
            changes=tuple(Change(c["field"], c["before"], c["after"]) for c in document["changes"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A field that the person and somebody else both changed since the export. Canonical texts; `slot` as above."""

    sheet: str
    row: int
    key: str
    field: str
    base: str
    sheet_value: str
    live: str
    slot: str = ""

    @property
    def part(self) -> str:
        """The part of the file that it stands in: together with the row, it tells one record from all others."""
        return part_of(self.sheet, self.slot)

    @property
    def place(self) -> str:
        """Where it stands in the user's file, for a message."""
        return _place(self.sheet, self.row, self.slot)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form that the contract fixes (section 5), and its slot in a flat sheet."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            **({"slot": self.slot} if self.slot else {}),
            "key": self.key,
            "field": self.field,
            "base": self.base,
            "sheet_value": self.sheet_value,
            "live": self.live,
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Conflict:
        """The inverse of `to_dict`."""
        return cls(**document)


def _place(sheet: str, row: int, slot: str) -> str:
    return f"{sheet} row {row}, {slot}" if slot else f"{sheet} row {row}"


@dataclass(frozen=True, slots=True)
class Cost:
    """What applying the plan takes: requests to the ERP, and seconds at the pace that the account allows."""

    calls: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a plan was made from and for; a plan is refused where any of it no longer holds.

    `tenant` is the fingerprint of the account (never a secret), `file_sha256` the hash of the edited file, `base_id`
    and `exported_at` name the export that it is compared with (blank for a hand-made sheet). `created_at` and
    `exported_at` are canonical timestamps, `live_at` is the ERP's own clock when the plan began to read it.
    `population` counts the root records that the account had then (0: not known).
    """

    profile: str
    erp: str
    tenant: str
    file: str
    file_sha256: str
    created_at: str
    base_id: str = ""
    exported_at: str = ""
    live_at: str = ""
    population: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """The changed fields of some operations, as a table."""

    operations: tuple[Operation, ...]

    def __len__(self) -> int:
        """How many fields change."""
        return sum(len(operation.changes) for operation in self.operations)

    def to_frame(self) -> pd.DataFrame:
        """One row per changed field: sheet, row, entity, action, key, field, before, after (canonical text)."""
        import pandas as pd  # noqa: PLC0415 a plan alone does not need it

        rows = [
            (o.sheet, o.row, o.entity, o.action.value, o.key, c.field, c.before, c.after)
            for o in self.operations
            for c in o.changes
        ]
        names = ["sheet", "row", "entity", "action", "key", "field", "before", "after"]
        return pd.DataFrame(rows, columns=names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that apply needs, and everything that a person wants to see before it.

    `rows` counts the file's rows by entity (in a flat sheet also by slot), `restored` the cells that a spreadsheet
    program had damaged. `live` are the records that the operations change, as they were read, packed
    (core/records.py): apply asks the ERP only which of them changed since. `carried` says of a converted
    workbook which records of another account become these.
    """

    plan_id: str
    origin: Origin
    operations: tuple[Operation, ...]
    conflicts: tuple[Conflict, ...]
    issues: tuple[Issue, ...]
    cost: Cost
    unchanged: int = 0
    emptied_left: int = 0
    restored: int = 0
    options: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    live: str = ""
    carried: Carried | None = None

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that stop the plan from being applied."""
        return tuple(issue for issue in self.issues if issue.severity is Severity.ERROR)

    @property
    def changes(self) -> Changes:
        """Every changed field of every operation."""
        return Changes(self.operations)

    @property
    def sha256(self) -> str:
        """The fingerprint of everything that the plan says."""
        return str(self.to_dict()["sha256"])

    @property
    def has_changes(self) -> bool:
        """Whether applying it would send anything."""
        return bool(self.operations)

    def summary(self) -> dict[str, int]:
        """The totals that the contract fixes (section 5). `conflict` counts rows."""
        actions = [operation.action for operation in self.operations]
        severities = count_by_severity(self.issues)
        return {
            "create": actions.count(Action.CREATE),
            "update": actions.count(Action.UPDATE),
            "delete": actions.count(Action.DELETE),
            "unchanged": self.unchanged,
            "conflict": len({(conflict.sheet, conflict.row) for conflict in self.conflicts}),
            "error": severities[Severity.ERROR],
            "warning": severities[Severity.WARNING],
            "emptied_left": self.emptied_left,
            "restored": self.restored,
            "calls": self.cost.calls,
            "seconds": self.cost.seconds,
        }

    def to_dict(self) -> dict[str, Any]:
        """The JSON document `bulkio.plan/1`; its last member is the SHA-256 of all the others."""
        origin = self.origin
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "plan_id": self.plan_id,
            "profile": origin.profile,
            "erp": origin.erp,
            "tenant": origin.tenant,
            "file": origin.file,
            "file_sha256": origin.file_sha256,
            "created_at": origin.created_at,
            "base": {"id": origin.base_id, "exported_at": origin.exported_at},
            "live_at": origin.live_at,
            "population": origin.population,
            "options": self.options,
            "rows": self.rows,
            "summary": self.summary(),
            "operations": [operation.to_dict() for operation in self.operations],
            "conflicts": [conflict.to_dict() for conflict in self.conflicts],
            "issues": [issue.to_dict() for issue in self.issues],
            "live": self.live,
            **({"carried": self.carried.to_dict()} if self.carried else {}),
        }
        document["sha256"] = fingerprint(document)
        return document

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Plan:
        """The inverse of `to_dict`. Raises ValueError if the document is of another schema, altered or incomplete."""
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            found = document.get("schema") if isinstance(document, dict) else document
            msg = f"not a plan of this version ({found!r}, expected {SCHEMA!r})"
            raise ValueError(msg)
        if document.get("sha256") != fingerprint({k: v for k, v in document.items() if k != "sha256"}):
            msg = "its content does not fit its own fingerprint: it was altered after it was made"
            raise ValueError(msg)
        try:
            return cls._from_sound(document)
        except (KeyError, TypeError, AttributeError) as exc:
            msg = "it is not complete"
            raise ValueError(msg) from exc

    @classmethod
    def _from_sound(cls, document: dict[str, Any]) -> Plan:
        summary = document["summary"]
        return cls(
            plan_id=document["plan_id"],
            origin=Origin(
                profile=document["profile"],
                erp=document["erp"],
                tenant=document["tenant"],
                file=document["file"],
                file_sha256=document["file_sha256"],
                created_at=document["created_at"],
                base_id=document["base"]["id"],
                exported_at=document["base"]["exported_at"],
                live_at=document["live_at"],
                population=document["population"],
            ),
            operations=tuple(Operation.from_dict(each) for each in document["operations"]),
            conflicts=tuple(Conflict.from_dict(each) for each in document["conflicts"]),
            issues=tuple(Issue.from_dict(each) for each in document["issues"]),
            cost=Cost(summary["calls"], summary["seconds"]),
            unchanged=summary["unchanged"],
            emptied_left=summary["emptied_left"],
            restored=summary.get("restored", 0),
            options=document["options"],
            rows=document["rows"],
            live=document["live"],
            carried=Carried.from_dict(document["carried"]) if "carried" in document else None,
        )

    def without(self, operation_ids: set[str]) -> Plan:
        """The same plan under a new id and without some operations (a person's choice on the review page).

        What would be created inside a record that is no longer created goes with it.
        """
        orphaned = {
            (each.guid, each.key)
            for each in self.operations
            if each.id in operation_ids and each.action is Action.CREATE and not each.is_child
        }
        kept = tuple(
            each
            for each in self.operations
            if each.id not in operation_ids and not (each.is_child and (each.parent_guid, each.parent_key) in orphaned)
        )
        return replace(self, plan_id=operation_id(self.plan_id, "without", *sorted(operation_ids)), operations=kept)


def fingerprint(document: dict[str, Any]) -> str:
    """SHA-256 of a JSON document, independent of the order of its keys and of white space."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def operation_id(plan_id: str, *parts: str) -> str:
    """The id of an operation, or of the record that it creates: the same for the same plan and row, always."""
    return str(uuid5(_NAMESPACE, "\x1f".join((plan_id, *parts))))


@dataclass(frozen=True, slots=True)
class Step:
    """Operations that travel in one request, in the order of the sheet; the root record's own comes first, if any."""

    entity: str
    root_guid: str
    operations: tuple[Operation, ...]

    @property
    def action(self) -> Action:
        """What the request does as a whole: a body with only embedded changes is an update of the root record."""
        lead = self.operations[0]
        return lead.action if lead.entity == self.entity else Action.UPDATE


@dataclass(frozen=True, slots=True)
class Chain:
    """The steps of one root record, to be done one after the other."""

    root_guid: str
    root_key: str
    steps: tuple[Step, ...]


@paused_collector()
def chains(catalogue: Catalogue, operations: Sequence[Operation]) -> tuple[list[Chain], list[Chain]]:
    """The work of a plan: first everything that creates or changes, then (only if all went well) what deletes.

    Chains are independent of each other; within one, the root record comes before its children.
    """
    first = [operation for operation in operations if not _is_late(catalogue, operation)]
    last = [operation for operation in operations if _is_late(catalogue, operation)]
    return _chains(catalogue, first), _chains(catalogue, last)


def _is_late(catalogue: Catalogue, operation: Operation) -> bool:
    """An embedded child's delete is part of its parent's body; every other delete waits."""
    return operation.action is Action.DELETE and not catalogue.by_name[operation.entity].embedded


def _chains(catalogue: Catalogue, operations: Iterable[Operation]) -> list[Chain]:
    by_root: dict[str, list[Operation]] = {}
    for operation in operations:
        # A record to which the ERP will give an id has none yet; then its key, or its row, tells it from others.
        mark = operation.root_guid or f"new: {operation.parent_key or operation.key or operation.id}"
        by_root.setdefault(mark, []).append(operation)
    root = catalogue.root.name
    made = []
    for group in by_root.values():
        guid = group[0].root_guid
        body = [operation for operation in group if operation.entity == root]
        body += [operation for operation in group if catalogue.by_name[operation.entity].embedded]
        steps = [Step(root, guid, tuple(body))] if body else []
        for child in catalogue.children:
            if not child.embedded:
                steps += [Step(child.name, guid, (each,)) for each in group if each.entity == child.name]
        if body and steps[0].action is Action.DELETE:
            steps = steps[1:] + steps[:1]  # the children go before the record that holds them
        lead = group[0]
        made.append(Chain(guid, lead.parent_key or lead.key, tuple(steps)))
    return made
