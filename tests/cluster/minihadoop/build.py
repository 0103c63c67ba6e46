"""Fetch and build what the cluster runs, once, into a cache outside the checkout.

    python -m minihadoop build

Three independent parts, each pinned, built at the same time and re-used by later runs:

- Hadoop: every jar of `pom.xml` through Maven, whose `-C` refuses a file that does not match the
  repository's checksum, AWS's SDK without the services that Hadoop does not call; and the short
  `bin/hadoop`, written again when it has changed.
- versitygw, an S3 server: `go install`, which checks each module against the checksum database.
- moto, which plays EMR and IAM: a virtual environment, all of it in the versions of
  `moto-versions.txt`; pip checks the index's hashes.

The cache is `$GAFREDUCE_CLUSTER_CACHE`, else `~/.cache/gafreduce/cluster`. A part is complete when
its `.complete` file has the pins it was made with; when one changes, the part is built again.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

VERSITYGW = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
MOTO = "moto[server]"
MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

HERE = Path(__file__).parent
POM = HERE.parent / "pom.xml"
WRAPPER = HERE / "hadoop.sh"
MOTO_VERSIONS = HERE / "moto-versions.txt"
SDK_PREFIX = "software/amazon/awssdk/services/"
SDK_SERVICES = {"kms", "s3", "sts"}
COMPLETE = ".complete"
LOG_LINES_SHOWN = 20


class BuildError(ValueError):
    """A tool is missing or failed; the message says which, and shows the end of its log."""


@dataclass(frozen=True)
class Tools:
    """Where the built parts lie."""

    hadoop_home: Path
    versitygw: Path
    moto_python: Path

    @property
    def streaming_jar(self) -> Path:
        """Return the jar that `hadoop jar` runs for a streaming job."""
        return next((self.hadoop_home / "share" / "hadoop").glob("hadoop-streaming-*.jar"))


def cache_dir() -> Path:
    """Return the cache folder; it need not exist."""
    named = os.environ.get("GAFREDUCE_CLUSTER_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "gafreduce" / "cluster"


def build(cache: Path | None = None) -> Tools:
    """Return the built parts, building those that the cache does not hold yet.

    Raises:
        BuildError: A tool is missing or failed.
    """
    cache = cache or cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    with lock(cache / "lock"), ThreadPoolExecutor() as pool:
        parts = [
            pool.submit(make_part, cache, f"hadoop-{hadoop_version()}", _hadoop_recipe(), _hadoop),
            pool.submit(make_part, cache, "versitygw", VERSITYGW, install_versitygw),
            pool.submit(
                make_part, cache, "moto", f"{MOTO_VERSIONS.read_text()}{sys.version}", _moto
            ),
        ]
        hadoop, versitygw, moto = [part.result() for part in parts]
        _install_wrapper(hadoop / "bin")
    return Tools(hadoop, versitygw / "versitygw", moto / "bin" / "python")


def hadoop_version(pom: Path = POM) -> str:
    """Return the version that the pom pins, such as `3.4.2`."""
    version = ElementTree.parse(pom).findtext(".//{*}hadoop.version")
    if not version:
        raise BuildError(f"{pom}:1: expected a property hadoop.version, got none")
    return version


def make_part(cache: Path, name: str, recipe: str, make: Callable[[Path, Path], None]) -> Path:
    """Return the folder of one part, made when it is absent or its recipe has changed."""
    folder, log_file = cache / name, cache / f"{name}.log"
    stamp = folder / COMPLETE
    if stamp.is_file() and stamp.read_text() == recipe:
        log.info("%s: in the cache", name)
        return folder
    log.info("%s: building, log in %s", name, log_file)
    started = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    log_file.write_text("")
    make(folder, log_file)
    stamp.write_text(recipe)
    log.info("%s: built in %.0f s", name, time.monotonic() - started)
    return folder


def _hadoop(folder: Path, log_file: Path) -> None:
    jars = folder / "share" / "hadoop"
    run(
        [
            *("mvn", "--batch-mode", "--strict-checksums", "--file", str(POM), MAVEN_COPY),
            *(f"-DoutputDirectory={jars}", "-DincludeScope=runtime"),
        ],
        log_file,
        fix="apt-get install maven default-jdk-headless",
    )
    for bundle in jars.glob("bundle-*.jar"):
        _keep_used_services(bundle)


def _hadoop_recipe() -> str:
    return f"{POM.read_text()}{sorted(SDK_SERVICES)}"


def _keep_used_services(bundle: Path) -> None:
    """Drop the services of AWS's SDK that Hadoop does not call from its jar of 380,272 entries.

    Each Java program that starts reads all of them; 13,500 are left.
    """
    used = bundle.with_suffix(".used")
    with zipfile.ZipFile(bundle) as whole, zipfile.ZipFile(used, "w") as kept:
        for name in whole.namelist():
            service = name.removeprefix(SDK_PREFIX).partition("/")[0]
            if not name.startswith(SDK_PREFIX) or service in SDK_SERVICES:
                kept.writestr(name, whole.read(name))
    used.replace(bundle)


def _install_wrapper(folder: Path) -> None:
    """Put `hadoop`, and the other names that people type, into a folder; nothing when it is there."""
    folder.mkdir(exist_ok=True)
    target = folder / "hadoop"
    if not target.is_file() or target.read_bytes() != WRAPPER.read_bytes():
        fresh = folder / "hadoop.new"
        shutil.copy(WRAPPER, fresh)
        fresh.replace(target)  # a shell that reads the old one goes on with it
    for name in ("hdfs", "yarn", "mapred"):
        if not (folder / name).exists():
            (folder / name).symlink_to("hadoop")


def install_versitygw(folder: Path, log_file: Path) -> None:
    """Install the S3 server; a recipe of `make_part`."""
    run(
        ["go", "install", VERSITYGW],
        log_file,
        fix="install Go 1.25 or later",
        environment={"GOBIN": str(folder)},
    )


def _moto(folder: Path, log_file: Path) -> None:
    run([sys.executable, "-m", "venv", str(folder)], log_file, fix="install python3-venv")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    versions = ["--constraint", str(MOTO_VERSIONS)]
    run([*pip, *versions, MOTO], log_file, fix="is the package index reachable?")


def run(
    command: list[str], log_file: Path, fix: str, environment: dict[str, str] | None = None
) -> None:
    """Run a program of a build; its words go to the log.

    Raises:
        BuildError: The program is missing or failed.
    """
    if shutil.which(command[0]) is None:
        raise BuildError(f"expected the program {command[0]!r} on PATH, got none ({fix})")
    with log_file.open("a") as output:
        result = subprocess.run(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
            check=False,
        )
    if result.returncode:
        shown = "\n".join(log_file.read_text().splitlines()[-LOG_LINES_SHOWN:])
        raise BuildError(
            f"{log_file}: {command[0]} ended with {result.returncode} ({fix})\n{shown}"
        )


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Let one build at a time into the cache; the kernel drops the lock when a process dies."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
