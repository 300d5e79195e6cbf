"""A plan at a glance: its operations by what they do, and each field with how many records it changes in.

What the review page, the page for the approver and the command line say of a plan as a whole.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from bulkio.core.catalogue import Kind
from bulkio.core.issues import IssueCode
from bulkio.core.plan import Action

if TYPE_CHECKING:
    from bulkio.core.catalogue import Catalogue
    from bulkio.core.issues import Issue
    from bulkio.core.plan import Operation, Plan


_SUMMED = (Kind.DECIMAL, Kind.INTEGER)


class Group(Enum):
    """What an operation does, as a person sorts it: a change that takes a value away is looked at by itself."""

    CREATE = "create"
    UPDATE = "update"
    CLEAR = "clear"  # an update that empties at least one field
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTotal:
    """One field over the whole plan.

    `records` is in how many it changes, `cleared` in how many of them it is emptied. `total` is the sum of what is
    added, if it is a number (a blank counts as 0), else None.
    """

    entity: str
    field: str
    records: int
    cleared: int
    total: Decimal | None


def group_of(operation: Operation) -> Group:
    """The one group that an operation is in."""
    match operation.action:
        case Action.CREATE:
            return Group.CREATE
        case Action.DELETE:
            return Group.DELETE
        case Action.UPDATE:
            return Group.CLEAR if any(change.is_clear for change in operation.changes) else Group.UPDATE


def count_by_group(plan: Plan) -> dict[Group, int]:
    """How many operations are in each group, zeros included."""
    counts = Counter(map(group_of, plan.operations))
    return {group: counts[group] for group in Group}


def field_totals(plan: Plan, catalogue: Catalogue) -> list[FieldTotal]:
    """Every field that changes, in the catalogue's order. What is deleted is no change of a field."""
    records: Counter[tuple[str, str]] = Counter()
    cleared: Counter[tuple[str, str]] = Counter()
    sums: dict[tuple[str, str], Decimal] = {}
    for operation in plan.operations:
        if operation.action is Action.DELETE:
            continue
        fields = catalogue.by_name[operation.entity].by_name
        for change in operation.changes:
            name = operation.entity, change.field
            records[name] += 1
            cleared[name] += change.is_clear
            if fields[change.field].kind in _SUMMED:
                difference = Decimal(change.after or 0) - Decimal(change.before or 0)
                sums[name] = sums.get(name, Decimal(0)) + difference
    return [
        FieldTotal(
            entity=entity.name,
            field=field.name,
            records=records[name],
            cleared=cleared[name],
            total=sums.get(name),
        )
        for entity in catalogue.entities
        for field in entity.fields
        if records[name := (entity.name, field.name)]
    ]


def restored_issues(plan: Plan) -> tuple[Issue, ...]:
    """What a spreadsheet program had damaged, and was put right without asking."""
    return tuple(issue for issue in plan.issues if issue.code is IssueCode.RESTORED)
