"""A column's cells as a frame holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def cells_of(values: Sequence[str]) -> np.ndarray:
    """An array of the texts themselves: numpy would make texts of one width of them, if it were asked to choose."""
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells
