"""Build, start and stop a cluster by hand.

cluster build             fetch and build what it needs, into the cache
cluster up                start one, and say which file to source to use it
cluster down              stop it and remove what it wrote
"""

from __future__ import annotations

import argparse
import logging
import signal
import subprocess
import sys
from pathlib import Path

from minihadoop import build
from minihadoop.cluster import STATE, Cluster, choose_ports, stop_recorded
from minihadoop.configuration import Options

ENVIRONMENT = "environment.sh"


def main() -> int:
    """Run one command; 0 when it did what it should, 1 when it could not."""
    parser = argparse.ArgumentParser(
        prog="minihadoop", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", choices=["build", "up", "down"])
    parser.add_argument(
        "--scratch",
        type=Path,
        default=build.cache_dir() / "running",
        help="where the cluster keeps its files while it runs (default: %(default)s)",
    )
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    _end_at_signals()
    try:
        _COMMANDS[arguments.command](arguments.scratch.resolve())
    except (ValueError, OSError, subprocess.CalledProcessError) as error:
        print(f"minihadoop: {error}", file=sys.stderr)  # noqa: T201 - a program's last word
        return 1
    return 0


def _end_at_signals() -> None:
    """Let SIGINT and SIGTERM end this program so that it stops what it has started.

    What a shell starts in the background ignores SIGINT, and so would Python.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def _build(scratch: Path) -> None:
    build.build()


def _up(scratch: Path) -> None:
    if (scratch / STATE).exists():
        raise ValueError(f"{scratch}: a cluster runs here already (cluster-down ends it)")
    tools = build.build()
    options = Options()
    cluster = Cluster(scratch, tools, choose_ports(options), options)
    try:
        cluster.start()
    except BaseException:
        cluster.stop()
        raise
    environment = scratch / ENVIRONMENT
    environment.write_text(cluster.shell_exports())
    logging.info("running; to use it: source %s", environment)
    logging.info("YARN: http://127.0.0.1:%d/", cluster.ports.resourcemanager_http)
    logging.info("S3:   %s (bucket names are yours to make)", cluster.s3_endpoint)


def _down(scratch: Path) -> None:
    stop_recorded(scratch)


_COMMANDS = {"build": _build, "up": _up, "down": _down}

if __name__ == "__main__":
    sys.exit(main())
