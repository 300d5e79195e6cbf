"""Which library stands behind workbooks: our own parser and xlsxwriter (fast), or openpyxl alone.

`BULKIO_XLSX_ENGINE` says `fast` or `openpyxl`. Unless it does, reading is fast, and so is writing where xlsxwriter can
be imported. Both give the same; openpyxl takes several times as long, and to read several times the memory.
"""

from __future__ import annotations

import os
from enum import Enum
from importlib.util import find_spec
from typing import Final

from bulkio.errors import UsageError

VARIABLE: Final = "BULKIO_XLSX_ENGINE"


class Engine(Enum):
    """A way to read and write workbooks."""

    FAST = "fast"
    OPENPYXL = "openpyxl"


def reading_engine() -> Engine:
    """What reads. Raises UsageError if the environment names no engine."""
    return _declared() or Engine.FAST


def writing_engine() -> Engine:
    """What writes. Raises UsageError if the environment names no engine, or one that cannot be had."""
    declared = _declared()
    if declared is Engine.OPENPYXL or _has_xlsxwriter():
        return declared or Engine.FAST
    if declared is Engine.FAST:
        msg = f"{VARIABLE} is fast, but xlsxwriter cannot be imported"
        raise UsageError(msg, hint="Install xlsxwriter, or leave the variable out: openpyxl then writes workbooks.")
    return Engine.OPENPYXL


def _declared() -> Engine | None:
    text = os.environ.get(VARIABLE, "").strip().lower()
    try:
        return Engine(text) if text else None
    except ValueError as exc:
        msg = f"{VARIABLE} is {text!r}"
        raise UsageError(msg, hint=f"It is one of {', '.join(each.value for each in Engine)}.") from exc


def _has_xlsxwriter() -> bool:
    try:
        return find_spec("xlsxwriter") is not None
    except ValueError:  # it is None among the imported modules: somebody keeps it out
        return False
