"""The submitter's policy allows what a run on EMR calls, as recorded while it calls it."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from job_runs import Front
from minihadoop.cluster import Cluster
from s3_fault_proxy import FaultProxy

POLICIES = Path(__file__).parents[2] / "infra" / "policies"
# EMR's operations are called as their actions are; S3's are told apart by method and query.
S3_BUCKET_QUERIES = {"location": "s3:GetBucketLocation", "delete": "s3:DeleteObject"}
S3_METHODS = {
    "GET": "s3:GetObject",
    "HEAD": "s3:GetObject",
    "PUT": "s3:PutObject",
    "POST": "s3:PutObject",  # beginning and completing a multipart upload
    "DELETE": "s3:DeleteObject",
}


# Checked by AWS inside other calls, or needed when an upload breaks: infra/README.md.
NOT_CALLED_HERE = {
    "elasticmapreduce:PutAutoTerminationPolicy",
    "iam:PassRole",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "s3:AbortMultipartUpload",
}


def s3_action(method: str, path: str) -> str:
    """Return the action that a path-style S3 request needs."""
    parts = urlsplit(path)
    query = parse_qs(parts.query, keep_blank_values=True)
    _, _, key = parts.path.lstrip("/").partition("/")
    if key:
        aborts = method == "DELETE" and "uploadId" in query
        return "s3:AbortMultipartUpload" if aborts else S3_METHODS[method]
    named = [action for name, action in S3_BUCKET_QUERIES.items() if name in query]
    return named[0] if named else "s3:ListBucket"


def allowed(policy: str) -> set[str]:
    document = json.loads((POLICIES / f"{policy}.json").read_text())
    return {action for statement in document["Statement"] for action in statement["Action"]}


@pytest.mark.faults
def test_submitter_may_do_what_runs_call_and_nothing_else(
    gafreduce: Front, cluster: Cluster, samples_in_s3: str
) -> None:
    before = len(cluster.control("calls"))
    with FaultProxy(cluster.ports.s3) as proxy:
        through = {"AWS_ENDPOINT_URL_S3": proxy.endpoint}
        for name, n_faults in (("policy-good", 0), ("policy-failed", 1)):
            fault = {"code": "STEP_FAILURE", "message": "injected", "times": n_faults}
            cluster.control("faults", {"step": fault})
            output = f"s3://results/results/{name}/"
            done = gafreduce("emr", samples_in_s3, output=output, environment=through)
            assert (done.returncode != 0) == bool(n_faults), done.stderr[-2000:]
        called = {s3_action(*request) for request in proxy.requests}
    called |= set(cluster.control("calls")[before:])
    assert called - allowed("submitter") == set()
    assert allowed("submitter") - called == NOT_CALLED_HERE
