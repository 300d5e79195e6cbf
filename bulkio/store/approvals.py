"""Approvals on disk: `plan.approval.json` beside `plan.json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bulkio.core.approval import Approval
from bulkio.errors import FileError, OutdatedError
from bulkio.store.state import write_atomically

if TYPE_CHECKING:
    from pathlib import Path


def approval_path(plan: Path) -> Path:
    """Where the approval of a saved plan stands."""
    return plan.with_name(f"{plan.stem}.approval.json")


def write_approval(plan: Path, approval: Approval) -> Path:
    """Keep an approval beside its plan; the file. Raises FileError."""
    target = approval_path(plan)
    write_atomically(target, json.dumps(approval.to_dict(), ensure_ascii=False, indent=1).encode())
    return target


def find_approval(plan: Path) -> Approval | None:
    """The approval beside a saved plan. Raises OutdatedError if it was altered, FileError if it cannot be read."""
    source = approval_path(plan)
    try:
        content = source.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as exc:
        msg = f"{source}: the approval cannot be read ({exc.strerror or exc})"
        raise FileError(msg) from exc
    return read_approval(content, where=str(source))


def read_approval(content: bytes, *, where: str) -> Approval:
    """The approval that a file's bytes hold. Raises OutdatedError if they are none, or were altered."""
    try:
        return Approval.from_dict(json.loads(content))
    except ValueError as exc:
        reason = "this is no approval" if isinstance(exc, json.JSONDecodeError | UnicodeDecodeError) else str(exc)
        msg = f"{where}: {reason}"
        raise OutdatedError(msg, hint="Nothing was sent. Have the plan approved again: bulkio approve PLAN") from exc
