"""What holds for the whole suite: how many processes run it, and no secret is in anything that its tests leave behind.

Searched are all files below the base folder of each of the processes (state folders, journals, plans, exports, logs;
unpacked where they are packed), and what every test prints and logs. The key of the tests is as public as that of the
sandbox, `sandbox`, and no word to search for; what is searched for is what it is used for: the signature that every
write carries, the headers that signatures go in, and the keys of tests/faults/test_secrets.py.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import sys
import zipfile
import zlib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from bulkio.connectors.unleashed.auth import signature
from bulkio.core.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

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
_MOST_PROCESSES = 8  # more would wait for the longest tests

# An example may take as long as a busy machine makes it take.
hypothesis.settings.register_profile(
    "unhurried",
    parent=hypothesis.settings(),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("unhurried")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A process per processor for the suite or a folder of it; none beside this one, which begins at once, for less."""
    named = config.args if config.args_source is config.ArgsSource.ARGS else ()
    is_all_files = bool(named) and not any(Path(each).is_dir() for each in named)
    if is_all_files or config.option.keyword or config.option.capture == "no":
        return 0
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, _MOST_PROCESSES) if count > 1 else 0


def pytest_make_parametrize_id(val: object) -> str | None:
    """What is packed holds the time at which it was packed, and all processes must know a test by the same name."""
    return "packed" if isinstance(val, bytes) and val.startswith((b"\x1f\x8b", b"PK")) else None


# --- no secret is left ------------------------------------------------------------------------------------------------


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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that printed or logged a secret: what it printed from first to last is known at its end."""
    report = yield
    if report.when == "teardown" and any(secret in text.encode() for _, text in report.sections for secret in SECRETS):
        report.outcome = "failed"
        report.longrepr = "A secret is in what it printed or logged."
    return report


@pytest.fixture(scope="session", autouse=True)
def _no_secret_is_left_anywhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fails the last test of each process if any of the process's tests left a secret behind."""
    yield
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
