"""A small cloud on this machine: the parts that AWS publishes, and a real S3 server.

| part | what it is |
|---|---|
| S3 | versitygw, which posts an event for each new object |
| EventBridge | AWS's event-ruler, with the rule of the template |
| Lambda | AWS's runtime emulator and client, in a read-only root with 512 MB of memory and of temporary folder |
| Glue, SQS, SNS | moto, with the template's own database and tables |
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import boto3
import deploying
from minihadoop import build
from moto.server import ThreadedMotoServer

HERE = Path(__file__).parent
BUCKET = "gafres"
KEYS = {"AWS_ACCESS_KEY_ID": "testadmin", "AWS_SECRET_ACCESS_KEY": "testadminsecret"}
RIE = (
    "github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie"
    "@v0.0.0-20261030222936-bef5c4ba774d"
)
#: Memory of the function with all its processes, and with its temporary files, which are in memory here.
MEMORY_MB = 512
_WAIT_SECONDS = 60


def find_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def fetch_emulator() -> Path:
    """Return AWS's runtime emulator, built once into the cache of the cluster tests."""
    folder = build.cache_dir() / "lambda-rie"
    program = folder / "aws-lambda-rie"
    if not program.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["go", "install", RIE], check=True, env={**os.environ, "GOBIN": str(folder)})
    return program


def fetch_ruler() -> str:
    """Return the class path of AWS's event-ruler, fetched once."""
    folder = build.cache_dir() / "event-ruler"
    if not any(folder.glob("event-ruler-*.jar")):
        folder.mkdir(parents=True, exist_ok=True)
        goal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
        command = ["mvn", "-q", "-B", "-C", "-f", str(HERE / "ruler.xml"), goal]
        subprocess.run([*command, f"-DoutputDirectory={folder}"], check=True)
    return f"{folder}/*"


class EventMatcher:
    """EventBridge's matcher, with one rule."""

    def __init__(self, pattern: Mapping[str, Any], folder: Path) -> None:
        rule = folder / "rule.json"
        rule.write_text(json.dumps(pattern))
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            ["java", "-cp", fetch_ruler(), str(HERE / "MatchEvents.java"), str(rule)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._read() == "ready"

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Return whether the rule matches an event."""
        with self._lock:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(event) + "\n")
            self._process.stdin.flush()
            return self._read() == "[rule]"

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.communicate()


class MemoryGroup:
    """A limit of memory for processes together: the kernel kills one of them above it.

    Args:
        name: Its name, which nobody else has.
        megabytes: The limit.
    """

    def __init__(self, name: str, megabytes: int) -> None:
        first, second = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
        is_first = first.is_dir()
        if not is_first:
            (second / "cgroup.subtree_control").write_text("+memory")
        self.path = (first if is_first else second) / name
        self.path.mkdir()
        names = ("memory.limit_in_bytes", "memory.max_usage_in_bytes")
        limit, self._peak = names if is_first else ("memory.max", "memory.peak")
        (self.path / limit).write_text(str(megabytes << 20))

    @property
    def peak_mb(self) -> float:
        """The most that was used at a time, with cached files."""
        return int((self.path / self._peak).read_text()) / (1 << 20)

    def pids(self) -> list[int]:
        """Return the processes in the group."""
        return [int(each) for each in (self.path / "cgroup.procs").read_text().split()]

    def remove(self) -> None:
        """Kill what is left in the group, and remove it."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while pids := self.pids():
            assert time.monotonic() < deadline, f"processes stay: {pids}"
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        self.path.rmdir()


class EmulatedFunction:
    """One instance of a function in AWS's emulator."""

    def __init__(
        self,
        handler: str,
        variables: Mapping[str, str],
        folder: Path,
        seconds: int = 900,
        megabytes: int = MEMORY_MB,
    ) -> None:
        folder.mkdir(parents=True)
        self.memory = MemoryGroup(f"gafreduce-{folder.name}", megabytes)
        self.port, runtime = find_port(), find_port()
        self.log = folder / "log"
        settings = {
            "AWS_LAMBDA_FUNCTION_NAME": "gafreduce-start",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(seconds),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(megabytes),
            "PYTHONPATH": str(HERE.parents[1]),
            **variables,
        }
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    *("unshare", "--mount", "sh", str(HERE / "lambox.sh")),
                    *(str(folder), str(self.memory.path)),
                    *(f"{name}={value}" for name, value in settings.items()),
                    str(fetch_emulator()),
                    *("--runtime-interface-emulator-address", f"127.0.0.1:{self.port}"),
                    *("--runtime-api-address", f"127.0.0.1:{runtime}"),
                    *(sys.executable, "-m", "awslambdaric", handler),
                ],
                stdout=log,
                stderr=log,
                cwd="/",
            )
        _wait_for(self.port)

    def call(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Call the function; return its answer, or the error as `errorType`."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/2015-03-31/functions/function/invocations",
            data=json.dumps(event).encode(),
        )
        with urllib.request.urlopen(request, timeout=900) as answer:
            text = answer.read().decode()
        try:
            found: dict[str, Any] = json.loads(text)
        except ValueError:
            return {"errorType": "text", "errorMessage": text}
        return found

    def kill_run(self) -> None:
        """Kill the run that the function started, at once."""
        for pid in self.memory.pids():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"gafreduce" in words and b"run" in words:
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """Kill the function and its processes."""
        self.memory.remove()
        self._process.wait()


