"""Hadoop from the front door: files put and fetched in one call each, and everything removed.

Each call of `hadoop fs` starts a JVM for three seconds, so there are as few of them as can be.
"""

from __future__ import annotations

import contextlib
import getpass
import logging
import os
import re
import shlex
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gafreduce import mrjob_conf
from gafreduce.errors import TransientError

log = logging.getLogger(__name__)

#: What a run makes is its user's alone.
PRIVATE = "fs.permissions.umask-mode=077"

#: A NameNode that has just started is in safe mode for some minutes.
_SAFE_MODE_SECONDS = 1800.0
_SAFE_MODE_LOOK_SECONDS = 10.0

_HOMES = ("HADOOP_HOME", "HADOOP_PREFIX", "HADOOP_INSTALL")
#: What YARN says of an application that it knows nothing of any more.
_FORGOTTEN = "doesn't exist in RM"
#: Without a ResourceManager its client asks on and on, for a quarter of an hour.
_KILL_SECONDS = 120.0
#: mrjob.conf of the command that runs, which may name the program: a process has one Hadoop.
_conf: Path | None = None


class HadoopError(TransientError):
    """Hadoop is not to be found, or a call of it failed."""


class StillRunsError(HadoopError):
    """Applications go on, for they could not be ended."""


#: Of the folder of all attempts of a run.
_RUN_ID = re.compile(r"[0-9a-f]{12}")


@dataclass
class Hadoop:
    """A Hadoop client, and a folder of one run in its default file system."""

    binary: str
    folder: str  # hdfs:///... , removed at the end
    is_removed: bool = False

    def call(self, *arguments: str) -> str:
        """Run `hadoop` and return what it prints.

        Raises:
            HadoopError: It failed; its last words are in the message.
        """
        done = called(self.binary, *arguments)
        if done.returncode:
            raise HadoopError(f"hadoop {' '.join(arguments[:2])} failed: {last_words(done.stderr)}")
        return done.stdout

    def make(self) -> None:
        """Make the run's folders; wait, but not for ever, while the file system is read-only."""
        deadline = time.monotonic() + _SAFE_MODE_SECONDS
        while True:
            try:
                self.call("fs", "-D", PRIVATE, "-mkdir", "-p", self.for_mrjob)
            except HadoopError as error:
                if "safe mode" not in str(error) or time.monotonic() >= deadline:
                    raise
                log.warning("HDFS is in safe mode, which is read-only: waiting for its end")
                time.sleep(_SAFE_MODE_LOOK_SECONDS)
            else:
                return

    @property
    def for_mrjob(self) -> str:
        """Return where mrjob puts what its jobs need."""
        return f"{self.folder}/mrjob"

    def put(self, folder: Path) -> str:
        """Put a folder of this machine, however many files it has, in one call; return its URI."""
        target = f"{self.folder}/in"
        self.call("fs", "-D", PRIVATE, "-put", str(folder), target)
        return target

    def fetch(self, output: str, folder: Path) -> list[Path]:
        """Bring the part files of a finished job here, in one call.

        Raises:
            HadoopError: The job's output has no `_SUCCESS`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.call("fs", "-get", f"{output}/*", str(folder))
        if not (folder / "_SUCCESS").exists():
            raise HadoopError(f"{output}: expected _SUCCESS beside the parts, got none (run again)")
        return sorted(folder.glob("part-*"))

    def remove(self) -> None:
        """Remove the attempt's folder, and the run's when it holds no other; once.

        A folder that isn't there is no error.

        Raises:
            HadoopError: The attempt's folder could not be removed.
        """
        if self.is_removed:
            return
        self.call("fs", "-rm", "-r", "-f", "-skipTrash", self.folder)
        self.is_removed = True
        of_run = self.folder.rpartition("/")[0]
        if _RUN_ID.fullmatch(of_run.rpartition("/")[2]):
            called(self.binary, "fs", "-rmdir", "--ignore-fail-on-non-empty", of_run)


def called(
    binary: str, *arguments: str, seconds: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of Hadoop, whatever comes of it.

    Raises:
        HadoopError: It could not be started, or took longer than these seconds.
    """
    log.info("%s %s", Path(binary).name, " ".join(arguments))
    try:
        return subprocess.run(
            [binary, *arguments],
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
            timeout=seconds,
            # Ctrl-C on a terminal is for us: a second one must not end what cleans up
            process_group=0,
        )
    except subprocess.TimeoutExpired as error:
        raise HadoopError(f"{binary}: expected an end within {seconds:g} s, got none") from error
    except OSError as error:
        raise HadoopError(f"{binary}: expected a program, got {error.strerror or error}") from error


