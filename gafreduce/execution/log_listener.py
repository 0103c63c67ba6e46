"""Follow mrjob's log during a cluster job: progress, ids of applications and clusters, failures."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
from collections import deque
from collections.abc import Callable, Iterator

from gafreduce.execution.time_limit import Watch
from gafreduce.publishing import lock_record
from gafreduce.publishing.lock_record import WriteRecord

log = logging.getLogger(__name__)

_APPLICATION = re.compile(r"application_\d+_\d+")
_CLUSTER = re.compile(r"Created new cluster (j-\w+)")
_PENDING = re.compile(r"PENDING \((cluster is .+)\)")
_TRACKED = re.compile(r"The url to track the job: (\S+)")
_SHARE = re.compile(r"map\s+(\d+)%\s+reduce\s+(\d+)%")
_ERROR = re.compile(r"Exception|Error|FAILED|Processing split", re.IGNORECASE)
_FAILURE = re.compile(r"Status : FAILED|failed with state|Job not successful")
#: Messages that are kept; the last ones count.
_N_ERRORS = 8
_N_FAILURES = 200


class Listener(logging.Handler):
    """A handler of mrjob's log.

    Args:
        on_progress: Called with work done and work in all.
        recorder: Called once with each application and cluster that the log names.
        watch: Learns why no task runs yet, and when the first one does.

    Attributes:
        failures: The last messages about failed attempts and jobs.
        applications: Ids of the YARN applications, in their order.
        clusters: EMR clusters, as `region/id`, in their order.
        region: Where clusters are created; set by the caller.
        has_run: Whether a cluster worked on a step.
    """

    def __init__(
        self,
        on_progress: Callable[[int, int], None] | None,
        recorder: WriteRecord,
        watch: Watch | None = None,
    ) -> None:
        super().__init__(logging.INFO)
        self._on_progress = on_progress
        self._recorder = recorder
        self._watch = watch
        self._errors: deque[str] = deque(maxlen=_N_ERRORS)
        self.failures: deque[str] = deque(maxlen=_N_FAILURES)
        self.applications: list[str] = []
        self.clusters: list[str] = []
        self.region = ""
        self.has_run = False

    def emit(self, record: logging.LogRecord) -> None:
        """Evaluate a log message."""
        text = record.getMessage()
        for application in _APPLICATION.findall(text):
            self._add(lock_record.APPLICATIONS, self.applications, application)
        for cluster in _CLUSTER.findall(text):
            self._add(lock_record.CLUSTERS, self.clusters, f"{self.region}/{cluster}")
        tracked = _TRACKED.search(text)
        if tracked:  # shown on a terminal
            log.log(logging.WARNING if sys.stderr.isatty() else logging.INFO, "see %s", tracked[1])
        share = _SHARE.search(text)
        done = int(share[1]) + int(share[2]) if share else 0
        if share and self._on_progress is not None:
            self._on_progress(done, 200)
        if self._watch is not None:
            self._update_watch(self._watch, text, done)
        if _FAILURE.search(text):
            self.failures.append(text)
        if _ERROR.search(text):
            self._errors.append(" ".join(text.split())[:300])

    def _update_watch(self, watch: Watch, text: str, done: int) -> None:
        self.has_run = self.has_run or text.startswith("  RUNNING")
        if done or self.has_run:
            watch.stop_waiting()
        elif pending := _PENDING.search(text):
            watch.set_reason(pending[1])
        elif self.applications:
            watch.set_reason(
                f"YARN has no memory free for {self.applications[-1]}, or its queue is full"
            )

    def _add(self, kind: str, known: list[str], found: str) -> None:
        if found not in known:
            known.append(found)
            self._recorder(kind, [found])

    def format_errors(self) -> str:
        """Return the last error messages, to be added to an error message; empty without any."""
        return f": {' | '.join(self._errors)}" if self._errors else ""


@contextlib.contextmanager
def attach_listener(listener: Listener) -> Iterator[None]:
    """Add a listener to mrjob's log, at level INFO, and remove it after the block."""
    logger = logging.getLogger("mrjob")
    before, propagated = logger.level, logger.propagate
    logger.addHandler(listener)
    logger.setLevel(logging.INFO)
    logger.propagate = before not in (logging.NOTSET, logging.ERROR)
    try:
        yield
    finally:
        logger.removeHandler(listener)
        logger.setLevel(before)
        logger.propagate = propagated
