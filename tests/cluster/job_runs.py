"""Runs the main job's script as mrjob users do, and `gafreduce run`; reads what they made."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minihadoop.cluster import Cluster
from minihadoop.configuration import MEMBER_VARIABLE

from gafreduce.inputs.taxon_names import TaxonNames
from gafreduce.jobs.accounting.reconcile import reconcile
from gafreduce.jobs.files import input_list
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.ontology import termfile
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.reports.tables import core_tables as report_tables
from gafreduce.reports.tables.job_output import JobOutput
from gafreduce.reports.tables.organisms import Labels

REPOSITORY = Path(__file__).parents[2]
JOB = REPOSITORY / "jobs" / "annotation_profile.py"
SAMPLES = REPOSITORY / "data" / "samples"
GO_SAMPLES = SAMPLES / "go-samples.obo"
SEEN_HERE_ONLY = re.compile(rb'"n_bytes": \d+|"sha256": "[0-9a-f]*"')
RUN_SECONDS = 600

Environment = Mapping[str, "str | None"]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
RunCommand = Callable[..., "subprocess.CompletedProcess[str]"]


def unique_name(folder: Path) -> str:
    """Return the name of a test's folder, with the one above: processes of a run each have one."""
    return f"{folder.parent.name}-{folder.name}"


def run_command(
    runner: str,
    *inputs: str | Path,
    output: str | Path,
    conf: Path,
    ontology: Path = GO_SAMPLES,
    report: bool = False,
    more: Sequence[str] = (),
) -> list[str | Path]:
    """Return the command that runs `gafreduce run` over some inputs; tables only, by default."""
    return [
        *(sys.executable, "-W", "ignore", "-m", "gafreduce", "run", *inputs),
        *("--ontology", ontology, "--runner", runner, "--conf", conf, "--output", output),
        *(() if report else ("--no-report",)),
        *more,
    ]


@dataclass(frozen=True)
class Command:
    """How a command is run against the cluster.

    Attributes:
        cluster: Whose settings it gets.
        folder: Where it starts, and where its temporary files lie: what it leaves can be seen.
    """

    cluster: Cluster
    folder: Path

    @property
    def name(self) -> str:
        """Return a name that no other test has."""
        return unique_name(self.folder)

    @property
    def marker(self) -> str:
        """Return the mark by which what a command starts is found."""
        return self.cluster.marker(f"driver-{self.name}-")

    @contextmanager
    def started(
        self,
        command: Sequence[str | Path],
        environment: Environment | None = None,
        uber: bool = True,
    ) -> Iterator[subprocess.Popen[str]]:
        """Run a command while the block lasts, in a session of its own.

        Args:
            command: Its words.
            environment: Goes over the cluster's; a variable of None is not set.
            uber: Small jobs run in their ApplicationMaster.
        """
        variables: dict[str, str | None] = {
            **os.environ,
            **self.cluster.environment(uber),
            "PYTHONPATH": str(REPOSITORY),
            "TMPDIR": str(self.folder),
            MEMBER_VARIABLE: self.marker,
            **(environment or {}),
        }
        with subprocess.Popen(
            [str(word) for word in command],
            env={name: value for name, value in variables.items() if value is not None},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                # A command that is given up must not leave the `hadoop` that it called.
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def run(
        self,
        command: Sequence[str | Path],
        environment: Environment | None = None,
        uber: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        with self.started(command, environment, uber) as process:
            output, errors = process.communicate(timeout=RUN_SECONDS)
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@dataclass
class Job:
    """Runs the job's script and gives back its records.

    Attributes:
        run: Runs a command.
        folder: For its side files; the job has its name, by which its tasks are found.
        term_file: What the workers need of the ontology.
        conf: mrjob.conf.
    """

    run: Run
    folder: Path
    term_file: Path
    conf: Path

    @property
    def name(self) -> str:
        """Return the name of the job, which no other test's job has."""
        return unique_name(self.folder)

    def __call__(
        self,
        runner: str,
        inputs: Sequence[InputFile],
        *options: str,
        output: str = "",
        uber: bool = True,
    ) -> list[bytes]:
        """Return the records of a run over the inputs' URIs, or none when `output` is given.

        Raises:
            AssertionError: The run failed.
        """
        done = self.attempt(runner, inputs, *options, output=output, uber=uber)
        assert done.returncode == 0, done.stderr[-4000:]
        return [] if output else records(done.stdout.encode())

    def attempt(
        self,
        runner: str,
        inputs: Sequence[InputFile],
        *options: str,
        output: str = "",
        uber: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run the job over the inputs' URIs, whatever comes of it."""
        listed = self.folder / f"{runner}-inputs.tsv"
        input_list.write_input_list(inputs, listed)
        placed = ["--output-dir", output, "--no-cat-output"] if output else []
        named = ["-D", f"mapreduce.job.name={self.name}"] if runner != "inline" else []
        return self.run(
            [
                *(sys.executable, "-W", "ignore", JOB),
                *("--runner", runner, "--conf-path", self.conf),
                *("--term-file", self.term_file, "--input-list", listed),
                *(*named, *options, *placed, *(file.uri for file in inputs)),
            ],
            environment=environment,
            uber=uber,
        )


def records(output: bytes) -> list[bytes]:
    """Return the records of an output, sorted, without what only this machine can see."""
    return sorted(SEEN_HERE_ONLY.sub(b"", record) for record in output.splitlines(keepends=True))


def tables(run_folder: Path) -> dict[str, bytes]:
    """Return the tables of a run folder by name, but `runs`, which has the time of the run."""
    paths = (run_folder / "tables").glob("*.tsv")
    found = {path.name: path.read_bytes() for path in paths if path.stem != "runs"}
    assert len(found) >= 7
    return found


def tables_of(
    output: bytes, inputs: Sequence[InputFile], term_file: Path, folder: Path
) -> dict[str, bytes]:
    """Return the tables that `gafreduce run` makes of the output of the job's script."""
    folder.mkdir(parents=True)
    part = folder / "part-00000"
    part.write_bytes(output)
    records = JobOutput([part], folder)
    totals = report_tables.read_totals(records)
    reconcile(inputs, totals, max_rejected=0)
    stems = {
        str(totals[number].main_taxon_id): Path(file.uri).name.partition(".gaf")[0]
        for number, file in enumerate(inputs)
    }
    labels = Labels({}, None, {}, frozenset(), file_labels=stems, find_taxon_name=TaxonNames().find)
    report_tables.make_tables(
        records,
        totals,
        inputs,
        termfile.read(term_file),
        labels,
        False,
        RunFolder(folder),
    )
    return tables(folder)


def tables_in_s3(s3: Any, bucket: str, prefix: str) -> dict[str, bytes]:
    """Return the tables of a run published below a prefix by name."""
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}tables/").get("Contents", [])
    keys = [found["Key"] for found in listed if found["Key"].endswith(".tsv")]
    keys = [key for key in keys if not key.endswith("/runs.tsv")]  # as `tables`
    return {Path(key).name: s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def at(inputs: Sequence[InputFile], place: str) -> list[InputFile]:
    """Return the same inputs as they are known at another place."""
    return [file._replace(uri=f"{place}/{Path(file.uri).name}") for file in inputs]


def objects(s3: Any, bucket: str, prefix: str) -> bytes:
    """Return the part files below a prefix, one after another; there must be a `_SUCCESS`."""
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
    assert f"{prefix}_SUCCESS" in keys
    parts = [key for key in keys if "/part-" in key]
    return b"".join(s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in parts)
