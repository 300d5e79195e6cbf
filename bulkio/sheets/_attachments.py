"""Bytes that travel in a workbook's very hidden sheet: one column each, base64 in chunks, sealed with length and hash.

row 1  name
row 2  length in bytes
row 3  SHA-256, hexadecimal
row 4  base64, at most 32,000 characters a cell, and so on downwards
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHUNK = 32_000  # below the 32,767 characters a cell can hold, and a multiple of 4
_BYTES = CHUNK // 4 * 3
_SEALED_ROWS = 3


def to_columns(attachments: Mapping[str, bytes]) -> list[list[str]]:
    """The cells of each attachment, from row 1 downwards."""
    columns = []
    for name, content in attachments.items():
        pieces = (content[start : start + _BYTES] for start in range(0, len(content), _BYTES))
        chunks = [base64.b64encode(piece).decode("ascii") for piece in pieces]
        columns.append([name, str(len(content)), hashlib.sha256(content).hexdigest(), *chunks])
    return columns


def from_columns(columns: Sequence[Sequence[str]]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """What is whole, by name, and the names of what is damaged (`column 3` where even the name is gone)."""
    whole: dict[str, bytes] = {}
    damaged = []
    for number, cells in enumerate(columns, start=1):
        if not any(cells):
            continue
        name = cells[0] or f"column {number}"
        content = _content(cells)
        if content is None or name in whole:
            damaged.append(name)
            whole.pop(name, None)
        else:
            whole[name] = content
    return whole, tuple(damaged)


def _content(cells: Sequence[str]) -> bytes | None:
    if len(cells) < _SEALED_ROWS or not cells[0]:
        return None
    try:
        content = base64.b64decode("".join(cells[_SEALED_ROWS:]), validate=True)
    except (binascii.Error, ValueError):
        return None
    is_whole = cells[1] == str(len(content)) and cells[2] == hashlib.sha256(content).hexdigest()
    return content if is_whole else None
