"""The statistics and the page of a run, from its tables; what to do comes from standard input.

It reads a line of JSON:

    {"run_dir": .., "term_file": .., "scratch": .., "components": .., "orthologs": ..}

Its answer is a line with the path of a request for the job of context, or null when none is needed;
then it reads the part files of that job, and makes statistics and page:

    {"context": [..]}
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow
from pyarrow import parquet

from gafreduce.jobs.mapper import context_request as requests
from gafreduce.ontology import termfile
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.components.components_file import read_machinery
from gafreduce.reports.html.render import PageBuilder, import_drawing_modules
from gafreduce.reports.statistics.context_request import context_request
from gafreduce.reports.statistics.context_tables import context_tables
from gafreduce.reports.statistics.evidence_lines import READ
from gafreduce.reports.statistics.run_all import Statistics, write_statistics
from gafreduce.reports.statistics.sensitivity import robustness_taxa
from gafreduce.reports.summary.exports import write_exports
from gafreduce.reports.tables.writer import release_memory

_REQUEST = "context-request.json"
_NO_TEXTS = ("taxon_id", "negated", "takes_part", "n_annotations")

#: Columns that the statistics read, where a table has more.
_OF_GENE_PRODUCTS = ("taxon_id", "object_id", "status", "n_annotations")


def read_tables(folder: RunFolder) -> dict[str, pd.DataFrame]:
    """Return the tables of a run folder that the statistics are made from.

    Of `annotations`, which can be nearly the input, only the organisms that are asked for.
    """
    organisms = _read(folder, "organisms")
    gene_products = _read(folder, "gene_products", _OF_GENE_PRODUCTS)
    reasons = robustness_taxa(gene_products, organisms)
    chosen = [taxon for taxon, reason in reasons.items() if not reason]
    return {
        "organisms": organisms,
        "gene_products": gene_products,
        "profile": _read(folder, "profile"),
        "annotations": _read(
            folder,
            "annotations",
            ("taxon_id", *READ),
            None if len(chosen) == len(reasons) else [("taxon_id", "in", chosen)],
        ),
    }


def _read(
    folder: RunFolder, name: str, columns: Sequence[str] | None = None, filters: Any = None
) -> pd.DataFrame:
    # cells that occur again and again are held once
    texts = [each for each in columns or () if each not in _NO_TEXTS]
    found = parquet.read_table(
        folder.parquet(name),
        columns=None if columns is None else list(columns),
        read_dictionary=texts,
        filters=filters,
    )
    frame: pd.DataFrame = found.to_pandas(types_mapper={pyarrow.int64(): pd.Int64Dtype()}.get)
    return frame


def serve(stdin: IO[str], stdout: IO[str]) -> None:
    """Do what standard input says; see above. An end before it says anything is no error."""
    import_drawing_modules()
    first = stdin.readline()
    if not first:
        return
    said: dict[str, Any] = json.loads(first)
    folder, scratch = RunFolder(Path(said["run_dir"])), Path(said["scratch"])
    terms = termfile.read(Path(said["term_file"]))
    files = (Path(said[name]) if said[name] else None for name in ("components", "orthologs"))
    machinery = read_machinery(terms.target, *files)
    tables = read_tables(folder)
    request = context_request(tables["gene_products"], tables["organisms"], machinery)
    path = None if request.asks_for_nothing() else scratch / _REQUEST
    if path is not None:
        requests.write(request, path)
    stdout.write(json.dumps(None if path is None else str(path)) + "\n")
    stdout.flush()
    record = folder.read_record()
    statistics = Statistics(tables, terms, machinery, record["scope"] == "target")
    release_memory()  # before pictures are drawn, by a process beside this one
    page = PageBuilder(folder)
    parts = [Path(part) for part in json.loads(stdin.readline())["context"]]
    made = statistics.tables(context_tables(parts, scratch))
    write_statistics(made, folder)
    write_exports(folder)
    page.finish()
