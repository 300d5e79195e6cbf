"""How near does `bulkio apply` come to the ideal: all workers waiting for the ERP, and nothing else, all the time?

    python tests/bench/apply.py [--updates 400 2000] [--workers 16] [--latency 0.05] [--repeat 3]

The server is a process of its own and answers every request after the latency. `write phase` is from the first POST
that it got to the last that it answered, by its own clock; the ideal is updates x latency / workers. The same requests
are then sent by a bare pool of threads with httpx, which proves nothing and keeps nothing. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

import httpx  # noqa: E402 - the paths come first
import msgspec  # noqa: E402
import openpyxl  # noqa: E402
import writable  # noqa: E402 - beside this file
from bench import measure  # noqa: E402

from bulkio.connectors.unleashed.auth import headers_for  # noqa: E402
from bulkio.core.secret import Secret  # noqa: E402
from bulkio.store.journal import Journal  # noqa: E402

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_KEEP_ALIVE = 3.0


def rename(source: Path, target: Path, name: str) -> None:
    """A copy of an export in which a person renamed every customer."""
    book = openpyxl.load_workbook(source)
    sheet = book["Customers"]
    column = next(cell.column for cell in sheet[1] if cell.value == "CustomerName")
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, column).value = f"{name} {row}"
    book.save(target)


def log_of(url: str) -> list[writable.Answered]:
    """What the server answered since it was last asked."""
    return msgspec.json.decode(httpx.get(url + writable.LOG).content, type=list[writable.Answered])


def write_phase(log: list[writable.Answered]) -> float:
    """Seconds from the first POST that came to the last that was answered."""
    posts = [each for each in log if each.method == "POST"]
    return max(each.left for each in posts) - min(each.came for each in posts)


def bare_pool(url: str, journal: Path, workers: int) -> tuple[float, float]:
    """The requests of a run once more, by threads that do nothing else; the write phase, and the processor's share."""
    opened = Journal.open(journal)
    requests = [(each.path, each.body) for each in opened.attempts()]
    opened.close()
    headers = headers_for({"API_ID": Secret("sandbox"), "API_KEY": Secret("sandbox")}, "bench/bench")("")
    limits = httpx.Limits(max_connections=workers, max_keepalive_connections=workers, keepalive_expiry=_KEEP_ALIVE)
    began = time.process_time()
    with httpx.Client(base_url=url, headers=dict(headers), limits=limits, trust_env=False) as client:

        def post(request: tuple[str, str]) -> None:
            client.post(request[0], content=request[1]).raise_for_status()

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(post, requests))
    return write_phase(log_of(url)), time.process_time() - began


def _serve(count: int, latency: float, pipe: Connection) -> None:
    writable.serve(count, latency, pipe.send)


def bench(updates: int, options: argparse.Namespace, folder: Path) -> None:
    """Plan and apply so many updates, a few times."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(updates, options.latency, theirs), daemon=True)
    process.start()
    url = ours.recv()
    environment = {
        "BULKIO_ERP": "unleashed",
        "BULKIO_BASE_URL": url,
        "BULKIO_API_ID": "sandbox",
        "BULKIO_API_KEY": "sandbox",
        "BULKIO_STATE_DIR": str(folder / "state"),
        "PYTHONPATH": str(HERE.parent.parent),
    }
    log = folder / "log.txt"

    def bulkio(*arguments: object) -> tuple[float, float]:
        cost = measure([sys.executable, "-m", "bulkio", *map(str, arguments)], environment, 1, log)
        return cost.wall, cost.processor

    ideal = updates * options.latency / options.workers
    rows: list[tuple[float, ...]] = []
    for turn in range(options.repeat):
        exported, edited, plan = (folder / f"{turn}-{name}" for name in ("before.xlsx", "after.xlsx", "plan.json"))
        bulkio("export", exported)
        rename(exported, edited, f"Renamed {turn}")
        bulkio("plan", edited, "-o", plan)
        assert len(json.loads(plan.read_text())["operations"]) == updates
        log_of(url)
        wall, processor = bulkio("apply", plan, "--workers", options.workers, "--max-changes", updates, "--yes")
        answered = log_of(url)
        journal = max((folder / "state").glob("*/runs/*/journal.db"), key=os.path.getmtime)
        others = sum(each.method != "POST" for each in answered)
        bare, bare_processor = bare_pool(url, journal, options.workers)
        rows.append((wall, processor, write_phase(answered), others, bare, bare_processor))
    wall, processor, phase, others, bare, bare_processor = (
        statistics.median(column) for column in zip(*rows, strict=True)
    )
    print(
        f"\n{updates:,} updates, {options.workers} workers, {options.latency * 1000:g} ms; medians of {options.repeat}"
    )
    print(f"{'':28}{'wall s':>9}{'cpu s':>9}   times the ideal")
    print(f"{'ideal':28}{ideal:9.2f}")
    print(f"{'bare httpx pool':28}{bare:9.2f}{bare_processor:9.2f}{bare / ideal:10.2f}")
    print(
        f"{'bulkio apply: write phase':28}{phase:9.2f}{'':9}{phase / ideal:10.2f}   best {min(r[2] for r in rows):.2f}"
    )
    print(
        f"{'bulkio apply: whole process':28}{wall:9.2f}{processor:9.2f}{wall / ideal:10.2f}   {others:g} GETs",
        flush=True,
    )
    process.terminate()
    process.join()


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--updates", type=int, nargs="+", default=[400, 2000])
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    for updates in options.updates:
        with tempfile.TemporaryDirectory(prefix="bulkio-bench-") as folder:
            bench(updates, options, Path(folder))


if __name__ == "__main__":
    main()
