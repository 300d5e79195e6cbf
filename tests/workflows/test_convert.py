"""Converting a workbook: the new one is ready to be planned, and names what it could not take along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

import bulkio
from bulkio import FileError, InvalidFileError, OutdatedError, UsageError
from bulkio.account import open_sandbox
from bulkio.core.headers import NOT_CARRIED_OVER, SOURCE_ID
from bulkio.sandbox import SandboxOptions, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE, THERE = "unleashed", "xentral"


@pytest.fixture(scope="module")
def shelf(kit: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An export of twenty awkward customers, only read."""
    with kit.desk_at(tmp_path_factory.mktemp("shelf")) as desk:
        desk.export(contacts="primary")
        yield desk


@pytest.fixture(scope="module")
def new(shelf: Any) -> Path:
    """It, converted."""
    path: Path = shelf.folder / "new.xlsx"
    bulkio.convert(shelf.folder / "customers.xlsx", to=THERE, output=path)
    return path


def table(path: Path, sheet: str) -> list[dict[str, Any]]:
    """A sheet's rows, by their headers."""
    header, *rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_the_new_workbook_has_the_other_erps_sheets_and_one_that_names_the_rest(new: Path) -> None:
    names = openpyxl.load_workbook(new).sheetnames
    assert set(names) >= {"Read me", "Customers", "Addresses", "Contacts", NOT_CARRIED_OVER}
    (customer,) = (row for row in table(new, "Customers") if row["number"] == "HURST001")
    assert customer["Command"] == "NEW"
    assert customer["primaryAddress.name"] == "Hurstmere Hardware Ltd"
    assert customer["primaryAddress.country"] == "NZ"
    assert customer["notes"] == "Prefers deliveries on Tuesdays."


def test_every_row_says_which_record_it_was(shelf: Any, new: Path) -> None:
    ids = {code: record["Guid"] for code, record in shelf.state().items()}
    assert {row["number"]: row[SOURCE_ID] for row in table(new, "Customers")} == ids


def test_a_lossy_cell_is_named_with_its_place_and_why(shelf: Any, new: Path) -> None:
    lines = table(new, NOT_CARRIED_OVER)
    (line,) = (each for each in lines if each["Column"] == "Obsolete" and each["Value"] == "true")
    assert (line["Sheet"], line["Record"], line["Carried as"]) == ("Customers", "NONE014", None)
    assert "nothing is deleted" in line["Why"]
    source = openpyxl.load_workbook(shelf.folder / "customers.xlsx")["Customers"]
    assert source[line["Cell"]].value is True


def test_the_result_counts_what_the_sheet_names(shelf: Any, tmp_path: Path) -> None:
    made = bulkio.convert(shelf.folder / "customers.xlsx", to=THERE, output=tmp_path / "new.xlsx")
    assert made.filled == made.carried + sum(made.not_carried.values())
    lines = table(tmp_path / "new.xlsx", NOT_CARRIED_OVER)
    assert {line["Reason"] for line in lines} == made.not_carried.keys() | made.to_check.keys()
    joined = [line for line in lines if line["Reason"] == "joined"]
    assert len(joined) == made.to_check["joined"]


def test_the_new_workbook_is_sound(new: Path) -> None:
    checked = bulkio.check_file(new)
    assert not checked.has_errors
    assert "unknown-sheet" not in {issue.code.value for issue in checked.issues}


