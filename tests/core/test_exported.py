"""Cells that hold the very text that was exported are taken from the export, and all others are read as ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bulkio.core.exported import exported_rows
from bulkio.core.grid import Fact, RawColumn, RawSheet
from bulkio.core.locale import LOCALES, NEUTRAL
from bulkio.core.rows import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from bulkio.core.catalogue import Entity

    Frame = Callable[..., pd.DataFrame]
    SheetOf = Callable[..., RawSheet]

IDS = [f"0000000{at}-0000-4000-8000-000000000000" for at in range(4)]


def exported(frame: Frame, count: int = 4) -> pd.DataFrame:
    return frame(
        {
            "Code": ["A", "B", "C", "D"][:count],
            "Credit": ["1.5", "", "n/a", "20"][:count],
            "Taxable": ["true", "false", "", "true"][:count],
            "Guid": IDS[:count],
        }
    )


def sheet(order: Sequence[int], base: pd.DataFrame, **typed: dict[int, str]) -> RawSheet:
    """The rows of the export in this order, with other texts in some places."""
    columns = []
    for at, name in enumerate(base.columns):
        column: list[str] = base[name].tolist()
        texts = [column[label] for label in order]
        if name == "Taxable":
            texts = [text.upper() for text in texts]
        for place, text in typed.get(name, {}).items():
            texts[place] = text
        facts = bytes(Fact.TEXT if text else Fact.BLANK for text in texts)
        columns.append(RawColumn(name, chr(ord("A") + at), texts, facts))
    return RawSheet(name="Customers", header_row=1, rows=list(range(2, 2 + len(order))), columns=tuple(columns))


def test_an_untouched_column_is_the_exported_one_itself(customers: Entity, frame: Frame) -> None:
    base = exported(frame)
    rows = read_rows(customers, sheet(range(4), base), NEUTRAL, base)
    for name in base.columns:
        pairs = zip(rows.frame[name].tolist(), base[name].tolist(), strict=True)
        assert all(one is other for one, other in pairs), name
    assert rows.failures == {}  # `n/a` is what the ERP holds; nobody typed it


def test_rows_that_moved_are_found_by_their_ids(customers: Entity, frame: Frame) -> None:
    base = exported(frame)
    rows = read_rows(customers, sheet((3, 0, 2), base), NEUTRAL, base)
    assert rows.frame["Code"].tolist() == ["D", "A", "C"]
    assert rows.frame["Credit"].tolist() == ["20", "1.5", "n/a"]
    assert rows.failures == {}


def test_a_typed_cell_is_read_and_its_failure_names_its_row(customers: Entity, frame: Frame) -> None:
    base = exported(frame)
    rows = read_rows(customers, sheet(range(4), base, Credit={1: "2.50", 3: "lots"}), NEUTRAL, base)
    assert rows.frame["Credit"].tolist() == ["1.5", "2.5", "n/a", "lots"]
    assert set(rows.failures) == {(5, "Credit")}
    assert [rows.as_typed(row, "Credit") for row in (2, 3, 4, 5)] == ["1.5", "2.50", "n/a", "lots"]


def test_what_was_exported_stays_as_it_is_when_cells_are_put(customers: Entity, frame: Frame) -> None:
    base = exported(frame)
    before = base.copy()
    rows = read_rows(customers, sheet(range(4), base), NEUTRAL, base)
    rows.put("Code", {3: "X"})
    assert rows.frame["Code"].tolist() == ["A", "X", "C", "D"]
    assert base.equals(before)


def test_a_row_without_its_id_has_no_exported_cells(customers: Entity, frame: Frame) -> None:
    base = exported(frame)
    raw = sheet(range(4), base, Guid={2: ""})
    assert exported_rows(customers, raw.columns[-1].text, base).unknown == [2]  # type: ignore[union-attr]
    assert set(read_rows(customers, raw, NEUTRAL, base).failures) == {(4, "Credit")}


def test_an_export_of_other_records_is_none(customers: Entity, frame: Frame) -> None:
    assert exported_rows(customers, ["x", ""], exported(frame)) is None
    assert exported_rows(customers, [""], frame({"Guid": [""]})) is None
    assert exported_rows(customers, ["x"], frame({"Code": ["A"]})) is None
    assert exported_rows(customers, ["x"], None) is None


NAMES = st.sampled_from(["Code", "Credit", "Taxable", "Guid"])
TEXTS = st.sampled_from(["", "A", "1.5", "1,5", "n/a", "TRUE", "false", "20", "[CLEAR]", " ", "B\r\nC", IDS[0], IDS[3]])


@given(
    order=st.lists(st.integers(0, 3), max_size=6),
    typed=st.dictionaries(NAMES, st.dictionaries(st.integers(0, 5), TEXTS)),
    locale=st.sampled_from(sorted(LOCALES)),
)
def test_a_cell_is_read_as_without_the_export_or_is_exactly_what_was_exported(
    customers: Entity, frame: Frame, order: list[int], typed: dict[str, dict[int, str]], locale: str
) -> None:
    base = exported(frame)
    cells = {name: {at: text for at, text in some.items() if at < len(order)} for name, some in typed.items()}
    raw = sheet(order, base, **cells)
    plain = read_rows(customers, raw, LOCALES[locale])
    read = read_rows(customers, raw, LOCALES[locale], base)
    ids = base["Guid"].tolist()
    assert read.frame.index.tolist() == plain.frame.index.tolist()
    for row in read.frame.index.tolist():
        identity = read.as_typed(row, "Guid")
        for column in raw.columns:
            name, text = column.header, column.text[row - 2]
            assert read.as_typed(row, name) == text
            if identity in ids and text == base.at[ids.index(identity), name]:
                assert read.value(row, name) == text
                assert (row, name) not in read.failures
            else:
                assert read.value(row, name) == plain.value(row, name)
                assert read.failures.get((row, name)) == plain.failures.get((row, name))
