"""Files that come through a pipe, and files whose text is declared rather than recognised."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

NEW = "Command,CustomerCode,CustomerName\nNEW,PIPED1,Piped Ltd\n"


def piped(text: str, *arguments: str) -> Any:
    return subprocess.run(  # noqa: S603 our own program
        [sys.executable, "-m", "bulkio", *arguments],
        input=text,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=60,
    )


def test_check_and_plan_read_csv_and_json_lines_from_stdin(desk: Any, kit: Any) -> None:
    done = piped(NEW, "plan", "-", "--json", "-o", "plan.json")
    plan = json.loads(done.stdout)
    assert (done.returncode, plan["file"], [each["key"] for each in plan["operations"]]) == (0, "-", ["PIPED1"])
    assert kit.command("apply", "plan.json", "--yes").status == 0
    assert desk.customer("PIPED1")["CustomerName"] == "Piped Ltd"
    line = json.dumps({"CustomerCode": "PIPED1", "Obsolete": "perhaps"})
    done = piped(line, "check", "-", "--format", "jsonl", "--json")
    (issue,) = [each for each in json.loads(done.stdout)["issues"] if each["severity"] == "error"]
    assert (done.returncode, issue["line"], issue["column"], issue["cell"]) == (3, 1, "Obsolete", "")


def test_a_format_is_for_a_pipe_only(desk: Any, kit: Any) -> None:
    path = desk.export("customers.csv")
    ran = kit.command("check", path, "--format", "csv")
    assert (ran.status, "--format is for a FILE `-`" in ran.err) == (2, True)


def test_problems_of_json_lines_name_the_line_and_the_property(desk: Any, kit: Any) -> None:
    contact = {"FirstName": "A", "ForOrdering": "perhaps"}
    lines = [
        {"CustomerCode": "HURST001", "Contacts": [{"FirstName": "B"}, contact]},
        {"CustomerCode": "X", "Nope": "1"},
    ]
    path = desk.folder / "new.jsonl"
    path.write_text("\n\n" + "\n".join(map(json.dumps, lines)), encoding="utf-8")
    ran = kit.command("check", path)
    assert "error    Contacts line 3  ForOrdering  'perhaps'" in ran.out
    assert "Customers  Nope  no field is called" in ran.out
    assert "!" not in ran.out + ran.err


def test_copies_of_a_csv_file_are_written_as_the_file_was_said_to_be(desk: Any, kit: Any) -> None:
    """In code page 850 and with bars: neither would be recognised."""
    path = desk.export("customers.csv")
    (mine,) = [row for row in kit.rows_of(path) if row["CustomerCode"] == "HURST001"]
    text = f"CustomerCode|CustomerName|Notes, and more\r\nHURST001|{mine['CustomerName']} \u00fc|a,b,c,d\r\n"
    path = desk.folder / "mine.csv"
    path.write_bytes(text.encode("cp850"))
    flags = ("--encoding", "cp850", "--delimiter", "|")
    assert kit.command("plan", path, "-o", "plan.json", *flags).status == 0
    assert kit.command("apply", "plan.json", "--yes").status == 0
    header, row = (desk.folder / "mine.results.csv").read_bytes().decode("cp850").splitlines()
    assert header.split("|")[-3:] == ["Import Result", "Import Comment", "Import Id"]
    assert row.split("|")[1:4] == [f"{mine['CustomerName']} \u00fc", "a,b,c,d", "OK"]
    assert desk.customer("HURST001")["CustomerName"].endswith("\u00fc")
    assert kit.command("check", path, "--report", "report.csv", *flags).status == 0
    assert (desk.folder / "report.csv").read_bytes().decode("cp850").startswith("CustomerCode|")


def test_a_template_needs_no_account_when_offline(clean: Any, kit: Any) -> None:
    assert kit.command("template", "new.xlsx", "--offline").status == 0
    assert (clean / "new.xlsx").is_file()
    assert kit.command("template", "new.xlsx", "--offline").status == 2
    assert kit.command("template", "x.csv", "--offline", "--erp", "xentral").status == 0
    assert kit.command("template", "other.xlsx").status == 2, "the ERP's own lists need an account"


def test_the_page_to_read_first_shows_whole_seconds(desk: Any) -> None:
    book = desk.open()
    told = [cell.value for row in book.book["Read me"].iter_rows() for cell in row if cell.value]
    (line,) = [each for each in told if each.startswith("Exported from")]
    assert line.partition(" at ")[2][19:].startswith(" (UTC)"), line
