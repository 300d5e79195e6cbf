"""Rows whose key a program changed: the one record that they can be, or an error with all that they may be."""

from __future__ import annotations

from typing import Any

import pytest


def customers(bench: Any, *keys: str, **others: str) -> list[dict[str, str]]:
    return [
        {"Guid": bench.guid(at), "CustomerCode": key, "CustomerName": f"Name {at}", **others}
        for at, key in enumerate(keys, start=1)
    ]


def without(rows: list[dict[str, str]], *names: str) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


def labels(checked: Any, name: str = "Customers") -> dict[int, int]:
    found: dict[int, int] = checked.sheets[name].match.labels
    return found


DAMAGED_KEYS = [
    ("00123", "123"),
    ("161E5", "1.61E+07"),
    ("1E5", "100000"),
    ("MAR1", "2026-03-01"),
    ("MAR1", "1-Mar"),
    ("1-2", "02-Jan"),
    ("12345678901234567890", "1.23456789012346E+019"),
    ("123456789012", "1.23457E+11"),
    ("Müller", "MÃ¼ller"),
    ("Müller", "M?ller"),
    ("山田商店", "????"),
    ("TRUE", "WAHR"),
    ("+64-17", "47"),
    (" PADDED ", "PADDED"),
]


@pytest.mark.parametrize(("key", "found"), DAMAGED_KEYS)
def test_a_damaged_code_without_a_guid_is_matched_and_restored(bench: Any, key: str, found: str) -> None:
    exported = customers(bench, "OTHER", key, "007", "AUG8")
    rows = without(exported, "Guid")
    rows[1] |= {"CustomerCode": found, "CustomerName": "New name"}
    checked = bench.brought_back({"Customers": exported}, {"Customers": rows})
    assert bench.codes(checked) == ["restored"]
    assert labels(checked) == {2: 0, 3: 1, 4: 2, 5: 3}
    assert bench.edits(checked) == {3: {"CustomerName": ("Name 2", "New name")}}
    assert checked.sheets["Customers"].rows.value(3, "CustomerCode") == key


def test_a_guid_decides_whatever_became_of_the_code(bench: Any) -> None:
    exported = customers(bench, "00123", "123")
    rows = [{**row, "CustomerCode": "123"} for row in exported]
    checked = bench.brought_back({"Customers": exported}, {"Customers": rows})
    assert labels(checked) == {2: 0, 3: 1}
    assert bench.codes(checked) == ["restored"]


def test_a_number_cell_of_a_workbook_is_matched_like_a_damaged_code(bench: Any) -> None:
    exported = customers(bench, "00123", "ABC")
    rows = without(exported, "Guid")
    rows[0]["CustomerCode"] = bench.Value("123")
    checked = bench.brought_back({"Customers": exported}, {"Customers": rows}, typed=True)
    assert labels(checked) == {2: 0, 3: 1}
    assert bench.codes(checked) == ["restored"]


def test_a_text_cell_of_a_workbook_is_no_damaged_code(bench: Any) -> None:
    exported = customers(bench, "00123")
    rows = without(exported, "Guid")
    rows[0]["CustomerCode"] = "123"
    checked = bench.brought_back({"Customers": exported}, {"Customers": rows}, typed=True)
    assert labels(checked) == {}


@pytest.mark.parametrize("keys", [("00123", "0123"), ("00123", "0123", "000123")])
def test_a_code_that_several_may_have_become_is_an_error_that_names_them(bench: Any, keys: tuple[str, ...]) -> None:
    exported = customers(bench, *keys, "ABC")
    checked = bench.brought_back({"Customers": exported}, {"Customers": [{"CustomerCode": "123", "Notes": "new"}]})
    assert labels(checked) == {}
    assert bench.codes(checked) == ["ambiguous"]
    assert all(repr(key) in checked.issues[0].message for key in keys)
    assert "Guid" in checked.issues[0].hint


def test_the_record_with_just_that_code_is_not_taken_for_another(bench: Any) -> None:
    """Its row was deleted, and what is left is the damaged row of its namesake."""
    exported = customers(bench, "123", "00123")
    namesake = {"CustomerCode": "123", "CustomerName": "Name 2", "Notes": "new"}
    checked = bench.brought_back({"Customers": exported}, {"Customers": [namesake]})
    assert bench.codes(checked) == ["ambiguous"]
    assert bench.edits(checked) == {}
    itself = {**namesake, "CustomerName": "Name 1"}
    checked = bench.brought_back({"Customers": exported}, {"Customers": [itself]})
    assert labels(checked) == {2: 0}
    assert bench.codes(checked) == []