def last_words(errors: str) -> str:
    """Return the last line of what a program said before it failed."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def temporary(conf: Path | None) -> str:
    """Return where the files of a user's runs lie, each run and attempt in a folder of its own.

    Args:
        conf: mrjob.conf, which may say it: `hadoop_tmp_dir`.
    """
    named = mrjob_conf.read_option("hadoop", conf, "hadoop_tmp_dir")
    if named:
        return str(named).rstrip("/")
    return f"hdfs:///tmp/gafreduce-{os.environ.get('HADOOP_USER_NAME') or getpass.getuser()}"


@contextlib.contextmanager
def connected(run_id: str, conf: Path | None, name: Callable[[str], object]) -> Iterator[Hadoop]:
    """Give a Hadoop client with a fresh folder, which is removed at the end.

    Args:
        run_id: Of the run.
        conf: mrjob.conf.
        name: Called with the folder before it is made.

    Raises:
        HadoopError: There is no Hadoop.
    """
    hadoop = Hadoop(find_binary(), f"{temporary(conf)}/{run_id}/{uuid.uuid4().hex[:8]}")
    name(hadoop.folder)
    try:
        hadoop.make()
        yield hadoop
    finally:
        with contextlib.suppress(HadoopError):
            hadoop.remove()


def go_by(conf: Path | None) -> None:
    """Have the `hadoop` that mrjob.conf names used from here on: `hadoop_bin`, as mrjob has it."""
    global _conf
    _conf = conf


def find_binary() -> str:
    """Return the `hadoop` program.

    Raises:
        HadoopError: mrjob.conf names none, and it is neither under HADOOP_HOME nor on the PATH; or
            the one that is named is not there.
    """
    named = mrjob_conf.read_option("hadoop", _conf, "hadoop_bin")
    if named:
        words = shlex.split(named) if isinstance(named, str) else named
        found = shutil.which(words[0]) if len(words) == 1 else None
        if found is None:
            raise HadoopError(
                f"{_conf}: expected hadoop_bin to be a program, got {named!r} (name its path)"
            )
        return found
    for home in filter(None, map(os.environ.get, _HOMES)):
        binary = Path(home) / "bin" / "hadoop"
        if binary.is_file():
            return str(binary)
    found = shutil.which("hadoop")
    if found:
        return found
    raise HadoopError(
        "expected the program `hadoop`, got none (set HADOOP_HOME, put it on the PATH, or name it: "
        "hadoop_bin in mrjob.conf)"
    )


def program(name: str) -> str:
    """Return another program of the same Hadoop: yarn, mapred, hdfs.

    Raises:
        HadoopError: There is no Hadoop.
    """
    return str(Path(find_binary()).with_name(name))


def kill_applications(applications: Iterable[str]) -> None:
    """End YARN applications: they go on when the client that started them ends.

    It is no error that one has ended, or that YARN knows it no more.

    Raises:
        StillRunsError: Some could not be ended.
        HadoopError: There is no Hadoop.
    """
    yarn, alive = program("yarn"), []
    for application in applications:
        try:
            done = called(yarn, "application", "-kill", application, seconds=_KILL_SECONDS)
        except HadoopError as error:
            alive.append((application, str(error)))
            continue
        if done.returncode and _FORGOTTEN not in done.stdout + done.stderr:
            alive.append((application, last_words(done.stderr)))
    if alive:
        names, reasons = " ".join(name for name, _ in alive), "; ".join(why for _, why in alive)
        raise StillRunsError(
            f"{names}: expected YARN to end it, got: {reasons} (end it: yarn application -kill "
            f"{names}; or when YARN answers again, gafreduce clean)"
        )


def has_tasks(application: str) -> bool:
    """Tell whether a task of a MapReduce application was ever started."""
    counter = ("org.apache.hadoop.mapreduce.JobCounter", "TOTAL_LAUNCHED_MAPS")
    job = application.replace("application_", "job_")
    said = called(program("mapred"), "job", "-counter", job, *counter).stdout.split()
    return bool(said) and said[-1].isdigit() and int(said[-1]) > 0
