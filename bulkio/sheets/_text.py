"""Bytes of a text file to text, strictly: nothing is replaced, nothing is dropped."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bulkio.errors import FileError

if TYPE_CHECKING:
    from typing import BinaryIO

MAX_BYTES: Final = 1024 * 1024 * 1024

_UTF16_SAMPLE = 4096
_UTF16_SHARE = 0.6  # of the high bytes are NUL in UTF-16 of a western language's table; in no 8-bit text is one
_MARKS = (
    # UTF-32's little-endian mark begins with UTF-16's, so it comes first.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def name_of(source: Path | BinaryIO) -> str:
    """What to call the source in messages."""
    if isinstance(source, Path):
        return str(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) and name else "input"


def read_bytes(source: Path | BinaryIO) -> bytes:
    """All bytes of a file or stream. Raises FileError."""
    label = name_of(source)
    try:
        if isinstance(source, Path):
            if source.is_dir():
                msg = f"{label}: this is a folder, not a file"
                raise FileError(msg, hint="Name the file in it.")
            with source.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
        else:
            content = source.read(MAX_BYTES + 1)
    except FileNotFoundError as exc:
        msg = f"{label}: there is no such file"
        raise FileError(msg, hint="Check the name and the folder.") from exc
    except OSError as exc:
        msg = f"{label}: cannot be read ({exc.strerror})"
        raise FileError(msg, hint="Close it elsewhere, or check its rights.") from exc
    if len(content) > MAX_BYTES:
        msg = f"{label}: larger than {MAX_BYTES // 2**20:,} MiB"
        raise FileError(msg, hint="Split the file.")
    if not content:
        msg = f"{label}: the file is empty"
        raise FileError(msg, hint="Save or export it again.")
    return content


def decoded(content: bytes, label: str, encoding: str | None) -> tuple[str, str]:
    """The text, and the codec that it was decoded with. Raises FileError, naming the line, if a byte does not fit."""
    codec = _known(encoding, label) if encoding else _detected(content)
    try:
        # utf-8-sig also where the user says utf-8: a mark at the start is no part of the first header.
        text = content.decode("utf-8-sig" if codec == "utf-8" else codec)
    except (UnicodeDecodeError, ValueError) as exc:
        at = exc.start if isinstance(exc, UnicodeDecodeError) else 0
        line = content.count(b"\n", 0, at) + 1
        byte = content[at] if at < len(content) else 0
        msg = f"{label}: line {line}: byte 0x{byte:02X} is not {codec}"
        raise FileError(
            msg,
            hint="Give the encoding that the file was saved in, for instance --encoding cp1252 or utf-8.",
        ) from exc
    return text.removeprefix("\ufeff"), codec


def _known(encoding: str, label: str) -> str:
    try:
        found = codecs.lookup(encoding)
    except (LookupError, ValueError):
        found = None
    if found is None or not found._is_text_encoding:  # noqa: SLF001 - the only way to tell `rot13` and `zip` apart
        hint = "Use utf-8, cp1252, iso-8859-1, utf-16 or another encoding that Python knows."
        msg = f"{label}: there is no encoding {encoding!r}"
        raise FileError(msg, hint=hint)
    return found.name


def _detected(content: bytes) -> str:
    """BOM, then UTF-8 if all of it is, then UTF-16 by its NUL bytes, else Windows-1252.

    No statistics: detectors take three lines of German for code page 852. UTF-8 is not mistaken for anything else, and
    of the 8-bit code pages Windows-1252 is what Excel writes in western Europe, the Americas and Oceania. Users
    elsewhere say --encoding; what was taken is always shown.
    """
    for mark, codec in _MARKS:
        if content.startswith(mark):
            return codec
    sample = content[:_UTF16_SAMPLE]
    for codec, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if high and high.count(0) >= _UTF16_SHARE * len(high):
            return codec
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
