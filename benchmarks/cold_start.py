"""Cold start of the service as a function, in AWS's own runtime emulator, over a run in a real S3.

python benchmarks/cold_start.py RUN_FOLDER [--rounds 5]

Each round starts a new process and sends it one event of API Gateway: interpreter, imports, client
of S3, listing, and fetching the search database are in its time. Then the same event comes again.
The emulator is built by Go and kept with the S3 server of tests/cluster, outside the checkout.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).parents[1]
sys.path.insert(0, str(REPOSITORY / "tests" / "cluster"))

from minihadoop import build, processes  # noqa: E402 - the path
from minihadoop.configuration import LOOPBACK, REGION, Keys  # noqa: E402

EMULATOR = (
    "github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie"
    "@v0.0.0-20261030222936-bef5c4ba774d"
)
HANDLER = "gafreduce.cloud.api.handler"
MEMORY_MB = 512
BUCKET = "results"
_N_WARM = 20
_CLIENT = "-m awslambdaric"


class Round(NamedTuple):
    """What one process took."""

    cold: float  # seconds to the first answer
    cpu: float  # seconds of CPU time to the first answer
    warm: float  # median seconds of further answers
    megabytes: float


def build_tools() -> tuple[Path, Path]:
    """Return the emulator and the S3 server, built when the cache does not hold them."""
    cache = build.cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    with build.lock(cache / "lock"):
        server = build.make_part(cache, "versitygw", build.VERSITYGW, build.install_versitygw)
        emulator = build.make_part(cache, "lambda-rie", EMULATOR, _install_emulator)
    return emulator / "aws-lambda-rie", server / "versitygw"


def _install_emulator(folder: Path, log_file: Path) -> None:
    build.run(
        ["go", "install", EMULATOR],
        log_file,
        fix="install Go 1.25 or later",
        environment={"GOBIN": str(folder)},
    )


def make_event(path: str, query: str) -> dict[str, Any]:
    """Return an event of an HTTP API (payload format 2.0)."""
    http = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": LOOPBACK}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "id.execute-api.us-east-1.amazonaws.com"},
        "requestContext": {"http": http | {"userAgent": "benchmark"}, "stage": "$default"},
        "isBase64Encoded": False,
    }


def ask(port: int, event: dict[str, Any]) -> float:
    """Return the seconds until the function has answered an event."""
    address = f"http://{LOOPBACK}:{port}/2015-03-31/functions/function/invocations"
    begin = time.perf_counter()
    with urllib.request.urlopen(address, json.dumps(event).encode()) as answer:
        found = json.load(answer)
    if found.get("statusCode") != 200:
        raise SystemExit(f"expected an answer with status 200, got {str(found)[:300]}")
    return time.perf_counter() - begin


def find_function(group: int) -> int:
    """Return the pid of the function's process, of the emulator's session."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            pid = int(folder.name)
            line = processes.command_line(pid)
            if _CLIENT in line and "aws-lambda-rie" not in line and os.getsid(pid) == group:
                return pid
    raise SystemExit("expected the process of the function, got none")


def run_round(emulator: Path, environment: dict[str, str], log_file: Path) -> Round:
    """Start the function, ask it, and stop it."""
    port, runtime_port = processes.free_ports(2)
    command = [
        *(str(emulator), "--runtime-interface-emulator-address", f"{LOOPBACK}:{port}"),
        *("--runtime-api-address", f"{LOOPBACK}:{runtime_port}"),
        *(sys.executable, *_CLIENT.split(), HANDLER),
    ]
    event = make_event("/search", "q=comK")
    with log_file.open("ab") as log:
        started = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            while not processes.listens(port):
                time.sleep(0.01)
            cold = ask(port, event)
            pid = find_function(started.pid)
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            warm = median(ask(port, event) for _ in range(_N_WARM))
            status = Path(f"/proc/{pid}/status").read_text()
            resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
            return Round(cold, cpu, warm, int(resident.split()[1]) / 1000)
        finally:
            os.killpg(started.pid, signal.SIGKILL)
            started.wait()


def main() -> None:
    """Measure what the command line names."""
    import boto3

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    emulator, server = build_tools()
    keys, (s3_port,) = Keys(), processes.free_ports(1)
    with tempfile.TemporaryDirectory(prefix="gafreduce-cold-start-") as name:
        scratch = Path(name)
        for each in ("root", "iam", "tmp"):
            (scratch / each).mkdir()
        secrets = {"ROOT_ACCESS_KEY": keys.access, "ROOT_SECRET_KEY": keys.secret}
        command = [
            *(str(server), "--port", f"{LOOPBACK}:{s3_port}", "--region", REGION),
            *("--iam-dir", str(scratch / "iam"), "--quiet", "posix", str(scratch / "root")),
        ]
        s3 = processes.start("s3", command, os.environ | secrets, "cold-start", scratch / "s3.log")
        try:
            processes.wait_until(lambda: processes.listens(s3_port), [s3], 60, "an S3 server")
            environment = {
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(REPOSITORY),
                "TMPDIR": str(scratch / "tmp"),
                "AWS_LAMBDA_FUNCTION_NAME": "gafreduce-api",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MB),
                "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_ACCESS_KEY_ID": keys.access,
                "AWS_SECRET_ACCESS_KEY": keys.secret,
                "AWS_ENDPOINT_URL_S3": f"http://{LOOPBACK}:{s3_port}",
                "GAFREDUCE_RUNS": f"s3://{BUCKET}/runs",
            }
            client = boto3.client(
                "s3",
                endpoint_url=environment["AWS_ENDPOINT_URL_S3"],
                aws_access_key_id=keys.access,
                aws_secret_access_key=keys.secret,
                region_name=REGION,
            )
            client.create_bucket(Bucket=BUCKET)
            for path in asked.folder.rglob("*"):
                if path.is_file():
                    key = f"runs/one/{path.relative_to(asked.folder).as_posix()}"
                    client.upload_file(str(path), BUCKET, key)
            print("| first answer s | CPU s | further answers ms | MB |\n|---|---|---|---|")
            for _ in range(asked.rounds):
                found = run_round(emulator, environment, scratch / "function.log")
                print(
                    f"| {found.cold:.2f} | {found.cpu:.2f} | {1000 * found.warm:.1f} "
                    f"| {found.megabytes:.0f} |",
                    flush=True,
                )
        finally:
            processes.stop([s3])


if __name__ == "__main__":
    main()
