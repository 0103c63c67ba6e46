"""What a run asks of its cluster after the last job, done while tables and report are made.

Each call of a Hadoop's client takes seconds of waiting, in which this machine has other work.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from gafreduce.execution.staging_area import Place
from gafreduce.inputs import verify
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.storage.hadoop import HadoopError
from gafreduce.storage.s3 import Access


class AfterJobs:
    """Looks at the inputs again, and removes what the jobs had, in threads.

    Args:
        inputs: As listed; the cluster read them in their place, and not when they were listed.
        access: How S3 is reached.
        place: Of the jobs.
    """

    def __init__(self, inputs: Sequence[ListedInput], access: Access, place: Place) -> None:
        self._inputs, self._access, self._place = inputs, access, place
        self._pool = ThreadPoolExecutor(2)
        self._begun: list[Future[None]] = []

    def __enter__(self) -> AfterJobs:
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for what was begun, whatever came of it: nothing may go on after the run."""
        self._pool.shutdown()

    def begin(self) -> None:
        """Begin: no job reads any more, and the output of all has been brought."""
        self._begun = [
            self._pool.submit(verify.check_unchanged, self._inputs, self._access),
            self._pool.submit(self._release),
        ]

    def _release(self) -> None:
        with contextlib.suppress(HadoopError):  # it is tried again when the run ends
            self._place.release()

    def wait(self) -> None:
        """Wait for the end.

        Raises:
            ChangedError: An input is not what was listed, or is gone.
            S3Error: S3 says no.
            HadoopError: Hadoop does.
        """
        for each in self._begun:
            each.result()
