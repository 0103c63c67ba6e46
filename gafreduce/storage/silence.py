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
        self._wait_for(urlsplit(str(request.url)).netloc)

    def _end(self, parsed_response: Any = None, **_: object) -> None:
        host = self._note_answer()
        body = (parsed_response or {}).get("Body")
        if host and hasattr(body, "read"):  # it is read from the connection later
            self._watch_body(body, host)

    def _watch_body(self, body: Any, host: str) -> None:
        read = body.read

        def read_watched(*arguments: Any, **options: Any) -> Any:
            self._wait_for(host)
            try:
                return read(*arguments, **options)
            finally:
                self._note_answer()

        body.read = read_watched

    def _wait_for(self, host: str) -> None:
        """Note that this thread waits for a host from now on."""
        self._waiting[threading.get_ident()] = _Request(host, time.monotonic())
        if not self._is_watched:
            self._is_watched = True
            # not of `threading`: the end of the process waits for those
            _thread.start_new_thread(self._watch, ())

    def _note_answer(self) -> str:
        """Note that this thread waits no longer; return the host that answered, if any."""
        answered = self._waiting.pop(threading.get_ident(), None)
        if answered is None:
            return ""
        self._named.discard(answered.host)
        return answered.host

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
