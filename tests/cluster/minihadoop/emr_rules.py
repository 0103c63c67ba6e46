"""What Amazon's EMR refuses, as pure functions; moto would let all of it pass.

EMR says no in two ways. Some mistakes are refused at once, as an error of the call (`Refusal`).
Others let the call pass, and the cluster ends as `TERMINATED_WITH_ERRORS` with the reason code
`VALIDATION_ERROR`: the caller learns of them only by looking at the cluster's state.

Sources (D: documentation, S: seen in reports of the real service):

- release label, D https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-release-components.html;
  S `ValidationException ... The supplied release label is invalid: emr-5.3.1.`
- instance profile, S `ValidationException ... Invalid InstanceProfile: EMR_EC2_DefaultRole.` and
  `InstanceProfile is required for creating cluster`
- service role, D https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role.html;
  S reason `VALIDATION_ERROR`, `EMR service role arn:aws:iam::...:role/... is invalid`
- subnet, S `ValidationException: The supplied ec2SubnetId is not valid.` for a malformed id; for an
  unknown one S `VALIDATION_ERROR`, `The VPC/subnet configuration was invalid: The subnet
  configuration was invalid: The subnet subnet-... does not exist.`
- tag, D https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-managed-iam-policies.html:
  AmazonEMRServicePolicy_v2 works only on clusters that carry the tag from their creation
- steps, D https://docs.aws.amazon.com/emr/latest/APIReference/API_AddJobFlowSteps.html: 256 steps,
  states in which they may be added, 10,240 characters; S `ValidationException ... A job flow that
  is shutting down, terminated, or finished may not be modified.` For the characters the
  documentation gives the limit and not the words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_STEPS = 256
MAX_STEP_CHARACTERS = 10_240
STEPS_MAY_BE_ADDED = {"STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"}
POLICY_TAG = ("for-use-with-amazon-emr-managed-policies", "true")
SUBNET_ID = re.compile(r"subnet-[0-9a-f]{8,17}")

RELEASE_LABELS = (
    *(f"emr-7.{minor}.0" for minor in range(14)),
    *(f"emr-6.{minor}.0" for minor in range(16)),
)

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Refusal:
    """An error that a call ends with: AWS's error code and message."""

    code: str
    message: str


@dataclass(frozen=True)
class Account:
    """What exists in the account."""

    number: str
    service_roles: frozenset[str]
    instance_profiles: frozenset[str]
    subnets: frozenset[str]
    security_configurations: frozenset[str] = field(default_factory=frozenset)


def refuse_run_job_flow(call: Parameters, account: Account) -> Refusal | None:
    """Return why RunJobFlow is refused at once, or nothing."""
    label = call.get("ReleaseLabel", "")
    if label not in RELEASE_LABELS:
        return _invalid(f"The supplied release label is invalid: {label}.")
    profile = call.get("JobFlowRole")
    if not profile:
        return _invalid("InstanceProfile is required for creating cluster")
    if _name(profile) not in account.instance_profiles:
        return _invalid(f"Invalid InstanceProfile: {profile}.")
    if not call.get("ServiceRole"):
        return _invalid("ServiceRole is required for creating cluster.")
    if not all(map(SUBNET_ID.fullmatch, _subnets(call))):
        return _invalid("The supplied ec2SubnetId is not valid.")
    name = call.get("SecurityConfiguration")
    if name and name not in account.security_configurations:
        return Refusal(
            "InvalidRequestException", f"Security configuration with name '{name}' does not exist."
        )
    return refuse_steps(call.get("Steps", ()), already=0)


def refuse_add_steps(call: Parameters, state: str, already: int) -> Refusal | None:
    """Return why AddJobFlowSteps is refused, or nothing.

    Args:
        call: The call's parameters.
        state: The cluster's state.
        already: How many steps wait or run there.
    """
    if state not in STEPS_MAY_BE_ADDED:
        return _invalid(
            "A job flow that is shutting down, terminated, or finished may not be modified."
        )
    return refuse_steps(call.get("Steps", ()), already)


def refuse_steps(steps: Sequence[Parameters], already: int) -> Refusal | None:
    """Return why these steps are refused wherever they are submitted, or nothing."""
    if already + len(steps) > MAX_STEPS:
        return _invalid(
            "Maximum number of active steps(State = 'Running', 'Pending' or 'Cancel_Pending') "
            "for cluster exceeded."
        )
    for step in steps:
        size = sum(map(len, _strings(step.get("HadoopJarStep", {}))))
        if size > MAX_STEP_CHARACTERS:
            return _invalid(
                f"The string values passed into HadoopJarStep object cannot exceed a total of "
                f"{MAX_STEP_CHARACTERS} characters, got {size}."
            )
    return None


def validation_error(call: Parameters, account: Account) -> str | None:
    """Return with which VALIDATION_ERROR the cluster of this RunJobFlow ends, or nothing."""
    role = _name(call.get("ServiceRole", ""))
    arn = f"arn:aws:iam::{account.number}:role/{role}"
    if role not in account.service_roles:
        return f"EMR service role {arn} is invalid"
    for subnet in _subnets(call):
        if subnet not in account.subnets:
            return (
                "The VPC/subnet configuration was invalid: The subnet configuration was invalid: "
                f"The subnet {subnet} does not exist."
            )
    tags = {(tag.get("Key"), tag.get("Value")) for tag in call.get("Tags", ())}
    if POLICY_TAG not in tags:
        return f"Service role {arn} has insufficient EC2 permissions"
    return None


def _subnets(call: Parameters) -> list[str]:
    instances = call.get("Instances", {})
    single = instances.get("Ec2SubnetId")
    return [*([single] if single else []), *instances.get("Ec2SubnetIds", ())]


def _name(name_or_arn: str) -> str:
    return name_or_arn.rpartition("/")[2]


def _strings(value: object) -> list[str]:
    """Return every string value in a JSON value, keys not counted."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for part in value.values() for text in _strings(part)]
    if isinstance(value, Sequence):
        return [text for part in value for text in _strings(part)]
    return []


def _invalid(message: str) -> Refusal:
    return Refusal("ValidationException", message)
