"""The template: every resource is really made in moto, nothing is public, and roles may do what is listed."""

from __future__ import annotations

import gzip
import json
import os
import re
import runpy
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from gafreduce.estimates import routes

pytest.importorskip("cfnlint.decode", reason="cfn-lint is not installed")
import deploying
import recording

from gafreduce.cli.main import main
from gafreduce.cloud import api, child, start

INFRA = Path(__file__).parents[2] / "infra"
ALL = {
    "Image": deploying.IMAGE,
    "WithLargeRuns": "yes",
    "JwtIssuer": "https://issuer.example.org",
}
WITHOUT_DOCKER = {"lambda": {"use_docker": False}, "batch": {"use_docker": False}}
#: Of people and AWS in the policies, as the template says them.
FILLED_IN = {
    "arn:aws:kms:REGION:ACCOUNT_ID:key/KEY_ID": "${Key.Arn}",
    "arn:aws:s3:::INPUT_BUCKET/*": "${Bucket.Arn}/in/*",
    "arn:aws:s3:::INPUT_BUCKET": "${Bucket.Arn}",
    "arn:aws:s3:::RESULTS_BUCKET": "${Bucket.Arn}",
    "arn:aws:iam::ACCOUNT_ID:role/gafreduce-emr-service": "${EmrServiceRole.Arn}",
    "arn:aws:iam::ACCOUNT_ID:role/gafreduce-emr-node": "${NodeRole.Arn}",
    "arn:aws:": "arn:${AWS::Partition}:",
    "REGION": "${AWS::Region}",
    "ACCOUNT_ID": "${AWS::AccountId}",
}


class LambdaContext:
    """What Lambda tells a function about itself."""

    function_name = "start"
    memory_limit_in_mb = 3072
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:start"
    aws_request_id = "1"

    def get_remaining_time_in_millis(self) -> float:
        return 900_000


def make_event(path: str, query: str) -> dict[str, Any]:
    """Return an event of an HTTP API (payload format 2.0)."""
    http = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"}
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "id.execute-api.us-east-1.amazonaws.com"},
        "requestContext": {"http": http, "stage": "$default"},
        "isBase64Encoded": False,
    }


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return deploying.read_template()


@pytest.fixture(scope="module")
def deployed() -> Iterator[tuple[deploying.Stack, dict[str, str]]]:
    """Make the whole stack, once."""
    with pytest.MonkeyPatch.context() as patched, mock_aws(config=WITHOUT_DOCKER):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patched.setenv(name, "testing")
        patched.setenv("AWS_DEFAULT_REGION", deploying.REGION)
        stack = deploying.Stack(ALL)
        yield stack, stack.deploy()


def test_every_resource_is_made(deployed: Any, template: dict[str, Any]) -> None:
    _, made = deployed
    assert made.keys() == template["Resources"].keys(), "none is skipped"
    kinds = Counter(made.values())
    assert kinds["AWS::Glue::Table"] == len(
        boto3.client("glue").get_tables(DatabaseName="gafreduce")["TableList"]
    )
    assert kinds["AWS::Lambda::Function"] == len(
        boto3.client("lambda").list_functions()["Functions"]
    )
    assert kinds["AWS::CloudWatch::Alarm"] == len(
        boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    )
    assert kinds["AWS::Athena::NamedQuery"] == len(
        boto3.client("athena").list_named_queries(WorkGroup="gafreduce")["NamedQueryIds"]
    )
    assert kinds["AWS::Batch::JobDefinition"] == 1


def test_without_an_image_there_is_nothing_that_runs() -> None:
    stack = deploying.Stack({})
    kinds = {each["Type"].split("::")[1] for each in stack.resources.values()}
    assert not kinds & {"Lambda", "ApiGatewayV2", "Batch", "EC2", "IAM"}
    assert {"S3", "KMS", "Glue", "Athena", "Budgets", "SQS", "SNS"} <= kinds


