"""What the steps of planning share: the request, and the plan as it grows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bulkio.core.flatten import PARENT_ID
from bulkio.core.headers import Command
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.own_writes import OwnWrites
from bulkio.core.plan import Action, Change, Conflict, Operation, operation_id
from bulkio.core.slots import sheet_row

if TYPE_CHECKING:
    import pandas as pd

    from bulkio.connectors.protocol import Connector
    from bulkio.core.options import ImportOptions
    from bulkio.workflows.checked import Checked, CheckedSheet
    from bulkio.workflows.live import Live
    from bulkio.workflows.user_file import UserFile

_SEVERITIES = {IssueCode.SOFT_DELETE: Severity.NOTICE, IssueCode.HARD_DELETE: Severity.WARNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRequest:
    """What to plan from, and what identifies the plan. `created_at` is a canonical timestamp.

    `own` is what earlier runs of the same file wrote.
    """

    file: UserFile
    options: ImportOptions
    plan_id: str
    profile: str
    tenant: str
    created_at: str
    requests_per_minute: int | None = None
    workers: int = 4
    own: OwnWrites = field(default_factory=OwnWrites)


@dataclass(slots=True)
class Planning:
    """What the steps share: the inputs, and the growing plan.

    `roots` are the root records by human key -> id, those to be created included; `folded_roots` all known human keys
    by what they look like. `planned` are the operations by entity and row's label.
    """

    request: PlanRequest
    connector: Connector
    checked: Checked
    live: Live
    operations: list[Operation] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    planned: dict[tuple[str, int], Operation] = field(default_factory=dict)
    concerned: set[tuple[str, int]] = field(default_factory=set)
    roots: dict[str, str] = field(default_factory=dict)
    created_roots: set[str] = field(default_factory=set)
    folded_roots: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know the root records that were read by their keys."""
        root = self.connector.catalogue.root
        frame = self.live.frames[root.name]
        self.roots = dict(zip(frame[root.key_fields[0]].tolist(), frame[root.id_field].tolist(), strict=True))

    def say(self, sheet: CheckedSheet, code: IssueCode, row: int, name: str, message: str, hint: str = "") -> None:  # noqa: PLR0913, PLR0917 a cell and what to say
        """Note an issue about a cell."""
        severity = _SEVERITIES.get(code, Severity.ERROR)
        self.issues.append(sheet.rows.issue(code, severity, row, name, message, hint))


def rows_with_errors(work: Planning, sheet: CheckedSheet) -> set[int]:
    """Rows of the file with an error get no operation: the plan cannot be applied anyway until they are fixed."""
    return {
        issue.row
        for issue in work.checked.issues
        if issue.sheet == sheet.rows.sheet and issue.severity is Severity.ERROR
    }


def key_of(sheet: CheckedSheet, row: int, label: int | None, live: pd.DataFrame) -> str:
    """What a person calls the record: from the sheet, or from the ERP where the sheet has no key column."""
    entity = sheet.entity
    names = ([entity.parent_key] if entity.parent_key else []) + list(entity.key_fields)
    parts = [sheet.rows.value(row, name) or ("" if label is None else text_of(live, label, name)) for name in names]
    return " / ".join(part for part in parts if part) or sheet.rows.value(row, entity.id_field)


def add_operation(  # noqa: PLR0913 an operation has that many parts
    work: Planning,
    sheet: CheckedSheet,
    row: int,
    action: Action,
    changes: dict[str, tuple[str, str]],
    *,
    label: int | None,
    guid: str = "",
    parent: tuple[str, str] = ("", ""),
) -> None:
    """Add the operation of a row to the plan. `changes` are (before, after) by field."""
    entity = sheet.entity
    live = work.live.frames[entity.name]
    natural_key: tuple[str, ...] = ()
    if label is not None:
        guid = text_of(live, label, entity.id_field)
        natural_key = tuple(text_of(live, label, name) for name in entity.key_fields)
        if entity.parent:
            parent = (text_of(live, label, PARENT_ID), text_of(live, label, entity.parent_key))
    operation = Operation(
        id=operation_id(work.request.plan_id, entity.name, str(row), action.value),
        action=action,
        entity=entity.name,
        key=key_of(sheet, row, label, live),
        guid=guid,
        parent_guid=parent[0],
        parent_key=parent[1],
        natural_key=natural_key,
        sheet=sheet.rows.sheet,
        row=sheet_row(row),
        slot=sheet.rows.slot_at(row),
        changes=tuple(Change(name, before, after) for name, (before, after) in changes.items()),
    )
    work.concerned.add((entity.name, row))
    work.planned[entity.name, row] = operation
    work.operations.append(operation)


def text_of(frame: pd.DataFrame, label: int, name: str) -> str:
    """One canonical text of a frame."""
    return str(frame.at[label, name])


def rows_to_delete(sheet: CheckedSheet) -> list[int]:
    """The rows with the command DELETE."""
    return [row for row, command in sheet.commands.items() if command is Command.DELETE]
