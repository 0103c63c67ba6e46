"""The claim of a prefix: who holds it may put objects there, and shows that it lives.

The claim is an object, put on the condition that none is there, before any work. Its holder puts it
again every few seconds, and names in it what it has elsewhere. A claim that was not renewed for a
minute was left by an attempt that died, and is taken over on the condition that it still is what
was found. Its age is told by the clock of the server that keeps it, never by ours.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from gafreduce.publishing import lock_record
from gafreduce.storage.s3_prefix import Prefix, PublishError, Stored

NAME = ".gafreduce-claim.json"
_BEAT_SECONDS = 5.0
#: A claim that was not renewed for so long is a dead attempt's.
STALE_SECONDS = 60
#: How often a younger claim is looked at, to see whether it is renewed.
_LOOK_SECONDS = 1.0
_LOOKS = round(STALE_SECONDS / _LOOK_SECONDS)
_TRIES = 3
_JOIN_SECONDS = 5.0

log = logging.getLogger(__name__)

# A task that is forked while a thread is inside OpenSSL or a request could wait for ever for a lock
# that this thread held: forks and requests of heartbeats take turns.
_requests = threading.Lock()
os.register_at_fork(
    before=_requests.acquire,
    after_in_parent=_requests.release,
    after_in_child=_requests.release,
)


class Claim:
    """A claim of a prefix.

    Args:
        place: The prefix.
        run_id: Of the run that is to be put there.
        pulse: The same prefix, by a client that gives up quickly: a lost heartbeat is none.
    """

    def __init__(self, place: Prefix, run_id: str, pulse: Prefix | None = None) -> None:
        self.attempt = uuid.uuid4().hex
        #: Set when what was put could not be removed: the next attempt finds it by the claim.
        self.stays = False
        #: What a dead attempt left, here and elsewhere.
        self.left_behind = lock_record.NOTHING
        self._place = place
        self._pulse = pulse or place
        self._run_id = run_id
        self._known = lock_record.NOTHING
        self._etag = ""
        self._n_beats = 0
        self._lock = threading.Lock()
        self._is_lost = False

    def take(self) -> None:
        """Claim the prefix.

        Raises:
            PublishError: Another attempt holds it, and lives.
        """
        for _ in range(_TRIES):
            if self._put(self._place, {"IfNoneMatch": "*"}):
                return
            found = self._place.read(NAME)
            if found is None:  # its holder ended just now
                continue
            self._watch(found)
            # what the dead one had stays named, lest this attempt dies before it has ended that
            self._known = self.left_behind = lock_record.read(found.body)
            if self._put(self._place, {"IfMatch": found.etag}):
                return
            self._known = self.left_behind = lock_record.NOTHING
        raise self._busy()

    def name(self, kind: str, values: Sequence[str]) -> None:
        """Name what this attempt has elsewhere, or is about to put here.

        Args:
            kind: One of gafreduce/publishing/lock_record.py.
            values: Of this kind.

        Raises:
            PublishError: The claim was taken over.
        """
        self._known = lock_record.added(self._known, kind, values)
        self.renew()

    def renew(self) -> None:
        """Make sure that the claim is still this attempt's.

        Raises:
            PublishError: The claim was taken over.
        """
        self._put_again(self._place)

    def beat(self) -> None:
        """Show that the holder lives; a request that is lost is not sent again.

        Raises:
            PublishError: The claim was taken over.
        """
        self._put_again(self._pulse)

    def _put_again(self, place: Prefix) -> None:
        with _requests, self._lock:
            self._n_beats += 1
            if self._is_lost or not self._put(place, {"IfMatch": self._etag}):
                self._is_lost = True
                raise self._busy()

    def check(self) -> None:
        """Raise PublishError when the claim is known to be lost; asks nobody."""
        if self._is_lost:
            raise self._busy()

    def release(self) -> None:
        """Remove the claim when it is still this attempt's."""
        found = self._place.read(NAME)
        if found is not None and found.attempt == self.attempt:
            self._place.remove([NAME])

    def _put(self, place: Prefix, condition: dict[str, Any]) -> bool:
        body = json.dumps(
            {
                "attempt": self.attempt,
                "run_id": self._run_id,
                "heartbeat": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "n_beats": self._n_beats,
                **self._known,
            }
        )
        etag = place.put_if(NAME, body.encode(), condition, self.attempt)
        if etag is not None:
            self._etag = etag
        return etag is not None

    def _watch(self, found: Stored) -> None:
        """Return when a claim was not renewed for a minute.

        Raises:
            PublishError: It was renewed: its holder lives.
        """
        if found.age >= STALE_SECONDS:
            return
        log.warning(
            "%s is claimed; watching for up to a minute whether its holder lives", self._place.uri
        )
        for _ in range(_LOOKS):
            time.sleep(_LOOK_SECONDS)
            now = self._place.read(NAME)
            if now is None or now.etag != found.etag:
                raise self._busy()
            if now.age >= STALE_SECONDS:
                return

    def _busy(self) -> PublishError:
        return PublishError(
            f"{self._place.uri}: expected to be alone, got another run publishing there "
            "(wait for it, or name another place with -o)"
        )


@contextlib.contextmanager
def kept(claim: Claim, on_lost: Callable[[PublishError], object]) -> Iterator[Claim]:
    """Keep a claim that was taken, and release it at the end.

    Args:
        claim: The claim.
        on_lost: Called, from another thread, when another attempt has taken it over.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_keep_alive, args=(claim, stop, on_lost), daemon=True)
    thread.start()
    try:
        yield claim
    finally:
        stop.set()
        thread.join(_JOIN_SECONDS)
        if not claim.stays:
            _release(claim)


def _release(claim: Claim) -> None:
    """Release a claim; what is published is published, even when the claim can't be removed."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        claim.release()
    except (BotoCoreError, ClientError) as error:
        log.warning("the claim %s stays: %s", NAME, error)


def _keep_alive(
    claim: Claim, stop: threading.Event, on_lost: Callable[[PublishError], object]
) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    while not stop.wait(_BEAT_SECONDS):
        try:
            claim.beat()
        except PublishError as error:
            on_lost(error)
            return
        except (BotoCoreError, ClientError) as error:  # the next beat may get through
            log.debug("no heartbeat: %s", error)
