"""Make every resource of the template by its own API call, so that botocore checks each request.

moto's CloudFormation passes over types that it does not know, and says that the stack is complete.
Here each type has a call, and a type without one is an error.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import boto3

TEMPLATE = Path(__file__).parents[2] / "infra" / "gafreduce.yaml"
ACCOUNT, REGION, STACK = "123456789012", "us-east-1", "gafreduce"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/gafreduce@sha256:{'0' * 64}"
GIVEN = {"BucketName": "gafres", "AlarmAddress": "me@example.org"}
_REFERENCE = re.compile(r"\$\{(!?)([^}]+)\}")
_NOTHING = object()  # AWS::NoValue


def read_template() -> dict[str, Any]:
    """Return the template, with intrinsic functions in their long form."""
    found: dict[str, Any] = json.loads(_decode_template())
    return found


@functools.cache  # decoding takes a second
def _decode_template() -> str:
    from cfnlint.decode import decode

    template, problems = decode(str(TEMPLATE))
    assert problems == []
    return json.dumps(template)


class Stack:
    """The template with values for its parameters.

    Args:
        given: Values of parameters.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        _clients.clear()
        self.template = read_template()
        defaults = {
            name: str(each.get("Default", "")) for name, each in self.template["Parameters"].items()
        }
        self.values = defaults | GIVEN | dict(given)
        self.values |= {
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": REGION,
            "AWS::Partition": "aws",
            "AWS::StackName": STACK,
            "AWS::URLSuffix": "amazonaws.com",
        }
        self.attributes: dict[tuple[str, str], str] = {}
        self.resources: dict[str, dict[str, Any]] = {
            name: each
            for name, each in self.template["Resources"].items()
            if "Condition" not in each or self.holds(each["Condition"])
        }

    def holds(self, condition: Any) -> bool:
        """Return whether a condition holds."""
        if isinstance(condition, str):
            return self.holds(self.template["Conditions"][condition])
        ((name, content),) = condition.items()
        if name == "Condition":
            return self.holds(content)
        if name == "Fn::Equals":
            first, second = map(self.resolve, content)
            return bool(first == second)
        if name == "Fn::Not":
            return not self.holds(content[0])
        assert name == "Fn::And"
        return all(map(self.holds, content))

    def resolve(self, value: Any) -> Any:
        """Return a value without intrinsic functions."""
        if isinstance(value, list):
            return [each for each in map(self.resolve, value) if each is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if "Ref" in value:
            return _NOTHING if value["Ref"] == "AWS::NoValue" else self.values[value["Ref"]]
        if "Fn::GetAtt" in value:
            name, _, attribute = ".".join(value["Fn::GetAtt"]).partition(".")
            return self.attributes[name, attribute]
        if "Fn::Sub" in value:
            return _REFERENCE.sub(self._substitute, value["Fn::Sub"])
        if "Fn::If" in value:
            condition, yes, no = value["Fn::If"]
            return self.resolve(yes if self.holds(condition) else no)
        found = {name: self.resolve(each) for name, each in value.items()}
        return {name: each for name, each in found.items() if each is not _NOTHING}

    def _substitute(self, match: re.Match[str]) -> str:
        if match[1]:
            return f"${{{match[2]}}}"
        name, _, attribute = match[2].partition(".")
        return self.attributes[name, attribute] if attribute else self.values[name]

    def properties(self, name: str) -> dict[str, Any]:
        """Return the properties of a resource, resolved."""
        found: dict[str, Any] = self.resolve(self.resources[name].get("Properties", {}))
        return found

    def deploy(self) -> dict[str, str]:
        """Make all resources; return their types by logical name, in the order they were made."""
        made: dict[str, str] = {}
        while len(made) < len(self.resources):
            ready = [name for name in self.resources if name not in made and self._is_ready(name)]
            assert ready, f"in a circle: {sorted(self.resources.keys() - made.keys())}"
            for name in ready:
                kind = self.resources[name]["Type"]
                assert kind in CALLS, f"{name}: no call for {kind}"
                self.values[name] = CALLS[kind](self, name, self.properties(name)) or name
                made[name] = kind
        return made

    def _is_ready(self, name: str) -> bool:
        try:
            self.properties(name)
        except KeyError:
            return False
        return True


_clients: dict[str, Any] = {}  # of the present simulation


def _call(service: str, operation: str, **request: Any) -> dict[str, Any]:
    if service not in _clients:
        _clients[service] = boto3.client(service)
    answer: dict[str, Any] = getattr(_clients[service], operation)(**request)
    return answer


def _lower(value: Any) -> Any:
    """Return a structure with names that begin in lower case, as Batch and Logs have them."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _lower(each) for name, each in value.items()}
    return [_lower(each) for each in value] if isinstance(value, list) else value


def _tags(properties: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in properties.pop("Tags", [])}


def _make_key(stack: Stack, name: str, given: dict[str, Any]) -> str:
    answer = _call(
        "kms",
        "create_key",
        Description=given["Description"],
        Policy=json.dumps(given["KeyPolicy"]),
        Tags=[{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in given["Tags"]],
    )["KeyMetadata"]
    _call("kms", "enable_key_rotation", KeyId=answer["KeyId"])
    stack.attributes[name, "Arn"] = answer["Arn"]
    return str(answer["KeyId"])


def _make_bucket(stack: Stack, name: str, given: dict[str, Any]) -> str:
    bucket = given["BucketName"]
    ownership = given["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
    _call("s3", "create_bucket", Bucket=bucket, ObjectOwnership=ownership)
    block = given["PublicAccessBlockConfiguration"]
    _call("s3", "put_public_access_block", Bucket=bucket, PublicAccessBlockConfiguration=block)
    (rule,) = given["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    rule = {
        "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
        "BucketKeyEnabled": rule["BucketKeyEnabled"],
    }
    _call(
        "s3",
        "put_bucket_encryption",
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [rule]},
    )
    _call(
        "s3",
        "put_bucket_versioning",
        Bucket=bucket,
        VersioningConfiguration=given["VersioningConfiguration"],
    )
    rules = []
    for each in given["LifecycleConfiguration"]["Rules"]:
        days = each.pop("ExpirationInDays", None)
        expiration = {"Expiration": {"Days": int(days)}} if days is not None else {}
        rule_filter = {"Prefix": each.pop("Prefix", "")}
        rules.append({"ID": each.pop("Id"), **each, **expiration, "Filter": rule_filter})
    _call(
        "s3",
        "put_bucket_lifecycle_configuration",
        Bucket=bucket,
        LifecycleConfiguration={"Rules": rules},
    )
    assert given["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    _call(
        "s3",
        "put_bucket_notification_configuration",
        Bucket=bucket,
        NotificationConfiguration={"EventBridgeConfiguration": {}},
    )
    stack.attributes[name, "Arn"] = f"arn:aws:s3:::{bucket}"
    return str(bucket)


def _make_topic(stack: Stack, name: str, given: dict[str, Any]) -> str:
    attributes = {"KmsMasterKeyId": given["KmsMasterKeyId"]}
    return str(
        _call("sns", "create_topic", Name=name, Attributes=attributes, Tags=given["Tags"])[
            "TopicArn"
        ]
    )


def _set_topic_policy(stack: Stack, name: str, given: dict[str, Any]) -> None:
    for topic in given["Topics"]:
        _call(
            "sns",
            "set_topic_attributes",
            TopicArn=topic,
            AttributeName="Policy",
            AttributeValue=json.dumps(given["PolicyDocument"]),
        )


def _make_queue(stack: Stack, name: str, given: dict[str, Any]) -> str:
    attributes = {key: str(given[key]) for key in ("KmsMasterKeyId", "MessageRetentionPeriod")}
    answer = _call("sqs", "create_queue", QueueName=name, Attributes=attributes, tags=_tags(given))
    stack.attributes[name, "Arn"] = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
    stack.attributes[name, "QueueName"] = name
    return str(answer["QueueUrl"])


def _set_queue_policy(stack: Stack, name: str, given: dict[str, Any]) -> None:
    for queue in given["Queues"]:
        policy = {"Policy": json.dumps(given["PolicyDocument"])}
        _call("sqs", "set_queue_attributes", QueueUrl=queue, Attributes=policy)


def _make_rule(stack: Stack, name: str, given: dict[str, Any]) -> str:
    pattern = json.dumps(given["EventPattern"])
    answer = _call(
        "events", "put_rule", Name=name, Description=given["Description"], EventPattern=pattern
    )
    targets = _call("events", "put_targets", Rule=name, Targets=given["Targets"])
    assert targets["FailedEntryCount"] == 0
    stack.attributes[name, "Arn"] = answer["RuleArn"]
    return name


def _make_log_group(stack: Stack, name: str, given: dict[str, Any]) -> str:
    group = given["LogGroupName"]
    _call("logs", "create_log_group", logGroupName=group, kmsKeyId=given["KmsKeyId"])
    days = int(given["RetentionInDays"])
    _call("logs", "put_retention_policy", logGroupName=group, retentionInDays=days)
    stack.attributes[name, "Arn"] = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}"
    return str(group)


def _make_role(stack: Stack, name: str, given: dict[str, Any]) -> str:
    trust = json.dumps(given["AssumeRolePolicyDocument"])
    answer = _call(
        "iam", "create_role", RoleName=name, AssumeRolePolicyDocument=trust, Tags=given["Tags"]
    )
    for policy in given["Policies"]:
        document = json.dumps(policy["PolicyDocument"])
        _call(
            "iam",
            "put_role_policy",
            RoleName=name,
            PolicyName=policy["PolicyName"],
            PolicyDocument=document,
        )
    stack.attributes[name, "Arn"] = answer["Role"]["Arn"]
    return name


def _make_profile(stack: Stack, name: str, given: dict[str, Any]) -> str:
    _call("iam", "create_instance_profile", InstanceProfileName=name)
    for role in given["Roles"]:
        _call("iam", "add_role_to_instance_profile", InstanceProfileName=name, RoleName=role)
    return name


def _make_function(stack: Stack, name: str, given: dict[str, Any]) -> str:
    concurrency = given.pop("ReservedConcurrentExecutions")
    variables = given["Environment"]["Variables"]
    given["Environment"]["Variables"] = {key: str(value) for key, value in variables.items()}
    given["EphemeralStorage"] = {"Size": int(given["EphemeralStorage"]["Size"])}
    given["MemorySize"] = int(given["MemorySize"])
    answer = _call("lambda", "create_function", **given | {"Tags": _tags(given)})
    _call(
        "lambda",
        "put_function_concurrency",
        FunctionName=given["FunctionName"],
        ReservedConcurrentExecutions=int(concurrency),
    )
    stack.attributes[name, "Arn"] = answer["FunctionArn"]
    return str(given["FunctionName"])


def _allow_calls(stack: Stack, name: str, given: dict[str, Any]) -> None:
    _call("lambda", "add_permission", StatementId=name, **given)


def _set_invocations(stack: Stack, name: str, given: dict[str, Any]) -> None:
    _call("lambda", "put_function_event_invoke_config", **given)


def _make_api(operation: str, result: str) -> Callable[[Stack, str, dict[str, Any]], str]:
    def make(stack: Stack, name: str, given: dict[str, Any]) -> str:
        settings = given.get("DefaultRouteSettings", {})
        for key, kind in (("ThrottlingRateLimit", float), ("ThrottlingBurstLimit", int)):
            if key in settings:
                settings[key] = kind(settings[key])
        return str(_call("apigatewayv2", operation, **given)[result])

    return make


def _make_plain(
    service: str, operation: str, result: str = ""
) -> Callable[[Stack, str, dict[str, Any]], str]:
    def make(stack: Stack, name: str, given: dict[str, Any]) -> str:
        answer = _call(service, operation, **given)
        return str(answer[result]) if result else ""

    return make


def _make_database(stack: Stack, name: str, given: dict[str, Any]) -> str:
    _call("glue", "create_database", **given)
    return str(given["DatabaseInput"]["Name"])


def _make_workgroup(stack: Stack, name: str, given: dict[str, Any]) -> str:
    del given["RecursiveDeleteOption"]  # of CloudFormation, not of Athena
    given["Configuration"] = given.pop("WorkGroupConfiguration")
    limit = given["Configuration"]["BytesScannedCutoffPerQuery"]
    given["Configuration"]["BytesScannedCutoffPerQuery"] = int(limit)
    _call("athena", "create_work_group", **given)
    return str(given["Name"])


def _make_alarm(stack: Stack, name: str, given: dict[str, Any]) -> None:
    _call("cloudwatch", "put_metric_alarm", AlarmName=name, **given)


def _make_dashboard(stack: Stack, name: str, given: dict[str, Any]) -> None:
    json.loads(given["DashboardBody"])
    _call("cloudwatch", "put_dashboard", **given)


def _make_budget(stack: Stack, name: str, given: dict[str, Any]) -> None:
    budget = given["Budget"]
    budget["BudgetLimit"]["Amount"] = str(budget["BudgetLimit"]["Amount"])
    _call(
        "budgets",
        "create_budget",
        AccountId=ACCOUNT,
        **given,
    )


def _make_security(stack: Stack, name: str, given: dict[str, Any]) -> str:
    document = json.dumps(given["SecurityConfiguration"])
    _call(
        "emr",
        "create_security_configuration",
        Name=given["Name"],
        SecurityConfiguration=document,
    )
    return str(given["Name"])


def _make_ec2(
    operation: str, kind: str, path: tuple[str, ...]
) -> Callable[[Stack, str, dict[str, Any]], str]:
    def make(stack: Stack, name: str, given: dict[str, Any]) -> str:
        tags = given.pop("Tags", [])
        for later in ("EnableDnsHostnames", "EnableDnsSupport", "MapPublicIpOnLaunch"):
            given.pop(later, None)
        if tags:
            given["TagSpecifications"] = [{"ResourceType": kind, "Tags": tags}]
        found: Any = _call("ec2", operation, **given)
        for each in path:
            found = found[each]
        return str(found)

    return make


def _make_security_group(stack: Stack, name: str, given: dict[str, Any]) -> str:
    rules = given.pop("SecurityGroupEgress")
    group = _make_ec2("create_security_group", "security-group", ("GroupId",))(
        stack,
        name,
        {
            "GroupName": name,
            "Description": given["GroupDescription"],
            "VpcId": given["VpcId"],
            "Tags": given["Tags"],
        },
    )
    for rule in rules:
        ranges = [{"CidrIp": rule.pop("CidrIp"), "Description": rule.pop("Description")}]
        _call(
            "ec2",
            "authorize_security_group_egress",
            GroupId=group,
            IpPermissions=[{**rule, "IpRanges": ranges}],
        )
    stack.attributes[name, "GroupId"] = group
    return group


def _make_batch(operation: str, result: str) -> Callable[[Stack, str, dict[str, Any]], str]:
    def make(stack: Stack, name: str, given: dict[str, Any]) -> str:
        tags = given.pop("Tags")
        options = given.get("ContainerProperties", {}).get("LogConfiguration", {}).get("Options")
        request = {**_lower(given), "tags": tags}
        for key, new in (("maxvCpus", int),):
            if key in request.get("computeResources", {}):
                request["computeResources"][key] = new(request["computeResources"][key])
        if options:
            request["containerProperties"]["logConfiguration"]["options"] = options
        if operation == "create_compute_environment":
            request["type"], request["state"] = given["Type"], given["State"]
            # AWS uses its service-linked role when none is named; moto wants to see one
            _call(
                "iam",
                "create_role",
                RoleName="AWSServiceRoleForBatch",
                AssumeRolePolicyDocument="{}",
            )
            request["serviceRole"] = f"arn:aws:iam::{ACCOUNT}:role/AWSServiceRoleForBatch"
        return str(_call("batch", operation, **request)[result])

    return make


#: The call of each type; what it returns is the `Ref` of the resource.
CALLS: dict[str, Callable[[Stack, str, dict[str, Any]], str | None]] = {
    "AWS::ApiGatewayV2::Api": _make_api("create_api", "ApiId"),
    "AWS::ApiGatewayV2::Authorizer": _make_api("create_authorizer", "AuthorizerId"),
    "AWS::ApiGatewayV2::Integration": _make_api("create_integration", "IntegrationId"),
    "AWS::ApiGatewayV2::Route": _make_api("create_route", "RouteId"),
    "AWS::ApiGatewayV2::Stage": _make_api("create_stage", "StageName"),
    "AWS::Athena::NamedQuery": _make_plain("athena", "create_named_query", "NamedQueryId"),
    "AWS::Athena::WorkGroup": _make_workgroup,
    "AWS::Batch::ComputeEnvironment": _make_batch(
        "create_compute_environment", "computeEnvironmentArn"
    ),
    "AWS::Batch::JobDefinition": _make_batch("register_job_definition", "jobDefinitionArn"),
    "AWS::Batch::JobQueue": _make_batch("create_job_queue", "jobQueueArn"),
    "AWS::Budgets::Budget": _make_budget,
    "AWS::CloudWatch::Alarm": _make_alarm,
    "AWS::CloudWatch::Dashboard": _make_dashboard,
    "AWS::EC2::InternetGateway": _make_ec2(
        "create_internet_gateway", "internet-gateway", ("InternetGateway", "InternetGatewayId")
    ),
    "AWS::EC2::Route": _make_plain("ec2", "create_route"),
    "AWS::EC2::RouteTable": _make_ec2(
        "create_route_table", "route-table", ("RouteTable", "RouteTableId")
    ),
    "AWS::EC2::SecurityGroup": _make_security_group,
    "AWS::EC2::Subnet": _make_ec2("create_subnet", "subnet", ("Subnet", "SubnetId")),
    "AWS::EC2::SubnetRouteTableAssociation": _make_plain(
        "ec2", "associate_route_table", "AssociationId"
    ),
    "AWS::EC2::VPC": _make_ec2("create_vpc", "vpc", ("Vpc", "VpcId")),
    "AWS::EC2::VPCEndpoint": _make_ec2(
        "create_vpc_endpoint", "vpc-endpoint", ("VpcEndpoint", "VpcEndpointId")
    ),
    "AWS::EC2::VPCGatewayAttachment": _make_plain("ec2", "attach_internet_gateway"),
    "AWS::EMR::SecurityConfiguration": _make_security,
    "AWS::Events::Rule": _make_rule,
    "AWS::Glue::Database": _make_database,
    "AWS::Glue::Table": _make_plain("glue", "create_table"),
    "AWS::IAM::InstanceProfile": _make_profile,
    "AWS::IAM::Role": _make_role,
    "AWS::KMS::Key": _make_key,
    "AWS::Lambda::EventInvokeConfig": _set_invocations,
    "AWS::Lambda::Function": _make_function,
    "AWS::Lambda::Permission": _allow_calls,
    "AWS::Logs::LogGroup": _make_log_group,
    "AWS::S3::Bucket": _make_bucket,
    "AWS::S3::BucketPolicy": lambda stack, name, given: str(
        _call(
            "s3",
            "put_bucket_policy",
            Bucket=given["Bucket"],
            Policy=json.dumps(given["PolicyDocument"]),
        )
        and ""
    ),
    "AWS::SNS::Subscription": _make_plain("sns", "subscribe", "SubscriptionArn"),
    "AWS::SNS::Topic": _make_topic,
    "AWS::SNS::TopicPolicy": _set_topic_policy,
    "AWS::SQS::Queue": _make_queue,
    "AWS::SQS::QueuePolicy": _set_queue_policy,
}