def test_what_lacks_something_is_under_ignore_until_it_is_filled_in(shelf: Any, new: Path, tmp_path: Path) -> None:
    (bare,) = (row for row in table(new, "Customers") if row["number"] == "EMOJI011")
    assert bare["Command"] == "IGNORE"
    fill = [(f"primaryAddress.{name}", value) for name, value in
            (("street", "unknown"), ("zipcode", "0"), ("City", "unknown"), ("country", "nz"))]  # fmt: skip
    bulkio.convert(shelf.folder / "customers.xlsx", to=THERE, output=tmp_path / "new.xlsx", fill=fill)
    (filled,) = (row for row in table(tmp_path / "new.xlsx", "Customers") if row["number"] == "EMOJI011")
    assert (filled["Command"], filled["primaryAddress.street"]) == ("NEW", "unknown")
    lines = [line for line in table(tmp_path / "new.xlsx", NOT_CARRIED_OVER) if line["Reason"] == "filled"]
    assert {(line["Column"], line["Value"]) for line in lines} >= {("primaryAddress.street", "unknown")}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("notes", "x"),
        ("primaryAddress.stret", "x"),
        ("number", "x"),
        ("primaryAddress.country", "New Zealand"),
        ("nonsense", ""),
    ],
)
def test_only_what_is_required_can_be_filled_in_and_only_with_a_value_of_it(
    shelf: Any, tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(UsageError):
        bulkio.convert(shelf.folder / "customers.xlsx", to=THERE, output=tmp_path / "new.xlsx", fill=[(name, value)])
    assert not (tmp_path / "new.xlsx").exists()


def test_a_row_that_says_ignore_or_delete_is_not_converted_and_named(shelf: Any, kit: Any, tmp_path: Path) -> None:
    book = kit.Book(shelf.folder / "customers.xlsx")
    book.type("Customers", "HURST001", Command="IGNORE")
    book.type("Customers", "BAROS002", Command="DELETE")
    edited = book.save(tmp_path / "edited.xlsx")
    options = bulkio.ImportOptions(allow_delete=True)
    made = bulkio.convert(edited, to=THERE, output=tmp_path / "new.xlsx", options=options)
    codes = {row["number"] for row in table(tmp_path / "new.xlsx", "Customers")}
    assert not codes & {"HURST001", "BAROS002"}
    assert made.not_carried["left-out"] > 0
    assert made.not_carried["with-parent"] > 0


def test_a_file_with_errors_is_not_converted(shelf: Any, kit: Any, tmp_path: Path) -> None:
    book = kit.Book(shelf.folder / "customers.xlsx")
    book.type("Customers", "HURST001", CreditLimit="much")
    with pytest.raises(InvalidFileError, match="1 errors") as raised:
        bulkio.convert(book.save(tmp_path / "edited.xlsx"), to=THERE, output=tmp_path / "new.xlsx")
    assert len(raised.value.issues) == 1


def test_an_edit_and_a_cleared_cell_are_what_is_converted(shelf: Any, kit: Any, tmp_path: Path) -> None:
    book = kit.Book(shelf.folder / "customers.xlsx")
    book.type("Customers", "HURST001", CustomerName="Edited Ltd", Notes="[CLEAR]")
    bulkio.convert(book.save(tmp_path / "edited.xlsx"), to=THERE, output=tmp_path / "new.xlsx")
    (customer,) = (row for row in table(tmp_path / "new.xlsx", "Customers") if row["number"] == "HURST001")
    assert (customer["primaryAddress.name"], customer["notes"]) == ("Edited Ltd", None)


def test_a_file_is_not_converted_to_what_it_is(shelf: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="already"):
        bulkio.convert(shelf.folder / "customers.xlsx", to=HERE, output=tmp_path / "new.xlsx")


def test_a_converted_file_can_be_converted_back(new: Path, tmp_path: Path) -> None:
    bulkio.convert(new, to=HERE, output=tmp_path / "back.xlsx")
    (customer,) = (row for row in table(tmp_path / "back.xlsx", "Customers") if row["CustomerCode"] == "HURST001")
    assert (customer["Command"], customer["CustomerName"]) == ("NEW", "Hurstmere Hardware Ltd")


def test_a_hand_made_file_is_of_the_erp_whose_headers_it_has(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("Command,CustomerCode,CustomerName\nNEW,A1,Ann\n", encoding="utf-8")
    made = bulkio.convert(path, to=THERE, output=tmp_path / "new.xlsx")
    assert (made.source, made.records["Customers"]) == (HERE, 1)
    assert table(tmp_path / "new.xlsx", "Customers")[0]["number"] == "A1"


def test_a_file_of_no_known_erp_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("Fruit,Colour\napple,red\n", encoding="utf-8")
    with pytest.raises(FileError, match="which ERP"):
        bulkio.convert(path, to=THERE, output=tmp_path / "new.xlsx")


@pytest.mark.parametrize("name", ["new.csv", "new", "."])
def test_the_new_file_is_a_workbook(shelf: Any, tmp_path: Path, name: str) -> None:
    with pytest.raises((UsageError, FileError)):
        bulkio.convert(shelf.folder / "customers.xlsx", to=THERE, output=tmp_path / name)


def test_a_file_is_not_overwritten_by_its_own_conversion(shelf: Any) -> None:
    path = shelf.folder / "customers.xlsx"
    with pytest.raises(UsageError, match="the file that is converted"):
        bulkio.convert(path, to=THERE, output=path)


def test_a_file_that_is_there_is_not_overwritten_since_somebody_may_have_filled_it_in(shelf: Any, new: Path) -> None:
    with pytest.raises(UsageError, match="already"):
        bulkio.convert(shelf.folder / "customers.xlsx", to=THERE, output=new)


def test_without_an_account_nothing_is_known_of_earlier_runs_and_that_is_said(shelf: Any, tmp_path: Path) -> None:
    made = bulkio.convert(shelf.folder / "customers.xlsx", to=THERE, output=tmp_path / "new.xlsx")
    assert made.profile == ""
    assert any("nothing is known" in note for note in made.notes)


def test_an_account_of_another_erp_is_not_where_the_customers_go(shelf: Any, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is one of Unleashed"):
        bulkio.convert(shelf.folder / "customers.xlsx", to=THERE, output=tmp_path / "new.xlsx", profile="env")


def test_a_workbook_for_one_erp_is_not_planned_on_another(shelf: Any, new: Path) -> None:
    with pytest.raises(OutdatedError, match="converted for another ERP"):
        shelf.account.plan(new)


def test_a_workbook_for_one_account_is_not_planned_on_another(shelf: Any, new: Path, tmp_path: Path) -> None:
    bulkio.convert(new, to=HERE, output=tmp_path / "back.xlsx", profile="env")
    assert shelf.account.plan(tmp_path / "back.xlsx").carried is not None
    with (
        running(SandboxOptions(customers=0)) as other,
        open_sandbox(other.url, state_dir=tmp_path) as account,
        pytest.raises(OutdatedError, match="converted for another account"),
    ):
        account.plan(tmp_path / "back.xlsx")


def test_a_flat_sheet_is_converted_like_the_sheets_that_it_stands_for(shelf: Any, new: Path, tmp_path: Path) -> None:
    shelf.export("flat.xlsx", contacts="primary", layout="flat")
    bulkio.convert(shelf.folder / "flat.xlsx", to=THERE, output=tmp_path / "new.xlsx")
    for sheet in ("Customers", "Addresses", "Contacts"):
        assert sorted(map(str, table(tmp_path / "new.xlsx", sheet))) == sorted(map(str, table(new, sheet)))
    flat = openpyxl.load_workbook(shelf.folder / "flat.xlsx")["Customers"]
    lines = [line for line in table(tmp_path / "new.xlsx", NOT_CARRIED_OVER) if line["Column"].endswith(": Suburb")]
    assert lines
    assert all(flat[line["Cell"]].value == line["Value"] for line in lines)
