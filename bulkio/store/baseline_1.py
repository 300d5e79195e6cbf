"""The first version of a baseline's lines, which users still have: `["Customers", ["A1", ...]]`, one a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bulkio.core.flatten import frame_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

SCHEMA = "bulkio.baseline/1"

_AT_ONCE = 1000  # lines: all of them as lists at once keep the garbage collector busy


def frames_of_lines(columns: Mapping[str, list[str]], lines: Iterable[bytes]) -> dict[str, pd.DataFrame]:
    """The lines by entity. Raises ValueError (msgspec's errors are), KeyError or TypeError for what is none."""
    decode = msgspec.json.Decoder(tuple[str, list[str]]).decode
    cells: dict[str, list[list[str]]] = {name: [[] for _ in names] for name, names in columns.items()}
    waiting: dict[str, list[list[str]]] = {}

    def take_in() -> None:
        for name, rows in waiting.items():
            for column, values in zip(cells[name], zip(*rows, strict=True), strict=True):
                column.extend(values)
        waiting.clear()

    for number, line in enumerate(lines, start=1):
        name, row = decode(line)
        waiting.setdefault(name, []).append(row)
        if number % _AT_ONCE == 0:
            take_in()
    take_in()
    return {
        name: frame_of(dict(zip(names, cells[name], strict=True)), len(cells[name][0]) if names else 0)
        for name, names in columns.items()
    }
