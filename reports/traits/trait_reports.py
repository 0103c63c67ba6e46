"""The reports of the traits of a study: statistics, figures and page of each run folder.

Tables that do not depend on the trait are computed once, before the processes are forked that make
the reports: they inherit them, and all imported libraries.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from gafreduce import startup
from gafreduce.jobs.mapper import context_request
from gafreduce.jobs.mapper.context_request import ContextRequest
from gafreduce.jobs.runners.process_pool import ProcessPool, TaskError
from gafreduce.reports.components.components_file import read_machinery
from gafreduce.reports.html.figure_files import KnownFigures
from gafreduce.reports.html.render import PageBuilder, import_drawing_modules
from gafreduce.reports.statistics.context import read_context_tables, request_context
from gafreduce.reports.statistics.run_all import (
    Shared,
    Statistics,
    read_tables,
    write_statistics,
)
from gafreduce.reports.summary.exports import write_exports
from gafreduce.reports.tables import frames
from gafreduce.reports.traits.trait_file import TraitRun

_REQUEST_FILE = "context-request.json"


class TraitReports:
    """The reports of all traits, in two steps: the second job runs between them."""

    def __init__(
        self,
        traits: Sequence[TraitRun],
        files: Sequence[Path | None],
        slim: Sequence[str],
        scratch: Path,
    ) -> None:
        """Read the tables of all traits, and find the lines that statistics need.

        Args:
            traits: The traits, whose run folders have their core tables.
            files: The files of components and of orthologs.
            slim: Ids of the terms of a subset of GO.
            scratch: A temporary folder.
        """
        import_drawing_modules()
        self._traits = traits
        self._scratch = scratch
        self._slim = slim
        self._figures: KnownFigures = {}
        self._machinery = [read_machinery(trait.go_id, *files) for trait in traits]
        self._profile = read_tables(traits[0].folder)["profile"]
        self._requests: list[ContextRequest] = []
        for trait, machinery in zip(traits, self._machinery, strict=True):
            tables = read_tables(trait.folder, self._profile)
            self._requests.append(
                request_context(tables["gene_products"], tables["organisms"], machinery)
            )

    def request_context(self) -> Path | None:
        """Write the request of the second job for all traits; None when they need no lines."""
        requests = self._requests
        joint = ContextRequest(
            frozenset().union(*(each.object_ids for each in requests)),
            frozenset().union(*(each.families for each in requests)),
            frozenset().union(*(each.symbols for each in requests)),
            tuple(dict.fromkeys(n for each in requests for n in each.term_set_organisms)),
        )
        if joint.is_empty():
            return None
        path = self._scratch / _REQUEST_FILE
        context_request.write_request(joint, path)
        return path

    def make(self, parts: Sequence[Path], n_workers: int) -> None:
        """Make the reports.

        Args:
            parts: The part files of the second job.
            n_workers: Number of processes.

        Raises:
            GafreduceError: A report could not be made.
        """
        organisms = read_tables(self._traits[0].folder, self._profile)["organisms"]
        context = read_context_tables(parts, self._scratch, frames.read_samples(organisms))
        shared: Shared = {}
        tasks = []
        for number in range(len(self._traits)):
            make = partial(self._make_report, number, context, shared)
            if number == 0:
                make()  # it computes what others inherit
            else:
                tasks.append(make)
        if not tasks:
            return
        startup.freeze_objects()
        with ProcessPool(tasks, min(n_workers, len(tasks)), "makes reports") as pool:
            try:
                for _ in pool.run():
                    pass
            except TaskError as error:
                raise error.__cause__ or error from None

    def _make_report(self, number: int, context: dict[str, pd.DataFrame], shared: Shared) -> None:
        trait, machinery = self._traits[number], self._machinery[number]
        tables = read_tables(trait.folder, self._profile)
        target_only = trait.folder.read_record()["scope"] == "target"
        statistics = Statistics(
            tables, trait.terms, machinery, target_only, shared, slim=self._slim
        )
        page = PageBuilder(trait.folder, known=self._figures)
        own = {
            **context,
            "context": _select_context(context["context"], self._requests[number]),
        }
        write_statistics(statistics.complete(own), trait.folder)
        write_exports(trait.folder)
        page.finish()


def _select_context(context: pd.DataFrame, request: ContextRequest) -> pd.DataFrame:
    """Return the rows of `context` that a request of one trait asks for."""
    wanted = context["object_id"].isin(request.object_ids)
    if request.families:
        wanted |= context["with_from"].fillna("").map(request.names_family).astype(bool)
    if request.symbols:
        for name in ("symbol", "synonyms"):
            wanted |= context[name].fillna("").map(request.names_symbol).astype(bool)
    return context[wanted].reset_index(drop=True)
