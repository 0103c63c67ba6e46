"""Checks on a real Hadoop of one machine, against what Hadoop itself takes for the same input.

In turn and over several rounds, on one cluster:

- `gafreduce run -r hadoop`, inputs in HDFS, the whole run;
- two chained streaming jobs with `cat` as mapper and reducer, with the same splits and reducers:
  the time for reading, sorting, shuffling and writing the same lines twice, without computing;
- one job of `wc -l` without reducers: the time for reading.

The span is the time from the submission of step 1 to the end of step 2 in Hadoop's history server.
A wrapper notes when each call of `hadoop` began and ended, which splits the rest of a run: mrjob's
file calls (below its own folder), the client that submits (before the span and after it), and the
driver's own work (its file calls, listing, tables).

The check `hadoop-cpu` measures the CPU of the tasks' Python processes per line, and that of the
local runner on the same Python. The time before the first line (start, imports, term file) is
measured apart, with the first lines of each file.
"""

from __future__ import annotations

import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
sys.path[:0] = [str(REPOSITORY / "tests" / "cluster")]

from harness import Row, Session  # noqa: E402 - needs the path
from minihadoop.build import build  # noqa: E402 - needs the path
from minihadoop.cluster import Cluster  # noqa: E402
from minihadoop.configuration import Options  # noqa: E402

BLOCK_BYTES = 64 << 20
HADOOP_ROUNDS = 3
INPUT_NAMES = ("seven", "plain")
SPAN_BOUND, CPU_BOUND = "<= 1.3", "<= 1.25"
HISTORY_SECONDS = 60
HEAD_LINES = 1000
# The same for all jobs: `cat` sends every line to one reducer, which holds some in its shuffle.
SAME = (
    *("-D", "mapreduce.job.ubertask.enable=false"),
    *("-D", "mapreduce.reduce.memory.mb=1024", "-D", "mapreduce.reduce.java.opts=-Xmx800m"),
)
# Notes when a call of Hadoop began and ended, and what it was.
TIMED_HADOOP = """#!/bin/sh
began=$(date +%s.%N)
{hadoop} "$@"
status=$?
echo "$began $(date +%s.%N) $(echo "$*" | tr '\\n' ' ')" >> {notes}
exit $status
"""
#: Every path that mrjob puts is below the folder of this name.
OF_MRJOB = "/mrjob/"
# Notes what a task's Python took: the second line of `times` is of children that have ended.
TIMED_PYTHON = """#!/bin/sh
{python} "$@"
status=$?
times > {folder}/$$
exit $status
"""


@dataclass(frozen=True)
class Took:
    """What a run took, in seconds."""

    wall: float
    span: float  # from the first job's submission to the last one's end
    file_calls: float = 0.0  # of mrjob
    client: float = 0.0  # around the span

    @property
    def driver(self) -> float:
        """The driver's own time."""
        return self.wall - self.span - self.file_calls - self.client


@dataclass(frozen=True)
class Call:
    """A call of `hadoop`, in seconds since 1970."""

    began: float
    ended: float
    words: str


@dataclass(frozen=True)
class Input:
    """Annotation files, here and in HDFS."""

    name: str
    paths: tuple[Path, ...]
    place: str
    n_lines: int


