"""Tests of the known failures of Hadoop, and of the choice among several."""

from __future__ import annotations

import pytest

from gafreduce.diagnosis import known_failures

# Messages of the client of Hadoop 3.4, by known failure.
EXAMPLES = {
    "disk": [
        "FSError: java.io.IOException: No space left on device",
        "Error: org.apache.hadoop.util.DiskChecker$DiskErrorException: Could not find any valid "
        "local directory for attempt_1_0015_m_000006_0_spill_0.out with requested size 40660",
        "org.apache.hadoop.util.DiskChecker$DiskErrorException: No space available in any of the "
        "local directories /yarn/local/usercache/root",
        "1/1 local-dirs are bad: /yarn/local; 1/1 log-dirs are bad: /yarn/logs",
        "OSError: [Errno 28] No space left on device: '/yarn/local/x'",
    ],
    "file system": [
        "org.apache.hadoop.ipc.RemoteException(java.io.IOException): File /tmp/a could only be "
        "written to 0 of the 1 minReplication nodes. There are 1 datanode(s) running",
    ],
    "container memory": [
        "[2026-11-24 21:37:58.668]Container [pid=1,containerID=container_1_1_01_000002] is running "
        "332226560B beyond the 'PHYSICAL' memory limit. Current usage: 1.3 GB of 1 GB physical",
        "Container [pid=2] is running beyond virtual memory limits. Current usage",
    ],
    "Java's memory": ['Exception in thread "main" java.lang.OutOfMemoryError: Java heap space'],
    "too large": [
        "org.apache.hadoop.yarn.exceptions.InvalidResourceRequestException: Invalid resource "
        "request! Cannot allocate containers as requested resource is greater than maximum",
    ],
    "queue": [
        "Failed to submit application_1_0003 to YARN : Application application_1_0003 submitted by "
        "user root to unknown queue: nowhere",
    ],
    "timeout": [
        "AttemptID:attempt_1_0001_m_000000_0 Timed out after 600 secs",
        "AttemptID:attempt_1_0001_m_000000_0 task timeout set: 600s, taskTimedOut: true; task stuck "
        "timeout set: 600s, taskStuck: false",
    ],
    "lost node": ["Container released on a *lost* node", "Container released on a lost node"],
    "no Python": ["setup-wrapper.sh: line 2: python3.99: command not found"],
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in EXAMPLES.items() for text in texts]
)
def test_each_failure_is_recognised_and_described(name: str, text: str) -> None:
    found = known_failures.find_cause(
        f"Task Id : attempt_1_0001_m_000000_0, Status : FAILED\n{text}\n\tat x.Y"
    )
    assert found is not None
    assert found.failure.name == name
    words = found.describe()
    assert words.startswith(f"the job failed: {found.failure.meaning}: ")
    assert words.endswith(f" ({found.failure.fix})")
    assert known_failures.find_cause(found.message) is not None  # the message still shows it
    assert "\n" not in words


def test_every_failure_has_an_example_of_hadoops_messages() -> None:
    assert list(EXAMPLES) == [cause.name for cause in known_failures.KNOWN_FAILURES]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PipeMapRed.waitOutputThreads(): subprocess failed with code 137", "killed"),
        ("Container killed on request. Exit code is 137", "killed"),
        ("Container exited with a non-zero exit code 143.", "ended"),
        ("PipeMapRed.waitOutputThreads(): subprocess failed with code 143", "ended"),
        ("PipeMapRed.waitOutputThreads(): subprocess failed with code 1", ""),
        ("Container exited with a non-zero exit code 1370", ""),
    ],
)
def test_a_killed_task_is_recognised_by_its_exit_code(text: str, name: str) -> None:
    assert known_failures.find_cause(text) is None
    found = known_failures.find_cause(text, known_failures.KILLED_TASKS)
    assert (found.failure.name if found else "") == name


def test_a_long_message_is_cut_around_the_match() -> None:
    found = known_failures.find_cause(f"{'a' * 1000} No space left on device {'b' * 1000}")
    assert found is not None
    assert "No space left on device" in found.message
    assert len(found.message) <= 200


def attempt(task: int, number: int, error: str) -> str:
    name = f"attempt_17_0001_m_{task:06d}_{number}"
    return f"Task Id : {name}, Status : FAILED\nError: {error}"


FULL, DAMAGED = "No space left on device", "java.io.EOFException: Unexpected end of input stream"
ENDED = "java.lang.RuntimeException: subprocess failed with code 143"
END = (
    "Job job_17_0001 failed with state FAILED due to: Task failed task_17_0001_m_000002\n"
    "Job failed as tasks failed. failedMaps:1"
)


@pytest.mark.parametrize(
    ("messages", "name"),
    [
        ([attempt(2, 0, FULL), END], "disk"),
        ([attempt(2, 0, FULL), attempt(2, 1, ENDED), END], "disk"),
        # another task's trouble, after which it was done again
        ([attempt(1, 0, FULL), attempt(2, 0, DAMAGED), END], ""),
        # its own message shows that it was killed: others have the cause
        ([attempt(1, 0, FULL), attempt(2, 0, ENDED), END], "disk"),
        ([attempt(2, 0, ENDED), END], ""),
        # no task failed: the ApplicationMaster did
        (["Job job_17_0001 failed with state FAILED due to: 1/1 local-dirs are bad: /a"], "disk"),
        ([], ""),
    ],
)
def test_messages_of_the_task_that_failed_the_job_count(messages: list[str], name: str) -> None:
    found = known_failures.find_cause_of_job(messages)
    assert (found.failure.name if found else "") == name


def test_the_most_trusted_of_several_causes_is_chosen() -> None:
    several = [
        known_failures.find_cause(EXAMPLES[name][0]) for name in ("timeout", "disk", "lost node")
    ]
    found = known_failures.choose_cause(each for each in several if each)
    assert found is not None
    assert found.failure.name == "disk"
    assert known_failures.choose_cause([]) is None
