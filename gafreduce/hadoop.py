"""Hadoop from the front door: files put and fetched in one call each, and everything removed.

Each call of `hadoop fs` starts a JVM for three seconds, so there are as few of them as can be.
"""

from __future__ import annotations

import contextlib
import getpass
import logging
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

#: What a run makes is its user's alone.
PRIVATE = "fs.permissions.umask-mode=077"

_HOMES = ("HADOOP_HOME", "HADOOP_PREFIX", "HADOOP_INSTALL")


class HadoopError(ValueError):
    """Hadoop is not to be found, or a call of it failed."""


@dataclass(frozen=True)
class Hadoop:
    """A Hadoop client, and a folder of one run in its default file system."""

    binary: str
    folder: str  # hdfs:///... , removed at the end

    def call(self, *arguments: str) -> str:
        """Run `hadoop` and return what it prints.

        Raises:
            HadoopError: It failed; its last words are in the message.
        """
        log.info("hadoop %s", " ".join(arguments))
        done = subprocess.run(
            [self.binary, *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            raise HadoopError(
                f"hadoop {' '.join(arguments[:2])} failed: {lines[-1] if lines else 'no message'}"
            )
        return done.stdout

    def put(self, paths: Sequence[Path]) -> list[str]:
        """Put files of this machine into the run's folder, in one call; return their URIs."""
        target = f"{self.folder}/in"
        self.call("fs", "-D", PRIVATE, "-mkdir", "-p", target)
        self.call("fs", "-put", *map(str, paths), target)
        return [f"{target}/{path.name}" for path in paths]

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
        """Remove the run's folder; one that isn't there is no error."""
        self.call("fs", "-rm", "-r", "-f", "-skipTrash", self.folder)


def temporary(conf: Path | None) -> str:
    """Return where the files of a user's runs lie, each run and attempt in a folder of its own.

    Args:
        conf: mrjob.conf, which may say it: `hadoop_tmp_dir`.
    """
    from mrjob.conf import load_opts_from_mrjob_conf

    found = load_opts_from_mrjob_conf("hadoop", str(conf)) if conf else []
    for _, options in reversed(found):
        if options.get("hadoop_tmp_dir"):
            return str(options["hadoop_tmp_dir"]).rstrip("/")
    return f"hdfs:///tmp/gafreduce-{os.environ.get('HADOOP_USER_NAME') or getpass.getuser()}"


@contextlib.contextmanager
def connected(run_id: str, conf: Path | None) -> Iterator[Hadoop]:
    """Give a Hadoop client with a name for a fresh folder, which is removed at the end.

    Raises:
        HadoopError: There is no Hadoop.
    """
    hadoop = Hadoop(find_binary(), f"{temporary(conf)}/{run_id}/{uuid.uuid4().hex[:8]}")
    try:
        yield hadoop
    finally:
        with contextlib.suppress(HadoopError):
            hadoop.remove()


def find_binary() -> str:
    """Return the `hadoop` program.

    Raises:
        HadoopError: It is neither under HADOOP_HOME nor on the PATH.
    """
    for home in filter(None, map(os.environ.get, _HOMES)):
        binary = Path(home) / "bin" / "hadoop"
        if binary.is_file():
            return str(binary)
    found = shutil.which("hadoop")
    if found:
        return found
    raise HadoopError(
        "expected the program `hadoop`, got none (set HADOOP_HOME, or put it on the PATH)"
    )


def kill_applications(binary: str, applications: Iterable[str]) -> None:
    """End YARN applications: they go on when the client that started them ends."""
    yarn = Path(binary).with_name("yarn")
    for application in sorted(applications):
        subprocess.run(
            [str(yarn), "application", "-kill", application], capture_output=True, check=False
        )