class HadoopBench:
    """A cluster, and measured commands on it."""

    def __init__(self, cluster: Cluster, ontology: Path, scratch: Path) -> None:
        self._cluster, self.ontology, self.scratch = cluster, ontology, scratch
        self._environment = {**os.environ, **cluster.environment()}
        self._n_runs = 0
        self._notes = scratch / "calls"
        self._timed_home = self._with_timed_hadoop(scratch / "timed")

    def _with_timed_hadoop(self, home: Path) -> Path:
        """Return a HADOOP_HOME whose `hadoop` notes its calls."""
        real = self._cluster.tools.hadoop_home
        (home / "bin").mkdir(parents=True)
        (home / "share").symlink_to(real / "share")
        for program in (real / "bin").iterdir():
            (home / "bin" / program.name).symlink_to(program)
        timed = home / "bin" / "hadoop"
        timed.unlink()
        timed.write_text(TIMED_HADOOP.format(hadoop=real / "bin" / "hadoop", notes=self._notes))
        timed.chmod(0o755)
        return home

    def put(self, folder: Path) -> Input:
        """Put a folder's annotation files into HDFS."""
        paths = tuple(sorted(folder.glob("*.gaf*")))
        place = f"hdfs://127.0.0.1:{self._cluster.ports.namenode}/bench/{folder.name}"
        self._call("fs", "-mkdir", "-p", place)
        self._call("fs", "-put", *map(str, paths), place)
        n_lines = sum(map(_n_lines, paths))
        return Input(folder.name, paths, place, n_lines)

    def gafreduce(self, found: Input) -> Took:
        """Run gafreduce over an input."""
        self._n_runs += 1
        command = [
            *(sys.executable, "-m", "gafreduce", "run", found.place, "-r", "hadoop"),
            *("--ontology", str(self.ontology), "-c", str(REPOSITORY / "mrjob.conf")),
            *("--no-report", "-q", "-o", str(self.scratch / f"run-{self._n_runs}")),
            *SAME,
        ]
        self._notes.write_text("")
        timed = {"HADOOP_HOME": str(self._timed_home)}
        took, begin, end = self._timed(lambda: self._run(command, timed), 2)
        calls = [_call(line) for line in self._notes.read_text().splitlines()]
        jobs = [call for call in calls if call.words.startswith("jar ")]
        of_mrjob = [call for call in calls if call not in jobs and OF_MRJOB in call.words]
        if len(jobs) != 2 or not of_mrjob:
            raise SystemExit(f"expected two jobs and mrjob's file calls, got {calls}")
        file_calls = sum(call.ended - call.began for call in of_mrjob)
        client = begin - jobs[0].began + jobs[1].ended - end
        return replace(took, file_calls=file_calls, client=client)

    def cat_twice(self, found: Input) -> Took:
        """Run two chained jobs that copy every line through a shuffle."""
        self._n_runs += 1
        one, two = (f"/bench/out-{self._n_runs}-{step}" for step in (1, 2))

        def run() -> None:
            self._stream(f"{found.place}/*", one, "cat", "cat", 1)
            self._stream(one, two, "cat", "cat", 1)

        return self._timed(run, 2)[0]

    def count(self, found: Input) -> Took:
        """Run one job that counts lines, without reducers."""
        self._n_runs += 1
        output = f"/bench/out-{self._n_runs}"
        count = ("wc -l", "NONE", 0)
        return self._timed(lambda: self._stream(f"{found.place}/*", output, *count), 1)[0]

    def _stream(self, source: str, output: str, mapper: str, reducer: str, n_reducers: int) -> None:
        self._call(
            *("jar", str(self._cluster.tools.streaming_jar)),
            *("-D", f"mapreduce.job.reduces={n_reducers}", *SAME),
            *("-input", source, "-output", output, "-mapper", mapper, "-reducer", reducer),
        )

    def _call(self, *arguments: str) -> None:
        self._run([str(self._cluster.tools.hadoop_home / "bin" / "hadoop"), *arguments])

    def _run(self, command: Sequence[str], more: Mapping[str, str] | None = None) -> None:
        done = subprocess.run(
            command,
            env={**self._environment, **(more or {})},
            cwd=self.scratch,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: {done.stderr[-2000:]}")

    def _timed(self, run: Callable[[], None], n_jobs: int) -> tuple[Took, float, float]:
        """Return what a run took, and when its span began and ended, in seconds since 1970."""
        before = {job["id"] for job in self._jobs()}
        start = time.monotonic()
        run()
        wall = time.monotonic() - start
        deadline = time.monotonic() + HISTORY_SECONDS
        while len(new := [j for j in self._jobs() if j["id"] not in before]) < n_jobs:
            if time.monotonic() > deadline:
                raise SystemExit(f"expected {n_jobs} jobs in the history, got {len(new)}")
            time.sleep(0.5)
        begin = min(job["submitTime"] for job in new) / 1000
        end = max(job["finishTime"] for job in new) / 1000
        return Took(wall, end - begin), begin, end

    def _jobs(self) -> list[dict[str, Any]]:
        port = self._cluster.ports.history_http
        url = f"http://127.0.0.1:{port}/ws/v1/history/mapreduce/jobs"
        with urllib.request.urlopen(url, timeout=30) as answer:
            found = json.loads(answer.read())["jobs"] or {}
        return list(found.get("job", []))


def _call(line: str) -> Call:
    began, ended, words = line.split(" ", 2)
    return Call(float(began), float(ended), words)


def _n_lines(path: Path) -> int:
    reader = ["zcat"] if path.suffix == ".gz" else ["cat"]
    with subprocess.Popen([*reader, str(path)], stdout=subprocess.PIPE) as unpacked:
        counted = subprocess.run(
            ["wc", "-l"], stdin=unpacked.stdout, capture_output=True, check=True
        )
    return int(counted.stdout)


def measure_input(bench: HadoopBench, found: Input, rounds: int) -> Iterator[Row]:
    """Yield the rows of one input, medians over the rounds."""
    took: dict[str, list[Took]] = {"gafreduce": [], "cat": [], "wc": []}
    for number in range(rounds):
        order = list(took)[:: 1 if number % 2 == 0 else -1]
        for name in order:
            run = {"gafreduce": bench.gafreduce, "cat": bench.cat_twice, "wc": bench.count}[name]
            took[name].append(run(found))
            print(f"{found.name}: {name}: {took[name][-1]}", file=sys.stderr, flush=True)
    span = {name: statistics.median(each.span for each in runs) for name, runs in took.items()}
    wall = {name: statistics.median(each.wall for each in runs) for name, runs in took.items()}
    ours = took["gafreduce"]
    parts = {
        "mrjob's file calls": statistics.median(each.file_calls for each in ours),
        "driver": statistics.median(each.driver for each in ours),
        "client": statistics.median(each.client for each in ours),
    }
    ratio = span["gafreduce"] / span["cat"]
    around = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in parts.items())
    yield Row(
        f"Hadoop, {found.name}: span of both steps against `cat` twice",
        SPAN_BOUND,
        f"{ratio:.2f} ({span['gafreduce']:.1f} and {span['cat']:.1f} s; {around})",
        ratio <= float(SPAN_BOUND.split()[1]),
    )
    ratio = wall["gafreduce"] / wall["wc"]
    yield Row(
        f"Hadoop, {found.name}: wall against `wc -l`",
        "no bound",
        f"{ratio:.1f} ({wall['gafreduce']:.1f} and {wall['wc']:.1f} s)",
        True,
    )


