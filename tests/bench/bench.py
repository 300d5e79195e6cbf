"""How fast is bulkio, against the script that a user would write and against what the libraries alone take?

    python tests/bench/bench.py [--customers 20000 100000] [--repeat 3] [--skip-script]

Every measurement is a whole process: start-up, network, files; compiled once before, as an installation is. Times are
medians of the wall clock and of the processor (which a busy machine disturbs less), memory is the peak of the process.
Nothing is asserted: read the table.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import re
import statistics
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

import openpyxl  # noqa: E402
import server  # noqa: E402 - beside this file
from openpyxl.utils import get_column_letter  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

EDITED_SHARE = 100  # one customer in so many


@dataclass(frozen=True)
class Cost:
    """Medians: seconds of the wall clock and of the processor, and MB at the peak."""

    wall: float
    processor: float
    peak: float


def measure(command: list[str], environment: dict[str, str], repeat: int, log: Path) -> Cost:
    """Run a program a few times. A status other than 0 ends the benchmark, with what it said.

    The peak that the system tells of a process is never less than that of the one that started it, so this one must
    stay small.
    """
    runs = []
    for _ in range(repeat):
        began = time.perf_counter()
        process = os.posix_spawn(
            command[0],
            command,
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
        )
        _, status, usage = os.wait4(process, 0)
        wall = time.perf_counter() - began
        if status:
            sys.exit(f"{' '.join(command)} failed:\n{log.read_text()[-2000:]}")
        runs.append((wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024))
    return Cost(*(statistics.median(column) for column in zip(*runs, strict=True)))


def edit(source: Path, target: Path) -> int:
    """A copy of an export in which a person renamed one customer in a hundred; how many. It takes much memory."""
    edited = 0
    book = openpyxl.load_workbook(source, read_only=True)
    headers = [cell.value for cell in next(book.worksheets[0].iter_rows(max_row=1))]
    book.close()
    letter = get_column_letter(headers.index("CustomerName") + 1).encode()

    def rename(match: re.Match[bytes]) -> bytes:
        nonlocal edited
        row = int(match[1])
        if row < 2 or row % EDITED_SHARE:
            return match[0]
        edited += 1
        return b'<c r="%b%d"%b t="inlineStr"><is><t>Renamed %d</t></is></c>' % (letter, row, match[2], row)

    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = re.sub(rb'<c r="%b([0-9]+)"( s="[0-9]+")? t="[a-zA-Z]+">.*?</c>' % letter, rename, content)
            after.writestr(name, content)
    if not edited:
        sys.exit("nothing was edited")
    return edited


def _edit(source: Path, target: Path, pipe: Connection) -> None:
    pipe.send(edit(source, target))


def _elsewhere(work: Callable[..., None], *arguments: object) -> tuple[BaseProcess, Any]:
    """Begin some work in a process of its own; the process, and the first thing that the work sends."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=work, args=(*arguments, theirs), daemon=True)
    process.start()
    return process, ours.recv()


def _serve(count: int, pipe: Connection) -> None:
    server.serve(count, pipe.send)


def bench(count: int, repeat: int, folder: Path, *, with_script: bool) -> None:
    """All measurements for so many customers, as one table."""
    process, url = _elsewhere(_serve, count)
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "BULKIO_ERP": "unleashed",
        "BULKIO_BASE_URL": url,
        "BULKIO_API_ID": "sandbox",
        "BULKIO_API_KEY": "sandbox",
        "BULKIO_STATE_DIR": str(folder / "state"),
        "PYTHONPATH": str(HERE.parent.parent),
    }
    exported, edited = folder / f"customers{count}.xlsx", folder / f"edited{count}.xlsx"
    python = sys.executable
    rows: list[tuple[str, Cost, str]] = []

    def run(label: str, *arguments: object, compared: Cost | None = None, times: int = repeat) -> Cost:
        command = [python, *map(str, arguments)]
        cost = measure(command, environment, times, folder / "log.txt")
        ratio = ""
        if compared:
            ratio = f"{compared.wall / cost.wall:6.2f}x wall {compared.processor / cost.processor:6.2f}x cpu"
        rows.append((label, cost, ratio))
        print(f"{label:44}{cost.wall:9.2f}{cost.processor:9.2f}{cost.peak:9.0f}   {ratio}", flush=True)
        return cost

    def bulkio(label: str, *arguments: object, compared: Cost | None = None) -> Cost:
        return run(label, "-m", "bulkio", *arguments, compared=compared)

    source = HERE.parent.parent / "bulkio"
    measure([python, "-m", "compileall", "-q", str(source)], environment, 1, folder / "log.txt")
    print(f"\n{count:,} customers, medians of {repeat}{'':17}{'wall s':>9}{'cpu s':>9}{'peak MB':>9}   ratio")
    script_export = script_read = script_plan = None
    if with_script:
        naive = folder / f"naive{count}.xlsx"
        script_export = run("script: export", HERE / "script.py", "export", url, naive, times=min(repeat, 2))
    bound = run("libraries alone: stream", HERE / "bound.py", url, folder / "bound.xlsx", "stream")
    run("libraries alone: xlsxwriter", HERE / "bound.py", url, folder / "bound.xlsx", "xlsxwriter", times=1)
    export = bulkio("bulkio export .xlsx", "export", exported, compared=script_export)
    print(f"{'':44}{export.wall / bound.wall:9.2f}{export.processor / bound.processor:9.2f}   times these")
    bulkio("bulkio export .csv", "export", folder / "c.csv", compared=script_export)
    bulkio("bulkio export .jsonl", "export", folder / "c.jsonl", compared=script_export)
    _, changes = _elsewhere(_edit, exported, edited)
    if with_script:
        run("script: pd.read_excel, customers only", HERE / "script.py", "read", edited, times=1)
        script_read = run("script: pd.read_excel, three sheets", HERE / "script.py", "read_all", edited, times=1)
        script_plan = run("script: read, fetch, merge", HERE / "script.py", "plan", url, edited, times=min(repeat, 2))
    bulkio(f"bulkio check ({changes} edits)", "check", edited, compared=script_read)
    bulkio(f"bulkio plan ({changes} edits)", "plan", edited, "-o", folder / "plan.json", compared=script_plan)
    process.terminate()
    process.join()


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--skip-script", action="store_true", help="only bulkio and the libraries")
    options = parser.parse_args()
    for count in options.customers:
        with tempfile.TemporaryDirectory(prefix="bulkio-bench-") as folder:
            bench(count, options.repeat, Path(folder), with_script=not options.skip_script)


if __name__ == "__main__":
    main()
