"""What the records would hold after the import, as frames for the rules: the sheet laid over what was known before.

A blank cell leaves the known value (the blank rule), `[CLEAR]` blanks it. Records that are known but not in the sheet
are added under negative row labels, so that rules over a whole group (unique contacts, named addresses) see them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bulkio.core.kinds import CLEAR

if TYPE_CHECKING:
    from bulkio.core.catalogue import Entity


def effective_frame(
    entity: Entity, sheet: pd.DataFrame, known: pd.DataFrame, labels: dict[int, int], dropped: set[int]
) -> pd.DataFrame:
    """One entity's frame (index = sheet row, or -1 - label for records that only `known` has).

    `labels` are the matched rows (sheet row -> label in known), `dropped` the rows that are deleted or ignored.
    """
    names = list(dict.fromkeys([*([entity.parent_key] if entity.parent_key else []), *entity.by_name]))
    kept = [row for row in sheet.index.tolist() if row not in dropped]
    at = np.array([labels.get(row, -1) for row in kept], dtype=int)
    taken = set(labels.values())
    rest = [label for label in range(len(known)) if label not in taken]
    columns = {}
    for name in names:
        before = known[name].to_numpy(dtype=object) if name in known.columns else np.full(len(known), "", dtype=object)
        base = np.full(len(kept), "", dtype=object)
        if len(known):
            base = np.where(at >= 0, before[at], "")
        if name in sheet.columns:
            typed = sheet.loc[kept, name].to_numpy(dtype=object)
            base = np.where(typed == "", base, typed)
            base[base == CLEAR] = ""
        columns[name] = np.concatenate([base, before[rest]]) if rest else base
    index = pd.Index([*kept, *(-1 - label for label in rest)], dtype="int64")
    return pd.DataFrame(columns, index=index, dtype=object)