class MiniCloud:
    """All parts, started in a folder.

    Attributes:
        s3: A client of boto3.
        s3_port: The port of the S3 server.
        is_delivering: Whether events reach the function.
        answers: What the function answered, by each event, in their order of arrival.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: queue.Queue[tuple[dict[str, Any], dict[str, Any]]] = queue.Queue()
        self._executor = ThreadPoolExecutor(1)
        self._moto = ThreadedMotoServer("127.0.0.1", find_port(), verbose=False)
        self._moto.start()
        host, port = self._moto.get_host_and_port()
        self._web = ThreadingHTTPServer(("127.0.0.1", 0), self._make_receiver())
        threading.Thread(target=self._web.serve_forever, daemon=True).start()
        self.is_delivering = True
        self.s3_port = find_port()
        self.environment = {
            **KEYS,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{self.s3_port}",
        }
        os.environ.update(self.environment)
        self._server = self._start_s3(self.s3_port)
        self.s3 = boto3.client("s3")
        self.s3.create_bucket(Bucket=BUCKET)
        self.sqs = boto3.client("sqs")
        self.stack = self._deploy()
        resources = self.stack.template["Resources"]
        pattern = self.stack.resolve(resources["InputRule"]["Properties"]["EventPattern"])
        self.matcher = EventMatcher(pattern, folder)
        properties = resources["StartFunction"]["Properties"]
        self.variables = self.environment | {
            name: str(value)
            for name, value in self.stack.resolve(properties["Environment"]["Variables"]).items()
        }
        (self.handler,) = properties["ImageConfig"]["Command"]
        self.function = self.start_function()

    def start_function(
        self, seconds: int = 900, megabytes: int = MEMORY_MB, **more: str
    ) -> EmulatedFunction:
        """Start another instance of the function."""
        folder = self.folder / uuid.uuid4().hex
        variables = {**self.variables, **more}
        return EmulatedFunction(self.handler, variables, folder, seconds, megabytes)

    def _start_s3(self, port: int) -> subprocess.Popen[bytes]:
        root, versions = self.folder / "s3", self.folder / "versions"
        root.mkdir()
        versions.mkdir()
        program = build.cache_dir() / "versitygw" / "versitygw"
        server = subprocess.Popen(
            [
                *(str(program), "--port", f"127.0.0.1:{port}", "--region", "us-east-1"),
                *("--access", KEYS["AWS_ACCESS_KEY_ID"]),
                *("--secret", KEYS["AWS_SECRET_ACCESS_KEY"], "--quiet"),
                *("--event-webhook-url", f"http://127.0.0.1:{self._web.server_port}/"),
                *("posix", "--versioning-dir", str(versions), str(root)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait_for(port)
        return server

    def _deploy(self) -> deploying.Stack:
        """Make the template's own database, tables, queue and topic."""
        stack = deploying.Stack({"Image": deploying.IMAGE, "RunOptions": "", "BucketName": BUCKET})
        stack.values |= {"Bucket": BUCKET}
        stack.values["Failures"] = self.sqs.create_queue(QueueName="Failures")["QueueUrl"]
        stack.values["Topic"] = boto3.client("sns").create_topic(Name="Topic")["TopicArn"]
        stack.resources = {
            name: each
            for name, each in stack.resources.items()
            if each["Type"].startswith("AWS::Glue::")
        }
        stack.deploy()
        return stack

    def _make_receiver(self) -> type[BaseHTTPRequestHandler]:
        """Return what receives the events of the S3 server and hands them on, one at a time."""
        cloud = self

        class EventReceiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                for record in json.loads(body).get("Records", []):
                    cloud.deliver(record)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return EventReceiver

    def deliver(self, record: Mapping[str, Any]) -> None:
        """Hand an event of S3 to the function, if the rule matches it, as EventBridge has it."""
        if not self.is_delivering or "ObjectCreated" not in record["eventName"]:
            return
        key = unquote_plus(record["s3"]["object"]["key"])
        event = make_event(key.removeprefix(f"{BUCKET}/"))
        if self.matcher.matches(event):
            self._executor.submit(self._call, event)

    def _call(self, event: dict[str, Any]) -> None:
        self.answers.put((event, self.function.call(event)))

    def wait_for(self, key: str) -> dict[str, Any]:
        """Return the answer to the next event of an object."""
        while True:
            event, answer = self.answers.get(timeout=600)
            if event["detail"]["object"]["key"] == key:
                return answer

    def failures(self) -> list[dict[str, Any]]:
        """Return and remove what is in the queue of failures."""
        url = self.stack.values["Failures"]
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for each in found:
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return [json.loads(each["Body"]) for each in found]

    def list_keys(self, prefix: str) -> list[str]:
        """Return the keys below a prefix."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def stop(self) -> None:
        """Stop every part."""
        self._executor.shutdown(cancel_futures=True)
        self.function.stop()
        self.matcher.stop()
        self._web.shutdown()
        self._web.server_close()
        self._server.terminate()
        self._server.wait()
        self._moto.stop()
        self._moto._server.server_close()  # moto leaves its socket open
        shutil.rmtree(self.folder / "s3", ignore_errors=True)


def make_event(key: str) -> dict[str, Any]:
    """Return EventBridge's event of a new object."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "detail": {"bucket": {"name": BUCKET}, "object": {"key": key}},
    }


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, f"nothing answers at port {port}"
        time.sleep(0.1)
