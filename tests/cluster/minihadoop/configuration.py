"""Every setting of the minimal Hadoop, and why it is set.

Hadoop reads five files from `$HADOOP_CONF_DIR`. `write` makes that folder for one daemon or for the
clients: the files are the same but for the few addresses and folders a NodeManager has of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

LOOPBACK = "127.0.0.1"
REGION = "us-east-1"
MIB = 1024 * 1024

# JVM options of every Java program here: one collector thread, only the quick compiler and no
# verification of byte code (a fifth of a short program's time), because a small machine starts many
# short-lived JVMs; the last one is what Hadoop 3.4 needs on Java 17.
JVM_OPTIONS = (
    "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -Djava.net.preferIPv4Stack=true "
    "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote "
    "--add-opens=java.base/java.lang=ALL-UNNAMED"
)

# An environment variable that every daemon and, through the NodeManager, every container carries:
# by it the processes of this cluster are found, however they were started.
MEMBER_VARIABLE = "GAFREDUCE_CLUSTER_MEMBER"

LOG4J = """\
# mrjob reads job ids and counters from the console, in exactly this layout.
log4j.rootLogger=INFO,console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.target=System.err
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %p %c{2}: %m%n
"""

Settings = Mapping[str, object]


@dataclass(frozen=True)
class Ports:
    """Free TCP ports on the loopback address, one for each thing that listens."""

    namenode: int
    namenode_http: int
    datanode: int
    datanode_http: int
    datanode_ipc: int
    resourcemanager: int
    resourcemanager_scheduler: int
    resourcemanager_tracker: int
    resourcemanager_admin: int
    resourcemanager_http: int
    history: int
    history_http: int
    history_admin: int
    nodemanagers: tuple[int, ...]
    nodemanagers_localizer: tuple[int, ...]
    nodemanagers_http: tuple[int, ...]
    s3: int
    control_plane: int


@dataclass(frozen=True)
class Options:
    """What differs between a cluster for quick tests, one for faults and one to try things on.

    Attributes:
        nodemanagers: How many; each is one "machine".
        node_memory_mib: What one NodeManager gives to containers.
        expiry_ms: An ApplicationMaster that is silent for so long is dead.
        node_expiry_ms: The same of a NodeManager.
        block_size: HDFS block size in bytes, so the split size of a plain file.
        task_timeout_ms: A task that neither reads, writes nor reports for so long is killed.
        max_attempts: Attempts of a task before the job fails.
    """

    nodemanagers: int = 2
    node_memory_mib: int = 3072
    expiry_ms: int = 600_000
    node_expiry_ms: int = 600_000
    block_size: int = 16 * MIB
    task_timeout_ms: int = 600_000
    max_attempts: int = 4


@dataclass(frozen=True)
class Keys:
    """Credentials of the S3 server's first user; made up, and only good on the loopback."""

    access: str = "testadmin"
    secret: str = "testadminsecret"


def core_site(scratch: Path, ports: Ports, keys: Keys) -> Settings:
    """Return core-site.xml: the default file system and S3A."""
    s3a = "org.apache.hadoop.fs.s3a.S3AFileSystem"
    return {
        # mrjob takes HDFS for granted: a path without a scheme becomes hdfs:///user/...
        "fs.defaultFS": f"hdfs://{LOOPBACK}:{ports.namenode}",
        "hadoop.tmp.dir": scratch / "tmp",
        "hadoop.http.staticuser.user": "nobody",
        # A dead peer is noticed in seconds: retries for a network's sake would only slow tests.
        "ipc.client.connect.max.retries": 5,
        "ipc.client.connect.retry.interval": 500,
        # S3A speaks to the S3 server on the loopback. `fs.s3.impl` lets the s3:// URIs of a step
        # work as they are on EMR 7.10 and later, where s3:// is S3A.
        "fs.s3.impl": s3a,
        "fs.s3a.impl": s3a,
        "fs.AbstractFileSystem.s3.impl": "org.apache.hadoop.fs.s3a.S3A",
        "fs.s3a.endpoint": f"http://{LOOPBACK}:{ports.s3}",
        "fs.s3a.endpoint.region": REGION,
        "fs.s3a.path.style.access": "true",
        "fs.s3a.connection.ssl.enabled": "false",
        "fs.s3a.access.key": keys.access,
        "fs.s3a.secret.key": keys.secret,
        "fs.s3a.buffer.dir": scratch / "tmp" / "s3a",
        "fs.s3a.block.size": 16 * MIB,
    }


