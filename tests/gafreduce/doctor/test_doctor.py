"""Tests of `gafreduce doctor` against stand-ins for S3, Hadoop and EMR."""

from __future__ import annotations

import json
import threading
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from gafreduce.doctor import emr_checks, hadoop_checks, local_checks, s3_checks
from gafreduce.doctor.checks import NotCheckedError, ProblemError, run_check
from gafreduce.storage import hadoop, s3

Command = Callable[..., tuple[int, str, str]]


def states(checks: Any) -> dict[str, tuple[str, str]]:
    return {check.name: (check.state, check.line()) for check in checks}


def fail(error: Exception) -> Callable[[], str]:
    def look() -> str:
        raise error

    return look


def test_a_check_never_raises() -> None:
    assert run_check("a", lambda: "well").line() == "ok          a: well"
    assert (
        run_check("a", fail(ProblemError("bad", "repair it"))).line()
        == "problem     a: bad -> repair it"
    )
    assert run_check("a", fail(NotCheckedError("why"))).line() == "not checked a: why"
    assert run_check("a", fail(OSError("gone")), "look").line() == "problem     a: gone -> look"


# This machine


def test_a_complete_machine_has_no_problem(samples: Path, gafreduce: Command) -> None:
    code, out, err = gafreduce("doctor", "--ontology", samples / "go-samples.obo")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 7
    assert all(line.startswith("ok ") for line in out.splitlines())
    assert gafreduce("doctor", "-q", "--ontology", samples / "go-samples.obo") == (0, "", "")


def test_a_missing_home_is_a_problem(
    gafreduce: Command, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "relative")
    _, text, errors = gafreduce("doctor", "local", "--ontology", samples / "go-samples.obo")
    assert "problem     " in text
    assert "there is no home folder to keep files in -> set XDG_CACHE_HOME" in text
    assert "bug" not in errors


