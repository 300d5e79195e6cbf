"""One leg of a conversion: the source rows that it is about, their columns converted, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bulkio.core.converters import Reason
from bulkio.core.flatten import frame_of
from bulkio.core.schema import check_cells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.core.bridge import Carry, Leg
    from bulkio.core.material import Work

    Notes = list[tuple[Carry, int, int, Reason, str]]  # of a carry: position, source column, what is to be said

#: Between a root record's id and the kind of child that is made of its own fields, where that child needs an id.
PART = "#"


class Passage:
    """One leg: the source rows that it is about, their columns converted, and where they go."""

    def __init__(self, work: Work, leg: Leg) -> None:
        self.work = work
        self.leg = leg
        self.source = work.source.by_name[leg.source.entity]
        self.target = work.target.by_name[leg.target.entity]
        self.rows: list[int] = []
        self.owners: list[int] = []  # of each row: its root record's row in the source, -1 if it is not in the file

    def go(self) -> None:
        """Select, convert, judge, put in place."""
        self._select()
        if self.source.parent and not self.target.parent:
            self._keep_one_per_root()
        if self.leg.twin:
            self._leave_twins_to_their_root()
        columns, notes = self._convert()
        self._blank_invalid(columns, notes)
        self._leave_incomplete(columns, notes)
        self._account(notes)
        self._place(columns)

    def _select(self) -> None:
        work, side = self.work, self.leg.source
        rows = [at for at in range(len(work.material.frames[side.entity])) if at not in work.out[side.entity]]
        if side.field:
            values = work.column(side.entity, side.field)
            rows = [at for at in rows if values[at] == side.value]
        if not self.source.parent:
            if self.target.parent:  # a part of the root's record that is a record of its own there
                names = [name for carry in self.leg.carries for name in carry.sources]
                filled = np.any([[value != "" for value in work.column(side.entity, name)] for name in names], axis=0)
                rows = [at for at in rows if filled[at]]
            self.rows, self.owners = rows, list(rows)
            return
        keys = work.column(side.entity, self.source.parent_key)
        gone = work.out.get(work.source.root.name, set())
        for at in rows:
            owner = work.roots.get(keys[at], -1)
            if owner in gone:
                work.ledger.leave_row(
                    side.entity, at, Reason.WITH_PARENT, f"its {work.source.root.singular} is left out"
                )
            elif owner < 0 and not self.target.parent:
                why = f"its {work.source.root.singular} is not in the file"
                work.ledger.leave_row(side.entity, at, Reason.WITH_PARENT, why)
            else:
                self.rows.append(at)
                self.owners.append(owner)

    def _keep_one_per_root(self) -> None:
        seen: set[int] = set()
        kept = []
        for at, owner in zip(self.rows, self.owners, strict=True):
            if owner in seen:
                what = f"{self.leg.source.value} {self.source.singular}".strip()
                why = f"there is room for one {what} of a {self.work.target.root.singular}"
                self.work.ledger.leave_row(self.source.name, at, Reason.NO_ROOM, why)
            else:
                kept.append((at, owner))
                seen.add(owner)
        self._keep(kept)

    def _leave_twins_to_their_root(self) -> None:
        work, root = self.work, self.work.source.root.name
        mine = [work.column(self.source.name, name) for name, _ in self.leg.twin]
        roots = [work.column(root, name) for _, name in self.leg.twin]
        key = range(self.leg.twin_key)
        kept = []
        for at, owner in zip(self.rows, self.owners, strict=True):
            is_twin = owner >= 0 and any(mine[n][at] for n in key) and all(mine[n][at] == roots[n][owner] for n in key)
            if not is_twin:
                kept.append((at, owner))
                continue
            for n, (name, of_root) in enumerate(self.leg.twin):
                if mine[n][at] == roots[n][owner]:
                    work.ledger.carry(self.source.name, [name], [at])
                else:
                    why = f"it is the {work.source.root.singular}'s own contact, whose {of_root} is another"
                    work.ledger.leave(self.source.name, name, [at], Reason.NO_ROOM, why)
            work.ledger.carry(self.source.name, [self.source.parent_key], [at])
            work.made[work.target.root.name].parts[work.root_row[owner]].append((self.source.name, at, {}))
        self._keep(kept)

    def _keep(self, kept: Sequence[tuple[int, int]]) -> None:
        self.rows = [at for at, _ in kept]
        self.owners = [owner for _, owner in kept]

    def _convert(self) -> tuple[dict[str, list[str]], Notes]:
        columns: dict[str, list[str]] = {}
        notes: Notes = []
        for carry in self.leg.carries:
            given = [self._column(name) for name in (*carry.sources, *carry.context)]
            converted = carry.how(given)
            columns |= dict(zip(carry.targets, converted.columns, strict=True))
            notes += [(carry, note.position, note.source, note.reason, note.why) for note in converted.notes]
        return columns, notes

    def _column(self, name: str) -> list[str]:
        values = self.work.column(self.source.name, name)
        return [values[at] for at in self.rows]

    def _blank_invalid(self, columns: dict[str, list[str]], notes: Notes) -> None:
        by_target = {name: carry for carry in self.leg.carries for name in carry.targets}
        for problem in check_cells(self.target, frame_of(columns, len(self.rows))):
            carry = by_target[problem.field]
            for name in carry.targets:
                columns[name][problem.row] = ""
            why = f"as {problem.field}: {problem.message}"
            notes += [(carry, problem.row, source, Reason.INVALID, why) for source in range(len(carry.sources))]

    def _leave_incomplete(self, columns: dict[str, list[str]], notes: Notes) -> None:
        """Rows of which the target would take all or nothing."""
        if not self.leg.needs:
            return
        lacking = {
            at: [name for name in self.leg.needs if not columns[name][at]]
            for at in range(len(self.rows))
            if any(columns[name][at] for name in columns) and not all(columns[name][at] for name in self.leg.needs)
        }
        for at, names in lacking.items():
            why = f"incomplete: {', '.join(names)} would be blank"
            self.work.ledger.leave_row(self.source.name, self.rows[at], Reason.INCOMPLETE, why)
        kept = [at for at in range(len(self.rows)) if at not in lacking]
        place = {at: new for new, at in enumerate(kept)}
        for name, values in columns.items():
            columns[name] = [values[at] for at in kept]
        notes[:] = [(carry, place[at], *rest) for carry, at, *rest in notes if at in place]  # type: ignore[misc]
        self._keep([(self.rows[at], self.owners[at]) for at in kept])

    def _account(self, notes: Notes) -> None:
        ledger, name = self.work.ledger, self.source.name
        by_column: dict[tuple[str, Reason, str, str], list[int]] = {}
        for carry, at, source, reason, why in notes:
            as_what = " + ".join(carry.targets) if reason.is_carried else ""
            by_column.setdefault((carry.sources[source], reason, why, as_what), []).append(self.rows[at])
        for carry in self.leg.carries:
            ledger.carry(name, carry.sources, self.rows)
        tied = (self.leg.source.field, self.source.parent_key)
        ledger.carry(name, [each for each in tied if each], self.rows)
        for (column, reason, why, as_what), rows in by_column.items():
            if reason.is_carried:
                ledger.remark(name, column, rows, reason, why, carried_as=as_what)
            else:
                ledger.leave(name, column, rows, reason, why, once=reason is Reason.UNSET)
        for carry in self.leg.carries:
            if carry.remark:
                as_what = " + ".join(carry.targets)
                for column in carry.sources:
                    ledger.remark(name, column, self.rows, Reason.MOVED, carry.remark, carried_as=as_what, once=True)
        if self.leg.remark:
            column = self.leg.source.field
            as_what = self.leg.needs[0].rpartition(".")[0] if self.leg.needs else self.target.name
            ledger.remark(name, column, self.rows, Reason.MOVED, self.leg.remark, carried_as=as_what, once=True)

    def _place(self, columns: dict[str, list[str]]) -> None:
        work = self.work
        made = work.made[self.target.name]
        by_target = {name: carry for carry in self.leg.carries for name in carry.targets}
        if self.target.parent:
            if self.leg.target.field:
                columns[self.leg.target.field] = [self.leg.target.value] * len(self.rows)
            ids = work.column(self.source.name, self.source.id_field)
            part = f"{PART}{self.leg.target.value}" if not self.source.parent else ""
            columns[self.target.parent_key] = self._parent_keys()
            places = made.grow(columns, [f"{ids[at]}{part}" if ids[at] else "" for at in self.rows])
        elif not self.source.parent:
            ids = work.column(self.source.name, self.source.id_field)
            places = made.grow(columns, [ids[at] for at in self.rows])
            work.root_row = dict(zip(self.rows, places, strict=True))
        else:
            for name, values in columns.items():
                column = made.columns[name]
                for owner, value in zip(self.owners, values, strict=True):
                    column[work.root_row[owner]] = value
            for at, owner in zip(self.rows, self.owners, strict=True):
                made.parts[work.root_row[owner]].append((self.source.name, at, by_target))
            return
        for at, place in zip(self.rows, places, strict=True):
            made.parts[place].append((self.source.name, at, by_target))

    def _parent_keys(self) -> list[str]:
        key = self.source.parent_key or self.source.key_fields[0]
        return self._column(key)
