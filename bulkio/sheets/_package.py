"""Open an .xlsx as the zip of XML parts that it is, and refuse what is none or means harm, before anything is parsed.

A workbook comes by mail from anywhere. So: no more than 512 MiB once unpacked, unless it is large before (then 20 times
that), no part that unpacks to 200 times its size, no overlapping entries, no document type (entity bombs), no macros.
"""

from __future__ import annotations

import zipfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final
from xml.parsers import expat

from bulkio.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES: Final = 512 * 1024 * 1024  # all parts unpacked; 100,000 customers are about 345 MiB
ORDINARY_RATIO: Final = 20  # beyond that: what is mailed in full harms no more than it says; 400,000 customers have 7
MAX_RATIO: Final = 200  # an ordinary sheet has 10 to 20; deflate itself ends at about 1030
RATIO_FLOOR: Final = 16 * 1024 * 1024  # a part that unpacks to less than this may have any ratio
MAX_ENTRIES: Final = 20_000
_LOCAL_HEADER = 30  # bytes, plus name and extra field

_SAVE_AS = "Open it in a spreadsheet program and save it as .xlsx."
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old .xls workbook, or one that is encrypted with a password",
     "Open it in Excel, remove the password if there is one (File > Info), and save it as .xlsx."),
    (b"%PDF", "a PDF", "Use the workbook that the PDF was made from."),
    (b"{\\rtf", "a text document", _SAVE_AS),
    (b"<", "a web page or XML with the wrong suffix", _SAVE_AS),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first."),
)  # fmt: skip


class Package:
    """An opened, preflighted workbook: its parts by name."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive
        self._names = {name.lower(): name for name in archive.namelist()}

    def has(self, part: str) -> bool:
        """Whether there is such a part; names of parts know no case."""
        return part.lower() in self._names

    @property
    def entries(self) -> list[zipfile.ZipInfo]:
        """All parts, in the order of the archive."""
        return self._archive.infolist()

    def read(self, part: str) -> bytes:
        """All bytes of a part."""
        with self.open(part) as stream:
            return stream.read()

    def open(self, part: str) -> IO[bytes]:
        """The part's bytes, as a stream."""
        name = self._names.get(part.lower())
        if name is None:
            msg = f"{self._path}: damaged: it has no {part}"
            raise FileError(msg, hint=_SAVE_AS)
        return self._archive.open(name)


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """Open and preflight; whatever is wrong with the file, now or while it is read, becomes a one-line FileError."""
    try:
        with path.open("rb") as stream:
            _refuse_other_formats(path, stream.read(64))
            stream.seek(0)
            with zipfile.ZipFile(stream) as archive:
                _preflight(path, archive)
                yield Package(path, archive)
    except _FOREIGN as exc:
        raise _explained(path, exc) from exc


_FOREIGN = (
    OSError,
    EOFError,
    MemoryError,
    RuntimeError,  # zipfile: encrypted, or a compression that it does not know
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    # A part that is XML, but not what a workbook has there. Hostile input must end in one line, not in a traceback.
    ValueError,
    LookupError,  # also: an encoding that there is not
    AttributeError,
    TypeError,
    OverflowError,
)


def _explained(path: Path, exc: BaseException) -> FileError:  # noqa: PLR0911 - a table
    """What went wrong, in one line, and what to do about it."""
    detail = _one_line(exc)
    match exc:
        case FileNotFoundError():
            return FileError(f"{path}: there is no such file", hint="Check the name and the folder.")
        case OSError() if path.is_dir():
            return FileError(f"{path}: this is a folder, not a file", hint="Name the workbook in it.")
        case PermissionError():
            hint = "Close it in the spreadsheet program, or check who may read it."
            return FileError(f"{path}: access is denied", hint=hint)
        case MemoryError():
            hint = "Split it into smaller files, or use .csv."
            return FileError(f"{path}: needs more memory than there is", hint=hint)
        case zipfile.BadZipFile():
            hint = f"It may have been cut off on its way: fetch it again, or o{_SAVE_AS[1:]}"
            return FileError(f"{path}: not a workbook, or damaged ({detail})", hint=hint)
        case expat.ExpatError():
            return FileError(f"{path}: damaged: a part is not well-formed XML ({detail})", hint=_SAVE_AS)
        case OSError() | EOFError() | RuntimeError() | zlib.error():
            return FileError(f"{path}: cannot be read ({detail})", hint=_SAVE_AS)
        case _:
            return FileError(f"{path}: damaged ({type(exc).__name__}: {detail})", hint=_SAVE_AS)


def _one_line(exc: BaseException) -> str:
    return " ".join(str(exc).split())[:160] or type(exc).__name__