def heads(folder: Path, scratch: Path) -> Path:
    """Return a folder with the first lines of each file of another one, of the same names."""
    made = scratch / f"{folder.name}-heads"
    made.mkdir()
    for path in folder.glob("*.gaf*"):
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rb") as source, opener(made / path.name, "wb") as target:
            target.writelines(islice(source, HEAD_LINES))
    return made


def measure_cpu(bench: HadoopBench, folder: Path, noted: Path) -> Row:
    """Return the row of one input: CPU per line on Hadoop against the local runner's."""
    found, head = bench.put(folder), bench.put(heads(folder, bench.scratch))
    n_lines = found.n_lines - head.n_lines
    there, there_head = (cpu_of_tasks(bench, each, noted) for each in (found, head))
    here, here_head = (cpu_here(each, bench.ontology, bench.scratch) for each in (found, head))
    per_line, per_line_here = (there - there_head) / n_lines, (here - here_head) / n_lines
    ratio = per_line / per_line_here
    return Row(
        f"Hadoop, {found.name}: CPU per line against the local runner's",
        CPU_BOUND,
        f"{ratio:.2f} ({per_line * 1e6:.2f} and {per_line_here * 1e6:.2f} us; tasks "
        f"{there:.2f} s, of it {there_head:.2f} s before the first lines)",
        ratio <= float(CPU_BOUND.split()[1]),
    )


