"""Base class of the jobs: each step reads a whole stream, and the runners are our own.

These are not ordinary mrjob jobs: mrjob calls a mapper for each line and a reducer for each key,
which would take most of the time. Here both get the standard input of their task and return lists
of records. So options of mrjob that change protocols, combiners or filters do nothing.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, Iterable, Iterator, List, Tuple

from mrjob.job import MRJob
from mrjob.protocol import BytesValueProtocol
from mrjob.step import MRStep

from gafreduce.jobs.files import input_list
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.mapper.id_map import NO_MAP, IdMap, read_id_map
from gafreduce.jobs.model.filters import NO_FILTERS, Filters, read_filters
from gafreduce.jobs.native import loader
from gafreduce.jobs.runners import script
from gafreduce.jobs.runners.local import RUNNERS
from gafreduce.ontology import termfile

#: Scripts import `MRStep` from here, since the package must be imported before mrjob.
__all__ = ["MRStep", "StreamJob"]

_Pairs = Iterator[Tuple[None, bytes]]
#: The attributes of mrjob by which each class of jobs declares its options.
_DECLARED: Dict[type, Dict[str, Any]] = {}


class StreamJob(MRJob):
    """A job with mappers and reducers that take the standard input of their task."""

    INPUT_PROTOCOL = BytesValueProtocol
    # Records are whole lines that begin with their key, on both sides of a shuffle.
    INTERNAL_PROTOCOL = BytesValueProtocol
    OUTPUT_PROTOCOL = BytesValueProtocol
    SORT_VALUES = True
    JOBCONF = {
        # A line ends at LF alone; Hadoop's default reader also ends it at CR.
        "textinputformat.record.delimiter": "\n",
        # Streaming passes the whole jobconf to tasks as environment, too small for many inputs.
        "stream.jobconf.truncate.limit": "20000",
    }

    def configure_args(self) -> None:
        """Declare the options once for each class: there are 150, and a run makes five jobs."""
        declared = ("arg_parser", "_passthru_arg_dests", "_file_arg_dests")
        if type(self) not in _DECLARED:
            super().configure_args()
            self.declare_options()
            _DECLARED[type(self)] = {name: getattr(self, name) for name in declared}
        self.__dict__.update(_DECLARED[type(self)])

    def declare_options(self) -> None:
        """Declare the options that every job has."""
        self.add_file_arg("--term-file", help="term file; default: made from --ontology")
        self.add_file_arg("--input-list", help="facts on each input; default: made from the files")
        self.add_file_arg("--filters", help="filters as JSON; every line is taken when absent")
        self.add_file_arg("--id-map", help="other ids of gene products; none when absent")
        script.add_arguments(self)

    def files(self) -> list[str]:
        """Return the files that are shipped with the job: to clusters, also the C extension."""
        files: list[str] = super().files()
        if not loader.has_extension() or self.options.runner not in ("hadoop", "emr"):
            return files
        return [*files, f"{loader.module.__file__}#{loader.SHIPPED_NAME}"]

    # Side files are read once: with a local runner, one job runs all tasks of a process.

    @cached_property
    def terms(self) -> termfile.TermFile:
        """The term file of the run."""
        return termfile.read(Path(self.options.term_file))

    @cached_property
    def inputs(self) -> Tuple[InputFile, ...]:
        """The input list."""
        return input_list.read_input_list(Path(self.options.input_list))

    @cached_property
    def filters(self) -> Filters:
        """The filters of the run."""
        path = self.options.filters
        return read_filters(Path(path)) if path else NO_FILTERS

    @cached_property
    def id_map(self) -> IdMap:
        """Other ids of gene products."""
        path = self.options.id_map
        return read_id_map(Path(path)) if path else NO_MAP

    # mrjob documents both hooks for "running specific parts of jobs".

    def map_pairs(self, pairs: Any, step_num: int = 0) -> _Pairs:
        """Return the records of the step's mapper for the whole input of a task."""
        return _make_pairs(self.steps()[step_num]["mapper"](self.stdin))

    def reduce_pairs(self, pairs: Any, step_num: int = 0) -> _Pairs:
        """Return the records of the step's reducer for the whole input of a task."""
        return _make_pairs(self.steps()[step_num]["reducer"](self.stdin))

    # Scripts and the command line use our own runners, except on EMR.

    def _runner_class(self) -> Any:
        if self.options.runner == "hadoop":
            from gafreduce.jobs.runners.hadoop import FewCallsHadoopRunner  # tasks do without

            return FewCallsHadoopRunner
        return RUNNERS.get(self.options.runner or "inline") or super()._runner_class()

    def _non_option_kwargs(self) -> dict[str, Any]:
        """Let mrjob make its second parser of the options alone that tasks get."""
        own = self.__dict__
        parser = own["arg_parser"]
        passed_on = self._passthru_arg_dests | self._file_arg_dests
        actions = [action for action in parser._actions if action.dest in passed_on]
        own["arg_parser"] = SimpleNamespace(_actions=actions)
        try:
            kwargs: dict[str, Any] = super()._non_option_kwargs()
        finally:
            own["arg_parser"] = parser
        return kwargs

    def _runner_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super()._runner_kwargs()
        if self.options.runner == "local":
            kwargs["mrjob_cls"] = type(self)
        return kwargs


def _make_pairs(lists: Iterable[List[bytes]]) -> _Pairs:
    """Return each list of records as one value; mrjob adds its last line end."""
    return ((None, b"\n".join(records)) for records in lists if records)
