"""What the control plane refuses, and in which words."""

from typing import Any

import pytest
from minihadoop.emr_rules import (
    MAX_STEP_CHARACTERS,
    Account,
    Refusal,
    refuse_add_steps,
    refuse_run_job_flow,
    refuse_steps,
    validation_error,
)

ACCOUNT = Account(
    "123456789012",
    service_roles=frozenset({"service"}),
    instance_profiles=frozenset({"nodes"}),
    subnets=frozenset({"subnet-0123456789abcdef0"}),
    security_configurations=frozenset({"gafreduce"}),
)
GOOD: dict[str, Any] = {
    "ReleaseLabel": "emr-7.12.0",
    "ServiceRole": "service",
    "JobFlowRole": "nodes",
    "Instances": {"Ec2SubnetId": "subnet-0123456789abcdef0"},
    "SecurityConfiguration": "gafreduce",
    "Tags": [{"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}],
}


def test_a_good_request_passes() -> None:
    assert refuse_run_job_flow(GOOD, ACCOUNT) is None
    assert validation_error(GOOD, ACCOUNT) is None


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (
            {"ReleaseLabel": "emr-5.99.0"},
            "ValidationException",
            "The supplied release label is invalid: emr-5.99.0.",
        ),
        ({"JobFlowRole": "none"}, "ValidationException", "Invalid InstanceProfile: none."),
        (
            {"JobFlowRole": ""},
            "ValidationException",
            "InstanceProfile is required for creating cluster",
        ),
        (
            {"Instances": {"Ec2SubnetId": "mine"}},
            "ValidationException",
            "The supplied ec2SubnetId is not valid.",
        ),
        (
            {"SecurityConfiguration": "none"},
            "InvalidRequestException",
            "Security configuration with name 'none' does not exist.",
        ),
    ],
)
def test_refused_at_once(change: dict[str, Any], code: str, message: str) -> None:
    assert refuse_run_job_flow(GOOD | change, ACCOUNT) == Refusal(code, message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ServiceRole": "none"}, "role/none is invalid"),
        ({"Instances": {"Ec2SubnetId": "subnet-00000000"}}, "subnet-00000000 does not exist"),
        ({"Tags": []}, "has insufficient EC2 permissions"),
    ],
)
def test_cluster_ends_with_a_validation_error(change: dict[str, Any], message: str) -> None:
    assert refuse_run_job_flow(GOOD | change, ACCOUNT) is None
    assert message in str(validation_error(GOOD | change, ACCOUNT))


@pytest.mark.parametrize("state", ["TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"])
def test_no_steps_for_a_cluster_that_ends(state: str) -> None:
    refusal = refuse_add_steps({"Steps": []}, state, already=0)
    assert refusal is not None
    assert refusal.code == "ValidationException"
    assert "shutting down, terminated, or finished" in refusal.message


def test_step_arguments_have_a_limit() -> None:
    def step(size: int) -> dict[str, Any]:
        return {"HadoopJarStep": {"Jar": "x", "Args": ["a" * (size - 1)]}}

    assert refuse_steps([step(MAX_STEP_CHARACTERS)], already=0) is None
    refusal = refuse_steps([step(MAX_STEP_CHARACTERS + 1)], already=0)
    assert refusal is not None
    assert refusal.code == "ValidationException"


def test_a_cluster_takes_256_steps() -> None:
    assert refuse_steps([{}] * 256, already=0) is None
    assert refuse_steps([{}], already=256) is not None
