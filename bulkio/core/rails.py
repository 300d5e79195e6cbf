"""Rails: what a plan must not do unless somebody says so. Each says what it saw, and which flag allows it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bulkio.core.plan import Action, Plan

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_FEW_CLEARS = 10  # up to so many cleared fields are no accident, however small the account
_PASTED_FROM = 10  # rows; below, one value in more than half of a column is ordinary editing
_SHIFTED_FROM = 5  # rows
_MOSTLY = 0.8


@dataclass(frozen=True, slots=True)
class Limit:
    """So many, or so many percent of something; the larger of the two where both are given."""

    count: int = 0
    percent: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Limit:
        """`100` or `25%`. Raises ValueError."""
        stripped = text.strip()
        if stripped.endswith("%"):
            percent = float(stripped[:-1])
            if not 0 <= percent <= 100:  # noqa: PLR2004 percent
                msg = "a percentage is between 0 and 100"
                raise ValueError(msg)
            return cls(percent=percent)
        count = int(stripped)
        if count < 0:
            msg = "a number of records is not negative"
            raise ValueError(msg)
        return cls(count=count)

    def of(self, whole: int) -> int:
        """The limit as a number, given how much there is."""
        return max(self.count, int(whole * self.percent / 100))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rails:
    """The limits of a run. Percentages are of the account's live records."""

    max_changes: Limit = Limit(100, 25.0)
    max_deletes: Limit = Limit(10)
    max_clears: Limit = Limit(_FEW_CLEARS, 5.0)
    allow_pasted: bool = False
    allow_shifted: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A rail that a plan runs into. `count` is how many there are of what is limited (0: it is no matter of number)."""

    rail: str
    saw: str
    allow: str
    count: int = 0

    def __str__(self) -> str:
        """One line: what was seen, and what allows it."""
        return f"{self.saw}; if that is meant: {self.allow}"


def hits(plan: Plan, rails: Rails) -> list[Hit]:
    """All rails that the plan runs into."""
    records = plan.origin.population or max(plan.rows.values(), default=0)
    found = []
    changed = len({operation.root_guid or operation.parent_key for operation in plan.operations})
    if changed > (most := rails.max_changes.of(records)):
        saw = f"{changed} of {records} records would change, and at most {most} may"
        found.append(Hit("max-changes", saw, f"--max-changes {changed}", changed))
    deletes = sum(operation.action is Action.DELETE for operation in plan.operations)
    if deletes > (most := rails.max_deletes.of(records)):
        saw = f"{deletes} rows would be deleted, and at most {most} may"
        found.append(Hit("max-deletes", saw, f"--max-deletes {deletes}", deletes))
    clears = sum(c.is_clear for o in plan.operations if o.action is Action.UPDATE for c in o.changes)
    if clears > (most := rails.max_clears.of(records)):
        saw = f"{clears} fields would be cleared, and at most {most} may"
        found.append(Hit("max-clears", saw, f"--max-clears {clears}", clears))
    found += _suspicious_columns(plan, rails)
    return found


def permit(plan: Plan, rails: Rails, names: Collection[str]) -> Rails:
    """The rails with those of these names (`Hit.rail`) moved just as far as the plan needs them."""
    moved: dict[str, Any] = {}
    for hit in hits(plan, rails):
        if hit.rail in names:
            name = hit.rail.replace("-", "_")
            is_flag = hit.rail in ("pasted", "shifted")
            moved[f"allow_{name}" if is_flag else name] = True if is_flag else Limit(hit.count)
    return replace(rails, **moved)


def _suspicious_columns(plan: Plan, rails: Rails) -> list[Hit]:
    """A value pasted all the way down, or a column that slipped against its keys."""
    columns: dict[tuple[str, str], list[tuple[str, str]]] = {}  # by slot, in a flat sheet: each has its own
    for operation in plan.operations:
        if operation.action is Action.UPDATE:
            for change in operation.changes:
                place = operation.slot or operation.entity, change.field
                columns.setdefault(place, []).append((change.before, change.after))
    found = []
    for (entity, name), pairs in columns.items():
        value, count = Counter(after for _, after in pairs).most_common(1)[0]
        rows = plan.rows.get(entity, 0)
        if not rails.allow_pasted and value and count >= _PASTED_FROM and count * 2 > rows:
            saw = f"{entity}: {name} becomes {value!r} in {count} of {rows} rows, as if pasted down the column"
            found.append(Hit("pasted", saw, "--allow-pasted"))
        if not rails.allow_shifted and _is_shifted(pairs):
            saw = f"{entity}: {name} holds in {len(pairs)} rows what other rows held, as if shifted or sorted by itself"
            found.append(Hit("shifted", saw, "--allow-shifted"))
    return found


def _is_shifted(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether nearly all new values are old values of other rows, and nearly all are different from each other."""
    new = Counter(after for _, after in pairs if after)
    old = Counter(before for before, _ in pairs if before)
    moved = sum((new & old).values())
    total = sum(new.values())
    return total >= _SHIFTED_FROM and moved >= total * _MOSTLY and len(new) >= total * _MOSTLY
