"""The cluster: which daemons there are, how they start, how to use them, how they end.

| daemon | what it is |
|---|---|
| s3 | versitygw, an S3 server that keeps objects as files |
| namenode, datanode | HDFS |
| resourcemanager, nodemanager-0, nodemanager-1 | YARN, on which MapReduce jobs run |
| historyserver | what became of jobs whose ApplicationMaster is gone |
| control-plane | Amazon's EMR and IAM; its steps run on this Hadoop |

In a test: `with Cluster.started(scratch) as cluster: run(..., env=cluster.environment())`. Another
process that is to use it, and may kill and start its daemons, uses `Cluster.attached(...)`.
"""

from __future__ import annotations

import getpass
import json
import os
import shlex
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from minihadoop import configuration, history, processes
from minihadoop.build import Tools
from minihadoop.configuration import JVM_OPTIONS, LOOPBACK, Keys, Options, Ports
from minihadoop.history import JobHistory
from minihadoop.processes import Daemon, DaemonError

HARNESS_PATH = Path(__file__).parent.parent
DAEMON_HEAP = "-Xmx256m"
CLIENT_HEAP = "-Xmx512m"
START_SECONDS = 90
ACCOUNT = "123456789012"  # the account number that moto plays
STATE = "state.json"
CONTROL_PLANE = "control-plane"


