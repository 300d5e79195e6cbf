"""What programs and people do to cells, case by case: restored, named as doubtful, or an edit. Nothing else."""

# ruff: noqa: RUF001 - the look-alikes are meant

from __future__ import annotations

from typing import Any

import pytest

from bulkio.core.catalogue import Kind
from bulkio.core.damage import Cell, recognise
from bulkio.core.grid import Fact

RESTORED, DAMAGED, EDIT = "restored", "damaged", "edit"

#: A CSV file: any exported text may have been damaged on its way.
TEXTS = [
    # leading zeros
    ("00123", "123", RESTORED),
    ("007", "7", RESTORED),
    ("000", "0", RESTORED),
    ("0200", "200", RESTORED),
    ("0800", "800.0", RESTORED),
    ("0622", "622.00", RESTORED),
    ("0012.50", "12.5", RESTORED),
    ("00123", "0123", EDIT),
    ("00123", "124", EDIT),
    ("00123", "1230", EDIT),
    ("123", "00123", EDIT),
    ("200", "0200", EDIT),
    # scientific notation
    ("1E5", "1.00E+05", RESTORED),
    ("1E5", "1,00E+05", RESTORED),
    ("1E5", "1E+05", RESTORED),
    ("1E5", "1e+05", RESTORED),
    ("1E5", "100000", RESTORED),
    ("1E5", "100000.0", RESTORED),
    ("161E5", "1.61E+07", RESTORED),
    ("161E5", "1,61E+07", RESTORED),
    ("161E5", "1.61E7", RESTORED),
    ("161E5", "16100000", RESTORED),
    ("161E5", "16,100,000", DAMAGED),
    ("5E-3", "5.00E-03", RESTORED),
    ("5E-3", "0.005", RESTORED),
    ("123456789012", "1.23457E+11", RESTORED),
    ("123456789012", "1,23457E+11", RESTORED),
    ("123456789012", "1.23456789012E+11", RESTORED),
    ("123456789012", "1E+11", RESTORED),
    ("1234567890123456789", "1.23456789012346E+018", RESTORED),
    ("0012345678901234567", "1.23456789012346E+016", RESTORED),
    ("6421123456789", "6.42112E+12", RESTORED),
    ("-123456789012", "-1.23457E+11", RESTORED),
    ("1E5", "2E5", EDIT),
    ("1E5", "1E6", EDIT),
    ("15E4", "1E5", EDIT),
    ("161E5", "162E5", EDIT),
    ("123456789012", "1.23458E+11", EDIT),
    ("123456789012", "1.23457E+12", EDIT),
    ("219E01BE", "219E01BF", EDIT),
    # digits
    ("1234567890123456", "1234567890123450", RESTORED),
    ("1234567890123456", "1234567890123460", RESTORED),
    ("12345678901234567", "12345678901234568", RESTORED),
    ("12345678901234567890", "12345678901234500000", RESTORED),
    ("21034467431676.3451", "21034467431676.344", RESTORED),  # pandas reads the double beside the nearest
    ("4111111111111111", "4111111111111110", RESTORED),
    ("0.123456789012345678", "0.123456789", RESTORED),
    ("1234567890123456", "1234567890123480", EDIT),
    ("1234567890123456", "1234567890123000", EDIT),
    ("123456789012345", "123456789012340", EDIT),
    ("4111111111111111", "4111111111111112", EDIT),
    # numbers respelled
    ("1.50", "1.5", RESTORED),
    ("1.5", "1.50", RESTORED),
    ("123", "123.0", RESTORED),
    ("200", "200.00", RESTORED),
    ("1.5", "1,5", RESTORED),
    ("1,5", "1.5", RESTORED),
    ("12.5%", "12.50%", RESTORED),
    ("$5", "$5.00", RESTORED),
    ("(5)", "-5", RESTORED),
    ("5%", "0.05", RESTORED),
    ("+6495550199", "6495550199", RESTORED),
    ("+49 30", "4930", DAMAGED),
    ("+64 9 555 0199", "6495550199", DAMAGED),
    ("1234", "1,234", DAMAGED),
    ("1234", "1.234", DAMAGED),
    ("12.345", "12345", DAMAGED),
    ("1,234", "1234", DAMAGED),
    ("5.123%", "5.12%", DAMAGED),
    ("5", "$5", DAMAGED),
    ("1.5", "15", EDIT),
    ("1.5", "1.6", EDIT),
    ("5", "500", EDIT),
    ("+6495550199", "+6495550198", EDIT),
    ("12 Main St", "14 Main St", EDIT),
    # dates
    ("MAR1", "1-Mar", RESTORED),
    ("MAR1", "2026-03-01", RESTORED),
    ("MAR1", "Mar-01", RESTORED),
    ("MAR1", "01-Mar-26", RESTORED),
    ("MAR1", "03/01/2026", RESTORED),
    ("MAR1", "01.03.2026", RESTORED),
    ("MAR1", "2026-03-01 00:00:00", RESTORED),
    ("SEPT1", "1-Sep", RESTORED),
    ("DEC-10", "10-Dec", RESTORED),
    ("OCT4", "04. Okt", RESTORED),
    ("MAI5", "05. Mai", RESTORED),
    ("DEZ-24", "24. Dez", RESTORED),
    ("JUIN-7", "07-juin", RESTORED),
    ("Mar-2021", "Mar-21", RESTORED),
    ("1-2", "01/02/2026", RESTORED),
    ("1-2", "2026-01-02", RESTORED),
    ("1-2", "02-Jan", RESTORED),
    ("1-2", "01. Feb", RESTORED),
    ("1/2", "1-Feb", RESTORED),
    ("10/12", "12-Oct", RESTORED),
    ("5.12", "05. Dez", RESTORED),
    ("1/2021", "Jan-21", RESTORED),
    ("3-4-5", "2005-04-03", RESTORED),
    ("1.2.3", "01.02.2003", RESTORED),
    ("2021-3", "2021-03-01", RESTORED),
    ("2026-01-31", "31.01.2026", RESTORED),
    ("2026-01-31", "1/31/2026", RESTORED),
    ("2026-01-31", "31-Jan-26", RESTORED),
    ("200", "1900-07-18", RESTORED),
    ("1:30", "01:30:00", RESTORED),
    ("1:30", "1:30:00 AM", RESTORED),
    ("13:05", "1:05 PM", RESTORED),
    ("1:30", "0.0625", RESTORED),
    ("MAR1", "46082", DAMAGED),
    ("2026-01-02", "2026-02-01", DAMAGED),
    ("10/12/2024", "12/10/2024", DAMAGED),
    ("MAR1", "MAR2", EDIT),
    ("MAR1", "2026-03-02", EDIT),
    ("MAR1", "MARCH 1", EDIT),
    ("1-2", "1-3", EDIT),
    ("1-2", "2-1", EDIT),
    ("1.2.3", "1.2.4", EDIT),
    ("1.2.3", "3.2.1", EDIT),
    ("2026-01-31", "2026-02-28", EDIT),
    ("9:30-12", "9:30-13", EDIT),
    ("1:30", "1:45", EDIT),
    # truth values
    ("True", "TRUE", RESTORED),
    ("TRUE", "WAHR", RESTORED),
    ("TRUE", "VRAI", RESTORED),
    ("FALSE", "FALSCH", RESTORED),
    ("FALSE", "FAUX", RESTORED),
    ("WAHR", "TRUE", RESTORED),
    ("TRUE", "1", DAMAGED),
    ("FALSE", "0", DAMAGED),
    ("TRUE", "True", DAMAGED),
    ("TRUE", "FALSE", EDIT),
    ("TRUE", "FALSCH", EDIT),
    ("yes", "no", EDIT),
    # encodings
    ("Müller & Söhne", "MÃ¼ller & SÃ¶hne", RESTORED),
    ("Müller", "M√ºller", RESTORED),
    ("Müller", "M\ufffdller", RESTORED),
    ("Müller", "M?ller", RESTORED),
    ("Müller", "MÃƒÂ¼ller", RESTORED),
    ("Müller", "MŸller", RESTORED),
    ("Müller", "Mu\u0308ller", RESTORED),
    ("Café Été ☕", "Café Été ?", RESTORED),
    ("株式会社 山田商店", "???? ????", RESTORED),
    ("株式会社", "æ ªå¼\x8fä¼šç¤¾", RESTORED),
    ("Größe à la carte", "GrÃ¶ÃŸe Ã  la carte", RESTORED),
    ("Bond & Co", "Bond &amp; Co", RESTORED),
    ("Whangārei", "Whangarei", DAMAGED),
    ("Müller", "MÃ¼ller & Sohn", DAMAGED),
    ("Plain", "Pl\ufffdin", DAMAGED),
    ("Müller", "Mueller", EDIT),
    ("Müller", "Muller", EDIT),
    ("Müller", "Möller", EDIT),
    ("Müller", "Müllers", EDIT),
    # blanks and line breaks
    (" Postal Address", "Postal Address", RESTORED),
    ("Postal Address ", "Postal Address", RESTORED),
    ("Wade's\u00a0Apparel", "Wade's Apparel", RESTORED),
    ("a  b", "a b", RESTORED),
    ("a\tb", "a b", RESTORED),
    ("a\u200bb", "ab", RESTORED),
    ("First\n  -second", "First\n-second", RESTORED),
    ("First\nSecond", "First\\nSecond", RESTORED),
    ("First\nSecond", "First Second", DAMAGED),
    ("First\nSecond", "FirstSecond", DAMAGED),
    ("First\n\nSecond", "First Second", DAMAGED),
    ("a b", "a  b", EDIT),
    ("ab", "a b", EDIT),
    ("a b", "ab", EDIT),
    ("First\nSecond", "First", EDIT),
    ("First\nSecond", "First\nSecond\nThird", EDIT),
    # typography
    ('Bond "Street"', "Bond “Street”", DAMAGED),
    ("Wade's", "Wade’s", DAMAGED),
    ("wait...", "wait…", DAMAGED),
    ("a - b", "a – b", DAMAGED),
    ("“Street”", '"Street"', DAMAGED),
    ("Wade's", "Wades", EDIT),
    # formulas, errors, guards
    ("+64-17", "47", RESTORED),
    ("=1+1", "2", RESTORED),
    ("-2+3", "1", RESTORED),
    ("-2+3 Plumbing", "#NAME?", RESTORED),
    ("@cmd|' /C calc'!A0", "#REF!", RESTORED),
    ("=SUM(1) Supplies", "Err:509", RESTORED),
    ("-2+3 Plumbing", "=-2+3 Plumbing", RESTORED),
    ("00123", "'00123", RESTORED),
    ("00123", '="00123"', RESTORED),
    ("a@example.com", "mailto:a@example.com", RESTORED),
    ("1234567890", "##########", RESTORED),
    ("=SUM(1)", "1", DAMAGED),
    ("Auckland", "#N/A", DAMAGED),
    ("Auckland", "#WERT!", DAMAGED),
    ("Auckland", "########", DAMAGED),
    ("=SUM(1) Supplies", "Sum Supplies", EDIT),
    ("Auckland", "'Auckland'", EDIT),
    # cut off
    ("x" * 300, "x" * 255, RESTORED),
    ("x" * 40_000, "x" * 32_767, RESTORED),
    ("x" * 300, "x" * 254, EDIT),
    # people
    ("Ann", "Bob", EDIT),
    ("Ann", "ANN", EDIT),
    ("A1", "A2", EDIT),
    ("note", "note.", EDIT),
    ("NA", "N/A", EDIT),
]

