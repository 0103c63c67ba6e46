"""What mrjob says while a cluster works: how far it is, what to end, and why it failed."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator

from gafreduce.execution.time_limit import Watch
from gafreduce.publishing import lock_record
from gafreduce.publishing.lock_record import Recorder

log = logging.getLogger(__name__)

_APPLICATION = re.compile(r"application_\d+_\d+")
_CLUSTER = re.compile(r"Created new cluster (j-\w+)")
_PENDING = re.compile(r"PENDING \((cluster is .+)\)")
_TRACKED = re.compile(r"The url to track the job: (\S+)")
_SHARE = re.compile(r"map\s+(\d+)%\s+reduce\s+(\d+)%")
_TROUBLE = re.compile(r"Exception|Error|FAILED|Processing split", re.IGNORECASE)
_FAILURE = re.compile(r"Status : FAILED|failed with state|Job not successful")
_KEPT = 8
#: Attempts that failed, of which the words are kept; the last of them count.
_KEPT_FAILURES = 200


class Listener(logging.Handler):
    """Hears mrjob's log.

    Args:
        on_progress: Called with what is done and what there is to do.
        recorder: Called once with each application and cluster that the log names.
        watch: Told why no task runs yet, and of the first one.
    """

    def __init__(
        self,
        on_progress: Callable[[int, int], None] | None,
        recorder: Recorder,
        watch: Watch | None = None,
    ) -> None:
        super().__init__(logging.INFO)
        self._on_progress = on_progress
        self._recorder = recorder
        self._watch = watch
        self._trouble: deque[str] = deque(maxlen=_KEPT)
        self.failures: deque[str] = deque(maxlen=_KEPT_FAILURES)  # of attempts, and of jobs
        self.applications: list[str] = []
        self.clusters: list[str] = []  # as `region/id`
        self.region = ""  # where clusters are created
        self.has_run = False  # whether a cluster worked at a step

    def emit(self, record: logging.LogRecord) -> None:
        """Take one message."""
        text = record.getMessage()
        for application in _APPLICATION.findall(text):
            self._hear_of(lock_record.APPLICATIONS, self.applications, application)
        for cluster in _CLUSTER.findall(text):
            self._hear_of(lock_record.CLUSTERS, self.clusters, f"{self.region}/{cluster}")
        tracked = _TRACKED.search(text)
        if tracked:  # on a terminal, where somebody looks
            log.log(logging.WARNING if sys.stderr.isatty() else logging.INFO, "see %s", tracked[1])
        share = _SHARE.search(text)
        done = int(share[1]) + int(share[2]) if share else 0
        if share and self._on_progress is not None:
            self._on_progress(done, 200)
        if self._watch is not None:
            self._tell(self._watch, text, done)
        if _FAILURE.search(text):
            self.failures.append(text)
        if _TROUBLE.search(text):
            self._trouble.append(" ".join(text.split())[:300])

    def _tell(self, watch: Watch, text: str, done: int) -> None:
        self.has_run = self.has_run or text.startswith("  RUNNING")
        if done or self.has_run:
            watch.task_seen()
        elif pending := _PENDING.search(text):
            watch.wait_because(pending[1])
        elif self.applications:
            watch.wait_because(
                f"YARN has no memory free for {self.applications[-1]}, or its queue is full"
            )

    def _hear_of(self, kind: str, known: list[str], found: str) -> None:
        if found not in known:
            known.append(found)
            self._recorder(kind, [found])

    def last_words(self) -> str:
        """Return what was said of trouble, for an error message; empty when nothing was."""
        return f": {' | '.join(self._trouble)}" if self._trouble else ""


@contextlib.contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """Let a listener hear mrjob's log, which else says warnings only."""
    mrjobs = logging.getLogger("mrjob")
    before, propagated = mrjobs.level, mrjobs.propagate
    mrjobs.addHandler(listener)
    mrjobs.setLevel(logging.INFO)
    mrjobs.propagate = before not in (logging.NOTSET, logging.ERROR)
    try:
        yield
    finally:
        mrjobs.removeHandler(listener)
        mrjobs.setLevel(before)
        mrjobs.propagate = propagated
