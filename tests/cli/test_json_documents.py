"""`--json`: exactly one document on stdout, of the published schema, whatever there is to say."""

# ruff: noqa: ARG001 a desk is asked for because it is the environment

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from bulkio import schemas
from bulkio.core.converters import Reason
from bulkio.core.issues import IssueCode, Severity
from bulkio.core.plan import Plan
from bulkio.core.report import Status

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def office(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A desk with an export, an edited copy, and one with mistakes."""
    with kit.desk_at(tmp_path_factory.mktemp("office"), customers=20) as desk:
        book = desk.open()
        book.type("Customers", "HURST001", Notes="By JSON")
        book.add("Customers", Command="NEW", CustomerCode="JSON1", CustomerName="JSON Ltd")
        book.add("Contacts", CustomerCode="JSON1", FirstName="Jason")
        book.save(desk.folder / "edited.xlsx")
        book.type("Customers", "BAROS002", PaymentTerm="20 days", CreatedBy="me", CustomerName=None)
        book.type("Customers", "00123", CustomerCode=123)
        book.save(desk.folder / "mistakes.xlsx")
        yield desk


def valid(ran: Any, name: str) -> dict[str, Any]:
    """The document, which is all of stdout and is as published."""
    document: dict[str, Any] = json.loads(ran.out)
    assert document["schema"] == name
    Draft202012Validator(schemas.load(name)).validate(document)
    return document


# --- the schemas themselves -------------------------------------------------------------------------------------------

NAMES = tuple(
    f"bulkio.{name}/1"
    for name in (
        "approval",
        "check",
        "convert",
        "doctor",
        "explain",
        "export",
        "fields",
        "plan",
        "profiles",
        "run",
        "runs",
        "template",
    )
)


def test_every_document_has_a_published_schema() -> None:
    assert schemas.names() == NAMES
    with pytest.raises(KeyError):
        schemas.load("bulkio.other/1")


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_sound_and_strict(name: str) -> None:
    schema = schemas.load(name)
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema"] == {"const": name}

    def objects(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for each in node.values():
                yield from objects(each)
        elif isinstance(node, list):
            for each in node:
                yield from objects(each)

    for each in objects(schema):
        assert "additionalProperties" in each
        if "properties" in each:
            assert each["additionalProperties"] is False or "missing" in each["properties"]


def test_codes_and_statuses_are_those_of_the_package() -> None:
    for name in ("plan", "check", "explain"):
        issue = schemas.load(f"bulkio.{name}/1")["$defs"]["issue"]
        assert issue["properties"]["code"]["enum"] == [code.value for code in IssueCode]
        assert issue["properties"]["severity"]["enum"] == [severity.value for severity in Severity]
        assert issue == schemas.load("bulkio.plan/1")["$defs"]["issue"]
    for name in ("run", "runs"):
        outcome = schemas.load(f"bulkio.{name}/1")["$defs"]["outcome"]
        assert outcome["properties"]["status"]["enum"] == [status.value for status in Status]


# --- real output ------------------------------------------------------------------------------------------------------


def test_plan(office: Any, kit: Any) -> None:
    ran = kit.command("plan", "edited.xlsx", "--json", "-o", "plan.json")
    document = valid(ran, "bulkio.plan/1")
    assert ran.status == 0
    assert {name: document["summary"][name] for name in ("create", "update", "delete", "error")} == {
        "create": 2,
        "update": 1,
        "delete": 0,
        "error": 0,
    }
    assert json.loads((office.folder / "plan.json").read_text(encoding="utf-8")) == document
    assert Plan.from_dict(document).to_dict() == document
    shown = valid(kit.command("show", "plan.json", "--json"), "bulkio.plan/1")
    assert shown == document


def test_plan_of_a_file_with_mistakes(office: Any, kit: Any) -> None:
    ran = kit.command("plan", "mistakes.xlsx", "--json", "-o", "never.json")
    document = valid(ran, "bulkio.plan/1")
    assert ran.status == 3
    codes = {issue["code"] for issue in document["issues"]}
    assert {"unknown-value", "read-only", "restored", "emptied"} <= codes
    assert not (office.folder / "never.json").exists()
    assert ran.err == "The plan was not saved: the file has errors.\n"


def test_plan_with_a_conflict(office: Any, kit: Any) -> None:
    book = kit.Book(office.folder / "customers.xlsx")
    book.type("Customers", "KENSI003", Notes="Mine")
    book.save(office.folder / "conflict.xlsx")
    office.sandbox.store.edit("KENSI003", Notes="Theirs")
    ran = kit.command("plan", "conflict.xlsx", "--json")
    document = valid(ran, "bulkio.plan/1")
    assert ran.status == 5
    (conflict,) = document["conflicts"]
    assert (conflict["base"], conflict["sheet_value"], conflict["live"]) != ("", "", "")
    assert document["summary"]["conflict"] == 1


def test_convert_and_the_plan_of_a_converted_workbook(office: Any, kit: Any) -> None:
    ran = kit.command("convert", "customers.xlsx", "--to", "xentral", "-o", "there.xlsx", "--json")
    document = valid(ran, "bulkio.convert/1")
    assert (ran.status, document["source"], document["target"]) == (0, "unleashed", "xentral")
    cells = document["cells"]
    assert cells["filled"] == cells["carried"] + cells["not_carried"]
    assert cells["not_carried"] == sum(document["not_carried"].values())
    assert cells["to_check"] == sum(document["to_check"].values())
    assert sum(document["rows"].values()) == sum(document["records"].values())
    assert {*document["not_carried"], *document["to_check"]} <= {reason.value for reason in Reason}
    kit.command("convert", "there.xlsx", "--to", "unleashed", "-o", "back.xlsx", "-p", "env")
    plan = valid(kit.command("plan", "back.xlsx", "--json"), "bulkio.plan/1")
    assert plan["carried"]["erp"] == "xentral"
    assert Plan.from_dict(plan).to_dict() == plan


def test_check(office: Any, kit: Any) -> None:
    ran = kit.command("check", "mistakes.xlsx", "--json")
    document = valid(ran, "bulkio.check/1")
    assert (ran.status, ran.err) == (3, "")
    assert document["summary"]["error"] == 1
    assert document["summary"]["restored"] == 1
    found = next(issue for issue in document["issues"] if issue["code"] == "unknown-value")
    assert found["cell"].startswith("R")
    assert found["found"] == "20 days"


def test_apply_and_runs(office: Any, kit: Any) -> None:
    ran = kit.command("apply", "edited.xlsx", "--json", "--yes")
    document = valid(ran, "bulkio.run/1")
    assert ran.status == 0
    assert document["summary"]["verified"] == 3
    assert office.folder / "edited.results.xlsx" == office.folder / document["files"]["results"]
    runs = valid(kit.command("runs", "--json"), "bulkio.runs/1")["runs"]
    assert [run["run_id"] for run in runs] == [document["run_id"]]
    one = valid(kit.command("runs", document["run_id"], "--json"), "bulkio.runs/1")["runs"]
    assert one == runs


def test_apply_with_nothing_to_do(office: Any, kit: Any) -> None:
    ran = kit.command("apply", "customers.xlsx", "--json", "--yes")
    document = valid(ran, "bulkio.run/1")
    assert ran.status == 0
    assert (document["run_id"], document["outcomes"]) == ("", [])


def test_export(office: Any, kit: Any) -> None:
    ran = kit.command("export", "again.csv", "--json")
    document = valid(ran, "bulkio.export/1")
    assert ran.status == 0
    assert document["summary"].keys() == {"customers", "addresses", "contacts", "missing"}
    assert document["files"] == ["again.csv", "again.addresses.csv", "again.contacts.csv", "again.baseline.jsonl.gz"]


def test_template(office: Any, kit: Any) -> None:
    assert valid(kit.command("template", "new.xlsx", "--json"), "bulkio.template/1")["files"] == ["new.xlsx"]


def test_fields(office: Any, kit: Any) -> None:
    document = valid(kit.command("fields", "--json"), "bulkio.fields/1")
    by_name = {(each["sheet"], each["field"]): each for each in document["fields"]}
    assert by_name["Customers", "Notes"]["length"] == 1024
    assert by_name["Customers", "CreditLimit"]["length"] is None


def test_explain(office: Any, kit: Any) -> None:
    document = valid(kit.command("explain", "mistakes.xlsx", "Customers!R3", "--json"), "bulkio.explain/1")
    assert document["field"] == "PaymentTerm"


def test_profiles(office: Any, kit: Any) -> None:
    document = valid(kit.command("profiles", "--json"), "bulkio.profiles/1")
    assert document["profiles"] == [{"name": "env", "source": "environment"}]


def test_doctor(office: Any, kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = kit.command("doctor", "--json")
    document = valid(ran, "bulkio.doctor/1")
    assert (ran.status, document["connection"], document["account"]) == (0, "ok", "Sandbox Wholesale Ltd")
    assert document["settings"]["base_url"] == {"value": office.sandbox.url, "source": "$BULKIO_BASE_URL"}
    monkeypatch.setenv("BULKIO_API_KEY", "wrong")
    ran = kit.command("doctor", "--json")
    document = valid(ran, "bulkio.doctor/1")
    assert ran.status == 4
    assert document["secrets"]["API_KEY"] == {"found": True, "source": "$BULKIO_API_KEY"}
    assert "wrong" not in ran.out + ran.err


@pytest.mark.parametrize("command", ["demo", "login", "sandbox"])
def test_commands_without_a_document_have_no_such_flag(kit: Any, clean: Any, command: str) -> None:
    ran = kit.command(command, "--json")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("bulkio: No such option")


def test_json_and_stdout_are_not_mixed(office: Any, kit: Any) -> None:
    ran = kit.command("export", "-", "--format", "csv", "--json")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "bulkio: --json and - both want stdout\n"


def test_an_apply_that_is_refused_says_why_in_its_document(office: Any, kit: Any) -> None:
    ran = kit.command("apply", "mistakes.xlsx", "--json", "--yes")
    assert ran.status == 3
    assert "nothing was sent" in valid(ran, "bulkio.run/1")["error"]["message"]
    ran = kit.command("resume", "--json", "no such run")
    assert (ran.status, valid(ran, "bulkio.run/1")["error"]["exit_status"]) == (2, 2)
