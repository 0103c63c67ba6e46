"""Start daemons, wait until they are healthy, and stop every one of them.

A daemon runs in a session of its own, so that Ctrl-C reaches only the program that started it,
which then stops the daemons in order. Processes that a daemon started (a NodeManager's containers
have sessions of their own and outlive it) are found by an environment variable that they inherit.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from minihadoop.configuration import LOOPBACK, MEMBER_VARIABLE

# Below the range from which Linux takes the ports of outgoing connections (32768 and up): a port
# that was free a moment ago is not handed out to somebody's connection before we listen on it.
FIRST_PORT, LAST_PORT = 15000, 32000
POLL_SECONDS = 0.1
LOG_LINES_SHOWN = 30


class DaemonError(ValueError):
    """A daemon ended or did not become healthy; the message shows the end of its log."""


@dataclass(frozen=True)
class Daemon:
    """A running daemon; `pid` is also the id of its process group and session.

    `process` is there when it is our own child, which we must wait for.
    """

    name: str
    pid: int
    log_file: Path
    process: subprocess.Popen[bytes] | None = field(default=None, compare=False)

    def alive(self) -> bool:
        """Return whether it runs."""
        return self.process.poll() is None if self.process else _runs(self.pid)


def free_ports(count: int) -> list[int]:
    """Return distinct ports on the loopback that nobody listens on."""
    held: list[socket.socket] = []
    try:
        while len(held) < count:
            listener = socket.socket()
            try:
                listener.bind((LOOPBACK, random.randint(FIRST_PORT, LAST_PORT)))
            except OSError:
                listener.close()
                continue
            held.append(listener)
        return [listener.getsockname()[1] for listener in held]
    finally:
        for listener in held:
            listener.close()


def listens(port: int) -> bool:
    """Return whether something accepts connections on a port of the loopback."""
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((LOOPBACK, port)) == 0


def start(
    name: str, command: Sequence[str], environment: Mapping[str, str], member: str, log_file: Path
) -> Daemon:
    """Start a daemon in a session of its own and return it; `member` marks all it starts."""
    with log_file.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**environment, MEMBER_VARIABLE: member},
            start_new_session=True,
        )
    return Daemon(name, process.pid, log_file, process)


def wait_until(
    healthy: Callable[[], bool], daemons: Iterable[Daemon], seconds: float, what: str
) -> None:
    """Return when `healthy()` holds.

    Raises:
        DaemonError: One of the daemons ended, or the time is over.
    """
    deadline = time.monotonic() + seconds
    watched = list(daemons)
    while not healthy():
        for daemon in watched:
            if not daemon.alive():
                raise DaemonError(f"{daemon.name} ended early\n{tail(daemon.log_file)}")
        if time.monotonic() > deadline:
            shown = "\n".join(f"{d.name}:\n{tail(d.log_file)}" for d in watched)
            raise DaemonError(f"expected {what} within {seconds:.0f} s, got nothing\n{shown}")
        time.sleep(POLL_SECONDS)


def stop(daemons: Iterable[Daemon], seconds: float = 5) -> None:
    """Stop daemons, politely first: SIGTERM, and SIGKILL to what is left after some seconds."""
    running = [daemon for daemon in daemons if daemon.alive()]
    for daemon in running:
        _signal_group(daemon.pid, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while any(daemon.alive() for daemon in running) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    for daemon in running:
        if daemon.alive():
            _signal_group(daemon.pid, signal.SIGKILL)
        if daemon.process:
            daemon.process.wait()


def members(marker: str) -> list[int]:
    """Return the running processes whose member variable begins with `marker`, by pid."""
    wanted = f"{MEMBER_VARIABLE}={marker}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:  # it has ended, or belongs to somebody else
            continue
        if any(entry.startswith(wanted) for entry in environment) and _runs(int(folder.name)):
            found.append(int(folder.name))
    return sorted(found)


def find(marker: str, words: str, job: str = "") -> list[int]:
    """Return the members whose command line contains some words, by pid.

    Args:
        marker: As for `members`.
        words: What the command line contains.
        job: Only tasks of the job of this name, which Hadoop gives to a task's environment.
    """
    return [
        pid
        for pid in members(marker)
        if words in command_line(pid)
        and (not job or f"mapreduce_job_name={job}" in _variables(pid))
    ]


def _variables(pid: int) -> list[str]:
    """Return a process's environment; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def command_line(pid: int) -> str:
    """Return a process's command line, words parted by spaces; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def program(pid: int) -> str:
    """Return the name of the program that a process runs; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/exe").readlink().name
    except OSError:
        return ""


def n_read(pid: int) -> int:
    """Return how many bytes a process has read of files, pipes and whatever.

    Raises:
        ProcessLookupError: It has ended.
    """
    return _counted(pid, "rchar")


def n_written(pid: int) -> int:
    """Return how many bytes a process has written.

    Raises:
        ProcessLookupError: It has ended.
    """
    return _counted(pid, "wchar")


def _counted(pid: int, what: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError as error:
        raise ProcessLookupError(pid) from error
    return int(dict(line.split(": ") for line in lines)[what])


def kill_members(marker: str, seconds: float = 10) -> None:
    """Kill (SIGKILL) every process that carries the marker, until none is left.

    Raises:
        DaemonError: Some are still there after some seconds.
    """
    deadline = time.monotonic() + seconds
    while left := members(marker):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise DaemonError(f"expected no process of {marker}, got {left}")
        time.sleep(POLL_SECONDS)


def _runs(pid: int) -> bool:
    """Return whether a process runs; one that has ended and is not waited for yet does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def tail(path: Path, count: int = LOG_LINES_SHOWN) -> str:
    """Return the last lines of a log; empty when there is none."""
    lines = path.read_text(errors="replace").splitlines() if path.exists() else []
    return "\n".join(lines[-count:])
