"""The claim of a prefix: who holds it may put objects there, and shows that it lives.

The claim is an object, put on the condition that none is there. Its holder puts it again every few
seconds; whoever finds it watches for that. Nobody's clock is asked: a claim that doesn't change
for a minute was left by an attempt that died, and is taken over on the condition that it still is
what was watched.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from reports.prefix import Prefix, PublishError, Stored

NAME = ".gafreduce-claim.json"
_BEAT_SECONDS = 10.0
#: A claim is watched so often, in these steps, before it is taken for a dead one's.
_LOOKS = 6
_LOOK_SECONDS = 10.0
_TRIES = 3
_JOIN_SECONDS = 5.0

log = logging.getLogger(__name__)


class Claim:
    """A claim that is held."""

    def __init__(self, place: Prefix, run_id: str, files: Sequence[str]) -> None:
        self.attempt = uuid.uuid4().hex
        #: Set when what was put could not be removed: the next attempt finds it by the claim.
        self.stays = False
        #: What a dead attempt may have left here.
        self.left_behind: tuple[str, ...] = ()
        self._place = place
        self._known: dict[str, Any] = {
            "attempt": self.attempt,
            "run_id": run_id,
            "files": [*files],
        }
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
            if self._put({"IfNoneMatch": "*"}):
                return
            found = self._place.read(NAME)
            if found is None:  # its holder ended just now
                continue
            self._watch(found)
            if self._put({"IfMatch": found.etag}):
                self.left_behind = files_of(found.body)
                return
        raise self._busy()

    def beat(self) -> None:
        """Show that the holder lives.

        Raises:
            PublishError: The claim was taken over.
        """
        with self._lock:
            self._n_beats += 1
            if self._is_lost or not self._put({"IfMatch": self._etag}):
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

    def _put(self, condition: dict[str, Any]) -> bool:
        body = json.dumps({**self._known, "heartbeat": time.time(), "n_beats": self._n_beats})
        etag = self._place.put_if(NAME, body.encode(), condition, self.attempt)
        if etag is not None:
            self._etag = etag
        return etag is not None

    def _watch(self, found: Stored) -> None:
        """Return when a claim didn't change for a while.

        Raises:
            PublishError: It did.
        """
        log.info("%s is claimed; watching whether its holder lives", self._place.uri)
        for _ in range(_LOOKS):
            time.sleep(_LOOK_SECONDS)
            now = self._place.read(NAME)
            if now is None or now.etag != found.etag:
                raise self._busy()

    def _busy(self) -> PublishError:
        return PublishError(
            f"{self._place.uri}: expected to be alone, got another run publishing there "
            "(wait for it, or name another place with -o)"
        )


def files_of(body: bytes) -> tuple[str, ...]:
    """Return what the holder of a claim was about to put; nothing when the claim is damaged."""
    try:
        files = json.loads(body)["files"]
        return tuple(name for name in files if isinstance(name, str))
    except (ValueError, KeyError, TypeError):
        return ()


@contextlib.contextmanager
def held(place: Prefix, run_id: str, files: Sequence[str]) -> Iterator[Claim]:
    """Hold the claim of a prefix.

    Args:
        place: The prefix.
        run_id: Of the run that is to be put there.
        files: What will be put: whoever takes the claim over removes it.

    Raises:
        PublishError: Another attempt holds it, and lives.
    """
    claim = Claim(place, run_id, files)
    claim.take()
    stop = threading.Event()
    thread = threading.Thread(target=_keep_alive, args=(claim, stop), daemon=True)
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


def _keep_alive(claim: Claim, stop: threading.Event) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    while not stop.wait(_BEAT_SECONDS):
        try:
            claim.beat()
        except PublishError:
            return
        except (BotoCoreError, ClientError) as error:  # the next beat may get through
            log.debug("no heartbeat: %s", error)
