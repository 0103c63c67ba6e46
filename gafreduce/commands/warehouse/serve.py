"""`gafreduce serve`: serve runs by HTTP, read-only."""

from __future__ import annotations

import argparse
import logging
import socket
from collections.abc import Iterator

from gafreduce import signals
from gafreduce.cli.options import (
    EXIT_CODES,
    add_s3,
    add_verbosity,
    describe,
    parse_positive,
    pick_options,
)
from gafreduce.errors import TransientError, UsageError
from gafreduce.pipeline.options import S3Options

_EPILOG = f"""\
examples:
  gafreduce serve demo
      http://127.0.0.1:8030: /try to try requests, /search?q=comK, /organisms.csv
  gafreduce serve gafreduce-runs --cors https://lab.example.org
      all runs in a folder, also for scripts of that site
  gafreduce serve s3://my-gafreduce/results --port 9000
      published runs

{EXIT_CODES}
"""

log = logging.getLogger("gafreduce")


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    describe(
        command,
        "Serve runs by HTTP until interrupted (Ctrl-C, SIGTERM; exit code 0): lists of runs, "
        "organisms, gene products, annotations and terms as JSON, CSV or TSV, full-text search, "
        "and the pages. Nothing can "
        "be changed by a request. There are no users and no passwords: leave it on 127.0.0.1, or "
        "put a gateway before it (docs/service.md).",
        _EPILOG,
    )
    command.add_argument(
        "places",
        metavar="RUN",
        nargs="+",
        help="run folders, or parents of run folders; paths or s3:// URIs",
    )
    command.add_argument(
        "--host",
        metavar="ADDRESS",
        default="127.0.0.1",
        help="address to listen on (default: %(default)s)",
    )
    command.add_argument(
        "--port",
        metavar="PORT",
        type=parse_positive,
        default=8030,
        help="port to listen on (default: %(default)s)",
    )
    command.add_argument(
        "--cors",
        metavar="ORIGIN",
        action="append",
        default=[],
        help="web site whose scripts may read the answers, as https://lab.example.org, or * for "
        "all (repeatable; default: none)",
    )
    command.add_argument(
        "--max-seconds",
        metavar="SECONDS",
        type=parse_positive,
        default=2,
        help="time limit of a request (default: %(default)s)",
    )
    add_s3(command)
    add_verbosity(command)


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Serve until interrupted; yield the address first.

    Raises:
        UsageError: The packages of the service are missing, or a value is wrong.
        InputError: A place holds no run.
        TransientError: S3 cannot be reached, or the port is in use.
    """
    from gafreduce.service.served_runs import find_served_runs
    from gafreduce.tempdir import temporary_folder

    try:
        import uvicorn

        from gafreduce.service.application import Settings, make_application
        from gafreduce.service.library import OneDatabase
    except ImportError as error:
        raise UsageError(
            "expected the packages starlette and uvicorn, got none (install them: pip install "
            "'gafreduce[serve]')"
        ) from error
    if arguments.port > 65535:
        raise UsageError(f"--port: expected a number up to 65535, got {arguments.port}")
    access = pick_options(S3Options, arguments).make_access()
    with temporary_folder() as scratch:
        served = find_served_runs(arguments.places, access, scratch)
        library = OneDatabase(served.database, served.pages, float(arguments.max_seconds))
        config = uvicorn.Config(
            make_application(library, Settings(tuple(arguments.cors))),
            host=arguments.host,
            port=arguments.port,
            log_level="info" if arguments.verbose else "warning",
            access_log=arguments.verbose,
            server_header=False,
            limit_concurrency=1000,
            timeout_keep_alive=30,
        )
        listening = _open_socket(arguments.host, arguments.port)
        host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
        yield f"http://{host}:{arguments.port}/ serves {len(served.runs)} runs; /try to try it"
        if arguments.host not in ("127.0.0.1", "::1", "localhost"):
            log.warning("%s: others can reach this service, without a password", arguments.host)
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:  # of SIGTERM, too: a service has no other end
            signals.ignore_further()
            log.warning("the service stopped")


def _open_socket(host: str, port: int) -> socket.socket:
    """Return a socket of an address.

    Raises:
        TransientError: The address cannot be used.
    """
    # with the protocol named, asyncio sends small packets at once: else each answer waits 40 ms
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise TransientError(
            f"{host}:{port}: expected to listen there, got {error.strerror or error} "
            "(choose another: --port)"
        ) from error
    return made
