"""Making the figures and the page of a run folder, from its tables and its record alone.

python -m reports.render RUN_DIR
python -m reports.render --wait      imports first, then reads the run folder from standard input
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from reports import figure_style, figures, views
from reports.answer import Answer, make_answer, plural
from reports.page import MAX_ROWS, FigureView, Page
from reports.page import render as render_page
from reports.table_rows import Row, read_rows

FIGURES = "figures"
PAGE = "report.html"


def render(run_dir: Path) -> Path:
    """Write the figures and the page of a run folder; return the page's path.

    Raises:
        TableError: A table is missing or damaged.
    """
    record = json.loads((run_dir / "run.json").read_text(encoding="utf-8"))
    organisms = list(read_rows(run_dir, "organisms"))
    closure = list(read_rows(run_dir, "closure"))
    terms = list(read_rows(run_dir, "terms"))
    answer = make_answer(record, organisms, (row for row in terms if row["term_class"]))
    names = {row["taxon_id"]: row["organism"] for row in organisms}
    gene_products = _named(read_rows(run_dir, "gene_products"), names)
    annotations = _named(read_rows(run_dir, "annotations"), names)
    (run_dir / FIGURES).mkdir(exist_ok=True)
    page = Page(
        answer=answer,
        record=record,
        closure=views.table_view("closure", "The closure: what “descendants” means here", closure),
        organisms=views.organisms_view(organisms, answer),
        evidence=_evidence(run_dir, gene_products, answer),
        presence=_presence(run_dir, annotations, closure, answer),
        sets=_sets(run_dir, terms, answer),
        gene_products=views.table_view("gene_products", "Gene products", gene_products),
        annotations=views.table_view("annotations", "Annotation lines", annotations),
        terms=_terms(terms, names),
        inputs=views.table_view("inputs", "Input files", list(read_rows(run_dir, "inputs"))),
        rejections=views.table_view(
            "rejections", "Rejected lines", list(read_rows(run_dir, "rejections"))
        ),
        incomplete=tuple(found.organism for found in answer.organisms if not found.complete),
        downloads=_downloads(run_dir),
    )
    return _write(run_dir / PAGE, render_page(page))


def _write(path: Path, text: str) -> Path:
    """Write a file all at once."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    return part.replace(path)


def _named(rows: Iterable[Row], names: dict[str, str]) -> list[Row]:
    """Return rows with the organism's name beside its taxon."""
    return [{**row, "organism": names.get(row["taxon_id"], "")} for row in rows]


def _terms(terms: Sequence[Row], names: dict[str, str]) -> Any:
    """Return the terms that are annotated: of the closure first, then by how many have them."""
    direct = [row for row in terms if row["n_organisms"] != "0" or row["term_class"]]
    direct.sort(key=lambda row: (not row["term_class"], -int(row["n_organisms"]), row["go_id"]))
    rows = [
        {
            **row,
            "organisms": ", ".join(
                names.get(taxon_id, taxon_id)
                for taxon_id in row["taxon_ids"].split("|")
                if taxon_id
            ),
        }
        for row in islice(direct, MAX_ROWS)
    ]
    return views.table_view(
        "terms", "Terms annotated in the compared organisms", rows, n_rows=len(direct)
    )


def _figure(
    run_dir: Path, name: str, picture: Any, caption: str, finding: str, frame: pd.DataFrame
) -> FigureView:
    folder = run_dir / FIGURES
    figure_style.save(picture, folder, name)
    svg = (folder / f"{name}.svg").read_text(encoding="utf-8")
    return FigureView(
        name, caption, finding, svg, views.frame_view(name, f"{caption} (numbers)", frame)
    )


def _evidence(run_dir: Path, gene_products: Sequence[Row], answer: Answer) -> FigureView:
    frame = views.evidence_frame(gene_products, answer)
    totals = frame.sum(axis=1)
    most = f"Most has {totals.idxmax()} with {int(totals.max())}." if totals.any() else ""
    finding = f"{answer.headline} {most}".strip()
    return _figure(
        run_dir,
        "evidence",
        figures.evidence_bars(frame),
        "Gene products annotated with the target, by their strongest evidence; each counts once.",
        finding,
        frame.reset_index(names="organism"),
    )


def _presence(
    run_dir: Path, annotations: Sequence[Row], closure: Sequence[Row], answer: Answer
) -> FigureView:
    frame = views.presence_frame(annotations, closure, answer)
    n_terms = frame["go_id"].nunique()
    finding = (
        f"{plural(n_terms, 'term')} of the closure annotated in {len(answer.organisms)} compared "
        "organisms; terms that regulate the target stand apart."
    )
    return _figure(
        run_dir,
        "presence",
        figures.presence_matrix(frame),
        "Organisms and terms of the closure: gene products, and the evidence groups behind them.",
        finding,
        frame,
    )


def _sets(run_dir: Path, terms: Sequence[Row], answer: Answer) -> FigureView:
    frame = views.sets_frame(terms, answer)
    core = frame[frame.iloc[:, 1:].all(axis=1)]["n_terms"].sum() if len(frame) else 0
    finding = (
        f"{int(core)} of {int(frame['n_terms'].sum()) if len(frame) else 0} terms are annotated in "
        f"all {len(answer.organisms)} compared organisms."
    )
    return _figure(
        run_dir,
        "term-sets",
        figures.term_sets(frame, "Terms annotated in exactly these organisms"),
        "Terms by the organisms they are annotated in, directly; each term counts once.",
        finding,
        frame,
    )


def _downloads(run_dir: Path) -> tuple[str, ...]:
    return tuple(
        str(path.relative_to(run_dir))
        for folder in ("tables", FIGURES)
        for path in sorted((run_dir / folder).iterdir())
    )


def main(arguments: Sequence[str]) -> int:
    """Render the run folder that is named, or that standard input names; return the exit code."""
    run_dir = sys.stdin.readline().rstrip("\n") if arguments == ["--wait"] else arguments[0]
    if not run_dir:
        return 0
    try:
        render(Path(run_dir))
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
