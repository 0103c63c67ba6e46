"""Compute benchmarks/scale.md from measured rates.

    python scale.py measure INPUT_FOLDER OBO SCRATCH     rates.json, of an input of GOA's shape
    python scale.py write                                scale.md from rates.json

`measure` runs the job's own tasks as Hadoop Streaming starts them (mapper, sort, reducer, sort,
reducer: one process each), so that a rate holds for a core of a node. What is not measured is an
assumption of Assumed, and is named as one in scale.md.
"""

from __future__ import annotations

import datetime
import gzip
import json
import shlex
import shutil
import sys
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import measure
from commands import OURS, REPOSITORY, Bench, count_lines, input_files
from harness import machine

HERE = Path(__file__).resolve().parent
RATES = REPOSITORY / "gafreduce" / "estimates" / "rates.json"
PAPER = HERE / "scale.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"
SCOPES = ("full", "target")
HEAD_LINES = 1000


@dataclass(frozen=True)
class Rates:
    """The measured costs of one scope, for each line of the input unless stated otherwise.

    What a process takes before its first line (start, imports, term file) is left out of CPU.
    """

    map_us: float  # CPU
    reduce_us: float  # CPU of step 1
    add_up_us: float  # CPU of step 2
    sort_us: float  # CPU of both sorts, by sort(1): on a cluster Hadoop sorts, in Java
    table_us: float  # CPU of the rest of a local run: tables, Parquet, checksums, cutting input
    shuffle_bytes: float  # step 1, text
    second_shuffle_bytes: float
    output_bytes: float  # of step 2
    profile_rows: float
    map_peak_mb: float  # of one task
    reduce_peak_mb: float


@dataclass(frozen=True)
class Assumed:
    """What is not measured here."""

    lines: float = 1.5e9  # UniProt-GOA, all of it
    taxa: float = 1e6
    largest_share: float = 0.0016  # of the lines, on the largest taxon
    buckets: int = 16  # of a taxon: jobs/reducer/gene_product.py's keys
    streaming: float = 1.25  # CPU per line on Hadoop to that of a bare process
    part_bytes: float = 256e6  # gz, after re-sharding (docs/emr.md)
    get_bytes: float = 8e6  # read by one S3 request
    cores_of_node: int = 4  # m5.xlarge
    worker_nodes: int = 8
    boot_hours: float = 7 / 60
    end_hours: float = 3 / 60  # publishing, the cluster's end
    node_hour_usd: float = 0.192 + 0.048  # EC2 and EMR, list prices of docs/emr.md
    volume_usd: float = 80 * 0.08 / 730  # a node and hour: 80 GB
    put_usd: float = 0.005 / 1000
    get_usd: float = 0.0004 / 1000


