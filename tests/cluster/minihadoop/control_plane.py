"""Amazon's control plane: moto plays EMR, IAM, EC2 and STS, stricter, with steps that really run.

    python -m minihadoop.control_plane --port PORT --scratch DIR --streaming-jar JAR

Three things are added to moto's server:

- calls that Amazon would refuse are refused (`emr_rules`), and each call is noted, so that a test
  can compare what a run called with what its policy allows;
- every cluster has a thread that takes it through its states and runs its steps on the Hadoop of
  this machine, with exactly the arguments that were submitted (`emr_steps`);
- paths under `/_harness/` are for tests: `names` (what exists in the account; nothing until the
  server is ready), `calls` (what was called, and on what), `clusters` (their states), `steps` (the
  states of theirs), `tags` (theirs), `faults` (what shall go wrong), `faults-left` (how often it
  still will).

A fault is `{"code": ..., "message": ..., "times": N}` under the name of an EMR operation, or of a
moment in a cluster's life: `bootstrap`, `step`, `cluster`. With `"after": N` the first N pass.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import boto3
from moto.emr.models import Cluster, emr_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

from minihadoop import emr_rules
from minihadoop.configuration import LOOPBACK, REGION
from minihadoop.emr_rules import RELEASE_LABELS, Account, Refusal
from minihadoop.emr_steps import Launcher, run_cluster

ACCOUNT_NUMBER = "123456789012"
SERVICE_ROLE = "gafreduce-emr-service"
INSTANCE_PROFILE = "gafreduce-emr-node"
SECURITY_CONFIGURATION = "gafreduce"
HADOOP_VERSION = "3.4.1"  # of Hadoop on the releases from 7.8 on: the EMR release guide
CREDENTIAL = re.compile(r"Credential=[^/]+/\d+/[^/]+/(?P<service>[^/]+)/aws4_request")
# How calls name a cluster, a role or an instance profile.
NAMES = ("JobFlowId", "ClusterId", "ResourceId", "RoleName", "InstanceProfileName")
ACTIVE_STEP_STATES = {"PENDING", "RUNNING"}

StartResponse = Callable[..., object]
Environ = dict[str, Any]


@dataclass
class World:
    """What exists, what was called, and what shall go wrong."""

    account: Account
    names: Mapping[str, str]
    calls: list[tuple[str, str]] = field(default_factory=list)  # service:Operation, name or ""
    faults: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take_fault(self, name: str) -> Refusal | None:
        """Return the fault that is due at this place, and count it down."""
        with self.lock:
            fault = self.faults.get(name)
            if fault is None or fault["times"] <= 0:
                return None
            if fault.get("after", 0) > 0:
                fault["after"] -= 1
                return None
            fault["times"] -= 1
            return Refusal(fault["code"], fault["message"])


class StrictControlPlane:
    """A WSGI application: moto's, with the rules and the steps before it."""

    def __init__(self, moto: Any, world: World, launcher: Launcher) -> None:
        self._moto, self._world, self._launcher = moto, world, launcher

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        path = environ.get("PATH_INFO", "")
        if path.startswith("/_harness/"):
            return _answer(start_response, self._harness(path.rpartition("/")[2], body))
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        self._note(environ, target, body)
        if not target.startswith("ElasticMapReduce."):
            return self._pass_on(environ, start_response)
        return self._emr(target.partition(".")[2], json.loads(body), environ, start_response)

    def _emr(
        self, operation: str, call: dict[str, Any], environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        refusal = self._world.take_fault(operation) or self._refusal(operation, call)
        if refusal:
            return _refuse(start_response, refusal)
        if operation == "ListReleaseLabels":  # moto does not know it
            return _answer(start_response, {"ReleaseLabels": list(RELEASE_LABELS)})
        if operation == "DescribeReleaseLabel":
            return _answer(start_response, {"ReleaseLabel": call["ReleaseLabel"]})
        answer = b"".join(self._pass_on(environ, start_response))
        if operation == "RunJobFlow":
            self._begin(call, json.loads(answer))
        return [answer]

    def _refusal(self, operation: str, call: dict[str, Any]) -> Refusal | None:
        if operation == "RunJobFlow":
            return emr_rules.refuse_run_job_flow(call, self._world.account)
        if operation == "AddJobFlowSteps":
            cluster = clusters().get(call["JobFlowId"])
            if cluster is None:
                return Refusal("InvalidRequestException", "Specified job flow ID does not exist.")
            active = [step for step in cluster.steps if step.state in ACTIVE_STEP_STATES]
            return emr_rules.refuse_add_steps(call, str(cluster.state), len(active))
        if operation == "DescribeReleaseLabel" and call["ReleaseLabel"] not in RELEASE_LABELS:
            return emr_rules.Refusal(
                "InvalidRequestException",
                f"The supplied release label is invalid: {call['ReleaseLabel']}.",
            )
        return None

    def _begin(self, call: dict[str, Any], answer: dict[str, Any]) -> None:
        """Let the cluster's life begin; moto ends a cluster without steps at once, EMR does not."""
        cluster = clusters()[answer["JobFlowId"]]
        cluster.state, cluster.end_datetime = "STARTING", None
        for application in cluster.applications:  # DescribeCluster says which version it installs
            application.version = application.version or HADOOP_VERSION
        error = emr_rules.validation_error(call, self._world.account)
        threading.Thread(
            target=run_cluster,
            args=(cluster, self._launcher, self._world.take_fault, error),
            daemon=True,
        ).start()

    def _note(self, environ: Environ, target: str, body: bytes) -> None:
        credential = CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        service = credential["service"] if credential else "unsigned"
        query = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        operation = target.partition(".")[2] or query.get("Action", "")
        named = _named(json.loads(body) if target else query)
        with self._world.lock:
            self._world.calls.append((f"{service}:{operation}", named))

    def _pass_on(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self._moto(environ, start_response)  # type: ignore[no-any-return]

    def _harness(self, what: str, body: bytes) -> object:
        if what == "faults":
            with self._world.lock:
                self._world.faults = json.loads(body)
        if what == "faults-left":
            with self._world.lock:
                return {name: fault["times"] for name, fault in self._world.faults.items()}
        if what == "calls":
            with self._world.lock:
                return list(self._world.calls)
        if what == "clusters":
            return {name: str(cluster.state) for name, cluster in clusters().items()}
        if what == "tags":
            return {
                name: {tag["Key"]: tag["Value"] for tag in cluster.tags}
                for name, cluster in clusters().items()
            }
        if what == "steps":
            return {name: [step.state for step in each.steps] for name, each in clusters().items()}
        return dict(self._world.names)


def _named(call: Mapping[str, Any]) -> str:
    """Return the name of what a call is about; empty when it names nothing that policies know."""
    found = [*call.get("JobFlowIds", ()), *(call[name] for name in NAMES if name in call)]
    return str(next(iter(found), ""))


def clusters() -> dict[str, Cluster]:
    """Return moto's clusters by id."""
    return emr_backends[ACCOUNT_NUMBER][REGION].clusters


def create_account(endpoint: str) -> World:
    """Create what a careful person would have created: two roles, a subnet, a configuration."""
    session = boto3.Session("testing", "testing", region_name=REGION)
    iam = session.client("iam", endpoint_url=endpoint)
    ec2 = session.client("ec2", endpoint_url=endpoint)
    emr = session.client("emr", endpoint_url=endpoint)
    for role, service in ((SERVICE_ROLE, "elasticmapreduce"), (INSTANCE_PROFILE, "ec2")):
        who = {"Service": f"{service}.amazonaws.com"}
        may = {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}
        trust = {"Version": "2012-10-17", "Statement": [may]}
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))
    iam.create_instance_profile(InstanceProfileName=INSTANCE_PROFILE)
    iam.add_role_to_instance_profile(
        InstanceProfileName=INSTANCE_PROFILE, RoleName=INSTANCE_PROFILE
    )
    emr.create_security_configuration(Name=SECURITY_CONFIGURATION, SecurityConfiguration="{}")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
    names = {
        "region": REGION,
        "service_role": SERVICE_ROLE,
        "instance_profile": INSTANCE_PROFILE,
        "security_configuration": SECURITY_CONFIGURATION,
        "subnet": subnets[0],
    }
    account = Account(
        ACCOUNT_NUMBER,
        frozenset({SERVICE_ROLE}),
        frozenset({INSTANCE_PROFILE}),
        frozenset(subnets),
        frozenset({SECURITY_CONFIGURATION}),
    )
    return World(account, names)


