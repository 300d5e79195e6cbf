"""Write a file whole or not at all: a temporary neighbour, fsync, then rename.

What stood at the path before stays intact until the last instant, whatever happens on the way (a full disk, Ctrl-C, a
power cut, a folder that is not writable).
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from typing import TYPE_CHECKING, BinaryIO

from bulkio.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CLOSE_IT = "Close it in the spreadsheet program, or choose another name."
_REASONS = {
    errno.ENOENT: ("its folder does not exist", "Create the folder first, or choose another one."),
    errno.ENOTDIR: ("its folder does not exist", "Create the folder first, or choose another one."),
    errno.EACCES: ("access is denied", f"It may be open, or the folder may be read-only. {_CLOSE_IT}"),
    errno.EPERM: ("access is denied", f"It may be open, or the folder may be read-only. {_CLOSE_IT}"),
    errno.EBUSY: ("another program holds it", _CLOSE_IT),
    errno.ETXTBSY: ("another program holds it", _CLOSE_IT),
    errno.EROFS: ("the disk is read-only", "Choose a folder on another disk."),
    errno.ENOSPC: ("the disk is full", "Free some space; what was there before is untouched."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space; what was there before is untouched."),
    errno.EFBIG: ("it exceeds the size a file may have here", "Choose another disk, or export fewer records."),
    errno.ENAMETOOLONG: ("its name is too long", "Choose a shorter name."),
}


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream; when the block ends, the file at `path` is what was written to it; if it raises, nothing changed.

    Raises FileError if the path cannot be written, before the block is entered wherever that can be known.
    """
    target = path.resolve()  # through a symbolic link: the link stays, what it points at is replaced
    neighbour, descriptor = _opened_beside(path, target)
    try:
        with _explaining(path), os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        with _explaining(path):
            if target.exists():
                neighbour.chmod(target.stat().st_mode & 0o777)
            neighbour.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            neighbour.unlink()
        raise
    _sync_folder(target.parent)


def refuse_unwritable(path: Path) -> None:
    """Raise now what `replacing` would raise at its beginning; nothing is written. For before a long reading."""
    neighbour, descriptor = _opened_beside(path, path.resolve())
    os.close(descriptor)
    with _explaining(path):
        neighbour.unlink()


def _opened_beside(path: Path, target: Path) -> tuple[Path, int]:
    """A new, empty neighbour of the target, which can be replaced as far as can be known: its path and descriptor."""
    with _explaining(path):
        if target.is_dir():
            msg = f"{path}: cannot write: it is a folder"
            raise FileError(msg, hint="Name a file in it.")
        if target.exists():
            if not target.is_file():
                msg = f"{path}: cannot write: it is not a regular file"
                raise FileError(msg, hint="Name a file, or use - for stdout.")
            if not os.access(target, os.W_OK):
                raise PermissionError(errno.EACCES, "read-only")
            target.open("r+b").close()  # Windows: fails while Excel has it open
        # O_EXCL: nobody can put a link in our way. 0o666: what the umask makes of it, like any file the user saves.
        neighbour = target.with_name(f".{target.name[:80]}.{secrets.token_hex(6)}.tmp")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        return neighbour, os.open(neighbour, flags, 0o666)


@contextlib.contextmanager
def _explaining(path: Path) -> Iterator[None]:
    """Turn what the operating system says about writing `path` into a FileError with a hint."""
    try:
        yield
    except OSError as exc:
        reason, hint = _REASONS.get(exc.errno or 0, (exc.strerror or type(exc).__name__, "Choose another place."))
        msg = f"{path}: cannot write: {reason}"
        raise FileError(msg, hint=hint) from exc


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable. Windows cannot open folders, and some network file systems cannot sync them."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