def measure_scope(scope: str, text: Path, bench: Bench, n_lines: int) -> Rates:
    """Run one scope task by task, and once as a whole."""
    folder = bench.scratch / "tasks"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    inputs = folder / "inputs"
    inputs.write_text(
        "uri\tsource_file\tformat\tcompression\tbytes\ttaxon_id\tcompanion\tlayout\n"
        f"{text}\t{text.name}\tgaf\tplain\t{text.stat().st_size}\t0\t\t\n"
    )
    task = (
        f"env mapreduce_map_input_file={shlex.quote(str(text))} {OURS / 'python'} "
        f"{REPOSITORY / 'jobs' / 'annotation_profile.py'} --term-file {bench.terms} "
        f"--input-list {inputs} --scope {scope}"
    )
    steps = {
        "map": (f"{task} --mapper --step-num=0", text, folder / "mapped"),
        "sort": ("env LC_ALL=C sort -S 64M", folder / "mapped", folder / "sorted"),
        "reduce": (f"{task} --reducer --step-num=0", folder / "sorted", folder / "reduced"),
        "second sort": ("env LC_ALL=C sort -S 64M", folder / "reduced", folder / "again"),
        "add up": (f"{task} --reducer --step-num=1", folder / "again", folder / "added"),
    }
    cpu, peaks = {}, {}
    for name, (command, source, target) in steps.items():
        run = ["sh", "-c", f"exec {command} < {shlex.quote(str(source))} > {target}"]
        idle = measure.timed(["sh", "-c", f"exec {command} < /dev/null > /dev/null"]).cpu
        peaks[name] = measure.peak_mb(run)
        cpu[name] = max(measure.timed(run).cpu - idle, 0.0) / n_lines * 1e6
    sorts = cpu["sort"] + cpu["second sort"]
    tasks = cpu["map"] + cpu["reduce"] + cpu["add up"]
    all_cpu = _whole_cpu(scope, text, bench) - _whole_cpu(scope, _head(text, folder), bench)
    all_us = all_cpu / (n_lines - HEAD_LINES) * 1e6
    profile = bench.out(f"{scope}-{text.stem}") / "tables" / "profile.tsv"
    return Rates(
        map_us=cpu["map"],
        reduce_us=cpu["reduce"],
        add_up_us=cpu["add up"],
        sort_us=sorts,
        table_us=max(all_us - tasks - sorts, 0.0),
        shuffle_bytes=(folder / "mapped").stat().st_size / n_lines,
        second_shuffle_bytes=(folder / "reduced").stat().st_size / n_lines,
        output_bytes=(folder / "added").stat().st_size / n_lines,
        profile_rows=(count_lines([str(profile)]) - 1) / n_lines,
        map_peak_mb=peaks["map"],
        reduce_peak_mb=max(peaks["reduce"], peaks["add up"]),
    )


def _whole_cpu(scope: str, text: Path, bench: Bench) -> float:
    """Return the CPU seconds of a whole local run."""
    name = f"{scope}-{text.stem}"
    shutil.rmtree(bench.out(name), ignore_errors=True)
    command = bench.gafreduce(name, [str(text)], "-r", "local", "--scope", scope)
    return measure.timed(command).cpu


def _head(text: Path, folder: Path) -> Path:
    """Return a file of the first lines: a run of it takes what any run takes."""
    path = folder / "head.gaf"
    with text.open("rb") as source, path.open("wb") as target:
        target.writelines(islice(source, HEAD_LINES))
    return path


def measure_all(folder: Path, obo: Path, scratch: Path) -> None:
    """Write rates.json."""
    bench = Bench(obo.resolve(), scratch.resolve())
    files = input_files(folder)
    text = bench.scratch / "goa.gaf"
    with text.open("wb") as target:
        for path in files:
            with gzip.open(path, "rb") as source:
                shutil.copyfileobj(source, target)
    n_lines = count_lines([str(text)])
    inflate = measure.timed(["sh", "-c", f"zcat {shlex.join(files)} > /dev/null"])
    found = {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "n_lines": n_lines,
        "text_bytes": text.stat().st_size / n_lines,
        "gz_bytes": sum(Path(path).stat().st_size for path in files) / n_lines,
        "inflate_us": inflate.cpu / n_lines * 1e6,
        **{scope: asdict(measure_scope(scope, text, bench, n_lines)) for scope in SCOPES},
        "local": json.loads(RATES.read_text())["local"],  # of whole runs: docs/aws.md
    }
    RATES.write_text(json.dumps(found, indent=1) + "\n")


