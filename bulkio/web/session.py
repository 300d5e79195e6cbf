"""Session: what the review page is about, for its one account and its one person.

    file -> Checked -> Plan (as planned) -> the plan of what is not left out -> a run

Every verb is the library's (bulkio.account); here is only which object the page is at. It survives the server: what it
was about is in the review folder, and what was sent is in the run's own journal.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bulkio import account as accounts
from bulkio.core.options import ImportOptions
from bulkio.core.selection import LeftOut
from bulkio.errors import BulkioError, RailError, UsageError
from bulkio.web.jobs import Jobs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bulkio.account import Account, ApplyOptions, Approval, ExportResult, Plan, ReviewFolder, RunRecord
    from bulkio.core.issues import Issue
    from bulkio.core.report import Report
    from bulkio.web.jobs import Job
    from bulkio.workflows.checked import Checked

_FORMAT = 1  # of page.json; another is not read


@dataclass(slots=True)
class Session:
    """The page's state.

    `reading` are `encoding` and `delimiter` where the person said so. `planned` is the plan as it was made, `left`
    what is left out of it. `run_id` is the run that the page shows, "" if there is none.
    """

    account: Account
    name: str
    folder: ReviewFolder
    jobs: Jobs = field(default_factory=Jobs)
    file: Path | None = None
    options: ImportOptions = field(default_factory=ImportOptions)
    reading: dict[str, str] = field(default_factory=dict)
    checked: Checked | None = None
    planned: Plan | None = None
    left: LeftOut = field(default_factory=LeftOut)
    approval: Approval | None = None
    exported: ExportResult | None = None
    run_id: str = ""
    _plan: Plan | None = None

    # --- verbs --------------------------------------------------------------------------------------------------------

    def take_file(self, file: Path) -> None:
        """Begin with a file; what there was of another is over. Its choices of reading stay."""
        self.file, self.checked, self.run_id = file, None, ""
        self.options = replace(self.options, decisions={})
        self._take_plan(None)

    def forget(self) -> None:
        """Begin anew."""
        self.file, self.checked, self.exported, self.run_id = None, None, None, ""
        self.options, self.reading = ImportOptions(), {}
        self._take_plan(None)

    def check(self, _job: Job | None = None) -> None:
        """Read the file and judge it; offline."""
        self.checked = self.account.check(self._known_file, options=self.options, **self.reading)

    def make_plan(self, job: Job) -> None:
        """Read the ERP, and say what would change. What is left out stays so."""
        if self.checked is None:
            self.check()
        made = self.account.plan(self._known_file, options=self.options, on_progress=job.count, **self.reading)
        self._take_plan(made, self.left)

    def take_plan(self, plan: Plan, approval: Approval | None = None) -> None:
        """Begin with a plan that was made elsewhere: a saved one."""
        is_undo = bool(plan.options.get("undo_of"))
        file = Path(plan.origin.file)
        self.file = file if file.is_file() and not is_undo else None
        self.checked, self.run_id = None, ""
        if not is_undo:
            self.options = ImportOptions.from_dict(plan.options)
        self._take_plan(plan)
        self.approval = approval

    def leave_out(self, left: LeftOut) -> None:
        """Leave rows and fields out of the plan, and nothing but these. An approval was of the plan as it was."""
        self.left, self._plan, self.approval = left, None, None
        self.save()

    def approve(self, name: str) -> None:
        """Record that somebody says yes to the plan as it stands."""
        accounts.save_plan(self.known_plan, self.folder.plan)
        self.approval = accounts.approve_plan(self.folder.plan, name)

    def take_approval(self, content: bytes) -> None:
        """An approval that somebody gave elsewhere to this plan. Raises OutdatedError if it is none."""
        approval = accounts.read_approval(content, where="the file")
        approval.refuse_other(self.known_plan)
        self.approval = approval

    def apply(self, job: Job, options: ApplyOptions) -> None:
        """Execute the plan as it stands. What stopped it on the way is raised after it is remembered."""
        report = self.account.apply(
            self.known_plan,
            options=replace(options, approval=self.approval),
            on_progress=job.tell,
            on_sent=job.tell_sent,
            may_go_on=job.ask,
            stop=job.stop,
        )
        self._conclude(job, report)

    def resume(self, job: Job, run_id: str) -> None:
        """Finish a run that was paused or interrupted."""
        self._conclude(job, self.account.resume(run_id, on_progress=job.tell, on_sent=job.tell_sent, stop=job.stop))

    def undo(self, _job: Job, run_id: str) -> None:
        """Make the plan that takes a run back; it is looked at and applied like any other."""
        made = self.account.undo(run_id)
        self.file, self.checked, self.run_id = None, None, ""
        self._take_plan(made)

    def _conclude(self, job: Job, report: Report) -> None:
        self.run_id = report.run_id
        self.save()
        if report.is_complete:
            job.then = "results"
        if report.cause and not (isinstance(report.cause, RailError) and job.was_declined):
            raise report.cause

    # --- what there is ------------------------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan | None:
        """The plan of what is not left out."""
        if self._plan is None and self.planned is not None:
            self._plan = self.account.leave_out(self.planned, self.left)
        return self._plan

    @property
    def known_plan(self) -> Plan:
        """The same; UsageError if there is none."""
        if self.plan is None:
            msg = "there is no plan yet"
            raise UsageError(msg, hint="Choose a file, check it, and look at its changes first.")
        return self.plan

    @property
    def issues(self) -> Sequence[Issue]:
        """All that is known to be wrong or remarkable: the plan asked the ERP as well."""
        if self.planned is not None and not self.is_undo:
            return self.planned.issues
        return self.checked.issues if self.checked else ()

    @property
    def is_undo(self) -> bool:
        """Whether the plan takes a run back."""
        return self.planned is not None and bool(self.planned.options.get("undo_of"))

    @property
    def has_runs(self) -> bool:
        """Whether anything was applied to this account before."""
        return bool(self.account.state.runs())

    @property
    def last_run(self) -> RunRecord | None:
        """The newest run of this account."""
        return next(iter(self.account.runs()), None)

    @property
    def shown_run(self) -> RunRecord | None:
        """The run that the page is about: the one it made, or else the account's newest."""
        if not self.run_id:
            return self.last_run
        with suppress(UsageError):
            return self.account.run(self.run_id)
        return None

    @property
    def spent_by(self) -> str:
        """The id of the run that applied the plan, finished or not; "" if none did."""
        if self.plan is None:
            return ""
        run_id = self.account.state.run_of_plan(self.plan.plan_id)
        return run_id if any(folder.name == run_id for folder in self.account.state.runs()) else ""

    @property
    def _known_file(self) -> Path:
        if self.file is None:
            msg = "there is no file yet"
            raise UsageError(msg, hint="Choose one in the step File.")
        return self.file

    def _take_plan(self, plan: Plan | None, left: LeftOut | None = None) -> None:
        """Put a plan, or none, in the place of the one there was; the approval goes with the old one."""
        self.planned, self._plan, self.approval = plan, None, None
        self.left = left or LeftOut()
        if plan is not None:
            accounts.save_plan(plan, self.folder.planned)
        self.save()

    # --- between two starts -------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Remember what the page is about."""
        self.folder.save(
            {
                "format": _FORMAT,
                "file": str(self.file or ""),
                "options": self.options.to_dict(),
                "reading": self.reading,
                "has_plan": self.planned is not None,
                "rows": sorted(self.left.rows),
                "cells": sorted(self.left.cells),
                "fields": sorted(self.left.fields),
                "run_id": self.run_id,
            }
        )

    def restore(self) -> None:
        """Take up what the page was about when its server ended, as far as that is still there."""
        known = self.folder.load()
        if known.get("format") != _FORMAT:
            return
        file = Path(known["file"])
        self.file = file if known["file"] and file.is_file() else None
        self.options = ImportOptions.from_dict(known["options"])
        self.reading = dict(known["reading"])
        self.run_id = known["run_id"]
        if known["has_plan"]:
            with suppress(BulkioError):
                self.planned = accounts.load_plan(self.folder.planned)
            self.left = LeftOut(
                frozenset((sheet, row) for sheet, row in known["rows"]),
                frozenset((sheet, row, name) for sheet, row, name in known["cells"]),
                frozenset((entity, name) for entity, name in known["fields"]),
            )
