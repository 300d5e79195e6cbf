"""What an export contains, by flag; that it is complete or says that it is not; and from where the next one goes on."""

from __future__ import annotations

import io
import json
import threading
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from bulkio import UsageError
from bulkio.core.kinds import as_datetime
from bulkio.sandbox import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def shop(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A desk that is only read."""
    with kit.desk_at(tmp_path_factory.mktemp("shop"), customers=60) as desk:
        yield desk
        assert desk.writes() == []


def codes(desk: Any, **flags: Any) -> set[str]:
    """The customers that an export with these flags has."""
    path = desk.export("flags.jsonl", **flags)
    return {json.loads(line)["CustomerCode"] for line in path.read_text(encoding="utf-8").splitlines()}


def kept(desk: Any, wanted: Any) -> set[str]:
    return {code for code, each in desk.state().items() if wanted(each)}


# --- which records ----------------------------------------------------------------------------------------------------


def test_obsolete_customers_are_exported_unless_only_active_ones_are_wanted(shop: Any) -> None:
    assert codes(shop) == kept(shop, lambda _each: True)
    active = codes(shop, active_only=True)
    assert active == kept(shop, lambda each: not each["Obsolete"])
    assert "NONE014" not in active


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ([("Currency.CurrencyCode", "NZD")], lambda each: (each["Currency"] or {}).get("CurrencyCode") == "NZD"),
        ([("currency.currencycode", "nzd")], lambda each: (each["Currency"] or {}).get("CurrencyCode") == "NZD"),
        ([("Obsolete", "yes")], lambda each: each["Obsolete"]),
        ([("Obsolete", "FALSE"), ("StopCredit", "TRUE")], lambda each: each["StopCredit"] and not each["Obsolete"]),
        ([("CreditLimit", "0.00")], lambda each: each["CreditLimit"] == 0),
        ([("SellPriceTier", "")], lambda each: not each["SellPriceTier"]),
        ([("CustomerCode", "00123")], lambda each: each["CustomerCode"] == "00123"),
        ([("CustomerName", "=SUM(1) Supplies Ltd")], lambda each: each["CustomerCode"] == "1E5"),
        ([("CustomerCode", "nobody")], lambda _each: False),
    ],
)
def test_where_compares_values_as_the_sheet_has_them(shop: Any, where: Any, wanted: Any) -> None:
    assert codes(shop, where=where) == kept(shop, wanted)


def test_children_of_left_out_customers_are_left_out(shop: Any, kit: Any) -> None:
    shop.export("one.csv", where=[("CustomerCode", "00123")])
    assert {row["CustomerCode"] for row in kit.rows_of(shop.folder / "one.addresses.csv")} == {"00123"}
    assert len(kit.rows_of(shop.folder / "one.contacts.csv")) == 3


def test_modified_since_a_date(shop: Any) -> None:
    moment = as_datetime("2017-06-01T00:00:00Z")
    found = codes(shop, modified_since="2017-06-01")
    stamps = {each["CustomerCode"]: each["LastModifiedOn"] for each in shop.sandbox.store.customers()}
    assert found == {code for code, stamp in stamps.items() if stamp >= moment}
    assert 0 < len(found) < 60


# --- contacts ---------------------------------------------------------------------------------------------------------


def test_all_contacts_of_a_customer_with_130_are_exported(shop: Any) -> None:
    result = shop.account.export(shop.folder / "all.xlsx")
    book = openpyxl.load_workbook(shop.folder / "all.xlsx", read_only=True)
    rows = list(book["Contacts"].iter_rows(values_only=True))
    at = rows[0].index("CustomerCode")
    per_customer = {code: sum(row[at] == code for row in rows[1:]) for code in ("PACIF006", "TRUE", "+64-17")}
    assert per_customer == {"PACIF006": 130, "TRUE": 100, "+64-17": 101}
    assert result.counts["Contacts"] == sum(len(each["Contacts"]) for each in shop.state().values())


def test_primary_contacts_only(shop: Any) -> None:
    path = shop.export("primary.jsonl", contacts="primary")
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert {contact["IsDefault"] for record in records for contact in record["Contacts"]} == {True}
    assert {record["CustomerCode"] for record in records if record["Contacts"]} == kept(
        shop, lambda each: each["Contacts"]
    )


def test_no_contacts(shop: Any) -> None:
    shop.export("none.csv")
    result = shop.account.export(shop.folder / "none.csv", contacts="none")
    assert result.counts.keys() == {"Customers", "Addresses"}
    assert not (shop.folder / "none.contacts.csv").exists(), (
        "an earlier export's contacts would be read as part of this one"
    )
    assert (shop.folder / "none.contacts.earlier.csv").exists()
    assert result.notes == ("none.contacts.csv was of an earlier export, and is now none.contacts.earlier.csv",)
    assert not shop.plan(shop.folder / "none.csv").operations


# --- columns and formats ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "jsonl"])
def test_chosen_columns_come_with_the_keys_and_plan_nothing(shop: Any, kit: Any, suffix: str) -> None:
    path = shop.export(f"narrow.{suffix}", columns=["notes", "Currency.CurrencyCode"])
    if suffix == "csv":
        assert list(kit.rows_of(path)[0]) == ["Command", "CustomerCode", "Currency.CurrencyCode", "Notes", "Guid"]
    plan = shop.plan(path)
    assert not plan.operations
    assert plan.issues == ()


def test_a_narrow_export_can_be_edited(shop: Any, kit: Any) -> None:
    book = shop.open("narrow.xlsx", columns=["Notes"])
    book.type("Customers", "HURST001", Notes="Narrow")
    assert kit.only_operation(shop.plan(book)).target == {"Notes": "Narrow"}


@pytest.mark.parametrize(
    ("name", "file_format"), [("x.ndjson", None), ("x.out", "jsonl"), ("X.CSV", None), ("x.out", "csv")]
)
def test_formats_by_suffix_and_by_name(shop: Any, name: str, file_format: str | None) -> None:
    path = shop.export(name, file_format=file_format)
    text = path.read_bytes().decode("utf-8-sig")
    assert text.startswith('{"CustomerCode":' if name.endswith("ndjson") or file_format == "jsonl" else "Command,")


def test_an_export_leaves_no_other_files(desk: Any) -> None:
    desk.export("one.xlsx")
    assert {path.name for path in desk.folder.iterdir()} - {"state"} == {"one.xlsx"}


# --- going on ---------------------------------------------------------------------------------------------------------


def test_last_goes_on_where_the_last_complete_export_was(desk: Any) -> None:
    with pytest.raises(UsageError, match="there is no complete export yet"):
        codes(desk, modified_since="last")
    assert len(codes(desk)) == 20
    assert codes(desk, modified_since="last") == set()
    desk.sandbox.store.edit("00123", Notes="Colleague's")
    assert codes(desk, modified_since="last") == {"00123"}
    # The next one overlaps: what was under way during the last one is read twice rather than missed.
    assert codes(desk, modified_since="last") == {"00123"}


def test_filtered_exports_do_not_move_the_watermark(desk: Any) -> None:
    for flags in ({"where": [("CustomerCode", "00123")]}, {"modified_since": "2020-01-01"}):
        codes(desk, **flags)
        with pytest.raises(UsageError, match="there is no complete export yet"):
            codes(desk, modified_since="last")


def test_an_export_of_a_later_date_leaves_no_gap_behind(desk: Any) -> None:
    codes(desk)
    mark = desk.account.state.watermark("all")
    codes(desk, modified_since="2999-01-01")
    assert desk.account.state.watermark("all") == mark
    codes(desk, modified_since="2016-01-01")
    assert desk.account.state.watermark("all") >= mark


@pytest.mark.parametrize("flags", [{"active_only": True}, {"contacts": "none"}])
def test_exports_of_different_scope_do_not_go_on_from_each_other(desk: Any, flags: dict[str, Any]) -> None:
    codes(desk, **flags)
    with pytest.raises(UsageError, match="there is no complete export yet"):
        codes(desk, modified_since="last")
    codes(desk, modified_since="last", **flags)


# --- incomplete -------------------------------------------------------------------------------------------------------


@contextmanager
def boastful(url: str) -> Iterator[str]:
    """A server that passes everything on, and says that there is one customer more than it ever shows."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urllib.request.Request(url + self.path)  # noqa: S310 the sandbox
            for name in ("api-auth-id", "api-auth-signature", "client-type", "Accept", "Content-Type"):
                if self.headers[name]:
                    asked.add_header(name, self.headers[name])
            with urllib.request.urlopen(asked) as reply:  # noqa: S310
                body, kind = reply.read(), reply.headers["Content-Type"]
            if self.path.startswith("/Customers/"):
                document = json.loads(body)
                if document.get("Pagination"):
                    document["Pagination"]["NumberOfItems"] += 1
                body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_export_that_misses_a_record_says_so_and_exits_with_9(
    desk: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with boastful(desk.sandbox.url) as url:
        monkeypatch.setenv("BULKIO_BASE_URL", url)
        ran = kit.command("export", "short.csv")
        assert ran.status == 9
        assert "INCOMPLETE: the ERP counts 1 more record than could be read. Export again." in ran.err
        assert len(kit.rows_of(desk.folder / "short.csv")) == 20, "what could be read is there"
        document = kit.command("export", "short.csv", "--json").document
        assert document["summary"]["missing"] == 1
        after = kit.command("export", "short.csv", "--modified-since", "last")
        assert after.status == 2, "an incomplete export is none to go on from"


def test_a_failed_export_leaves_the_old_file(desk: Any, kit: Any) -> None:
    path = desk.export()
    before = path.read_bytes()
    desk.sandbox.faults.add(Fault("429", path="/Customers/", count=None, retry_after=7200))
    assert kit.command("export", "customers.xlsx").status == 7
    assert path.read_bytes() == before
    assert [each.name for each in desk.folder.iterdir() if each.name.startswith(".")] == []


def test_a_refused_list_is_only_a_missing_dropdown(desk: Any) -> None:
    desk.sandbox.faults.add(Fault("403", path="/SalesOrderGroups"))
    result = desk.account.export(desk.folder / "x.xlsx")
    assert result.is_complete
    assert result.notes == ("the list SalesOrderGroups could not be read: no dropdown for it",)


def test_a_stream_gets_the_customers(shop: Any) -> None:
    stream = io.BytesIO()
    result = shop.account.export(stream, file_format="csv")
    assert result.files == ()
    assert stream.getvalue().decode("utf-8-sig").startswith("Command,CustomerCode,")


def test_an_export_to_a_path_that_is_text(shop: Any, tmp_path: Path) -> None:
    assert shop.account.export(str(tmp_path / "x.csv")).files[0] == str(tmp_path / "x.csv")
