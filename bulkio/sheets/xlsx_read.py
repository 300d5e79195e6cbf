"""Read a workbook: every cell as text, exactly as the file has it, with a fact that says what it was.

Nothing is interpreted: no types are guessed, no blanks are filled, no formula is calculated. One pass over each sheet,
constant memory but for what is returned. Another engine may stand behind `read_xlsx` if it reads the same.
"""

from __future__ import annotations

import datetime as dt
from typing import IO, TYPE_CHECKING, Final

from bulkio.core.grid import Fact, RawBook, RawColumn, RawSheet
from bulkio.errors import FileError
from bulkio.sheets import _attachments
from bulkio.sheets._cells import MAX_COLUMNS, MAX_ROWS, column_letter, column_number, plain_numeral, unescape
from bulkio.sheets._package import feed, opened
from bulkio.sheets._workbook import Contents, main_tag, make_parser, namespace_of, read_contents
from bulkio.sheets.xlsx_write import ATTACHMENTS_SHEET, LISTS_SHEET, README_SHEET

if TYPE_CHECKING:
    from pathlib import Path

    from bulkio.sheets._workbook import SheetEntry

MAX_CELLS: Final = 40_000_000  # rows x columns of one sheet: 100,000 x 50 is 5 million
_TITLE_ROWS = 20  # rows above the header that may hold a title, a date, a logo's caption
_DIGITS = "0123456789"


def read_xlsx(path: Path) -> RawBook:
    """Read all worksheets of `path`, hidden ones too (`RawSheet.hidden`), in the workbook's order.

    In a workbook that bulkio wrote, its own `Read me`, `_lists` and `_bulkio` sheets are not tables and are left out;
    what `_bulkio` carries is in `attachments`.

    The header is the first row with two cells or more of text within the first rows (a title above it is passed over),
    else the first row that is not blank. Raises FileError, in one line, for whatever cannot be read.
    """
    with opened(path) as package:
        contents = read_contents(package, path)
        is_ours = any(entry.name == ATTACHMENTS_SHEET for entry in contents.sheets)
        ours = {README_SHEET, LISTS_SHEET, ATTACHMENTS_SHEET} if is_ours else set()
        sheets: dict[str, RawSheet] = {}
        whole: dict[str, bytes] = {}
        damaged: tuple[str, ...] = ()
        for entry in contents.sheets:
            if entry.name == ATTACHMENTS_SHEET:
                with package.open(entry.part) as stream:
                    whole, damaged = _attachments.from_columns(_SheetParser(contents, path, entry.name).columns(stream))
            elif entry.name not in ours:
                with package.open(entry.part) as stream:
                    sheets[entry.name] = _SheetParser(contents, path, entry.name).sheet(stream, entry)
        return RawBook(sheets=sheets, attachments=whole, damaged_attachments=damaged)


