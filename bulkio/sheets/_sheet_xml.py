"""A worksheet part into a `CellTable`: what each cell says, as text with a fact."""

from __future__ import annotations

import datetime as dt
import re
from typing import IO, TYPE_CHECKING

from bulkio.core.grid import Fact
from bulkio.sheets._cells import column_letter, column_number, plain_numeral, unescape
from bulkio.sheets._xml import local_name, make_parser, parse_blocks, unescape_entities

if TYPE_CHECKING:
    from xml.parsers import expat

    from bulkio.sheets._cell_table import CellTable
    from bulkio.sheets._workbook import Contents

_DIGITS = "0123456789"
_TRUE = {"1", "true"}
CONSTANTS = {"TRUE()": "TRUE", "FALSE()": "FALSE"}  # how LibreOffice saves truth values: nothing is calculated there
_BLANKS = re.compile(r'(?:<c r="[A-Z]{1,3}[0-9]+"(?: s="[0-9]+")?/>)+')
_BLANK_ROWS = re.compile(r'(?:<row r="[0-9]+"[^<>]*(?:/>|></row>)\s*)+')
_ROW = r"<row ([^<>]*)>"
_CELL = r'<c r="([A-Z]{1,3})[0-9]+"(?: s="([0-9]+)")?(?: t="([a-zA-Z]+)")?>'
_VALUE = r'(?:<v>([^<]*)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)</c>'
_TOKEN = re.compile(f"{_ROW}|{_CELL}{_VALUE}")
_MOST_KNOWN = 100_000
_TEXT = int(Fact.TEXT)
_ROW_NUMBER = re.compile(r'(?:^| )r="([0-9]+)"')
_HIDDEN = re.compile(r'(?:^| )(?:hidden="(?:1|true)"|ht="0(?:\.0*)?")')


def read_cells(stream: IO[bytes], contents: Contents, table: CellTable) -> None:
    """Read all cells of a worksheet part. Raises ValueError or ExpatError for what is no worksheet."""
    reader = _SheetReader(contents, table)
    parse_blocks(stream, container="sheetData", element="row", take=reader.take, parser=reader.parser)
    table.close()


