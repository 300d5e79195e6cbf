"""Is a folder a place for a journal? Not on another machine's disk, nor where a program copies files as they change.

A journal relies on the disk: what was written is there after a power cut, and a lock keeps others out. Over a network
neither is certain (https://www.sqlite.org/wal.html, section 1: "WAL does not work over a network filesystem"), and a
program that synchronises a folder copies a database file by file, and may put an older one back.
"""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath

_MOUNTS = Path("/proc/self/mountinfo")  # Linux only; elsewhere a network is told by its path, where it can be

_NETWORK = {
    "9p": "a drive of the host system",  # Windows drives in WSL
    "afs": "a network",
    "ceph": "a network",
    "cifs": "a network",
    "davfs": "a network",
    "fuse.davfs2": "a network",
    "fuse.gvfsd-fuse": "a network",
    "fuse.rclone": "a network",
    "fuse.sshfs": "a network",
    "glusterfs": "a network",
    "lustre": "a network",
    "ncpfs": "a network",
    "nfs": "a network",
    "nfs4": "a network",
    "smb3": "a network",
    "smbfs": "a network",
    "vboxsf": "a drive of the host system",
}

#: Names of folders, as the programs give them (OneDrive adds " - COMPANY", Dropbox " (Personal)").
_SYNCHRONISED = re.compile(
    r"(?P<program>OneDrive|Dropbox|Google ?Drive|iCloud ?Drive|Nextcloud|ownCloud|Box Sync|CloudStorage"
    r"|Mobile Documents)( [-(].*)?",
    re.IGNORECASE,
)
_MARKS = {".stfolder": "Syncthing", ".dropbox.cache": "Dropbox"}  # files that programs leave in what they synchronise


def hazard_of(folder: Path, mounts: str | None = None) -> str:
    """Why a journal is not safe in the folder, in a few words; "" if nothing is known against it.

    `mounts` are the lines of Linux's mountinfo, the machine's own unless given.
    """
    if str(PureWindowsPath(folder).drive).startswith("\\\\"):
        return "it is on a network"
    whole = folder.absolute()
    for part in whole.parts:
        if found := _SYNCHRONISED.fullmatch(part):
            return f"it is synchronised by {found['program']}"
    for above in (whole, *whole.parents):
        for mark, program in _MARKS.items():
            if (above / mark).exists():
                return f"it is synchronised by {program}"
    kind = _kind_of(whole, _read_mounts() if mounts is None else mounts)
    return f"it is on {_NETWORK[kind]} ({kind})" if kind in _NETWORK else ""


def _read_mounts() -> str:
    try:
        return _MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _kind_of(folder: Path, mounts: str) -> str:
    """The file system that holds the folder: of the mount points above it the nearest, of equals the newest."""
    nearest, kind = -1, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:  # noqa: PLR2004 the fifth is the mount point, see proc(5)
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4]))
        if folder.is_relative_to(point) and len(point.parts) >= nearest:
            nearest, kind = len(point.parts), after.split()[0]
    return kind
