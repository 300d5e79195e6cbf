"""A canary for a key: every command is run with it, and everything that was written is searched for it.

Searched are all files (unpacked where they are packed), standard output and error, logs at DEBUG level, tracebacks, and
the process list; searched for are the id, the key, and every signature that was sent, since it is as good as the key.
"""

from __future__ import annotations

import contextlib
import gzip
import http.client
import logging
import os
import subprocess
import sys
import threading
import traceback
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

import pytest
from hand_made import HandMade

import bulkio
from bulkio.cli.main import main
from bulkio.connectors.unleashed.auth import signature
from bulkio.core.secret import Secret
from bulkio.errors import BulkioError
from bulkio.sandbox import CREDENTIAL, Fault, SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bulkio.sandbox import Sandbox

CANARY_ID = "canary-id-0f1e2d3c4b5a"
CANARY_KEY = "canary+key/9a8b7c6d5e4f=="


class Relay:
    """Stands before a sandbox and takes the canary where that takes its own key; remembers every signature."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.signatures: set[str] = set()
        target = urlsplit(sandbox.url)
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def relay(self) -> None:
                relay.signatures.add(self.headers.get("api-auth-signature", ""))
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                query = urlsplit(self.path).query
                is_known = self.headers.get("api-auth-id") == CANARY_ID
                key = CREDENTIAL if is_known else "somebody else's"
                headers = {
                    "api-auth-id": key,
                    "api-auth-signature": signature(Secret(key), query),
                    "Content-Type": self.headers.get("content-type", ""),
                    "Accept": self.headers.get("accept", ""),
                }
                connection = http.client.HTTPConnection(target.hostname or "", target.port or 0, timeout=10)
                try:
                    connection.request(self.command, self.path, body or None, headers)
                    reply = connection.getresponse()
                    content = reply.read()
                except (OSError, http.client.HTTPException):
                    self.close_connection = True  # as the sandbox did
                    return
                finally:
                    connection.close()
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.headers.get("content-type", ""))
                self.send_header("Content-Length", str(len(content)))
                with contextlib.suppress(ConnectionError):  # whoever asked was killed meanwhile
                    self.end_headers()
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = relay  # noqa: N815 their names

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def secrets(self) -> set[bytes]:
        """The id, the key and every signature that was sent, in all forms in which they may be written."""
        secrets = {CANARY_ID, CANARY_KEY, *self.signatures} - {""}
        return {form.encode() for each in secrets for form in (each, quote(each, safe=""), each.replace("/", "\\/"))}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Sandbox, Relay, Path]]:
    """A sandbox behind a relay, an environment with the canary, and a log of everything."""
    for name in [each for each in os.environ if each.startswith("BULKIO_")]:
        monkeypatch.delenv(name)
    with running(SandboxOptions(customers=15, seed=3)) as sandbox, Relay(sandbox) as relay:
        settings = {
            "ERP": "unleashed",
            "BASE_URL": relay.url,
            "API_ID": CANARY_ID,
            "API_KEY": CANARY_KEY,
            "TIMEOUT": "5",
        }
        for name, value in {**settings, "SETTLE_SECONDS": "0", "STATE_DIR": str(tmp_path / "state")}.items():
            monkeypatch.setenv(f"BULKIO_{name}", value)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.chdir(tmp_path)
        handler = logging.FileHandler(tmp_path / "everything.log")
        root = logging.getLogger()
        level = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        try:
            yield sandbox, relay, tmp_path
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
            handler.close()


def command(*arguments: object) -> int:
    """`bulkio ...` in this process; what it says goes into files."""
    with (
        Path("stdout.txt").open("a") as out,
        Path("stderr.txt").open("a") as err,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        main([str(each) for each in arguments])
    return int(ended.value.code or 0)


def test_no_command_writes_a_secret_anywhere(place: tuple[Sandbox, Relay, Path], files_with: Any) -> None:
    sandbox, relay, folder = place
    assert command("doctor") == 0
    assert command("export", "all.xlsx") == command("export", "all.csv") == command("export", "all.jsonl", "-v") == 0
    assert command("template", "new.xlsx") == 0
    assert command("check", "all.xlsx", "--report", "report.xlsx") == 0
    with bulkio.open() as account:
        made = HandMade(account)
        code = min(made.records)
        made.update(code, Notes="by hand")
        made.create_child("Contacts", code, FirstName="Eve")
        bulkio.account.save_plan(made.plan(), "plan.json")
    sandbox.faults.add(Fault(fault="dropped_after", method="POST"))
    sandbox.faults.add(Fault(fault="500", method="GET"))
    assert command("show", "plan.json") == 0
    assert command("apply", "plan.json", "--json") == 0
    assert command("apply", "plan.json") == 5  # twice
    (run,) = (each.name for each in (folder / "state").glob("*/runs/*"))
    assert command("runs") == command("runs", run, "--json") == 0
    assert command("undo", run, "--yes") == 0
    assert command("resume", "nothing") == 2
    assert command("profiles", "--json") == command("fields", "--json") == 0
    assert relay.signatures
    assert files_with(folder, relay.secrets) == []


PROVOKED = [
    Fault(fault="403", method="*", count=None),
    Fault(fault="401", method="*", count=None),
    Fault(fault="html", method="*", count=None),
    Fault(fault="truncated", method="*", count=None),
    Fault(fault="404", method="*", count=None),
]


@pytest.mark.parametrize("fault", PROVOKED, ids=[fault.fault for fault in PROVOKED])
def test_no_error_shows_a_secret(
    place: tuple[Sandbox, Relay, Path], monkeypatch: pytest.MonkeyPatch, files_with: Any, fault: Fault
) -> None:
    sandbox, relay, folder = place
    sandbox.faults.add(fault)
    from bulkio.http.retry import Patience  # noqa: PLC0415

    monkeypatch.setattr("bulkio.http.retry.Patience", lambda **given: Patience(**{**given, "attempts": 1}))
    assert command("doctor", "--json") != 0
    assert command("export", "all.csv") != 0
    with bulkio.open() as account, pytest.raises(BulkioError) as caught:
        account.export("all.csv")
    (folder / "traceback.txt").write_text("".join(traceback.format_exception(caught.value)) + repr(caught.value))
    (folder / "reprs.txt").write_text(f"{account!r} {account.profile!r} {vars(account)!r}")
    assert files_with(folder, relay.secrets) == []


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_the_process_list_shows_no_secret(place: tuple[Sandbox, Relay, Path], files_with: Any) -> None:
    sandbox, relay, folder = place
    sandbox.faults.add(Fault(fault="slow", delay=60.0, count=None))
    with (folder / "child.txt").open("w") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "bulkio", "export", "all.csv"], stdout=output, stderr=output, cwd=folder
        )
        try:
            while not relay.signatures and child.poll() is None:
                threading.Event().wait(0.01)
            for path in Path(f"/proc/{child.pid}/task").glob("*/comm"):
                (folder / f"comm-{path.parent.name}").write_bytes(path.read_bytes())
            (folder / "cmdline").write_bytes(Path(f"/proc/{child.pid}/cmdline").read_bytes())
        finally:
            child.kill()
            child.wait()
    assert relay.signatures
    assert b"bulkio" in (folder / "cmdline").read_bytes()
    assert files_with(folder, relay.secrets) == []


def test_the_search_finds_what_is_there(tmp_path: Path, files_with: Any) -> None:
    with zipfile.ZipFile(tmp_path / "packed.xlsx", "w") as book:
        book.writestr("sheet.xml", gzip.compress(b"... a word ..."))
    (tmp_path / "plain.txt").write_text("a word")
    (tmp_path / "a word.txt").write_text("")
    (tmp_path / "broken.xlsx").write_bytes(b"PK, and no zip")
    assert files_with(tmp_path, {b"a word"}) == ["a word.txt", "packed.xlsx/sheet.xml/gz", "plain.txt"]