@pytest.mark.parametrize(
    ("module", "pure", "words"),
    [
        (object(), None, "used"),
        (None, "1", "not used, because GAFREDUCE_PURE is set"),
        (None, None, "a C compiler"),
    ],
)
def test_the_c_extension_is_reported(
    module: object, pure: str | None, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gafreduce.jobs.native.loader.module", module)
    monkeypatch.delenv("GAFREDUCE_PURE", raising=False)
    if pure:
        monkeypatch.setenv("GAFREDUCE_PURE", pure)
    state, line = states(local_checks.check_machine(None))["C extension"]
    assert state == "ok"
    assert words in line


def test_missing_prerequisites_are_problems(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.which", lambda name, **_: None)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage(2, 1, 1 << 20))
    monkeypatch.setattr(local_checks, "OLDEST_PYTHON", (4, 0))
    found = states(local_checks.check_machine(str(tmp_path / "none.obo")))
    for name, words in (
        ("Python", "use 4.0 or later"),
        ("sort", "install coreutils"),
        ("temporary folder", "1 MB"),
        ("ontology", "no such file"),
    ):
        assert found[name][0] == "problem"
        assert words in found[name][1]
    in_s3 = states(local_checks.check_machine("s3://bucket/go.obo"))["ontology"]
    assert in_s3[0] == "not checked"


def test_local_inputs_and_outputs_are_checked(
    samples: Path, gafreduce: Command, tmp_path: Path
) -> None:
    inputs = (samples, tmp_path / "none.gaf", "-", "hdfs:///in/a.gaf")
    ontology = ("--ontology", samples / "go-samples.obo")
    code, out, _ = gafreduce("doctor", "local", *inputs, "-o", tmp_path / "a" / "b", *ontology)
    assert code == 1
    lines = out.splitlines()[7:]
    assert f"ok          input {samples}: 7 files, the first can be read" in lines
    assert lines[1].startswith(f"problem     input {tmp_path}/none.gaf: {tmp_path}/none.gaf: expe")
    assert "not checked input -: standard input can be read only once" in lines
    assert "not checked input hdfs:///in/a.gaf: it is in HDFS (use doctor hadoop)" in lines
    assert f"ok          output {tmp_path}/a/b: can be made below {tmp_path}" in lines
    (tmp_path / "file").touch()
    out = gafreduce("doctor", "-o", tmp_path / "file" / "x", *ontology)[1]
    assert f"{tmp_path}/file is not a writable folder -> name another with -o" in out


def test_inputs_in_hdfs_are_checked_by_the_client(
    hadoop_home: Callable[..., None], access: s3.Access
) -> None:
    hadoop_home(
        hadoop="""case "$*" in *-stat*none*) exit 0;;
  *-stat*) printf 'regular file\\t2\\t1\\ta.gaf\\n';;
  *-cat*) printf x;; esac"""
    )
    inputs = ["hdfs:///in/a.gaf", "hdfs:///in/none"]
    found = states(local_checks.check_places(inputs, None, "hadoop", access))
    assert "1 files, the first can be read" in found["input hdfs:///in/a.gaf"][1]
    assert "got nothing of that name in HDFS" in found["input hdfs:///in/none"][1]
    for state, line in states(local_checks.check_places(inputs, None, "emr", access)).values():
        assert state == "problem"
        assert "-r emr reads only S3" in line


# S3


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> Iterator[s3.Access]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        found = s3.Access()
        found.client().create_bucket(Bucket="gaf")
        yield found


def test_a_readable_and_writable_bucket_has_no_problem(
    access: s3.Access, gafreduce: Command
) -> None:
    access.client().put_object(Bucket="gaf", Key="in/a.gaf", Body=b"line\n")
    found = states(s3_checks.check_s3(access, ["s3a://gaf/in/"], "s3://gaf/out/"))
    assert list(found) == ["bucket gaf", "clock", "input s3://gaf/in/", "output s3://gaf/out/"]
    assert found.pop("clock")[0] == "not checked"  # the response of the stand-in has no time
    assert {state for state, _ in found.values()} == {"ok"}
    listed = access.client().list_objects_v2(Bucket="gaf")["Contents"]
    assert [item["Key"] for item in listed] == ["in/a.gaf"]  # the probe is gone
    assert gafreduce("doctor", "s3", "s3://gaf/none")[0] == 1


def test_problems_of_inputs_in_s3_are_found(access: s3.Access) -> None:
    client = access.client()
    client.put_object(Bucket="gaf", Key="cold/a.gaf", Body=b"x", StorageClass="GLACIER")
    client.put_object(Bucket="gaf", Key="empty/a.gaf", Body=b"")
    inputs = ["s3://gaf/cold/", "s3://gaf/empty/", "s3://gaf/nothing", "s3://other/x"]
    found = states(s3_checks.check_s3(access, inputs, None))
    for name, words in (
        ("input s3://gaf/cold/", "archived -> restore it"),
        ("input s3://gaf/empty/", "empty"),
        ("input s3://gaf/nothing", "no object begins"),
        ("bucket other", "asking for s3://other"),
    ):
        assert found[name][0] == "problem"
        assert words in found[name][1]
    assert states(s3_checks.check_s3(access, [], None))["S3"][0] == "problem"


def test_a_wrong_clock_is_found(access: s3.Access, monkeypatch: pytest.MonkeyPatch) -> None:
    stated = {"date": format_datetime(datetime.now(UTC))}
    monkeypatch.setattr(s3_checks, "_get_headers", lambda response: stated)
    assert states(s3_checks.check_s3(access, ["s3://gaf/x"], None))["clock"][0] == "ok"
    now = time.time()
    # the clock of this module alone: threads of others use `time`, too
    monkeypatch.setattr(s3_checks, "time", SimpleNamespace(time=lambda: now + 3600))
    found = states(s3_checks.check_s3(access, ["s3://gaf/x"], None))
    assert found["clock"][0] == "problem"
    assert "set this machine's clock" in found["clock"][1]


@pytest.fixture
def skewed_service() -> Iterator[str]:
    """Give the URL of a service whose clock is an hour behind, and which refuses requests for that."""

    class Refuse(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(403)
            self.end_headers()

        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate(time.time() - 3600, usegmt=True)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refuse) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_request_refused_for_a_wrong_clock_names_the_clock(
    skewed_service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    found = s3_checks.check_s3(s3.Access(skewed_service), ["s3://gaf/x"], None)
    for check in (next(found), next(found)):
        assert check.state == "problem"
        assert "off by 3,6" in check.message
        assert check.fix == "set this machine's clock"


def test_patterns_and_many_objects_are_checked(access: s3.Access) -> None:
    client = access.client()
    for number in range(1001):
        client.put_object(Bucket="gaf", Key=f"in/{number:04}.gaf", Body=b"x")
    cold = {"Bucket": "gaf", "Key": "in/z.gaf", "Body": b"x", "StorageClass": "GLACIER"}
    client.put_object(**cold)
    inputs = ["s3://gaf/in/000?.gaf", "s3://gaf/in/*.gaf", "s3://gaf/in/*.gz", "s3://gaf/in/"]
    found = states(s3_checks.check_s3(access, inputs, None))
    assert "ok          input s3://gaf/in/000?.gaf: 10 objects" in found[f"input {inputs[0]}"][1]
    assert "in/z.gaf is archived" in found[f"input {inputs[1]}"][1]
    assert "no object matches that pattern" in found[f"input {inputs[2]}"][1]
    assert "in/z.gaf is archived" in found[f"input {inputs[3]}"][1]


def test_a_service_without_conditional_puts_is_found(
    access: s3.Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = access.client()
    put = client.put_object

    def put_anyway(**arguments: Any) -> Any:
        arguments.pop("IfNoneMatch", None)
        return put(**arguments)

    monkeypatch.setattr(client, "put_object", put_anyway)
    found = states(s3_checks.check_s3(access, [], "s3://gaf/out"))["output s3://gaf/out"]
    assert found[0] == "problem"
    assert "not honoured" in found[1]
    assert "Contents" not in client.list_objects_v2(Bucket="gaf")


SLOW_DOWN = ClientError(
    {"Error": {"Code": "SlowDown"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, "PutObject"
)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (SLOW_DOWN, "asked to slow down"),
        (EndpointConnectionError(endpoint_url="http://x"), "Could not connect"),
    ],
)
def test_another_failure_of_the_second_put_is_a_problem(
    access: s3.Access, monkeypatch: pytest.MonkeyPatch, problem: Exception, words: str
) -> None:
    client = access.client()
    put = client.put_object

    def put_once(**arguments: Any) -> Any:
        if arguments["Body"]:
            raise problem
        return put(**arguments)

    monkeypatch.setattr(client, "put_object", put_once)
    found = states(s3_checks.check_s3(access, [], "s3://gaf/out"))["output s3://gaf/out"]
    assert found[0] == "problem"
    assert words in found[1]


def test_a_missing_profile_is_a_problem(access: s3.Access) -> None:
    found = states(s3_checks.check_s3(s3.Access(profile="nope"), ["s3://gaf/x"], "s3://gaf/out"))
    assert {state for state, _ in found.values()} == {"problem"}
    assert all("The config profile (nope) could not be found" in line for _, line in found.values())


# Hadoop

WELL = {
    "hadoop": 'case "$*" in version) echo "Hadoop 3.4.2";; *-cat*) echo "Python 3.9.2";; esac',
    "hdfs": """case "$*" in
  *fs.defaultFS) echo hdfs://name:8020;;
  *authentication) echo simple;;
  *safemode*) echo "Safe mode is OFF";;
esac""",
    "yarn": 'case "$1" in node) echo "Total Nodes:2";; queue) echo "State : RUNNING";; esac',
}


@pytest.fixture
def hadoop_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make programs that answer like Hadoop's, and set HADOOP_HOME."""

    def make(**changed: str) -> None:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        for name, text in (WELL | changed).items():
            (folder / name).write_text(f"#!/bin/sh\n{text}\n")
            (folder / name).chmod(0o755)
        (tmp_path / "hadoop-streaming-3.4.2.jar").touch()
        monkeypatch.setenv("HADOOP_HOME", str(tmp_path))

    return make


def test_a_working_hadoop_has_no_problem(hadoop_home: Callable[..., None]) -> None:
    hadoop_home()
    found = states(hadoop_checks.check_hadoop())
    assert len(found) == 10
    assert "Python 3.9.2" in found["nodes' Python"][1]
    assert {state for state, _ in found.values()} == {"ok"}, found


@pytest.mark.parametrize(
    ("changed", "name", "words"),
    [
        ({"hadoop": "echo Hadoop 2.10.1"}, "version", "use Hadoop 3"),
        ({"hdfs": "echo file:///"}, "default file system", "HADOOP_CONF_DIR"),
        ({"hdfs": "echo Safe mode is ON"}, "safe mode", "read-only"),
        ({"hdfs": "echo refused >&2; exit 1"}, "safe mode", "refused"),
        ({"yarn": "echo Total Nodes:0"}, "nodes", "start the NodeManagers"),
        (
            {"hadoop": "[ $1 = version ] && echo Hadoop 3.4.2"},
            "temporary folder",
            "without printing",
        ),
        ({"yarn": "echo Cannot get queue from RM by queueName = x"}, "queue default", "Cannot get"),
        (  # an error on stdout, and a log on stderr
            {"yarn": "echo Cannot get queue; echo 2026-11-24 22:05:54,618 INFO x >&2; exit 255"},
            "queue default",
            "Cannot get queue -> name another: jobconf, mapreduce.job.queuename in mrjob.conf",
        ),
        (
            {"yarn": "(echo No route; echo '  at a.B.c(B.java:1)'; echo '... 3 more') >&2; exit 1"},
            "nodes",
            "No route -> see Hadoop's own logs",
        ),
        ({"hadoop": "echo Python 3.6.8"}, "nodes' Python", "3.9 or later"),
        ({"hadoop": "case $1 in jar) exit 1;; esac"}, "nodes' Python", "without printing anything"),
    ],
)
def test_problems_of_hadoop_are_found(
    hadoop_home: Callable[..., None], changed: dict[str, str], name: str, words: str
) -> None:
    hadoop_home(**changed)
    state, line = states(hadoop_checks.check_hadoop())[name]
    assert state == "problem"
    assert words in line


def test_queue_and_python_of_mrjob_conf_are_checked(
    hadoop_home: Callable[..., None], tmp_path: Path
) -> None:
    hadoop_home(hadoop=f'echo "$@" >> {tmp_path}/calls; echo Python 3.11.4')
    conf = tmp_path / "mrjob.conf"
    conf.write_text(
        "runners: {hadoop: {python_bin: python3.11, hadoop_tmp_dir: 'hdfs:///mine', "
        "jobconf: {mapreduce.job.queuename: night}}}\n"
    )
    found = states(hadoop_checks.check_hadoop(conf))
    assert found["queue night"][0] == "ok"
    assert found["nodes' Python"][0] == "ok"
    calls = (tmp_path / "calls").read_text()
    assert "-mapper sh -c 'cat >/dev/null; python3.11 -V'" in calls
    assert "-D mapreduce.job.queuename=night" in calls
    hadoop_home(hadoop=f'echo "$@" >> {tmp_path}/calls; echo Python 3.11.4', yarn="exit 1")
    found = states(hadoop_checks.check_hadoop(conf))
    assert (found["queue night"][0], found["nodes' Python"][0]) == ("problem", "ok")
    last = [line for line in (tmp_path / "calls").read_text().splitlines() if "-mapper" in line][-1]
    assert "-D mapreduce.job.queuename=default" in last
    hadoop_home(hadoop=f'echo "$@" >> {tmp_path}/calls; echo Python 3.11.4')
    assert "-rm -r -f -skipTrash hdfs:///mine/doctor/" in calls.splitlines()[-1]
    for jar, state in ((tmp_path / "mine.jar", "ok"), (tmp_path / "none.jar", "problem")):
        (tmp_path / "mine.jar").touch()
        conf.write_text(f"runners: {{hadoop: {{hadoop_streaming_jar: {jar}}}}}\n")
        found = states(hadoop_checks.check_hadoop(conf))
        assert found["streaming"][0] == state
        assert (f"jar {jar} -D" in (tmp_path / "calls").read_text()) is (state == "ok")


def test_a_slow_job_for_the_nodes_python_is_ended(
    hadoop_home: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hadoop_checks, "_JOB_SECONDS", 0.5)
    message = "INFO impl.YarnClientImpl: Submitted application application_1_0001"
    hadoop_home(
        hadoop=f'case $1 in jar) echo "{message}" >&2; exec sleep 60;; esac',
        yarn=f'echo "$*" >> {tmp_path}/killed',
    )
    state, line = states(hadoop_checks.check_hadoop())["nodes' Python"]
    assert state == "problem"
    assert "no response within" in line
    assert (tmp_path / "killed").read_text().endswith("application -kill application_1_0001\n")


def test_a_service_without_a_response_is_a_problem(
    hadoop_home: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hadoop_checks, "_SECONDS", 0.2)
    hadoop_home(yarn="exec sleep 5")
    state, line = states(hadoop_checks.check_hadoop())["nodes"]
    assert state == "problem"
    assert "no response within" in line


def test_kerberos_needs_a_ticket(
    hadoop_home: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    hadoop_home(hdfs='case "$*" in *authentication) echo kerberos;; *) echo hdfs://n;; esac')
    monkeypatch.setattr("shutil.which", lambda name, **_: None)
    assert states(hadoop_checks.check_hadoop())["Kerberos"][0] == "not checked"


def test_nothing_else_is_checked_without_a_hadoop(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HADOOP_HOME", "HADOOP_PREFIX", "HADOOP_INSTALL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("shutil.which", lambda name, **_: None)
    (check,) = hadoop_checks.check_hadoop()
    assert check.state == "problem"


def test_the_hadoop_of_mrjob_conf_precedes_that_of_the_environment(
    hadoop_home: Callable[..., None],
    gafreduce: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hadoop_home()
    monkeypatch.setenv("HADOOP_HOME", str(tmp_path / "another"))
    conf = tmp_path / "mrjob.conf"
    binary = tmp_path / "bin" / "hadoop"
    for named in (str(binary), [str(binary)]):
        conf.write_text(json.dumps({"runners": {"hadoop": {"hadoop_bin": named}}}))
        out = gafreduce("doctor", "hadoop", "-c", conf)[1]
        assert f"ok          hadoop: {binary}" in out
        assert "nodes: 2 running" in out
        assert hadoop.find_program("yarn", conf) == str(tmp_path / "bin" / "yarn")
    for named in (str(tmp_path / "none"), f"sudo {binary}"):
        conf.write_text(json.dumps({"runners": {"hadoop": {"hadoop_bin": named}}}))
        out = gafreduce("doctor", "hadoop", "-c", conf)[1]
        assert f"problem     hadoop: {conf}: expected hadoop_bin to be a program, got '" in out


# EMR


@pytest.fixture
def conf(tmp_path: Path, access: s3.Access, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a mrjob.conf whose names exist."""
    trust = {"Statement": [{"Principal": {"Service": "elasticmapreduce.amazonaws.com"}}]}
    iam: Any = boto3.client("iam")
    iam.create_role(RoleName="service", AssumeRolePolicyDocument=json.dumps(trust))
    iam.create_role(RoleName="node", AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="node")
    iam.add_role_to_instance_profile(InstanceProfileName="node", RoleName="node")
    ec2: Any = boto3.client("ec2", region_name="us-east-1")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    path = tmp_path / "mrjob.conf"
    path.write_text(
        "runners:\n  emr:\n    region: us-east-1\n    release_label: emr-7.12.0\n"
        "    iam_service_role: service\n    iam_instance_profile: node\n"
        f"    subnet: {subnet}\n    cloud_tmp_dir: s3://gaf/tmp/\n"
    )
    monkeypatch.setattr(
        emr_checks, "_make_client_factory", releases(emr_checks._make_client_factory)
    )
    return path


def releases(clients: Any) -> Any:
    """Answer for release labels, which the stand-in for AWS lacks."""

    class Emr:
        def describe_release_label(self, ReleaseLabel: str) -> Any:  # noqa: N803  # boto3's name
            if ReleaseLabel != "emr-7.12.0":
                raise ClientError({"Error": {"Code": "ValidationException"}}, "x")
            return {"ReleaseLabel": ReleaseLabel}

    def of(access: s3.Access, region: str) -> Any:
        real = clients(access, region)
        return lambda service: Emr() if service == "emr" else real(service)

    return of


def test_a_complete_setup_has_no_problem(conf: Path, access: s3.Access, gafreduce: Command) -> None:
    found = states(emr_checks.check_emr(conf, access, [], None))
    assert found.pop("clock")[0] == "not checked"
    assert {state for state, _ in found.values()} == {"ok"}, found
    assert "output s3://gaf/tmp/" in found
    assert gafreduce("doctor", "emr", "-c", conf, "--ontology", conf)[0] == 0


@pytest.mark.parametrize(
    ("before", "after", "name", "words"),
    [
        ("emr-7.12.0", "emr-7.0.9", "release emr-7.0.9", "not known in this region"),
        ("emr-7.12.0", "emr-6.15.0", "release emr-6.15.0", "Python 3.7"),
        ("role: service", "role: none", "service role none", "create it"),
        ("role: service", "role: node", "service role node", "may not assume"),
        ("profile: node", "profile: none", "instance profile none", "create it"),
        ("subnet: subnet-", "subnet: subnet-0", "", "no such subnet"),
        ("s3://gaf/tmp/", "s3://none/tmp/", "bucket none", "asking for s3://none"),
        ("us-east-1", "REGION", "mrjob.conf", "replace it with your own"),
        ("    cloud_tmp_dir: s3://gaf/tmp/\n", "", "mrjob.conf", "names no cloud_tmp_dir"),
    ],
)
def test_problems_of_a_setup_are_found(
    conf: Path, access: s3.Access, before: str, after: str, name: str, words: str
) -> None:
    text = conf.read_text()
    assert before in text
    conf.write_text(text.replace(before, after))
    found = states(emr_checks.check_emr(conf, access, [], None))
    problems = {check: line for check, (state, line) in found.items() if state == "problem"}
    assert any(words in line for check, line in problems.items() if name in check), found


def test_nothing_is_checked_without_a_mrjob_conf(access: s3.Access) -> None:
    (check,) = emr_checks.check_emr(None, access, [], None)
    assert check.state == "problem"


INFRA = Path(__file__).parents[3] / "infra"
#: An operation of the API, and the action of a policy that allows it.
ACTIONS = {
    "DescribeReleaseLabel": "elasticmapreduce:DescribeReleaseLabel",
    "DescribeSubnets": "ec2:DescribeSubnets",
    "GetRole": "iam:GetRole",
    "GetInstanceProfile": "iam:GetInstanceProfile",
    "HeadBucket": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "GetObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "DeleteObject": "s3:DeleteObject",
}


def test_the_policy_of_doctor_allows_exactly_its_requests(
    conf: Path, access: s3.Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    access.client().put_object(Bucket="gaf", Key="in/a.gaf", Body=b"line\n")
    called = {"DescribeReleaseLabel"}  # of the stand-in, which is no client
    original = BaseClient._make_api_call

    def call(self: Any, operation: str, parameters: Any) -> Any:
        called.add(operation)
        return original(self, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    found = states(emr_checks.check_emr(conf, access, ["s3://gaf/in/"], "s3://gaf/results/"))
    assert "problem" not in {state for state, _ in found.values()}, found
    policy = json.loads((INFRA / "policies" / "doctor.json").read_text())
    allowed = {action for each in policy["Statement"] for action in each["Action"]}
    through_s3 = {"kms:Decrypt", "kms:GenerateDataKey"}  # S3 calls them, with the bucket's key
    assert {ACTIONS[operation] for operation in called} == allowed - through_s3
    assert through_s3 < allowed