DECIMALS = [
    ("1234.5", "1234,5", RESTORED),
    ("1234.5", "1,234.50", RESTORED),
    ("1234.5", "1.234,50", RESTORED),
    ("1234.5", "1 234,50", RESTORED),
    ("1234.5", "1\u202f234,5", RESTORED),
    ("1234.5", "1'234.50", RESTORED),
    ("1234.5", "$1,234.50", RESTORED),
    ("1234.5", "1.234,50 €", RESTORED),
    ("-1234.5", "(1,234.50)", RESTORED),
    ("-5", "\u22125", RESTORED),
    ("1234567", "1.234.567", RESTORED),
    ("1234", "1,234", RESTORED),
    ("0.125", "0,125", RESTORED),
    ("0.125", "12.5%", RESTORED),
    ("0.125", "12,50 %", RESTORED),
    ("100000", "1.00E+05", RESTORED),
    ("123456789012", "1.23457E+11", RESTORED),
    ("99999999999999.9999", "100000000000000", RESTORED),
    ("1234567890123456", "1234567890123460", RESTORED),
    ("0.692520775623", "0.692520776", RESTORED),
    ("1.5", "01. Mai", RESTORED),
    ("5.12", "2026-12-05", RESTORED),
    ("9.99", "Sep 99", RESTORED),
    ("45000", "2023-03-15", RESTORED),
    ("5000", "########", RESTORED),
    ("0.125", "125", DAMAGED),
    ("12.345", "12345", DAMAGED),
    ("1234", "1.234", DAMAGED),
    ("1500", "1.5", DAMAGED),
    ("5000", "#REF!", DAMAGED),
    ("0.125", "0.15", EDIT),
    ("1.5", "15", EDIT),
    ("5000", "6000", EDIT),
    ("5000", "5000.5", EDIT),
    ("1234.567", "1234.57", EDIT),
    ("99999999999999.9999", "99999999999999", EDIT),
    ("0.3333", "0.333", EDIT),
]

