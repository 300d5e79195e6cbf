"""A file as it was read, before a catalogue makes something of it: its raw sheets, and what it knows of its export."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bulkio.core.grid import RawBook, TextFormat
from bulkio.core.issues import Issue, IssueCode, Severity
from bulkio.errors import FileError
from bulkio.sheets.csv import read_csv
from bulkio.sheets.jsonl import read_jsonl
from bulkio.sheets.xlsx_read import read_xlsx
from bulkio.store import baseline as baselines
from bulkio.store import conversion as conversions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bulkio.core.catalogue import Catalogue
    from bulkio.core.grid import RawSheet
    from bulkio.store.baseline import Baseline
    from bulkio.store.conversion import ConversionHeader

_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b"
BASELINE_SUFFIX = ".baseline.jsonl.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedFile:
    """`sheets` by name, in the file's order.

    `sha256` covers everything that was read (all three files of a CSV export). `typed` tells whether the format itself
    says which cells are text: then a text cell is what a person typed, and no program's doing. `conversion` is there if
    `bulkio convert` made the file. `declared` is what was said about a CSV file's encoding and delimiter ("": they were
    recognised), `is_piped` a file that has no name. `is_of_any_erp`: it was read without regard to a catalogue.
    """

    path: Path
    sha256: str
    typed: bool
    sheets: dict[str, RawSheet]
    baseline: Baseline | None
    issues: list[Issue]
    conversion: ConversionHeader | None = None
    declared: TextFormat = field(default_factory=lambda: TextFormat("", ""))
    is_piped: bool = False
    is_of_any_erp: bool = False

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


def open_file(  # noqa: PLR0913 each is a flag of its own
    path: Path,
    catalogue: Catalogue,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    base: Path | None = None,
    piped: Piped | None = None,
) -> OpenedFile:
    """Read the file, or what was piped in its place, and what was exported with it.

    Raises FileError if it cannot be read at all; what its cells hold never raises.
    """
    content = piped.content if piped else _read_bytes(path)
    hashes = [_hashed(content)]
    is_zip = content.startswith(_ZIP)
    del content  # what reads a workbook reads the file, and it may be large
    typed = True
    is_workbook = False
    if piped:
        typed = piped.file_format != "csv"
        book = _read_piped(piped, catalogue, encoding=encoding, delimiter=delimiter)
    elif is_zip or path.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"):
        is_workbook = True
        book = read_xlsx(path)
    elif path.suffix.lower() in (".jsonl", ".ndjson"):
        child_keys = {child.name: child.parent_key for child in catalogue.children}
        book = read_jsonl(path, root=catalogue.root.name, children=child_keys)
    else:
        typed = False
        book = _read_csv_files(path, catalogue, hashes, encoding=encoding, delimiter=delimiter)
    issues: list[Issue] = []
    return OpenedFile(
        path=path,
        sha256=_digest(hashes),
        typed=typed,
        sheets=book.sheets,
        baseline=_find_baseline(path, book, base, issues),
        issues=issues,
        conversion=_find_conversion(path, book),
        declared=TextFormat(encoding or "", delimiter or ""),
        is_piped=piped is not None,
        is_of_any_erp=is_workbook,
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
    """The `sha256` that `open_file` would give the file now. Raises FileError if it cannot be read."""
    content = _read_bytes(path)
    is_text = not content.startswith(_ZIP) and path.suffix.lower() not in (".jsonl", ".ndjson")
    companions = _companions(path, catalogue) if is_text else {}
    return _digest([_hashed(content), *(_hashed(_read_bytes(each)) for each in companions.values())])


def _hashed(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _digest(hashes: Iterable[bytes]) -> str:
    return hashlib.sha256(b"".join(hashes)).hexdigest()


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
    path: Path, catalogue: Catalogue, hashes: list[bytes], *, encoding: str | None, delimiter: str | None
) -> RawBook:
    """The file, and the children's files beside it, if it is the root's; `hashes` grows with them."""
    for child in catalogue.children:
        if path.stem.lower().endswith("." + child.name.lower()):
            return RawBook({child.name: read_csv(path, child.name, encoding=encoding, delimiter=delimiter)})
    root = catalogue.root.name
    sheets = {root: read_csv(path, root, encoding=encoding, delimiter=delimiter)}
    for name, beside in _companions(path, catalogue).items():
        hashes.append(_hashed(_read_bytes(beside)))
        sheets[name] = read_csv(beside, name, encoding=encoding, delimiter=delimiter)
    return RawBook(sheets)


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