def _refuse_other_formats(path: Path, start: bytes) -> None:
    if not start:
        msg = f"{path}: the file is empty"
        raise FileError(msg, hint="Save the workbook again, or export it again.")
    for signature, what, hint in _SIGNATURES:
        if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(signature):
            msg = f"{path}: this is {what}, not an .xlsx workbook"
            raise FileError(msg, hint=hint)
    if not start.startswith(b"PK"):
        hint = "If it is a text file, name it .csv; else save it as .xlsx in a spreadsheet program."
        msg = f"{path}: this is not an .xlsx workbook"
        raise FileError(msg, hint=hint)


def _preflight(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename.lower() for part in parts}
    _refuse_siblings(path, archive, names)
    if len(parts) > MAX_ENTRIES or len(names) != len(parts):
        msg = f"{path}: not a workbook: {len(parts):,} entries, some of them twice or too many"
        raise FileError(msg, hint=_SAVE_AS)
    total = sum(part.file_size for part in parts)
    limit = max(MAX_BYTES, ORDINARY_RATIO * path.stat().st_size)
    if total > limit:
        msg = f"{path}: unpacks to {total // 2**20:,} MiB; the limit is {limit // 2**20:,} MiB"
        raise FileError(
            msg,
            hint="Delete empty formatted rows and unused sheets, or use .csv.",
        )
    for part in parts:
        if part.file_size > RATIO_FLOOR and part.file_size > MAX_RATIO * max(1, part.compress_size):
            ratio = part.file_size // max(1, part.compress_size)
            msg = f"{path}: refused: {part.filename[:80]!a} unpacks to {ratio} times its size"
            raise FileError(
                msg,
                hint="No ordinary workbook does. Delete empty formatted rows, or open it in a spreadsheet program and"
                " copy the cells to a new one.",
            )
        if part.flag_bits & 0x1:
            msg = f"{path}: encrypted"
            raise FileError(msg, hint="Remove the password in Excel (File > Info) and save it again.")
    _refuse_overlaps(path, parts)
    for part in parts:
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            with archive.open(part) as stream:
                _refuse_document_type(path, part.filename, stream)


def _refuse_siblings(path: Path, archive: zipfile.ZipFile, names: set[str]) -> None:
    """Zip files that are workbooks of another kind, or none."""
    if "mimetype" in names and archive.read("mimetype")[:80].startswith(b"application/vnd.oasis"):
        msg = f"{path}: this is an OpenDocument file (.ods)"
        raise FileError(msg, hint=_SAVE_AS)
    if "xl/workbook.bin" in names:
        msg = f"{path}: this is a binary workbook (.xlsb)"
        raise FileError(msg, hint=_SAVE_AS)
    if "encryptedpackage" in names:
        msg = f"{path}: encrypted"
        raise FileError(msg, hint="Remove the password in Excel (File > Info) and save it again.")
    has_macros = any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names)
    if has_macros or path.suffix.lower() in {".xlsm", ".xltm", ".xlam"}:
        msg = f"{path}: this workbook has macros (.xlsm)"
        raise FileError(
            msg,
            hint="Save it as .xlsx, which has none.",
        )
    if "[content_types].xml" not in names:
        msg = f"{path}: this is a zip archive, not an .xlsx workbook"
        raise FileError(msg, hint="Unpack it and name the file in it.")
    for folder, what in (("word/", "a Word document"), ("ppt/", "a presentation")):
        if any(name.startswith(folder) for name in names):
            msg = f"{path}: this is {what}, not an .xlsx workbook"
            raise FileError(msg, hint="Name the workbook.")


def _refuse_overlaps(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    """Entries that share bytes: a bomb of many names over one body (each would pass the ratio)."""
    end = 0
    for part in sorted(parts, key=lambda part: part.header_offset):
        if part.header_offset < end:
            msg = f"{path}: refused: entries of the archive overlap"
            raise FileError(msg, hint=_SAVE_AS)
        end = (
            part.header_offset
            + _LOCAL_HEADER
            + len(part.filename.encode("utf-8", "surrogateescape"))
            + part.compress_size
        )


def _refuse_document_type(path: Path, name: str, stream: IO[bytes]) -> None:
    """No OOXML part has one; a document type can only stand before the root element, so no more than that is read."""

    def refuse(*_: object) -> None:
        msg = f"{path}: refused: {name[:80]!a} declares a document type"
        raise FileError(msg, hint=_SAVE_AS)

    def stop(*_: object) -> None:
        raise StopIteration

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = stop
    try:
        while chunk := stream.read(4096):
            parser.Parse(chunk, False)  # noqa: FBT003 - positional only
    except (StopIteration, expat.ExpatError):
        return  # a part that is not well-formed is reported by whoever needs it
