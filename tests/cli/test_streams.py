"""What goes where: data on stdout, talk on stderr, no decoration without a terminal, and consent before a write."""

# ruff: noqa: ARG001 a desk is asked for because it is the environment

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import bulkio
import bulkio.profiles
from bulkio.cli.terminal import Terminal, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMANDS = (
    "demo", "export", "template", "check", "plan", "show", "apply", "resume", "undo", "runs", "explain", "fields",
    "profiles", "login", "doctor", "sandbox",
)  # fmt: skip


@pytest.fixture(scope="module")
def office(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A desk on which nothing is written."""
    with kit.desk_at(tmp_path_factory.mktemp("office"), customers=20) as desk:
        book = desk.open()
        book.type("Customers", "HURST001", Notes="Edited")
        book.save(desk.folder / "edited.xlsx")
        yield desk
        assert desk.writes() == []


# --- help -------------------------------------------------------------------------------------------------------------


def test_help_names_every_command(kit: Any, clean: Path) -> None:
    ran = kit.command("--help")
    assert (ran.status, ran.err) == (0, "")
    listed = [line.split()[0] for line in ran.out.split("Commands:\n")[1].splitlines() if line.startswith("  ")]
    assert {*COMMANDS} <= {*listed}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(kit: Any, clean: Path, command: str) -> None:
    for flag in ("--help", "-h"):
        ran = kit.command(command, flag)
        assert (ran.status, ran.err) == (0, "")
        assert ran.out.startswith(f"Usage: bulkio {command}")
    assert kit.command(command, "--help").out.count("\n") > 4


def test_the_version(kit: Any, clean: Path) -> None:
    for flag in ("-V", "--version"):
        assert kit.command(flag).out == f"bulkio, version {bulkio.__version__}\n"


HEAVY = {
    "pandas",
    "numpy",
    "openpyxl",
    "xlsxwriter",
    "httpx",
    "pandera",
    "starlette",
    "uvicorn",
    "tqdm",
    "rapidfuzz",
    "pycountry",
}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["plan", "--help"], ["sandbox", "--help"], ["frobnicate"]]
)
def test_help_imports_nothing_heavy(clean: Path, arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from bulkio.cli.main import main\n"
        "try:\n"
        f"    main({arguments!r})\n"
        "except SystemExit:\n"
        "    pass\n"
        f"print(sorted({HEAVY!r} & sys.modules.keys()), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8")  # noqa: S603
    allowed = ["rapidfuzz"] if arguments == ["frobnicate"] else []
    assert [
        name for name in json.loads(done.stderr.splitlines()[-1].replace("'", '"')) if name != "numpy" or not allowed
    ] == allowed


# --- streams ----------------------------------------------------------------------------------------------------------


def test_csv_on_stdout_is_nothing_but_csv(office: Any, kit: Any) -> None:
    ran = kit.program("export", "-", "--format", "csv")
    assert ran.status == 0
    rows = list(csv.DictReader(io.StringIO(ran.out.removeprefix("\ufeff"))))
    assert len(rows) == 20
    assert {"HURST001", "00123", "'@CMD"} <= {row["CustomerCode"] for row in rows}
    assert ran.err.startswith("Exported 20 customers")


def test_json_lines_on_stdout_are_nothing_but_json(office: Any, kit: Any) -> None:
    ran = kit.command("export", "-", "--format", "jsonl", "-q")
    assert (ran.status, ran.err) == (0, "")
    records = [json.loads(line) for line in ran.out.splitlines()]
    assert len(records) == 20
    assert sum(len(record["Contacts"]) for record in records) == sum(
        len(each["Contacts"]) for each in office.state().values()
    )


def test_a_reader_that_has_enough_is_no_error(office: Any) -> None:
    """`bulkio fields | head -1`."""
    command = f'"{sys.executable}" -m bulkio fields | head -1'
    done = subprocess.run(command, shell=True, capture_output=True, check=False, encoding="utf-8")  # noqa: S602 a pipe
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments", [("export", "out.xlsx"), ("plan", "edited.xlsx"), ("fields",), ("check", "edited.xlsx"), ("doctor",)]
)
def test_without_a_terminal_there_are_no_colours_and_no_bars(office: Any, kit: Any, arguments: tuple[str, ...]) -> None:
    ran = kit.program(*arguments, TERM="xterm-256color", FORCE_COLOR="1")
    assert ran.status == 0
    for text in (ran.out, ran.err):
        assert "\x1b" not in text
        assert "\r" not in text
        assert "it/s" not in text


def test_quiet_says_only_what_is_wrong(office: Any, kit: Any) -> None:
    for arguments in (
        ("plan", "edited.xlsx"),
        ("check", "edited.xlsx"),
        ("export", "quiet.csv"),
        ("profiles",),
        ("doctor",),
    ):
        ran = kit.command(*arguments, "-q")
        assert (ran.status, ran.out, ran.err) == (0, "", ""), arguments
    book = kit.Book(office.folder / "edited.xlsx")
    cell = book.type("Customers", "HURST001", PaymentTerm="never")
    book.type("Customers", "HURST001", CreatedBy="me")
    book.save(office.folder / "wrong.xlsx")
    ran = kit.command("check", "wrong.xlsx", "-q")
    assert ran.status == 3
    assert ran.out.splitlines()[0] == f"  error    {cell}  PaymentTerm  'never' is not one of the ERP's PaymentTerms"
    assert "CreatedBy" not in ran.out


def test_verbose_tells_of_every_call_and_of_no_secret(office: Any, kit: Any) -> None:
    ran = kit.program("plan", "edited.xlsx", "-v", BULKIO_API_ID="sandbox")
    assert ran.status == 0
    assert "GET /Customers/" in ran.err
    assert "api-auth-signature" not in ran.err
    assert "signature" not in ran.err.lower()


def test_secrets_are_nowhere(office: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in what is printed, not in what is logged, and not in what is left on the disk."""
    secret = "s3cr3t-of-nobody"  # noqa: S105 invented
    monkeypatch.setenv("BULKIO_API_KEY", secret)
    for arguments in (
        ("doctor", "-v"),
        ("doctor", "--json"),
        ("export", "x.xlsx", "-v"),
        ("plan", "edited.xlsx", "-v"),
        ("runs", "-v"),
    ):
        ran = kit.command(*arguments)
        assert secret not in ran.out + ran.err, arguments
    monkeypatch.setenv("BULKIO_API_KEY", "sandbox")
    monkeypatch.setenv("BULKIO_API_ID", "sandbox")
    ran = kit.command("plan", "edited.xlsx", "--json", "-o", "plan.json")
    document = json.loads(ran.out)
    assert (
        "sandbox"
        not in json.dumps({name: value for name, value in document.items() if name not in ("file", "live")}).lower()
    )


def test_control_characters_of_a_name_never_reach_the_terminal(office: Any, kit: Any) -> None:
    assert printable("a\x1b[31mb\r\nc\td\u202e") == "a�[31mb�\\nc d�"
    sheet = office.folder / "evil.csv"
    sheet.write_text("CustomerCode,\x1b[31mNotes\nHU\x1b]0;x\x07RST,1\n", encoding="utf-8")
    ran = kit.command("plan", "evil.csv")
    assert ran.status == 3
    assert "\x1b" not in ran.out + ran.err
    assert "\x07" not in ran.out + ran.err


def test_no_path_and_no_document_drives_the_terminal(office: Any, kit: Any) -> None:
    name = "a\x1b]0;x\x07\x9b31m\u202e.csv"
    sheet = office.folder / name
    sheet.write_text("CustomerCode,CreditLimit\nHURST001,a\x1b]0;x\x07\x9b31m\u202e\n", encoding="utf-8")
    for arguments in (("plan", name, "--json"), ("check", name, "--json"), ("check", name), ("export", f"b{name}")):
        ran = kit.command(*arguments)
        assert not set("\x1b\x07\x9b\u202e") & set(ran.out + ran.err), arguments
    ran = kit.command("check", name, "--json")
    assert ran.document["file"].endswith(name), "escaped, and not lost"


# --- consent ----------------------------------------------------------------------------------------------------------


def test_a_write_without_a_terminal_needs_a_yes_or_a_saved_plan(desk: Any, kit: Any) -> None:
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Edited")
    book.save(desk.folder / "edited.xlsx")
    ran = kit.command("apply", "edited.xlsx", answers="yes\n")
    assert ran.status == 2
    assert ran.err.splitlines() == [
        "bulkio: nothing was sent: without a terminal, a write needs --yes or a saved plan",
        "  bulkio plan FILE -o PLAN, then bulkio apply PLAN",
    ]
    assert desk.writes() == []
    assert kit.command("plan", "edited.xlsx", "-o", "plan.json").status == 0
    assert kit.command("apply", "plan.json", "--no-input").status == 0
    assert desk.customer("HURST001")["Notes"] == "Edited"


def test_a_live_account_needs_its_name(desk: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loopback address is never live, so this one only claims to be."""
    monkeypatch.setattr(bulkio.profiles, "is_loopback", lambda _url: False)
    book = desk.open()
    book.type("Customers", "HURST001", Notes="Live")
    book.save(desk.folder / "edited.xlsx")
    kit.command("plan", "edited.xlsx", "-o", "plan.json")
    for arguments in (
        ("edited.xlsx", "--yes"),
        ("plan.json",),
        ("plan.json", "--yes"),
        ("plan.json", "--confirm", "Another Ltd"),
    ):
        ran = kit.command("apply", *arguments)
        assert ran.status == 2
        assert "not confirmed: this is the live account 'Sandbox Wholesale Ltd'; nothing was sent" in ran.err
        assert '--confirm "Sandbox Wholesale Ltd"' in ran.err
    assert desk.writes() == []
    assert kit.command("apply", "plan.json", "--confirm", "Sandbox Wholesale Ltd").status == 0
    assert desk.customer("HURST001")["Notes"] == "Live"


class _Teletype(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_with_a_terminal_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    said = _Teletype()
    monkeypatch.setattr(sys, "stdin", _Teletype(" yes \n"))
    monkeypatch.setattr(sys, "stderr", said)
    terminal = Terminal()
    assert terminal.can_ask
    assert terminal.ask("Apply this?") == "yes"
    assert said.getvalue() == "Apply this? "
    assert not Terminal(no_input=True).can_ask


def test_colours_only_where_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    assert terminal.colour("x", "red", stream=_Teletype()) == "\x1b[31mx\x1b[0m"
    assert terminal.colour("x", "red", stream=io.StringIO()) == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert terminal.colour("x", "red", stream=_Teletype()) == "x"


def test_the_sandbox_prints_only_its_address_on_stdout(clean: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "bulkio", "sandbox", "--customers", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ},
    )
    try:
        assert running.stdout
        line = running.stdout.readline()
        running.terminate()
        rest, err = running.communicate(timeout=20)
    finally:
        running.kill()
    assert line.startswith("READY http://127.0.0.1:")
    assert rest == ""
    assert running.returncode == 0, err
