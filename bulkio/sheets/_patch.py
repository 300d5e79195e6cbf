"""Marks and results put into a workbook by changing only the parts that they concern; all others stay byte for byte.

    [Content_Types], the sheet's relations   new notes
    the sheet                                cells, result columns, filter, what goes with rows that go
    comments, VML                            notes
    styles                                   the cells' own, coloured
    workbook                                 the name of the filter's range, no stale order of calculation

Raises UnpatchableError before the target is touched wherever a file is not understood in full; `annotate.py` then lets
openpyxl write it. Formulas keep the values that were last calculated, pictures and charts stay.
"""

from __future__ import annotations

import posixpath
import re
import shutil
import zipfile
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import IO, TYPE_CHECKING, Final
from xml.parsers import expat

from bulkio.core.grid import Fact
from bulkio.sheets._attachments import to_columns
from bulkio.sheets._cells import column_letter, column_number, escape
from bulkio.sheets._marks import FILLS, TONES, note_of, shown_result, strongest_first
from bulkio.sheets._nodes import Document, UnpatchableError
from bulkio.sheets._package import Package, opened
from bulkio.sheets._patch_notes import Notes
from bulkio.sheets._patch_rows import CHUNK, CellEdit, patched_rows
from bulkio.sheets._patch_sheet import SheetShell, trimmed_table
from bulkio.sheets._patch_styles import Styles
from bulkio.sheets._replace import replacing
from bulkio.sheets._tables import ATTACHMENTS_SHEET, LEVEL
from bulkio.sheets._trim import Trim, bounds, shrunk, spelled
from bulkio.sheets._workbook import relations_of, sheet_entries, workbook_part
from bulkio.sheets._xml import escape_entities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from bulkio.core.grid import RawBook, RawSheet
    from bulkio.sheets._marks import Mark, ResultColumn, Tone, Wanted
    from bulkio.sheets._nodes import Node
    from bulkio.sheets._patch_notes import Place

_RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_EMPTY_RELATIONS: Final = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)
_CONTENT_TYPES: Final = "[Content_Types].xml"
_COMMENTS_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_BOXES_TYPE: Final = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_FILTER_NAME: Final = "_xlnm._FilterDatabase"


@dataclass(slots=True)
class _Job:
    """One sheet that changes, and what becomes of it."""

    raw: RawSheet
    part: str
    shell: SheetShell
    edits: dict[int, dict[int, CellEdit]] = field(default_factory=lambda: defaultdict(dict))
    trim: Trim | None = None


def patch_xlsx(source: Path, target: Path, book: RawBook, wanted: Wanted) -> None:
    """Write `source` (which `book` was read from) to `target`; see `annotate_xlsx`. Raises FileError as well."""
    by_sheet: dict[str, list[Mark]] = defaultdict(list)
    for mark in wanted.marks:
        by_sheet[mark.sheet].append(mark)
    trimmed = [name for name in wanted.keep_rows if name in book.sheets]
    with opened(source) as package:
        with _understanding():
            patch = _Patch(package)
            for name, raw in book.sheets.items():
                patch.add(raw, by_sheet[name], wanted.columns.get(name, ()), wanted.keep_rows.get(name), trimmed)
            patch.refuse_dangling(trimmed)
            if wanted.attachments:
                patch.attach({**book.attachments, **wanted.attachments})
        with replacing(target) as stream, _understanding():
            patch.write(stream)


@contextmanager
def _understanding() -> Iterator[None]:
    """Whatever is not as expected in a file that could be read is for the other way of writing."""
    try:
        yield
    except (ValueError, LookupError, AttributeError, TypeError, expat.ExpatError) as exc:
        raise UnpatchableError from exc


