"""One row per root record: children's frames spread over slots, and a flat raw sheet gathered into one per entity.

Spreading is by column: the children of one slot, all rows at once. What has no slot stays out of the sheet, is counted
by root record and named, and is in the baseline like everything else. Gathering gives every filled slot a row of its
child's own raw sheet, so that all that follows (parsing, matching, comparing) is the same for both layouts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bulkio.core.flatten import PARENT_ID
from bulkio.core.grid import Fact, RawColumn, RawSheet
from bulkio.core.headers import COMMAND, normalise_header
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.slots import Slot, SlotColumns, SlotHeaders, label_of, slots_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.core.catalogue import Catalogue, Entity

#: Numbered slots of a kind that a flat sheet has at least, and up to which it grows with what there is to show.
FEWEST, MOST = 3, 6


@dataclass(frozen=True, slots=True)
class Spread:
    """Children as columns: `columns` by (slot, field), in the order of the root records and as long.

    `beyond` counts what has no slot, by position of the root record and kind of slot (or the value that has none).
    """

    entity: Entity
    slots: list[Slot]
    columns: dict[tuple[Slot, str], list[str]]
    beyond: dict[int, Counter[str]]


def spread(entity: Entity, children: pd.DataFrame, root_ids: Sequence[str], *, slots: int = 0) -> Spread:
    """Spread one child entity's frame over the rows of its root records, in the order in which the ERP lists them.

    `slots` is how many numbered slots there are of a kind; 0: as many as there is to show, within `FEWEST` and `MOST`.
    """
    placed = _placed(entity, children, root_ids)
    result = Spread(entity, slots_of(entity, slots or placed.most(entity)), {}, {})
    shown = np.zeros(len(children), dtype=bool)
    names = [name for name in entity.by_name if name != entity.slot_field and name in children.columns]
    values = {name: children[name].to_numpy(dtype=object) for name in names}
    for slot in result.slots:
        is_here = (placed.kinds == entity.places.index(slot.kind)) & (placed.numbers == slot.number)
        rows = np.flatnonzero(is_here & (placed.roots >= 0))
        shown[rows] = True
        for name in names:
            column = np.full(len(root_ids), "", dtype=object)
            column[placed.roots[rows]] = values[name][rows]
            result.columns[slot, name] = column.tolist()
    for row in np.flatnonzero(~shown & (placed.roots >= 0)).tolist():
        kind = placed.kinds[row]
        title = entity.places[kind].title if kind >= 0 else str(children.at[row, entity.slot_field]) or "(blank)"
        result.beyond.setdefault(int(placed.roots[row]), Counter())[title] += 1
    return result


@dataclass(frozen=True, slots=True)
class _Placed:
    """Of every child its root record's position (-1: none), its kind of slot (-1: none) and its number in that."""

    roots: np.ndarray
    kinds: np.ndarray
    numbers: np.ndarray

    def most(self, entity: Entity) -> int:
        """How many numbered slots it takes, within bounds."""
        is_numbered = np.array([kind.is_numbered for kind in entity.places], dtype=bool)
        numbers = self.numbers[(self.kinds >= 0) & is_numbered[self.kinds]]
        return min(max(int(numbers.max(initial=0)), FEWEST), MOST)


def _placed(entity: Entity, children: pd.DataFrame, root_ids: Sequence[str]) -> _Placed:
    position = {identity: at for at, identity in enumerate(root_ids)}
    kinds = {kind.value: at for at, kind in enumerate(entity.places)}
    of_kind = children[entity.slot_field].tolist() if entity.slot_field else [""] * len(children)
    placed = pd.DataFrame(
        {
            "root": [position.get(identity, -1) for identity in children[PARENT_ID].tolist()],
            "kind": [kinds.get(value, -1) for value in of_kind],
        },
        dtype="int64",
    )
    numbers = placed.groupby(["root", "kind"]).cumcount() + 1
    return _Placed(placed["root"].to_numpy(), placed["kind"].to_numpy(), numbers.to_numpy(dtype="int64"))


def slots_in_export(entity: Entity, children: pd.DataFrame, root_ids: Sequence[str]) -> dict[tuple[int, str], int]:
    """Which child a flat export shows where, as (position of the root record, title of the slot) -> label."""
    placed = _placed(entity, children, root_ids)
    each = zip(placed.roots.tolist(), placed.kinds.tolist(), placed.numbers.tolist(), strict=True)
    return {
        (root, Slot(entity.places[kind], number).title): label
        for label, (root, kind, number) in enumerate(each)
        if root >= 0 and kind >= 0
    }


@dataclass(frozen=True, slots=True)
class SlotSheet:
    """The filled slots of one child entity: a raw sheet whose rows are labels, and where their cells really are."""

    entity: Entity
    raw: RawSheet
    slots: tuple[SlotColumns, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """A flat raw sheet taken apart: the root's own columns, and the children that it has columns for."""

    root: RawSheet
    children: dict[str, SlotSheet] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)


