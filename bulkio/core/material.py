"""What a conversion works on: the source's frames, the books, and the target's rows in the making."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bulkio.core.crosswalk import Crosswalk
from bulkio.core.headers import Command

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from bulkio.core.bridge import Carry, Direction
    from bulkio.core.catalogue import Catalogue
    from bulkio.core.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What to convert: canonical frames by entity (index = sheet row; a missing column is absent).

    `left_out` are sheet rows that are not to be converted, by entity, each with why. `fills` are values for required
    fields of the target's root that come out blank. `crosswalk` knows what was carried over before, and `unknown` is
    the command of all other rows.
    """

    frames: Mapping[str, pd.DataFrame]
    left_out: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    fills: Mapping[str, str] = field(default_factory=dict)
    crosswalk: Crosswalk = field(default_factory=Crosswalk)
    unknown: Command = Command.NEW


@dataclass(slots=True)
class Made:
    """The target rows of one entity in the making.

    `columns` by field, `ids` what each row was, `parts` the source cells that it is made of: (entity, row, carry by
    target field).
    """

    columns: dict[str, list[str]]
    ids: list[str] = field(default_factory=list)
    parts: list[list[tuple[str, int, dict[str, Carry]]]] = field(default_factory=list)

    def grow(self, columns: Mapping[str, list[str]], ids: Sequence[str]) -> range:
        """Add rows; their positions."""
        start = len(self.ids)
        for name, values in self.columns.items():
            values.extend(columns.get(name, [""] * len(ids)))
        self.ids.extend(ids)
        self.parts.extend([] for _ in ids)
        return range(start, len(self.ids))


@dataclass(slots=True)
class Work:
    """What the steps share. `root_at` is where a root record's row is in the target, by its key there."""

    direction: Direction
    source: Catalogue
    target: Catalogue
    material: Material
    ledger: Ledger
    made: dict[str, Made] = field(default_factory=dict)
    out: dict[str, set[int]] = field(default_factory=dict)
    roots: dict[str, int] = field(default_factory=dict)
    root_row: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare the target's columns, and find the source's root records by their keys."""
        for entity in self.target.entities:
            names = ([entity.parent_key] if entity.parent_key else []) + [each.name for each in entity.fields]
            self.made[entity.name] = Made({name: [] for name in names})
        root = self.source.root
        self.out = {name: set() for name in self.material.frames}
        frame = self.material.frames.get(root.name)
        if frame is not None:
            keys = frame[root.key_fields[0]].tolist() if root.key_fields[0] in frame else []
            self.roots = {key: at for at, key in enumerate(keys) if key}

    def column(self, entity: str, name: str) -> list[str]:
        """A whole column of the source; blank where the file has no such."""
        frame = self.material.frames[entity]
        found: list[str] = frame[name].tolist() if name in frame else [""] * len(frame)
        return found
