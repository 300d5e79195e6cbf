"""Columns, dropdowns, locks and notes: all derived from the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bulkio.core.catalogue import Catalogue, Entity, Kind
from bulkio.core.flatten import PARENT_ID, empty_frames, flatten
from bulkio.core.grid import BookSpec, CellType, ColumnSpec
from bulkio.core.headers import COMMAND, Command
from bulkio.core.kinds import CLEAR
from bulkio.core.layout import dropdown_lists, lookup_resources, note_of, options_of, sheet_specs
from bulkio.sheets.xlsx_read import read_xlsx
from bulkio.sheets.xlsx_write import write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.core.lookup import LookupTable

    Tables = dict[str, LookupTable | None]

RECORD = {
    "Guid": "g0", "Code": "00123", "Name": "Ann", "Credit": 5, "Taxable": True,
    "Addresses": [{"Type": "Postal", "Name": "home", "Guid": "a0"}], "Contacts": [],
}  # fmt: skip


def columns_of(catalogue: Catalogue, sheet: str, **options: object) -> dict[str, ColumnSpec]:
    specs = sheet_specs(catalogue, flatten(catalogue, [RECORD]), **options)  # type: ignore[arg-type]
    return {column.header: column for spec in specs if spec.name == sheet for column in spec.columns}


def test_a_sheet_has_the_command_then_the_parents_key_then_every_field(catalogue: Catalogue) -> None:
    specs = sheet_specs(catalogue, flatten(catalogue, [RECORD]))
    assert [spec.name for spec in specs] == ["Customers", "Addresses", "Contacts"]
    assert [column.header for column in specs[0].columns] == [COMMAND, *catalogue.root.by_name]
    assert [column.header for column in specs[1].columns] == [COMMAND, "Code", "Type", "Name", "City", "Guid"]
    assert [spec.frozen_columns for spec in specs] == [2, 3, 3]
    assert [spec.row_count for spec in specs] == [1, 1, 0]


def test_the_parents_id_is_never_a_column(catalogue: Catalogue) -> None:
    assert PARENT_ID not in columns_of(catalogue, "Addresses")


def test_cells_are_typed_by_kind(catalogue: Catalogue) -> None:
    columns = columns_of(catalogue, "Customers")
    assert columns["Credit"].cell_type is CellType.NUMBER
    assert columns["Taxable"].cell_type is CellType.BOOLEAN
    assert {columns[name].cell_type for name in ("Code", "ModifiedOn", "Guid")} == {CellType.TEXT}
    assert columns["Code"].values == ["00123"]


@pytest.mark.parametrize(("name", "locked"), [("Code", False), ("Name", False), ("ModifiedOn", True), ("Guid", True)])
def test_what_is_never_sent_and_what_identifies_is_locked(catalogue: Catalogue, name: str, *, locked: bool) -> None:
    assert columns_of(catalogue, "Customers")[name].locked is locked


def test_chosen_columns_keep_the_keys_and_the_children_whole(catalogue: Catalogue) -> None:
    assert list(columns_of(catalogue, "Customers", columns=["Credit"])) == [COMMAND, "Code", "Credit", "Guid"]
    assert len(columns_of(catalogue, "Addresses", columns=["Credit"])) == 6


def test_a_template_has_no_columns_that_cannot_be_filled_in(catalogue: Catalogue) -> None:
    columns = columns_of(catalogue, "Customers", for_new_records=True)
    assert "ModifiedOn" not in columns
    assert "Guid" not in columns
    assert "Code" in columns


def test_an_entity_without_a_frame_has_no_sheet(catalogue: Catalogue) -> None:
    frames = empty_frames(catalogue)
    del frames["Contacts"]
    assert [spec.name for spec in sheet_specs(catalogue, frames)] == ["Customers", "Addresses"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Name", ["text, at most 20 characters", "Required for a new customer.", "Example: Ann's"]),
        ("Tier", ["One of Gold, Silver.", f"{CLEAR} clears it."]),
        ("Code", ["never changed afterwards"]),
        ("ModifiedOn", ["timestamp", "Read-only"]),
        ("Mail", ["Spelled as one e-mail address."]),
        ("Term", ["One of the ERP's own Terms."]),
    ],
)
def test_a_note_says_what_may_stand_there(customers: Entity, name: str, words: list[str]) -> None:
    note = note_of(customers, customers.by_name[name])
    assert all(word in note for word in words)


@pytest.mark.parametrize("name", ["Name", "Obsolete", "ModifiedOn", "Guid"])
def test_a_note_offers_to_clear_only_what_can_be_cleared(customers: Entity, name: str) -> None:
    assert CLEAR not in note_of(customers, customers.by_name[name])


def test_dropdowns_hold_choices_commands_booleans_and_the_erps_lists(catalogue: Catalogue, tables: Tables) -> None:
    assert dropdown_lists(catalogue, tables) == {
        COMMAND: tuple(Command.__members__),
        "Booleans": ("TRUE", "FALSE"),
        "NullableBooleans": ("TRUE", "FALSE", CLEAR),
        "Customers.Tier": ("Gold", "Silver", CLEAR),
        "Addresses.Type": ("Postal", "Shipping"),
        "Currencies.Code": ["NZD", "AUD"],
        "Sellers.Name": ["Sam", "Kim"],
        "Sellers.Mail": ["sam@example.com", "kim1@example.com", "kim2@example.com"],
        "Terms.Name": ["30 days", "7 days"],
    }


def test_a_strict_dropdown_takes_the_word_that_clears_where_the_field_can_be_cleared(
    catalogue: Catalogue, tables: Tables
) -> None:
    lists = dropdown_lists(catalogue, tables)
    for entity in catalogue.entities:
        for field in entity.fields:
            if field.choices or field.kind is Kind.BOOLEAN:
                assert (CLEAR in lists[options_of(entity, field)]) == (CLEAR in note_of(entity, field))


@pytest.mark.parametrize("missing", [{}, {"Currencies": None, "Sellers": None}])
def test_a_list_that_could_not_be_read_costs_its_dropdown_and_not_the_file(
    catalogue: Catalogue, missing: Tables, tmp_path: Path
) -> None:
    specs = sheet_specs(catalogue, flatten(catalogue, [RECORD]))
    book = BookSpec(sheets=specs, lists=dropdown_lists(catalogue, missing))
    write_xlsx(book, tmp_path / "book.xlsx")
    assert list(read_xlsx(tmp_path / "book.xlsx").sheets) == ["Customers", "Addresses", "Contacts"]


def test_the_lists_that_a_file_needs_are_those_of_its_lookups_and_references(catalogue: Catalogue) -> None:
    assert lookup_resources(catalogue) == ["Currencies", "Sellers", "Terms"]
