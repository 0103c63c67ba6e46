"""Checks of Amazon EMR: the release, roles, subnet and buckets that mrjob.conf names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gafreduce import mrjob_conf
from gafreduce.doctor import s3_checks
from gafreduce.doctor.checks import OK, PROBLEM, CheckResult, CheckResults, ProblemError, run_check
from gafreduce.storage.s3 import Access

#: Placeholders in the mrjob.conf of this repository.
_PLACEHOLDER = re.compile(r"\b(REGION|SUBNET|BUCKET|ACCOUNT_ID)\b")
_RELEASE = re.compile(r"emr-(\d+)\.")
#: The oldest with Python 3.9 on its nodes; EMR 6 has 3.7.
_OLDEST_RELEASE = 7
_NEEDED = (
    "region",
    "release_label",
    "iam_service_role",
    "iam_instance_profile",
    "cloud_tmp_dir",
)


def check_emr(
    conf: Path | None, access: Access, inputs: Sequence[str], output: str | None
) -> CheckResults:
    """Yield the results of all checks; only the first one without a complete mrjob.conf.

    Args:
        conf: mrjob.conf.
        access: How S3 is reached; its profile is used for all of AWS.
        inputs: Objects and prefixes to read.
        output: A prefix to write to.
    """
    options: dict[str, Any] = {}

    def read() -> str:
        options.update(_read_options(conf))
        return str(conf)

    found = run_check("mrjob.conf", read, "name one: -c mrjob.conf (docs/emr.md)")
    yield found
    if found.state != OK:
        return
    client = _make_client_factory(access, str(options["region"]))
    yield _check_release(client, options)
    yield _check_service_role(client, options)
    yield _check_instance_profile(client, options)
    yield _check_subnet(client, options)
    yield from s3_checks.check_s3(access, inputs, output or str(options["cloud_tmp_dir"]))


def _read_options(conf: Path | None) -> dict[str, Any]:
    if conf is None or not conf.is_file():
        raise ProblemError("no mrjob.conf", "name one: -c mrjob.conf (docs/emr.md)")
    found = mrjob_conf.read_options("emr", conf)
    missing = [name for name in _NEEDED if not found.get(name)]
    if missing:
        raise ProblemError(f"{conf} names no {', '.join(missing)}", "fill it in (docs/emr.md)")
    for name, value in found.items():
        if isinstance(value, str) and _PLACEHOLDER.search(value):
            raise ProblemError(
                f"{name} is still {value!r}", "replace it with your own value (docs/emr.md)"
            )
    return found


def _make_client_factory(access: Access, region: str) -> Callable[[str], Any]:
    def client(service: str) -> Any:
        import boto3

        session: Any = boto3.Session(profile_name=access.profile, region_name=region)
        return session.client(service)

    return client


def _check_aws(
    name: str, request: Callable[[], Any], judge: Callable[[Any], str], missing: str, fix: str
) -> CheckResult:
    """Send a request to AWS, and return the result of the check.

    Args:
        name: Of the check.
        request: Sends the request and returns the response.
        judge: Returns a message for a response; raises ProblemError.
        missing: The message when the resource does not exist.
        fix: Of that problem.
    """

    def check() -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            response = request()
        except ClientError as error:
            code = str(error.response["Error"].get("Code", ""))
            if "Denied" in code or "Unauthorized" in code:
                raise ProblemError(
                    f"no permission to read it: {code}", "attach infra/policies/doctor.json"
                ) from error
            raise ProblemError(f"{missing} ({code})", fix) from error
        except BotoCoreError as error:
            raise ProblemError(str(error), "run aws configure, or name a --profile") from error
        return judge(response)

    return run_check(name, check)


def _check_release(client: Callable[[str], Any], options: dict[str, Any]) -> CheckResult:
    label = options["release_label"]
    number = _RELEASE.match(str(label))
    if number and int(number[1]) < _OLDEST_RELEASE:
        return CheckResult(
            f"release {label}",
            PROBLEM,
            "its nodes have Python 3.7, but tasks need 3.9",
            f"name emr-{_OLDEST_RELEASE} or later: release_label in mrjob.conf",
        )
    return _check_aws(
        f"release {label}",
        lambda: client("emr").describe_release_label(ReleaseLabel=label),
        lambda _: f"known in {options['region']}",
        "not known in this region",
        "name another: release_label in mrjob.conf",
    )


def _check_service_role(client: Callable[[str], Any], options: dict[str, Any]) -> CheckResult:
    def judge(response: Any) -> str:
        if "elasticmapreduce.amazonaws.com" not in str(
            response["Role"].get("AssumeRolePolicyDocument", "")
        ):
            raise ProblemError(
                "EMR may not assume it", "give it infra/policies/service-role-trust.json"
            )
        return "exists, and EMR may assume it"

    name = options["iam_service_role"]
    return _check_aws(
        f"service role {name}",
        lambda: client("iam").get_role(RoleName=name),
        judge,
        "no such role",
        "create it (docs/emr.md)",
    )


def _check_instance_profile(client: Callable[[str], Any], options: dict[str, Any]) -> CheckResult:
    def judge(response: Any) -> str:
        if not response["InstanceProfile"]["Roles"]:
            raise ProblemError("it has no role", "add one (docs/emr.md)")
        return f"exists, with role {response['InstanceProfile']['Roles'][0]['RoleName']}"

    name = options["iam_instance_profile"]
    return _check_aws(
        f"instance profile {name}",
        lambda: client("iam").get_instance_profile(InstanceProfileName=name),
        judge,
        "no such instance profile",
        "create it (docs/emr.md)",
    )


def _check_subnet(client: Callable[[str], Any], options: dict[str, Any]) -> CheckResult:
    subnet = options.get("subnet")

    def judge(response: Any) -> str:
        free = int(response["Subnets"][0]["AvailableIpAddressCount"])
        if not free:
            raise ProblemError("it has no free address", "name another, or free some")
        return f"exists, {free:,} free addresses"

    if not subnet:
        return CheckResult("subnet", OK, "not set: the default network of the account is used")
    return _check_aws(
        f"subnet {subnet}",
        lambda: client("ec2").describe_subnets(SubnetIds=[subnet]),
        judge,
        "no such subnet",
        "name another: subnet in mrjob.conf",
    )