TRUTHS = [
    ("true", "WAHR", RESTORED),
    ("true", "VRAI", RESTORED),
    ("true", "-1", RESTORED),
    ("true", "1.0", RESTORED),
    ("false", "FALSCH", RESTORED),
    ("false", "FAUX", RESTORED),
    ("false", "0.0", RESTORED),
    ("true", "#NAME?", DAMAGED),
    ("true", "FALSE", EDIT),
    ("false", "1", EDIT),
]

MOMENT = "2026-01-31T09:05:07.123Z"
EARLY = "2026-01-02T09:05:07Z"
TIMES = [
    (MOMENT, "31/01/2026 9:05", RESTORED),
    (MOMENT, "31.01.2026 09:05", RESTORED),
    (MOMENT, "1/31/2026 9:05:07 AM", RESTORED),
    (MOMENT, "31-Jan-26 09:05", RESTORED),
    (MOMENT, "2026-01-31T09:05:07Z", RESTORED),
    (MOMENT, "2026-01-31T09:05:00Z", RESTORED),
    (MOMENT, "46053.3785532407", RESTORED),
    (EARLY, "02.01.2026 09:05:07", RESTORED),
    (MOMENT, "2026-01-31T00:00:00Z", DAMAGED),
    (MOMENT, "31.01.2026", DAMAGED),
    (EARLY, "2026-02-01T09:05:07Z", DAMAGED),
    (EARLY, "2026-01-03T09:05:07Z", EDIT),
    (MOMENT, "2026-01-31T10:05:07Z", EDIT),
]

