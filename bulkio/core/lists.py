"""Lists in one cell: members without order or repeats, as one text with one spelling per set.

    ["VIP", "B2B"]  <->  B2B; VIP          a list of plain members, in order
    ["a;b", "c"]    <->  ["a;b","c"]       JSON, where a member could not be told apart otherwise

No member is lost or changed either way. Not here: what the members mean.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SEPARATOR = ";"


def join_members(members: Iterable[str]) -> str:
    """The one text of a set of members; "" if there are none."""
    ordered = sorted(set(members))
    if all(_is_plain(member) for member in ordered):
        return f"{SEPARATOR} ".join(ordered)
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":"))


def split_members(text: str) -> list[str] | None:
    """The members that a text names, in its order; None if it cannot be read as a list."""
    if not text.lstrip().startswith("["):
        return [member for part in text.split(SEPARATOR) if (member := part.strip())]
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
        return None
    return members


def _is_plain(member: str) -> bool:
    """Whether a member survives being joined, split and trimmed."""
    return bool(member) and member == member.strip() and SEPARATOR not in member and member[0] != "["
