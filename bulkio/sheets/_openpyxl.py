"""Load a workbook with openpyxl without losing text: it deletes every `x005F_` that it reads.

`ITEMx005F_1` would become ITEM1, and a literal `_x0041_` would become A. So it is given a file that has a sentinel
there, and whoever takes text out of the workbook, or saves it, puts back what belongs there.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bulkio.sheets._package import opened

if TYPE_CHECKING:
    from pathlib import Path

_DELETED = b"x005F_"  # by openpyxl, from every text that it reads
_SENTINEL = "\ue0f0\ue0f1"  # stands for it meanwhile; private use, and doubled if a file has it all the same


@dataclass(frozen=True, slots=True)
class Loaded:
    """The workbook, the sentinel that it was read with ("" if none was needed), and openpyxl's warnings."""

    workbook: Any
    sentinel: str
    warnings: tuple[str, ...] = ()

    def text(self, text: str) -> str:
        """A text of the workbook as its XML has it."""
        return text.replace(self.sentinel, _DELETED.decode()) if self.sentinel else text

    def restored(self, content: io.BytesIO) -> io.BytesIO:
        """What openpyxl saved, with the texts as they were."""
        return _replaced(content, self.sentinel.encode(), _DELETED) if self.sentinel else content


def loaded(source: Path, **options: Any) -> Loaded:
    """Load `source`, preflighted; `options` are openpyxl's. Raises whatever openpyxl does."""
    import openpyxl  # noqa: PLC0415 - heavy

    with opened(source):  # preflight: what comes now unpacks it all
        content = io.BytesIO(source.read_bytes())
    with zipfile.ZipFile(content) as archive:
        parts = [archive.read(name) for name in archive.namelist() if _holds_text(name)]
    sentinel = ""
    if any(_DELETED in part for part in parts):
        sentinel = _SENTINEL
        while any(sentinel.encode() in part for part in parts):
            sentinel += _SENTINEL
        content = _replaced(content, _DELETED, sentinel.encode())
    del parts
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        workbook = openpyxl.load_workbook(content, **options)
    return Loaded(workbook, sentinel, tuple(str(warning.message) for warning in caught))


def _replaced(content: io.BytesIO, old: bytes, new: bytes) -> io.BytesIO:
    """The same archive, with `old` replaced by `new` in the parts that hold text."""
    changed = io.BytesIO()
    with zipfile.ZipFile(content) as before, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            part = before.read(entry)
            after.writestr(entry, part.replace(old, new) if _holds_text(entry.filename) else part)
    changed.seek(0)
    return changed


def _holds_text(part: str) -> bool:
    return part.endswith(".xml")
