"""The map of the package: what may import what, and where threads, printing, files and other people's libraries live.

Imports point down only:

    cli, web -> account (with its parts: runs, profiles, outputs, plan_files, offline) -> workflows, sandbox
        -> connectors.<erp> -> connectors.protocol, sheets, store, http -> core -> errors

If a test here fails, the type that you want belongs lower; don't widen the map.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parent.parent / "bulkio"

_FLOOR = {"core", "errors"}
_EDGES = {"connectors.protocol", "sheets", "store"}
_BESIDE = {"offline", "outputs", "plan_files", "profiles", "runs"}  # the account's own parts
MAY_IMPORT = {
    "errors": set[str](),
    "core": {"errors"},
    "sheets": _FLOOR,
    "store": _FLOOR,
    "http": _FLOOR,
    "connectors": set(),
    "connectors.protocol": _FLOOR,
    "connectors.registry": {"connectors.protocol", "errors"},
    "connectors.bridges": _FLOOR,  # and the connectors' catalogues
    "connectors.<erp>": {"connectors.protocol", "http"} | _FLOOR,
    "listening": {"errors"},
    "sandbox": {"listening"} | _FLOOR,  # and the connectors' catalogues
    "workflows": _EDGES | _FLOOR,
    "profiles": _FLOOR,
    "schemas": set(),  # the published JSON Schemas
    "runs": {"workflows", "profiles"} | _EDGES | _FLOOR,
    "outputs": {"workflows"} | _EDGES | _FLOOR,
    "plan_files": {"runs", "store"} | _FLOOR,
    "offline": {"outputs", "profiles", "workflows", "connectors.registry"} | _EDGES | _FLOOR,
    "account": {"workflows", "connectors.registry", *_BESIDE} | _EDGES | _FLOOR,
    "conversion": {"account", "connectors.bridges", "profiles", "workflows"} | _EDGES | _FLOOR,
    "web": {"account", "listening", "runs", "profiles", "workflows"} | _FLOOR,
    "": {"account", "conversion", "runs", "profiles"} | _FLOOR,  # bulkio/__init__.py
    "cli": {"", "account", "conversion", "runs", "profiles", "workflows", "web", "sandbox", "store"} | _FLOOR,
    "__main__": {"cli"},
}

#: An error carries issues; it names their type and never makes one.
ANNOTATIONS_ONLY = {("errors", "bulkio.core.issues.Issue")}

_IMPURE = {"asyncio", "concurrent", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets",
           "shutil", "socket", "subprocess", "sys", "tempfile", "threading", "time", "urllib"}  # fmt: skip


@dataclass(frozen=True)
class Module:
    """One file: its path below the package (`core/plan.py`), and its syntax tree."""

    path: str

    @cached_property
    def text(self) -> str:
        return (PACKAGE / self.path).read_text(encoding="utf-8")

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.text)))

    @property
    def part(self) -> str:
        return part_of("bulkio." + self.path.removesuffix(".py").replace("/", ".").removesuffix("__init__"))

    @cached_property
    def imports(self) -> list[str]:
        """Every imported name in full, wherever the import stands: `bulkio.core.plan.Plan`, `httpx`."""
        found = [alias.name for node in self.nodes if isinstance(node, ast.Import) for alias in node.names]
        for node in self.nodes:
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.path}: write imports in full"
                found += [f"{node.module}.{alias.name}" for alias in node.names]
        return found

    @cached_property
    def annotation_imports(self) -> set[str]:
        """What is imported for annotations alone."""
        return {
            f"{inner.module}.{alias.name}"
            for node in self.nodes
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for inner in node.body
            if isinstance(inner, ast.ImportFrom)
            for alias in inner.names
        }


def part_of(dotted: str) -> str:
    """`bulkio.connectors.acme.wire.x` is of `connectors.acme`, `bulkio.core.plan.Plan` of `core`."""
    names = [name for name in dotted.split(".")[1:] if name and name != "__version__"]
    return ".".join(names[:2]) if names[:1] == ["connectors"] else "".join(names[:1])


def erps() -> set[str]:
    return {each.name for each in (PACKAGE / "connectors").iterdir() if (each / "catalogue.py").exists()}


MODULES = [Module(path.relative_to(PACKAGE).as_posix()) for path in sorted(PACKAGE.rglob("*.py"))]
EVERY_MODULE = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.path)


def allowed_parts(part: str) -> set[str]:
    _, _, name = part.partition("connectors.")
    allowed = MAY_IMPORT.get("connectors.<erp>" if name in erps() else part)
    assert allowed is not None, f"{part} is not on the map: say where it stands"
    return allowed | {part}


def breaches(module: Module) -> Iterator[str]:
    """The imports that do not point down."""
    allowed = allowed_parts(module.part)
    for name in module.imports:
        if name.partition(".")[0] != "bulkio" or part_of(name) in allowed:
            continue
        if (module.part, name) in ANNOTATIONS_ONLY and name in module.annotation_imports:
            continue
        is_catalogue = re.fullmatch(rf"bulkio\.connectors\.({'|'.join(erps())})\.catalogue\.\w+", name)
        if not (module.part in ("sandbox", "connectors.bridges") and is_catalogue):
            yield name


@EVERY_MODULE
def test_imports_point_down_only(module: Module) -> None:
    assert list(breaches(module)) == []


def test_the_map_itself_points_down_only() -> None:
    """Nothing on the map can reach itself through what it may import."""

    def reach(part: str, seen: set[str]) -> set[str]:
        for other in MAY_IMPORT[part] - seen:
            seen.add(other)
            reach(other, seen)
        return seen

    assert [part for part in MAY_IMPORT if part in reach(part, set())] == []


def test_only_the_account_asks_the_registry_and_only_the_command_line_starts_the_sandbox() -> None:
    asking = [part for part, allowed in MAY_IMPORT.items() if "connectors.registry" in allowed]
    assert asking == ["offline", "account"]
    assert [part for part, allowed in MAY_IMPORT.items() if "sandbox" in allowed] == ["cli"]


@pytest.mark.parametrize(
    ("library", "homes"),
    [
        ("httpx", ("http/session.py",)),
        ("sqlite3", ("store/", "sandbox/")),
        ("tqdm", ("cli/",)),
        ("click", ("cli/",)),
        ("starlette", ("sandbox/", "web/")),
        ("uvicorn", ("listening.py", "sandbox/connections.py")),
        ("jinja2", ("web/",)),
        ("openpyxl", ("sheets/", "cli/commands/demo.py")),
        ("xlsxwriter", ("sheets/",)),
        ("concurrent", ("workflows/dispatch.py", "sandbox/")),
        ("multiprocessing", ()),
    ],
)
def test_a_library_lives_in_one_place(library: str, homes: tuple[str, ...]) -> None:
    strays = [
        module.path
        for module in MODULES
        if any(name.partition(".")[0] == library for name in module.imports) and not module.path.startswith(homes)
    ]
    assert strays == []


@EVERY_MODULE
def test_threads_are_started_in_one_place_and_others_only_share_locks_and_events(module: Module) -> None:
    if module.path == "workflows/dispatch.py" or module.part == "sandbox":
        return
    used = {name.removeprefix("threading.") for name in module.imports if name.startswith("threading.")}
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "threading":
            used.add(node.attr)
    assert used <= {"Lock", "RLock", "Event"}


@EVERY_MODULE
def test_only_the_command_line_prints(module: Module) -> None:
    prints = [node for node in module.nodes if isinstance(node, ast.Name) and node.id == "print"]
    assert module.part == "cli" or not prints


@EVERY_MODULE
def test_an_erps_name_is_known_to_its_connector_and_its_sandbox_alone(module: Module) -> None:
    if not module.path.startswith(("connectors/", "sandbox/")):
        assert re.findall(r"(?i)unleashed|xentral", module.text) == []


@pytest.mark.parametrize("module", [m for m in MODULES if m.part == "core"], ids=lambda module: module.path)
def test_the_core_is_pure(module: Module) -> None:
    assert {name.partition(".")[0] for name in module.imports} & _IMPURE == set()
    for node in module.nodes:
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called not in ("open", "print", "input")
            assert not called.endswith((".now", ".utcnow", ".today", ".read_text", ".write_text"))


@pytest.mark.parametrize(
    "module",
    [m for m in MODULES if m.part == "core" or (m.path.count("/") > 1 and m.path.startswith("connectors/"))],
    ids=lambda module: module.path,
)
def test_money_is_never_a_float(module: Module) -> None:
    """Seconds may be, at the edges, and percentages; a record's numbers are Decimal from socket to cell."""
    if module.path == "core/rails.py":  # percentages
        return
    names = [node for node in module.nodes if isinstance(node, ast.Name) and node.id == "float"]
    literals = [node for node in module.nodes if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    assert names + literals == []
