"""The staging area of a run: its inputs as the jobs read them, and the place of their output."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gafreduce.errors import GafreduceError
from gafreduce.execution.job import JobError
from gafreduce.inputs.download import JobInput
from gafreduce.inputs.listed_input import SUFFIXES
from gafreduce.publishing import lock_record
from gafreduce.publishing.lock_record import Recorder
from gafreduce.storage import s3


class StagingRequest(NamedTuple):
    """The facts about a run that staging needs."""

    run_id: str
    conf: Path | None  # mrjob.conf
    access: s3.Access
    scratch: Path  # a temporary folder on this machine
    recorder: Recorder = lock_record.ignore  # called before anything is made elsewhere


class StagingArea:
    """The staging area of jobs on this machine; clusters have subclasses.

    Args:
        inputs: As the jobs read them.
        root: The parent folder of outputs, or its URI.
        options: Options of mrjob.
        paths: The paths that a job gets, when they are not those of the inputs.

    Attributes:
        cluster: The last EMR cluster that was started for the run, as `region/id`; or empty.
    """

    def __init__(
        self,
        inputs: Sequence[JobInput],
        root: str,
        options: Sequence[str] = (),
        paths: Sequence[str] = (),
    ) -> None:
        self.inputs = tuple(inputs)
        self.options = tuple(options)
        self.cluster = ""
        self._root = root
        self._paths = tuple(paths)

    @property
    def input_paths(self) -> tuple[str, ...]:
        """The paths or URIs that a job gets."""
        return self._paths or tuple(each.uri for each in self.inputs)

    def output_path(self, job: str) -> str:
        """Return the path of a job's output: a folder that does not exist yet, or its URI."""
        return f"{self._root.rstrip('/')}/{job}"

    def find_waiting_cluster(self) -> str:
        """Return the EMR cluster that waits for the next job; empty for none."""
        return ""

    def download_parts(self, output: str, folder: Path) -> list[Path]:
        """Return the part files of a job's output, downloaded into a folder; sorted."""
        return sorted(Path(output).glob("part-*"))

    def collect_parts(self, job: str, scratch: Path, n_parts: int = 0) -> list[Path]:
        """Return the part files of a finished job, on this machine.

        Args:
            job: Name of the job.
            scratch: A temporary folder on this machine.
            n_parts: The expected number; 0 when it is not known.

        Raises:
            JobError: There are more or fewer.
        """
        output = self.output_path(job)
        parts = self.download_parts(output, scratch / f"parts-{job}")
        if n_parts and len(parts) != n_parts:
            raise JobError(
                f"{output}: expected {n_parts} parts, one for each reducer, got {len(parts)} "
                "(run again)"
            )
        return parts

    def diagnose(self, error: JobError) -> GafreduceError | None:
        """Return the cause of a failed job; None when it is not known."""
        return None

    def remove(self) -> None:
        """Remove the files of the jobs, when the output of the last one was downloaded."""


def make_input_name(number: int, compression: str) -> str:
    """Return a name for a copy of an input, with the suffix by which Hadoop knows its compression.

    >>> make_input_name(7, "gzip")
    '000007.gaf.gz'
    """
    return f"{number:06d}.gaf{SUFFIXES.get(compression, '')}"
