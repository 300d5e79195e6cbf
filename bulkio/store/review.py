"""What the review page keeps between two starts: the file that it works on, its plan, and the choices made.

    STATE/TENANT/review/lock            held by the one server of the account
    STATE/TENANT/review/page.json       what the page was about
    STATE/TENANT/review/planned.json    the plan as it was made
    STATE/TENANT/review/plan.json       the plan of what was not left out, if it was approved there; its approval
    STATE/TENANT/review/uploads/N/      files that were dropped, with their results
    STATE/TENANT/review/exports/N/      fresh exports

All folders are the user's alone (0700).
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bulkio.errors import LockedError, UsageError
from bulkio.store.state import PLAN_FILE, make_folder, take_lock, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from filelock import BaseFileLock

_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]')
_LONGEST = 120  # characters of a name


@dataclass(frozen=True, slots=True)
class ReviewFolder:
    """The folder of an account's review page. Raises FileError wherever the disk says no."""

    folder: Path

    @property
    def planned(self) -> Path:
        """Where the plan stands as it was made."""
        return self.folder / "planned.json"

    @property
    def plan(self) -> Path:
        """Where the plan of what was not left out stands; its approval is beside it."""
        return self.folder / PLAN_FILE

    def lock(self) -> BaseFileLock:
        """Take the page for one server. Raises LockedError if there is one already."""
        try:
            return take_lock(make_folder(self.folder) / "lock")
        except LockedError as exc:
            msg = "the review page of this account is open already"
            raise LockedError(msg, hint="Use the tab that it opened, or stop that server first (Ctrl-C).") from exc

    def load(self) -> dict[str, Any]:
        """What the page was about; nothing if that is not known, or cannot be read any more."""
        try:
            known = json.loads((self.folder / "page.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def save(self, document: dict[str, Any]) -> None:
        """Remember it."""
        write_atomically(make_folder(self.folder) / "page.json", json.dumps(document, ensure_ascii=False).encode())

    def new(self, purpose: str) -> Path:
        """A new folder below `uploads` or `exports`."""
        return make_folder(self.folder / purpose / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}")

    def keep(self, folder: Path, name: str, content: bytes) -> Path:
        """A file of these bytes, readable by its owner alone, under a name that stays in its folder."""
        target = folder / file_name(name)
        write_atomically(target, content)
        with contextlib.suppress(OSError):
            target.chmod(0o600)
        return target


def file_name(name: str) -> str:
    """The last part of what a browser calls a file, fit for every system. Raises UsageError if nothing is left."""
    last = name.replace("\\", "/").rpartition("/")[2]
    fit = _UNFIT.sub("_", last).strip(" .")
    stem, dot, suffix = fit.rpartition(".")
    if not stem:
        msg = f"{fit!r} is not the name of a workbook or a CSV file"
        raise UsageError(msg, hint="Give the file a name that ends in .xlsx, .csv or .jsonl.")
    return stem[:_LONGEST] + dot + suffix
