"""A column's damaged cells, judged together: what all of a column suffered was no person's doing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bulkio.core.damage import Cell, Damage, Harm, may_suffer, recognise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.core.catalogue import Kind

_ENOUGH = 3  # cells that all suffered the same are no accident
FEWEST_MOVED = 5  # rows; below, equal values are ordinary
_FARTHEST = 3  # rows that a column slips by: one cell too many, or a few


@dataclass(frozen=True, slots=True)
class Suspect:
    """A cell that differs from what was exported, or that cannot be read."""

    row: int
    base: str
    found: str
    cell: Cell


@dataclass(frozen=True, slots=True)
class Judged:
    """The suspects by what they are; `edited` are a person's."""

    restored: list[tuple[Suspect, Harm]] = field(default_factory=list)
    doubtful: list[tuple[Suspect, Harm]] = field(default_factory=list)
    edited: list[Suspect] = field(default_factory=list)


def judge_column(kind: Kind, suspects: Sequence[Suspect], bases: Sequence[str]) -> Judged:
    """Judge one column's suspects; `bases` are the exported values of all rows of the column that are in the sheet."""
    known: dict[tuple[str, str, Cell], Damage | None] = {}
    verdicts: list[tuple[Suspect, Damage | None]] = []
    for suspect in suspects:
        case = suspect.base, suspect.found, suspect.cell
        if case not in known:
            known[case] = recognise(suspect.base, suspect.found, kind, suspect.cell)
        verdicts.append((suspect, known[case]))
    proved = _proved(verdicts, bases)
    judged = Judged()
    for suspect, damage in verdicts:
        if damage is None:
            judged.edited.append(suspect)
        elif damage.is_certain or damage.harm in proved:
            judged.restored.append((suspect, damage.harm))
        else:
            judged.doubtful.append((suspect, damage.harm))
    return judged


def _proved(verdicts: Sequence[tuple[Suspect, Damage | None]], bases: Sequence[str]) -> set[Harm]:
    """The harms that every cell suffered that could."""
    doubted = Counter(d.harm for s, d in verdicts if d and not d.is_certain and may_suffer(d.harm, s.base))
    proved = set()
    for harm, count in doubted.items():
        if count >= _ENOUGH and count == sum(may_suffer(harm, base) for base in bases):
            proved.add(harm)
    return proved


def moved_rows(before: Sequence[str], after: Sequence[str]) -> list[int]:
    """The positions whose values came from other rows, if the column slipped or was sorted by itself; else none.

    `before` and `after` are the whole column in the order of the sheet.
    """
    changed = [at for at, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    if len(changed) < FEWEST_MOVED:
        return []
    new = Counter(after[at] for at in changed if after[at])
    old = Counter(before[at] for at in changed if before[at])
    total = sum(new.values())
    moved = sum((new & old).values())
    if len(new) < _ENOUGH or not _is_most(moved, total):
        return []
    all_differ = _is_most(len(new), total)
    is_permuted = new == old
    return changed if all_differ or is_permuted or _is_slipped(before, after, changed) else []


def _is_most(some: int, total: int) -> bool:
    return some * 5 >= total * 4


def _is_slipped(before: Sequence[str], after: Sequence[str], changed: Sequence[int]) -> bool:
    for by in (*range(-_FARTHEST, 0), *range(1, _FARTHEST + 1)):
        came = sum(0 <= at + by < len(before) and before[at + by] == after[at] for at in changed)
        if _is_most(came, len(changed)):
            return True
    return False


def ranges(rows: Sequence[int], most: int = 10) -> str:
    """`2-7, 9, 12-14`; beyond `most` of them, `...`."""
    spans: list[list[int]] = []
    for row in rows:
        if spans and row == spans[-1][1] + 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in spans[:most]]
    return ", ".join(texts) + (", ..." if len(spans) > most else "")
