"""Checks of sizes, shapes, start-up and report against their bounds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial

import measure
from commands import HERE, OURS, Bench, word_count
from compare import differences
from harness import INPUTS, Row, Session

SHAPES = {
    "organisms": "100,000 organisms of 20 lines",
    "one-organism": "one organism of 20 M lines",
    "one-product": "one gene product with 1 M lines",
    "many-files": "10,000 files of 200 lines",
    "one-term": "one term only",
}
#: Columns about files: they depend on how lines are distributed over files.
COLUMNS_BY_FILE = ("source_file", "n_foreign_in_files")


def gz(session: Session) -> Iterator[Row]:
    """Yield the CPU of seven gz files, less that of inflating them, against plain text."""
    inflate = measure.in_turn({"zcat": word_count(session.files("plain-gz"))}, 3, 0)
    plain, packed = session.run_in_turn(("plain",), ("plain-gz",))
    ratio = (packed.cpu - inflate["zcat"].median("cpu")) / plain.cpu
    yield Row(
        "gz, seven files: CPU less that of zcat, against plain text",
        "<= 1.05",
        f"{ratio:.2f} (wall {packed.wall / plain.wall:.2f})",
        ratio <= 1.05,
    )


def _size(session: Session, name: str) -> Iterator[Row]:
    """Yield time per line and peak memory of an input against 2 M lines."""
    small, large = session.run("plain"), session.run(name, is_long=True)
    ratio, cpu = large.against(small)
    peak = large.peak_mb / small.peak_mb
    size = f"{large.n_lines / 1e6:.0f} M lines against 2 M"
    figure = f"{ratio:.2f} (CPU {cpu:.2f}; {large.wall:.0f} s)"
    yield Row(f"{size}: wall per line", "<= 1.1", figure, ratio <= 1.1)
    yield Row(
        f"{size}: peak memory",
        "<= 1.1",
        f"{peak:.2f} ({large.peak_mb:.0f} and {small.peak_mb:.0f} MB)",
        peak <= 1.1,
    )


def shuffled(session: Session) -> Iterator[Row]:
    """Yield shuffled lines against grouped ones."""
    grouped = session.run("plain-20m", is_long=True)
    mixed = session.run("shuffled-20m", is_long=True)
    (ratio, cpu), peak = mixed.against(grouped), mixed.peak_mb / grouped.peak_mb
    different = differences(grouped.out / "tables", mixed.out / "tables", without=COLUMNS_BY_FILE)
    figure = f"{ratio:.2f} (CPU {cpu:.2f}; {mixed.wall:.0f} s)"
    yield Row("shuffled, 20 M: wall against grouped", "<= 3", figure, ratio <= 3)
    yield Row(
        "shuffled, 20 M: peak memory",
        "bounded",
        f"{peak:.2f} of grouped ({mixed.peak_mb:.0f} MB)",
        peak <= 1.5,
    )
    yield Row(
        "shuffled, 20 M: tables, apart from columns about files",
        "same bytes",
        different[0] if different else "the same",
        not different,
    )


def shape(session: Session, name: str) -> Iterator[Row]:
    """Yield the time per line and profile row of an odd shape against plain."""
    found, plain = session.run_in_turn((name,), ("plain",))
    ratio, cpu = found.against(plain, rows=True)
    yield Row(
        f"{SHAPES[name]}: wall per line and profile row, against plain",
        "<= 3",
        f"{ratio:.2f} (CPU {cpu:.2f}; {found.wall:.1f} s, {found.peak_mb:.0f} MB)",
        ratio <= 3,
    )


def target_scope(session: Session) -> Iterator[Row]:
    """Yield the CPU of the target scope against the full one."""
    target, full = session.run_in_turn(("plain", "--scope", "target"), ("plain",))
    ratio = target.cpu / full.cpu
    figure = f"{ratio:.2f} ({target.cpu:.2f} and {full.cpu:.2f} s)"
    yield Row("target scope: CPU against full scope", "<= 0.6", figure, ratio <= 0.6)


def start(session: Session) -> Iterator[Row]:
    """Yield the wall of commands that do nothing."""
    for option in ("--help", "--version"):
        command = [str(OURS / "gafreduce"), option]
        wall = measure.in_turn({option: command}, 10, 0)[option].median("wall")
        yield Row(f"gafreduce {option}", "<= 0.15 s", f"{wall:.2f} s", wall <= 0.15)


def report(session: Session) -> Iterator[Row]:
    """Yield what the report adds to a run after its imports, which run during the job."""
    for name, what, seconds in (
        ("founding", "founding seven", 1.5),
        ("1000-organisms", "1,000 organisms", 60.0),
    ):
        imports, parts = 0.0, ""
        if name == "founding":  # a job shorter than the report's imports
            found = _founding(session)
            tables, page = found["tables"], found["page"]
            imports = found["imports"].median("wall")
            parts = f"imports {imports:.1f} s, job {tables.median('wall'):.1f} s; "
        else:
            tables = session.run(name, is_long=True).series
            page = session.run(name, is_long=True, report=True).series
        added = page.median("wall") - max(tables.median("wall"), imports)
        yield Row(
            f"report, {what}: wall that it adds after its imports",
            f"<= {seconds:g} s",
            f"{added:.1f} s ({parts}peak {page.peak_mb:.0f} MB)",
            added <= seconds and page.peak_mb <= 1000,
        )


def _founding(session: Session) -> dict[str, measure.Series]:
    samples = HERE.parent / "data" / "samples"
    ontology = Bench(samples / "go-samples.obo", session.bench.scratch)
    tables = ontology.gafreduce("founding", [str(samples)])
    page = [option for option in tables if option != "--no-report"]
    heavy = "from gafreduce.reports.html import render; render.import_drawing_modules()"
    imports = [str(OURS / "python"), "-c", heavy]
    return measure.in_turn(
        {"tables": tables, "page": page, "imports": imports},
        session.rounds,
        before=session.bench.clear,
    )


def _stand_in(session: Session, name: str) -> Iterator[Row]:
    """Yield an input of UniProt-GOA's shape against what 2 M of its lines foretell.

    The prediction is printed before it is measured: by lines, without a run's start.
    """
    small, start = session.run(f"{name}-sample"), session.run("goa-start")
    n_lines = int(INPUTS[name][-1])
    times = (n_lines - start.n_lines) / (small.n_lines - start.n_lines)
    wall = start.wall + (small.wall - start.wall) * times
    cpu = start.cpu + (small.cpu - start.cpu) * times
    # in memory a record is written when it is made and when it is sorted; above that, a run
    # of sorted ones too; what comes of the job, about the text of the tables, is written once
    text = small.text_mb
    spilled = (text + (small.spilled_mb - text) * 3 / 2) * times
    peak = small.peak_mb
    foretold = f"{wall:.0f} s, CPU {cpu:.0f} s, {peak:.0f} MB, {spilled:.0f} MB spilled"
    print(f"{name}: foretold are {foretold}", file=sys.stderr)
    large = session.run(name, is_long=True)
    after = session.measure(f"{name}-sample")  # what the machine's mood makes of the same work
    for what, unit, one, other, same in (
        ("wall", "s", wall, large.wall, after.wall / small.wall),
        ("CPU", "s", cpu, large.cpu, after.cpu / small.cpu),
        ("peak memory", "MB", peak, large.peak_mb, after.peak_mb / peak),
        ("spilled", "MB", spilled, large.spilled_mb, after.spilled_mb / small.spilled_mb),
    ):
        yield Row(
            f"UniProt-GOA's shape, {n_lines / 1e6:.0f} M lines: {what} against foretold",
            "0.85 to 1.15",
            f"{other / one:.2f} ({one:.0f} {unit} foretold, {other:.0f} {unit} measured; the "
            f"sample took {same:.2f} times as much right after)",
            0.85 <= other / one <= 1.15,
        )


#: Checks by name, the short ones first.
CHECKS: dict[str, Callable[[Session], Iterator[Row]]] = {
    "start": start,
    "target-scope": target_scope,
    "gz": gz,
    **{name: partial(shape, name=name) for name in SHAPES},
    "report": report,
    "size-20m": partial(_size, name="plain-20m"),
    "shuffled": shuffled,
    "size-100m": partial(_size, name="plain-100m"),
    "stand-in-200m": partial(_stand_in, name="goa-200m"),
}
