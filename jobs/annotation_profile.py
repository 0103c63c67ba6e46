r"""The main job: annotation files in; organisms, gene products, rows and term profiles out.

Step 1 maps annotation lines to one record per run of lines of a gene product, keyed by taxon and
bucket, and reduces them, gene product by gene product, to the organism's counts, its rows and its
profile. Step 2, keyed by term (and by organism, by file), adds up what the buckets and reducers of
step 1 left in parts, and puts the organisms of each term side by side.

By hand, as mrjob users do (the term file and the input list are made when they are not given):

    python jobs/annotation_profile.py -r local --ontology go-basic.obo --term GO:0030420 \
        --output-dir out --no-cat-output FILE.gaf [FILE.gaf.gz ...]

Every record is described in docs/formats.md#records-of-the-jobs.
"""

from __future__ import annotations

from functools import cached_property
from typing import IO, Any, Iterator, List

from gafreduce.jobs.mapper.mapper import ProfileMapper, map_task
from gafreduce.jobs.reducer import merge_reducer
from gafreduce.jobs.reducer.product_reducer import ProductReducer
from gafreduce.jobs.runners import script
from gafreduce.jobs.runners.stream_job import MRStep, StreamJob

SCOPES = ("full", "target")


class MRAnnotationProfile(StreamJob):
    """Counts each organism's annotations by term, and lists those of the target's closure."""

    def configure_args(self) -> None:
        """Declare the job's options."""
        super().configure_args()
        self.add_passthru_arg(
            "--scope",
            choices=SCOPES,
            default="full",
            help="full: the profile of the whole GO; target: of the closure only",
        )

    def steps(self) -> list[Any]:
        """Return the two steps; the second needs no mapper, its records have their keys."""
        return [
            MRStep(mapper=self.map_annotations, reducer=self.reduce_gene_products),
            MRStep(reducer=self.reduce_terms),
        ]

    def map_annotations(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Map annotation lines to runs of gene products, rows of `annotations` and line counts."""
        return map_task(self._mapper, stdin, self.inputs, self.filters.quarantine)

    def reduce_gene_products(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Reduce records of gene products to organisms, gene products, rows and profiles."""
        return ProductReducer(self.terms, self._target_only()).reduce(stdin)

    def reduce_terms(self, stdin: IO[bytes]) -> Iterator[List[bytes]]:
        """Reduce records of terms, organisms and files to sums, and to the organisms of terms."""
        return merge_reducer.merge(stdin)

    @cached_property
    def _mapper(self) -> ProfileMapper:
        """The mapper of all tasks that this process runs: its caches serve the next file too."""
        return ProfileMapper(self.terms, self._target_only(), self.filters)

    def _target_only(self) -> bool:
        return bool(self.options.scope == "target")


if __name__ == "__main__":
    script.main(MRAnnotationProfile)