def cpu_of_tasks(bench: HadoopBench, found: Input, noted: Path) -> float:
    """Return the CPU seconds that the tasks of a run took in Python."""
    for path in noted.iterdir():
        path.unlink()
    bench.gafreduce(found)
    seconds = [_noted_seconds(path.read_text()) for path in noted.iterdir()]
    if not seconds:
        raise SystemExit("expected a note of each task, got none: they ran another python3")
    return sum(seconds)


def _noted_seconds(text: str) -> float:
    """Return the seconds of the second line of `times`: `0m1.230000s 0m0.110000s`."""
    minutes_and_seconds = (part.rstrip("s").split("m") for part in text.splitlines()[1].split())
    return sum(60 * float(minutes) + float(seconds) for minutes, seconds in minutes_and_seconds)


def cpu_here(found: Input, ontology: Path, scratch: Path) -> float:
    """Return the CPU seconds of the local runner's tasks: of all processes but the driver."""
    out = scratch / f"local-{found.name}"
    command = [
        *(sys.executable, "-m", "gafreduce", "run", *map(str, found.paths), "-r", "local"),
        *("--ontology", str(ontology), "--no-report", "-q", "-o", str(out)),
    ]
    measured = (
        "import resource, runpy, sys; sys.argv = sys.argv[1:]\n"
        "try: runpy.run_module('gafreduce', run_name='__main__', alter_sys=False)\n"
        "except SystemExit as ended: assert not ended.code\n"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print('CPU', used.ru_utime + used.ru_stime)"
    )
    done = subprocess.run(
        [sys.executable, "-c", measured, *command[2:]], capture_output=True, text=True, check=True
    )
    return float(done.stdout.rpartition("CPU")[2])


@contextmanager
def _cluster(session: Session, python: Callable[[Path], str]) -> Iterator[HadoopBench]:
    """Start a cluster whose nodes run the Python that a function of the scratch folder returns."""
    scratch = Path(tempfile.mkdtemp(prefix="gafreduce-bench-"))
    os.environ["GAFREDUCE_NODE_PYTHON"] = python(scratch)
    options = Options(block_size=BLOCK_BYTES)
    with Cluster.started(scratch / "cluster", build(), options) as cluster:
        yield HadoopBench(cluster, session.bench.obo, scratch)


def hadoop(session: Session) -> Iterator[Row]:
    """Yield times of the founding seven and of 2 M lines on Hadoop."""
    with _cluster(session, lambda _: sys.executable) as bench:
        for name in INPUT_NAMES:
            yield from measure_input(bench, bench.put(session.folder(name)), HADOOP_ROUNDS)


def hadoop_cpu(session: Session) -> Iterator[Row]:
    """Yield the CPU per line of tasks on Hadoop."""

    def wrap_python(scratch: Path) -> str:
        (scratch / "noted").mkdir()
        wrapper = scratch / "python3"
        text = TIMED_PYTHON.format(python=sys.executable, folder=scratch / "noted")
        wrapper.write_text(text)
        wrapper.chmod(0o755)
        return str(wrapper)

    with _cluster(session, wrap_python) as bench:
        yield measure_cpu(bench, session.folder("plain"), bench.scratch / "noted")


CHECKS: dict[str, Callable[[Session], Iterator[Row]]] = {
    "hadoop": hadoop,
    "hadoop-cpu": hadoop_cpu,
}
