"""Convert: frames of one ERP's catalogue to frames of another's, and the name of everything that does not get there.

rows that say IGNORE or DELETE -> leg by leg, column by column -> what the target requires -> children that it could
not tell apart -> its own rules -> which rows are new
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulkio.core.catalogue import Access, ClearAs, Kind
from bulkio.core.converters import Reason
from bulkio.core.ledger import Ledger, Left
from bulkio.core.made_rows import MadeRows, follow_parents, obey
from bulkio.core.material import Material, Work
from bulkio.core.passage import Passage

if TYPE_CHECKING:
    from collections import Counter

    import pandas as pd

    from bulkio.core.bridge import Direction
    from bulkio.core.catalogue import Catalogue, Entity, Field
    from bulkio.core.made_rows import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What came of it: the target's frames (index 0..n-1), and per row its command and the id of what it was.

    `left` names what was not carried, and what was and should be looked at; `filled` counts the source's filled cells,
    `carried` those of them that are carried, `named` the others by reason.
    """

    frames: dict[str, pd.DataFrame]
    commands: dict[str, list[str]]
    sources: dict[str, list[str]]
    left: list[Left]
    filled: int
    carried: int
    named: Counter[Reason]


def convert(
    direction: Direction,
    source: Catalogue,
    target: Catalogue,
    material: Material,
    rules: Rules,
) -> Conversion:
    """Convert everything. `rules` are the target's over several fields (`Connector.check_rules`)."""
    work = Work(direction, source, target, material, Ledger(material.frames))
    _leave_rows_out(work)
    for leg in direction.legs:
        if leg.source.entity in material.frames:
            Passage(work, leg).go()
    tables = {entity.name: MadeRows(work, entity) for entity in target.entities}
    for table in tables.values():
        table.require(material.fills)
        table.tell_apart()
    obey(tables, rules)
    follow_parents(tables, target)
    _close(work)
    return Conversion(
        frames={name: table.frame() for name, table in tables.items()},
        commands={name: table.commands for name, table in tables.items()},
        sources={name: table.made.ids for name, table in tables.items()},
        left=[*work.ledger.left, *(left for table in tables.values() for left in table.left)],
        filled=work.ledger.filled,
        carried=work.ledger.carried,
        named=work.ledger.named,
    )


def _leave_rows_out(work: Work) -> None:
    for name, rows in work.material.left_out.items():
        positions = {row: at for at, row in enumerate(work.material.frames[name].index.tolist())}
        for row, why in rows.items():
            work.out[name].add(positions[row])
            work.ledger.leave_row(name, positions[row], Reason.LEFT_OUT, why)


def _close(work: Work) -> None:
    """Whatever nothing was said of yet."""
    for name, frame in work.material.frames.items():
        entity = work.source.by_name[name]
        for column in frame:
            rows = work.ledger.still_open(name, str(column))
            if rows:
                _leave_unmapped(work, entity, str(column), rows)


def _leave_unmapped(work: Work, entity: Entity, name: str, rows: list[int]) -> None:
    declared = entity.by_name.get(name)
    why = work.direction.why_alone(entity.name, name)
    if name == entity.id_field or (not why and declared and _is_bookkeeping(declared)):
        work.ledger.leave(entity.name, name, rows, Reason.BOOKKEEPING, "kept by the ERP itself", once=True)
        return
    if declared and _may_be_unset(declared):
        values = work.column(entity.name, name)
        unset = [at for at in rows if values[at] in _UNSET]
        work.ledger.leave(entity.name, name, unset, Reason.UNSET, why or _NO_FIELD, once=True)
        rows = [at for at in rows if values[at] not in _UNSET]
    work.ledger.leave(entity.name, name, rows, Reason.NO_COUNTERPART, why or _NO_FIELD)


_NO_FIELD = "there is no such field"
_UNSET = ("false", "0")


def _is_bookkeeping(declared: Field) -> bool:
    return declared.access is Access.READ_ONLY or declared.kind is Kind.GUID


def _may_be_unset(declared: Field) -> bool:
    """Whether FALSE or 0 is how the field says that there is nothing; a flag with a blank state says no by FALSE."""
    if declared.kind is Kind.BOOLEAN:
        return declared.clear_as is ClearAs.NEVER
    return declared.kind in (Kind.DECIMAL, Kind.INTEGER)
