"""One row per root record: spread over slots, and gathered again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.catalogue import Catalogue, SlotKind
from bulkio.core.flat import FEWEST, MOST, gather, spread
from bulkio.core.flat_layout import flat_sheet
from bulkio.core.flatten import empty_frames, flatten
from bulkio.core.grid import Fact, RawColumn, RawSheet
from bulkio.core.headers import BEYOND_COLUMN, COMMAND
from bulkio.core.issues import IssueCode, Severity
from bulkio.core.locale import NEUTRAL
from bulkio.core.rows import read_rows
from bulkio.core.slots import Slot, SlotHeaders, label_of, sheet_row, slot_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from bulkio.core.catalogue import Entity
    from bulkio.core.grid import SheetSpec

    SheetOf = Callable[..., RawSheet]


def address(kind: str, name: str = "", city: str = "", guid: str = "") -> dict[str, str]:
    return {"Type": kind, "Name": name, "City": city, "Guid": guid}


def record(code: str, *, addresses: list[Any] | None = None, contacts: list[Any] | None = None) -> dict[str, Any]:
    return {"Guid": f"g-{code}", "Code": code, "Name": code, "Addresses": addresses or [], "Contacts": contacts or []}


def as_raw(spec: SheetSpec) -> RawSheet:
    """What a reader makes of a written sheet, every value a text."""
    columns = []
    for number, column in enumerate(spec.columns):
        text = list(column.values)
        facts = bytes(Fact.TEXT if value else Fact.BLANK for value in text)
        columns.append(RawColumn(column.header, str(number), text, facts))
    return RawSheet(name=spec.name, header_row=1, rows=list(range(2, 2 + spec.row_count)), columns=tuple(columns))


def headers(spec: SheetSpec) -> list[str]:
    return [column.header for column in spec.columns]


# --- labels and headers -----------------------------------------------------------------------------------------------


@given(row=st.integers(1, 2**31), slot=st.integers(0, 10_000))
def test_a_label_tells_its_row_and_its_slot(row: int, slot: int) -> None:
    label = label_of(row, slot)
    assert (sheet_row(label), slot_of(label)) == (row, slot)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Shipping 2: City", ("Addresses", "Shipping 2", "City")),
        ("shipping2:CITY", ("Addresses", "Shipping 2", "City")),
        (" Shipping: City ", ("Addresses", "Shipping 1", "City")),
        ("Postal: Guid", ("Addresses", "Postal", "Guid")),
        ("Postal 1: Guid", ("Addresses", "Postal", "Guid")),
        ("Postal 2: Guid", ("Addresses", "Postal 2", "Guid")),
        ("Contact 12: First", ("Contacts", "Contact 12", "First")),
        ("Shipping 0: City", None),
        ("Shipping 2 City", None),
        ("Shipping 2: Colour", None),
        ("Shipping 2: Type", None),
        ("Billing 1: City", None),
        ("City", None),
    ],
)
def test_a_header_names_slot_and_field_whatever_its_case_and_blanks(
    catalogue: Catalogue, header: str, expected: tuple[str, str, str] | None
) -> None:
    found = SlotHeaders(catalogue).parse(header)
    assert (found and (found[0].name, found[1].title, found[2])) == expected


def test_the_title_of_a_slot_has_a_number_where_there_are_several() -> None:
    assert Slot(SlotKind(title="Postal", is_numbered=False), 1).title == "Postal"
    assert Slot(SlotKind(title="Contact"), 1).header("City") == "Contact 1: City"


def test_a_catalogue_whose_headers_could_mean_two_slots_is_refused(customers: Entity, contacts: Entity) -> None:
    people = replace(contacts, name="People", slot_kinds=(SlotKind(title="contact"),))
    with pytest.raises(ValueError, match="declared twice"):
        Catalogue((customers, contacts, people))


# --- spreading --------------------------------------------------------------------------------------------------------


def test_each_child_stands_in_a_slot_of_its_kind_in_the_order_of_the_erp(
    catalogue: Catalogue, addresses: Entity
) -> None:
    several = [address("Shipping", city="one"), address("Postal", city="p"), address("Shipping", city="two")]
    frames = flatten(
        catalogue,
        [
            record("A", addresses=several),
            record("B"),
            record("C", addresses=[address("Shipping", city="three")]),
        ],
    )
    made = spread(addresses, frames["Addresses"], frames["Customers"]["Guid"].tolist())
    cities = {slot.title: made.columns[slot, "City"] for slot in made.slots}
    assert cities == {
        "Postal": ["p", "", ""],
        "Shipping 1": ["one", "", "three"],
        "Shipping 2": ["two", "", ""],
        "Shipping 3": ["", "", ""],
    }
    assert made.beyond == {}


@pytest.mark.parametrize(("count", "expected"), [(0, FEWEST), (2, FEWEST), (5, 5), (MOST, MOST), (MOST + 4, MOST)])
def test_there_are_as_many_slots_as_there_is_to_show_within_bounds(
    catalogue: Catalogue, contacts: Entity, count: int, expected: int
) -> None:
    frames = flatten(catalogue, [record("A", contacts=[{"First": str(each)} for each in range(count)])])
    made = spread(contacts, frames["Contacts"], frames["Customers"]["Guid"].tolist())
    assert [slot.title for slot in made.slots] == [f"Contact {number}" for number in range(1, expected + 1)]
    assert sum(sum(more.values()) for more in made.beyond.values()) == count - min(count, expected)


def test_what_has_no_slot_is_counted_by_customer_and_kind(catalogue: Catalogue) -> None:
    frames = flatten(
        catalogue,
        [
            record("A", addresses=[address("Postal"), address("Postal"), address("Depot"), address("")]),
            record("B", contacts=[{"First": "x"}, {"First": "y"}]),
            record("C"),
        ],
    )
    flat = flat_sheet(catalogue, frames, slots=1)
    assert flat.beyond == {"A": "Postal +1, Depot +1, (blank) +1", "B": "Contact +1"}
    column = flat.spec.columns[2]
    assert (column.header, column.locked) == (BEYOND_COLUMN, True)
    assert list(column.values) == ["Postal +1, Depot +1, (blank) +1", "Contact +1", ""]


def test_a_flat_sheet_has_the_customers_columns_then_each_slots(catalogue: Catalogue) -> None:
    flat = flat_sheet(catalogue, empty_frames(catalogue), slots=1)
    assert headers(flat.spec)[:3] == [COMMAND, "Code", "Name"]
    assert headers(flat.spec)[len(catalogue.root.fields) + 1 :] == [
        "Postal: Name", "Postal: City", "Postal: Guid",
        "Shipping 1: Name", "Shipping 1: City", "Shipping 1: Guid",
        "Contact 1: First", "Contact 1: Last", "Contact 1: Guid",
    ]  # fmt: skip
    assert BEYOND_COLUMN not in headers(flat.spec)
    assert flat.slots == ("Postal, Shipping 1", "Contact 1")


def test_a_childs_id_is_hidden_and_locked_and_a_note_names_the_slot(catalogue: Catalogue) -> None:
    columns = {column.header: column for column in flat_sheet(catalogue, empty_frames(catalogue)).spec.columns}
    assert (columns["Shipping 2: Guid"].hidden, columns["Shipping 2: Guid"].locked) == (True, True)
    assert (columns["Shipping 2: City"].hidden, columns["Shipping 2: City"].locked) == (False, False)
    assert columns["Shipping 2: City"].note.startswith("Shipping 2: address of the customer.")
    assert not columns["Guid"].hidden


def test_a_flat_template_shows_only_what_a_person_may_write(catalogue: Catalogue) -> None:
    flat = flat_sheet(catalogue, empty_frames(catalogue), slots=2, for_new_records=True, blank_rows=9)
    assert [header for header in headers(flat.spec) if header.endswith(": Guid")] == []
    assert "Shipping 2: City" in headers(flat.spec)
    assert flat.spec.blank_rows == 9


# --- gathering --------------------------------------------------------------------------------------------------------


def test_a_sheet_without_slots_stays_as_it_is(catalogue: Catalogue, sheet_of: SheetOf) -> None:
    raw = sheet_of([("Code", ["A1"]), ("Contact", ["mine"])])
    gathered = gather(catalogue, raw)
    assert gathered.root is raw
    assert gathered.children == {}


def test_only_filled_slots_are_rows_and_blanks_fill_nothing(catalogue: Catalogue, sheet_of: SheetOf) -> None:
    raw = sheet_of(
        [("Code", ["A", "B", "C"]), ("Shipping 1: City", ["x", " ", ""]), ("Shipping 1: Name", ["", "", "n"])]
    )
    (sheet,) = gather(catalogue, raw).children.values()
    assert [(sheet_row(label), slot_of(label)) for label in sheet.raw.rows] == [(2, 1), (4, 1)]
    texts = {column.header: column.text for column in sheet.raw.columns}
    assert texts == {"Name": ["", "n"], "City": ["x", ""], "Type": ["Shipping", "Shipping"]}


def test_a_cell_is_named_where_it_really_stands(catalogue: Catalogue, addresses: Entity, sheet_of: SheetOf) -> None:
    raw = sheet_of([("Code", ["A"]), ("Shipping 1: City", ["x"]), ("shipping 2 : city", ["y"]), ("Command", [""])])
    sheet = gather(catalogue, raw).children["Addresses"]
    rows = replace(read_rows(addresses, sheet.raw, NEUTRAL), slots=sheet.slots)
    second = label_of(2, 2)
    cell = rows.issue(IssueCode.RULE, Severity.ERROR, second, "City", "wrong")
    assert (cell.sheet, cell.row, cell.cell, cell.column, cell.found) == (
        "Customers",
        2,
        "C2",
        "shipping 2 : city",
        "y",
    )
    absent = rows.issue(IssueCode.RULE, Severity.ERROR, second, "Name", "wrong")
    assert (absent.row, absent.cell, absent.column) == (2, "", "Shipping 2: Name")
    parent = rows.issue(IssueCode.RULE, Severity.ERROR, second, "Code", "wrong")
    assert (parent.cell, parent.column) == ("A2", "Code")
    assert rows.place_of(second) == "2 (Shipping 2)"


def test_a_slots_column_that_stands_twice_is_an_error_and_the_first_counts(
    catalogue: Catalogue, sheet_of: SheetOf
) -> None:
    gathered = gather(catalogue, sheet_of([("Code", ["A"]), ("Postal: City", ["x"]), ("postal 1:city", ["y"])]))
    (issue,) = gathered.issues
    assert (issue.code, issue.severity, issue.cell) == (IssueCode.DUPLICATE_COLUMN, Severity.ERROR, "C1")
    assert gathered.children["Addresses"].raw.columns[0].text == ["x"]


CELLS = st.text(alphabet="ab ü=1\n", max_size=3)
IDS = st.uuids().map(str)
ADDRESSES = st.lists(st.builds(address, st.sampled_from(["Postal", "Shipping", "Depot", ""]), CELLS, CELLS, IDS))
CONTACTS = st.lists(st.fixed_dictionaries({"First": CELLS, "Last": CELLS, "Guid": IDS}))


@given(children=st.lists(st.tuples(ADDRESSES, CONTACTS), max_size=5), slots=st.integers(0, 4))
def test_what_is_spread_and_gathered_is_what_it_was(catalogue: Catalogue, children: list[Any], slots: int) -> None:
    """All but what has no slot, and that is counted."""
    records = [record(f"C{at}", addresses=mine, contacts=people) for at, (mine, people) in enumerate(children)]
    frames = flatten(catalogue, records)
    flat = flat_sheet(catalogue, frames, slots=slots)
    gathered = gather(catalogue, as_raw(flat.spec))
    back = 0
    for child in catalogue.children:
        read = read_rows(child, gathered.children[child.name].raw, NEUTRAL).frame
        read[child.parent_key] = [f"C{sheet_row(label) - 2}" for label in read.index.tolist()]
        shown = read.sort_values("Guid").reset_index(drop=True)
        known = frames[child.name].sort_values("Guid")
        known = known[known["Guid"].isin(shown["Guid"])].reset_index(drop=True)
        names = [name for name in known.columns if name in shown.columns]
        assert set(child.by_name) <= set(names)
        assert shown[names].to_dict("list") == known[names].to_dict("list")
        back += len(shown)
    unseen = sum(int(part.split("+")[1]) for text in flat.beyond.values() for part in text.split(", "))
    assert back + unseen == sum(len(mine) + len(people) for mine, people in children)
