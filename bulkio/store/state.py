"""Where bulkio keeps what it must not forget: runs and watermarks, per account.

    STATE/TENANT/watermark.json     from when the next incremental export begins
    STATE/TENANT/lock               held by the run that writes to this account
    STATE/TENANT/holder             which run that is, or was last
    STATE/TENANT/calls.json         how many calls were made this month
    STATE/TENANT/written.json       what our files were like when we wrote them, by path
    STATE/TENANT/plans/PLAN         which run applied a plan
    STATE/TENANT/files/FILE         which runs applied a file, the oldest first
    STATE/TENANT/runs/RUN/          plan.json, journal.db, results of one run

All folders are the user's alone (0700).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bulkio.errors import FileError, LockedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from filelock import BaseFileLock

PLAN_FILE = "plan.json"

_MOST_WRITTEN = 500  # files that are remembered
JOURNAL_FILE = "journal.db"


def state_root() -> Path:
    """$BULKIO_STATE_DIR, or the user's data folder."""
    if configured := os.environ.get("BULKIO_STATE_DIR"):
        return Path(configured)
    import platformdirs  # noqa: PLC0415 only where it is needed

    return Path(platformdirs.user_data_dir("bulkio", appauthor=False))


@dataclass(frozen=True, slots=True)
class AccountState:
    """One account's folder. Raises FileError wherever the disk says no."""

    folder: Path

    @classmethod
    def of(cls, tenant: str, root: Path | None = None) -> AccountState:
        """The folder of a tenant's fingerprint."""
        return cls((root or state_root()) / _safe(tenant))

    def run_folder(self, run_id: str) -> Path:
        """The folder of a new run, made."""
        return make_folder(self.folder / "runs" / run_id)

    def runs(self) -> list[Path]:
        """The folders of all runs, newest first (their names begin with the time)."""
        folder = self.folder / "runs"
        try:
            return sorted((each for each in folder.iterdir() if (each / JOURNAL_FILE).exists()), reverse=True)
        except FileNotFoundError:
            return []
        except OSError as exc:
            msg = f"{folder}: the runs cannot be read ({exc.strerror or exc})"
            raise FileError(msg) from exc

    def spend(self, plan_id: str, run_id: str) -> None:
        """Remember which run applied a plan: no plan is applied twice."""
        write_atomically(make_folder(self.folder / "plans") / _safe(plan_id), run_id.encode())

    def run_of_plan(self, plan_id: str) -> str:
        """The run that applied a plan, "" if none did. Not to know is an error: the plan might be applied twice."""
        path = self.folder / "plans" / _safe(plan_id)
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, ValueError) as exc:
            msg = f"{path}: it cannot be read whether the plan was applied"
            raise FileError(msg) from exc

    def note_applied(self, file: Path, base_id: str, run_id: str) -> None:
        """Remember that a run applies a file, as it was edited from the export `base_id`."""
        known = [*self.runs_of_file(file, base_id), run_id]
        write_atomically(make_folder(self.folder / "files") / _file_key(file, base_id), "\n".join(known).encode())

    def runs_of_file(self, file: Path, base_id: str) -> list[str]:
        """The runs that applied a file, the oldest first. Not to know is no error: its writes then count as others'."""
        try:
            known = (self.folder / "files" / _file_key(file, base_id)).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return []
        return [run_id for run_id in known.split("\n") if run_id == _safe(run_id)]

    def note_written(self, files: Sequence[Path]) -> None:
        """Remember what files were like when we wrote them."""
        known = {**self._written(), **{str(file.absolute()): _digest(file) for file in files}}
        newest = dict(list(known.items())[-_MOST_WRITTEN:])
        write_atomically(make_folder(self.folder) / "written.json", json.dumps(newest, indent=1).encode())

    def keep_edited(self, file: Path) -> Path | None:
        """Rename a file that is not byte for byte what we wrote there: somebody's edits. Returns its new name."""
        if not file.is_file() or self.is_as_written(file):
            return None
        names = ("", *(f"-{number}" for number in range(2, 10_000)))
        beside = (file.with_name(f"{file.stem}.earlier{name}{file.suffix}") for name in names)
        aside = next(name for name in beside if not name.exists())
        try:
            return file.replace(aside)
        except OSError as exc:
            msg = f"{file}: it is in the way and cannot be renamed ({exc.strerror or exc})"
            raise FileError(msg, hint="Close it in the spreadsheet program.") from exc

    def is_as_written(self, file: Path) -> bool:
        """Whether a file is byte for byte what we wrote there."""
        return self._written().get(str(file.absolute())) == _digest(file)

    def _written(self) -> dict[str, str]:
        try:
            known = json.loads((self.folder / "written.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return known if isinstance(known, dict) else {}

    def note_calls(self, count: int) -> None:
        """Add to the calls that were made to this account this month (UTC), as far as this machine knows."""
        if count:
            month = f"{datetime.now(UTC):%Y-%m}"
            calls = {month: self.calls_this_month() + count}
            write_atomically(make_folder(self.folder) / "calls.json", json.dumps(calls).encode())

    def calls_this_month(self) -> int:
        """How many were made this month (UTC), by this machine."""
        try:
            calls = json.loads((self.folder / "calls.json").read_text(encoding="utf-8"))
            return int(calls.get(f"{datetime.now(UTC):%Y-%m}", 0))
        except (OSError, ValueError, AttributeError, TypeError):
            return 0

    def watermark(self, key: str) -> str:
        """The canonical timestamp from which the next incremental export has to begin, "" if there was none."""
        return str(self._watermarks().get(key, ""))

    def set_watermark(self, key: str, timestamp: str) -> None:
        """Remember it; only a complete export may."""
        marks = {**self._watermarks(), key: timestamp}
        write_atomically(make_folder(self.folder) / "watermark.json", json.dumps(marks, indent=1).encode())

    def _watermarks(self) -> dict[str, Any]:
        path = self.folder / "watermark.json"
        try:
            marks = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as exc:
            msg = f"{path}: the watermark cannot be read"
            raise FileError(msg, hint="Delete it; the next export then begins from scratch.") from exc
        return marks if isinstance(marks, dict) else {}

    def lock(self, run_id: str = "") -> BaseFileLock:
        """Take the account's lock for writing; the kernel frees it when the process ends, however it ends.

        Raises LockedError if another run holds it. `run_id` is what `running` tells others meanwhile.
        """
        lock = take_lock(make_folder(self.folder) / "lock")
        write_atomically(self.folder / "holder", run_id.encode())
        return lock

    def running(self) -> str:
        """The run that holds the account's lock at this moment, "" if none does."""
        try:
            take_lock(make_folder(self.folder) / "lock").release()
        except LockedError:
            with contextlib.suppress(OSError, ValueError):
                return (self.folder / "holder").read_text(encoding="utf-8")
        return ""


def _file_key(file: Path, base_id: str) -> str:
    return hashlib.sha256(f"{base_id}\x1f{file.absolute()}".encode("utf-8", "surrogatepass")).hexdigest()


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _safe(name: str) -> str:
    """A file name that stays in its folder, whatever the text."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def write_atomically(path: Path, content: bytes) -> None:
    """Write to a neighbour, flush it to the disk, and rename. Raises FileError; an old file stays whole."""
    neighbour = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        with neighbour.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        neighbour.replace(path)
    except OSError as exc:
        with contextlib.suppress(OSError):
            neighbour.unlink()
        msg = f"{path}: it cannot be written ({exc.strerror or exc})"
        raise FileError(msg, hint="Close the file if it is open elsewhere, and check the folder and the disk.") from exc


def take_lock(path: Path) -> BaseFileLock:
    """Take a lock; LockedError if another process holds it."""
    from filelock import FileLock, Timeout  # noqa: PLC0415 only a write needs it

    lock = FileLock(str(path), mode=0o600)
    try:
        lock.acquire(timeout=0)
    except Timeout as exc:
        msg = "another run is writing to this account"
        raise LockedError(msg, hint="Wait until it has finished: bulkio runs") from exc
    except OSError as exc:
        msg = f"{lock.lock_file}: the lock cannot be taken ({exc.strerror or exc})"
        raise FileError(msg) from exc
    return lock


def make_folder(folder: Path) -> Path:
    """A folder that is the user's alone, made with those above it where they are missing. Raises FileError."""
    try:
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):  # `parents=True` would make them readable by others
            each.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    except OSError as exc:
        msg = f"{folder}: the folder cannot be made ({exc.strerror or exc})"
        raise FileError(msg, hint="Set BULKIO_STATE_DIR to a folder that you may write.") from exc
    return folder