def test_no_nat_gateway_and_no_network_without_large_runs() -> None:
    kinds = {
        each["Type"] for each in deploying.Stack({"Image": deploying.IMAGE}).resources.values()
    }
    assert not any(kind.startswith("AWS::EC2::") for kind in kinds)
    assert not any(
        "Nat" in each["Type"] for each in deploying.read_template()["Resources"].values()
    )
    own = {"Image": deploying.IMAGE, "WithLargeRuns": "yes", "Subnet": "subnet-1", "Vpc": "vpc-1"}
    names = deploying.Stack(own).resources.keys()
    assert "TaskSecurityGroup" in names
    assert not {"Network", "OwnSubnet", "Gateway"} & names


@pytest.mark.parametrize(
    ("issuer", "expected"), [("", "AWS_IAM"), ("https://issuer.example.org", "JWT")]
)
def test_every_route_asks_who_it_is(issuer: str, expected: str) -> None:
    stack = deploying.Stack({"Image": deploying.IMAGE, "JwtIssuer": issuer})
    routes = [each for each in stack.resources.values() if each["Type"].endswith("V2::Route")]
    assert len(routes) == 2
    for route in routes:
        assert stack.resolve(route["Properties"]["AuthorizationType"]) == expected
    assert ("ApiAuthorizer" in stack.resources) is (expected == "JWT")
    stage = stack.resources["ApiStage"]["Properties"]["DefaultRouteSettings"]
    assert stage["ThrottlingRateLimit"] == {"Ref": "RequestRate"}


