"""Converting frames by a declared table: what corresponds arrives, and everything else is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.bridge import Alone, Bridge, Pair, Route, Side
from bulkio.core.catalogue import Access, Catalogue, ClearAs, Entity, Field, Kind
from bulkio.core.convert import Conversion, convert
from bulkio.core.converters import Reason, into_first, join_lines, join_names, split_name
from bulkio.core.crosswalk import Crosswalk
from bulkio.core.headers import Command
from bulkio.core.material import Material

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

# --- two small ERPs that do not exist, and what is declared of them ---------------------------------------------------

_text = Kind.TEXT

HERE = Catalogue(
    (
        Entity(
            name="Customers",
            singular="customer",
            id_field="Guid",
            key_fields=("Code",),
            fields=(
                Field(name="Code", kind=_text, required=True, access=Access.CREATE_ONLY),
                Field(name="Name", kind=_text),
                Field(name="First", kind=_text),
                Field(name="Last", kind=_text),
                Field(name="Retired", kind=Kind.BOOLEAN, clear_as=ClearAs.NEVER),
                Field(name="Remark", kind=_text),
                Field(name="ModifiedOn", kind=Kind.TIMESTAMP, access=Access.READ_ONLY),
                Field(name="Guid", kind=_text, access=Access.CREATE_ONLY),
            ),
        ),
        Entity(
            name="Addresses",
            singular="address",
            id_field="Guid",
            key_fields=("Type", "Street"),
            parent="Customers",
            parent_key="Code",
            fields=(
                Field(name="Type", kind=_text),
                Field(name="Street", kind=_text),
                Field(name="Suburb", kind=_text),
                Field(name="City", kind=_text),
                Field(name="Guid", kind=_text, access=Access.READ_ONLY),
            ),
        ),
        Entity(
            name="Contacts",
            singular="contact",
            id_field="Guid",
            key_fields=("First", "Last"),
            parent="Customers",
            parent_key="Code",
            fields=(
                Field(name="First", kind=_text),
                Field(name="Last", kind=_text),
                Field(name="Phone", kind=_text),
                Field(name="Guid", kind=_text, access=Access.READ_ONLY),
            ),
        ),
    )
)

THERE = Catalogue(
    (
        Entity(
            name="Customers",
            singular="customer",
            id_field="id",
            key_fields=("number",),
            fields=(
                Field(name="number", kind=_text, required=True, access=Access.CREATE_ONLY, max_length=6),
                Field(name="name", kind=_text, required=True, max_length=12),
                Field(name="person", kind=_text, max_length=12),
                Field(name="home.street", kind=_text, required=True),
                Field(name="home.city", kind=_text),
                Field(name="bill.street", kind=_text),
                Field(name="bill.city", kind=_text),
                Field(name="tag", kind=_text),
                Field(name="id", kind=_text, access=Access.READ_ONLY),
            ),
        ),
        Entity(
            name="Addresses",
            singular="address",
            id_field="id",
            key_fields=("street",),
            parent="Customers",
            parent_key="number",
            fields=(
                Field(name="street", kind=_text, required=True),
                Field(name="city", kind=_text),
                Field(name="id", kind=_text, access=Access.READ_ONLY),
            ),
        ),
        Entity(
            name="Contacts",
            singular="contact",
            id_field="id",
            key_fields=("name",),
            parent="Customers",
            parent_key="number",
            fields=(
                Field(name="name", kind=_text, required=True),
                Field(name="phone", kind=_text, max_length=8),
                Field(name="id", kind=_text, access=Access.READ_ONLY),
            ),
        ),
    )
)


def lines(prefix: str) -> tuple[Pair, ...]:
    street = Pair(here=("Street", "Suburb"), there=(f"{prefix}street",), forth=join_lines, back=into_first)
    return (street, Pair(here=("City",), there=(f"{prefix}city",)))


NAMES = {"forth": join_names, "back": split_name}
BRIDGE = Bridge(
    here="here",
    there="there",
    routes=(
        Route(
            here=Side("Customers"),
            there=Side("Customers"),
            pairs=(
                Pair(here=("Code",), there=("number",)),
                Pair(here=("Name",), there=("name",)),
                Pair(here=("First", "Last"), there=("person",), **NAMES),  # type: ignore[arg-type]
            ),
        ),
        Route(here=Side("Addresses", "Type", "Home"), there=Side("Customers"), pairs=lines("home.")),
        Route(
            here=Side("Addresses", "Type", "Bill"),
            there=Side("Customers"),
            pairs=lines("bill."),
            there_needs=("bill.street", "bill.city"),
            remark="invoices go there",
        ),
        Route(here=Side("Addresses", "Type", "Ship"), there=Side("Addresses"), pairs=lines("")),
        Route(
            here=Side("Contacts"),
            there=Side("Contacts"),
            pairs=(
                Pair(here=("First", "Last"), there=("name",), **NAMES),  # type: ignore[arg-type]
                Pair(here=("Phone",), there=("phone",)),
            ),
            twin=(("name", "person"),),
            twin_key=1,
        ),
    ),
    here_alone=(Alone("Customers", ("Retired",), "nothing is deleted by a conversion"),),
    there_alone=(),
)


def frames(catalogue: Catalogue, first_row: int = 2, **sheets: list[dict[str, str]]) -> dict[str, pd.DataFrame]:
    """Canonical frames from rows; what a row does not name is blank."""
    made = {}
    for entity in catalogue.entities:
        rows = sheets.get(entity.name, [])
        names = ([entity.parent_key] if entity.parent_key else []) + list(entity.by_name)
        columns = {name: [row.get(name, "") for row in rows] for name in names}
        index = range(first_row, first_row + len(rows))
        made[entity.name] = pd.DataFrame(columns, index=index, dtype=object)
    return made


def forth(
    *, rules: Callable[[Mapping[str, Any]], Iterable[Any]] = lambda _: (), first_row: int = 2, **given: Any
) -> Conversion:
    options = {name: given.pop(name) for name in ("left_out", "fills", "crosswalk", "unknown") if name in given}
    material = Material(frames=frames(HERE, first_row, **given), **options)
    return balanced(convert(BRIDGE.towards("there"), HERE, THERE, material, rules))


def back(**given: Any) -> Conversion:
    material = Material(frames=frames(THERE, **given))
    return balanced(convert(BRIDGE.towards("here"), THERE, HERE, material, lambda _: ()))


def balanced(made: Conversion) -> Conversion:
    """Every filled cell is carried or named."""
    assert made.filled == made.carried + sum(left.cells for left in made.left)
    return made


def rows(made: Conversion, sheet: str) -> list[dict[str, str]]:
    """The filled cells of each row of a sheet, with its command."""
    found = [{k: v for k, v in row.items() if v} for row in made.frames[sheet].to_dict("records")]
    return [{"Command": command, **row} for command, row in zip(made.commands[sheet], found, strict=True)]


def said(made: Conversion, *reasons: Reason) -> list[tuple[str, str, int, str]]:
    """What is named for these reasons: sheet, column, row, value."""
    return [
        (left.entity, left.field, row, value)
        for left in made.left
        if left.reason in reasons
        for row, value in zip(left.rows, left.texts, strict=True)
    ]


ANN = {"Code": "A1", "Name": "Ann's", "Guid": "g1"}
HOME = {"Code": "A1", "Type": "Home", "Street": "1 Road", "City": "Ayr", "Guid": "a1"}


# --- what arrives -----------------------------------------------------------------------------------------------------


def test_a_customer_and_the_address_that_stands_on_it_become_one_record() -> None:
    made = forth(Customers=[{**ANN, "First": "Ann", "Last": "Lee"}], Addresses=[HOME])
    assert rows(made, "Customers") == [
        {"Command": "NEW", "number": "A1", "name": "Ann's", "person": "Ann Lee", "home.street": "1 Road",
         "home.city": "Ayr"}
    ]  # fmt: skip
    assert (made.sources["Customers"], rows(made, "Addresses")) == (["g1"], [])


def test_a_part_of_a_record_becomes_a_record_of_its_own() -> None:
    given = {"number": "A1", "name": "Ann's", "home.street": "1 Road", "bill.city": "Ayr", "id": "7"}
    made = back(Customers=[given])
    assert rows(made, "Addresses") == [
        {"Command": "NEW", "Code": "A1", "Type": "Home", "Street": "1 Road"},
        {"Command": "NEW", "Code": "A1", "Type": "Bill", "City": "Ayr"},
    ]
    assert made.sources["Addresses"] == ["7#Home", "7#Bill"]


def test_a_child_stays_a_child_of_its_own_record() -> None:
    ship = {"Code": "A1", "Type": "Ship", "Street": "2 Quay", "Guid": "a2"}
    made = forth(Customers=[ANN], Addresses=[HOME, ship], Contacts=[{"Code": "A1", "First": "Bo", "Guid": "c1"}])
    assert rows(made, "Addresses") == [{"Command": "NEW", "number": "A1", "street": "2 Quay"}]
    assert rows(made, "Contacts") == [{"Command": "NEW", "number": "A1", "name": "Bo"}]
    assert (made.sources["Addresses"], made.sources["Contacts"]) == (["a2"], ["c1"])


# --- what is named ----------------------------------------------------------------------------------------------------


def test_what_has_no_counterpart_is_named_cell_by_cell_and_bookkeeping_once() -> None:
    made = forth(
        Customers=[{**ANN, "Retired": "true", "Remark": "old", "ModifiedOn": "2026-01-01T00:00:00Z"}], Addresses=[HOME]
    )
    assert said(made, Reason.NO_COUNTERPART) == [
        ("Customers", "Retired", 2, "true"),
        ("Customers", "Remark", 2, "old"),
    ]
    once = {left.field for left in made.left if left.once}
    assert once == {"ModifiedOn"} | {"Guid"}
    (why,) = {left.why for left in made.left if left.field == "Retired"}
    assert why == "nothing is deleted by a conversion"


def test_a_flag_that_is_not_set_is_named_once() -> None:
    made = forth(
        Customers=[{**ANN, "Retired": "false"}, {**ANN, "Code": "A2", "Guid": "g2", "Retired": "false"}],
        Addresses=[HOME],
    )
    (left,) = [left for left in made.left if left.reason is Reason.UNSET]
    assert (left.field, left.rows, left.once, left.cells) == ("Retired", (2, 3), True, 2)


def test_a_value_that_is_too_long_is_named_and_not_cut() -> None:
    made = forth(Customers=[{**ANN, "First": "A" * 9, "Last": "B" * 9}], Addresses=[HOME])
    assert "person" not in rows(made, "Customers")[0]
    assert said(made, Reason.INVALID) == [("Customers", "First", 2, "A" * 9), ("Customers", "Last", 2, "B" * 9)]


def test_joined_cells_are_carried_and_named_with_where_they_went() -> None:
    made = forth(Customers=[ANN], Addresses=[{**HOME, "Suburb": "Hill"}])
    assert rows(made, "Customers")[0]["home.street"] == "1 Road, Hill"
    joined = [left for left in made.left if left.reason is Reason.JOINED]
    assert [(left.field, left.texts) for left in joined] == [("Street", ("1 Road",)), ("Suburb", ("Hill",))]
    assert {(left.carried_as, left.cells) for left in joined} == {("home.street", 0)}


def test_a_second_record_where_there_is_room_for_one_is_named_as_a_whole() -> None:
    made = forth(Customers=[ANN], Addresses=[HOME, {**HOME, "Street": "9 Other", "Guid": ""}])
    assert rows(made, "Customers")[0]["home.street"] == "1 Road"
    assert said(made, Reason.NO_ROOM) == [("Addresses", "", 3, "4 cells")]


def test_a_part_that_the_target_takes_whole_or_not_at_all_is_named_as_a_whole() -> None:
    made = forth(Customers=[ANN], Addresses=[HOME, {"Code": "A1", "Type": "Bill", "Street": "1 Pay"}])
    assert "bill.street" not in rows(made, "Customers")[0]
    assert said(made, Reason.INCOMPLETE) == [("Addresses", "", 3, "3 cells")]


def test_a_place_of_another_meaning_is_remarked_once() -> None:
    bill = {"Code": "A1", "Type": "Bill", "Street": "1 Pay", "City": "Ayr"}
    made = forth(Customers=[ANN], Addresses=[HOME, bill])
    (left,) = [left for left in made.left if left.reason is Reason.MOVED]
    assert (left.why, left.carried_as, left.once) == ("invoices go there", "bill", True)


def test_a_child_of_a_record_that_is_not_in_the_file_is_named_or_kept_for_an_existing_one() -> None:
    made = forth(Addresses=[HOME, {**HOME, "Type": "Ship", "Guid": "a2"}])
    assert said(made, Reason.WITH_PARENT) == [("Addresses", "", 2, "5 cells")]
    assert [row["number"] for row in rows(made, "Addresses")] == ["A1"]


def test_rows_of_a_kind_that_the_table_does_not_know_are_named() -> None:
    made = forth(Customers=[ANN], Addresses=[HOME, {"Code": "A1", "Type": "Other", "Street": "3 Lane"}])
    assert {(field, value) for _, field, row, value in said(made, Reason.NO_COUNTERPART) if row == 3} == {
        ("Code", "A1"),
        ("Type", "Other"),
        ("Street", "3 Lane"),
    }


def test_a_row_that_is_left_out_takes_its_children_along() -> None:
    made = forth(Customers=[ANN], Addresses=[HOME], left_out={"Customers": {2: "its Command is IGNORE"}})
    assert rows(made, "Customers") == []
    assert said(made, Reason.LEFT_OUT) == [("Customers", "", 2, "3 cells")]
    assert said(made, Reason.WITH_PARENT) == [("Addresses", "", 2, "5 cells")]


# --- what the target would refuse -------------------------------------------------------------------------------------


def test_a_record_that_lacks_what_is_required_stays_under_ignore_with_its_children() -> None:
    made = forth(Customers=[ANN], Contacts=[{"Code": "A1", "First": "Bo"}])
    assert rows(made, "Customers") == [{"Command": "IGNORE", "number": "A1", "name": "Ann's"}]
    assert rows(made, "Contacts") == [{"Command": "IGNORE", "number": "A1", "name": "Bo"}]
    (left,) = [left for left in made.left if left.reason is Reason.REQUIRED]
    assert (left.rows, left.texts) == ((2,), ("2 cells",))
    assert "home.street would be blank" in left.why
    assert made.carried == 0


def test_a_key_that_is_too_long_is_not_cut_and_its_record_is_not_made() -> None:
    made = forth(Customers=[{**ANN, "Code": "TOOLONG"}], Addresses=[{**HOME, "Code": "TOOLONG"}])
    assert rows(made, "Customers")[0]["Command"] == "IGNORE"
    assert said(made, Reason.INVALID) == [("Customers", "Code", 2, "TOOLONG")]


def test_what_is_required_is_filled_in_as_the_user_says_and_named() -> None:
    made = forth(Customers=[ANN], fills={"home.street": "unknown"})
    assert rows(made, "Customers")[0] == {"Command": "NEW", "number": "A1", "name": "Ann's", "home.street": "unknown"}
    (left,) = [left for left in made.left if left.reason is Reason.FILLED]
    assert (left.field, left.rows, left.texts, left.of_target) == ("home.street", (2,), ("unknown",), True)


def test_a_value_is_filled_in_only_where_there_is_none() -> None:
    made = forth(Customers=[ANN], Addresses=[HOME], fills={"home.street": "unknown"})
    assert rows(made, "Customers")[0]["home.street"] == "1 Road"


def test_of_two_children_that_the_target_could_not_tell_apart_the_second_stays_under_ignore() -> None:
    people = [{"Code": "A1", "First": "Bo", "Phone": "1"}, {"Code": "A1", "First": "BO", "Phone": "2"}]
    made = forth(Customers=[ANN], Addresses=[HOME], Contacts=people)
    assert made.commands["Contacts"] == ["NEW", "IGNORE"]
    assert said(made, Reason.DUPLICATE) == [("Contacts", "", 3, "3 cells")]


@dataclass(frozen=True)
class Broken:
    entity: str
    row: int
    field: str
    message: str = "it may not be so"


def test_a_cell_that_breaks_a_rule_of_the_target_is_left_out_and_named() -> None:
    def no_phone(given: Mapping[str, Any]) -> Iterator[Broken]:
        contacts = given["Contacts"]
        for row in contacts.index[contacts["phone"] != ""].tolist():
            yield Broken("Contacts", row, "phone")

    made = forth(
        Customers=[ANN], Addresses=[HOME], Contacts=[{"Code": "A1", "First": "Bo", "Phone": "1"}], rules=no_phone
    )
    assert rows(made, "Contacts") == [{"Command": "NEW", "number": "A1", "name": "Bo"}]
    assert said(made, Reason.INVALID) == [("Contacts", "Phone", 2, "1")]


def test_a_row_that_breaks_a_rule_by_what_it_cannot_be_without_stays_under_ignore() -> None:
    made = forth(Customers=[ANN], Addresses=[HOME], rules=lambda given: [
        Broken("Customers", row, "name") for row in given["Customers"].index.tolist()
    ])  # fmt: skip
    assert made.commands["Customers"] == ["IGNORE"]
    assert made.carried == 0


def test_a_rule_that_never_ends_to_be_broken_ends_the_conversion_all_the_same() -> None:
    made = forth(Customers=[ANN], Addresses=[HOME], rules=lambda _: [Broken("Customers", 0, "tag")])
    assert made.commands["Customers"] == ["IGNORE"]


# --- doubles ----------------------------------------------------------------------------------------------------------


def test_a_contact_that_the_record_itself_brings_along_is_not_made_twice() -> None:
    made = back(
        Customers=[{"number": "A1", "name": "Ann's", "person": "Bo Lee", "id": "7"}],
        Contacts=[
            {"number": "A1", "name": "Bo Lee", "phone": "1", "id": "8"},
            {"number": "A1", "name": "Cy Lee", "id": "9"},
        ],
    )
    assert [row["First"] for row in rows(made, "Contacts")] == ["Cy"]
    assert said(made, Reason.NO_COUNTERPART) == [("Contacts", "phone", 2, "1")]


# --- again ------------------------------------------------------------------------------------------------------------


def test_what_was_carried_over_before_is_an_update_by_its_id() -> None:
    crosswalk = Crosswalk({("Customers", "g1"): "70", ("Contacts", "c1"): "80", ("Contacts", "c2"): ""})
    made = forth(
        Customers=[ANN, {**ANN, "Code": "A2", "Guid": "g2"}],
        Addresses=[HOME, {**HOME, "Code": "A2"}],
        Contacts=[
            {"Code": "A1", "First": name, "Guid": guid} for name, guid in (("B", "c1"), ("C", "c2"), ("D", "c3"))
        ],
        crosswalk=crosswalk,
    )
    assert made.commands == {"Customers": ["", "NEW"], "Addresses": [], "Contacts": ["", "MERGE", "NEW"]}
    assert made.frames["Customers"]["id"].tolist() == ["70", ""]
    assert made.frames["Contacts"]["id"].tolist() == ["80", "", ""]


def test_a_record_that_is_there_already_may_lack_what_a_new_one_needs() -> None:
    made = forth(Customers=[ANN], crosswalk=Crosswalk({("Customers", "g1"): "70"}), fills={"home.street": "unknown"})
    assert rows(made, "Customers") == [{"Command": "", "number": "A1", "name": "Ann's", "id": "70"}]


def test_what_is_not_known_may_be_looked_for_by_its_key() -> None:
    crosswalk = Crosswalk({("Customers", "g1"): "70"})
    made = forth(Customers=[ANN, {**ANN, "Code": "A2", "Guid": "g2"}], Addresses=[HOME, {**HOME, "Code": "A2"}],
                 crosswalk=crosswalk, unknown=Command.MERGE)  # fmt: skip
    assert made.commands["Customers"] == ["", "MERGE"]


def test_a_row_without_an_id_was_never_carried_over() -> None:
    made = forth(Customers=[{**ANN, "Guid": ""}], Addresses=[HOME], crosswalk=Crosswalk({("Customers", ""): "70"}))
    assert made.commands["Customers"] == ["NEW"]


# --- nothing disappears -----------------------------------------------------------------------------------------------

CODES = st.sampled_from(["A1", "A2", "a1", "TOOLONG", ""])
WORDS = st.sampled_from(["", "", "x", "x y", "x y z", "far too long for this", "true", "false", "0"])
TYPES = st.sampled_from(["Home", "Bill", "Ship", "Other", ""])


def sheet(entity: Entity) -> st.SearchStrategy[list[dict[str, str]]]:
    names = {name: TYPES if name == "Type" else WORDS for name in entity.by_name}
    key = entity.parent_key or entity.key_fields[0]
    return st.lists(st.fixed_dictionaries({**names, key: CODES}), max_size=4)


def numbered(given: dict[str, list[dict[str, str]]]) -> dict[str, list[dict[str, str]]]:
    """The same with every plain word another, so that each can be looked for."""
    count = iter(range(10_000))

    def mark(name: str, value: str) -> str:
        is_plain = name not in ("Code", "number", "Type") and value not in ("", "true", "false", "0")
        return " ".join(f"{word}{next(count)}" for word in value.split()) if is_plain else value

    return {
        sheet: [{name: mark(name, value) for name, value in row.items()} for row in rows]
        for sheet, rows in given.items()
    }


def every_cell_is_accounted_for(given: Mapping[str, list[dict[str, str]]], made: Conversion) -> None:
    """Told from outside: a filled cell is named, or its words are in the new workbook."""
    texts = [str(text) for frame in made.frames.values() for text in frame.to_numpy().ravel()]
    words = {part.strip(",") for text in texts for part in text.split()}
    named = {(left.entity, left.field, row) for left in made.left for row in left.rows if not left.carried_as}
    kinds = {leg.source.value for leg in BRIDGE.towards("there").legs}
    for name, rows in given.items():
        for row, cells in enumerate(rows, start=2):
            for column, value in cells.items():
                is_said = (name, column, row) in named or (name, "", row) in named
                is_there = all(part in words for part in value.split())
                assert is_said or is_there or value in kinds, (name, column, row, value)


@given(sheet(HERE.entities[0]), sheet(HERE.entities[1]), sheet(HERE.entities[2]))
def test_forth_every_cell_is_carried_or_named(
    customers: list[dict[str, str]], addresses: list[dict[str, str]], contacts: list[dict[str, str]]
) -> None:
    given = numbered({"Customers": customers, "Addresses": addresses, "Contacts": contacts})
    every_cell_is_accounted_for(given, forth(**given))


@given(sheet(THERE.entities[0]), sheet(THERE.entities[1]), sheet(THERE.entities[2]))
def test_back_every_cell_is_carried_or_named(
    customers: list[dict[str, str]], addresses: list[dict[str, str]], contacts: list[dict[str, str]]
) -> None:
    given = numbered({"Customers": customers, "Addresses": addresses, "Contacts": contacts})
    every_cell_is_accounted_for(given, back(**given))


def test_a_table_leads_between_its_two_erps_only() -> None:
    with pytest.raises(ValueError, match="elsewhere"):
        BRIDGE.towards("elsewhere")
