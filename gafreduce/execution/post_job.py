"""Work for a cluster after its last job, while this machine makes tables and report.

Each call of a Hadoop client waits for seconds, in which this machine has other work.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from gafreduce.execution.staging_area import StagingArea
from gafreduce.inputs import verify
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.storage.hadoop import HadoopError
from gafreduce.storage.s3 import Access


class PostJobWork:
    """Verifies the inputs and removes the files of the jobs, in threads.

    Args:
        inputs: As listed. The cluster read them in place, after they were listed.
        access: How S3 is reached.
        area: The staging area of the jobs.
    """

    def __init__(self, inputs: Sequence[ListedInput], access: Access, area: StagingArea) -> None:
        self._inputs, self._access, self._area = inputs, access, area
        self._pool = ThreadPoolExecutor(2)
        self._started: list[Future[None]] = []

    def __enter__(self) -> PostJobWork:
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the threads, without their errors: nothing may go on after the run."""
        self._pool.shutdown()

    def start(self) -> None:
        """Start the work: no job reads any more, and the output of all jobs was downloaded."""
        self._started = [
            self._pool.submit(verify.check_unchanged, self._inputs, self._access),
            self._pool.submit(self._remove),
        ]

    def _remove(self) -> None:
        with contextlib.suppress(HadoopError):  # it is tried again at the end of the run
            self._area.remove()

    def wait(self) -> None:
        """Wait for the end of the work, if it was started.

        Raises:
            ChangedError: An input changed since it was listed, or is missing.
            S3Error: A request failed.
            HadoopError: A call failed.
        """
        for each in self._started:
            each.result()
