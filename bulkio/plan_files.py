"""Saved plans: written, recognised, approved. Reading one is `runs.load_plan`, which holds it to its hash."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bulkio.core.approval import Approval
from bulkio.core.kinds import canonical_timestamp
from bulkio.errors import UsageError
from bulkio.runs import load_plan
from bulkio.store.approvals import write_approval
from bulkio.store.state import write_atomically

if TYPE_CHECKING:
    from bulkio.core.plan import Plan


def dump_plan(plan: Plan) -> bytes:
    """The bytes of a saved plan."""
    return json.dumps(plan.to_dict(), ensure_ascii=False, indent=1).encode()


def save_plan(plan: Plan, path: str | Path) -> None:
    """Write a plan to a file. Raises FileError."""
    write_atomically(Path(path), dump_plan(plan))


def approve_plan(path: str | Path, name: str) -> Approval:
    """Record beside a saved plan that somebody of that name says yes to it as it stands.

    Raises UsageError if the plan can never be applied or the name is blank, FileError, OutdatedError if it was altered.
    """
    plan = load_plan(path)
    if plan.errors:
        msg = f"the plan has {len(plan.errors)} errors and can never be applied"
        raise UsageError(msg, hint="Fix them, and plan again.")
    if not name.strip() or not name.isprintable():
        msg = "an approval needs the name of who gives it"
        raise UsageError(msg, hint="Give it with --name.")
    now = canonical_timestamp(datetime.now(UTC).isoformat(timespec="milliseconds"))
    approval = Approval(plan_id=plan.plan_id, plan_sha256=plan.sha256, name=name.strip(), approved_at=now)
    write_approval(Path(path), approval)
    return approval


def is_plan_file(path: str | Path) -> bool:
    """Whether the file is a saved plan (and not a sheet)."""
    try:
        with Path(path).open("rb") as stream:
            start = stream.read(512).lstrip()
    except OSError:
        return False
    return start.startswith(b"{") and b'"bulkio.plan/' in start
