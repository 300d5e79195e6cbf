"""Raw sheets to canonical frames: headers, commands, unreadable cells, rows that say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.grid import Fact, RawColumn, RawSheet
from bulkio.core.headers import COMMAND, Command, normalise_header
from bulkio.core.issues import IssueCode, Severity
from bulkio.core.kinds import CLEAR
from bulkio.core.locale import LOCALES, NEUTRAL
from bulkio.core.rows import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from bulkio.core.catalogue import Entity

    SheetOf = Callable[..., RawSheet]

GUID = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"


@pytest.mark.parametrize(
    "header",
    ["Currency.Code", "currency.code", "CURRENCY.CODE", " Currency.Code ", "*Currency.Code", "Currency. Code *",
     "Currency\u00a0.\u00a0Code", "currency_.code", "Currency.\nCode"],
)  # fmt: skip
def test_a_header_is_found_in_any_case_with_blanks_and_asterisks(
    customers: Entity, sheet_of: SheetOf, header: str
) -> None:
    rows = read_rows(customers, sheet_of([(header, ["NZD"])]), NEUTRAL)
    assert rows.frame["Currency.Code"].tolist() == ["NZD"]
    assert rows.issues == []
    assert rows.columns["Currency.Code"].header == header


def test_columns_come_in_any_order_and_missing_ones_are_absent(customers: Entity, sheet_of: SheetOf) -> None:
    rows = read_rows(customers, sheet_of([("Name", ["Ann"]), ("Code", ["A1"])]), NEUTRAL)
    assert list(rows.frame.columns) == ["Name", "Code"]
    assert rows.value(2, "Name") == "Ann"
    assert rows.value(2, "Credit") == ""
    assert rows.value(99, "Name") == ""


def test_an_unknown_column_is_reported_and_left_alone(customers: Entity, sheet_of: SheetOf) -> None:
    rows = read_rows(customers, sheet_of([("Code", ["A1"]), ("My notes", ["x"])]), NEUTRAL)
    (issue,) = rows.issues
    assert (issue.code, issue.severity, issue.cell) == (IssueCode.UNKNOWN_COLUMN, Severity.WARNING, "B1")
    assert list(rows.frame.columns) == ["Code"]


@pytest.mark.parametrize("header", ["", "  ", "\u00a0"])
def test_a_column_without_a_header_is_left_alone_silently(customers: Entity, sheet_of: SheetOf, header: str) -> None:
    assert read_rows(customers, sheet_of([("Code", ["A1"]), (header, ["x"])]), NEUTRAL).issues == []


@pytest.mark.parametrize("header", ["Import Result", "import comment", "ImportId"])
def test_our_own_result_columns_are_left_alone_silently(customers: Entity, sheet_of: SheetOf, header: str) -> None:
    rows = read_rows(customers, sheet_of([("Code", ["A1"]), (header, ["x"])]), NEUTRAL)
    assert rows.issues == []
    assert list(rows.frame.columns) == ["Code"]


def test_a_header_that_stands_twice_is_an_error_and_the_first_counts(customers: Entity, sheet_of: SheetOf) -> None:
    rows = read_rows(customers, sheet_of([("Name", ["first"]), (" NAME*", ["second"])]), NEUTRAL)
    (issue,) = rows.issues
    assert (issue.code, issue.severity, issue.cell) == (IssueCode.DUPLICATE_COLUMN, Severity.ERROR, "B1")
    assert "also in A" in issue.message
    assert rows.value(2, "Name") == "first"


def test_the_parents_key_is_a_column_of_a_child(addresses: Entity, sheet_of: SheetOf) -> None:
    rows = read_rows(addresses, sheet_of([("code", ["A1"]), ("Type", ["Postal"]), ("Name", ["x"])]), NEUTRAL)
    assert rows.value(2, "Code") == "A1"
    assert rows.key_of(2) == "A1 / Postal / x"


def test_a_row_without_a_key_is_called_by_its_id(customers: Entity, sheet_of: SheetOf) -> None:
    assert read_rows(customers, sheet_of([("Guid", [GUID.upper()])]), NEUTRAL).key_of(2) == GUID


@pytest.mark.parametrize(
    ("text", "command"),
    [("NEW", Command.NEW), (" merge ", Command.MERGE), ("Delete", Command.DELETE), ("", None), ("  ", None)],
)
def test_commands_are_read_in_any_case(
    customers: Entity, sheet_of: SheetOf, text: str, command: Command | None
) -> None:
    rows = read_rows(customers, sheet_of([(COMMAND, [text]), ("Code", ["A1"])]), NEUTRAL)
    assert rows.commands.get(2) is command
    assert rows.issues == []


@pytest.mark.parametrize("text", ["NEU", "UPDATE!", "REMOVE", "1", "#N/A", "[CLEAR]"])
def test_a_word_that_is_no_command_is_an_error(customers: Entity, sheet_of: SheetOf, text: str) -> None:
    rows = read_rows(customers, sheet_of([(COMMAND, [text]), ("Code", ["A1"])]), NEUTRAL)
    (issue,) = rows.issues
    assert (issue.code, issue.cell, issue.found) == (IssueCode.NOT_COMMAND, "A2", text)
    assert rows.commands == {}


def test_failures_are_kept_by_row_and_field_with_the_raw_text(customers: Entity, sheet_of: SheetOf) -> None:
    raw = sheet_of([("Code", ["A1", "A2"]), ("Credit", ["5", "five"]), ("Taxable", ["perhaps", "yes"])])
    rows = read_rows(customers, raw, NEUTRAL)
    assert {at: failure.code for at, failure in rows.failures.items()} == {
        (3, "Credit"): IssueCode.NOT_DECIMAL,
        (2, "Taxable"): IssueCode.NOT_BOOLEAN,
    }
    assert rows.value(3, "Credit") == "five"
    assert rows.value(3, "Taxable") == "true"


def test_number_cells_in_text_columns_are_failures(customers: Entity, sheet_of: SheetOf) -> None:
    raw = sheet_of(
        [("Code", ["1", "A2"]), ("Credit", ["5", "6"])],
        {"Code": [Fact.NUMBER, Fact.TEXT], "Credit": [Fact.NUMBER, Fact.NUMBER]},
    )
    rows = read_rows(customers, raw, NEUTRAL)
    assert list(rows.failures) == [(2, "Code")]
    assert rows.value(2, "Code") == "1"


def test_an_id_is_one_whatever_its_spelling(customers: Entity, sheet_of: SheetOf) -> None:
    rows = read_rows(customers, sheet_of([("Guid", [GUID.upper(), f"{{{GUID}}}", f" {GUID} "])]), NEUTRAL)
    assert rows.frame["Guid"].tolist() == [GUID] * 3


def test_an_id_cannot_be_cleared(customers: Entity, sheet_of: SheetOf) -> None:
    rows = read_rows(customers, sheet_of([("Code", ["A1"]), ("Guid", [CLEAR])]), NEUTRAL)
    assert {at: failure.code for at, failure in rows.failures.items()} == {(2, "Guid"): IssueCode.CANNOT_CLEAR}


def test_the_declared_locale_reaches_the_cells(customers: Entity, sheet_of: SheetOf) -> None:
    rows = read_rows(customers, sheet_of([("Credit", ["1.234,5"]), ("Taxable", ["Wahr"])]), LOCALES["de"])
    assert (rows.value(2, "Credit"), rows.value(2, "Taxable")) == ("1234.5", "true")


def test_rows_that_say_nothing_in_our_columns_are_no_rows(customers: Entity, sheet_of: SheetOf) -> None:
    raw = sheet_of(
        [
            (COMMAND, ["", " ", "", "NEW", "?"]),
            ("Code", ["A1", "  ", "", " ", ""]),
            ("Name", ["", "\t", "", "", ""]),
            ("Total", ["", "", "1 customer", "", ""]),
        ]
    )
    assert read_rows(customers, raw, NEUTRAL).frame.index.tolist() == [2, 5, 6]


def test_a_sheet_without_rows_or_without_columns_is_an_empty_frame(customers: Entity, sheet_of: SheetOf) -> None:
    assert read_rows(customers, sheet_of([("Code", []), ("Name", [])]), NEUTRAL).frame.shape == (0, 2)
    assert read_rows(customers, sheet_of([]), NEUTRAL).frame.empty
    assert read_rows(customers, sheet_of([("Unknown", ["x", "y"])]), NEUTRAL).frame.shape == (0, 0)


def test_an_issue_names_the_cell_as_the_file_writes_it(customers: Entity, sheet_of: SheetOf) -> None:
    rows = read_rows(customers, sheet_of([("Code", ["A1"]), ("name*", ["Ann"])]), NEUTRAL)
    issue = rows.issue(IssueCode.TOO_LONG, Severity.ERROR, 2, "Name", "too long")
    assert (issue.column, issue.cell, issue.found) == ("name*", "B2", "Ann")
    absent = rows.issue(IssueCode.REQUIRED, Severity.ERROR, 2, "Credit", "missing")
    assert (absent.column, absent.cell, absent.found) == ("Credit", "", "")


@given(
    st.lists(
        st.tuples(st.sampled_from([COMMAND, "Code", "Name", "Credit", "Guid", "x", ""]), st.text(max_size=5)),
        unique_by=lambda pair: normalise_header(pair[0]),
    ),
    st.sampled_from(Fact),
)
def test_nothing_that_a_sheet_holds_makes_reading_fail(
    customers: Entity, cells: list[tuple[str, str]], fact: Fact
) -> None:
    columns = tuple(RawColumn(header, "A", [text], bytes([fact])) for header, text in cells)
    rows = read_rows(customers, RawSheet(name="S", header_row=1, rows=[2], columns=columns), NEUTRAL)
    assert set(rows.frame.index) <= {2}
    assert all(isinstance(value, str) for value in rows.frame.to_numpy().ravel())
