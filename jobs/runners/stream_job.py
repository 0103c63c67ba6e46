"""What both jobs share: whole lines as records, whole streams to a step, our own runners."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, Iterable, Iterator, List, Tuple

from mrjob.job import MRJob
from mrjob.protocol import BytesValueProtocol
from mrjob.step import MRStep

from gafreduce.jobs.files import input_list
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.model.filters import NO_FILTERS, Filters, read_filters
from gafreduce.jobs.native import loader
from gafreduce.jobs.runners import script
from gafreduce.jobs.runners.local import RUNNERS
from gafreduce.ontology import termfile

#: Scripts take what they need of mrjob from here: `jobs` has to be imported before it.
__all__ = ["MRStep", "StreamJob"]

_Pairs = Iterator[Tuple[None, bytes]]


class StreamJob(MRJob):
    """A job whose mappers and reducers take a task's whole input, a stream of bytes."""

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
        """Declare the options that every job has."""
        super().configure_args()
        self.add_file_arg("--term-file", help="term file; made from --ontology when absent")
        self.add_file_arg("--input-list", help="what is known of each input; made when absent")
        self.add_file_arg("--filters", help="filters as JSON; every line is taken when absent")
        script.add_arguments(self)

    def files(self) -> list[str]:
        """Return what travels beside the job: to clusters the compiled twin."""
        files: list[str] = super().files()
        if not loader.has_extension() or self.options.runner not in ("hadoop", "emr"):
            return files
        return [*files, f"{loader.module.__file__}#{loader.SHIPPED_NAME}"]

    # Side files, read once: a local runner gives one job the tasks of a process, one by one.

    @cached_property
    def terms(self) -> termfile.TermFile:
        """The term file of the run."""
        return termfile.read(Path(self.options.term_file))

    @cached_property
    def inputs(self) -> Tuple[InputFile, ...]:
        """What is known of each input."""
        return input_list.read(Path(self.options.input_list))

    @cached_property
    def filters(self) -> Filters:
        """The filters of the run."""
        path = self.options.filters
        return read_filters(Path(path)) if path else NO_FILTERS

    # mrjob calls a mapper for each line and a reducer for each key; these take the whole stream
    # instead, and give lists of records: a block's, an organism's, some thousand of a table's.
    # Both hooks are documented for "running specific parts of jobs".

    def map_pairs(self, pairs: Any, step_num: int = 0) -> _Pairs:
        """Give a task's whole input to the step's mapper."""
        return _pairs(self.steps()[step_num]["mapper"](self.stdin))

    def reduce_pairs(self, pairs: Any, step_num: int = 0) -> _Pairs:
        """Give a task's whole input to the step's reducer."""
        return _pairs(self.steps()[step_num]["reducer"](self.stdin))

    # Our own runners, but for EMR's, for the script and the front door alike.

    def _runner_class(self) -> Any:
        if self.options.runner == "hadoop":
            from gafreduce.jobs.runners.hadoop import FewCallsHadoopRunner  # no task needs it

            return FewCallsHadoopRunner
        return RUNNERS.get(self.options.runner or "inline") or super()._runner_class()

    def _runner_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super()._runner_kwargs()
        if self.options.runner == "local":
            kwargs["mrjob_cls"] = type(self)
        return kwargs


def _pairs(lists: Iterable[List[bytes]]) -> _Pairs:
    """Return each list of records as one value of several lines; mrjob adds the last line end."""
    return ((None, b"\n".join(records)) for records in lists if records)
