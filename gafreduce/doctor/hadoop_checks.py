"""Checks of a Hadoop cluster: its client, file system, nodes, queue and their Python."""

from __future__ import annotations

import contextlib
import re
import secrets
import subprocess
from pathlib import Path

from gafreduce.doctor.checks import OK, CheckResults, NotCheckedError, ProblemError, run_check
from gafreduce.mrjob_conf import read_option
from gafreduce.processes import find_program
from gafreduce.storage import hadoop
from gafreduce.tempdir import temporary_folder

_VERSION = re.compile(r"Hadoop (\d+)\.(\d+)\S*")
#: Lines without a problem: `2026-11-24 22:05:54,618 INFO ...`, and those of a Java stack.
_PROGRESS = re.compile(r"(?:[\d/.-]+ [\d:,.]+ )?(?:INFO|DEBUG)\b|at [\w.$/]+\(|\.\.\. \d+ more")
_RUNNING = re.compile(r"Total Nodes:\s*(\d+)")
_SECONDS = 60.0
_JOB_SECONDS = 300.0
#: The setting of mrjob.conf for the queue of a job.
_QUEUE = "mapreduce.job.queuename"
_DEFAULT_QUEUE = "default"
_ANOTHER_QUEUE = f"name another: jobconf, {_QUEUE} in mrjob.conf"
_QUEUE_RUNS = re.compile(r"State\s*:\s*RUNNING")
_APPLICATION = re.compile(r"application_\d+_\d+")
_PYTHON = re.compile(r"Python (\d+)\.(\d+)")
_OLDEST = (3, 9)


def check_hadoop(conf: Path | None = None) -> CheckResults:
    """Yield the results of all checks; only the first one when there is no client.

    Args:
        conf: mrjob.conf.
    """
    found = run_check("hadoop", lambda: hadoop.find_binary(conf))
    yield found
    if found.state != OK:
        return
    binary, folder = found.message, hadoop.find_temporary_folder(conf)
    yield run_check("version", lambda: _check_version(binary))
    jar = read_option("hadoop", conf, "hadoop_streaming_jar")
    yield run_check("streaming", lambda: _find_streaming_jar(binary, jar).name)
    yield run_check("default file system", lambda: _check_file_system(binary))
    yield run_check("Kerberos", lambda: _check_ticket(binary))
    yield run_check("safe mode", lambda: _check_safe_mode(binary))
    yield run_check("temporary folder", lambda: _check_temporary_folder(binary, folder))
    yield run_check("nodes", lambda: _count_nodes(binary))
    named = str((read_option("hadoop", conf, "jobconf") or {}).get(_QUEUE) or _DEFAULT_QUEUE)
    found = run_check(f"queue {named}", lambda: _check_queue(binary, named))
    yield found
    queue = named if found.state == OK else _DEFAULT_QUEUE  # one problem is reported once
    python = read_option("hadoop", conf, "python_bin") or "python3"
    python = python if isinstance(python, str) else " ".join(python)
    yield run_check("nodes' Python", lambda: _check_node_python(binary, folder, python, jar, queue))


def _run(*command: str, seconds: float | None = None) -> str:
    """Run a program of Hadoop and return its output.

    Raises:
        ProblemError: It failed, or took too long.
    """
    limit = seconds or _SECONDS
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=limit)
    except subprocess.TimeoutExpired as error:
        _end_applications(_find_sibling(command[0], "yarn"), error)
        raise ProblemError(
            f"no response within {limit:.0f} s", "check that the service runs, and its address"
        ) from error
    if done.returncode:
        raise ProblemError(_find_message(done), "see Hadoop's own logs")
    return done.stdout


def _end_applications(yarn: str, late: subprocess.TimeoutExpired) -> None:
    """End the YARN applications of a program that took too long: they go on without it."""
    text = b"".join(each for each in (late.stdout, late.stderr) if each).decode(errors="replace")
    hadoop.kill_applications(yarn, dict.fromkeys(_APPLICATION.findall(text)))


