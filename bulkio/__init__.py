"""Spreadsheets in and out of an ERP, in bulk, without losing anything.

    import bulkio
    account = bulkio.open("acme")
    account.export("customers.xlsx", modified_since="2026-01-01")
    plan = account.plan("customers.xlsx")
    run = account.apply(plan, on_progress=print)

It prints nothing and never exits; what goes wrong is a BulkioError.
"""

from bulkio.account import (
    Account,
    ApplyOptions,
    ExportResult,
    RunRecord,
    check_file,
    load_plan,
    open,  # noqa: A004
    save_plan,
)
from bulkio.conversion import Converted, convert
from bulkio.core.headers import Command
from bulkio.core.options import Blank, ImportOptions, OnConflict
from bulkio.core.plan import Action, Change, Conflict, Operation, Plan
from bulkio.core.rails import Limit, Rails
from bulkio.core.report import Outcome, Report, Status
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
    "ApplyOptions",
    "Blank",
    "BulkioError",
    "Change",
    "Command",
    "Conflict",
    "Converted",
    "CredentialsError",
    "ExportResult",
    "FileError",
    "ImportOptions",
    "IncompleteError",
    "InvalidFileError",
    "Limit",
    "LockedError",
    "OnConflict",
    "Operation",
    "Outcome",
    "OutdatedError",
    "Plan",
    "RailError",
    "Rails",
    "RateLimitError",
    "Report",
    "RunRecord",
    "Status",
    "UnavailableError",
    "UnknownProfileError",
    "UsageError",
    "check_file",
    "convert",
    "load_plan",
    "open",
    "save_plan",
]