def hdfs_site(scratch: Path, ports: Ports, options: Options) -> Settings:
    """Return hdfs-site.xml: one copy of each block, small blocks, loopback addresses."""
    return {
        "dfs.replication": 1,
        "dfs.blocksize": options.block_size,
        "dfs.namenode.fs-limits.min-block-size": 4096,
        "dfs.namenode.name.dir": f"file://{scratch}/hdfs/name",
        "dfs.datanode.data.dir": f"file://{scratch}/hdfs/data",
        "dfs.namenode.rpc-bind-host": LOOPBACK,
        "dfs.namenode.http-address": f"{LOOPBACK}:{ports.namenode_http}",
        "dfs.datanode.address": f"{LOOPBACK}:{ports.datanode}",
        "dfs.datanode.http.address": f"{LOOPBACK}:{ports.datanode_http}",
        "dfs.datanode.ipc.address": f"{LOOPBACK}:{ports.datanode_ipc}",
        "dfs.datanode.hostname": LOOPBACK,
        # The NameNode refuses a DataNode whose address has no name; the loopback may have none.
        "dfs.namenode.datanode.registration.ip-hostname-check": "false",
        "dfs.namenode.safemode.extension": 0,
        # Disk that others use is not this cluster's concern.
        "dfs.datanode.du.reserved": 0,
    }


def yarn_site(
    scratch: Path, home: Path, conf: Path, ports: Ports, options: Options, node: int | None
) -> Settings:
    """Return yarn-site.xml, with the addresses and folders of NodeManager `node` if given."""
    settings: dict[str, object] = {
        "yarn.resourcemanager.hostname": LOOPBACK,
        "yarn.resourcemanager.bind-host": LOOPBACK,
        "yarn.resourcemanager.address": f"{LOOPBACK}:{ports.resourcemanager}",
        "yarn.resourcemanager.scheduler.address": f"{LOOPBACK}:{ports.resourcemanager_scheduler}",
        "yarn.resourcemanager.resource-tracker.address": (
            f"{LOOPBACK}:{ports.resourcemanager_tracker}"
        ),
        "yarn.resourcemanager.admin.address": f"{LOOPBACK}:{ports.resourcemanager_admin}",
        "yarn.resourcemanager.webapp.address": f"{LOOPBACK}:{ports.resourcemanager_http}",
        # Else in /tmp, where two clusters that start at once take it from each other.
        "yarn.node-attribute.fs-store.root-dir": f"file://{scratch}/yarn/node-attributes",
        "yarn.node-labels.fs-store.root-dir": f"file://{scratch}/yarn/node-labels",
        # How soon a dead node, or a dead ApplicationMaster, is given up.
        "yarn.nm.liveness-monitor.expiry-interval-ms": options.node_expiry_ms,
        "yarn.am.liveness-monitor.expiry-interval-ms": options.expiry_ms,
        "yarn.resourcemanager.nodemanagers.heartbeat-interval-ms": 100,
        # A client asks whether its application was accepted, or is killed by now.
        "yarn.client.application-client-protocol.poll-interval-ms": 50,
        # NodeManagers start at the same time as the ResourceManager and wait for it; clients do so too.
        **{
            f"yarn.{who}.connect.{what}": milliseconds
            for who in ("resourcemanager", "nodemanager.resourcemanager")
            for what, milliseconds in (("max-wait.ms", 30_000), ("retry-interval.ms", 500))
        },
        # An ApplicationMaster asks a dead node to end containers, three minutes long by default,
        # before it takes their tasks for ended.
        "yarn.client.nodemanager-connect.max-wait-ms": 5_000,
        "yarn.client.nodemanager-connect.retry-interval-ms": 500,
        # What a NodeManager offers, and the smallest piece of it.
        "yarn.nodemanager.resource.memory-mb": options.node_memory_mib,
        "yarn.nodemanager.resource.cpu-vcores": 4,
        "yarn.scheduler.minimum-allocation-mb": 256,
        # Virtual memory of a JVM says nothing; the tests' memory is measured elsewhere.
        "yarn.nodemanager.pmem-check-enabled": "false",
        "yarn.nodemanager.vmem-check-enabled": "false",
        # Else a disk that is 90 % full makes every node "unhealthy".
        "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": 99.9,
        "yarn.nodemanager.aux-services": "mapreduce_shuffle",
        "yarn.application.classpath": f"{conf},{home}/share/hadoop/*",
        # PATH finds python3 in containers. It has to be set: a variable of the whitelist is what bash
        # makes of it, and a bash that gets no PATH has one of its own. The other finds containers.
        "yarn.nodemanager.admin-env": f"PATH={scratch}/bin:/usr/local/bin:/usr/bin:/bin",
        "yarn.nodemanager.env-whitelist": f"JAVA_HOME,HADOOP_CONF_DIR,{MEMBER_VARIABLE}",
        # Logs of a finished application go to HDFS, so that `yarn logs` shows them: the failed
        # attempt's log names the input file that Hadoop's own message leaves out.
        "yarn.log-aggregation-enable": "true",
        "yarn.nodemanager.remote-app-log-dir": "/tmp/logs",
        "yarn.nodemanager.delete.debug-delay-sec": 0,
    }
    if node is not None:
        settings |= _nodemanager(scratch, ports, node)
    return settings


