"""The reading that a plan takes: the records that the touched rows concern, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bulkio.core.flatten import PARENT_ID
from bulkio.workflows.live import FEW_PAGES, Live, read_live
from bulkio.workflows.planning import PlanRequest, rows_to_delete, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bulkio.connectors.protocol import Connector, Reader
    from bulkio.workflows.checked import Checked


def read_concerned(  # noqa: PLR0913, PLR0917 what to read, from where, and whom to tell
    request: PlanRequest,
    connector: Connector,
    reader: Reader,
    checked: Checked,
    population: int,
    progress: Callable[[int, int | None], None],
) -> Live:
    """Read the root records that the touched rows concern, their children with them.

    `population` is how many root records there are (0: not known). Without an export to draw suggestions from, a small
    account is read whole.
    """
    root = connector.catalogue.root
    ids: dict[str, None] = {}
    keys: dict[str, None] = {}
    base = request.file.baseline.frames[root.name] if request.file.baseline else None
    base_ids: dict[str, str] = {}
    if base is not None:
        base_ids = dict(zip(base[root.key_fields[0]].tolist(), base[root.id_field].tolist(), strict=True))
    is_lost = False  # whether a child names nothing but itself, so that only a listing of everything finds it
    for sheet in checked.sheets.values():
        entity = sheet.entity
        for row in {**sheet.edits.cells, **dict.fromkeys(rows_to_delete(sheet)), **dict.fromkeys(sheet.unmatched)}:
            label = sheet.match.labels.get(row)
            if label is not None:
                ids[text_of(sheet.base, label, PARENT_ID if entity.parent else root.id_field)] = None
                continue
            key = sheet.rows.value(row, entity.parent_key or root.key_fields[0])
            identity = sheet.rows.value(row, entity.id_field)
            if identity and not entity.parent:
                ids[identity] = None
            is_lost = is_lost or bool(entity.parent and identity and not key)
            if key and key in base_ids:
                ids[base_ids[key]] = None
            elif key:
                keys[key] = None
    complete = request.file.baseline is not None and request.file.baseline.header.complete
    total = len(base) if complete and base is not None else population or None
    is_small = 0 < population <= FEW_PAGES * connector.capabilities.page_size
    return read_live(
        reader,
        connector.catalogue,
        connector.capabilities,
        ids=list(ids),
        keys=list(keys),
        everything=is_lost or (base is None and bool(keys) and is_small),
        wants_others=base is None,
        expected_total=total,
        progress=progress,
    )


def is_touched(checked: Checked) -> bool:
    """Whether anything may have to be done; if not, there is nothing to ask the ERP about."""
    return any(sheet.edits.cells or sheet.unmatched or rows_to_delete(sheet) for sheet in checked.sheets.values())
