"""The target's rows once everything is converted: which are new, and which the target would refuse.

A row that cannot be made stays, filled in as far as possible, under the command IGNORE, for a person to put right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from bulkio.core.converters import Reason
from bulkio.core.flatten import frame_of
from bulkio.core.headers import Command
from bulkio.core.ledger import Left

if TYPE_CHECKING:
    import pandas as pd

    from bulkio.core.catalogue import Catalogue, Entity
    from bulkio.core.material import Work

#: The sheet row of a converted frame's first row: it stands below the header.
FIRST_ROW = 2

_MOST_ROUNDS = 5  # of the target's rules: what one leaves out may break another


class BrokenRule(Protocol):
    """What the rules of an ERP find: of which row of which entity, in which field, in words."""

    @property
    def entity(self) -> str:
        """The entity's name."""

    @property
    def row(self) -> int:
        """The frame's index label; below 0 it is of no row of ours."""

    @property
    def field(self) -> str:
        """The field to mark."""

    @property
    def message(self) -> str:
        """What is wrong."""


Rules = Callable[[Mapping[str, Any]], Iterable[BrokenRule]]


class MadeRows:
    """The target rows of one entity once all legs are done: which are new, and which cannot be made."""

    def __init__(self, work: Work, entity: Entity) -> None:
        self.work = work
        self.entity = entity
        self.made = work.made[entity.name]
        self.left: list[Left] = []
        self.commands = []
        for at, source_id in enumerate(self.made.ids):
            known = work.material.crosswalk.find(entity.name, source_id)
            if known:
                self.made.columns[entity.id_field][at] = known
            command = work.material.unknown.name if known is None else Command.MERGE.name
            self.commands.append("" if known else command)

    def frame(self) -> pd.DataFrame:
        """As a canonical frame."""
        return frame_of(self.made.columns, len(self.made.ids))

    def open_rows(self) -> list[int]:
        """The rows that are to be written, whatever the target makes of them."""
        return [at for at, command in enumerate(self.commands) if command != Command.IGNORE.name]

    def ignore(self, row: int, reason: Reason, why: str) -> None:
        """The row cannot be made: it stays in the workbook, for a person to put right."""
        self.commands[row] = Command.IGNORE.name
        for entity, at, _ in self.made.parts[row]:
            self.work.ledger.withdraw_row(entity, at, reason, f"{why}; the row is there under IGNORE")

    def blank(self, row: int, name: str, why: str) -> None:
        """One cell cannot be written."""
        for entity, at, carries in self.made.parts[row]:
            if name in carries:
                for target in carries[name].targets:
                    self.made.columns[target][row] = ""
                for source in carries[name].sources:
                    self.work.ledger.leave(entity, source, [at], Reason.INVALID, why)

    def require(self, fills: Mapping[str, str]) -> None:
        """What a new record cannot be without; `fills` say what to write into the root's."""
        lacking: dict[int, list[str]] = {}
        for declared in self.entity.needed:
            values = self.made.columns[declared.name]
            blank = [at for at in self.open_rows() if not values[at] and self.commands[at]]
            filling = "" if self.entity.parent else fills.get(declared.name, "")
            if filling and blank:
                self._fill(declared.name, blank, filling)
            elif blank:
                for at in blank:
                    lacking.setdefault(at, []).append(declared.name)
        for at, names in lacking.items():
            self.ignore(at, Reason.REQUIRED, f"{', '.join(names)} would be blank")

    def _fill(self, name: str, rows: list[int], value: str) -> None:
        for at in rows:
            self.made.columns[name][at] = value
        self.left.append(
            Left(
                entity=self.entity.name,
                field=name,
                reason=Reason.FILLED,
                why="there was nothing for it; this is what you said",
                rows=tuple(at + FIRST_ROW for at in rows),
                texts=(value,) * len(rows),
                cells=0,
                carried_as=name,
                of_target=True,
            )
        )

    def tell_apart(self) -> None:
        """Children of one record that have the same key: the target would take the second for the first."""
        entity = self.entity
        if not entity.parent:
            return
        names = (entity.parent_key, *entity.key_fields)
        seen: set[tuple[str, ...]] = set()
        for at in self.open_rows():
            key = tuple(self.made.columns[name][at].casefold() for name in names)
            if self.made.columns[entity.id_field][at] or not any(key[1:]):
                continue
            if key in seen:
                why = f"another {entity.singular} has the same {' + '.join(entity.key_fields)}"
                self.ignore(at, Reason.DUPLICATE, why)
            seen.add(key)


def obey(tables: Mapping[str, MadeRows], rules: Rules) -> None:
    """The target's rules over several fields: a cell that breaks one is left out, or else its row."""
    for _ in range(_MOST_ROUNDS):
        frames = {name: table.frame().loc[table.open_rows()] for name, table in tables.items()}
        found = [each for each in rules(frames) if each.row >= 0]
        for each in found:
            table = tables[each.entity]
            declared = table.entity.by_name[each.field]
            is_fixed = declared in table.entity.needed or each.field in table.entity.key_fields
            if table.commands[each.row] == Command.IGNORE.name:
                continue
            if table.made.columns[each.field][each.row] and not is_fixed:
                table.blank(each.row, each.field, each.message)
            elif table.commands[each.row]:  # of a record that is there already, the rest may be there as well
                table.ignore(each.row, Reason.INVALID, each.message)
        if not found:
            return


def follow_parents(tables: Mapping[str, MadeRows], target: Catalogue) -> None:
    """Children of a record that cannot be made."""
    root = tables[target.root.name]
    of_source = root.work.source.root
    keys = root.work.column(of_source.name, of_source.key_fields[0]) if of_source.name in root.work.out else []
    gone = {
        keys[row]
        for at, command in enumerate(root.commands)
        if command == Command.IGNORE.name
        for entity, row, _ in root.made.parts[at]
        if entity == of_source.name
    }
    for child in target.children:
        table = tables[child.name]
        owners = table.made.columns[child.parent_key]
        for at in table.open_rows():
            if owners[at] in gone:
                table.ignore(at, Reason.WITH_PARENT, f"its {target.root.singular} is not carried")
