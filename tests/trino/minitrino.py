"""A real Trino, the engine of Athena, over a Glue catalog in moto and Parquet in a real S3 server.

Trino comes from Maven Central and is kept beside the parts of the small Hadoop, outside the
checkout. It needs Java 24 or later: $GAFREDUCE_TRINO_JAVA_HOME, JAVA_HOME, or one of /usr/lib/jvm.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from minihadoop import build, processes
from minihadoop.configuration import LOOPBACK, REGION, Keys

VERSION = "476"
ARTIFACT = f"io.trino:trino-server:{VERSION}:tar.gz"
MAVEN_GET = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
LEAST_JAVA = 24
CATALOG = "awsdatacatalog"
DATABASE = "gafreduce"
BUCKET = "results"
RUNS = f"s3://{BUCKET}/runs"
START_SECONDS = 600

JVM_OPTIONS = (
    *("-server", "-Xmx1500M", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    *("-XX:+ExitOnOutOfMemoryError", "-Djdk.attach.allowAttachSelf=true"),
    *("-XX:+EnableDynamicAgentLoading", "--enable-native-access=ALL-UNNAMED"),
    *("--sun-misc-unsafe-memory-access=allow", "--add-modules=jdk.incubator.vector"),
)


class Tools(NamedTuple):
    """Where the built parts lie."""

    trino: Path
    versitygw: Path
    java_home: Path


class Lake(NamedTuple):
    """The running servers."""

    trino_port: int
    environment: Mapping[str, str]  # by which boto3, and so gafreduce, reaches S3 and Glue


def make_tools() -> Tools:
    """Return the parts, built when the cache does not hold them.

    Raises:
        build.BuildError: A tool is missing or failed.
    """
    cache = build.cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    java_home = find_java_home()
    with build.lock(cache / "lock"):
        server = build.make_part(cache, "versitygw", build.VERSITYGW, build.install_versitygw)
        trino = build.make_part(cache, f"trino-{VERSION}", ARTIFACT, _unpack_trino)
    return Tools(trino, server / "versitygw", java_home)


def _unpack_trino(folder: Path, log_file: Path) -> None:
    """Unpack what one connector needs: 466 MB of 896 MB."""
    build.run(
        [
            *("mvn", "--batch-mode", "--strict-checksums", MAVEN_GET),
            *(f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"),
        ],
        log_file,
        fix="apt-get install maven default-jdk-headless",
    )
    (packed,) = folder.glob("*.tar.gz")
    # plugins are hard links to each other's files: all are unpacked, then those not needed removed
    build.run(
        ["tar", "-xzf", str(packed), "-C", str(folder), "--strip-components=1"],
        log_file,
        fix="is the disk full?",
    )
    packed.unlink()
    for plugin in (folder / "plugin").iterdir():
        if plugin.name != "hive":
            shutil.rmtree(plugin)


def find_java_home() -> Path:
    """Return the home of a Java that Trino runs on.

    Raises:
        build.BuildError: There is none.
    """
    named = [os.environ.get(name) for name in ("GAFREDUCE_TRINO_JAVA_HOME", "JAVA_HOME")]
    installed = sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    for home in (*(Path(each) for each in named if each), *installed):
        if _read_java_version(home) >= LEAST_JAVA:
            return home
    raise build.BuildError(
        f"expected Java {LEAST_JAVA} or later for Trino, got none (apt-get install temurin-25-jdk "
        "or openjdk-25-jdk-headless, or set GAFREDUCE_TRINO_JAVA_HOME)"
    )


def _read_java_version(home: Path) -> int:
    with suppress(OSError):
        found = re.search(r'JAVA_VERSION="(\d+)', (home / "release").read_text())
        return int(found[1]) if found else 0
    return 0


@contextmanager
def run_lake(scratch: Path, tools: Tools, glue_endpoint: str) -> Iterator[Lake]:
    """Run an S3 server and Trino for the length of a `with` block.

    Args:
        scratch: A new folder for all that they write.
        tools: The built parts.
        glue_endpoint: URL of the Glue catalog.
    """
    s3_port, trino_port = processes.free_ports(2)
    keys = Keys()
    endpoint = f"http://{LOOPBACK}:{s3_port}"
    _configure(scratch, tools, keys, endpoint, glue_endpoint, trino_port)
    started = []
    try:
        started.append(_start_s3(scratch, tools, keys, s3_port))
        started.append(_start_trino(scratch, tools))
        processes.wait_until(lambda: processes.listens(s3_port), started, 30, "an S3 server")
        processes.wait_until(lambda: _is_ready(trino_port), started, START_SECONDS, "Trino")
        yield Lake(
            trino_port,
            {
                "AWS_ACCESS_KEY_ID": keys.access,
                "AWS_SECRET_ACCESS_KEY": keys.secret,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_ENDPOINT_URL_S3": endpoint,
                "AWS_ENDPOINT_URL_GLUE": glue_endpoint,
            },
        )
    finally:
        processes.stop(started)


def _configure(
    scratch: Path, tools: Tools, keys: Keys, s3_endpoint: str, glue_endpoint: str, port: int
) -> None:
    catalogs = scratch / "etc" / "catalog"
    catalogs.mkdir(parents=True)
    _write_properties(
        scratch / "etc" / "config.properties",
        {
            "coordinator": "true",
            "node-scheduler.include-coordinator": "true",
            "http-server.http.port": port,
            "discovery.uri": f"http://{LOOPBACK}:{port}",
            "query.max-memory": "400MB",
            "query.max-memory-per-node": "400MB",
            "memory.heap-headroom-per-node": "300MB",
            "catalog.management": "static",
            "plugin.dir": tools.trino / "plugin",
        },
    )
    _write_properties(
        catalogs / f"{CATALOG}.properties",
        {
            "connector.name": "hive",
            "hive.metastore": "glue",
            # moto has no statistics: Trino would ask for them ten times
            "hive.table-statistics-enabled": "false",
            "hive.metastore.glue.endpoint-url": glue_endpoint,
            "hive.metastore.glue.region": REGION,
            "hive.metastore.glue.aws-access-key": keys.access,
            "hive.metastore.glue.aws-secret-key": keys.secret,
            "fs.native-s3.enabled": "true",
            "fs.hadoop.enabled": "false",
            "s3.endpoint": s3_endpoint,
            "s3.region": REGION,
            "s3.path-style-access": "true",
            "s3.aws-access-key": keys.access,
            "s3.aws-secret-key": keys.secret,
        },
    )


def _write_properties(path: Path, values: Mapping[str, object]) -> None:
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))


def _start_s3(scratch: Path, tools: Tools, keys: Keys, port: int) -> processes.Daemon:
    folder = scratch / "s3"
    for name in ("root", "iam"):
        (folder / name).mkdir(parents=True)
    return processes.start(
        "s3",
        [
            *(str(tools.versitygw), "--port", f"{LOOPBACK}:{port}", "--region", REGION),
            *("--iam-dir", str(folder / "iam"), "--quiet", "posix", str(folder / "root")),
        ],
        {**os.environ, "ROOT_ACCESS_KEY": keys.access, "ROOT_SECRET_KEY": keys.secret},
        "trino-s3",
        scratch / "s3.log",
    )


def _start_trino(scratch: Path, tools: Tools) -> processes.Daemon:
    java = str(tools.java_home / "bin" / "java")
    places = {
        "node.environment": "test",
        "node.id": "only",
        "node.bind-ip": LOOPBACK,
        "node.internal-address": LOOPBACK,
        "node.data-dir": scratch / "data",
        "config": "etc/config.properties",
    }
    return processes.start(
        "trino",
        [
            *("env", "-C", str(scratch), java, *JVM_OPTIONS),
            *(f"-D{name}={value}" for name, value in places.items()),
            *("-cp", f"{tools.trino}/lib/*", "io.trino.server.TrinoServer"),
        ],
        os.environ,
        "trino",
        scratch / "trino.log",
    )


def _is_ready(port: int) -> bool:
    address = f"http://{LOOPBACK}:{port}/v1/info"
    with (
        suppress(OSError, urllib.error.URLError, ValueError),
        urllib.request.urlopen(address, timeout=5) as answer,
    ):
        return json.load(answer).get("starting") is False
    return False