class _Patch:
    """A workbook's parts as they will be."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._parts: dict[str, bytes] = {}  # changed and new ones, by name
        self._dropped: set[str] = set()
        self._jobs: dict[str, _Job] = {}  # by the sheet's part
        self._workbook = workbook_part(package)
        self._relations = relations_of(package, self._workbook)
        self._entries = sheet_entries(package, self._workbook, self._relations)
        self._styles_part = self._target("styles")
        if not package.has(self._styles_part):
            raise UnpatchableError
        self._styles = Styles(package.read(self._styles_part))
        self._names = {entry.filename.lower() for entry in package.entries}

    def add(
        self,
        raw: RawSheet,
        marks: Sequence[Mark],
        columns: Sequence[ResultColumn],
        kept: set[int] | None,
        trimmed: Sequence[str],
    ) -> None:
        """Take in what one sheet gets."""
        entry = next(entry for entry in self._entries if entry.name == raw.name)
        relations = relations_of(self._package, entry.part)
        comments = next((part for kind, part in relations.values() if kind == "comments"), "")
        if not (marks or columns or comments or kept is not None):
            return
        with self._package.open(entry.part) as stream:
            job = _Job(raw, entry.part, SheetShell(stream))
        if kept is not None:
            job.trim = Trim(raw.header_row, max(raw.rows, default=0), kept & set(raw.rows), trimmed)
            if any(kind == "pivotTable" for kind, _ in relations.values()):
                raise UnpatchableError
            job.shell.trim(job.trim)
        boxes_part = relations.get(job.shell.legacy_drawing, ("", ""))[1]
        notes = Notes(
            self._package.read(comments) if comments else None, self._package.read(boxes_part) if boxes_part else None
        )
        texts = self._mark(job, marks, notes)
        last = self._fill(job, columns)
        has_tables = any(kind == "table" for kind, _ in relations.values())
        self._filter(job, last, extend=bool(columns) and not has_tables)
        for kind, part in relations.values():
            if kind == "table" and job.trim:
                self._parts[part] = trimmed_table(self._package.read(part), job.trim)
        if texts or comments:
            row_of = job.trim.row_of if job.trim else _same
            parts = notes.rewritten(texts, row_of)
            self._write_notes(job, parts.comments, parts.boxes, comments, boxes_part)
        widest = max([last, *(column for edits in job.edits.values() for column in edits)], default=0)
        job.shell.set_dimension(widest, max(job.edits, default=0), trim=job.trim)
        overwritten = {column_number(c.letter) for c in raw.columns if Fact.UNCACHED in c.facts}
        overwritten |= {column_number(letter) for _, letter in raw.formulas}
        if job.trim or overwritten & {column for edits in job.edits.values() for column in edits}:
            self._drop_calculation_order()
        self._jobs[entry.part] = job

    # --- cells -------------------------------------------------------------------------------------------------------

    def _mark(self, job: _Job, marks: Iterable[Mark], notes: Notes) -> dict[Place, str]:
        """Colour the cells; the notes to hang on them."""
        by_cell: dict[Place, list[Mark]] = defaultdict(list)
        for mark in marks:
            row, column = mark.row or job.raw.header_row, column_number(mark.letter) or 1
            by_cell[job.shell.shown_cell(row, column)].append(mark)
        for row, column in notes.ours - set(by_cell):
            job.edits[row][column] = partial(self._unfilled, job.shell.column_style(column))
        for (row, column), found in by_cell.items():
            colour = FILLS[strongest_first(found)[0].severity]
            job.edits[row][column] = partial(self._filled, colour, job.shell.column_style(column))
        return {place: note_of(found) for place, found in by_cell.items()}

    def _filled(self, colour: str, below: str, reference: str, style: str | None, cell: str | None) -> str:
        return _restyled(reference, cell, self._styles.filled(below if style is None else style, colour))

    def _unfilled(self, below: str, reference: str, style: str | None, cell: str | None) -> str:
        if style is None:
            return ""
        return _restyled(reference, cell, self._styles.unfilled(style, below, FILLS.values()))

    def _fill(self, job: _Job, columns: Sequence[ResultColumn]) -> int:
        """Fill the result columns, new ones behind the last used column; the last column then."""
        raw = job.raw
        numbers = {column.header: column_number(column.letter) for column in raw.columns}
        last = max(numbers.values(), default=0)
        widths = {}
        for column in columns:
            is_new = column.header not in numbers
            if is_new:
                last += 1
                numbers[column.header] = last
                widths[last] = column.width
                job.edits[raw.header_row][last] = partial(self._header, column.header)
            number = numbers[column.header]
            below = job.shell.column_style(number)
            for row in raw.rows:
                value = column.values.get(row, "")
                if value or not (is_new or column.is_partial):
                    before = job.edits[row].get(number)
                    job.edits[row][number] = partial(self._result, value, column.tones.get(row), below, before)
        job.shell.set_widths(widths)
        return last

    def _header(self, header: str, reference: str, style: str | None, cell: str | None) -> str:  # noqa: ARG002
        return _text_cell(reference, self._styles.header(), escape(header))

    def _result(  # noqa: PLR0913, PLR0917 - what it says, on what it stands, and where
        self,
        value: str,
        tone: Tone | None,
        below: str,
        before: CellEdit | None,
        reference: str,
        style: str | None,
        cell: str | None,
    ) -> str:
        if before is not None:  # a mark: its colour stays
            marked = before(reference, style, cell)
            found = re.search(r'\ss="([0-9]+)"', marked)
            style = found[1] if found else style
        elif style is None and not value:
            return ""
        if cell is not None and 't="shared"' in cell and "ref=" in cell:
            raise UnpatchableError  # other cells share its formula
        result = self._styles.result(below if style is None else style)
        if tone is not None:
            result = self._styles.filled(result, tone.value)
        elif before is None:  # the colour of an earlier result goes with it
            result = self._styles.unfilled(result, below, TONES)
        return _text_cell(reference, result, shown_result(value))

    def _filter(self, job: _Job, last: int, *, extend: bool) -> None:
        """Filter over the result columns too, and over no more than the rows that are left."""
        raw, before = job.raw, job.shell.filter_reference
        reference = before
        if extend:
            left, top, right, bottom = 1, raw.header_row, last, max(raw.rows, default=raw.header_row)
            if before and bounds(before)[1] == top:
                old = bounds(before)
                left, right, bottom = old[0], max(right, old[2]), max(bottom, old[3])
            reference = spelled(left, top, right, bottom)
        if job.trim and reference:
            reference = shrunk(reference, job.trim.new_last_row)
        if reference and (reference != before or job.trim):
            job.shell.set_filter(reference, emptied=job.trim is not None)
            self._name_filter(job.part, reference)

    def attach(self, attachments: Mapping[str, bytes]) -> None:
        """Write what travels in the workbook anew; one that carries nothing stays without."""
        entry = next((entry for entry in self._entries if entry.name == ATTACHMENTS_SHEET), None)
        if entry is None:
            return
        with self._package.open(entry.part) as stream:
            shell = SheetShell(stream)
        columns = to_columns(attachments)
        height = max(map(len, columns))
        shell.set_dimension(len(columns), height, trim=None)
        styles = [shell.column_style(number) for number in range(1, len(columns) + 1)]
        rows = []
        for row in range(1, height + 1):
            cells = [
                _text_cell(f"{column_letter(number)}{row}", styles[number - 1], escape(column[row - 1]))
                for number, column in enumerate(columns, start=1)
                if row <= len(column)
            ]
            rows.append(f'<row r="{row}">{"".join(cells)}</row>')
        head, tail = shell.split()
        self._parts[entry.part] = head + "".join(rows).encode() + tail

    # --- other parts -------------------------------------------------------------------------------------------------

    def _target(self, kind: str) -> str:
        return next((part for each, part in self._relations.values() if each == kind), "")

    def _document(self, part: str, default: bytes | None = None) -> Document:
        content = self._parts.get(part)
        if content is None:
            content = default if default is not None and not self._package.has(part) else self._package.read(part)
        return Document(content)

    def _name_filter(self, part: str, reference: str) -> None:
        """Excel keeps the filter's range as a hidden name, too."""
        document = self._document(self._workbook)
        names = document.root.child("definedNames")
        sheets = document.root.child("sheets")
        if names is None or sheets is None:
            return
        at = next((at for at, sheet in enumerate(sheets.children) if self._part_of(sheet) == part), -1)
        for name in names.children:
            if name.attributes.get("name") == _FILTER_NAME and name.attributes.get("localSheetId") == str(at):
                prefix = document.text(name).rpartition("!")[0]
                left, top, right, bottom = bounds(reference)
                area = f"${column_letter(left)}${top}:${column_letter(right)}${bottom}"
                document.replace(name.inner, name.inner_end, f"{prefix}!{area}")
        self._parts[self._workbook] = document.changed()

    def _part_of(self, sheet: Node) -> str:
        relation = next((value for name, value in sheet.attributes.items() if name.rpartition(":")[2] == "id"), "")
        return self._relations.get(relation, ("", ""))[1]

    def _drop_calculation_order(self) -> None:
        """It lists cells with formulas that may be gone; programs make it anew."""
        part = self._target("calcChain")
        if not part or part in self._dropped:
            return
        self._dropped.add(part)
        types = self._document(_CONTENT_TYPES)
        for node in types.root.children:
            if node.attributes.get("PartName", "").lstrip("/").lower() == part.lower():
                types.replace_node(node)
        self._parts[_CONTENT_TYPES] = types.changed()
        folder, name = posixpath.split(self._workbook)
        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        document = self._document(relations)
        for node in document.root.children:
            if node.attributes.get("Type", "").endswith("/calcChain"):
                document.replace_node(node)
        self._parts[relations] = document.changed()

    def _write_notes(self, job: _Job, comments: bytes, boxes: bytes, comments_part: str, boxes_part: str) -> None:
        folder, name = posixpath.split(job.part)
        relations_part = posixpath.join(folder, "_rels", f"{name}.rels")
        relations = self._document(relations_part, _EMPTY_RELATIONS)
        types = self._document(_CONTENT_TYPES)
        if relations.root.name != "Relationships" or types.root.name != "Types":
            raise UnpatchableError
        if not boxes_part:
            boxes_part = self._free_name("xl/drawings/vmlDrawing{}.vml")
            relation = self._relate(relations, "vmlDrawing", boxes_part)
            job.shell.add_legacy_drawing(relation)
            if not any(node.attributes.get("Extension", "").lower() == "vml" for node in types.root.all("Default")):
                types.replace(
                    types.root.inner, types.root.inner, f'<Default Extension="vml" ContentType="{_BOXES_TYPE}"/>'
                )
        if not comments_part:
            comments_part = self._free_name("xl/comments{}.xml")
            self._relate(relations, "comments", comments_part)
            types.append(types.root, f'<Override PartName="/{comments_part}" ContentType="{_COMMENTS_TYPE}"/>')
        self._parts[relations_part] = relations.changed()
        self._parts[_CONTENT_TYPES] = types.changed()
        self._parts[comments_part] = comments
        self._parts[boxes_part] = boxes

    def _free_name(self, pattern: str) -> str:
        number = next(n for n in range(1, 1 << 20) if pattern.format(n).lower() not in self._names)
        name = pattern.format(number)
        self._names.add(name.lower())
        return name

    @staticmethod
    def _relate(relations: Document, kind: str, part: str) -> str:
        taken = {node.attributes.get("Id", "").lower() for node in relations.root.children}
        identity = next(name for n in range(1, 1 << 20) if (name := f"bulkio_{kind}{n}").lower() not in taken)
        relations.append(relations.root, f'<Relationship Id="{identity}" Type="{_RELATION}/{kind}" Target="/{part}"/>')
        return identity

    # --- the file ----------------------------------------------------------------------------------------------------

    def refuse_dangling(self, trimmed: Sequence[str]) -> None:
        """Raise UnpatchableError if a formula elsewhere looks at a sheet whose rows go."""
        if not trimmed:
            return
        names = "|".join(re.escape(escape_entities(name)).replace("'", "(?:''|&apos;&apos;)") for name in trimmed)
        looks = re.compile(rf"<f\b[^<]*(?:{names})'?!".encode())
        for entry in self._entries:
            if entry.name not in trimmed and looks.search(self._package.read(entry.part)):
                raise UnpatchableError

    def write(self, stream: IO[bytes]) -> None:
        """Write all parts: those that do not change as they are."""
        changed = {name.lower(): content for name, content in self._parts.items()}
        jobs = {part.lower(): job for part, job in self._jobs.items()}
        dropped = {part.lower() for part in self._dropped}
        last = self._styles_part.lower()  # complete only when all sheets are written
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
            for entry in self._package.entries:
                name = entry.filename.lower()
                if name in dropped or name == last:
                    continue
                if name in jobs:
                    self._write_sheet(archive, entry, jobs[name])
                elif name in changed:
                    archive.writestr(_like(entry), changed.pop(name), compresslevel=LEVEL)
                else:
                    with self._package.open(entry.filename) as part, archive.open(_like(entry), "w") as copied:
                        shutil.copyfileobj(part, copied, CHUNK)
            for name, content in self._parts.items():
                if name.lower() in changed:
                    archive.writestr(name, content)
            archive.writestr(self._styles_part, self._styles.changed())

    def _write_sheet(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, job: _Job) -> None:
        head, tail = job.shell.split()
        with self._package.open(entry.filename) as part, archive.open(_like(entry), "w") as out:
            part.read(job.shell.head_length)
            out.write(head)
            rows = part if job.shell.has_rows else _NoRows()
            for block in patched_rows(rows, job.edits, job.trim, sorted(job.edits)):  # type: ignore[arg-type]
                out.write(block)
            out.write(tail)


