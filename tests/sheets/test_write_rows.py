"""Rows of any number: what repeats, what does not, and where one block of them meets the next."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bulkio.core.grid import BookSpec, CellType, ColumnSpec, Fact, SheetSpec
from bulkio.errors import FileError
from bulkio.sheets import read_xlsx, write_xlsx
from bulkio.sheets.engine import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

HOSTILE = [
    "", "a", "A&B", "<", "<a", "a<", " <x", "x< ", "a>b", "]]>", " a", "a ", " ", "  ", "\t", "a\nb", "\na", "a\n",
    "a\r\nb", "\r", "\0", "\1", "\0\1", "_x0041_", "_x0041_x0042_", "_X0041_", "&lt;", "&#10;", "Müller", "😀",
    "\u00a0", "\u2028", "\ufffe", "<r>x</r>", "=1+1", "0", "-0", "007", "true", "TRUE", "1.10", "12345678901234567",
]  # fmt: skip
ANY_TEXT = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PACKAGE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


def book_of(texts: Sequence[str], cell_type: CellType = CellType.TEXT) -> BookSpec:
    """The texts as they are (few, where they repeat), and all different."""
    numbered = [f"{text}{row}" if text else "" for row, text in enumerate(texts)]
    columns = [
        ColumnSpec(header="Code", values=[f"C{row}" for row in range(len(texts))]),
        ColumnSpec(header="Repeated", values=texts, cell_type=cell_type),
        ColumnSpec(header="Different", values=numbered, cell_type=cell_type),
        ColumnSpec(header="Reversed", values=[text[::-1] for text in numbered]),
        ColumnSpec(header="Blank", values=[""] * len(texts)),
        ColumnSpec(header="Lines", values=texts, wrap=True),
    ]
    return BookSpec(sheets=[SheetSpec(name="S", columns=columns)])


def expected(book: BookSpec) -> dict[str, list[str]]:
    return {column.header: list(column.values) for column in book.sheets[0].columns}


def back(path: Path) -> dict[str, list[str]]:
    return {column.header: column.text for column in read_xlsx(path).sheets["S"].columns}


def strings(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/sharedStrings.xml").decode()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=6), times=st.integers(1, 6))
def test_texts_survive_whether_they_repeat_or_not(texts: list[str], times: int, tmp_path: Path) -> None:
    book = book_of(texts * times)
    write_xlsx(book, tmp_path / "a.xlsx")
    assert back(tmp_path / "a.xlsx") == expected(book)


@pytest.mark.parametrize("count", [1, 999, 1_000, 1_001, 2_000, 2_037])
def test_every_row_is_there_wherever_blocks_of_rows_end(count: int, tmp_path: Path) -> None:
    book = book_of((["plain", "", "more"] * count)[:count])
    write_xlsx(book, tmp_path / "a.xlsx")
    assert back(tmp_path / "a.xlsx") == expected(book)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["S"]
    assert [cell for (cell,) in sheet.iter_rows(min_row=2, max_col=1, values_only=True)] == expected(book)["Code"]


def test_one_odd_text_among_many_plain_ones_survives(tmp_path: Path) -> None:
    texts = [f"plain {row}" for row in range(1_100 * len(HOSTILE))]
    texts[500::1_100] = HOSTILE
    book = book_of(texts)
    write_xlsx(book, tmp_path / "a.xlsx")
    assert back(tmp_path / "a.xlsx") == expected(book)


@pytest.mark.parametrize("cell_type", [CellType.NUMBER, CellType.BOOLEAN])
@pytest.mark.parametrize("times", [1, 50])
def test_what_is_no_number_or_truth_value_is_the_text_it_is(cell_type: CellType, times: int, tmp_path: Path) -> None:
    book = book_of([text for text in HOSTILE if text not in {"1.10", "true"}] * times, cell_type)
    write_xlsx(book, tmp_path / "a.xlsx")
    assert back(tmp_path / "a.xlsx") == expected(book)
    facts = read_xlsx(tmp_path / "a.xlsx").sheets["S"].columns[1].facts
    assert (Fact.NUMBER in facts) is (cell_type is CellType.NUMBER)
    assert Fact.BOOLEAN not in facts


def test_a_text_that_repeats_is_kept_once_and_counted(tmp_path: Path) -> None:
    write_xlsx(book_of(["Auckland", "Bonn", "", "Auckland"] * 5), tmp_path / "a.xlsx")
    shared = strings(tmp_path / "a.xlsx")
    assert re.findall("<t>(.*?)</t>", shared) == ["Auckland", "Bonn"]
    assert 'count="30" uniqueCount="2"' in shared  # two columns of them
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count(' t="s"') == 30
    assert "<t>C7</t>" in sheet


@pytest.mark.parametrize("readme", [[], [("text", "Auckland"), ("text", "Read me")]])
def test_shared_texts_are_declared_once_and_stand_behind_those_of_other_sheets(
    readme: list[tuple[str, str]], tmp_path: Path
) -> None:
    book = book_of(["Auckland", "Bonn"] * 4)
    write_xlsx(BookSpec(sheets=book.sheets, readme=readme), tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        assert len(archive.namelist()) == len(set(archive.namelist()))
        assert archive.read("[Content_Types].xml").decode().count(PACKAGE_TYPE) == 1
        assert archive.read("xl/_rels/workbook.xml.rels").decode().count('Target="sharedStrings.xml"') == 1
    assert strings(tmp_path / "a.xlsx").count("<si>") == len(readme) + 2
    judge = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [judge["S"].cell(row=row, column=2).value for row in (2, 3)] == ["Auckland", "Bonn"]
    if readme:
        assert [cell.value for row in judge["Read me"].iter_rows() for cell in row if cell.value] == [
            "Auckland",
            "Read me",
        ]


def test_a_text_that_no_sheet_can_hold_is_named_by_its_first_cell_however_often_it_repeats(tmp_path: Path) -> None:
    for text, said in (("x" * 32_768, "32,768 characters"), ("\ud800", "half a character")):
        with pytest.raises(FileError, match=rf"S!B3: {said}"):
            write_xlsx(book_of(["fine", text, text, "fine"] * 5), tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("engine", ["fast", "openpyxl"])
def test_the_same_book_gives_the_same_sheets_in_every_process(engine: str, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from bulkio.core.grid import BookSpec, ColumnSpec, SheetSpec\n"
        "from bulkio.sheets import write_xlsx\n"
        "columns = [ColumnSpec(header='A', values=[f'V{row % 50}' for row in range(500)])]\n"
        "write_xlsx(BookSpec(sheets=[SheetSpec(name='S', columns=columns)]), Path(sys.argv[1]))\n"
    )
    for seed in ("1", "2"):
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", program, str(tmp_path / seed)],
            check=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed, VARIABLE: engine},
        )
    parts = ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml") if engine == "fast" else ("xl/worksheets/sheet1.xml",)
    with zipfile.ZipFile(tmp_path / "1") as one, zipfile.ZipFile(tmp_path / "2") as two:
        assert [one.read(part) for part in parts] == [two.read(part) for part in parts]