#: Text cells of a workbook: a person typed them, or nobody.
TEXT_CELLS = [
    ("Müller", "MÃ¼ller", RESTORED),
    ("株式会社", "æ ªå¼\x8fä¼šç¤¾", RESTORED),
    ("Müller", "M?ller", DAMAGED),
    ("Müller", "M\ufffdller", DAMAGED),
    ("Bond & Co", "Bond &amp; Co", DAMAGED),
    ("00123", "'00123", DAMAGED),
    ("x" * 300, "x" * 255, DAMAGED),
    ("00123", "123", EDIT),
    ("1E5", "100000", EDIT),
    ("MAR1", "1-Mar", EDIT),
    ("True", "TRUE", EDIT),
    (" Postal", "Postal", EDIT),
    ("Wade's\u00a0A", "Wade's A", EDIT),
    ("First\nSecond", "First Second", EDIT),
    ('"a"', "“a”", EDIT),
    ("+64-17", "47", EDIT),
    ("Whangārei", "Whangarei 2", EDIT),
]

#: Cells of a workbook in a column of text that a program took for something else.
VALUE_CELLS = [
    ("00123", "123", Fact.NUMBER, RESTORED),
    ("161E5", "16100000", Fact.NUMBER, RESTORED),
    ("4111111111111111", "4111111111111110", Fact.NUMBER, RESTORED),
    ("MAR1", "2026-03-01", Fact.DATE, RESTORED),
    ("1-2", "2026-01-02", Fact.DATE, RESTORED),
    ("True", "TRUE", Fact.BOOLEAN, RESTORED),
    ("+64-17", "47", Fact.NUMBER, RESTORED),
    ("1:30", "01:30:00", Fact.DATE, RESTORED),
    ("00123", "124", Fact.NUMBER, "not-text"),
    ("MAR1", "2026-04-01", Fact.DATE, "not-text"),
    ("Ann", "TRUE", Fact.BOOLEAN, "not-text"),
    ("200", "200", Fact.NUMBER, "unharmed"),
]