def _nodemanager(scratch: Path, ports: Ports, node: int) -> Settings:
    """Return what a NodeManager has of its own; two on one machine clash in everything here."""
    folder = node_folder(scratch, node)
    return {
        "yarn.nodemanager.hostname": LOOPBACK,
        "yarn.nodemanager.bind-host": LOOPBACK,
        "yarn.nodemanager.address": f"{LOOPBACK}:{ports.nodemanagers[node]}",
        "yarn.nodemanager.localizer.address": f"{LOOPBACK}:{ports.nodemanagers_localizer[node]}",
        "yarn.nodemanager.webapp.address": f"{LOOPBACK}:{ports.nodemanagers_http[node]}",
        # Absolute, else every container fails with "Stdout path must be absolute".
        "yarn.nodemanager.local-dirs": folder / "local",
        "yarn.nodemanager.log-dirs": folder / "logs",
    }


def mapred_site(home: Path, conf: Path, ports: Ports, options: Options, uber: bool) -> Settings:
    """Return mapred-site.xml: tasks small enough for a small machine.

    Args:
        home: HADOOP_HOME.
        conf: The configuration folder that containers read.
        ports: Where things listen.
        options: Sizes and patience.
        uber: Run a small job's tasks inside the ApplicationMaster, one after another: half the
            time of containers, and right for tests that are not about containers. Hadoop uses it
            for at most one reducer and falls back to containers by itself.
    """
    memory = {"memory.mb": 512, "java.opts": f"-Xmx400m {JVM_OPTIONS}"}
    tasks = {f"mapreduce.{kind}.{k}": v for kind in ("map", "reduce") for k, v in memory.items()}
    return tasks | {
        "mapreduce.framework.name": "yarn",
        "mapreduce.application.classpath": f"{conf},{home}/share/hadoop/*",
        "yarn.app.mapreduce.am.resource.mb": 512,
        "yarn.app.mapreduce.am.command-opts": f"-Xmx400m {JVM_OPTIONS}",
        # A job here takes seconds: its ApplicationMaster and its client ask each other ten times
        # in one, not once, else most of a small run is waiting.
        "yarn.app.mapreduce.am.scheduler.heartbeat.interval-ms": 100,
        "mapreduce.client.progressmonitor.pollinterval": 100,
        "mapreduce.client.completion.pollinterval": 100,
        # Whom a client asks that misses the end of a job because its ApplicationMaster is gone.
        "mapreduce.jobhistory.address": f"{LOOPBACK}:{ports.history}",
        "mapreduce.jobhistory.webapp.address": f"{LOOPBACK}:{ports.history_http}",
        "mapreduce.jobhistory.admin.address": f"{LOOPBACK}:{ports.history_admin}",
        # Any free port for each NodeManager's shuffle. Not in yarn-site.xml: MapReduce's own
        # defaults are read after that file and would win.
        "mapreduce.shuffle.port": 0,
        "mapreduce.map.maxattempts": options.max_attempts,
        "mapreduce.reduce.maxattempts": options.max_attempts,
        "mapreduce.task.timeout": options.task_timeout_ms,
        # Hadoop's default, and wrong where output goes straight to S3: said once, here.
        "mapreduce.map.speculative": "false",
        "mapreduce.reduce.speculative": "false",
        "mapreduce.job.ubertask.enable": str(uber).lower(),
        "mapreduce.job.ubertask.maxmaps": 16,
        "mapreduce.job.ubertask.maxbytes": 256 * MIB,
        "mapreduce.task.io.sort.mb": 64,
    }


CAPACITY_SCHEDULER: Settings = {
    # Required: without a queue the ResourceManager does not start.
    "yarn.scheduler.capacity.root.queues": "default",
    "yarn.scheduler.capacity.root.default.capacity": 100,
    # Half of the memory may be ApplicationMasters, else a second job waits for the first.
    "yarn.scheduler.capacity.maximum-am-resource-percent": 0.5,
}


def node_folder(scratch: Path, node: int) -> Path:
    """Return the folder of one NodeManager's working files."""
    return scratch / "yarn" / f"nodemanager-{node}"


def write(folder: Path, files: Mapping[str, Settings]) -> None:
    """Write a configuration folder: XML files, log4j and two folders that the NameNode wants."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, settings in files.items():
        (folder / name).write_text(_xml(settings))
    (folder / "log4j.properties").write_text(LOG4J)
    for webapp in ("hdfs", "datanode"):  # else: "webapps/hdfs not found in CLASSPATH"
        (folder / "webapps" / webapp).mkdir(parents=True, exist_ok=True)


def _xml(settings: Settings) -> str:
    properties = "".join(
        f"  <property><name>{name}</name><value>{escape(str(value))}</value></property>\n"
        for name, value in settings.items()
    )
    return f'<?xml version="1.0"?>\n<configuration>\n{properties}</configuration>\n'
