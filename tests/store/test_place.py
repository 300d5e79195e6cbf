"""Which folders are no place for a journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from bulkio.store.place import hazard_of

MOUNTS = """\
22 1 259:1 / / rw,relatime shared:1 - ext4 /dev/root rw
31 22 0:45 / /home/ann/share rw,relatime shared:9 - nfs4 server:/export rw,vers=4.2
32 22 0:46 / /mnt/the\\040office rw - cifs //server/office rw
33 22 0:47 / /mnt/c rw - 9p drvfs rw
34 31 259:2 / /home/ann/share/local rw - xfs /dev/sdb1 rw
35 22 0:48 / /media/stick rw - vfat /dev/sdc1 rw
36 22 0:49 / /media/stick rw - fuse.sshfs ann@server: rw
not a line of it
"""


@pytest.mark.parametrize(
    ("folder", "reason"),
    [
        ("/home/ann/.local/share/bulkio", ""),
        ("/home/ann/share", "on a network (nfs4)"),
        ("/home/ann/share/bulkio/runs", "on a network (nfs4)"),
        ("/home/ann/shared", ""),
        ("/home/ann/share/local/bulkio", ""),
        ("/mnt/the office/bulkio", "on a network (cifs)"),
        ("/mnt/c/Users/ann", "on a drive of the host system (9p)"),
        ("/media/stick/bulkio", "on a network (fuse.sshfs)"),
        ("/home/ann/OneDrive/bulkio", "synchronised by OneDrive"),
        ("/home/ann/OneDrive - Acme Ltd/bulkio", "synchronised by OneDrive"),
        ("/Users/ann/Dropbox (Personal)/bulkio", "synchronised by Dropbox"),
        ("/Users/ann/Library/Mobile Documents/bulkio", "synchronised by Mobile Documents"),
        ("/Users/ann/Library/CloudStorage/GoogleDrive-ann/bulkio", "synchronised by CloudStorage"),
        ("/home/ann/Dropboxes/bulkio", ""),
        ("\\\\server\\share\\bulkio", "on a network"),
    ],
)
def test_a_network_and_a_synchronised_folder_are_no_place_for_a_journal(folder: str, reason: str) -> None:
    found = hazard_of(Path(folder), MOUNTS)
    assert found == (f"it is {reason}" if reason else "")


def test_a_folder_that_a_program_marked_as_its_own_is_synchronised(tmp_path: Path) -> None:
    (tmp_path / ".stfolder").mkdir()
    assert hazard_of(tmp_path / "state" / "runs", "") == "it is synchronised by Syncthing"


def test_the_machines_own_mounts_are_read(tmp_path: Path) -> None:
    assert hazard_of(tmp_path) == ""


def test_where_nothing_is_known_nothing_is_said() -> None:
    assert hazard_of(Path("/home/ann"), "") == ""
