"""`gafreduce doctor hadoop` against the real one: all well, and what is wrong with what to do."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from job_runs import GO_SAMPLES, Run
from minihadoop.cluster import find_node_python
from test_faults_config import safe_mode

Doctor = Callable[[Path], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def doctor(run: Run) -> Doctor:
    """Return a function that has the doctor look at the cluster with a mrjob.conf."""

    def doctor(conf: Path) -> subprocess.CompletedProcess[str]:
        asked = (sys.executable, "-W", "ignore", "-m", "gafreduce", "doctor", "hadoop")
        return run([*asked, "--conf", conf, "--ontology", GO_SAMPLES])

    return doctor


def problems(said: str) -> dict[str, str]:
    """Return the checks that did not find all well, by name."""
    lines = [line.split(maxsplit=1) for line in said.splitlines() if not line.startswith("ok ")]
    assert all(state == "problem" for state, _ in lines), said
    return {text.partition(":")[0]: text for _, text in lines}


def test_doctor_finds_this_cluster_well(doctor: Doctor, mrjob_conf: Path) -> None:
    asked = [find_node_python(), "-V"]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    done = doctor(mrjob_conf)
    assert (done.returncode, problems(done.stdout)) == (0, {}), done.stdout + done.stderr
    said = {line[12:].partition(":")[0]: line for line in done.stdout.splitlines()}
    for name, words in {
        "default file system": "hdfs://127.0.0.1:",
        "Kerberos": "not required",
        "safe mode": "off",
        "nodes": "2 running",
        "queue default": "running",
        "nodes' Python": version,  # the one that containers are meant to have
    }.items():
        assert words in said[name]


def test_queue_that_does_not_exist_is_said_with_what_to_do(
    doctor: Doctor, mrjob_conf: Path, tmp_path: Path
) -> None:
    conf = yaml.safe_load(mrjob_conf.read_text())
    conf["runners"]["hadoop"]["jobconf"]["mapreduce.job.queuename"] = "nowhere"
    path = tmp_path / "mrjob.conf"
    path.write_text(yaml.safe_dump(conf))
    done = doctor(path)
    found = problems(done.stdout)
    assert done.returncode == 1
    assert list(found) == ["queue nowhere"], done.stdout
    assert (
        "-> name another: jobconf, mapreduce.job.queuename in mrjob.conf" in found["queue nowhere"]
    )


@pytest.mark.faults
@pytest.mark.alone
def test_safe_mode_is_said_with_what_to_do(doctor: Doctor, run: Run, mrjob_conf: Path) -> None:
    with safe_mode(run):
        done = doctor(mrjob_conf)
    found = problems(done.stdout)
    assert done.returncode == 1
    assert found["safe mode"].endswith("-> wait, or hdfs dfsadmin -safemode leave")
    assert "safe mode" in found["nodes' Python"]  # where something has to be written
    # the folder may be there from before
    assert found.keys() - {"temporary folder"} == {"safe mode", "nodes' Python"}, done.stdout
