"""Amazon's control plane refuses, fails or is slow: golden, or its own words and nothing published."""

from collections.abc import Callable
from typing import Any

import pytest
from job_runs import Job, objects, records
from minihadoop.cluster import Cluster

from jobs.input_list import InputFile

Golden = Callable[..., list[bytes]]
MASTER_FAILS = {"code": "INSTANCE_FAILURE", "message": "The master failed: i-0"}
BOOTSTRAP_FAILS = {
    "code": "BOOTSTRAP_FAILURE",
    "message": "On the master instance (i-0), bootstrap action 1 returned a non-zero return code",
}
STEPS_REFUSED = {"code": "ValidationException", "message": "injected refusal"}
THROTTLED = {"code": "ThrottlingException", "message": "Rate exceeded"}


def n_objects(s3: Any, prefix: str) -> int:
    return int(s3.list_objects_v2(Bucket="results", Prefix=prefix)["KeyCount"])


def test_failed_step_fails_the_run_and_publishes_nothing(
    job: Job, cluster: Cluster, in_bucket: list[InputFile], s3: Any
) -> None:
    fault = {"code": "STEP_FAILURE", "message": "injected", "times": 1}
    cluster.control("faults", {"step": fault})
    done = job.attempt("emr", in_bucket, output="s3://results/results/failed-step")
    assert done.returncode != 0
    assert "failed" in done.stderr.lower()
    assert n_objects(s3, "results/failed-step") == 0


@pytest.mark.faults
@pytest.mark.parametrize(
    ("place", "fault", "said"),
    [
        ("bootstrap", BOOTSTRAP_FAILS, "bootstrap action 1"),
        ("cluster", MASTER_FAILS, "The master failed"),
        ("AddJobFlowSteps", STEPS_REFUSED, "injected refusal"),
    ],
)
def test_cluster_that_ends_early_fails_the_run(
    job: Job,
    cluster: Cluster,
    in_bucket: list[InputFile],
    s3: Any,
    place: str,
    fault: dict[str, Any],
    said: str,
) -> None:
    cluster.control("faults", {place: fault | {"times": 1}})
    done = job.attempt("emr", in_bucket, output=f"s3://results/results/ended-{place}")
    assert done.returncode != 0
    assert said in done.stderr
    assert n_objects(s3, f"results/ended-{place}/_SUCCESS") == 0


@pytest.mark.faults
@pytest.mark.parametrize("operation", ["DescribeStep", "DescribeCluster"])
def test_throttled_control_plane_is_asked_again(
    job: Job,
    cluster: Cluster,
    excerpts: list[InputFile],
    in_bucket: list[InputFile],
    s3: Any,
    golden: Golden,
    operation: str,
) -> None:
    cluster.control("faults", {operation: THROTTLED | {"times": 3}})
    prefix = f"results/throttled-{operation}"
    job("emr", in_bucket, output=f"s3://results/{prefix}")
    assert cluster.control("faults-left")[operation] == 0
    assert records(objects(s3, "results", f"{prefix}/")) == golden(excerpts)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--release-label", "emr-7.99.0", "The supplied release label is invalid: emr-7.99.0."),
        ("--iam-instance-profile", "nobody", "Invalid InstanceProfile: nobody."),
        ("--iam-service-role", "nobody", "role/nobody is invalid"),
        ("--subnet", "subnet-00000000", "subnet-00000000 does not exist"),
        ("--subnet", "my-subnet", "The supplied ec2SubnetId is not valid."),
    ],
)
def test_wrong_name_in_mrjob_conf_is_said_in_amazons_words(
    job: Job, in_bucket: list[InputFile], option: str, value: str, said: str
) -> None:
    done = job.attempt("emr", in_bucket, option, value, output="s3://results/results/wrong-name")
    assert done.returncode != 0
    assert said in done.stderr