def gather(catalogue: Catalogue, raw: RawSheet) -> Gathered:
    """Take a sheet apart; one without any slot's column has no children and stays as it is."""
    headers = SlotHeaders(catalogue)
    own: list[RawColumn] = []
    found: dict[str, dict[Slot, dict[str, RawColumn]]] = {}
    issues: list[Issue] = []
    for column in raw.columns:
        parsed = headers.parse(column.header)
        if parsed is None:
            own.append(column)
            continue
        child, slot, name = parsed
        columns = found.setdefault(child.name, {}).setdefault(slot, {})
        if name in columns:
            issues.append(_duplicate(raw, column, columns[name]))
        else:
            columns[name] = column
    children = {
        child.name: _slot_sheet(child, raw, found[child.name], _shared(catalogue.root, child, own))
        for child in catalogue.children
        if child.name in found
    }
    return Gathered(replace(raw, columns=tuple(own)) if children else raw, children, issues)


def _duplicate(raw: RawSheet, column: RawColumn, first: RawColumn) -> Issue:
    return Issue(
        code=IssueCode.DUPLICATE_COLUMN,
        severity=Severity.ERROR,
        sheet=raw.name,
        row=raw.header_row,
        column=column.header,
        cell=f"{column.letter}{raw.header_row}" if column.letter else "",
        found=column.header,
        message=f"the column {column.header!r} stands twice (also in {first.letter or first.header})",
        hint="Delete or rename one of them.",
    )


def _shared(root: Entity, child: Entity, own: Sequence[RawColumn]) -> dict[str, RawColumn]:
    """The columns that say something of a row's children, too: its command, and its key, which is their parent's."""
    wanted = {normalise_header(COMMAND): COMMAND, normalise_header(root.key_fields[0]): child.parent_key}
    shared: dict[str, RawColumn] = {}
    for column in own:
        if name := wanted.get(normalise_header(column.header)):
            shared.setdefault(name, column)
    return shared


def _slot_sheet(
    child: Entity, raw: RawSheet, slots: dict[Slot, dict[str, RawColumn]], shared: dict[str, RawColumn]
) -> SlotSheet:
    filled = {slot: _filled(raw, list(columns.values())) for slot, columns in slots.items()}
    labels = [
        label_of(raw.rows[at], number)
        for number, positions in enumerate(filled.values(), start=1)
        for at in positions.tolist()
    ]
    names = [name for name in child.by_name if any(name in columns for columns in slots.values())]
    columns = [_stacked(name, [(columns.get(name), filled[slot]) for slot, columns in slots.items()]) for name in names]
    if child.slot_field:
        values = [slot.kind.value for slot, at in filled.items() for _ in range(len(at))]
        columns.append(RawColumn(child.slot_field, child.slot_field, values, bytes([Fact.TEXT]) * len(values)))
    stacked = RawSheet(
        name=raw.name,
        header_row=raw.header_row,
        rows=labels,
        columns=tuple(columns),
        formulas=_formulas(raw, list(slots.values()), set(labels)),
    )
    places = tuple(SlotColumns(slot.title, {**shared, **own}) for slot, own in slots.items())
    return SlotSheet(child, stacked, places)


def _formulas(raw: RawSheet, slots: Sequence[dict[str, RawColumn]], labels: set[int]) -> dict[tuple[int, str], str]:
    """The formulas in slots, by label and by what stands for a letter in a stacked column: the field's name."""
    place = {
        column.letter: (number, name)
        for number, columns in enumerate(slots, start=1)
        for name, column in columns.items()
    }
    found = {}
    for (row, letter), formula in raw.formulas.items():
        number, name = place.get(letter, (0, ""))
        if number and (label := label_of(row, number)) in labels:
            found[label, name] = formula
    return found


def _filled(raw: RawSheet, columns: Sequence[RawColumn]) -> np.ndarray:
    """The positions of the rows in which a slot says something; blanks are nothing."""
    has_cells = np.zeros(len(raw.rows), dtype=bool)
    for column in columns:
        has_cells |= np.frombuffer(column.facts, dtype=np.uint8) != Fact.BLANK
    blank = np.flatnonzero(has_cells).tolist()
    for column in columns:
        blank = [at for at in blank if not column.text[at] or column.text[at].isspace()]
    has_cells[blank] = False
    return np.flatnonzero(has_cells)


def _stacked(name: str, parts: Sequence[tuple[RawColumn | None, np.ndarray]]) -> RawColumn:
    """One field's cells of all slots; a slot without this column has blanks, and its `SlotColumns` lack it."""
    text: list[str] = []
    facts: list[bytes] = []
    for column, at in parts:
        if column is None:
            text += [""] * len(at)
            facts.append(bytes(len(at)))
        else:
            text += [column.text[each] for each in at.tolist()]
            facts.append(np.frombuffer(column.facts, dtype=np.uint8)[at].tobytes())
    return RawColumn(name, name, text, b"".join(facts))
