"""Records to frames: one per entity, canonical text, nothing lost and nothing invented."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.flatten import PARENT_ID, empty_frames, flatten, flatten_children, flatten_columns, frame_of

if TYPE_CHECKING:
    from bulkio.core.catalogue import Catalogue, Entity

A_GUID = "0A1B2C3D-4E5F-6789-ABCD-EF0123456789"


def test_values_come_by_their_path_in_canonical_text(catalogue: Catalogue) -> None:
    record = {
        "Guid": A_GUID,
        "Code": "00123",
        "Name": "Ann\r\nLee",
        "Credit": Decimal("0.0500"),
        "Taxable": False,
        "Currency": {"Code": "NZD", "Guid": A_GUID},
        "ModifiedOn": "/Date(0)/",
        "Unknown": "kept out",
    }
    frame = flatten(catalogue, [record])["Customers"]
    assert list(frame.columns) == list(catalogue.root.by_name)
    row = frame.loc[0]
    assert list(row.reindex(["Code", "Name", "Credit", "Taxable", "Currency.Code"])) == [
        "00123", "Ann\nLee", "0.05", "false", "NZD",
    ]  # fmt: skip
    assert row["Guid"] == row["Currency.Guid"] == A_GUID.lower()
    assert row["ModifiedOn"] == "1970-01-01T00:00:00Z"


def test_null_empty_missing_and_below_null_are_one_blank(catalogue: Catalogue) -> None:
    records: list[dict[str, Any]] = [
        {"Guid": "g0", "Code": "A", "Name": None, "Currency": None},
        {"Guid": "g1", "Code": "B", "Name": "", "Currency": {"Code": None}},
        {"Guid": "g2", "Code": "C"},
        {"Guid": "g3", "Code": "D", "Currency": "NZD"},
    ]
    frame = flatten(catalogue, records)["Customers"]
    assert frame["Name"].tolist() == [""] * 4
    assert frame["Currency.Code"].tolist() == [""] * 4
    assert frame["Code"].tolist() == ["A", "B", "C", "D"]


def test_children_carry_their_parents_key_and_id(catalogue: Catalogue) -> None:
    records: list[dict[str, Any]] = [
        {"Guid": "g0", "Code": "A", "Contacts": [{"First": "Ann"}, {"First": "Bob", "Last": "Roe"}]},
        {"Guid": "g1", "Code": "B", "Contacts": None},
        {"Guid": "g2", "Code": "C", "Contacts": [{"First": "Cy"}], "Addresses": []},
    ]
    frames = flatten(catalogue, records)
    people = frames["Contacts"]
    assert list(people.columns) == ["Code", PARENT_ID, "First", "Last", "Guid"]
    assert people[["Code", PARENT_ID, "First", "Last"]].to_numpy().tolist() == [
        ["A", "g0", "Ann", ""],
        ["A", "g0", "Bob", "Roe"],
        ["C", "g2", "Cy", ""],
    ]
    assert people.index.tolist() == [0, 1, 2]
    assert frames["Addresses"].shape == (0, 6)


def test_the_children_of_one_record_make_the_same_frame(contacts: Entity, catalogue: Catalogue) -> None:
    rows = [{"First": "Ann"}, {"First": "Bob"}]
    alone = flatten_children(contacts, rows, parent_id="g0", parent_key="A")
    within = flatten(catalogue, [{"Guid": "g0", "Code": "A", "Contacts": rows}])["Contacts"]
    assert alone.equals(within)


def test_no_records_make_frames_with_all_columns(catalogue: Catalogue) -> None:
    frames = empty_frames(catalogue)
    assert list(frames) == ["Customers", "Addresses", "Contacts"]
    assert all(len(frame) == 0 and len(frame.columns) > 0 for frame in frames.values())
    assert list(frames["Customers"].columns) == list(catalogue.root.by_name)


def test_a_record_that_lacks_a_property_costs_the_others_nothing(catalogue: Catalogue) -> None:
    full = {name: f"{name}!" for name in ("Guid", "Code", "Name", "Remark")}
    records = [full] * 700 + [{"Guid": "g", "Code": "short"}] + [full] * 700
    frame = flatten(catalogue, records)["Customers"]
    assert frame["Code"].value_counts().to_dict() == {"Code!": 1400, "short": 1}
    assert frame["Remark"].tolist() == ["Remark!"] * 700 + [""] + ["Remark!"] * 700


def test_a_frames_columns_can_be_written_to_without_touching_what_they_came_from() -> None:
    values = ["a", "b"]
    frame = frame_of({"A": values, "B": values}, 2)
    frame.loc[0, "A"] = "changed"
    assert frame["B"].tolist() == values == ["a", "b"]
    assert set(map(str, frame.dtypes)) == {"object"}


VALUE = st.none() | st.text(max_size=5) | st.integers() | st.booleans() | st.decimals()
RECORD = st.fixed_dictionaries(
    {"Guid": st.uuids().map(str)},
    optional={
        "Code": st.text(max_size=5),
        "Name": VALUE,
        "Credit": VALUE,
        "Taxable": VALUE,
        "Currency": st.none() | st.dictionaries(st.sampled_from(["Code", "Guid"]), VALUE),
        "Contacts": st.none() | st.lists(st.dictionaries(st.sampled_from(["First", "Last"]), VALUE), max_size=3),
    },
)


@given(st.lists(RECORD, max_size=5))
def test_frames_are_text_only_and_have_a_row_for_every_record(
    catalogue: Catalogue, records: list[dict[str, Any]]
) -> None:
    frames = flatten(catalogue, records)
    assert frames["Customers"]["Guid"].tolist() == [record["Guid"] for record in records]
    assert len(frames["Contacts"]) == sum(len(record.get("Contacts") or ()) for record in records)
    for frame in frames.values():
        assert all(isinstance(value, str) for value in frame.to_numpy().ravel())


@given(st.lists(RECORD, max_size=5))
def test_columns_are_those_of_the_frames(catalogue: Catalogue, records: list[dict[str, Any]]) -> None:
    frames = flatten(catalogue, records)
    columns = flatten_columns(catalogue, records)
    assert list(columns) == list(frames)
    for name, table in columns.items():
        assert {str(title): frames[name][title].tolist() for title in frames[name].columns} == table
