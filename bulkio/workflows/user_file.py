"""The file that a person brings back: its sheets by entity, and what it knows of its own export."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bulkio.core.flat import Gathered, gather
from bulkio.core.grid import RawBook, RawSheet, TextFormat
from bulkio.core.headers import COMMAND, NOT_CARRIED_OVER, normalise_header
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.core.rows import SheetRows, read_rows
from bulkio.errors import FileError
from bulkio.sheets.csv import read_csv
from bulkio.sheets.jsonl import read_jsonl
from bulkio.sheets.xlsx_read import read_xlsx
from bulkio.store import baseline as baselines
from bulkio.store import conversion as conversions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bulkio.core.catalogue import Catalogue, Entity
    from bulkio.core.locale import Locale
    from bulkio.store.baseline import Baseline
    from bulkio.store.conversion import ConversionHeader

_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b"
BASELINE_SUFFIX = ".baseline.jsonl.gz"


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


@dataclass(frozen=True, slots=True)
class Piped:
    """A file that came through a pipe: its bytes, and whether they are "csv" or "jsonl"."""

    content: bytes
    file_format: str


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
    content = piped.content if piped else _read_bytes(path)
    typed = True
    companions: list[bytes] = []
    if piped:
        typed = piped.file_format != "csv"
        book = _read_piped(piped, catalogue, encoding=encoding, delimiter=delimiter)
    elif content.startswith(_ZIP) or path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"):
        book = read_xlsx(path)
    elif path.suffix.lower() in (".jsonl", ".ndjson"):
        child_keys = {child.name: child.parent_key for child in catalogue.children}
        book = read_jsonl(path, root=catalogue.root.name, children=child_keys)
    else:
        typed = False
        book = _read_csv_files(path, catalogue, companions, encoding=encoding, delimiter=delimiter)
    issues: list[Issue] = []
    found = _sheets_by_entity(book, catalogue, issues)
    gathered = _gathered(found, catalogue, issues)
    if gathered:
        found = {**found, catalogue.root.name: gathered.root}
    rows = {name: read_rows(catalogue.by_name[name], sheet, locale) for name, sheet in found.items()}
    for name, sheet in found.items():
        issues += rows[name].issues
        issues += _remarks(sheet)
        if lacking := _missing_keys(catalogue.by_name[name], rows[name]):
            issues += lacking  # said once, instead of once a row
            rows[name] = replace(rows[name], frame=rows[name].frame.iloc[:0])
    if gathered:
        rows |= _rows_in_slots(gathered, rows[catalogue.root.name], locale)
    return UserFile(
        path=path,
        sha256=_digest([content, *companions]),
        typed=typed,
        rows=rows,
        baseline=_find_baseline(path, book, base, issues),
        issues=issues,
        conversion=_find_conversion(path, book),
        declared=TextFormat(encoding or "", delimiter or ""),
        is_piped=piped is not None,
    )


def _find_conversion(path: Path, book: RawBook) -> ConversionHeader | None:
    content = book.attachments.get(conversions.ATTACHMENT)
    return conversions.load(content, where=str(path)) if content is not None else None


def _read_piped(piped: Piped, catalogue: Catalogue, *, encoding: str | None, delimiter: str | None) -> RawBook:
    """The root's rows (CSV), or all of it (JSON lines)."""
    source, root = io.BytesIO(piped.content), catalogue.root.name
    if piped.file_format == "csv":
        return RawBook({root: read_csv(source, root, encoding=encoding, delimiter=delimiter)})
    return read_jsonl(source, root=root, children={child.name: child.parent_key for child in catalogue.children})


def digest_of(path: Path, catalogue: Catalogue) -> str:
    """The `sha256` that `open_user_file` would give the file now. Raises FileError if it cannot be read."""
    content = _read_bytes(path)
    is_text = not content.startswith(_ZIP) and path.suffix.lower() not in (".jsonl", ".ndjson")
    return _digest(
        [content, *(_read_bytes(each) for each in (_companions(path, catalogue) if is_text else {}).values())]
    )


def _digest(contents: Sequence[bytes]) -> str:
    digest = hashlib.sha256()
    for content in contents:
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def _companions(path: Path, catalogue: Catalogue) -> dict[str, Path]:
    """The children's files beside a CSV file of the root's (`customers.addresses.csv`), by entity name."""
    names = {
        child.name: path.with_name(f"{path.stem}.{child.name.lower()}{path.suffix}") for child in catalogue.children
    }
    own = any(path.stem.lower().endswith("." + child.name.lower()) for child in catalogue.children)
    return {} if own else {name: beside for name, beside in names.items() if beside.is_file()}


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as exc:
        msg = f"{path}: there is no such file"
        raise FileError(msg, hint="Check the name and the folder.") from exc
    except IsADirectoryError as exc:
        msg = f"{path}: this is a folder, not a file"
        raise FileError(msg) from exc
    except OSError as exc:
        msg = f"{path}: it cannot be read ({exc.strerror or exc})"
        raise FileError(msg) from exc