def list_statements(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every statement of a policy below a value."""
    if isinstance(value, dict):
        if "Effect" in value:
            yield value
        for each in value.values():
            yield from list_statements(each)
    elif isinstance(value, list):
        for each in value:
            yield from list_statements(each)


def test_nothing_is_public_by_accident(template: dict[str, Any]) -> None:
    resources = template["Resources"]
    statements = list(list_statements(resources))
    assert len(statements) > 40
    for each in statements:
        if each["Effect"] == "Allow":
            assert each.get("Principal") not in ("*", {"AWS": "*"}), each
            services = each.get("Principal", {}).get("Service")
            if services and each["Action"] != "sts:AssumeRole":
                assert "Condition" in each, "a service acts for this account only"
    types = [each["Type"] for each in resources.values()]
    assert not {
        "AWS::Lambda::Url",
        "AWS::ECR::PublicRepository",
        "AWS::CloudFront::Distribution",
    } & {*types}
    assert "SecurityGroupIngress" not in resources["TaskSecurityGroup"]["Properties"]
    for each in resources.values():
        if each["Type"] == "AWS::Lambda::Permission":
            assert "SourceArn" in each["Properties"]
    assert template["Parameters"]["JwtIssuer"]["Default"] == ""


def test_what_is_stored_is_encrypted_and_logs_end(template: dict[str, Any]) -> None:
    key = {"Fn::GetAtt": ["Key", "Arn"]}
    by_type: dict[str, list[dict[str, Any]]] = {}
    for each in template["Resources"].values():
        by_type.setdefault(each["Type"], []).append(each.get("Properties", {}))
    for group in by_type["AWS::Logs::LogGroup"]:
        assert group["KmsKeyId"] == key
        assert group["RetentionInDays"] == {"Ref": "LogDays"}
    assert all(each["KmsMasterKeyId"] == key for each in by_type["AWS::SNS::Topic"])
    assert all(each["KmsMasterKeyId"] == key for each in by_type["AWS::SQS::Queue"])
    (workgroup,) = by_type["AWS::Athena::WorkGroup"]
    settings = workgroup["WorkGroupConfiguration"]
    assert settings["ResultConfiguration"]["EncryptionConfiguration"]["KmsKey"] == key
    assert settings["EnforceWorkGroupConfiguration"] is True
    assert settings["BytesScannedCutoffPerQuery"] == {"Ref": "ScanLimit"}


def test_functions_and_tasks_have_the_sizes_of_the_estimate(template: dict[str, Any]) -> None:
    container = template["Resources"]["JobDefinition"]["Properties"]["ContainerProperties"]
    assert container["ResourceRequirements"] == [
        {"Type": "VCPU", "Value": str(routes.BATCH_CPU)},
        {"Type": "MEMORY", "Value": str(routes.BATCH_GB * 1024)},
    ]
    parameters = template["Parameters"]
    assert parameters["MostBytes"]["Default"] == routes.LAMBDA_MOST_BYTES
    assert parameters["FunctionMemory"]["Default"] == pytest.approx(
        routes.LAMBDA_GB * 1024, rel=0.03
    )
    assert parameters["FunctionDisk"]["Default"] == routes.LAMBDA_DISK_GB * 1024


def test_every_alarm_reaches_the_topic(template: dict[str, Any]) -> None:
    alarms = [
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    ]
    assert len(alarms) == 6
    assert all(each["AlarmActions"] == [{"Ref": "Topic"}] for each in alarms)


def _fill(value: Any) -> Any:
    """Return a statement of a policy as the template has it."""
    if isinstance(value, dict):
        return {name: _fill(each) for name, each in value.items()}
    if isinstance(value, list):
        found: list[Any] = []
        for each in map(_fill, value):
            if each not in found:
                found.append(each)
        return found
    if not isinstance(value, str):
        return value
    text = value
    for words, other in FILLED_IN.items():
        text = text.replace(words, other)
    return {"Fn::Sub": text} if text != value else text


@pytest.mark.parametrize(
    ("role", "policy", "more"),
    [
        ("TaskRole", "submitter", {"AddRunsToTheCatalog"}),
        ("EmrServiceRole", "service-role", set()),
        ("NodeRole", "instance-profile", set()),
    ],
)
def test_roles_of_large_runs_have_the_tested_policies(
    template: dict[str, Any], role: str, policy: str, more: set[str]
) -> None:
    """`make test-faults` compares infra/policies with the calls of whole runs."""
    (inline,) = template["Resources"][role]["Properties"]["Policies"]
    found = {each["Sid"]: each for each in inline["PolicyDocument"]["Statement"]}
    document = json.loads((INFRA / "policies" / f"{policy}.json").read_text())
    expected = {each["Sid"]: _fill(each) for each in document["Statement"]}
    assert found.keys() == expected.keys() | more
    for sid, statement in expected.items():
        resource = statement["Resource"]
        if isinstance(resource, list) and len(resource) == 1:
            statement["Resource"] = resource[0]
        assert found[sid] == statement


def test_the_policies_of_functions_have_no_wildcards(template: dict[str, Any]) -> None:
    unrestricted = {"batch:ListJobs", "ecr:GetAuthorizationToken", "elasticmapreduce:RunJobFlow"}
    for name, each in template["Resources"].items():
        if each["Type"] != "AWS::IAM::Role":
            continue
        for statement in list_statements(each["Properties"]["Policies"]):
            assert not any("*" in action for action in statement["Action"]), name
            if statement["Resource"] == "*":
                assert set(statement["Action"]) <= unrestricted, name


def test_the_service_cannot_write(template: dict[str, Any]) -> None:
    statements = list_statements(template["Resources"]["ApiRole"]["Properties"]["Policies"])
    allowed = {action for each in statements for action in each["Action"]}
    assert allowed == {
        *("logs:CreateLogStream", "logs:PutLogEvents", "s3:ListBucket", "s3:GetObject"),
        "kms:Decrypt",
    }


@pytest.mark.timeout(600)
def test_roles_allow_what_functions_and_tasks_call_and_nothing_else(
    deployed: Any, samples: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Events of a whole life: a file is missing, a run, the same event again, a run that is too large."""
    stack, _ = deployed
    for name in ("StartFunction", "ApiFunction"):
        for key, value in stack.properties(name)["Environment"]["Variables"].items():
            monkeypatch.setenv(key, str(value))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("GAFREDUCE_OPTIONS", "--no-report --scope target")
    by_run: list[recording.RecordedCall] = []

    def run_here(words: tuple[str, ...], seconds: float, correlation_id: str) -> child.Ended:
        monkeypatch.setenv("GAFREDUCE_CORRELATION_ID", correlation_id)
        with recording.record_calls() as calls:
            code = main([*words])
        by_run.extend(calls)
        return child.Ended(code, "")

    monkeypatch.setattr(start, "run_in_time", run_here)
    s3, glue = boto3.client("s3"), boto3.client("glue")
    s3.delete_bucket_policy(Bucket="gafres")  # moto does not look at the condition of its refusals
    source = samples / "Escherichia_coli_K_12-83333.gaf"

    def put(key: str, body: bytes) -> None:
        s3.put_object(Bucket="gafres", Key=f"in/{key}", Body=body)

    def tell(key: str) -> dict[str, Any]:
        detail = {"bucket": {"name": "gafres"}, "object": {"key": f"in/{key}"}}
        event = {"id": str(len(by_start)), "detail-type": "Object Created", "detail": detail}
        with recording.record_calls() as calls:
            found: dict[str, Any] = start.handler(event, LambdaContext())
        by_start.extend(calls)
        return found

    by_start: list[recording.RecordedCall] = []
    put("go-basic.obo.gz", gzip.compress((samples / "go-samples.obo").read_bytes()))
    put("one/inputs.tsv", f"path\n{source.name}\n".encode())
    assert tell("one/inputs.tsv")["status"] == "waiting"
    put(f"one/{source.name}", source.read_bytes())
    found = tell(f"one/{source.name}")
    assert found["status"] == "published"
    moved = {"DatabaseName": "gafreduce", "TableName": "organisms"}
    (partition,) = glue.get_partitions(**moved)["Partitions"]
    changed = {key: partition[key] for key in ("Values", "StorageDescriptor")}
    changed["StorageDescriptor"]["Location"] = "s3://gafres/results/old/"
    glue.update_partition(**moved, PartitionValueList=changed["Values"], PartitionInput=changed)
    assert tell("one/inputs.tsv")["status"] == "exists"
    monkeypatch.setenv("GAFREDUCE_MOST_BYTES", "1")
    monkeypatch.setenv("GAFREDUCE_OPTIONS", "--no-report")
    assert [tell("one/inputs.tsv")["is_new"] for _ in range(2)] == [True, False]

    statements = recording.list_allowed(stack, "StartRole")
    used = recording.check_allowed(statements, by_start)
    assert recording.list_unused(statements, used) == set()

    # a task of Batch with `-r local` calls what the run in the function calls; `-r emr`: make test-faults
    statements = recording.list_allowed(stack, "TaskRole")
    used = recording.check_allowed(statements, by_run)
    assert not {each for each in recording.list_unused(statements, used) if "Catalog" in each[0]}

    with recording.record_calls() as by_api:
        answer = api.make_handler_of(os.environ)(
            make_event("/organisms", query=f"run={found['run_id']}"), None
        )
    assert json.loads(answer["body"])["total"] > 0
    statements = recording.list_allowed(stack, "ApiRole")
    used = recording.check_allowed(statements, by_api)
    unused = recording.list_unused(statements, used)
    assert unused == set()
    writing = recording.RecordedCall("s3:PutObject", ("arn:aws:s3:::gafres/results/x",))
    with pytest.raises(AssertionError, match="nothing allows s3:PutObject"):
        recording.check_allowed(statements, [writing])


def test_tables_and_queries_are_those_of_the_one_definition(template: dict[str, Any]) -> None:
    made = runpy.run_path(str(INFRA / "make_catalog.py"))
    expected = made["make_resources"]()
    found = {
        name: each
        for name, each in template["Resources"].items()
        if each["Type"] in ("AWS::Glue::Table", "AWS::Athena::NamedQuery")
    }
    assert found == expected, "run make docs"


def test_the_readme_explains_every_resource_and_action(template: dict[str, Any]) -> None:
    text = (INFRA / "README.md").read_text()
    resources = text.partition("## The resources of the stack\n")[2].partition("\n## ")[0]
    explained = set(re.findall(r"^\| `(\w+)` \| .{10,}", resources, re.MULTILINE))
    named = {
        name
        for name, each in template["Resources"].items()
        if each["Type"] not in ("AWS::Glue::Table", "AWS::Athena::NamedQuery")
    }
    assert explained == named
    for role, heading in (
        ("StartRole", "start"),
        ("ApiRole", "api"),
        ("TaskStartRole", "task-start"),
    ):
        section = text.partition(f"### {heading}\n")[2].partition("\n### ")[0]
        reasons = set(re.findall(r"^\| ([a-z0-9]+:\w+) \| .{10,}", section, re.MULTILINE))
        statements = list_statements(template["Resources"][role]["Properties"]["Policies"])
        assert reasons == {action for each in statements for action in each["Action"]}, role
