"""Amazon's control plane refuses, fails or is slow: golden, or its own words and nothing published.

All of it through `gafreduce run`; whatever happens, no cluster outlives its run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from job_runs import SAMPLES, Command, RunCommand, run_command, tables, tables_in_s3
from minihadoop.cluster import Cluster

from gafreduce.errors import FAILED

MASTER_FAILS = {"code": "INSTANCE_FAILURE", "message": "The master failed: i-0"}
BOOTSTRAP_FAILS = {
    "code": "BOOTSTRAP_FAILURE",
    "message": "On the master instance (i-0), bootstrap action 1 returned a non-zero return code",
}
STEPS_REFUSED = {"code": "ValidationException", "message": "injected refusal"}
DISK_FULL = {"code": "STEP_FAILURE", "message": "java.io.IOException: No space left on device"}
THROTTLED = {"code": "ThrottlingException", "message": "Rate exceeded"}
DISK_WORDS = "a node's disk for temporary files of tasks is full"


@dataclass(frozen=True)
class Emr:
    """Runs of `gafreduce run` on the played EMR, and what became of their clusters."""

    command: Command
    cluster: Cluster
    conf: Path
    inputs: str
    s3: Any

    def run(self, report: bool = False, options: Mapping[str, object] | None = None) -> Any:
        """Run `gafreduce run`, with some options of mrjob.conf changed."""
        conf = yaml.safe_load(self.conf.read_text())
        conf["runners"]["emr"] |= options or {}
        changed = self.command.folder / "changed.conf"
        changed.write_text(yaml.safe_dump(conf))
        how = {"output": self.output, "conf": changed, "report": report}
        return self.command.run(run_command("emr", self.inputs, **how))

    @property
    def output(self) -> str:
        return f"s3://results/{self.prefix}"

    @property
    def prefix(self) -> str:
        return f"results/{self.command.name}/"

    def clusters(self) -> dict[str, str]:
        return dict(self.cluster.control("clusters"))

    def check_failed(self, done: Any, said: str, before: Mapping[str, str]) -> int:
        """Check that a run failed in these words and left nothing; return how many clusters it had."""
        assert done.returncode == FAILED, done.stderr
        last = done.stderr.splitlines()[-1]
        assert last.startswith("gafreduce: "), done.stderr
        assert said in last
        assert "Traceback" not in done.stderr
        found = self.s3.list_objects_v2(Bucket="results", Prefix=self.prefix)
        assert found["KeyCount"] == 0, found
        return self.check_ended(before)

    def check_ended(self, before: Mapping[str, str]) -> int:
        """Check that each cluster since then has ended; return how many there were."""
        states = [state for name, state in self.clusters().items() if name not in before]
        assert all(state in ("TERMINATED", "TERMINATED_WITH_ERRORS") for state in states), states
        return len(states)


@pytest.fixture
def emr(command: Command, cluster: Cluster, mrjob_conf: Path, samples_in_s3: str, s3: Any) -> Emr:
    return Emr(command, cluster, mrjob_conf, samples_in_s3, s3)


def test_failed_step_fails_the_run_and_ends_the_cluster(emr: Emr, cluster: Cluster) -> None:
    before = emr.clusters()
    cluster.control("faults", {"step": DISK_FULL | {"times": 1}})
    assert emr.check_failed(emr.run(), DISK_WORDS, before) == 1
    steps = [states for name, states in cluster.control("steps").items() if name not in before]
    assert steps == [["FAILED", "CANCELLED"]]


@pytest.mark.faults
def test_failed_step_of_the_second_job_ends_the_kept_cluster(emr: Emr, cluster: Cluster) -> None:
    """With a report the cluster waits for a third step, and that one fails."""
    before = emr.clusters()
    cluster.control("faults", {"step": DISK_FULL | {"times": 1, "after": 2}})
    assert emr.check_failed(emr.run(report=True), DISK_WORDS, before) == 1
    steps = [states for name, states in cluster.control("steps").items() if name not in before]
    assert steps == [["COMPLETED", "COMPLETED", "FAILED"]]


@pytest.mark.faults
@pytest.mark.parametrize("report", [False, True], ids=["tables", "report"])
@pytest.mark.parametrize(
    ("place", "fault", "said"),
    [
        ("bootstrap", BOOTSTRAP_FAILS, "bootstrap action 1"),
        ("cluster", MASTER_FAILS, "The master failed"),
        ("AddJobFlowSteps", STEPS_REFUSED, "injected refusal"),
    ],
    ids=["bootstrap", "cluster", "steps-refused"],
)
def test_cluster_that_ends_early_fails_the_run(
    emr: Emr, cluster: Cluster, place: str, fault: dict[str, Any], said: str, report: bool
) -> None:
    """With a report the cluster is one that would wait for more steps."""
    before = emr.clusters()
    cluster.control("faults", {place: fault | {"times": 1}})
    assert emr.check_failed(emr.run(report=report), said, before) == 1
    assert cluster.control("faults-left")[place] == 0


@pytest.mark.faults
@pytest.mark.parametrize("operation", ["DescribeStep", "DescribeCluster"])
def test_throttled_control_plane_is_asked_again(
    emr: Emr, cluster: Cluster, gafreduce: RunCommand, tmp_path: Path, operation: str
) -> None:
    before = emr.clusters()
    cluster.control("faults", {operation: THROTTLED | {"times": 3}})
    done = emr.run()
    assert done.returncode == 0, done.stderr
    assert cluster.control("faults-left")[operation] == 0
    golden = gafreduce("inline", SAMPLES, output=tmp_path / "golden")
    assert golden.returncode == 0, golden.stderr
    assert tables_in_s3(emr.s3, "results", emr.prefix) == tables(tmp_path / "golden")
    assert emr.check_ended(before) == 1


@pytest.mark.faults
@pytest.mark.parametrize(
    ("option", "value", "said", "n_clusters"),
    [
        ("release_label", "emr-7.99.0", "The supplied release label is invalid: emr-7.99.0.", 0),
        ("iam_instance_profile", "nobody", "Invalid InstanceProfile: nobody.", 0),
        ("iam_service_role", "nobody", "role/nobody is invalid", 1),
        ("subnet", "subnet-00000000", "subnet-00000000 does not exist", 1),
        ("subnet", "my-subnet", "The supplied ec2SubnetId is not valid.", 0),
    ],
)
def test_wrong_name_in_mrjob_conf_is_said_in_amazons_words(
    emr: Emr, cluster: Cluster, option: str, value: str, said: str, n_clusters: int
) -> None:
    before = emr.clusters()
    cluster.control("faults", {})
    assert emr.check_failed(emr.run(options={option: value}), said, before) == n_clusters