def _read_csv_files(
    path: Path, catalogue: Catalogue, companions: list[bytes], *, encoding: str | None, delimiter: str | None
) -> RawBook:
    """The file, and the children's files beside it, if it is the root's."""
    for child in catalogue.children:
        if path.stem.lower().endswith("." + child.name.lower()):
            return RawBook({child.name: read_csv(path, child.name, encoding=encoding, delimiter=delimiter)})
    root = catalogue.root.name
    sheets = {root: read_csv(path, root, encoding=encoding, delimiter=delimiter)}
    for name, beside in _companions(path, catalogue).items():
        companions.append(_read_bytes(beside))
        sheets[name] = read_csv(beside, name, encoding=encoding, delimiter=delimiter)
    return RawBook(sheets)


def _sheets_by_entity(book: RawBook, catalogue: Catalogue, issues: list[Issue]) -> dict[str, RawSheet]:
    by_name = {name.strip().casefold(): sheet for name, sheet in book.sheets.items()}
    found = {
        entity.name: by_name[entity.name.casefold()]
        for entity in catalogue.entities
        if entity.name.casefold() in by_name
    }
    if not found:
        found = _by_header(book, catalogue)
    if not found:
        names = ", ".join(repr(name) for name in book.sheets) or "none"
        expected = ", ".join(entity.name for entity in catalogue.entities)
        hint = f"Expected is a sheet named {expected}, or one whose header has {catalogue.root.key_fields[0]}."
        issues.append(
            Issue(code=IssueCode.NO_SHEET, severity=Severity.ERROR, found=names,
                  message=f"no sheet of customers was found (sheets: {names})", hint=hint)
        )  # fmt: skip
    taken = {id(sheet) for sheet in found.values()}
    for name, sheet in book.sheets.items():
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


def _rows_in_slots(gathered: Gathered, root: SheetRows, locale: Locale) -> dict[str, SheetRows]:
    """The children of a flat sheet; none of them where nobody can tell even whose rows these are."""
    is_lost = bool(_missing_keys(root.entity, root))
    rows = {}
    for name, sheet in gathered.children.items():
        read = replace(read_rows(sheet.entity, sheet.raw, locale), slots=sheet.slots)
        rows[name] = replace(read, frame=read.frame.iloc[:0]) if is_lost else read
    return rows


def _is_for_reading(name: str) -> bool:
    """Sheets that we write and never read."""
    return name.casefold() == "read me" or name.startswith(NOT_CARRIED_OVER)


def _by_header(book: RawBook, catalogue: Catalogue) -> dict[str, RawSheet]:
    """A file from elsewhere: the one visible sheet that has a key of the root entity."""
    root = catalogue.root
    keys = {normalise_header(name) for name in (root.id_field, *root.key_fields)}
    fitting = [
        sheet
        for sheet in book.sheets.values()
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


def _find_baseline(path: Path, book: RawBook, base: Path | None, issues: list[Issue]) -> Baseline | None:
    if base is not None:
        return _load_base(base)
    if book.damaged_attachments and baselines.ATTACHMENT not in book.attachments:
        msg = f"{path}: the hidden record of what was exported is damaged"
        raise FileError(msg, hint="Export again and copy your edits over, or name the untouched export with --base.")
    if baselines.ATTACHMENT in book.attachments:
        return baselines.load(book.attachments[baselines.ATTACHMENT], where=str(path))
    # `customers edited.csv` beside `customers.baseline.jsonl.gz`: the longest name that the file's begins with.
    beside = [each for each in sorted(path.parent.glob("*" + BASELINE_SUFFIX)) if _belongs(path, each)]
    if beside:
        nearest = max(beside, key=lambda each: len(each.name))
        return baselines.load(_read_bytes(nearest), where=str(nearest))
    issues.append(
        Issue(code=IssueCode.BASELINE, severity=Severity.NOTICE,
              message="what was exported is not known, so every field that differs from the ERP counts as a change",
              hint="Colleagues' edits cannot be told from yours; look at the plan closely.")
    )  # fmt: skip
    return None


def baseline_of(path: Path) -> Baseline | None:
    """What a file knows of its own export, in it or beside it. Raises FileError if that is damaged."""
    book = read_xlsx(path) if _read_bytes(path).startswith(_ZIP) else RawBook({})
    return _find_baseline(path, book, None, [])


def _load_base(base: Path) -> Baseline:
    """A baseline's own file, or the untouched export that carries one."""
    content = _read_bytes(base)
    if content.startswith(_GZIP):
        return baselines.load(content, where=str(base))
    attached = read_xlsx(base).attachments.get(baselines.ATTACHMENT) if content.startswith(_ZIP) else None
    if attached is None:
        msg = f"{base}: this file does not know what was exported"
        raise FileError(msg, hint="Name the untouched export, or its .baseline.jsonl.gz.")
    return baselines.load(attached, where=str(base))


def _belongs(path: Path, baseline: Path) -> bool:
    return path.name.startswith(baseline.name[: -len(BASELINE_SUFFIX)])


def files_by_sheet(path: Path, catalogue: Catalogue) -> dict[str, Path]:
    """The user's files by entity name: for a workbook all the same, for CSV one each."""
    if path.suffix.lower() == ".csv":
        own = next((c.name for c in catalogue.children if path.stem.lower().endswith("." + c.name.lower())), "")
        return {own or catalogue.root.name: path, **_companions(path, catalogue)}
    return {entity.name: path for entity in catalogue.entities}


def baseline_path(path: Path) -> Path:
    """Where the baseline of an exported file stands that cannot hold it itself."""
    return path.with_name(path.stem + BASELINE_SUFFIX)
