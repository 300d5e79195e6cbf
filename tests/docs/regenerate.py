"""`python tests/docs/regenerate.py` writes whatever is derived: docs/commands.md, templates/ and sample_data/.

A file whose content is as it should be is left alone, so that running it twice changes nothing. The tests beside this
file fail where one of them is stale.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

from make_commands import commands_page
from make_samples import OPTIONS, PORT, SAMPLES, cells_of, sample_plan, write_edited, write_exports
from make_templates import template_folder, write_templates

from bulkio.account import dump_plan, open_sandbox
from bulkio.connectors.registry import known
from bulkio.sandbox import running

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ROOT / "docs" / "commands.md"


def main() -> None:
    """Write what is stale."""
    for name in [name for name in os.environ if name.startswith("BULKIO_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        (fresh / "commands.md").write_text(commands_page(), encoding="utf-8")
        _take(fresh / "commands.md", COMMANDS)
        for erp in known():
            (fresh / erp).mkdir()
            write_templates(erp, fresh / erp)
            for file in sorted((fresh / erp).iterdir()):
                _take(file, template_folder(erp) / file.name)
        _refresh_samples(fresh / "samples")


def _refresh_samples(fresh: Path) -> None:
    (fresh / "csv").mkdir(parents=True)
    SAMPLES.joinpath("csv").mkdir(parents=True, exist_ok=True)
    with (
        running(replace(OPTIONS, port=PORT)) as sandbox,
        tempfile.TemporaryDirectory() as state,
        open_sandbox(sandbox.url, state_dir=Path(state)) as account,
    ):
        write_exports(account, fresh)
        stored = SAMPLES / "customers.xlsx"
        if _is_stale(stored, fresh):
            _take(fresh / "customers.xlsx", stored)
            for file in sorted((fresh / "csv").iterdir()):
                _take(file, SAMPLES / "csv" / file.name)
        write_edited(stored, fresh)
        for name in ("customers-edited.xlsx", "customers-mistakes.xlsx"):
            if _is_stale(SAMPLES / name, fresh):
                _take(fresh / name, SAMPLES / name)
        (fresh / "plan.json").write_bytes(dump_plan(sample_plan(account, SAMPLES)) + b"\n")
        _take(fresh / "plan.json", SAMPLES / "plan.json")


def _is_stale(stored: Path, fresh: Path) -> bool:
    """An export has an id and a time of its own, so what a person sees in it decides."""
    return not stored.is_file() or cells_of(stored) != cells_of(fresh / stored.name)


def _take(fresh: Path, target: Path) -> None:
    if is_same(fresh, target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(fresh, target)
    print(f"wrote {target.relative_to(ROOT)}")


_MOMENTS = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def is_same(one: Path, other: Path) -> bool:
    """Whether two files hold the same; of a workbook, the moment at which it was written does not count."""
    if not one.is_file() or not other.is_file():
        return False
    if one.suffix == ".xlsx":
        return _parts(one) == _parts(other)
    return one.read_bytes() == other.read_bytes()


def _parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["docProps/core.xml"] = _MOMENTS.sub(b"TIME", parts["docProps/core.xml"])
    return parts


if __name__ == "__main__":
    main()