def show_reason_codes() -> None:
    """Let DescribeCluster say the reason's code as well, which moto leaves out."""
    plain = vars(Cluster)["status"].fget

    def status(self: Cluster) -> dict[str, Any]:
        shown = plain(self)
        code = getattr(self, "reason_code", None)
        if code:
            shown["StateChangeReason"]["Code"] = code
        return shown  # type: ignore[no-any-return]

    Cluster.status = property(status)  # type: ignore[method-assign, assignment]


def _refuse(start_response: StartResponse, refusal: Refusal) -> list[bytes]:
    document = {"__type": refusal.code, "message": refusal.message}
    return _answer(start_response, document, "400 Bad Request")


def _answer(start_response: StartResponse, document: object, status: str = "200 OK") -> list[bytes]:
    body = json.dumps(document).encode()
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]


def main() -> None:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--streaming-jar", type=Path, required=True)
    arguments = parser.parse_args()
    show_reason_codes()
    moto = DomainDispatcherApplication(create_backend_app)
    launcher = Launcher(arguments.scratch / "steps", arguments.streaming_jar)
    empty = Account(ACCOUNT_NUMBER, frozenset(), frozenset(), frozenset())
    plane = StrictControlPlane(moto, World(empty, {}), launcher)
    server = make_server(
        LOOPBACK, arguments.port, plane, threaded=True, request_handler=MotoRequestHandler
    )
    # The account is created through the server itself, then its calls are forgotten.
    threading.Thread(target=server.serve_forever, daemon=True).start()
    plane._world = create_account(f"http://{LOOPBACK}:{arguments.port}")
    threading.Event().wait()


if __name__ == "__main__":
    main()