class _NoRows:
    """`<sheetData/>` as a stream that stands behind its opening."""

    def read(self, _: int = -1) -> bytes:
        return b"</sheetData>"


def _like(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """An entry of the same name and date, deflated."""
    copied = zipfile.ZipInfo(entry.filename, entry.date_time)
    copied.compress_type = zipfile.ZIP_DEFLATED
    copied._compresslevel = LEVEL  # type: ignore[attr-defined]  # noqa: SLF001 - `open` takes none
    copied.external_attr = entry.external_attr
    return copied


def _same(row: int) -> int:
    return row


def _restyled(reference: str, cell: str | None, style: str) -> str:
    if cell is None:
        return f'<c r="{reference}" s="{style}"/>'
    end = cell.index(">")
    tag = cell[:end]
    if ' s="' in tag:
        return re.sub(r'\ss="[0-9]*"', f' s="{style}"', tag, count=1) + cell[end:]
    head, closing = (tag[:-1].rstrip(), "/") if tag.endswith("/") else (tag, "")
    return f'{head} s="{style}"{closing}{cell[end:]}'


def _text_cell(reference: str, style: str, text: str) -> str:
    if not text:
        return f'<c r="{reference}" s="{style}"/>'
    escaped = escape_entities(text)
    return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escaped}</t></is></c>'