@dataclass
class Cluster:
    """A Hadoop, an S3 server and a control plane on the loopback.

    Attributes:
        scratch: Everything that the cluster writes lies here; absolute, removed by `remove`.
        tools: The built parts.
        ports: Where things listen.
        options: Sizes and patience.
        keys: Credentials of the S3 server.
        node_python: The interpreter that containers find as `python3`.
        control_plane_name: Of the daemon that plays Amazon's; other processes have others.
        is_ours: This process has started the cluster.
    """

    scratch: Path
    tools: Tools
    ports: Ports
    options: Options = field(default_factory=Options)
    keys: Keys = field(default_factory=Keys)
    node_python: Path = field(default_factory=lambda: find_node_python())
    daemons: dict[str, Daemon] = field(default_factory=dict)
    control_plane_name: str = CONTROL_PLANE
    is_ours: bool = True

    @classmethod
    @contextmanager
    def started(
        cls, scratch: Path, tools: Tools, options: Options | None = None
    ) -> Iterator[Cluster]:
        """Run a cluster for the length of a `with` block, and stop it however that ends."""
        options = options or Options()
        cluster = cls(scratch.resolve(), tools, choose_ports(options), options)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()

    @classmethod
    @contextmanager
    def attached(cls, scratch: Path, tools: Tools, name: str) -> Iterator[Cluster]:
        """Use the cluster that another process has started, and will stop, in a `with` block.

        Amazon's control plane, in which faults are injected for the next caller, is one for
        this process alone.

        Args:
            scratch: Of the cluster.
            tools: The built parts.
            name: Of this process.

        Raises:
            DaemonError: No cluster was started there.
        """
        state = read_state(scratch)
        ports = {k: tuple(v) if isinstance(v, list) else v for k, v in state["ports"].items()}
        ports["control_plane"] = processes.free_ports(1)[0]
        cluster = cls(
            scratch.resolve(),
            tools,
            Ports(**ports),
            Options(**state["options"]),
            daemons={daemon.name: daemon for daemon in _recorded_daemons(state)},
            control_plane_name=f"{CONTROL_PLANE}-{name}",
            is_ours=False,
        )
        cluster.start_daemon(cluster.control_plane_name)
        try:
            cluster.wait_healthy()
            yield cluster
        finally:
            processes.stop([cluster.daemons[cluster.control_plane_name]])

    def start(self) -> None:
        """Write the configuration, start every daemon and return when all are healthy.

        Raises:
            DaemonError: A daemon ended or did not become healthy in time.
        """
        self._prepare()
        format_log = self.scratch / "logs" / "namenode-format.log"
        for name in ("s3", "resourcemanager", *self.nodemanagers, self.control_plane_name):
            self.start_daemon(name)
        with format_log.open("wb") as output:
            subprocess.run(
                [*self._java("client", "namenode"), "-format", "-nonInteractive"],
                env=self._daemon_environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                check=True,
            )
        for name in ("namenode", "datanode", "historyserver"):
            self.start_daemon(name)
        self.wait_healthy()

    def start_daemon(self, name: str) -> None:
        """Start one daemon, without waiting for its health; also after it was killed."""
        command = self._commands()[name]
        environment = self._daemon_environment()
        if name == "s3":
            environment |= {
                "ROOT_ACCESS_KEY": self.keys.access,
                "ROOT_SECRET_KEY": self.keys.secret,
            }
        log_file = self.scratch / "logs" / f"{name}.log"
        self.daemons[name] = processes.start(
            name, command, environment, self.marker(name), log_file
        )
        if self.is_ours:
            self._save()

    def wait_healthy(self, seconds: float = START_SECONDS) -> None:
        """Return when HDFS takes writes, every node is registered, and S3 and EMR answer."""
        for healthy, what in (
            (self._s3_answers, "S3 to answer"),
            (self._hdfs_is_writable, "HDFS to leave safe mode with a DataNode"),
            (self._history_answers, "the history server to answer"),
            (self._nodes_are_registered, f"{len(self.nodemanagers)} registered NodeManagers"),
            (self._control_plane_answers, "the control plane to answer"),
        ):
            processes.wait_until(healthy, self.daemons.values(), seconds, what)

    def stop(self) -> None:
        """Stop every daemon and every process that they started.

        NodeManagers go first, so that nobody restarts what was killed.
        """
        order = sorted(self.daemons.values(), key=lambda d: not d.name.startswith("nodemanager"))
        processes.stop(order)
        processes.kill_members(self.marker(""))
        self.daemons.clear()

    def kill(self, name: str) -> None:
        """End a daemon and all that it started as a dead host would: SIGKILL, no farewell.

        A NodeManager's containers outlive it; on a host that died they do not.
        """
        processes.kill_members(self.marker(name))
        processes.stop([self.daemons.pop(name)])  # it has ended: this only takes note

    @contextmanager
    def giving_up_nodes_after(self, milliseconds: int) -> Iterator[None]:
        """Have nodes be given up that are silent for so long, while a `with` block lasts.

        The ResourceManager restarts before and after, and knows no application of before: this
        is for a cluster that nobody else uses.
        """
        before = self.options
        try:
            self._restart_resourcemanager(replace(before, node_expiry_ms=milliseconds))
            yield
        finally:
            self._restart_resourcemanager(before)

    def _restart_resourcemanager(self, options: Options) -> None:
        self.options = options
        self.kill("resourcemanager")
        self._write_configuration("resourcemanager", uber=False)
        self.start_daemon("resourcemanager")
        self.wait_healthy()

    def last_words(self, count: int) -> str:
        """Return the last lines of every daemon's log."""
        logs = sorted((self.scratch / "logs").glob("*.log"))
        return "\n".join(f"--- {log.stem}\n{processes.tail(log, count)}" for log in logs)

    def remove(self) -> None:
        """Remove the scratch folder."""
        shutil.rmtree(self.scratch, ignore_errors=True)

    def marker(self, name: str) -> str:
        """Return what the member variable of a daemon's processes begins with; "" for all."""
        return f"{self.scratch}/{name}"

    @property
    def nodemanagers(self) -> list[str]:
        """Return the names of the NodeManagers."""
        return [f"nodemanager-{node}" for node in range(self.options.nodemanagers)]

    @property
    def s3_endpoint(self) -> str:
        """Return the S3 server's URL."""
        return f"http://{LOOPBACK}:{self.ports.s3}"

    @property
    def control_plane(self) -> str:
        """Return the URL of EMR, IAM and EC2."""
        return f"http://{LOOPBACK}:{self.ports.control_plane}"

    def environment(self, uber: bool = False) -> dict[str, str]:
        """Return the variables with which a client uses this cluster.

        Args:
            uber: Small jobs run inside their ApplicationMaster (see `configuration.mapred_site`).
        """
        return {
            "HADOOP_HOME": str(self.tools.hadoop_home),
            "HADOOP_CONF_DIR": str(self._conf("client-uber" if uber else "client")),
            "HADOOP_CLIENT_OPTS": f"{CLIENT_HEAP} {JVM_OPTIONS}",
            "PATH": f"{self.tools.hadoop_home}/bin:{os.environ['PATH']}",
            "AWS_ACCESS_KEY_ID": self.keys.access,
            "AWS_SECRET_ACCESS_KEY": self.keys.secret,
            "AWS_DEFAULT_REGION": configuration.REGION,
            "AWS_REGION": configuration.REGION,
            # One endpoint for S3 and one for every other service: boto3 reads both.
            "AWS_ENDPOINT_URL": self.control_plane,
            "AWS_ENDPOINT_URL_S3": self.s3_endpoint,
            # Nobody's own settings or keys may leak into a run against this cluster.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def shell_exports(self) -> str:
        """Return the environment as lines that a shell can source."""
        return "".join(f"export {k}={shlex.quote(v)}\n" for k, v in self.environment().items())

    def create_s3_user(self, name: str, secret: str) -> Keys:
        """Create a user without rights on the S3 server (the first one passes every policy)."""
        admin = [str(self.tools.versitygw), "admin", "-a", self.keys.access]
        admin += ["-s", self.keys.secret, "-er", self.s3_endpoint]
        subprocess.run(
            [*admin, "create-user", "-a", name, "-s", secret, "-r", "user"],
            check=True,
            capture_output=True,
        )
        return Keys(name, secret)

    def control(self, what: str, document: object = None) -> Any:
        """Return the control plane's answer to a request for tests; see `control_plane`."""
        request = urllib.request.Request(
            f"{self.control_plane}/_harness/{what}", data=json.dumps(document).encode()
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def live_applications(self, name: str) -> list[str]:
        """Return the YARN applications of this name that have not ended, by id."""
        states = "NEW,NEW_SAVING,SUBMITTED,ACCEPTED,RUNNING"
        url = f"http://{LOOPBACK}:{self.ports.resourcemanager_http}/ws/v1/cluster/apps"
        answer = _get(f"{url}?states={states}")
        apps = (json.loads(answer)["apps"] if answer else None) or {}
        return [app["id"] for app in apps.get("app", []) if app["name"] == name]

    def history(self, name: str, n_jobs: int = 2) -> list[JobHistory]:
        """Return what became of the MapReduce jobs of this name, in their order; waits for them.

        Raises:
            DaemonError: The history server does not know so many of them in time.
        """
        found: list[JobHistory] = []

        def are_known() -> bool:
            found[:] = history.jobs(self.ports.history_http, name)
            return len(found) >= n_jobs

        watched = [self.daemons["historyserver"]]
        processes.wait_until(are_known, watched, START_SECONDS, f"{n_jobs} jobs of {name}")
        return found

    def hdfs_names(self, folder: str) -> list[str]:
        """Return what lies in a folder of HDFS; nothing when there is no such folder."""
        answer = _get(self._hdfs_url(folder, "LISTSTATUS"))
        found = json.loads(answer)["FileStatuses"]["FileStatus"] if answer else []
        return [status["pathSuffix"] for status in found]

    def put_into_hdfs(self, path: Path, target: str, block_size: int) -> None:
        """Put a file into HDFS over HTTP: `hadoop fs` would start a JVM."""
        options = f"&overwrite=true&noredirect=true&blocksize={block_size}"
        ask = urllib.request.Request(self._hdfs_url(target, "CREATE") + options, method="PUT")
        with urllib.request.urlopen(ask, timeout=60) as answer:
            where = json.loads(answer.read())["Location"]
        send = urllib.request.Request(where, data=path.read_bytes(), method="PUT")
        urllib.request.urlopen(send, timeout=60).close()

    def _hdfs_url(self, path: str, operation: str) -> str:
        root = f"http://{LOOPBACK}:{self.ports.namenode_http}/webhdfs/v1"
        return f"{root}{urllib.parse.quote(path)}?op={operation}&user.name={getpass.getuser()}"

    def _prepare(self) -> None:
        self.scratch.mkdir(parents=True, exist_ok=True)
        for folder in ("logs", "tmp", "bin", "s3/root", "s3/iam", "s3/versions"):
            (self.scratch / folder).mkdir(parents=True)
        (self.scratch / "bin" / "python3").symlink_to(self.node_python)
        self._write_configuration("client", uber=False)
        self._write_configuration("client-uber", uber=True)
        self._write_configuration("resourcemanager", uber=False)
        for node, name in enumerate(self.nodemanagers):
            self._write_configuration(name, uber=False, node=node)

    def _write_configuration(self, name: str, uber: bool, node: int | None = None) -> None:
        home, conf = self.tools.hadoop_home, self._conf("client")
        configuration.write(
            self._conf(name),
            {
                "core-site.xml": configuration.core_site(self.scratch, self.ports, self.keys),
                "hdfs-site.xml": configuration.hdfs_site(self.scratch, self.ports, self.options),
                "yarn-site.xml": configuration.yarn_site(
                    self.scratch, home, conf, self.ports, self.options, node
                ),
                "mapred-site.xml": configuration.mapred_site(
                    home, conf, self.ports, self.options, uber
                ),
                "capacity-scheduler.xml": configuration.CAPACITY_SCHEDULER,
            },
        )

    def _conf(self, name: str) -> Path:
        return self.scratch / "conf" / name

    def _commands(self) -> dict[str, list[str]]:
        """Return the command of each daemon."""
        commands = {
            "s3": self._s3_command(),
            "namenode": self._java("client", "namenode"),
            "datanode": self._java("client", "datanode"),
            "resourcemanager": self._java("resourcemanager", "resourcemanager"),
            "historyserver": self._java("client", "historyserver"),
            self.control_plane_name: self._control_plane_command(),
        }
        return commands | {name: self._java(name, "nodemanager") for name in self.nodemanagers}

    def _java(self, conf: str, program: str) -> list[str]:
        """Return the command of a Java daemon that reads the configuration folder `conf`."""
        wrapper = str(self.tools.hadoop_home / "bin" / "hadoop")
        return ["env", f"HADOOP_CONF_DIR={self._conf(conf)}", wrapper, program]

    def _s3_command(self) -> list[str]:
        folder = self.scratch / "s3"
        return [
            *(str(self.tools.versitygw), "--port", f"{LOOPBACK}:{self.ports.s3}"),
            *("--region", configuration.REGION, "--iam-dir", str(folder / "iam")),
            *("--health", "/health", "--quiet", "posix"),
            *("--versioning-dir", str(folder / "versions"), str(folder / "root")),
        ]

    def _control_plane_command(self) -> list[str]:
        return [
            *(str(self.tools.moto_python), "-m", "minihadoop.control_plane"),
            *("--port", str(self.ports.control_plane), "--scratch", str(self.scratch)),
            *("--streaming-jar", str(self.tools.streaming_jar)),
        ]

    def _daemon_environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **self.environment(),
            "HADOOP_CLIENT_OPTS": f"{DAEMON_HEAP} {JVM_OPTIONS}",
            # Containers inherit the NodeManager's PATH, and find their python3 on it.
            "PATH": f"{self.scratch}/bin:{self.tools.hadoop_home}/bin:{os.environ['PATH']}",
            "JAVA_HOME": str(java_home()),
            # The control plane runs in a virtual environment of its own and finds this package;
            # its steps run in uber mode, which only small ones can.
            "PYTHONPATH": str(HARNESS_PATH),
            "MINIHADOOP_STEP_CONF_DIR": str(self._conf("client-uber")),
        }

    def _save(self) -> None:
        """Note what runs, so that another process can stop it."""
        state = {
            "scratch": str(self.scratch),
            "daemons": [
                {"name": d.name, "pid": d.pid, "log_file": str(d.log_file)}
                for d in self.daemons.values()
            ],
            "ports": asdict(self.ports),
            "options": asdict(self.options),
        }
        (self.scratch / STATE).write_text(json.dumps(state, indent=1))

    def _s3_answers(self) -> bool:
        return _get(f"{self.s3_endpoint}/health") is not None

    def _control_plane_answers(self) -> bool:
        names = _get(f"{self.control_plane}/_harness/names")
        return bool(names and json.loads(names))  # none until the account has been furnished

    def _hdfs_is_writable(self) -> bool:
        url = f"http://{LOOPBACK}:{self.ports.namenode_http}/jmx?qry=Hadoop:service=NameNode,name="
        info = _get(f"{url}NameNodeInfo")
        if not info:
            return False
        beans = json.loads(info)["beans"]  # none yet while it starts
        return any(not bean["Safemode"] and json.loads(bean["LiveNodes"]) for bean in beans)

    def _history_answers(self) -> bool:
        return processes.listens(self.ports.history)

    def _nodes_are_registered(self) -> bool:
        url = f"http://{LOOPBACK}:{self.ports.resourcemanager_http}/ws/v1/cluster/nodes"
        answer = _get(f"{url}?states=RUNNING")
        nodes = (json.loads(answer)["nodes"] if answer else None) or {}
        return len(nodes.get("node", [])) == len(self.nodemanagers)


def stop_recorded(scratch: Path) -> None:
    """Stop a cluster that another process started in this folder, and remove the folder.

    Raises:
        DaemonError: No cluster was started there.
    """
    scratch = scratch.resolve()
    daemons = _recorded_daemons(read_state(scratch))
    marker = f"{scratch}/"
    # A pid may have been given to another program since: only our own are stopped.
    ours = set(processes.members(marker))
    processes.stop(daemon for daemon in daemons if daemon.pid in ours)
    processes.kill_members(marker)
    shutil.rmtree(scratch)


def read_state(scratch: Path) -> dict[str, Any]:
    """Return what a running cluster has noted of itself.

    Raises:
        DaemonError: No cluster was started there.
    """
    if not (scratch / STATE).is_file():
        raise DaemonError(f"{scratch}: expected a running cluster, got none")
    return json.loads((scratch / STATE).read_text())  # type: ignore[no-any-return]


def _recorded_daemons(state: dict[str, Any]) -> list[Daemon]:
    return [Daemon(d["name"], d["pid"], Path(d["log_file"])) for d in state["daemons"]]


def choose_ports(options: Options) -> Ports:
    """Return free ports for a cluster of so many NodeManagers."""
    count = options.nodemanagers
    free = iter(processes.free_ports(15 + 3 * count))
    nodes = {
        name: tuple(next(free) for _ in range(count))
        for name in ("nodemanagers", "nodemanagers_localizer", "nodemanagers_http")
    }
    singles = [name for name in Ports.__dataclass_fields__ if name not in nodes]
    return Ports(**nodes, **{name: next(free) for name in singles})  # type: ignore[arg-type]


def find_node_python() -> Path:
    """Return the interpreter for containers: Python 3.9, which EMR 7 has, else our own.

    `$GAFREDUCE_NODE_PYTHON` names another one.
    """
    named = os.environ.get("GAFREDUCE_NODE_PYTHON")
    if named:
        return Path(named)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [*map(str, sorted(pyenv.glob("versions/3.9.*/bin/python3.9"))), "python3.9"]
    for candidate in candidates:
        ask = [candidate, "-c", "import sys; print(sys.executable)"]
        if shutil.which(candidate):
            answer = subprocess.run(ask, capture_output=True, text=True, check=False)
            if answer.returncode == 0:
                return Path(answer.stdout.strip())
    return Path(sys.executable).resolve()


def java_home() -> Path:
    """Return JAVA_HOME, or the home of the java on PATH."""
    java = os.environ.get("JAVA_HOME") or shutil.which("java")
    if java is None:
        raise DaemonError(
            "expected a Java on PATH, got none (apt-get install default-jdk-headless)"
        )
    path = Path(java).resolve()
    return path if path.is_dir() else path.parent.parent


def _get(url: str) -> str | None:
    """Return what a URL answers, or nothing when it does not answer with success."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, OSError):
        return None
