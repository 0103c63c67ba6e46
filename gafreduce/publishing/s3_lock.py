"""The lock of a prefix in S3: its holder may put objects there, and shows that it lives.

The lock is an object, put before any work on the condition that none exists. Its holder puts it
again every few seconds (a heartbeat), with its lock record. A lock without a heartbeat for a minute
belongs to a dead run, and is taken over on the condition that it has not changed (If-Match). Its
age is measured by the server's clock, never by ours.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gafreduce.errors import LockedError
from gafreduce.publishing import lock_record
from gafreduce.publishing.lock_record import LockRecord
from gafreduce.storage.s3_prefix import Prefix, Stored

NAME = ".gafreduce-lock.json"
_BEAT_SECONDS = 5.0
#: A lock without a heartbeat for so long belongs to a dead run.
STALE_SECONDS = 60
#: How often a younger lock is read, to see whether its holder lives.
_LOOK_SECONDS = 1.0
_LOOKS = round(STALE_SECONDS / _LOOK_SECONDS)
_TRIES = 3
_JOIN_SECONDS = 5.0

log = logging.getLogger(__name__)

#: Held by heartbeats and by forks.
_requests = threading.Lock()


@functools.cache
def _separate_forks_from_requests() -> None:
    """Let forks and heartbeats take turns.

    A process that is forked while a thread is inside OpenSSL or a request could wait for ever for a
    lock that the thread held.
    """
    if hasattr(os, "register_at_fork"):  # Windows does not fork
        os.register_at_fork(
            before=_requests.acquire,
            after_in_parent=_requests.release,
            after_in_child=_requests.release,
        )


class S3Lock:
    """The lock of a prefix.

    Args:
        prefix: The prefix.
        run_id: Id of the run that is to be put there.
        heartbeat: The same prefix, by a client that gives up quickly: one heartbeat may be lost.

    Attributes:
        place: The address of the prefix.
        attempt: An id of this attempt to make the run.
        must_stay: Whether the lock stays when it is released, because something in its record could
            not be removed or ended.
        left_behind: The lock record of a dead run.
    """

    def __init__(self, prefix: Prefix, run_id: str, heartbeat: Prefix | None = None) -> None:
        _separate_forks_from_requests()
        self.attempt = secrets.token_hex(16)
        self.place = prefix.uri
        self.must_stay = False
        self.left_behind = lock_record.EMPTY
        self._prefix = prefix
        self._heartbeat = heartbeat or prefix
        self._run_id = run_id
        self._record = self._make_record(lock_record.EMPTY)
        self._etag = ""
        self._n_beats = 0
        self._lock = threading.Lock()
        self._is_lost = False

    def acquire(self) -> None:
        """Lock the prefix.

        Raises:
            LockedError: A live run holds the lock.
        """
        for _ in range(_TRIES):
            if self._put(self._prefix, {"IfNoneMatch": "*"}):
                return
            found = self._prefix.read(NAME)
            if found is None:  # its holder ended just now
                continue
            self._wait_until_stale(found)
            # the record of the dead run is kept: this run may die before it has ended those
            self.left_behind = lock_record.parse(found.body)
            self._record = self._make_record(self.left_behind)
            if self._put(self._prefix, {"IfMatch": found.etag}):
                return
            self.left_behind = lock_record.EMPTY
            self._record = self._make_record(lock_record.EMPTY)
        raise self._make_error()

    def _make_record(self, left_behind: LockRecord) -> LockRecord:
        return lock_record.add(left_behind, lock_record.ATTEMPTS, [self.attempt])

    def record(self, kind: str, values: Sequence[str]) -> None:
        """Add resources of this run to the lock record, or objects that it is about to put here.

        Args:
            kind: One of those in lock_record.py.
            values: Of this kind.

        Raises:
            LockedError: Another run took the lock over.
        """
        self._record = lock_record.add(self._record, kind, values)
        self.renew()

    def renew(self) -> None:
        """Put the lock again, and so make sure that this run still holds it.

        Raises:
            LockedError: Another run took the lock over.
        """
        self._put_again(self._prefix)

    def send_heartbeat(self) -> None:
        """Put the lock again, to show that its holder lives; a lost request is not repeated.

        Raises:
            LockedError: Another run took the lock over.
        """
        self._put_again(self._heartbeat)

    def _put_again(self, prefix: Prefix) -> None:
        with _requests, self._lock:
            self._n_beats += 1
            if self._is_lost or not self._put(prefix, {"IfMatch": self._etag}):
                self._is_lost = True
                raise self._make_error()

    def check(self) -> None:
        """Raise LockedError when this run is known to have lost the lock. Makes no request."""
        if self._is_lost:
            raise self._make_error()

    def release(self) -> None:
        """Remove the lock when this run still holds it."""
        found = self._prefix.read(NAME)
        if found is not None and found.attempt == self.attempt:
            self._prefix.remove([NAME])

    def _put(self, prefix: Prefix, condition: dict[str, Any]) -> bool:
        body = json.dumps(
            {
                "attempt": self.attempt,
                "run_id": self._run_id,
                "heartbeat": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "n_beats": self._n_beats,
                **self._record,
            }
        )
        etag = prefix.put_if(NAME, body.encode(), condition, self.attempt)
        if etag is not None:
            self._etag = etag
        return etag is not None

    def _wait_until_stale(self, found: Stored) -> None:
        """Return when a lock had no heartbeat for a minute.

        Raises:
            LockedError: It was renewed: its holder lives.
        """
        if found.age >= STALE_SECONDS:
            return
        log.warning(
            "%s is locked; waiting for up to a minute to see whether its holder lives",
            self._prefix.uri,
        )
        for _ in range(_LOOKS):
            time.sleep(_LOOK_SECONDS)
            now = self._prefix.read(NAME)
            if now is None or now.etag != found.etag:
                raise self._make_error()
            if now.age >= STALE_SECONDS:
                return

    def _make_error(self) -> LockedError:
        return LockedError(
            f"{self._prefix.uri}: expected to be alone, got another run publishing there "
            "(wait for it, or name another place with -o)"
        )


@contextlib.contextmanager
def hold_lock(lock: S3Lock, on_lost: Callable[[LockedError], object]) -> Iterator[S3Lock]:
    """Send heartbeats for a lock that was acquired, and release it at the end.

    Args:
        lock: The lock.
        on_lost: Called, from another thread, when another run has taken the lock over.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_send_heartbeats, args=(lock, stop, on_lost), daemon=True)
    thread.start()
    try:
        yield lock
    finally:
        stop.set()
        thread.join(_JOIN_SECONDS)
        if not lock.must_stay:
            _release(lock)


def _release(lock: S3Lock) -> None:
    """Release a lock; the run is published even when the lock cannot be removed."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        lock.release()
    except (BotoCoreError, ClientError) as error:
        log.warning("the lock %s could not be removed: %s", NAME, error)


def _send_heartbeats(
    lock: S3Lock, stop: threading.Event, on_lost: Callable[[LockedError], object]
) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    while not stop.wait(_BEAT_SECONDS):
        try:
            lock.send_heartbeat()
        except LockedError as error:
            on_lost(error)
            return
        except (BotoCoreError, ClientError) as error:  # the next heartbeat may get through
            log.debug("a heartbeat was lost: %s", error)
