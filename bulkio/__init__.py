"""Spreadsheets in and out of an ERP, in bulk, without losing anything.

    import bulkio
    account = bulkio.open("acme")
    account.export("customers.xlsx", modified_since="2026-01-01")
    plan = account.plan("customers.xlsx")
    run = account.apply(plan, on_progress=print)
"""

from bulkio.account import Account, ExportResult, RunRecord, check_file, load_plan, open, save_plan  # noqa: A004
from bulkio.core.options import Blank, ImportOptions, OnConflict
from bulkio.core.plan import Action, Change, Conflict, Operation, Plan
from bulkio.core.report import Outcome, Report, Status
from bulkio.core.headers import Command
from bulkio.errors import (
    BulkioError,
    CredentialsError,
    FileError,
    IncompleteError,
    InvalidFileError,
    LockedError,
    OutdatedError,
    RailError,
    RateLimitError,
    UnavailableError,
    UnknownProfileError,
    UsageError,
)

__version__ = "0.1.0"

__all__ = [
    "Account",
    "Action",
    "Blank",
    "BulkioError",
    "Change",
    "Command",
    "Conflict",
    "CredentialsError",
    "ExportResult",
    "FileError",
    "ImportOptions",
    "IncompleteError",
    "InvalidFileError",
    "LockedError",
    "OnConflict",
    "Operation",
    "Outcome",
    "OutdatedError",
    "Plan",
    "RailError",
    "RateLimitError",
    "Report",
    "RunRecord",
    "Status",
    "UnavailableError",
    "UnknownProfileError",
    "UsageError",
    "check_file",
    "load_plan",
    "open",
    "save_plan",
]