class _SheetParser:
    """One sheet part, parsed into columns as its cells come by."""

    def __init__(self, contents: Contents, path: Path, name: str) -> None:
        self._contents = contents
        self._path = path
        self._name = name
        self._rows: list[int] = []  # numbers of the rows that are not blank
        self._texts: dict[int, list[str]] = {}  # by column number; may end before the last row
        self._facts: dict[int, bytearray] = {}
        self._hidden_rows: set[int] = set()
        self._formulas: set[tuple[int, int]] = set()
        self._shared_formulas: dict[str, tuple[str, str]] = {}  # by id: (formula, the cell that holds it)

    def columns(self, stream: IO[bytes]) -> list[list[str]]:
        """The bare columns, from row 1, without looking for a header; a row that is missing is a blank cell."""
        self._parse(stream)
        height = self._rows[-1] if self._rows else 0
        columns = []
        for number in range(1, max(self._texts, default=0) + 1):
            cells = dict(zip(self._rows, self._texts.get(number, ()), strict=False))
            column = [cells.get(row, "") for row in range(1, height + 1)]
            while column and not column[-1]:
                column.pop()
            columns.append(column)
        return columns

    def sheet(self, stream: IO[bytes], entry: SheetEntry) -> RawSheet:
        """The table: header and rows below it."""
        self._parse(stream)
        at = self._header_index()
        rows = self._rows[at + 1 :]
        height = len(self._rows)
        columns = []
        for number in sorted(self._texts):
            texts, facts = self._texts[number], self._facts[number]
            missing = height - len(texts)
            texts.extend([""] * missing)
            facts.extend(bytes(missing))
            header = texts[at] if texts else ""
            below = bytes(facts[at + 1 :])
            if header or any(below):
                columns.append(RawColumn(header, column_letter(number), texts[at + 1 :], below))
        first = rows[0] if rows else 0
        return RawSheet(
            name=entry.name,
            header_row=self._rows[at] if self._rows else 1,
            rows=rows,
            columns=tuple(columns),
            hidden=entry.is_hidden,
            hidden_rows=frozenset(row for row in self._hidden_rows if rows and row >= first),
            formulas=frozenset((row, column_letter(column)) for row, column in self._formulas if rows and row >= first),
        )

    def _header_index(self) -> int:
        """Where in `_rows` the header is."""
        for at in range(min(_TITLE_ROWS, len(self._rows))):
            texts = sum(1 for facts in self._facts.values() if len(facts) > at and facts[at] == Fact.TEXT)
            if texts > 1:
                return at
        return 0

    def _parse(self, stream: IO[bytes]) -> None:  # noqa: C901, PLR0915 - one closure per event: the hot path
        """Walk the sheet's cells once.

        The handlers are closures over local names because they run millions of times.
        """
        contents = self._contents
        strings, date_styles = contents.strings, contents.date_styles
        tag_row = tag_cell = tag_value = tag_text = tag_formula = tag_phonetic = tag_data = ""
        row = 0  # number of the current row
        column = 0  # number of the current column
        is_row_known = False  # whether the current row has a cell with a value yet
        kind = ""
        style = ""
        value: str | None = None
        formula: str | None = None
        shared = ""
        inline: list[str] = []
        phonetic = 0
        pieces: list[str] = []
        all_texts, all_facts, rows = self._texts, self._facts, self._rows
        numbers: dict[str, int] = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal row, column, kind, style, value, formula, shared, phonetic, is_row_known
            if tag == tag_cell:
                reference = attributes.get("r")
                if reference is None:
                    column += 1
                else:
                    letters = reference.rstrip(_DIGITS)
                    found = numbers.get(letters)
                    if found is None:
                        found = column_number(letters)
                        if not 0 < found <= MAX_COLUMNS:
                            raise ValueError(f"there is no cell {reference[:20]!r}")  # noqa: EM102, TRY003
                        numbers[letters] = found
                    column = found
                kind = attributes.get("t", "n")
                style = attributes.get("s", "")
                value = formula = None
            elif tag == tag_value or tag == tag_text:  # noqa: PLR1714 - faster than a set here
                pieces.clear()
            elif tag == tag_row:
                reference = attributes.get("r")
                row = row + 1 if reference is None else int(float(reference))
                if not 0 < row <= MAX_ROWS:
                    raise ValueError(f"there is no row {row}")  # noqa: EM102, TRY003
                column = 0
                is_row_known = False
                if attributes.get("hidden", "0") in {"1", "true"} or attributes.get("ht") in {"0", "0.0"}:
                    self._hidden_rows.add(row)
            elif tag == tag_formula:
                pieces.clear()
                shared = attributes.get("si", "") if attributes.get("t") == "shared" else ""
            elif tag == tag_phonetic:
                phonetic += 1

        def end(tag: str) -> None:
            nonlocal value, formula, phonetic
            if tag == tag_value:
                value = "".join(pieces)
            elif tag == tag_cell:
                if formula is not None:
                    add_formula()
                elif kind == "s":
                    if value:
                        add(strings[int(value)], 1)
                elif value is not None or inline:
                    add_value()
                inline.clear()
            elif tag == tag_text:
                if not phonetic:
                    inline.append("".join(pieces))
            elif tag == tag_formula:
                formula = "".join(pieces)
            elif tag == tag_phonetic:
                phonetic -= 1
            elif tag == tag_data:
                raise StopIteration

        def add(text: str, fact: int) -> None:
            nonlocal is_row_known
            if not text:
                return
            if not is_row_known:
                is_row_known = True
                if rows and row <= rows[-1]:
                    raise ValueError(f"row {row} stands after row {rows[-1]}")  # noqa: EM102, TRY003
                rows.append(row)
                if len(rows) * len(all_texts) > MAX_CELLS:
                    self._refuse_size()
            if column not in all_texts:
                all_texts[column] = []
                all_facts[column] = bytearray()
                if len(rows) * len(all_texts) > MAX_CELLS:
                    self._refuse_size()
            texts, facts = all_texts[column], all_facts[column]
            missing = len(rows) - 1 - len(texts)
            if missing:
                if missing < 0:
                    raise ValueError(f"cell {column_letter(column)}{row} stands twice")  # noqa: EM102, TRY003
                texts.extend([""] * missing)
                facts.extend(bytes(missing))
            texts.append(text)
            facts.append(fact)

        def add_value() -> None:
            if kind == "inlineStr":
                add(unescape("".join(inline)), 1)
            elif kind == "str":
                add(unescape(value or ""), 1)
            elif value:
                text, fact = (
                    self._typed(value, kind, style) if kind != "n" or style in date_styles else ("", Fact.BLANK)
                )
                if fact is Fact.BLANK:
                    numeral = plain_numeral(value)
                    text, fact = (value, Fact.ERROR) if numeral is None else (numeral, Fact.NUMBER)
                add(text, fact)

        def add_formula() -> None:
            is_calculated = value is not None and (value != "" or kind == "str")
            if is_calculated and not contents.recalculates:
                self._formulas.add((row, column))
                if kind == "s":
                    add(strings[int(value or "")], 1)
                else:
                    add_value()
            else:
                add(self._formula_text(formula or "", shared, f"{column_letter(column)}{row}"), Fact.UNCACHED)
            if shared and formula:
                self._shared_formulas.setdefault(shared, (formula, f"{column_letter(column)}{row}"))

        def root(tag: str, _: dict[str, str]) -> None:
            nonlocal tag_row, tag_cell, tag_value, tag_text, tag_formula, tag_phonetic, tag_data
            names = ("row", "c", "v", "t", "f", "rPh", "sheetData")
            tags = [main_tag(namespace_of(tag), name) for name in names]
            tag_row, tag_cell, tag_value, tag_text, tag_formula, tag_phonetic, tag_data = tags
            parser.StartElementHandler = start
            parser.EndElementHandler = end
            parser.CharacterDataHandler = pieces.append

        parser = make_parser()
        parser.StartElementHandler = root
        feed(parser, stream)

    def _typed(self, value: str, kind: str, style: str) -> tuple[str, Fact]:
        """Text and fact of a cell that is neither text nor a plain number; BLANK if it is a plain number after all."""
        match kind:
            case "b":
                return ("TRUE" if value.strip() in {"1", "true"} else "FALSE"), Fact.BOOLEAN
            case "e":
                return value, Fact.ERROR
            case "d":
                return value, Fact.DATE
            case "n":
                is_elapsed = style in self._contents.elapsed_styles
                text = _iso(value, is_1904=self._contents.is_1904, is_elapsed=is_elapsed)
                return (text, Fact.DATE) if text else ("", Fact.BLANK)
            case _:
                return value, Fact.TEXT

    def _formula_text(self, formula: str, shared: str, cell: str) -> str:
        """The formula as the user sees it; the others of a shared one are translated from the first."""
        if not formula and shared in self._shared_formulas:
            from openpyxl.formula.translate import Translator  # noqa: PLC0415 - heavy, and hardly ever needed

            text, origin = self._shared_formulas[shared]
            return str(Translator(f"={text}", origin).translate_formula(cell))
        return f"={formula}"

    def _refuse_size(self) -> None:
        raise FileError(
            f"{self._path}: {self._name}: more than {MAX_CELLS:,} cells",
            hint="Delete what is not needed below and beside the table, or use .csv.",
        )


def _iso(value: str, *, is_1904: bool, is_elapsed: bool) -> str:
    """A date serial as ISO 8601: a date, a date with time, a time, or a duration (PT26H30M); "" if it is no date."""
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel  # noqa: PLC0415 - heavy

    numeral = plain_numeral(value)
    if numeral is None:
        return ""
    try:
        moment = from_excel(float(numeral), MAC_EPOCH if is_1904 else WINDOWS_EPOCH, timedelta=is_elapsed)
    except (OverflowError, ValueError):
        return ""  # a spreadsheet shows ##### for it: the number is all there is
    if isinstance(moment, dt.timedelta):
        return _duration(moment)
    if isinstance(moment, dt.datetime):
        if moment.time() == dt.time():
            return moment.date().isoformat()
        return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return str(moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds"))


def _duration(elapsed: dt.timedelta) -> str:
    seconds = elapsed.total_seconds()
    sign = "-" if seconds < 0 else ""
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{sign}PT{hours}H{minutes}M{plain_numeral(str(round(rest, 3)))}S"
