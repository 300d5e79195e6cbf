"""Wrong input: one clear line (and perhaps what to do), the right exit status, and never a traceback."""

# ruff: noqa: ARG001 a desk is asked for because it is the environment

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from bulkio.sandbox import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def office(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A desk that is only read."""
    with kit.desk_at(tmp_path_factory.mktemp("office"), customers=20) as desk:
        desk.export()
        yield desk
        assert desk.writes() == []


def refused(ran: Any, status: int, line: str, hint: str = "") -> None:
    """Nothing on stdout; on stderr one line, and at most one more that says what to do."""
    assert ran.out == ""
    said = ran.err.splitlines()
    assert said[0].startswith("bulkio: "), ran.err
    assert line in said[0]
    assert len(said) <= 2, ran.err
    assert ran.status == status
    if hint:
        assert hint in said[1]


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "plan", "apply"])
def test_a_file_that_is_not_there(office: Any, kit: Any, command: str) -> None:
    refused(
        kit.command(command, "nowhere.xlsx"), 3, "nowhere.xlsx: there is no such file", "Check the name and the folder."
    )


@pytest.mark.parametrize("command", ["check", "plan", "apply"])
def test_a_folder(office: Any, kit: Any, command: str) -> None:
    (office.folder / "folder.xlsx").mkdir(exist_ok=True)
    refused(kit.command(command, "folder.xlsx"), 3, "folder.xlsx: this is a folder, not a file")


NO_WORKBOOKS = {
    "text.xlsx": b"CustomerCode,Notes\nHURST001,x\n",
    "empty.xlsx": b"",
    "cut.xlsx": b"PK\x03\x04 and then nothing",
    "old.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "empty.csv": b"",
    "blank.csv": b"\n\n\n",
    "binary.csv": bytes(range(256)) * 4,
    "broken.jsonl": b'{"CustomerCode": "HURST001"\n',
    "list.jsonl": b'["HURST001"]\n',
}


@pytest.mark.parametrize("name", NO_WORKBOOKS)
def test_what_is_no_sheet_at_all(office: Any, kit: Any, name: str) -> None:
    (office.folder / name).write_bytes(NO_WORKBOOKS[name])
    ran = kit.command("plan", name)
    assert ran.status == 3
    assert ran.err or ran.out
    assert name in ran.err + ran.out or "csv" in name or "jsonl" in name
    assert len(ran.err.splitlines()) <= 4


def test_a_workbook_of_something_else(office: Any, kit: Any) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Item", "Price"])
    book.active.append(["Tea", 3])
    book.save(office.folder / "prices.xlsx")
    ran = kit.command("check", "prices.xlsx")
    assert ran.status == 3
    assert "no sheet of customers was found (sheets: 'Sheet')" in ran.out
    assert "Expected is a sheet named Customers, Addresses, Contacts, or one whose header has CustomerCode." in ran.out


def test_a_saved_plan_that_is_none(office: Any, kit: Any) -> None:
    (office.folder / "other.json").write_text('{"schema": "other"}', encoding="utf-8")
    refused(
        kit.command("show", "other.json"),
        5,
        "other.json: not a plan of this version ('other', expected 'bulkio.plan/1')",
    )
    (office.folder / "words.json").write_text("hello", encoding="utf-8")
    refused(kit.command("show", "words.json"), 3, "words.json: this is not a saved plan")
    refused(kit.command("show", "nowhere.json"), 3, "nowhere.json: there is no such file")


def test_an_altered_plan_is_refused(office: Any, kit: Any) -> None:
    book = kit.Book(office.folder / "customers.xlsx")
    book.type("Customers", "HURST001", Notes="As planned")
    book.save(office.folder / "altered.xlsx")
    assert kit.command("plan", "altered.xlsx", "-o", "altered.json").status == 0
    plan = office.folder / "altered.json"
    plan.write_text(plan.read_text(encoding="utf-8").replace("As planned", "As I like"), encoding="utf-8")
    refused(kit.command("apply", "altered.json"), 5, "it was altered after it was made", "Plan again.")


def test_a_page_of_errors_is_a_page_and_a_count(office: Any, kit: Any) -> None:
    book = kit.Book(office.folder / "customers.xlsx")
    for row in range(2, 22):
        for name in ("Email", "DiscountRate", "PaymentTerm", "StopCredit"):
            book.type("Customers", row, **{name: "nonsense"})
    book.save(office.folder / "nonsense.xlsx")
    ran = kit.command("plan", "nonsense.xlsx")
    assert ran.status == 3
    lines = ran.out.splitlines()
    assert len(lines) < 100
    assert any(line.startswith("  ... and 40 more: ") for line in lines)
    assert lines[-1].startswith("Plan: 80 errors")
    ran = kit.command("apply", "nonsense.xlsx", "--yes")
    assert ran.status == 3
    assert "othing was sent" in ran.err


# --- the way to the ERP -----------------------------------------------------------------------------------------------


def test_wrong_credentials(office: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULKIO_API_KEY", "not-this-one")
    for arguments in (("export", "x.xlsx"), ("doctor", "-q")):
        ran = kit.command(*arguments)
        refused(ran, 4, "")
        assert "not-this-one" not in ran.err


def test_missing_credentials(office: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BULKIO_API_KEY")
    refused(kit.command("export", "x.xlsx"), 4, "the profile 'env' has no credentials", "Set BULKIO_API_KEY")


def test_an_unreachable_server(office: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as reserved:  # nobody listens there, and nobody else is given it meanwhile
        reserved.bind(("127.0.0.1", 0))
        monkeypatch.setenv("BULKIO_BASE_URL", f"http://127.0.0.1:{reserved.getsockname()[1]}")
        monkeypatch.setenv("BULKIO_TIMEOUT", "1")
        refused(kit.command("export", "x.xlsx"), 7, "127.0.0.1")


def test_plain_http_beyond_loopback(office: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULKIO_BASE_URL", "http://api.example.com")
    refused(kit.command("export", "x.xlsx"), 2, "http")


def test_what_answers_is_no_erp(office: Any, kit: Any) -> None:
    office.sandbox.faults.add(Fault("html", path="/Customers/1"))
    ran = kit.command("export", "login-page.xlsx")
    assert ran.status in (0, 7)
    assert "Traceback" not in ran.err


# --- configuration ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "arguments", "line"),
    [
        ("", ("export", "x.xlsx"), "no account is configured"),
        ('[profiles.acme]\nerp = "unleashed"\n', ("export", "x.xlsx", "-p", "acm"), "there is no profile 'acm'"),
        ("[profiles.acme\n", ("profiles",), "bulkio.toml: not valid TOML"),
        (
            '[profiles.acme]\nerp = "unleashed"\napi_key = "k"\n',
            ("profiles",),
            "api_key of profile 'acme' looks like a secret",
        ),
        ('[profiles.acme]\nerp = "sap"\n', ("doctor",), "sap"),
        ('[profiles.a]\nerp = "unleashed"\n[profiles.b]\nerp = "unleashed"\n', ("export", "x.xlsx"), "which account?"),
        ("", ("profiles", "--config", "missing.toml"), "missing.toml: there is no such configuration file"),
    ],
)
def test_a_wrong_configuration(clean: Path, kit: Any, text: str, arguments: tuple[str, ...], line: str) -> None:
    if text:
        (clean / "bulkio.toml").write_text(text, encoding="utf-8")
    refused(kit.command(*arguments), 2, line)


def test_an_erp_whose_accounts_each_have_an_address_is_told_that_it_is_missing(
    clean: Path, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BULKIO_ERP", "xentral")
    monkeypatch.setenv("BULKIO_TOKEN", "a-token")
    refused(kit.command("export", "out.xlsx"), 2, "the profile has no base_url", "https://YOURNAME.xentral.biz")
    ran = kit.command("doctor")
    assert ran.status == 2
    assert "missing" in next(line for line in ran.out.splitlines() if "base_url" in line)


_CONVERT = ("convert", "customers.xlsx", "--to")


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "line", "hint"),
    [
        (("exprot", "x.xlsx"), "there is no command 'exprot'. Did you mean 'export'?", "See: bulkio --help"),
        (("frobnicate",), "there is no command 'frobnicate'. See bulkio --help.", ""),
        (("plan", "x.xlsx", "--frob"), "No such option", "See: bulkio plan --help"),
        (("plan",), "Missing argument 'FILE'", "See: bulkio plan --help"),
        (("plan", "x.xlsx", "--blank", "maybe"), "'maybe' is not one of 'keep', 'clear'", "See: bulkio plan --help"),
        (("export", "x.xlsx", "--rate", "0"), "0 is not in the range x>=1", "See: bulkio export --help"),
        (("sandbox", "--host", "0.0.0.0"), "the sandbox listens on loopback only", ""),  # noqa: S104 refused
        (("export", "x.docx"), "which format?", "Give the file one of these suffixes, or use --format."),
        (("export", "x"), "which format?", "Give the file one of these suffixes, or use --format."),
        (("export", "-"), "which format?", ""),
        (("export", "-", "--format", "xlsx"), "a workbook cannot be written to stdout", "Name a file"),
        (("export", "x.csv", "--format", "xlsx"), "x.csv: the suffix says csv, and --format says xlsx", ""),
        (("export", "x.csv", "--where", "Notes"), "--where 'Notes' is not FIELD=VALUE", ""),
        (("export", "x.csv", "--where", "Nots=1"), "no field is called 'Nots'", "Did you mean 'Notes'"),
        (("export", "x.csv", "--where", "CreditLimit=much"), "CreditLimit: 'much' is not a decimal", "Write it like"),
        (("export", "x.csv", "--columns", "Notes,Nots"), "no field is called 'Nots'", "Did you mean 'Notes'"),
        (("export", "x.csv", "--modified-since", "monday"), "'monday' is not a date", "Write 2026-01-31"),
        (("template", "x.jsonl"), "which format?", ""),
        (("convert", "customers.xlsx", "-o", "x.xlsx"), "Missing option '--to'", "See: bulkio convert --help"),
        (("convert", "customers.xlsx", "--to", "acme", "-o", "x.xlsx"), "'acme' is not one of", ""),
        ((*_CONVERT, "unleashed", "-o", "x.xlsx"), "is a file of Unleashed already", "Name another ERP with --to."),
        ((*_CONVERT, "xentral", "-o", "x.csv"), "a converted file is a workbook", "Give it the suffix .xlsx."),
        ((*_CONVERT, "xentral", "-o", "customers.xlsx"), "the file that is converted", "Name another with -o."),
        ((*_CONVERT, "xentral", "-o", "x.xlsx", "--fill", "notes"), "--fill 'notes' is not FIELD=VALUE", ""),
        ((*_CONVERT, "xentral", "-o", "x.xlsx", "-p", "env"), "is one of Unleashed, not of Xentral", "-p names"),
        (("runs", "20200101T000000-abcdef"), "there is no run '20200101T000000-abcdef'", "`bulkio runs` lists them."),
    ],
)
def test_a_wrong_command_line(office: Any, kit: Any, arguments: tuple[str, ...], line: str, hint: str) -> None:
    before = len(office.sandbox.requests)
    refused(kit.command(*arguments), 2, line, hint)
    assert len(office.sandbox.requests) == before, "it was asked before the mistake was seen"


@pytest.mark.parametrize("out", ["missing/x.csv", "."])
def test_where_nothing_can_be_written_is_told_before_anything_is_read(office: Any, kit: Any, out: str) -> None:
    before = len(office.sandbox.requests)
    refused(kit.command("export", out, "--format", "csv"), 3, "folder")
    assert len(office.sandbox.requests) == before


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that is locked because it runs")
@pytest.mark.parametrize("locked", ["x.xlsx", "x.csv", "x.contacts.csv"])
def test_a_file_that_is_open_elsewhere_is_told_before_anything_is_read(office: Any, kit: Any, locked: str) -> None:
    program = shutil.which("sleep") or ""
    shutil.copy(program, locked)
    before = len(office.sandbox.requests)
    holder = subprocess.Popen([Path(locked).absolute(), "60"])  # noqa: S603 a program of the system
    try:
        refused(kit.command("export", locked.replace(".contacts", "")), 3, "another program holds it", "Close it")
    finally:
        holder.kill()
        holder.wait()
    assert len(office.sandbox.requests) == before
    assert Path(locked).read_bytes() == Path(program).read_bytes()
    Path(locked).unlink()


def test_no_traceback_as_a_program_either(clean: Path, kit: Any) -> None:
    for arguments, status in ((("plan", "nowhere.xlsx"), 2), (("check", "nowhere.xlsx"), 3), (("frob",), 2)):
        ran = kit.program(*arguments)
        refused(ran, status, "")
