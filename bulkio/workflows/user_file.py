"""The file that a person brings back: its sheets by entity, and what it knows of its own export."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bulkio.core.flat import Gathered, gather
from bulkio.core.grid import TextFormat
from bulkio.core.headers import COMMAND, NOT_CARRIED_OVER, normalise_header
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.rows import SheetRows, read_rows
from bulkio.workflows.opened_file import open_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from bulkio.core.catalogue import Catalogue, Entity
    from bulkio.core.grid import RawSheet
    from bulkio.core.locale import Locale
    from bulkio.store.baseline import Baseline
    from bulkio.store.conversion import ConversionHeader
    from bulkio.workflows.opened_file import OpenedFile, Piped


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFile:
    """`rows` by entity name (only those that the file has), in the catalogue's order.

    `sha256` covers everything that was read (all three files of a CSV export). `typed` tells whether the format itself
    says which cells are text: then a text cell is what a person typed, and no program's doing. `conversion` is there if
    `bulkio convert` made the file. `declared` is what was said about a CSV file's encoding and
    delimiter ("": they were recognised), `is_piped` a file that has no name.
    """

    path: Path
    sha256: str
    typed: bool
    rows: dict[str, SheetRows]
    baseline: Baseline | None
    issues: list[Issue] = field(default_factory=list)
    conversion: ConversionHeader | None = None
    declared: TextFormat = field(default_factory=lambda: TextFormat("", ""))
    is_piped: bool = False

    @property
    def erp(self) -> str:
        """The ERP that the file says it is for, "" if it says nothing."""
        if self.baseline:
            return self.baseline.header.erp
        return self.conversion.target_erp if self.conversion else ""


def open_user_file(  # noqa: PLR0913 each is a flag of its own
    path: Path,
    catalogue: Catalogue,
    *,
    locale: Locale,
    encoding: str | None = None,
    delimiter: str | None = None,
    base: Path | None = None,
    piped: Piped | None = None,
) -> UserFile:
    """Read and parse the file, or what was piped in its place.

    Raises FileError if it cannot be read at all; what its cells hold never raises.
    """
    opened = open_file(path, catalogue, encoding=encoding, delimiter=delimiter, base=base, piped=piped)
    return parse_file(opened, catalogue, locale)


def parse_file(opened: OpenedFile, catalogue: Catalogue, locale: Locale) -> UserFile:
    """Make rows of the sheets of a file that was read."""
    issues: list[Issue] = []
    exported = opened.baseline.frames if opened.baseline else {}
    found = _sheets_by_entity(opened.sheets, catalogue, issues)
    gathered = _gathered(found, catalogue, issues)
    if gathered:
        found = {**found, catalogue.root.name: gathered.root}
    rows = {
        name: read_rows(catalogue.by_name[name], sheet, locale, exported.get(name)) for name, sheet in found.items()
    }
    for name, sheet in found.items():
        issues += rows[name].issues
        issues += _remarks(sheet)
        if lacking := _missing_keys(catalogue.by_name[name], rows[name]):
            issues += lacking  # said once, instead of once a row
            rows[name] = replace(rows[name], frame=rows[name].frame.iloc[:0])
    if gathered:
        rows |= _rows_in_slots(gathered, rows[catalogue.root.name], locale, exported)
    return UserFile(
        path=opened.path,
        sha256=opened.sha256,
        typed=opened.typed,
        rows=rows,
        baseline=opened.baseline,
        issues=[*issues, *opened.issues],
        conversion=opened.conversion,
        declared=opened.declared,
        is_piped=opened.is_piped,
    )


def _sheets_by_entity(sheets: Mapping[str, RawSheet], catalogue: Catalogue, issues: list[Issue]) -> dict[str, RawSheet]:
    by_name = {name.strip().casefold(): sheet for name, sheet in sheets.items()}
    found = {
        entity.name: by_name[entity.name.casefold()]
        for entity in catalogue.entities
        if entity.name.casefold() in by_name
    }
    if not found:
        found = _by_header(sheets, catalogue)
    if not found:
        names = ", ".join(repr(name) for name in sheets) or "none"
        expected = ", ".join(entity.name for entity in catalogue.entities)
        hint = f"Expected is a sheet named {expected}, or one whose header has {catalogue.root.key_fields[0]}."
        issues.append(
            Issue(code=IssueCode.NO_SHEET, severity=Severity.ERROR, found=names,
                  message=f"no sheet of customers was found (sheets: {names})", hint=hint)
        )  # fmt: skip
    taken = {id(sheet) for sheet in found.values()}
    for name, sheet in sheets.items():
        if id(sheet) not in taken and not sheet.hidden and not _is_for_reading(name) and sheet.rows:
            issues.append(
                Issue(code=IssueCode.UNKNOWN_SHEET, severity=Severity.NOTICE, sheet=name,
                      message="this sheet is none of ours and is left alone")
            )  # fmt: skip
    return found


def _gathered(found: dict[str, RawSheet], catalogue: Catalogue, issues: list[Issue]) -> Gathered | None:
    """The root's sheet taken apart, if it is a flat one; in a file that mixes the two layouts, its sheets count."""
    if catalogue.root.name not in found:
        return None
    gathered = gather(catalogue, found[catalogue.root.name])
    issues += gathered.issues
    sheets = [found[child.name].name for child in catalogue.children if child.name in found]
    if not gathered.children or not sheets:
        return gathered
    headers = [sheet.slots[0].title + ": ..." for sheet in gathered.children.values()]
    message = f"the columns {' and '.join(headers)} and the sheet {' and '.join(sheets)} cannot both count"
    issues.append(
        Issue(code=IssueCode.MIXED_LAYOUT, severity=Severity.ERROR, sheet=gathered.root.name, message=message,
              hint=f"Delete these columns, or {' and '.join(sheets)} (of CSV files: the file beside this one).")
    )  # fmt: skip
    return Gathered(gathered.root)


