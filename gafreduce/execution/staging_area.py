"""Where the inputs of a job lie, and where its output goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gafreduce.execution.job import JobError
from gafreduce.inputs.download import JobInput
from gafreduce.publishing import lock_record
from gafreduce.publishing.lock_record import Recorder
from gafreduce.storage import s3


@dataclass(frozen=True)
class Site:
    """What is known of a run when its place is made."""

    run_id: str
    conf: Path | None  # mrjob.conf
    access: s3.Access
    scratch: Path  # a folder of this machine
    recorder: Recorder = lock_record.ignore  # called before anything is made elsewhere


@dataclass
class Cluster:
    """The last cluster that a run has started; it waits for the next job, but not for long."""

    name: str = ""  # region/id
    #: Tells whether it takes jobs still.
    lives: Callable[[str], bool] = lambda name: True

    def waiting(self) -> str:
        """Return it when it waits for a job; empty when a new one has to be started."""
        return self.name if self.name and self.lives(self.name) else ""


@dataclass(frozen=True)
class Place:
    """Inputs of the jobs of a run, and where their output goes."""

    inputs: tuple[JobInput, ...]
    root: str  # a folder for the output, or its URI
    fetch: Callable[[str, Path], list[Path]]  # brings the part files of an output into a folder
    more: tuple[str, ...] = ()  # options of mrjob
    paths: tuple[str, ...] = ()  # what a job is told to read, when not the inputs one by one
    #: Returns which input a job that failed stumbled over, in words; empty when that is not known.
    blame: Callable[[JobError], str] = lambda error: ""
    cluster: Cluster = field(default_factory=Cluster)
    #: Removes what was put there for the jobs: called when the last one's output has been brought.
    release: Callable[[], None] = lambda: None

    def read_paths(self) -> tuple[str, ...]:
        """Return what a job is told to read."""
        return self.paths or tuple(each.uri for each in self.inputs)

    def output(self, job: str) -> str:
        """Return where a job's output goes: a folder that doesn't exist yet."""
        return f"{self.root.rstrip('/')}/{job}"

    def collect(self, job: str, scratch: Path, n_parts: int = 0) -> list[Path]:
        """Return the part files of a finished job, on this machine.

        Args:
            job: The job.
            scratch: A folder of this machine.
            n_parts: How many there must be; 0 when that is not known.

        Raises:
            JobError: There are more or fewer.
        """
        parts = self.fetch(self.output(job), scratch / f"parts-{job}")
        if n_parts and len(parts) != n_parts:
            raise JobError(
                f"{self.output(job)}: expected {n_parts} parts, one for each reducer, got "
                f"{len(parts)} (run again)"
            )
        return parts
