"""Stage the inputs of a run's jobs, for each runner.

On this machine inputs are files, downloaded from S3. A cluster reads inputs in place; only files of
this machine are copied into its file system first.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence

from gafreduce import mrjob_conf, redaction
from gafreduce.errors import InputError
from gafreduce.execution.job import CLUSTERS
from gafreduce.execution.node_package import write_node_package
from gafreduce.execution.staging_area import StagingArea, StagingRequest
from gafreduce.inputs import encoding
from gafreduce.inputs.download import download_companions, local_inputs
from gafreduce.inputs.listed_input import SUFFIXES, ListedInput
from gafreduce.storage.base import Progress
from gafreduce.storage.resolve import StorageResolver

log = logging.getLogger(__name__)

#: Options of mrjob.conf that become arguments of programs.
_ARGUMENTS = ("jobconf", "cmdenv")
#: Up to so many bytes all tasks of a job run in one JVM (uber mode): starting more takes longer.
_UBER_BYTES = 64 << 20
_UBER_FILES = 9
#: Stored bytes for each reducer: its share of the shuffle is a tenth of the text.
_REDUCER_BYTES = 1 << 30
#: Plain text from here on is cut into so many tasks, of so many bytes: a container takes seconds to
#: start, and a block of HDFS (S3A's are a quarter of it) half a second of work.
_SPLIT_FROM = 1 << 30
_MAP_TASKS = 256
_LEAST_SPLIT, _LARGEST_SPLIT = 128 << 20, 1 << 30
#: A gzip file is one task, whatever its size; from this size a warning is logged.
_LONG_TASK_BYTES = 1 << 30


@contextlib.contextmanager
def stage_inputs(
    inputs: Sequence[ListedInput], runner: str, request: StagingRequest, progress: Progress
) -> Iterator[StagingArea]:
    """Give the staging area of a run; copies and downloads are removed after the block.

    Args:
        inputs: As listed.
        runner: Of the jobs.
        request: The facts about the run.
        progress: Called with bytes downloaded.

    Raises:
        InputError: A cluster cannot read an input as it is, or mrjob.conf has a secret in a setting
            that becomes an argument.
        HadoopError: There is no Hadoop.
        S3Error: An object cannot be read.
    """
    resolver = StorageResolver(request.access, has_hadoop=runner == "hadoop")
    if runner not in CLUSTERS:
        with local_inputs(inputs, resolver, request.scratch, progress) as local:
            yield StagingArea(local, str(request.scratch))
        return
    for name in _ARGUMENTS:
        settings = mrjob_conf.read_option(runner, request.conf, name) or {}
        redaction.check_settings(f"{request.conf}, {name}:", settings)
    check_readable_on_cluster(inputs)
    _warn_of_long_tasks(inputs)
    package = write_node_package(request.scratch / "node.zip")
    options = ["--py-files", str(package), *_make_settings(inputs)]
    companions = download_companions(inputs, resolver, request.scratch / "companions")
    if companions:  # each task finds them in its working folder, by these names
        names = {each: f"companion-{number}.gpi" for number, each in enumerate(companions)}
        files = ",".join(f"{path}#{names[each]}" for each, path in companions.items())
        options += ["--files", files]
        inputs = [
            found._replace(companion=names[found.companion]) if found.companion else found
            for found in inputs
        ]
    # imported here: a run on this machine starts faster without them
    if runner == "hadoop":
        from gafreduce.execution import hadoop_staging

        with hadoop_staging.stage_on_hadoop(inputs, request, options) as area:
            yield area
    else:
        from gafreduce.execution import emr_staging

        with emr_staging.stage_on_emr(inputs, request, options) as emr_area:
            yield emr_area


def check_readable_on_cluster(inputs: Sequence[ListedInput]) -> None:
    """Check that a cluster can read inputs: Hadoop knows a compression by the file's name.

    Raises:
        InputError: It cannot; the message says what to do.
    """
    for found in inputs:
        named = next((kind for kind, end in SUFFIXES.items() if found.uri.endswith(end)), "plain")
        if found.encoding:
            raise InputError(
                f"{found.uri}: expected lines of UTF-8 on a cluster, got "
                f"{encoding.DESCRIPTIONS[found.encoding]} (convert it: "
                f"{encoding.COMMANDS[found.encoding]})"
            )
        if found.compression == "zstd":
            raise InputError(
                f"{found.uri}: expected plain, gzip or bzip2 on a cluster, got zstd (repack it: "
                "zstd -dc FILE | gzip)"
            )
        if found.compression != named:
            suffix = SUFFIXES.get(found.compression, ".gaf")
            raise InputError(
                f"{found.uri}: expected a file name that ends in {suffix}, as it is stored as "
                f"{found.compression} (Hadoop decides by the name: rename it)"
            )


def _warn_of_long_tasks(inputs: Sequence[ListedInput]) -> None:
    for found in inputs:
        if found.compression == "gzip" and found.bytes > _LONG_TASK_BYTES:
            log.warning(
                "%s: %.1f GB of gzip are one task, on one core (split it first: docs/emr.md)",
                found.uri,
                found.bytes / 1e9,
            )


def _make_settings(inputs: Sequence[ListedInput]) -> tuple[str, ...]:
    """Return Hadoop's settings for inputs of this size; -D on the command line overrides them."""
    total = sum(found.bytes for found in inputs)
    settings = {"mapreduce.job.reduces": str(max(1, total // _REDUCER_BYTES))}
    if total <= _UBER_BYTES and len(inputs) <= _UBER_FILES:
        settings["mapreduce.job.ubertask.enable"] = "true"
        settings["mapreduce.job.ubertask.maxmaps"] = str(_UBER_FILES)
    plain = sum(found.bytes for found in inputs if found.compression == "plain")
    if plain >= _SPLIT_FROM:
        split = min(max(plain // _MAP_TASKS, _LEAST_SPLIT), _LARGEST_SPLIT)
        settings["mapreduce.input.fileinputformat.split.minsize"] = str(split)
    return tuple(part for pair in settings.items() for part in ("-D", "=".join(pair)))
