"""sample_data/: exports, edited copies and a plan; used by regenerate.py and by the tests."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl

from bulkio.core.kinds import canonical_timestamp
from bulkio.core.options import ImportOptions
from bulkio.sandbox import SandboxOptions
from bulkio.sheets.xlsx_read import read_xlsx
from bulkio.store import baseline as baselines
from bulkio.workflows.plan_import import plan_import
from bulkio.workflows.planning import PlanRequest
from bulkio.workflows.user_file import open_user_file

if TYPE_CHECKING:
    from bulkio.account import Account
    from bulkio.core.plan import Plan

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"

#: The sandbox that the samples come from; the edited copy can be planned against it by hand.
PORT = 8123
OPTIONS = SandboxOptions(customers=12, seed=1)

#: A handful of sensible edits: (sheet, cell, value).
EDITS: tuple[tuple[str, str, object], ...] = (
    ("Customers", "R7", "Cash on Delivery"),
    ("Customers", "S7", 12500.5),
    ("Customers", "AM8", "Prefers deliveries on Tuesdays"),
    ("Customers", "J5", "[CLEAR]"),
    ("Customers", "A14", "NEW"),
    ("Customers", "B14", "KAURI013"),
    ("Customers", "C14", "Kauri Trading Ltd"),
    ("Customers", "Q14", "NZD"),
    ("Addresses", "J10", "5068"),
    ("Addresses", "A20", "NEW"),
    ("Addresses", "B20", "KAURI013"),
    ("Addresses", "C20", "Shipping"),
    ("Addresses", "D20", "Shed 3"),
    ("Addresses", "E20", "12 Wharf Road"),
    ("Addresses", "H20", "Nelson"),
    ("Addresses", "K20", "New Zealand"),
    ("Contacts", "J10", "021 555 0123"),
)

#: Ten mistakes, each of another kind: (sheet, cell, value, code of the issue).
MISTAKES: tuple[tuple[str, str, object, str], ...] = (
    ("Customers", "R4", "Cash on Deliverry", "unknown-value"),
    ("Customers", "J5", "accounts at example.com", "bad-format"),
    ("Customers", "S6", "12,5", "not-decimal"),
    ("Customers", "E7", "maybe", "not-boolean"),
    ("Customers", "C8", "[CLEAR]", "cannot-clear"),
    ("Customers", "A10", "DELETE", "delete-not-allowed"),
    ("Customers", "B12", "PACIF7", "create-only"),
    ("Customers", "K6", "+64 9 555 0100", "rule"),
    ("Addresses", "C10", "Billing", "not-a-choice"),
    ("Contacts", "A11", "REMOVE", "not-command"),
)

#: What a plan has of the moment in which it is made; the sample's is always the same.
_PLAN_ID = "7e57da7a-0000-5000-8000-000000000001"
_MADE_AT = "2026-01-02T03:04:05Z"


def write_exports(account: Account, folder: Path) -> None:
    """The untouched exports: a workbook, and the CSV files with what was exported beside them."""
    account.export(folder / "customers.xlsx")
    account.export(folder / "csv" / "customers.csv")


def write_edited(source: Path, folder: Path) -> None:
    """The copies that a person worked on."""
    _typed(source, folder / "customers-edited.xlsx", EDITS)
    _typed(source, folder / "customers-mistakes.xlsx", [(sheet, cell, value) for sheet, cell, value, _ in MISTAKES])


def _typed(source: Path, target: Path, edits: Any) -> None:
    book = openpyxl.load_workbook(source)
    for sheet, cell, value in edits:
        book[sheet][cell].value = value
    book.save(target)


def sample_plan(account: Account, folder: Path) -> Plan:
    """The plan of the edited copy, with the moment taken out of it."""
    stored = baselines.load(_baseline_of(folder / "customers.xlsx"), where="customers.xlsx")
    with tempfile.TemporaryDirectory() as place:
        base = Path(place) / "base.jsonl.gz"  # of this very sandbox, wherever it listens
        header = replace(stored.header, tenant=account.link.reader.tenant)
        base.write_bytes(baselines.dump(replace(stored, header=header)))
        edited, options = folder / "customers-edited.xlsx", ImportOptions()
        file = open_user_file(edited, account.connector.catalogue, locale=options.locale, base=base)
    request = PlanRequest(
        file=file,
        options=options,
        plan_id=_PLAN_ID,
        profile="env",
        tenant=account.link.reader.tenant,
        created_at=canonical_timestamp(_MADE_AT),
        requests_per_minute=None,
        workers=4,
    )
    plan = plan_import(request, account.connector, account.link.reader, lambda _done, _total: None)
    moment = {"live_at": _MADE_AT, "file": "customers-edited.xlsx", "tenant": stored.header.tenant}
    return replace(plan, origin=replace(plan.origin, **moment))


def _baseline_of(workbook: Path) -> bytes:
    return read_xlsx(workbook).attachments[baselines.ATTACHMENT]


def cells_of(workbook: Path) -> dict[str, list[tuple[object, ...]]]:
    """What a person sees in the three sheets."""
    book = openpyxl.load_workbook(workbook)
    shown = [sheet for sheet in book if sheet.sheet_state == "visible" and sheet.title != "Read me"]
    return {sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in shown}
