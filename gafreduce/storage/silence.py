"""Name an endpoint of AWS that does not answer, after some seconds of waiting.

boto3 waits for up to a minute, and tries again, without a word.
"""

from __future__ import annotations

import _thread
import logging
import threading
import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

#: Seconds without an answer after which a request is named, and how often that is checked.
SECONDS = 5.0
TICK_SECONDS = 1.0

log = logging.getLogger(__name__)


class _Request(NamedTuple):
    """A request that was sent, and not answered yet."""

    host: str
    sent: float  # of time.monotonic


class SilenceWatch:
    """Watches the requests of all clients of a session."""

    def __init__(self) -> None:
        self._waiting: dict[int, _Request] = {}  # by thread: each sends one at a time
        self._named: set[str] = set()
        self._is_watched = False

    def attach(self, events: Any) -> None:
        """Watch all requests that a session's clients send from now on.

        Args:
            events: The event system of a boto3 session.
        """
        events.register("before-send", self._begin)
        events.register("response-received", self._end)

    def _begin(self, request: Any, **_: object) -> None:
        host = urlsplit(str(request.url)).netloc
        self._waiting[threading.get_ident()] = _Request(host, time.monotonic())
        if not self._is_watched:
            self._is_watched = True
            # not of `threading`: the end of the process waits for those
            _thread.start_new_thread(self._watch, ())

    def _end(self, **_: object) -> None:
        answered = self._waiting.pop(threading.get_ident(), None)
        if answered is not None:
            self._named.discard(answered.host)

    def _watch(self) -> None:
        """Log a warning about each host that does not answer; end when no request is waiting."""
        while self._waiting:
            time.sleep(TICK_SECONDS)
            for request in tuple(self._waiting.values()):
                waited = time.monotonic() - request.sent
                if waited >= SECONDS and request.host not in self._named:
                    self._named.add(request.host)
                    log.warning(
                        "%s has not answered for %d seconds: still waiting", request.host, waited
                    )
        self._is_watched = False
