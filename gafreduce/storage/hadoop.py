"""The client of a Hadoop: copy files to and from its file system, and control YARN applications.

Each call of `hadoop fs` starts a JVM, which takes three seconds, so there are as few calls as
possible.
"""

from __future__ import annotations

import contextlib
import getpass
import logging
import os
import re
import secrets
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gafreduce import mrjob_conf, processes
from gafreduce.errors import TransientError
from gafreduce.system import host

log = logging.getLogger(__name__)

#: Only the user of a run can read its files.
PRIVATE = "fs.permissions.umask-mode=077"

#: The longest wait for a NameNode that has just started: it is in safe mode for some minutes.
_SAFE_MODE_SECONDS = 1800.0
_SAFE_MODE_LOOK_SECONDS = 10.0

_HOMES = ("HADOOP_HOME", "HADOOP_PREFIX", "HADOOP_INSTALL")
#: Part of YARN's error for an application that it doesn't know any more.
_FORGOTTEN = "doesn't exist in RM"
#: A line of the state of a YARN application: `\tUser : me`.
_FIELD = re.compile(r"^\s*([A-Z][\w -]*?) : (.*)$", re.MULTILINE)
#: The longest call: without a ResourceManager the client retries for a quarter of an hour.
_KILL_SECONDS = 120.0


class HadoopError(TransientError):
    """There is no Hadoop, or a call of it failed."""


class StillRunsError(HadoopError):
    """YARN applications are still running: they could not be ended."""


#: The name of the folder for all attempts of a run.
_RUN_ID = re.compile(r"[0-9a-f]{12}")


@dataclass
class Hadoop:
    """A Hadoop client, and a folder of one run in its default file system."""

    binary: str
    folder: str  # hdfs:///... , removed at the end
    marker: str = ""  # name of an empty folder in it, which shows to which run it belongs
    is_removed: bool = False

    def call(self, *arguments: str) -> str:
        """Run `hadoop` and return its output.

        Raises:
            HadoopError: It failed; the last line of its output is in the message.
        """
        done = run_program(self.binary, *arguments)
        if done.returncode:
            raise HadoopError(f"hadoop {' '.join(arguments[:2])} failed: {last_line(done.stderr)}")
        return done.stdout

    def make_folders(self) -> None:
        """Make the folders of the run; wait up to half an hour while the file system is read-only.

        Raises:
            HadoopError: A folder could not be made.
        """
        deadline = time.monotonic() + _SAFE_MODE_SECONDS
        while True:
            try:
                marker = [f"{self.folder}/{self.marker}"] if self.marker else []
                self.call("fs", "-D", PRIVATE, "-mkdir", "-p", *marker, self.mrjob_folder)
            except HadoopError as error:
                if "safe mode" not in str(error) or time.monotonic() >= deadline:
                    raise
                log.warning("HDFS is in safe mode, which is read-only: waiting for its end")
                time.sleep(_SAFE_MODE_LOOK_SECONDS)
            else:
                return

    @property
    def mrjob_folder(self) -> str:
        """The folder for the files that mrjob uploads for its jobs."""
        return f"{self.folder}/mrjob"

    def put_folder(self, folder: Path) -> str:
        """Upload a folder of this machine in one call, and return its URI.

        Raises:
            HadoopError: It could not be uploaded.
        """
        target = f"{self.folder}/in"
        self.call("fs", "-D", PRIVATE, "-put", str(folder), target)
        return target

    def download_parts(self, output: str, folder: Path) -> list[Path]:
        """Copy the part files of a finished job to this machine in one call.

        Raises:
            HadoopError: The job's output has no `_SUCCESS`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.call("fs", "-get", f"{output}/*", str(folder))
        if not (folder / "_SUCCESS").exists():
            raise HadoopError(f"{output}: expected _SUCCESS with the parts, got none (run again)")
        return sorted(folder.glob("part-*"))

    def remove(self) -> None:
        """Remove the folder of the attempt, and that of the run when it is empty; only once.

        A folder that doesn't exist is not an error.

        Raises:
            HadoopError: The attempt's folder could not be removed.
        """
        if self.is_removed:
            return
        self.call("fs", "-rm", "-r", "-f", "-skipTrash", self.folder)
        self.is_removed = True
        run_folder = self.folder.rpartition("/")[0]
        if _RUN_ID.fullmatch(run_folder.rpartition("/")[2]):
            run_program(self.binary, "fs", "-rmdir", "--ignore-fail-on-non-empty", run_folder)


def run_program(
    binary: str, *arguments: str, seconds: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of Hadoop and return its output and exit code.

    Raises:
        HadoopError: It could not be started, or ran longer than `seconds`.
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
            # Ctrl-C on a terminal reaches only gafreduce: a second one must not end a cleanup
            process_group=None if host.IS_WINDOWS else 0,
        )
    except subprocess.TimeoutExpired as error:
        raise HadoopError(
            f"{binary}: expected it to end within {seconds:g} s, it did not"
        ) from error
    except OSError as error:
        raise HadoopError(f"{binary}: expected a program, got {error.strerror or error}") from error


def last_line(errors: str) -> str:
    """Return the last line of the errors of a program."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def find_temporary_folder(conf: Path | None) -> str:
    """Return the folder of a user's temporary files, with a folder for each run and attempt.

    Args:
        conf: mrjob.conf, which may name it: `hadoop_tmp_dir`.
    """
    named = mrjob_conf.read_option("hadoop", conf, "hadoop_tmp_dir")
    if named:
        return str(named).rstrip("/")
    return f"hdfs:///tmp/gafreduce-{find_user()}"


