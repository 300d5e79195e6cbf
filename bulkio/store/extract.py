"""What was read, in blocks in a temporary file: an export holds some thousand records in memory, not all of them.

The blocks are those of a baseline (store/blocks.py): they are compressed once, and copied into it as they are. The file
is the process's alone: it has no name where the system can do without one, and is gone when the process is.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bulkio.errors import FileError
from bulkio.store.baseline import Shape, head, id_of
from bulkio.store.blocks import Tables, inflated, pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from bulkio.store.baseline import BaselineHeader

_IN_MEMORY = 4_000_000  # bytes that need no file: a small export leaves no trace on the disk at all


@dataclass(frozen=True, slots=True)
class Kept:
    """A block, and where in the file it is."""

    start: int
    size: int
    digest: bytes
    rows: dict[str, int]
    blank: frozenset[tuple[str, str]]


class Extract:
    """Grows by blocks of canonical columns; `chosen` are those that count, in the order of their rows.

    `columns` are those of every block. `folder` is where the temporary file is, if there is more than a little.
    """

    def __init__(self, columns: Mapping[str, Sequence[str]], folder: Path | None = None) -> None:
        self.columns = {name: list(titles) for name, titles in columns.items()}
        self.chosen: list[Kept] = []
        self._folder = str(folder or tempfile.gettempdir())
        # Not in a `with`: it lives as long as this does, and no longer.
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=self._folder)  # noqa: SIM115
        weakref.finalize(self, self._file.close)

    def add(self, tables: Mapping[str, Mapping[str, list[str]]]) -> Kept:
        """Write a block; it is not chosen yet. Raises FileError if the disk cannot take it."""
        block = pack(tables)
        with self._explaining():
            start = self._file.seek(0, os.SEEK_END)
            self._file.write(block.packed)
        return Kept(start, len(block.packed), block.digest, block.rows, block.blank)

    def read(self, block: Kept) -> dict[str, pd.DataFrame]:
        """The frames of a block, index 0..n-1."""
        tables = Tables(self.columns, block.rows, are_kept=False)
        tables.add(inflated(self._packed(block)).splitlines())
        return tables.frames()

    @property
    def rows(self) -> dict[str, int]:
        """How many rows there are of each table."""
        return {name: sum(block.rows[name] for block in self.chosen) for name in self.columns}

    def is_blank(self, table: str, column: str) -> bool:
        """Whether no row has a value there."""
        return all((table, column) in block.blank for block in self.chosen if block.rows[table])

    def parts(self) -> Iterator[dict[str, pd.DataFrame]]:
        """The frames of one block after another; one without rows if there is none."""
        if not self.chosen:
            yield Tables(self.columns, self.rows).frames()
        for block in self.chosen:
            yield self.read(block)

    def frames(self) -> dict[str, pd.DataFrame]:
        """All rows in one frame a table."""
        tables = Tables(self.columns, self.rows)
        for block in self.chosen:
            tables.add(inflated(self._packed(block)).splitlines())
        return tables.frames()

    def id_under(self, header: BaselineHeader) -> str:
        """The id of the baseline that this is under a header."""
        return id_of(header, Shape(self.columns, self.rows), (block.digest for block in self.chosen))

    def baseline(self, header: BaselineHeader) -> Iterator[bytes]:
        """The bytes of that baseline, piece by piece."""
        yield head(header, Shape(self.columns, self.rows))
        for block in self.chosen:
            yield self._packed(block)

    def _packed(self, block: Kept) -> bytes:
        with self._explaining():
            self._file.seek(block.start)
            return self._file.read(block.size)

    @contextlib.contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            msg = f"{self._folder}: what was read cannot be kept in a temporary file there ({exc.strerror or exc})"
            raise FileError(msg, hint="Free some space on that disk, or export to another one.") from exc
