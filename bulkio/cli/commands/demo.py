"""`bulkio demo`: the whole round trip, told step by step, on the built-in sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bulkio import account as accounts
from bulkio.cli import flags
from bulkio.cli.exit_status import ExitStatus
from bulkio.errors import BulkioError

if TYPE_CHECKING:
    from bulkio.account import Account
    from bulkio.cli.terminal import Terminal

_CUSTOMERS = 40


@click.command()
@click.argument("folder", type=flags.PATH, default=Path("bulkio-demo"))
@flags.talking
def demo(folder: Path, terminal: Terminal) -> int:
    """The whole round trip on the built-in sandbox, into FOLDER; no account needed.

    Export, edit a copy, check, plan, apply, prove, undo.
    """
    from bulkio.sandbox import SandboxOptions, running  # noqa: PLC0415 starlette and uvicorn are heavy

    folder.mkdir(parents=True, exist_ok=True)
    with running(SandboxOptions(customers=_CUSTOMERS, seed=1)) as sandbox:
        terminal.say(f"A sandbox ERP with {_CUSTOMERS} customers answers at {sandbox.url}.")
        with accounts.open_sandbox(sandbox.url, state_dir=folder / "state") as account:
            _tell(terminal, account, folder)
    _by_hand(terminal, folder)
    return ExitStatus.OK


def _tell(terminal: Terminal, account: Account, folder: Path) -> None:
    from bulkio.cli.text import show_issues, show_plan, show_report  # noqa: PLC0415

    exported, edited = folder / "customers.xlsx", folder / "customers-edited.xlsx"

    _step(terminal, 1, "export", f"bulkio export {exported}")
    result = account.export(exported)
    terminal.say(", ".join(f"{count} {name.lower()}" for name, count in result.counts.items()) + f"  ->  {exported}")

    _step(terminal, 2, "edit a copy, as a person would in a spreadsheet program, with two mistakes", "")
    rows = _edit(exported, edited, with_mistakes=True)
    for line in rows:
        terminal.say(f"  {line}")

    _step(terminal, 3, "check", f"bulkio check {edited}")
    checked = account.check(edited)
    show_issues(terminal, checked.issues)
    if not checked.has_errors:
        msg = "the check did not find the demo's mistakes"
        raise BulkioError(msg)
    terminal.say("  Both mistakes have an address. Nothing was sent; now they are corrected.")
    _edit(exported, edited, with_mistakes=False)

    _step(terminal, 4, "plan", f"bulkio plan {edited} -o {folder / 'plan.json'}")
    plan = account.plan(edited)
    accounts.save_plan(plan, folder / "plan.json")
    show_plan(terminal, plan)

    _step(terminal, 5, "apply", f"bulkio apply {folder / 'plan.json'}")
    report = account.apply(plan)
    show_report(terminal, report, plan)

    _step(terminal, 6, "prove", f"bulkio export {folder / 'after.xlsx'}; bulkio plan {edited}")
    again = account.plan(edited)
    account.export(folder / "after.xlsx")
    left = len(again.operations)
    terminal.say(f"Planning the same sheet again finds {left} rows to change: all of it is in the ERP.")
    if left or not report.is_good:
        msg = "the demo's changes did not arrive"
        raise BulkioError(msg)

    _step(terminal, 7, "undo", f"bulkio undo {report.run_id}; bulkio apply undo-{report.run_id}.json")
    back = account.undo(report.run_id)
    show_plan(terminal, back)
    undone = account.apply(back)
    show_report(terminal, undone, back)
    left = len(account.plan(exported).operations)
    terminal.say(f"Planning the first export finds {left} rows to change: everything is as it was.")
    if left or not undone.is_good:
        msg = "the demo's undo did not restore everything"
        raise BulkioError(msg)


def _step(terminal: Terminal, number: int, what: str, command: str) -> None:
    terminal.say()
    terminal.say(terminal.colour(f"{number}. {what}", "bold"))
    if command:
        terminal.say(terminal.colour(f"   $ {command}", "cyan"))


def _edit(source: Path, target: Path, *, with_mistakes: bool) -> list[str]:
    """Edit some cells of a copy; says which."""
    import openpyxl  # noqa: PLC0415 only the demo edits

    book = openpyxl.load_workbook(source)
    said = []

    def type_in(sheet: str, row: int, column: str, value: str) -> None:
        cells = book[sheet]
        letter = next(cell.column_letter for cell in cells[1] if cell.value == column)
        before = cells[f"{letter}{row}"].value
        cells[f"{letter}{row}"].value = value
        said.append(f"{sheet}!{letter}{row}  {column}: {before!r} -> {value!r}")

    type_in("Customers", 12, "Notes", "Prefers deliveries on Tuesdays")
    type_in("Customers", 14, "PaymentTerm", "20 days" if with_mistakes else "Cash on Delivery")
    type_in("Customers", 15, "EmailCC", "accounts at example.com" if with_mistakes else "accounts@example.com")
    type_in("Addresses", 8, "PostalCode", "0622")
    type_in("Contacts", 9, "MobilePhone", "021 555 0123")
    book.save(target)
    return said


def _by_hand(terminal: Terminal, folder: Path) -> None:
    erp = accounts.connector_for().name
    terminal.say()
    terminal.say(terminal.colour("To do the same by hand, in two terminals:", "bold"))
    terminal.say("  bulkio sandbox --port 8123")
    terminal.say(f"  export BULKIO_ERP={erp} BULKIO_BASE_URL=http://127.0.0.1:8123")
    terminal.say("  export BULKIO_API_ID=sandbox BULKIO_API_KEY=sandbox")
    terminal.say("  bulkio export customers.xlsx     # edit it, then:")
    terminal.say("  bulkio apply customers.xlsx")
    terminal.say(f"The files of this demo are in {folder}/ (open customers.xlsx, and customers-edited.results.xlsx).")
