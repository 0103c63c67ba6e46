r"""The main job: reads annotation files, writes organisms, gene products, rows and term profiles.

Step 1 maps annotation lines to runs, one record for the consecutive lines of a gene product, keyed
by organism and bucket. It reduces them, one gene product after another, to the counts, rows and
profile of each organism. Step 2, keyed by term, organism or file, adds up the parts that buckets
and reducers of step 1 made, and lists the organisms of each term.

As a script, which makes the term file and the input list if they are not given:

    python jobs/annotation_profile.py -r local --ontology go-basic.obo --term GO:0030420 \
        --output-dir out --no-cat-output FILE.gaf [FILE.gaf.gz ...]

jobs/records.py defines all records.
"""

from __future__ import annotations

from functools import cached_property
from typing import IO, Any, Iterator, List

from gafreduce.jobs.mapper.map_task import map_task
from gafreduce.jobs.mapper.mapper import ProfileMapper
from gafreduce.jobs.reducer import merge_reducer
from gafreduce.jobs.reducer.product_reducer import ProductReducer
from gafreduce.jobs.runners import script
from gafreduce.jobs.runners.stream_job import MRStep, StreamJob

SCOPES = ("full", "target")


class MRAnnotationProfile(StreamJob):
    """Counts annotations by organism and term, and lists those of the target's term set."""

    def declare_options(self) -> None:
        """Declare the job's options."""
        super().declare_options()
        self.add_passthru_arg(
            "--scope",
            choices=SCOPES,
            default="full",
            help="full: profile all GO terms; target: those of the term set only",
        )
        self.add_passthru_arg(
            "--many-targets",
            action="store_true",
            help="the term file joins the term sets of several targets: rows are not summarised",
        )

    def steps(self) -> list[Any]:
        """Return the two steps; the second needs no mapper: its records have keys."""
        return [
            MRStep(mapper=self.map_annotations, reducer=self.reduce_gene_products),
            MRStep(reducer=self.reduce_terms),
        ]

    def map_annotations(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Map annotation lines to runs of gene products, rows of `annotations` and line counts."""
        return map_task(self._mapper, stdin, self.inputs, self.filters.quarantine)

    def reduce_gene_products(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Reduce records of gene products to organisms, gene products, rows and profiles."""
        has_many = self.options.many_targets
        return ProductReducer(self.terms, self._target_only(), has_many).reduce(stdin)

    def reduce_terms(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Reduce records of terms, organisms and files to sums, and to the organisms of terms."""
        return merge_reducer.merge(stdin)

    @cached_property
    def _mapper(self) -> ProfileMapper:
        """The mapper of all tasks that this process runs: its caches serve the next file too."""
        target_only, has_many = self._target_only(), self.options.many_targets
        return ProfileMapper(self.terms, target_only, self.filters, self.id_map, has_many)

    def _target_only(self) -> bool:
        return bool(self.options.scope == "target")


if __name__ == "__main__":
    script.main(MRAnnotationProfile)