@contextlib.contextmanager
def connect(
    run_id: str, conf: Path | None, record: Callable[[str], object], marker: str = ""
) -> Iterator[Hadoop]:
    """Give a Hadoop client with a new folder, which is removed at the end of the block.

    Args:
        run_id: The id of the run.
        conf: mrjob.conf.
        record: Called with the folder before it is made.
        marker: Name of an empty folder in it, which shows to which run it belongs.

    Raises:
        HadoopError: There is no Hadoop.
    """
    folder = f"{find_temporary_folder(conf)}/{run_id}/{secrets.token_hex(4)}"
    hadoop = Hadoop(find_binary(conf), folder, marker)
    record(hadoop.folder)
    try:
        hadoop.make_folders()
        yield hadoop
    finally:
        with contextlib.suppress(HadoopError):
            hadoop.remove()


def find_binary(conf: Path | None) -> str:
    """Return the `hadoop` program.

    Args:
        conf: mrjob.conf, which may name it: `hadoop_bin`.

    Raises:
        HadoopError: mrjob.conf names none, and there is none below HADOOP_HOME or on the PATH; or
            the one that mrjob.conf names does not exist.
    """
    named = mrjob_conf.read_option("hadoop", conf, "hadoop_bin")
    if named:
        words = shlex.split(named) if isinstance(named, str) else named
        find = shutil.which if "/" in words[0] else processes.find_program
        found = find(words[0]) if len(words) == 1 else None
        if found is None:
            raise HadoopError(
                f"{conf}: expected hadoop_bin to be a program, got {named!r} (name its path)"
            )
        return found
    for home in filter(None, map(os.environ.get, _HOMES)):
        binary = Path(home) / "bin" / "hadoop"
        if binary.is_absolute() and binary.is_file():  # nothing is run from the working folder
            return str(binary)
    found = processes.find_program("hadoop")
    if found:
        return found
    raise HadoopError(
        "expected the program `hadoop`, got none (set HADOOP_HOME, put it on the PATH, or name it: "
        "hadoop_bin in mrjob.conf)"
    )


def find_program(program: str, conf: Path | None) -> str:
    """Return the path of another program of the same Hadoop: yarn, mapred or hdfs.

    Args:
        program: Its name.
        conf: mrjob.conf.

    Raises:
        HadoopError: There is no Hadoop.
    """
    return str(Path(find_binary(conf)).with_name(program))


def kill_applications(yarn: str, applications: Iterable[str]) -> None:
    """End YARN applications, which do not end with the client that started them.

    An application that has ended, or that YARN doesn't know any more, is not an error.

    Args:
        yarn: The program.
        applications: Their ids.

    Raises:
        StillRunsError: Some could not be ended.
    """
    alive = []
    for application in applications:
        try:
            done = run_program(yarn, "application", "-kill", application, seconds=_KILL_SECONDS)
        except HadoopError as error:
            alive.append((application, str(error)))
            continue
        if done.returncode and _FORGOTTEN not in done.stdout + done.stderr:
            alive.append((application, last_line(done.stderr)))
    if alive:
        names, reasons = " ".join(name for name, _ in alive), "; ".join(why for _, why in alive)
        raise StillRunsError(
            f"{names}: expected YARN to end it, got: {reasons} (end it: yarn application -kill "
            f"{names}; or when YARN answers again, gafreduce clean)"
        )


class Application(NamedTuple):
    """The name and the user of a YARN application."""

    name: str
    user: str


def find_application(yarn: str, application: str) -> Application | None:
    """Return the name and user of a YARN application; None when YARN doesn't know it any more.

    Args:
        yarn: The program.
        application: Its id.

    Raises:
        HadoopError: YARN does not answer.
    """
    done = run_program(yarn, "application", "-status", application, seconds=_KILL_SECONDS)
    if _FORGOTTEN in done.stdout + done.stderr:
        return None
    fields = dict(_FIELD.findall(done.stdout))
    if done.returncode or "Application-Name" not in fields:
        raise HadoopError(f"{application}: expected its state, got: {last_line(done.stderr)}")
    return Application(fields["Application-Name"].strip(), fields.get("User", "").strip())


def find_user() -> str:
    """Return the user in whose name programs of Hadoop act."""
    return os.environ.get("HADOOP_USER_NAME") or getpass.getuser()


def has_tasks(mapred: str, application: str) -> bool:
    """Return whether a task of a MapReduce application was ever started."""
    counter = ("org.apache.hadoop.mapreduce.JobCounter", "TOTAL_LAUNCHED_MAPS")
    job = application.replace("application_", "job_")
    output = run_program(mapred, "job", "-counter", job, *counter).stdout.split()
    return bool(output) and output[-1].isdigit() and int(output[-1]) > 0


def is_local_file_system(uri: str) -> bool:
    """Return whether a default file system (fs.defaultFS) is the disk of this machine."""
    return uri.startswith("file:")
