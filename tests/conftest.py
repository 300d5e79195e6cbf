"""What holds for the whole suite: no secret is in anything that any of its tests leaves behind.

Searched are all files below pytest's base folder (state folders, journals, plans, exports, logs; unpacked where they
are packed), and what the tests print and log. The key of the tests is as public as that of the sandbox, `sandbox`, and
no word to search for; what is searched for is what it is used for: the signature that every write carries, the headers
that signatures go in, and the keys of tests/faults/test_secrets.py.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import sys
import zipfile
import zlib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bulkio.connectors.unleashed.auth import signature
from bulkio.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    FilesWith = Callable[[Path, Iterable[bytes]], list[str]]

#: A write has no query, so that all writes of one key carry the same signature: it is worth as much as the key.
WRITE_SIGNATURE = signature(Secret("sandbox"), "")
SECRETS = (
    WRITE_SIGNATURE.encode(),
    b"api-auth-signature",
    b"Api-Auth-Signature",
    b"Bearer sandbox",
    b"canary-id-",
    b"canary+key/",
)

_MOST_UNPACKED = 32 * 2**20  # bytes of one packed part; the bombs among the tests' files are larger

_told: set[str] = set()


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The name and bytes of a file, and of what is packed in it."""
    yield name, content
    with contextlib.suppress(OSError, EOFError, RuntimeError, NotImplementedError, zlib.error, zipfile.BadZipFile):
        if content.startswith(b"\x1f\x8b"):
            yield from _unpacked(f"{name}/gz", gzip.GzipFile(fileobj=io.BytesIO(content)).read(_MOST_UNPACKED))
        elif content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for part in archive.infolist():
                    with archive.open(part) as stream:
                        yield from _unpacked(f"{name}/{part.filename}", stream.read(_MOST_UNPACKED))


def _files_with(folder: Path, needles: Iterable[bytes]) -> list[str]:
    wanted = tuple(needles)
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        with contextlib.suppress(PermissionError):
            for name, content in _unpacked(str(path.relative_to(folder)), path.read_bytes()):
                if any(each in content or each in name.encode() for each in wanted):
                    found.append(name)
    return found


@pytest.fixture(scope="session")
def files_with() -> FilesWith:
    """Find the files below a folder in whose name or content, unpacked, one of some words stands."""
    return _files_with


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Search what a test printed and logged."""
    if any(secret in text.encode() for _, text in report.sections for secret in SECRETS):
        _told.add(report.nodeid)


@pytest.fixture(scope="session", autouse=True)
def _no_secret_is_left_anywhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fails the session's last test if any of its tests left a secret behind."""
    yield
    assert _told == set()
    assert _files_with(tmp_path_factory.getbasetemp(), SECRETS) == []


# --- what stories, commands, workflows and the page share ------------------------------------------------------------


def _kit() -> Any:
    """`tests/story/kit.py`; tests are no package, so that it has to be found by its file."""
    name = "bulkio_story_kit"
    if name not in sys.modules:
        place = Path(__file__).resolve().parent / "story" / "kit.py"
        spec = spec_from_file_location(name, place)
        assert spec
        assert spec.loader
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def kit() -> Any:
    """The helpers."""
    return _kit()


@pytest.fixture
def desk(kit: Any, tmp_path: Path) -> Iterator[Any]:
    """A desk of the test's own: twenty awkward customers."""
    with kit.desk_at(tmp_path) as made:
        yield made


@pytest.fixture
def clean(kit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder, in an environment without any configuration."""
    kit.settle(monkeypatch, tmp_path)
    return tmp_path