def figures(rates: dict[str, object], scope: str, times: float, assumed: Assumed) -> dict[str, str]:
    """Return what so many times UniProt-GOA would take, in words."""
    measured = rates[scope]
    assert isinstance(measured, dict)
    rate = Rates(**measured)
    lines = assumed.lines * times
    inflate = float(str(rates["inflate_us"]))
    map_us = inflate + rate.map_us * assumed.streaming
    reduce_us = (rate.reduce_us + rate.add_up_us) * assumed.streaming + rate.sort_us
    core_hours = lines * (map_us + reduce_us) / 3.6e9
    gz = lines * float(str(rates["gz_bytes"]))
    n_parts = max(gz / assumed.part_bytes, 1)
    cores = assumed.cores_of_node * assumed.worker_nodes
    work_hours = core_hours / cores
    table_hours = lines * rate.table_us / 3.6e9
    hours = assumed.boot_hours + work_hours + assumed.end_hours
    gets = gz / assumed.get_bytes + 3 * n_parts + lines * rate.output_bytes / assumed.get_bytes
    puts = 3 * (lines * rate.output_bytes / 32e6 + cores)
    nodes = assumed.worker_nodes + 1
    requests = gets * assumed.get_usd + puts * assumed.put_usd
    usd = hours * nodes * (assumed.node_hour_usd + assumed.volume_usd) + requests
    largest = lines * assumed.largest_share / times
    return {
        "lines": f"{lines / 1e9:.1f} G on {assumed.taxa * times / 1e6:.0f} M taxa",
        "text; gz": f"{lines * float(str(rates['text_bytes'])) / 1e9:.0f} GB; {gz / 1e9:.0f} GB",
        "map tasks (parts of 256 MB)": f"{n_parts:.0f}",
        "lines of a map task; its time": f"{lines / n_parts / 1e6:.0f} M; "
        f"{lines / n_parts * map_us / 1e6:.0f} s",
        "core h: map; reduce; all": f"{lines * map_us / 3.6e9:.2f}; "
        f"{lines * reduce_us / 3.6e9:.2f}; **{core_hours:.2f}**",
        "shuffle bytes: step 1; step 2": f"{lines * rate.shuffle_bytes / 1e9:.1f} GB; "
        f"{lines * rate.second_shuffle_bytes / 1e9:.1f} GB",
        "output of the job": f"{lines * rate.output_bytes / 1e9:.1f} GB",
        "rows of `profile`": f"{lines * rate.profile_rows / 1e6:.0f} M",
        "memory of a task: map; reduce": f"{rate.map_peak_mb:.0f} MB; {rate.reduce_peak_mb:.0f} MB",
        "largest taxon; its bucket": f"{largest / 1e6:.1f} M lines; "
        f"{largest / assumed.buckets * rate.reduce_us * assumed.streaming / 1e6:.2f} s",
        f"work on {cores} cores": f"{work_hours * 60:.1f} min",
        "the driver, one core: tables, checksums": f"{table_hours:.2f} h",
        "S3 GET, LIST; PUT": f"{gets:,.0f}; {puts:,.0f}: {requests:.2f} USD",
        f"cluster of 1 + {assumed.worker_nodes} nodes": f"{hours * 60:.0f} min, **{usd:.2f} USD**",
    }


def write() -> None:
    """Put the figures into scale.md."""
    rates = json.loads(RATES.read_text())
    columns = {
        f"{name}, {scope} scope": figures(rates, scope, times, Assumed())
        for name, times in (("UniProt-GOA", 1.0), ("ten times that", 10.0))
        for scope in SCOPES
    }
    names = list(next(iter(columns.values())))
    table = [f"| | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    table += [f"| {name} | {' | '.join(c[name] for c in columns.values())} |" for name in names]
    measured = ["", "| measured, per line (`Rates`) | full scope | target scope |", "|---|---|---|"]
    for field in Rates.__dataclass_fields__:
        cells = [f"{rates[scope][field]:.3g}" for scope in SCOPES]
        measured.append(f"| {field} | {' | '.join(cells)} |")
    facts = (
        f"Rates of {rates['date']}, from {rates['n_lines']:,} lines of GOA's shape; "
        f"{rates['machine']}. A line has {rates['text_bytes']:.0f} bytes, {rates['gz_bytes']:.1f} "
        f"as gz; inflating it takes {rates['inflate_us']:.2f} us.\n\n"
    )
    text = PAPER.read_text()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    PAPER.write_text(f"{head}{BEGIN}{facts}" + "\n".join(table + measured) + f"\n{END}{tail}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure_all(*map(Path, sys.argv[2:5]))
    elif sys.argv[1:] == ["write"]:
        write()
    else:
        sys.exit(__doc__)
