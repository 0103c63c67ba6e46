"""Requests a second and latency of `gafreduce serve` and of Datasette, on the same file, in turn.

python benchmarks/api_load.py RUN_FOLDER DATASETTE [--seconds 60] [--connections 1 16 64]

RUN_FOLDER has `extras/search.sqlite`; DATASETTE is the program. Both serve JSON from one process
with their defaults, Datasette without facets, and for the search without a count, which `serve`
does not make either. Each request of a kind differs from the one before it: symbols of gene
products in a random order, or filters of a list. Neither side is asked for compressed answers.
On a busy machine the CPU time of the server for a request says more than the wall clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

_HOST = "127.0.0.1"
_N_PATHS = 5_000
_LIST_ROWS = 100
_SEARCH_ROWS = 20
_WARM_SECONDS = 1.0
_START_SECONDS = 60


class Load(NamedTuple):
    """What a server did for some seconds."""

    requests: int
    seconds: float
    errors: int
    latencies: Sequence[float]  # seconds, sorted

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    def latency(self, share: float) -> float:
        """Return a quantile of the latency in milliseconds."""
        if not self.latencies:
            return float("nan")
        return 1000 * self.latencies[min(int(share * self.requests), self.requests - 1)]


class Target(NamedTuple):
    """A server to measure, and its paths by kind of request."""

    name: str
    command: list[str]
    port: int
    paths: dict[str, list[str]]


class _Connection:
    """One connection that is kept, and the requests on it."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(_HOST, self._port)

    async def get(self, path: str) -> int:
        """Return the status of a request, when its whole answer was read."""
        self._writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {_HOST}\r\nAccept: application/json\r\n\r\n".encode()
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if b"\r\ncontent-length:" in head:
            size = int(head.split(b"\r\ncontent-length:", 1)[1].split(b"\r\n", 1)[0])
            await self._reader.readexactly(size)
        else:
            while size := int(await self._reader.readuntil(b"\r\n"), 16):
                await self._reader.readexactly(size + 2)
            await self._reader.readexactly(2)
        return int(head[9:12])

    def close(self) -> None:
        self._writer.close()


async def put_load(port: int, paths: Sequence[str], connections: int, seconds: float) -> Load:
    """Ask a server for some seconds, each connection for one answer after the other."""
    latencies: list[float] = []
    n_errors = 0
    end = time.perf_counter() + seconds

    async def ask(number: int) -> None:
        nonlocal n_errors
        connection = _Connection(port)
        await connection.open()
        position = number * len(paths) // connections
        while (begin := time.perf_counter()) < end:
            status = await connection.get(paths[position % len(paths)])
            latencies.append(time.perf_counter() - begin)
            n_errors += status != 200
            position += 1
        connection.close()

    begin = time.perf_counter()
    found = await asyncio.gather(*map(ask, range(connections)), return_exceptions=True)
    lost = [each for each in found if each is not None]
    for each in lost:
        print(f"connection lost: {each!r}", file=sys.stderr)
    taken = time.perf_counter() - begin
    return Load(len(latencies), taken, n_errors + len(lost), sorted(latencies))


