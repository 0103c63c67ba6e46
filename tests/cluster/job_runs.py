"""Runs the main job's script as mrjob users do, and the front door; reads what they made."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jobs import input_list
from jobs.input_list import InputFile

JOB = Path(__file__).parents[2] / "jobs" / "annotation_profile.py"
SEEN_HERE_ONLY = re.compile(rb'"n_bytes": \d+|"sha256": "[0-9a-f]*"')

SAMPLES = Path(__file__).parents[2] / "data" / "samples"

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Front = Callable[..., "subprocess.CompletedProcess[str]"]


def front_door(
    runner: str, *inputs: str | Path, output: str | Path, conf: Path
) -> list[str | Path]:
    """Return the command that runs the front door over some inputs, tables only."""
    return [
        *(sys.executable, "-W", "ignore", "-m", "gafreduce", "run", *inputs),
        *("--ontology", SAMPLES / "go-samples.obo", "--runner", runner, "--conf", conf),
        *("--output", output, "--no-report"),
    ]


@dataclass
class Job:
    """Runs the job's script and gives back its records."""

    run: Run
    folder: Path
    term_file: Path
    conf: Path

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
        input_list.write(inputs, listed)
        named = ["--output-dir", output, "--no-cat-output"] if output else []
        return self.run(
            [
                *(sys.executable, "-W", "ignore", JOB),
                *("--runner", runner, "--conf-path", self.conf),
                *("--term-file", self.term_file, "--input-list", listed),
                *(*options, *named, *(file.uri for file in inputs)),
            ],
            environment=environment,
            uber=uber,
        )


def records(output: bytes) -> list[bytes]:
    """Return the records of an output, sorted, without what only this machine can see."""
    return sorted(SEEN_HERE_ONLY.sub(b"", record) for record in output.splitlines(keepends=True))


def at(inputs: Sequence[InputFile], place: str) -> list[InputFile]:
    """Return the same inputs as they are known at another place."""
    return [replace(file, uri=f"{place}/{Path(file.uri).name}") for file in inputs]


def objects(s3: Any, bucket: str, prefix: str) -> bytes:
    """Return the part files below a prefix, one after another; there must be a `_SUCCESS`."""
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]]
    assert f"{prefix}_SUCCESS" in keys
    parts = [key for key in keys if "/part-" in key]
    return b"".join(s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in parts)