FIELDS = {Kind.TEXT: "Notes", Kind.DECIMAL: "CreditLimit", Kind.BOOLEAN: "Taxable"}
UNTYPED = (
    [(Kind.TEXT, *case) for case in TEXTS]
    + [(Kind.DECIMAL, *case) for case in DECIMALS]
    + [(Kind.BOOLEAN, *case) for case in TRUTHS]
)


def test_there_are_enough_cases() -> None:
    assert len(UNTYPED) + len(TIMES) + len(TEXT_CELLS) + len(VALUE_CELLS) >= 150
    assert len(set(UNTYPED)) == len(UNTYPED)


def holds(bench: Any, checked: Any, name: str, case: tuple[str, str, str]) -> None:
    """Whether one cell came out as expected, and nothing was silent."""
    base, found, expected = case
    said = [issue for issue in checked.issues if issue.code.value in (RESTORED, DAMAGED, "not-text")]
    changed = bench.edits(checked).get(2, {})
    if expected == EDIT:
        assert said == []
        assert list(changed) == [name]
        assert changed[name] != (base, base)
        return
    assert changed == {}
    assert checked.sheets["Customers"].rows.value(2, name) == base
    if expected == "unharmed":
        assert said == []
        return
    (issue,) = said
    assert (issue.code.value, issue.cell[-1], issue.found) == (expected, "2", found)
    assert issue.severity.value == ("notice" if expected == RESTORED else "error")
    if expected == DAMAGED:
        shown = issue.message + issue.hint
        assert repr(base)[1:20] in shown
        assert repr(found)[1:20] in shown
        assert issue.hint


@pytest.mark.parametrize(("kind", "base", "found", "expected"), UNTYPED)
def test_in_a_csv_file(bench: Any, kind: Kind, base: str, found: str, expected: str) -> None:
    checked = bench.one_cell(FIELDS[kind], base, found)
    holds(bench, checked, FIELDS[kind], (base, found, expected))


@pytest.mark.parametrize(("base", "found", "expected"), TIMES)
def test_timestamps(base: str, found: str, expected: str) -> None:
    damage = recognise(base, found, Kind.TIMESTAMP, Cell.UNTYPED)
    assert (EDIT if damage is None else RESTORED if damage.is_certain else DAMAGED) == expected


@pytest.mark.parametrize(("base", "found", "expected"), TEXT_CELLS)
def test_in_a_text_cell_of_a_workbook(bench: Any, base: str, found: str, expected: str) -> None:
    holds(bench, bench.one_cell("Notes", base, found, typed=True), "Notes", (base, found, expected))


@pytest.mark.parametrize(("base", "found", "fact", "expected"), VALUE_CELLS)
def test_in_another_cell_of_a_workbook(bench: Any, base: str, found: str, fact: Fact, expected: str) -> None:
    holds(bench, bench.one_cell("Notes", base, bench.Value(found, fact), typed=True), "Notes", (base, found, expected))


@pytest.mark.parametrize(("base", "found", "_expected"), TIMES[:-2])
@pytest.mark.parametrize("typed", [False, True])
def test_a_damaged_cell_that_is_only_shown_says_nothing(
    bench: Any, base: str, found: str, _expected: str, *, typed: bool
) -> None:
    checked = bench.one_cell("CreatedOn", base, found, typed=typed)
    assert checked.issues == []
    assert bench.edits(checked) == {}


def test_an_edit_of_a_cell_that_is_only_shown_is_a_warning(bench: Any) -> None:
    assert bench.codes(bench.one_cell("CreatedOn", EARLY, "2026-01-03T09:05:07Z")) == ["read-only"]