def read_memory(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return float("nan")


def read_cpu(pid: int) -> float:
    """Return the CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def run_server(target: Target) -> Iterator[int]:
    """Run a server for the length of a `with` block; the value is its pid."""
    with subprocess.Popen(
        target.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            first = f"http://{_HOST}:{target.port}{target.paths['search'][0]}"
            end = time.monotonic() + _START_SECONDS
            while True:
                try:
                    with urllib.request.urlopen(first, timeout=10) as answer:
                        json.load(answer)
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > end:
                        raise
                    time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()


def make_targets(folder: Path, datasette: str, port: int) -> list[Target]:
    """Return both servers over the search database of a run."""
    database = folder / "extras" / "search.sqlite"
    chooser = random.Random(20261130)
    connection = sqlite3.connect(f"file:{database}?mode=ro&immutable=1", uri=True)
    symbols = [
        row[0]
        for row in connection.execute(
            "SELECT DISTINCT symbol FROM gene_products "
            "WHERE symbol GLOB '[A-Za-z]*' ORDER BY symbol"
        )
        if row[0].isalnum()
    ]
    filters = connection.execute(
        "SELECT DISTINCT organism_id, status, best_group FROM gene_products "
        "WHERE best_group IS NOT NULL ORDER BY 1, 2, 3"
    ).fetchall()
    connection.close()
    words = [urllib.parse.quote(each) for each in symbols]
    chooser.shuffle(words)
    lists = [
        [("organism", organism), ("status", status), ("evidence_group", group)]
        for organism, status, group in filters
    ]
    lists += [pairs[:1] for pairs in lists] + [pairs[:2] for pairs in lists]
    chooser.shuffle(lists)
    names = {"organism": "organism_id", "status": "status", "evidence_group": "best_group"}
    of_serve = {
        "search": [
            f"/search?q={word}&kind=gene-products&limit={_SEARCH_ROWS}" for word in words[:_N_PATHS]
        ],
        "filtered list": [
            f"/gene-products?{urllib.parse.urlencode(pairs)}&limit={_LIST_ROWS}" for pairs in lists
        ],
    }
    of_datasette = {
        "search": [
            f"/search/gene_products.json?_search={word}*&_searchmode=raw&_size={_SEARCH_ROWS}"
            "&_shape=objects&_nocount=1&_nofacet=1"
            for word in words[:_N_PATHS]
        ],
        "filtered list": [
            "/search/gene_products.json?"
            + urllib.parse.urlencode([(names[name], value) for name, value in pairs])
            + f"&_size={_LIST_ROWS}&_shape=objects&_nofacet=1"
            for pairs in lists
        ],
    }
    serve = [sys.executable, "-m", "gafreduce", "serve", str(folder), "--port", str(port)]
    other = [datasette, "serve", "-i", str(database), "-h", _HOST, "-p", str(port + 1)]
    other += ["--setting", "suggest_facets", "off"]
    return [
        Target("gafreduce serve", serve, port, of_serve),
        Target("Datasette", other, port + 1, of_datasette),
    ]


_HEADINGS = (
    *("request", "connections", "server", "requests/s", "CPU ms", "p50 ms", "p99 ms", "errors"),
    *("MB before", "MB after", "times the requests/s", "times less CPU"),
)


def measure(targets: Sequence[Target], counts: Sequence[int], seconds: float) -> bool:
    """Measure all servers in turn and print a table; return whether ours had no error."""
    print(f"| {' | '.join(_HEADINGS)} |\n|{'---|' * len(_HEADINGS)}")
    n_errors = 0
    for kind in targets[0].paths:
        for connections in counts:
            first: tuple[float, float] | None = None
            for target in reversed(targets):  # the ratio is to the other one
                paths = target.paths[kind]
                with run_server(target) as pid:
                    asyncio.run(put_load(target.port, paths, connections, _WARM_SECONDS))
                    before, begin = read_memory(pid), read_cpu(pid)
                    load = asyncio.run(put_load(target.port, paths, connections, seconds))
                    cpu = (read_cpu(pid) - begin) / max(load.requests, 1)
                    after = read_memory(pid)
                n_errors += load.errors if target is targets[0] else 0
                first = first or (load.rate, cpu)
                cells = (
                    *(kind, str(connections), target.name, f"{load.rate:,.0f}"),
                    *(f"{1000 * cpu:.2f}", f"{load.latency(0.5):.1f}", f"{load.latency(0.99):.1f}"),
                    *(str(load.errors), f"{before:.0f}", f"{after:.0f}"),
                    *(f"{load.rate / first[0]:.1f}", f"{first[1] / cpu:.1f}"),
                )
                print(f"| {' | '.join(cells)} |", flush=True)
    return n_errors == 0


def main() -> int:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("datasette")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--port", type=int, default=8040)
    asked = parser.parse_args()
    targets = make_targets(asked.folder, asked.datasette, asked.port)
    return 0 if measure(targets, asked.connections, asked.seconds) else 1


if __name__ == "__main__":
    raise SystemExit(main())