class _SheetReader:
    """Both ways of reading, over one table."""

    def __init__(self, contents: Contents, table: CellTable) -> None:
        self._contents = contents
        self._table = table
        self._shared_formulas: dict[str, tuple[str, str]] = {}  # by id: the formula, and the cell that holds it
        self._columns: dict[str, list[str]] = {}  # the table's, by letters
        self._typed: dict[tuple[str, str, str], tuple[str, int]] = {}
        self._moments: dict[tuple[str, str], tuple[str, Fact]] = {}  # dates repeat

    def take(self, block: str) -> bool:  # noqa: C901, PLR0912 - the hot loop: a call per cell would cost as much again
        """Rows in the plain form `<c r="A1" s="1" t="s"><v>0</v></c>`; False if there is anything else."""
        if "/>" in block:
            block = _BLANKS.sub("", block)
            block = _BLANK_ROWS.sub("", block)
        if "\r" in block:  # XML: line ends become \n; a carriage return that is meant stands as _x000D_ or &#13;
            block = block.replace("\r\n", "\n").replace("\r", "\n")
        tokens = _TOKEN.findall(block)
        rows = block.count("<row ")
        # Every `<` must belong to a token: two to a row, four to a cell, two more to one with inline text.
        expected = 2 * rows + 4 * (len(tokens) - rows) + 2 * block.count("<is>")
        if block.count("<") != expected or block.count("</row>") != rows:
            return False
        table, strings, columns, typed = self._table, self._contents.strings, self._columns, self._typed
        may_be_escaped = "&" in block or "_x" in block
        height = len(table.rows) - 1  # of what stands above the current row
        is_kept = False
        for row, letters, style, kind, value, text in tokens:
            if not letters:
                found = _ROW_NUMBER.search(row)
                table.begin_row(int(found[1]) if found else table.row + 1, is_hidden=bool(_HIDDEN.search(row)))
                is_kept = False
                continue
            fact = _TEXT
            if kind == "inlineStr":
                if may_be_escaped and ("&" in text or "_x" in text):
                    text = plain_text(text)  # noqa: PLW2901
            elif kind == "s" and value.isdecimal():
                text = strings[int(value)]  # noqa: PLW2901
            elif value:
                known = typed.get((value, kind, style))
                if known is None:
                    known = self._learn(value, kind, style)
                text, fact = known  # noqa: PLW2901
            if not text:
                continue
            if not is_kept:
                is_kept = True
                table.keep_row()
                height += 1
            texts = columns.get(letters)
            if texts is None:
                texts = columns[letters] = table.column(column_number(letters))
            missing = height - len(texts)
            if missing > 0:
                texts += [""] * missing
            elif missing:
                table.column(column_number(letters))  # which says what is wrong
            texts.append(text)
            if fact != _TEXT:
                table.unusual[column_number(letters)].append(height << 3 | fact)
        return True

    def _learn(self, value: str, kind: str, style: str) -> tuple[str, int]:
        """Text and fact of a cell's value as written; they repeat."""
        if len(self._typed) >= _MOST_KNOWN:
            self._typed.clear()
        found = self._typed[value, kind, style] = self.typed(unescape_entities(value), kind or "n", style)
        return found

    def typed(self, value: str, kind: str, style: str) -> tuple[str, Fact]:  # noqa: PLR0911 - one for each type
        """Text and fact of a cell by its type `t`."""
        match kind:
            case "n":
                if style in self._contents.date_styles:
                    moment = self._moments.get((value, style))
                    if moment is None:
                        moment = self._moments[value, style] = self._moment(value, style)
                    return moment
                return _number(value)
            case "s":
                index = int(value)
                if index < 0:
                    msg = f"there is no shared string {index}"
                    raise ValueError(msg)
                return self._contents.strings[index], Fact.TEXT
            case "b":
                return ("TRUE" if value.strip() in _TRUE else "FALSE"), Fact.BOOLEAN
            case "e":
                return value, Fact.ERROR
            case "d":
                return value, Fact.DATE
            case _:
                return unescape(value), Fact.TEXT

    def _moment(self, value: str, style: str) -> tuple[str, Fact]:
        is_elapsed = style in self._contents.elapsed_styles
        text = _iso(value, is_1904=self._contents.is_1904, is_elapsed=is_elapsed)
        return (text, Fact.DATE) if text else _number(value)

    def parser(self) -> expat.XMLParserType:  # noqa: C901, PLR0915 - one closure per event, over the same few names
        """Any worksheet part, cell by cell."""
        table, contents = self._table, self._contents
        column = 0
        kind = style = shared = ""
        value: str | None = None
        formula: str | None = None
        inline: list[str] = []
        pieces: list[str] = []
        phonetic = 0

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal column, kind, style, shared, value, formula, phonetic
            match local_name(tag):
                case "c":
                    reference = attributes.get("r")
                    column = column + 1 if reference is None else column_number(reference.rstrip(_DIGITS))
                    kind, style = attributes.get("t", "n"), attributes.get("s", "")
                    value = formula = None
                    inline.clear()
                case "row":
                    reference = attributes.get("r")
                    row = table.row + 1 if reference is None else int(float(reference))
                    is_hidden = attributes.get("hidden") in _TRUE or _is_zero(attributes.get("ht"))
                    table.begin_row(row, is_hidden=is_hidden)
                    column = 0
                case "f":
                    pieces.clear()
                    shared = attributes.get("si", "") if attributes.get("t") == "shared" else ""
                case "v" | "t":
                    pieces.clear()
                case "rPh":  # how to pronounce it: not part of the text
                    phonetic += 1

        def end(tag: str) -> None:
            nonlocal value, formula, phonetic
            match local_name(tag):
                case "v":
                    value = "".join(pieces)
                case "t":
                    if not phonetic:
                        inline.append("".join(pieces))
                case "f":
                    formula = "".join(pieces)
                case "rPh":
                    phonetic -= 1
                case "c":
                    add()
                case "sheetData":
                    raise StopIteration

        def add() -> None:
            if formula is not None:
                if constant := CONSTANTS.get(formula.upper()):
                    table.add(column, constant, Fact.BOOLEAN)
                    return
                cell = f"{column_letter(column)}{table.row}"
                if shared and formula:
                    self._shared_formulas.setdefault(shared, (formula, cell))
                is_calculated = value is not None and (value != "" or kind == "str")
                if not is_calculated or (contents.recalculates and kind == "n" and value == "0"):
                    table.add(column, self._formula_text(formula, shared, cell), Fact.UNCACHED)
                    return
                # One that shares another's formula is not spelled out: that takes long, and there may be many.
                table.formulas[table.row, column] = f"={formula}" if formula else ""
            if kind == "inlineStr":
                text, fact = unescape("".join(inline)), Fact.TEXT
            else:
                text, fact = self.typed(value, kind, style) if value else ("", Fact.BLANK)
            if text:
                table.add(column, text, fact)

        parser = make_parser()
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = pieces.append
        return parser

    def _formula_text(self, formula: str, shared: str, cell: str) -> str:
        """The formula as the user sees it; the others of a shared one are translated from the first."""
        if not formula and shared in self._shared_formulas:
            from openpyxl.formula.translate import Translator  # noqa: PLC0415 - heavy, and hardly ever needed

            text, origin = self._shared_formulas[shared]
            return str(Translator(f"={text}", origin).translate_formula(cell))
        return f"={formula}"


def plain_text(text: str) -> str:
    """Text as it stands in XML, as the text that is meant."""
    return unescape(unescape_entities(text))


def _number(value: str) -> tuple[str, Fact]:
    """A number cell; what is no number there is shown as an error, never taken for one."""
    numeral = plain_numeral(value.strip())
    return (value, Fact.ERROR) if numeral is None else (numeral, Fact.NUMBER)


def _is_zero(height: str | None) -> bool:
    return height is not None and not height.strip("0.")


def _iso(value: str, *, is_1904: bool, is_elapsed: bool) -> str:
    """A date serial as ISO 8601: a date, a date with time, a time, or a duration (PT26H30M0S); "" if it is no date."""
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel  # noqa: PLC0415 - heavy

    numeral = plain_numeral(value)
    if numeral is None:
        return ""
    try:
        moment = from_excel(float(numeral), MAC_EPOCH if is_1904 else WINDOWS_EPOCH, timedelta=is_elapsed)
    except (OverflowError, ValueError):
        return ""  # a spreadsheet shows ##### for it: the number is all there is
    return moment_text(moment)


def moment_text(moment: dt.datetime | dt.date | dt.time | dt.timedelta) -> str:
    """A date, a date with time, a time, or a duration (PT26H30M0S) as ISO 8601."""
    if isinstance(moment, dt.timedelta):
        return _duration(moment)
    if isinstance(moment, dt.datetime) and moment.time() == dt.time():
        return moment.date().isoformat()
    if not isinstance(moment, dt.datetime | dt.time):
        return moment.isoformat()
    return str(moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds"))


def _duration(elapsed: dt.timedelta) -> str:
    seconds = elapsed.total_seconds()
    minutes, rest = divmod(abs(seconds), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{'-' if seconds < 0 else ''}PT{hours}H{minutes}M{plain_numeral(str(round(rest, 3)))}S"
