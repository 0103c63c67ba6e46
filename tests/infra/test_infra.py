"""Tests of the CloudFormation template and of the IAM policies."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

INFRA = Path(__file__).parents[2] / "infra"
TEMPLATE = INFRA / "gafreduce.yaml"
POLICIES = sorted(
    path for path in (INFRA / "policies").glob("*.json") if not path.stem.endswith("-trust")
)
# Actions that cannot be restricted to resources, or that a condition restricts.
MAY_NAME_ANY_RESOURCE = {
    "ec2:DescribeSubnets",
    "elasticmapreduce:DescribeReleaseLabel",
    "elasticmapreduce:RunJobFlow",
}
TABLE_ROW = re.compile(r"^\| ([a-z0-9]+:\w+) \| (.+) \| (.+) \|$", re.MULTILINE)


def statements(policy: Path) -> list[dict[str, Any]]:
    document = json.loads(policy.read_text())
    assert document["Version"] == "2012-10-17"
    return list(document["Statement"])


def actions(policy: Path) -> list[str]:
    return [action for statement in statements(policy) for action in statement["Action"]]


def table(heading: str) -> dict[str, str]:
    """Return the reasons of README's table below a heading, by action."""
    text = (INFRA / "README.md").read_text()
    section = text.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    return {action: why for action, _, why in TABLE_ROW.findall(section)}


def test_submitters_may_set_auto_termination() -> None:
    # RunJobFlow needs this permission when it carries the policy: "Permissions to use auto-termination",
    # https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-auto-termination-policy.html
    submitter = next(path for path in POLICIES if path.stem == "submitter")
    assert "elasticmapreduce:PutAutoTerminationPolicy" in actions(submitter)


def test_template_passes_cfn_lint() -> None:
    api = pytest.importorskip("cfnlint.api", reason="cfn-lint is not installed")
    regions = ["us-east-1", "eu-central-1"]
    found = api.lint_file(TEMPLATE, api.ManualArgs(regions=regions))
    assert [str(match) for match in found] == []


def test_temporary_files_logs_and_incomplete_uploads_expire() -> None:
    decode = pytest.importorskip("cfnlint.decode", reason="cfn-lint is not installed")
    template, problems = decode.decode(str(TEMPLATE))
    assert problems == []
    rules = template["Resources"]["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    by_id = {rule["Id"]: rule for rule in rules}
    assert by_id["temporary-files"]["Prefix"] == "tmp/"
    assert by_id["temporary-files"]["ExpirationInDays"] == {"Ref": "TemporaryDays"}
    assert by_id["logs"]["Prefix"] == "logs/"
    incomplete = by_id["incomplete-uploads"]["AbortIncompleteMultipartUpload"]
    assert incomplete["DaysAfterInitiation"] == 2
    assert not any("ExpirationInDays" in by_id[name] for name in ("replaced-results",))


def test_bucket_is_closed_to_the_public() -> None:
    decode = pytest.importorskip("cfnlint.decode", reason="cfn-lint is not installed")
    template, _ = decode.decode(str(TEMPLATE))
    block = template["Resources"]["Bucket"]["Properties"]["PublicAccessBlockConfiguration"]
    assert len(block) == 4
    assert all(block.values())


@pytest.mark.parametrize("policy", POLICIES, ids=lambda path: path.stem)
def test_policies_have_no_wildcards(policy: Path) -> None:
    for statement in statements(policy):
        assert not any("*" in action for action in statement["Action"])
        resources = statement["Resource"]
        if resources == "*":
            assert set(statement["Action"]) <= MAY_NAME_ANY_RESOURCE


@pytest.mark.parametrize("policy", POLICIES, ids=lambda path: path.stem)
def test_every_action_of_a_policy_is_documented(policy: Path) -> None:
    reasons = table(policy.stem)
    assert set(actions(policy)) == set(reasons)
    assert all(reasons.values())


def test_each_role_is_passed_to_one_service() -> None:
    submitter = next(path for path in POLICIES if path.stem == "submitter")
    passed = {
        statement["Resource"].rpartition("/")[2]: statement["Condition"]["StringEquals"]
        for statement in statements(submitter)
        if statement["Action"] == ["iam:PassRole"]
    }
    assert passed == {
        "gafreduce-emr-service": {"iam:PassedToService": "elasticmapreduce.amazonaws.com"},
        "gafreduce-emr-node": {"iam:PassedToService": "ec2.amazonaws.com"},
    }


def test_doctor_cannot_start_clusters() -> None:
    doctor = next(path for path in POLICIES if path.stem == "doctor")
    assert not {"elasticmapreduce:RunJobFlow", "iam:PassRole"} & set(actions(doctor))
