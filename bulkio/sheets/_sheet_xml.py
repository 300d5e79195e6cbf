"""A worksheet part into a `CellTable`: what each cell says, as text with a fact."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from bulkio.core.grid import Fact
from bulkio.sheets._cell_values import CONSTANTS, CellValues
from bulkio.sheets._cells import column_letter, column_number, hides_row, unescape
from bulkio.sheets._xml import Events, local_name, make_parser, parse_blocks

if TYPE_CHECKING:
    from bulkio.sheets._cell_table import CellTable
    from bulkio.sheets._workbook import Contents

_DIGITS = "0123456789"


def read_cells(stream: IO[bytes], contents: Contents, table: CellTable) -> None:
    """Read all cells of a worksheet part. Raises ValueError or ExpatError for what is no worksheet."""
    from bulkio.sheets._plain_cells import PlainCells  # noqa: PLC0415 - heavy

    reader = _SheetReader(contents, table)
    plain = PlainCells(contents.strings, reader.values, table, reader.prefixes)
    parse_blocks(stream, container="sheetData", element="row", take=plain.take, events=reader.events())
    table.close()


class _SheetReader:
    """Any worksheet part, cell by cell."""

    def __init__(self, contents: Contents, table: CellTable) -> None:
        self.values = CellValues(contents)
        self.prefixes: set[str] = set()  # those declared where the parser stands
        self._contents = contents
        self._table = table
        self._shared_formulas: dict[str, tuple[str, str]] = {}  # by id: the formula, and the cell that holds it

    def events(self) -> Events:  # noqa: C901, PLR0915 - one closure per event, over the same few names
        """The parser."""
        table, contents = self._table, self._contents
        depth = floor = 0  # how many elements are open; how many of them down to the sheet's data
        column = 0
        kind = style = shared = ""
        value: str | None = None
        formula: str | None = None
        inline: list[str] = []
        pieces: list[str] = []
        phonetic = 0

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal depth, floor, column, kind, style, shared, value, formula, phonetic
            depth += 1
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
                    table.begin_row(row, is_hidden=hides_row(attributes))
                    column = 0
                case "f":
                    pieces.clear()
                    shared = attributes.get("si", "") if attributes.get("t") == "shared" else ""
                case "v" | "t":
                    pieces.clear()
                case "rPh":  # how to pronounce it: not part of the text
                    phonetic += 1
                case "sheetData":
                    floor = depth

        def end(tag: str) -> None:
            nonlocal depth, value, formula, phonetic
            depth -= 1
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
                text, fact = self.values.typed(value, kind, style) if value else ("", Fact.BLANK)
            if text:
                table.add(column, text, fact)

        parser = make_parser()
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = pieces.append
        parser.StartNamespaceDeclHandler = lambda prefix, _: self.prefixes.add(prefix)
        parser.EndNamespaceDeclHandler = self.prefixes.discard
        return Events(parser, lambda: 0 < floor == depth)

    def _formula_text(self, formula: str, shared: str, cell: str) -> str:
        """The formula as the user sees it; the others of a shared one are translated from the first."""
        if not formula and shared in self._shared_formulas:
            from openpyxl.formula.translate import Translator  # noqa: PLC0415 - heavy, and hardly ever needed

            text, origin = self._shared_formulas[shared]
            return str(Translator(f"={text}", origin).translate_formula(cell))
        return f"={formula}"
