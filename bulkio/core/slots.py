"""Slots: where a flat sheet (one row per root record) has the cells of a child, and what such a child's row is called.

`Shipping 2: City` is the field City of the second shipping address of the row's customer. Several children share a
sheet's row, and a frame needs a label for each: `label_of(17, 3)` is the child in the third slot of row 17. Labels of
rows of their own are the row numbers themselves, so that `sheet_row` tells the real row of any label.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulkio.core.headers import normalise_header

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.core.catalogue import Catalogue, Entity, SlotKind
    from bulkio.core.grid import RawColumn

_ROWS = 1 << 32  # more than any file has lines
_NUMBERED = re.compile(r"(.*?)([1-9][0-9]{0,3})?")


def label_of(row: int, slot: int) -> int:
    """The label of the child in a row's slot; slots count from 1."""
    return slot * _ROWS + row


def sheet_row(label: int) -> int:
    """The row of the sheet that a label stands for."""
    return label % _ROWS


def slot_of(label: int) -> int:
    """Which slot of its row a label stands for; 0: the row is the record's own."""
    return label // _ROWS


def part_of(sheet: str, slot: str) -> str:
    """What tells the records of a row apart: the sheet, or the slot in it."""
    return f"{sheet}: {slot}" if slot else sheet


@dataclass(frozen=True, slots=True)
class Slot:
    """The place for one child: the `number`th (from 1) of a kind."""

    kind: SlotKind
    number: int

    @property
    def title(self) -> str:
        """`Shipping 2`, or `Postal` where there is but one."""
        is_only_one = not self.kind.is_numbered and self.number == 1
        return self.kind.title if is_only_one else f"{self.kind.title} {self.number}"

    def header(self, name: str) -> str:
        """The header of a field's column."""
        return f"{self.title}: {name}"


@dataclass(frozen=True, slots=True)
class SlotColumns:
    """A slot as a file has it: its title, and the raw columns by field (with what it shares with its row)."""

    title: str
    columns: dict[str, RawColumn]


def slots_of(entity: Entity, numbered: int) -> list[Slot]:
    """So many slots of each numbered kind, and one of each other, in the order in which a sheet shows them."""
    return [
        Slot(kind, number) for kind in entity.places for number in range(1, (numbered if kind.is_numbered else 1) + 1)
    ]


class SlotHeaders:
    """Tells which child's field a header names, whatever its case and blanks."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._kinds = {
            normalise_header(kind.title): (child, kind) for child in catalogue.children for kind in child.places
        }
        self._fields = {
            child.name: {normalise_header(name): name for name in child.by_name if name != child.slot_field}
            for child in catalogue.children
        }

    def parse(self, header: str) -> tuple[Entity, Slot, str] | None:
        """The child's entity, its slot and the field; None for every other header."""
        place, colon, field = normalise_header(header).partition(":")
        parts = _NUMBERED.fullmatch(place)
        known = self._kinds.get(parts[1]) if colon and parts else None
        if known is None or parts is None:
            return None
        child, kind = known
        name = self._fields[child.name].get(field)
        return None if name is None else (child, Slot(kind, int(parts[2] or 1)), name)


def titles(slots: Sequence[Slot]) -> str:
    """The slots in words: `Postal, Shipping 1 to 3`."""
    last: dict[str, list[Slot]] = {}
    for slot in slots:
        last.setdefault(slot.kind.title, []).append(slot)
    spans = [
        group[0].title if len(group) == 1 else f"{group[0].title} to {group[-1].number}" for group in last.values()
    ]
    return ", ".join(spans)
