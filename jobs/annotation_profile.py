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

from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Iterable, Iterator, Tuple

from mrjob.job import MRJob
from mrjob.protocol import BytesValueProtocol
from mrjob.step import MRStep

from jobs import compare, input_list, launch, map_input
from jobs.digest import Digest
from jobs.file_counts import FileCounts
from jobs.reduce_products import ProductReducer
from jobs.runners import RUNNERS
from ontology import termfile

#: Records are handed to mrjob some thousands at a time, as one value of several lines.
_BATCH = 4096

SCOPES = ("full", "target")

_Pairs = Iterator[Tuple[None, bytes]]


class MRAnnotationProfile(MRJob):
    """Counts each organism's annotations by term, and lists those of the target's closure."""

    INPUT_PROTOCOL = BytesValueProtocol
    # Records are whole lines, their key in front: both sides of a shuffle see the same bytes.
    INTERNAL_PROTOCOL = BytesValueProtocol
    OUTPUT_PROTOCOL = BytesValueProtocol
    SORT_VALUES = True
    JOBCONF = {
        # A line ends at LF alone; Hadoop's reader would also cut at CR.
        "textinputformat.record.delimiter": "\n",
        # Streaming hands the whole jobconf to tasks as environment; many inputs would overflow it.
        "stream.jobconf.truncate.limit": "20000",
    }

    def configure_args(self) -> None:
        """Declare the job's options."""
        super().configure_args()
        self.add_file_arg("--term-file", help="term file; made from --ontology when absent")
        self.add_file_arg("--input-list", help="what is known of each input; made when absent")
        self.add_passthru_arg(
            "--scope",
            choices=SCOPES,
            default="full",
            help="full: the profile of the whole GO; target: of the closure only",
        )
        launch.add_arguments(self)

    def steps(self) -> list[Any]:
        """Return the two steps; the second needs no mapper, its records have their keys."""
        return [
            MRStep(mapper=self.map_annotations, reducer=self.reduce_gene_products),
            MRStep(reducer=self.reduce_terms),
        ]

    def map_annotations(self, stdin: IO[bytes]) -> Iterator[bytes]:
        """Annotation lines to a record for each run of a gene product, rows and line counts."""
        digest = Digest(self._terms(), self._target_only())
        for part in map_input.read(stdin, input_list.read(Path(self.options.input_list))):
            counts = FileCounts()
            for records in digest.records(part.source, part.blocks, counts):
                yield from records
                if counts.has_many_taxa():
                    yield from counts.records(part.number)
            if part.tally is not None:
                counts.n_bytes += part.tally.stored_bytes
                counts.sha256 = part.tally.sha256
            yield from counts.records(part.number)

    def reduce_gene_products(self, stdin: IO[bytes]) -> Iterator[bytes]:
        """Records of gene products to organisms, gene products, rows and profiles."""
        return ProductReducer(self._terms(), self._target_only()).records(stdin)

    def reduce_terms(self, stdin: IO[bytes]) -> Iterator[bytes]:
        """Records of terms, organisms and files to sums, and the organisms of each term."""
        return compare.records(stdin)

    def _terms(self) -> termfile.TermFile:
        return termfile.read(Path(self.options.term_file))

    def _target_only(self) -> bool:
        return bool(self.options.scope == "target")

    # mrjob calls a mapper for each line and a reducer for each key; these take the whole stream
    # instead. Both hooks are documented for "running specific parts of jobs".

    def map_pairs(self, pairs: Any, step_num: int = 0) -> _Pairs:
        """Give a task's whole input to the step's mapper."""
        return _batches(self.steps()[step_num]["mapper"](self.stdin))

    def reduce_pairs(self, pairs: Any, step_num: int = 0) -> _Pairs:
        """Give a task's whole input to the step's reducer."""
        return _batches(self.steps()[step_num]["reducer"](self.stdin))

    # Our own inline and local runners, for the script and the front door alike.

    def _runner_class(self) -> Any:
        return RUNNERS.get(self.options.runner or "inline") or super()._runner_class()

    def _runner_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super()._runner_kwargs()
        if self.options.runner == "local":
            kwargs["mrjob_cls"] = type(self)
        return kwargs


def _batches(records: Iterable[bytes]) -> _Pairs:
    """Return records as pairs for mrjob's protocol, which adds the last line end of each."""
    records = iter(records)
    for first in records:
        yield None, b"\n".join(chain((first,), islice(records, _BATCH)))


if __name__ == "__main__":
    launch.main(MRAnnotationProfile)
