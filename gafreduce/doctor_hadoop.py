"""Checks of a Hadoop: its client, its file system, its nodes, and whether one may use them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from gafreduce import hadoop
from gafreduce.doctor import Checks, NotCheckedError, ProblemError, examine

_VERSION = re.compile(r"Hadoop (\d+)\.(\d+)\S*")
_RUNNING = re.compile(r"Total Nodes:\s*(\d+)")
_SECONDS = 60.0


def checks(conf: Path | None = None) -> Checks:
    """Yield what the client says; nothing after the first check when there is none.

    Args:
        conf: mrjob.conf, which may name the temporary folder.
    """
    found = examine("hadoop", hadoop.find_binary)
    yield found
    if found.state != "ok":
        return
    binary = found.found
    yield examine("version", lambda: _version(binary))
    yield examine("streaming", lambda: _streaming(binary))
    yield examine("default file system", lambda: _file_system(binary))
    yield examine("Kerberos", lambda: _ticket(binary))
    yield examine("safe mode", lambda: _safe_mode(binary))
    yield examine("temporary folder", lambda: _temporary_folder(binary, hadoop.temporary(conf)))
    yield examine("nodes", lambda: _nodes(binary))
    yield examine("nodes' Python", _node_python)


def _said(*command: str) -> str:
    """Run a program of Hadoop and return what it prints.

    Raises:
        ProblemError: It failed, or took too long.
    """
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise ProblemError(
            f"no answer within {_SECONDS:.0f} s", "look whether the service runs and its address"
        ) from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise ProblemError(
            lines[-1] if lines else "it failed without a word", "see Hadoop's own logs"
        )
    return done.stdout


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


def _streaming(binary: str) -> str:
    home = Path(binary).resolve().parents[1]
    found = sorted(home.glob("**/hadoop-streaming*.jar"))
    if not found:
        raise ProblemError(
            f"no hadoop-streaming*.jar below {home}", "name it: hadoop_streaming_jar in mrjob.conf"
        )
    return found[0].name


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


def _node_python() -> str:
    raise NotCheckedError(
        "only a task sees it: run data/samples with -r hadoop (python_bin in mrjob.conf names it)"
    )