def _rows_in_slots(
    gathered: Gathered, root: SheetRows, locale: Locale, exported: Mapping[str, pd.DataFrame]
) -> dict[str, SheetRows]:
    """The children of a flat sheet; none of them where nobody can tell even whose rows these are."""
    is_lost = bool(_missing_keys(root.entity, root))
    rows = {}
    for name, sheet in gathered.children.items():
        read = replace(read_rows(sheet.entity, sheet.raw, locale, exported.get(name)), slots=sheet.slots)
        rows[name] = replace(read, frame=read.frame.iloc[:0]) if is_lost else read
    return rows


def _is_for_reading(name: str) -> bool:
    """Sheets that we write and never read."""
    return name.casefold() == "read me" or name.startswith(NOT_CARRIED_OVER)


def _by_header(sheets: Mapping[str, RawSheet], catalogue: Catalogue) -> dict[str, RawSheet]:
    """A file from elsewhere: the one visible sheet that has a key of the root entity."""
    root = catalogue.root
    keys = {normalise_header(name) for name in (root.id_field, *root.key_fields)}
    fitting = [
        sheet
        for sheet in sheets.values()
        if not sheet.hidden and keys & {normalise_header(column.header) for column in sheet.columns}
    ]
    return {root.name: fitting[0]} if len(fitting) == 1 else {}


def _remarks(sheet: RawSheet) -> list[Issue]:
    """What a reader of the sheet may not see."""
    remarks = []
    if hidden := len(sheet.hidden_rows & set(sheet.rows)):
        message = f"{hidden} rows are hidden or filtered out; they are read like all others"
        remarks.append(Issue(code=IssueCode.HIDDEN_ROWS, severity=Severity.NOTICE, sheet=sheet.name, message=message))
    if sheet.hidden:
        remarks.append(
            Issue(code=IssueCode.HIDDEN_ROWS, severity=Severity.WARNING, sheet=sheet.name,
                  message="the whole sheet is hidden; it is read all the same")
        )  # fmt: skip
    if sheet.formulas:
        message = f"{len(sheet.formulas)} cells are formulas; the value that was last calculated is used"
        remarks.append(Issue(code=IssueCode.FORMULA, severity=Severity.NOTICE, sheet=sheet.name, message=message))
    return remarks


def _missing_keys(entity: Entity, rows: SheetRows) -> list[Issue]:
    """A sheet whose rows cannot be told apart."""
    have = set(rows.columns) - {COMMAND}
    identified = entity.id_field in have or bool(have & set(entity.key_fields))
    if identified and (not entity.parent_key or entity.parent_key in have or entity.id_field in have):
        return []
    wanted = f"{entity.parent_key} and {' or '.join((entity.id_field, *entity.key_fields))}"
    if not entity.parent_key:
        wanted = " or ".join((entity.id_field, *entity.key_fields))
    return [
        Issue(code=IssueCode.NO_KEY, severity=Severity.ERROR, sheet=rows.sheet,
              message="no column says which record a row is", hint=f"Add the column {wanted}.")
    ]  # fmt: skip