def test_two_rows_of_one_damaged_code_are_both_errors(bench: Any) -> None:
    exported = customers(bench, "00123")
    rows = [{"CustomerCode": "123", "Notes": "a"}, {"CustomerCode": "123", "Notes": "b"}]
    checked = bench.brought_back({"Customers": exported}, {"Customers": rows})
    assert bench.codes(checked).count("duplicate-row") == 2


def test_a_new_row_is_not_taken_for_a_damaged_one(bench: Any) -> None:
    exported = customers(bench, "00123")
    rows = [{"Command": "NEW", "CustomerCode": "123", "CustomerName": "Another"}]
    checked = bench.brought_back({"Customers": exported}, {"Customers": rows})
    assert labels(checked) == {}


def family(bench: Any) -> dict[str, list[dict[str, str]]]:
    roots = customers(bench, "00123", "ABC")
    contacts = [
        {
            "@parent": bench.guid(parent),
            "CustomerCode": code,
            "Guid": bench.guid(at),
            "FirstName": first,
            "LastName": last,
        }
        for at, (parent, code, first, last) in enumerate(
            [(1, "00123", "Jürgen", "MAR1"), (1, "00123", "Ann", "Lee"), (2, "ABC", "Ann", "Lee")], start=11
        )
    ]
    return {"Customers": roots, "Contacts": contacts}


def test_children_are_found_through_their_parents_damaged_code_and_their_own_names(bench: Any) -> None:
    exported = family(bench)
    rows = [
        {"CustomerCode": "123", "FirstName": "JÃ¼rgen", "LastName": "1-Mar", "Notes": "x"},
        {"CustomerCode": "123", "FirstName": "Ann", "LastName": "Lee", "Notes": ""},
        {"CustomerCode": "ABC", "FirstName": "Ann", "LastName": "Lee", "Notes": ""},
    ]
    checked = bench.brought_back(exported, {"Customers": exported["Customers"], "Contacts": rows})
    assert labels(checked, "Contacts") == {2: 0, 3: 1, 4: 2}
    assert bench.edits(checked, "Contacts") == {2: {"Notes": ("", "x")}}
    assert bench.codes(checked) == ["restored"] * 4


def test_a_childs_damaged_parent_code_is_restored_where_its_guid_says_who_it_is(bench: Any) -> None:
    exported = family(bench)
    rows = [
        {**row, "CustomerCode": row["CustomerCode"].lstrip("0")} for row in without(exported["Contacts"], "@parent")
    ]
    checked = bench.brought_back(exported, {"Customers": exported["Customers"], "Contacts": rows})
    assert bench.codes(checked) == ["restored"] * 2
    assert bench.edits(checked, "Contacts") == {}


def test_a_new_child_finds_its_parent_through_the_damaged_code(bench: Any) -> None:
    exported = family(bench)
    rows = [{"Command": "NEW", "CustomerCode": "123", "FirstName": "New", "LastName": "Person"}]
    checked = bench.brought_back(exported, {"Customers": exported["Customers"], "Contacts": rows})
    assert checked.sheets["Contacts"].rows.value(2, "CustomerCode") == "00123"
    assert bench.codes(checked) == ["restored"]


def test_a_new_child_may_also_belong_to_a_customer_that_is_new_in_the_same_file(bench: Any) -> None:
    exported = family(bench)
    new = {"Command": "NEW", "CustomerCode": "123", "CustomerName": "Another"}
    rows = [{"Command": "NEW", "CustomerCode": "123", "FirstName": "New", "LastName": "Person"}]
    sheets = {"Customers": [*exported["Customers"], new], "Contacts": rows}
    untyped = bench.brought_back(exported, sheets)
    assert bench.codes(untyped) == ["ambiguous"]
    assert untyped.sheets["Contacts"].rows.value(2, "CustomerCode") == "123"
    typed = bench.brought_back(exported, sheets, typed=True)
    assert bench.codes(typed) == []
    assert typed.sheets["Contacts"].rows.value(2, "CustomerCode") == "123"
