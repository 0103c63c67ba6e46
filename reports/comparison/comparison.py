"""Compare runs of one term, and write the folder of the comparison.

The folder has the tables of `schema` (tables/NAME.tsv), the page, sentences and counts as JSON, and
MANIFEST.tsv, which is written last.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gafreduce.errors import InputError
from gafreduce.publishing import manifest
from gafreduce.publishing.run_folder import RunFolder, parquet_path, table_path
from gafreduce.reports.comparison.compared_run import ComparedRun
from gafreduce.reports.comparison.reasons import REASONS, rank_reason
from gafreduce.reports.comparison.schema import COMPARISON_TABLES
from gafreduce.reports.comparison.steps import Cells, RunStep
from gafreduce.reports.comparison.term_differences import TermComparison
from gafreduce.reports.summary.comparison_sentences import NO_CAUSE, write_headline
from gafreduce.reports.tables.writer import encode_row
from gafreduce.streams import StyledLine
from gafreduce.terminal.text_table import (
    TextCell,
    TextColumn,
    format_table,
    get_width,
    wrap_text,
)

PAGE = "comparison.html"
DATA = "comparison.json"
SCHEMA = "gafreduce-comparison/1"
#: Files of a run that a comparison reads, besides its record.
FILES = (
    *map(table_path, ("organisms", "term_set", "inputs", "findings")),
    *map(parquet_path, ("annotations", "gene_products", "profile", "terms")),
)
#: Tables whose rows are differences.
DIFFERENCES = ("organisms", "gene_products", "annotations", "terms")


class RunComparison:
    """The differences between runs, each with the next one, as tables of rows."""

    def __init__(
        self,
        folders: Sequence[RunFolder],
        id_map: Mapping[str, str] | None = None,
        ontologies: Sequence[Path] = (),
    ) -> None:
        """Compare the runs.

        Args:
            folders: Two or more run folders, in their order.
            id_map: Ids of gene products, each with the one that it is counted under.
            ontologies: Files of the ontologies of the runs; each is known by its checksum.

        Raises:
            InputError: The runs have other targets, an ontology is that of no run, or a table is
                missing or damaged.
        """
        id_map = id_map or {}
        self.runs = [ComparedRun(folder, id_map, folder.path.name) for folder in folders]
        self._check_targets()
        for path in ontologies:
            self._add_ontology(path)
        self.rows: dict[str, list[Cells]] = {name: [] for name in COMPARISON_TABLES}
        self.headlines: list[str] = []
        self.verdict_changes: list[Cells] = []
        self.rows["runs"] = [self._make_run(*each) for each in enumerate(self.runs, 1)]
        for number, (before, after) in enumerate(zip(self.runs, self.runs[1:], strict=False), 1):
            self._add_step(RunStep(number, before, after, id_map))

    @property
    def term(self) -> str:
        """Name and id of the target."""
        target = self.runs[-1].record["target"]
        return f"{target['name']} ({target['go_id']})"

    def _check_targets(self) -> None:
        first, *others = self.runs
        for run in others:
            if run.target != first.target:
                raise InputError(
                    f"{run.folder.path}: expected a run of {first.target}, as "
                    f"{first.folder.path} is, got one of {run.target} (runs of other terms cannot "
                    "be compared: run both with the same --term)"
                )

    def _add_ontology(self, path: Path) -> None:
        from gafreduce.ontology.graph import load_graph

        graph = load_graph(path)
        runs = [run for run in self.runs if run.ontology_sha256 == graph.sha256]
        if not runs:
            raise InputError(
                f"{path}: expected the ontology of one of the runs, got another (its version: "
                f"{graph.data_version or 'not stated'}; leave out --ontology, or name the file "
                "that a run was made with)"
            )
        for run in runs:
            run.graph = graph

    def _make_run(self, number: int, run: ComparedRun) -> Cells:
        compared = [row for row in run.organisms.values() if row["compared"] == "true"]
        counts = [row["n_target_gene_products"] for row in run.organisms.values()]
        return {
            "number": number,
            "folder": run.name,
            "run_id": run.record["run_id"],
            "gafreduce_version": run.record["gafreduce_version"],
            "go_id": run.target,
            "ontology_version": run.record["ontology"]["data_version"],
            "ontology_sha256": run.ontology_sha256,
            "n_organisms": len(compared),
            "n_gene_products": sum(int(count) for count in counts if count),
        }

    def _add_step(self, step: RunStep) -> None:
        found = {
            "organisms": step.list_organisms(),
            "gene_products": step.list_products(),
            "annotations": step.list_lines(),
            "terms": TermComparison(step).list_rows(),
        }
        for name, rows in found.items():
            self.rows[name] += rows
        self.rows["settings"] += [
            {"step": step.number, **each._asdict()} for each in step.finder.settings
        ]
        self.rows["differences"] += self._count_differences(step.number, found)
        self.headlines.append(
            write_headline(
                self.term, found["organisms"], found["gene_products"], len(found["terms"])
            )
        )
        self.verdict_changes += [
            row for row in found["organisms"] if row["verdict_before"] != row["verdict_after"]
        ]

    @staticmethod
    def _count_differences(step: int, found: Mapping[str, Sequence[Cells]]) -> list[Cells]:
        rows = []
        for table in DIFFERENCES:
            counts = Counter((row["reason"], row["change"]) for row in found[table])
            for reason in sorted({reason for reason, _ in counts}, key=rank_reason):
                numbers = {f"n_{word}": counts[reason, word] for word in ("new", "gone", "changed")}
                meaning = REASONS[reason]
                rows.append(
                    {"step": step, "table": table, "reason": reason, "meaning": meaning, **numbers}
                )
        return rows

    @property
    def title_sentence(self) -> str:
        """The sentence at the top: that of the only step, or of all."""
        if len(self.headlines) == 1:
            return self.headlines[0]
        names = [run.name for run in self.runs]
        parts = (
            f"{before} to {after}: {headline}"
            for before, after, headline in zip(names, names[1:], self.headlines, strict=False)
        )
        return " ".join(parts)

    def make_data(self) -> dict[str, Any]:
        """Return sentences, runs, settings, counts and organisms as plain data."""
        names = ("runs", "settings", "differences", "organisms")
        return {
            "schema": SCHEMA,
            "term": self.runs[-1].record["target"]["go_id"],
            "headlines": self.headlines,
            "note": NO_CAUSE,
            **{name: self.rows[name] for name in names},
        }

    def write(self, folder: Path) -> None:
        """Write tables, page, data and manifest into an empty folder."""
        from gafreduce.reports.comparison.page import render_comparison  # it needs Matplotlib

        tables = folder / Path(table_path("x")).parent
        tables.mkdir()
        for name, table in COMPARISON_TABLES.items():
            with (folder / table_path(name)).open("wb") as stream:
                stream.write("\t".join(table.column_names).encode() + b"\n")
                stream.writelines(encode_row(table, row) for row in self.rows[name])
        (folder / PAGE).write_text(
            render_comparison(self.runs, self.rows, self.headlines),
            encoding="utf-8",
            newline="\n",
        )
        text = json.dumps(self.make_data(), indent=2, ensure_ascii=False)
        (folder / DATA).write_text(f"{text}\n", encoding="utf-8", newline="\n")
        manifest.write_manifest(folder)


def list_lines(comparison: RunComparison) -> Iterator[str | StyledLine]:
    """Yield the lines for the terminal: the sentence, and the differences by reason."""
    width = get_width()
    yield from wrap_text(comparison.title_sentence, width)
    rows = comparison.rows["differences"]
    if rows:
        yield ""
        titles = {"step": "step", "table": "table", "n_new": "new", "n_gone": "gone"}
        titles |= {"n_changed": "changed", "reason": "reason", "meaning": "meaning"}
        if len(comparison.runs) == 2:
            del titles["step"]
        yield from format_table(
            [TextColumn(title, name.startswith("n_")) for name, title in titles.items()],
            [[TextCell(str(row[name])) for name in titles] for row in rows],
            width,
        )
    yield ""
    yield from wrap_text(NO_CAUSE, width)
