"""Checks of a Hadoop: its client, its file system, its nodes, and whether one may use them."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from gafreduce.doctor.checks import OK, Checks, NotCheckedError, ProblemError, examine
from gafreduce.mrjob_conf import read_option
from gafreduce.storage import hadoop

_VERSION = re.compile(r"Hadoop (\d+)\.(\d+)\S*")
#: Lines that tell nothing of trouble: `2026-11-24 22:05:54,618 INFO ...`, and where in the code.
_PROGRESS = re.compile(r"(?:[\d/.-]+ [\d:,.]+ )?(?:INFO|DEBUG)\b|at [\w.$/]+\(|\.\.\. \d+ more")
_RUNNING = re.compile(r"Total Nodes:\s*(\d+)")
_SECONDS = 60.0
_JOB_SECONDS = 300.0
#: Which queue a job goes to, as mrjob.conf says it.
_QUEUE = "mapreduce.job.queuename"
_DEFAULT_QUEUE = "default"
_ANOTHER_QUEUE = f"name another: jobconf, {_QUEUE} in mrjob.conf"
_QUEUE_RUNS = re.compile(r"State\s*:\s*RUNNING")
_APPLICATION = re.compile(r"application_\d+_\d+")
_PYTHON = re.compile(r"Python (\d+)\.(\d+)")
_OLDEST = (3, 9)


def checks(conf: Path | None = None) -> Checks:
    """Yield what the client says; nothing after the first check when there is none.

    Args:
        conf: mrjob.conf, which may name the temporary folder.
    """
    found = examine("hadoop", hadoop.find_binary)
    yield found
    if found.state != "ok":
        return
    binary, folder = found.found, hadoop.temporary(conf)
    yield examine("version", lambda: _version(binary))
    jar = read_option("hadoop", conf, "hadoop_streaming_jar")
    yield examine("streaming", lambda: _streaming(binary, jar).name)
    yield examine("default file system", lambda: _file_system(binary))
    yield examine("Kerberos", lambda: _ticket(binary))
    yield examine("safe mode", lambda: _safe_mode(binary))
    yield examine("temporary folder", lambda: _temporary_folder(binary, folder))
    yield examine("nodes", lambda: _nodes(binary))
    named = str((read_option("hadoop", conf, "jobconf") or {}).get(_QUEUE) or _DEFAULT_QUEUE)
    found = examine(f"queue {named}", lambda: _queue(binary, named))
    yield found
    queue = named if found.state == OK else _DEFAULT_QUEUE  # one problem is told once
    python = read_option("hadoop", conf, "python_bin") or "python3"
    python = python if isinstance(python, str) else " ".join(python)
    yield examine("nodes' Python", lambda: _node_python(binary, folder, python, jar, queue))


def _said(*command: str, seconds: float | None = None) -> str:
    """Run a program of Hadoop and return what it prints.

    Raises:
        ProblemError: It failed, or took too long.
    """
    limit = seconds or _SECONDS
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=limit)
    except subprocess.TimeoutExpired as error:
        _end_applications(error)
        raise ProblemError(
            f"no answer within {limit:.0f} s", "look whether the service runs and its address"
        ) from error
    if done.returncode:
        raise ProblemError(_last_words(done), "see Hadoop's own logs")
    return done.stdout


def _end_applications(late: subprocess.TimeoutExpired) -> None:
    """End what a program started that was too slow: YARN goes on without it."""
    said = b"".join(each for each in (late.stdout, late.stderr) if each).decode(errors="replace")
    hadoop.kill_applications(dict.fromkeys(_APPLICATION.findall(said)))


def _last_words(done: subprocess.CompletedProcess[str]) -> str:
    """Return the last line that is no report of progress; some programs complain on stdout."""
    said = [line.strip() for line in (done.stdout + "\n" + done.stderr).splitlines()]
    said = [line for line in said if line]
    complaints = [line for line in said if not _PROGRESS.match(line)]
    return (complaints or said or ["it failed without a word"])[-1]


def _beside(binary: str, name: str) -> str:
    return str(Path(binary).with_name(name))


def _version(binary: str) -> str:
    said = _said(binary, "version")
    found = _VERSION.search(said)
    if found is None or int(found.group(1)) < 3:
        raise ProblemError(
            said.partition("\n")[0], "use Hadoop 3: what is set here is tried on it only"
        )
    return found.group(0)


def _streaming(binary: str, named: str | None) -> Path:
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


def _setting(binary: str, name: str) -> str:
    return _said(_beside(binary, "hdfs"), "getconf", "-confKey", name).strip()


def _file_system(binary: str) -> str:
    found = _setting(binary, "fs.defaultFS")
    if found.startswith("file:"):
        raise ProblemError(
            f"{found}: this machine's disk, not the cluster's", "set HADOOP_CONF_DIR"
        )
    return found


def _ticket(binary: str) -> str:
    if _setting(binary, "hadoop.security.authentication") != "kerberos":
        return "not asked for"
    if shutil.which("klist") is None:
        raise NotCheckedError("asked for, and there is no klist here to look for a ticket")
    if subprocess.run(["klist", "-s"], check=False).returncode:
        raise ProblemError("asked for, and there is no valid ticket", "kinit")
    return "there is a valid ticket"


def _safe_mode(binary: str) -> str:
    if "ON" in _said(_beside(binary, "hdfs"), "dfsadmin", "-safemode", "get"):
        raise ProblemError("HDFS is read-only", "wait, or hdfs dfsadmin -safemode leave")
    return "off"


def _temporary_folder(binary: str, folder: str) -> str:
    _said(binary, "fs", "-D", hadoop.PRIVATE, "-mkdir", "-p", folder)
    return f"{folder} is there"


def _nodes(binary: str) -> str:
    found = _RUNNING.search(_said(_beside(binary, "yarn"), "node", "-list"))
    n_nodes = int(found.group(1)) if found else 0
    if not n_nodes:
        raise ProblemError("YARN has no running node", "start the NodeManagers")
    return f"{n_nodes} running"


def _queue(binary: str, queue: str) -> str:
    try:
        said = _said(_beside(binary, "yarn"), "queue", "-status", queue)
    except ProblemError as problem:
        raise ProblemError(problem.found, _ANOTHER_QUEUE) from problem
    if not _QUEUE_RUNS.search(said):
        said = said.strip().partition("\n")[0] or "nothing is known of it"
        raise ProblemError(said, _ANOTHER_QUEUE)
    return "running"


def _node_python(binary: str, folder: str, python: str, jar: str | None, queue: str) -> str:
    """Ask a task: a job of one line, which takes half a minute."""
    place = f"{folder}/doctor/{uuid.uuid4().hex[:8]}"
    try:
        with tempfile.TemporaryDirectory() as here:
            line = Path(here) / "line"
            line.write_text("x\n")
            _said(binary, "fs", "-D", hadoop.PRIVATE, "-mkdir", "-p", place)
            _said(binary, "fs", "-put", str(line), f"{place}/in")
        _said(
            *(binary, "jar", str(_streaming(binary, jar)), "-D", "mapreduce.job.reduces=0"),
            *("-D", f"{_QUEUE}={queue}"),
            *("-D", "mapreduce.map.maxattempts=1", "-D", "mapreduce.job.ubertask.enable=true"),
            *("-input", f"{place}/in", "-output", f"{place}/out"),
            *("-mapper", f"sh -c 'cat >/dev/null; {python} -V'"),
            seconds=_JOB_SECONDS,
        )
        said = _said(binary, "fs", "-cat", f"{place}/out/part-*").strip().partition("\n")[0].strip()
    finally:
        with contextlib.suppress(ProblemError):
            _said(binary, "fs", "-rm", "-r", "-f", "-skipTrash", place)
    found = _PYTHON.search(said)
    if found is None or (int(found[1]), int(found[2])) < _OLDEST:
        raise ProblemError(
            said or f"no {python}", "name one of 3.9 or later: python_bin in mrjob.conf"
        )
    return said
