"""A workbook's table of contents: its sheets, its shared strings, which styles are dates, and when its days begin.

Read directly, not through openpyxl: openpyxl deletes every `x005F_` from shared strings (an `ITEMx005F_1` would come
back as `ITEM1`), never decodes `_x000D_`, and reads either formulas or their values, not both, at 4 times the cost. It
stays the judge: the tests read the same files with it and compare.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from bulkio.errors import FileError
from bulkio.sheets._cells import unescape
from bulkio.sheets._xml import Events, local_name, make_parser, parse, parse_blocks, unescape_entities

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bulkio.sheets._package import Package

_RELATION_ID: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)
_DEFAULT_WORKBOOK = "xl/workbook.xml"
#: Of the formats that every program knows (ECMA-376 part 1, 18.8.30).
_DATES: Final = frozenset((*range(14, 23), 45, 46, 47))
_ELAPSED: Final = frozenset((46,))  # [h]:mm:ss
_MAY_BE_DATE = re.compile("[dmhysDMHYS]")
_TRUE = {"1", "true", "on"}


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """A worksheet as the workbook lists it."""

    name: str
    part: str
    is_hidden: bool


@dataclass(slots=True)
class Contents:
    """What the sheets' cells refer to."""

    sheets: list[SheetEntry] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    date_styles: set[str] = field(default_factory=set)  # style numbers, as cells write them
    elapsed_styles: set[str] = field(default_factory=set)
    is_1904: bool = False
    #: The program that wrote it has not calculated it. A cached 0 is then no value: xlsxwriter writes 0 wherever it was
    #: not told what a formula yields. Any other value somebody gave it.
    recalculates: bool = False


def read_contents(package: Package, path: Path) -> Contents:
    """Read everything but the sheets. Raises FileError (through the package) for what is no workbook."""
    contents = Contents()
    workbook = workbook_part(package)
    relations = relations_of(package, workbook)
    contents.sheets = sheet_entries(package, workbook, relations)

    def start(tag: str, attributes: dict[str, str]) -> None:
        match local_name(tag):
            case "workbookPr":
                contents.is_1904 = attributes.get("date1904", "0") in _TRUE
            case "calcPr":
                contents.recalculates = attributes.get("fullCalcOnLoad", "0") in _TRUE

    _parse(package, workbook, start)
    if not contents.sheets:
        msg = f"{path}: the workbook has no worksheet"
        raise FileError(msg, hint="Open it in a spreadsheet program and check.")
    for kind, target in relations.values():
        if kind == "sharedStrings" and package.has(target):
            contents.strings = _shared_strings(package, target)
        elif kind == "styles" and package.has(target):
            _read_styles(package, target, contents)
    return contents


def sheet_entries(package: Package, workbook: str, relations: dict[str, tuple[str, str]]) -> list[SheetEntry]:
    """The worksheets, in the workbook's order."""
    worksheets = {key: target for key, (kind, target) in relations.items() if kind == "worksheet"}
    entries: list[SheetEntry] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if local_name(tag) == "sheet":
            relation = next((attributes[key] for key in _RELATION_ID if key in attributes), "")
            if relation in worksheets:  # else a chart sheet or an old macro sheet: no table
                is_hidden = attributes.get("state", "visible") != "visible"
                entries.append(SheetEntry(unescape(attributes.get("name", "")), worksheets[relation], is_hidden))

    _parse(package, workbook, start)
    return entries


def _parse(
    package: Package,
    part: str,
    start: Callable[[str, dict[str, str]], None],
) -> None:
    parser = make_parser()
    parser.StartElementHandler = start
    with package.open(part) as stream:
        parse(parser, stream)


def relations_of(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """The relations of a part by their id: (kind, target part)."""
    folder, name = posixpath.split(part)
    relations: dict[str, tuple[str, str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if local_name(tag) != "Relationship" or attributes.get("TargetMode") == "External":
            return  # nothing outside the file is ever followed
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = attributes.get("Target", "")
        resolved = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        relations[attributes.get("Id", "")] = (kind, resolved)

    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if package.has(rels):
        _parse(package, rels, start)
    return relations


def workbook_part(package: Package) -> str:
    """The name of the part that lists the sheets."""
    for kind, target in relations_of(package, "").values():
        if kind == "officeDocument":
            return target
    return _DEFAULT_WORKBOOK


_PLAIN_STRING = re.compile(r'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>')


def _shared_strings(package: Package, part: str) -> list[str]:
    """The shared strings: rich text as plain text, without phonetic hints."""
    from bulkio.sheets._plain_block import NotPlainError  # noqa: PLC0415 - heavy
    from bulkio.sheets._plain_text import allowed_text  # noqa: PLC0415

    strings: list[str] = []

    def take(data: bytes) -> bool:
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        try:
            block = allowed_text(data)
        except NotPlainError:
            return False
        found = _PLAIN_STRING.findall(block)
        if block.count("<") != 4 * len(found):
            return False
        if "&" in block or "_x" in block:
            found = [unescape(unescape_entities(text)) for text in found]
        strings.extend(found)
        return True

    with package.open(part) as stream:
        parse_blocks(stream, container="sst", element="si", take=take, events=_string_events(strings))
    return strings


def _string_events(strings: list[str]) -> Events:  # noqa: C901 - three events over the same names
    """Any shared strings, one by one."""
    pieces: list[str] = []
    is_text = False
    depth = floor = phonetic = 0

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal depth, floor, is_text, phonetic
        depth += 1
        match local_name(tag):
            case "t":
                is_text = phonetic == 0
            case "rPh":
                phonetic += 1
            case "si":
                pieces.clear()
            case "sst":
                floor = depth

    def end(tag: str) -> None:
        nonlocal depth, is_text, phonetic
        depth -= 1
        match local_name(tag):
            case "t":
                is_text = False
            case "rPh":
                phonetic -= 1
            case "si":
                strings.append(unescape("".join(pieces)))

    def text(characters: str) -> None:
        if is_text:
            pieces.append(characters)

    parser = make_parser()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    return Events(parser, lambda: 0 < floor == depth)


def _read_styles(package: Package, part: str, contents: Contents) -> None:
    """Which cell styles show a number as a date or a time."""
    formats: dict[int, str] = {}
    style_formats: list[int] = []
    is_cell_style = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal is_cell_style
        match local_name(tag):
            case "numFmt":
                formats[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
            case "cellXfs":
                is_cell_style = True
            case "xf" if is_cell_style:
                style_formats.append(int(attributes.get("numFmtId", "0")))

    def end(tag: str) -> None:
        nonlocal is_cell_style
        if local_name(tag) == "cellXfs":
            is_cell_style = False

    parser = make_parser()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    with package.open(part) as stream:
        parse(parser, stream)
    for number, format_id in enumerate(style_formats):
        code = formats.get(format_id)
        is_date, is_elapsed = _shown_as(code) if code else (format_id in _DATES, format_id in _ELAPSED)
        if is_date:
            contents.date_styles.add(str(number))
            if is_elapsed or format_id in _ELAPSED:
                contents.elapsed_styles.add(str(number))


def _shown_as(code: str) -> tuple[bool, bool]:
    """Whether a number format shows a date or a time, and whether that is one that has elapsed."""
    if _MAY_BE_DATE.search(code) is None or code == "General":
        return False, False
    from openpyxl.styles.numbers import is_date_format, is_timedelta_format  # noqa: PLC0415 - heavy

    return bool(is_date_format(code)), bool(is_timedelta_format(code))
