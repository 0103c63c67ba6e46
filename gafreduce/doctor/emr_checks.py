"""Checks of Amazon EMR: what mrjob.conf names must exist, before a cluster is paid for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gafreduce import mrjob_conf
from gafreduce.doctor import s3_checks
from gafreduce.doctor.checks import PROBLEM, Check, Checks, ProblemError, examine
from gafreduce.storage.s3 import Access

#: Words in capitals that mrjob.conf has for what is the user's.
_PLACEHOLDER = re.compile(r"\b(REGION|SUBNET|BUCKET|ACCOUNT_ID)\b")
_RELEASE = re.compile(r"emr-(\d+)\.")
#: The first whose nodes have Python 3.9; those of 6 have 3.7.
_OLDEST_RELEASE = 7
_NEEDED = (
    "region",
    "release_label",
    "iam_service_role",
    "iam_instance_profile",
    "cloud_tmp_dir",
)


def checks(conf: Path | None, access: Access, inputs: Sequence[str], output: str | None) -> Checks:
    """Yield whether release, roles, subnet and buckets are there.

    Args:
        conf: mrjob.conf.
        access: How S3 is reached; its profile is used for all of AWS.
        inputs: Objects and prefixes that would be read.
        output: A prefix that would be written.
    """
    options: dict[str, Any] = {}

    def read() -> str:
        options.update(_options(conf))
        return str(conf)

    found = examine("mrjob.conf", read, "name it: -c mrjob.conf (docs/emr.md)")
    yield found
    if found.state != "ok":
        return
    client = _clients(access, str(options["region"]))
    yield _release(client, options)
    yield _service_role(client, options)
    yield _instance_profile(client, options)
    yield _subnet(client, options)
    yield from s3_checks.checks(access, inputs, output or str(options["cloud_tmp_dir"]))


def _options(conf: Path | None) -> dict[str, Any]:
    if conf is None or not conf.is_file():
        raise ProblemError("no mrjob.conf", "name it: -c mrjob.conf (docs/emr.md)")
    found = mrjob_conf.read_options("emr", conf)
    missing = [name for name in _NEEDED if not found.get(name)]
    if missing:
        raise ProblemError(f"{conf} names no {', '.join(missing)}", "fill it in (docs/emr.md)")
    for name, value in found.items():
        if isinstance(value, str) and _PLACEHOLDER.search(value):
            raise ProblemError(f"{name} is still {value!r}", "put in what is yours (docs/emr.md)")
    return found


def _clients(access: Access, region: str) -> Callable[[str], Any]:
    def client(service: str) -> Any:
        import boto3

        session: Any = boto3.Session(profile_name=access.profile, region_name=region)
        return session.client(service)

    return client


def _asked(
    name: str, ask: Callable[[], Any], well: Callable[[Any], str], missing: str, fix: str
) -> Check:
    """Ask AWS, and tell what it answers."""

    def look() -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = ask()
        except ClientError as error:
            code = str(error.response["Error"].get("Code", ""))
            if "Denied" in code or "Unauthorized" in code:
                raise ProblemError(
                    f"may not be asked for: {code}", "attach infra/policies/doctor.json"
                ) from error
            raise ProblemError(f"{missing} ({code})", fix) from error
        except BotoCoreError as error:
            raise ProblemError(str(error), "aws configure, or name a --profile") from error
        return well(answer)

    return examine(name, look)


def _release(client: Callable[[str], Any], options: dict[str, Any]) -> Check:
    label = options["release_label"]
    number = _RELEASE.match(str(label))
    if number and int(number[1]) < _OLDEST_RELEASE:
        return Check(
            f"release {label}",
            PROBLEM,
            "its nodes have Python 3.7, and tasks need 3.9",
            f"name one of emr-{_OLDEST_RELEASE} or later: release_label in mrjob.conf",
        )
    return _asked(
        f"release {label}",
        lambda: client("emr").describe_release_label(ReleaseLabel=label),
        lambda _: f"known in {options['region']}",
        "not known in this region",
        "name another: release_label in mrjob.conf",
    )


def _service_role(client: Callable[[str], Any], options: dict[str, Any]) -> Check:
    def well(answer: Any) -> str:
        if "elasticmapreduce.amazonaws.com" not in str(
            answer["Role"].get("AssumeRolePolicyDocument", "")
        ):
            raise ProblemError(
                "EMR may not assume it", "give it infra/policies/service-role-trust.json"
            )
        return "there, and EMR may assume it"

    name = options["iam_service_role"]
    return _asked(
        f"service role {name}",
        lambda: client("iam").get_role(RoleName=name),
        well,
        "no such role",
        "create it (infra/README.md)",
    )


def _instance_profile(client: Callable[[str], Any], options: dict[str, Any]) -> Check:
    def well(answer: Any) -> str:
        if not answer["InstanceProfile"]["Roles"]:
            raise ProblemError("no role is in it", "add one (infra/README.md)")
        return f"there, with role {answer['InstanceProfile']['Roles'][0]['RoleName']}"

    name = options["iam_instance_profile"]
    return _asked(
        f"instance profile {name}",
        lambda: client("iam").get_instance_profile(InstanceProfileName=name),
        well,
        "no such instance profile",
        "create it (infra/README.md)",
    )


def _subnet(client: Callable[[str], Any], options: dict[str, Any]) -> Check:
    subnet = options.get("subnet")

    def well(answer: Any) -> str:
        free = int(answer["Subnets"][0]["AvailableIpAddressCount"])
        if not free:
            raise ProblemError("no address is free in it", "name another, or free some")
        return f"there, {free:,} addresses free"

    if not subnet:
        return Check("subnet", "ok", "none named: the account's default network is taken")
    return _asked(
        f"subnet {subnet}",
        lambda: client("ec2").describe_subnets(SubnetIds=[subnet]),
        well,
        "no such subnet",
        "name another: subnet in mrjob.conf",
    )
