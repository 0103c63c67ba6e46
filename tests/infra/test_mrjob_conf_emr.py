"""Tests of the EMR options in mrjob.conf."""

import itertools
import logging
from pathlib import Path
from typing import Any

import botocore.session
import botocore.validate
import pytest
import yaml

CONF = Path(__file__).parents[2] / "mrjob.conf"

# mrjob uses modules that later Pythons dropped; the dependencies of the project replace them.
pytestmark = [
    pytest.mark.filterwarnings("ignore:'pipes' is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:distutils Version classes:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*utcnow:DeprecationWarning"),
]


def emr_runner(**settings: Any) -> Any:
    from mrjob.emr import EMRJobRunner

    return EMRJobRunner(conf_paths=[str(CONF)], **settings)


@pytest.fixture
def options() -> dict[str, Any]:
    return dict(yaml.safe_load(CONF.read_text())["runners"]["emr"])


@pytest.fixture
def run_job_flow(tmp_path: Path) -> dict[str, Any]:
    """Return the parameters with which mrjob starts a cluster."""
    script = tmp_path / "job.py"
    script.write_text("")
    return dict(emr_runner(mr_job_script=str(script))._cluster_kwargs())


def test_mrjob_knows_every_option(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="mrjob"):
        emr_runner()
    assert caplog.messages == []


def test_no_option_is_left_to_mrjobs_defaults(options: dict[str, Any]) -> None:
    named = {"region", "subnet", "release_label", "cloud_tmp_dir", "cloud_log_dir"}
    roles = {"iam_service_role", "iam_instance_profile"}
    assert named | roles <= set(options)
    assert options["add_steps_in_batch"] is True
    assert options["read_logs"] is False
    assert options["pool_clusters"] is False


def test_every_option_is_explained() -> None:
    """Each option, or its group of lines, follows a comment."""
    lines = CONF.read_text().partition("\n  emr:\n")[2].splitlines()
    for before, line in itertools.pairwise(lines):
        is_option = line[:4].isspace() and line[4:5].isalpha()
        if is_option:
            explained = before[:4].isspace() and (before[4:5] == "#" or before[4:5].isalpha())
            assert explained, f"expected a comment before {line.strip()!r}"


def test_the_cluster_request_is_valid(run_job_flow: dict[str, Any]) -> None:
    model = botocore.session.get_session().get_service_model("emr")
    shape = model.operation_model("RunJobFlow").input_shape
    assert shape is not None
    report = botocore.validate.ParamValidator().validate(run_job_flow, shape)
    assert not report.has_errors(), report.generate_report()


def test_only_task_nodes_can_be_spot_instances(run_job_flow: dict[str, Any]) -> None:
    groups = run_job_flow["Instances"]["InstanceGroups"]
    markets = {group["InstanceRole"]: group["Market"] for group in groups}
    assert markets["MASTER"] == markets["CORE"] == "ON_DEMAND"


def test_clusters_have_the_tags_of_policies_and_budget(
    run_job_flow: dict[str, Any],
) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in run_job_flow["Tags"]}
    assert tags == {"for-use-with-amazon-emr-managed-policies": "true", "project": "gafreduce"}
    assert run_job_flow["SecurityConfiguration"] == "gafreduce"
    assert run_job_flow["AutoTerminationPolicy"] == {"IdleTimeout": 600}
    assert run_job_flow["LogUri"].endswith("/logs/")