def _find_message(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last line of output that is not about progress; errors can be on stdout."""
    lines = [line.strip() for line in (done.stdout + "\n" + done.stderr).splitlines()]
    lines = [line for line in lines if line]
    errors = [line for line in lines if not _PROGRESS.match(line)]
    return (errors or lines or ["it failed without printing anything"])[-1]


def _find_sibling(binary: str, name: str) -> str:
    return str(Path(binary).with_name(name))


def _check_version(binary: str) -> str:
    output = _run(binary, "version")
    found = _VERSION.search(output)
    if found is None or int(found.group(1)) < 3:
        raise ProblemError(
            output.partition("\n")[0], "use Hadoop 3: gafreduce is tested with it only"
        )
    return found.group(0)


def _find_streaming_jar(binary: str, named: str | None) -> Path:
    if named:
        if not Path(named).is_file():
            raise ProblemError(f"{named}: no such file", "hadoop_streaming_jar in mrjob.conf")
        return Path(named)
    home = Path(binary).resolve().parents[1]
    found = sorted(home.glob("**/hadoop-streaming*.jar"))
    if not found:
        raise ProblemError(
            f"no hadoop-streaming*.jar below {home}", "name it: hadoop_streaming_jar in mrjob.conf"
        )
    return found[0]


def _read_setting(binary: str, name: str) -> str:
    return _run(_find_sibling(binary, "hdfs"), "getconf", "-confKey", name).strip()


def _check_file_system(binary: str) -> str:
    found = _read_setting(binary, "fs.defaultFS")
    if hadoop.is_local_file_system(found):
        raise ProblemError(
            f"{found}: this machine's disk, not the cluster's", "set HADOOP_CONF_DIR"
        )
    return found


def _check_ticket(binary: str) -> str:
    if _read_setting(binary, "hadoop.security.authentication") != "kerberos":
        return "not required"
    program = find_program("klist")
    if program is None:
        raise NotCheckedError("required, but there is no klist to look for a ticket")
    if subprocess.run([program, "-s"], check=False).returncode:
        raise ProblemError("required, but there is no valid ticket", "run kinit")
    return "valid ticket"


def _check_safe_mode(binary: str) -> str:
    if "ON" in _run(_find_sibling(binary, "hdfs"), "dfsadmin", "-safemode", "get"):
        raise ProblemError("HDFS is read-only", "wait, or hdfs dfsadmin -safemode leave")
    return "off"


def _check_temporary_folder(binary: str, folder: str) -> str:
    _run(binary, "fs", "-D", hadoop.PRIVATE, "-mkdir", "-p", folder)
    return f"{folder} exists"


def _count_nodes(binary: str) -> str:
    found = _RUNNING.search(_run(_find_sibling(binary, "yarn"), "node", "-list"))
    n_nodes = int(found.group(1)) if found else 0
    if not n_nodes:
        raise ProblemError("YARN has no running node", "start the NodeManagers")
    return f"{n_nodes} running"


def _check_queue(binary: str, queue: str) -> str:
    try:
        output = _run(_find_sibling(binary, "yarn"), "queue", "-status", queue)
    except ProblemError as problem:
        raise ProblemError(problem.message, _ANOTHER_QUEUE) from problem
    if not _QUEUE_RUNS.search(output):
        line = output.strip().partition("\n")[0] or "unknown queue"
        raise ProblemError(line, _ANOTHER_QUEUE)
    return "running"


def _check_node_python(binary: str, folder: str, python: str, jar: str | None, queue: str) -> str:
    """Return the version of the nodes' Python, by a job of one line; it takes half a minute."""
    place = f"{folder}/doctor/{secrets.token_hex(4)}"
    try:
        with temporary_folder() as here:
            line = here / "line"
            line.write_text("x\n", newline="\n")
            _run(binary, "fs", "-D", hadoop.PRIVATE, "-mkdir", "-p", place)
            _run(binary, "fs", "-put", str(line), f"{place}/in")
        _run(
            *(binary, "jar", str(_find_streaming_jar(binary, jar))),
            *("-D", "mapreduce.job.reduces=0", "-D", f"{_QUEUE}={queue}"),
            *("-D", "mapreduce.map.maxattempts=1", "-D", "mapreduce.job.ubertask.enable=true"),
            *("-input", f"{place}/in", "-output", f"{place}/out"),
            *("-mapper", f"sh -c 'cat >/dev/null; {python} -V'"),
            seconds=_JOB_SECONDS,
        )
        output = _run(binary, "fs", "-cat", f"{place}/out/part-*")
    finally:
        with contextlib.suppress(ProblemError):
            _run(binary, "fs", "-rm", "-r", "-f", "-skipTrash", place)
    version = output.strip().partition("\n")[0].strip()
    found = _PYTHON.search(version)
    if found is None or (int(found[1]), int(found[2])) < _OLDEST:
        raise ProblemError(
            version or f"no {python}", "name Python 3.9 or later: python_bin in mrjob.conf"
        )
    return version
