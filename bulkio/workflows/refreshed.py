"""The base of a results file: what was exported, with what the run wrote and read back laid over it.

So the copy with results can be edited and planned again: what the run did is the person's no more, and what colleagues
did since is still theirs. Only cells that say what was written are laid over: a field that followed another (a Guid
with its code) stands in the sheet as it was exported, and must not look like an edit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from bulkio.core.flat import gather
from bulkio.core.flatten import PARENT_ID
from bulkio.core.grid import RawColumn
from bulkio.core.kinds import CLEAR
from bulkio.core.plan import Action
from bulkio.core.report import GOOD
from bulkio.core.rows import read_rows
from bulkio.core.slots import sheet_row
from bulkio.store.baseline import Baseline, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bulkio.core.catalogue import Catalogue, Entity
    from bulkio.core.grid import RawSheet
    from bulkio.core.locale import Locale
    from bulkio.core.plan import Operation
    from bulkio.core.report import Outcome
    from bulkio.core.rows import SheetRows

    Done = Sequence[tuple[Operation, Outcome]]


def refreshed(
    baseline: Baseline, catalogue: Catalogue, done: Done, sheets: Mapping[str, RawSheet], locale: Locale
) -> Baseline:
    """The baseline under a new id; `sheets` are the user's, by the names that the operations have."""
    frames = dict(baseline.frames)
    for entity in catalogue.entities:
        mine = [(o, outcome) for o, outcome in done if o.entity == entity.name and outcome.status in GOOD]
        if mine and entity.name in frames:
            typed = _typed(catalogue, entity, mine, sheets, locale)
            frames[entity.name] = _laid_over(entity, frames[entity.name], mine, typed)
    header = replace(baseline.header, base_id="")
    return Baseline(replace(header, base_id=new_id(Baseline(header, frames))), frames)


def _typed(
    catalogue: Catalogue, entity: Entity, done: Done, sheets: Mapping[str, RawSheet], locale: Locale
) -> dict[str, dict[str, str]]:
    """What the sheet says where it says what was written, by operation and field."""
    sheet = sheets.get(done[0][0].sheet)
    if sheet is None:
        return {}
    rows = _read(catalogue, entity, _rows_of(sheet, {operation.row for operation, _ in done}), locale)
    label_of = {(sheet_row(label), rows.slot_at(label)): label for label in rows.frame.index.tolist()}
    typed: dict[str, dict[str, str]] = {}
    for operation, _ in done:
        label = label_of.get((operation.row, operation.slot))
        if label is None:
            continue
        target = {name: value for name, value in operation.target.items() if name in rows.frame.columns}
        cells = {name: rows.value(label, name) for name in target}
        typed[operation.id] = {
            name: value for name, value in target.items() if ("" if cells[name] == CLEAR else cells[name]) == value
        }
    return typed


def _read(catalogue: Catalogue, entity: Entity, sheet: RawSheet, locale: Locale) -> SheetRows:
    """The entity's rows of a sheet: its own, or the slots of a flat one."""
    gathered = gather(catalogue, sheet)
    if slots := gathered.children.get(entity.name):
        return replace(read_rows(entity, slots.raw, locale), slots=slots.slots)
    return read_rows(entity, gathered.root, locale)


def _rows_of(sheet: RawSheet, wanted: set[int]) -> RawSheet:
    """The sheet with these rows alone: reading all of it once more would take as long as the first time."""
    at = [place for place, row in enumerate(sheet.rows) if row in wanted]
    columns = tuple(
        RawColumn(each.header, each.letter, [each.text[i] for i in at], bytes([each.facts[i] for i in at]))
        for each in sheet.columns
    )
    return replace(sheet, rows=[sheet.rows[place] for place in at], columns=columns)


def _laid_over(entity: Entity, frame: pd.DataFrame, done: Done, typed: Mapping[str, dict[str, str]]) -> pd.DataFrame:
    changed = frame.copy()
    label_of = {identity: label for label, identity in enumerate(frame[entity.id_field].tolist())}
    gone: list[int] = []
    made: list[dict[str, str]] = []
    for operation, outcome in done:
        label = label_of.get(operation.guid)
        values = typed.get(operation.id, {})
        if operation.action is Action.CREATE:
            ours = {entity.id_field: outcome.guid, PARENT_ID: operation.parent_guid}
            if entity.parent_key:
                ours[entity.parent_key] = operation.parent_key
            made.append({**values, **{name: value for name, value in ours.items() if name in frame.columns}})
        elif operation.action is Action.DELETE and not entity.soft_delete_field and label is not None:
            gone.append(label)
        elif label is not None:
            for name, value in values.items():
                changed.at[label, name] = value
    added = pd.DataFrame(made, columns=frame.columns, dtype=object).fillna("")
    return pd.concat([changed.drop(index=gone), added], ignore_index=True).astype(object)
