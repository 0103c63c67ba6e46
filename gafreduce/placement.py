"""Where the inputs of a job lie, and where its output goes, for each runner.

On this machine inputs are files, fetched when they lie in S3. A cluster reads them in place; only
files of this machine are put into its file system first.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gafreduce import blame, hadoop, s3, unchanged
from gafreduce.execute import JobError
from gafreduce.fetch import Fetched, Progress, companions_here, fetched
from gafreduce.inputs import InputError, ListedInput
from gafreduce.node_package import write_node_package
from reports import holdings
from reports.holdings import Namer

CLUSTERS = ("hadoop", "emr")
#: Names by which Hadoop tells how a file is stored; its content it doesn't look at.
_SUFFIXES = {"gzip": ".gz", "bzip2": ".bz2"}
#: Up to so many bytes all tasks of a job run in one JVM (uber mode): starting more takes longer.
_UBER_BYTES = 64 << 20
_UBER_FILES = 9
#: Stored bytes for each reducer: its share of the shuffle is a tenth of the text.
_REDUCER_BYTES = 1 << 30


@dataclass(frozen=True)
class Place:
    """Inputs of the jobs of a run, and where their output goes."""

    inputs: tuple[Fetched, ...]
    root: str  # a folder for the output, or its URI
    fetch: Callable[[str, Path], list[Path]]  # brings the part files of an output into a folder
    more: tuple[str, ...] = ()  # options of mrjob
    #: Returns which input a job that failed stumbled over, in words; empty when that is not known.
    blame: Callable[[JobError], str] = lambda error: ""

    def output(self, job: str) -> str:
        """Return where a job's output goes: a folder that doesn't exist yet."""
        return f"{self.root.rstrip('/')}/{job}"

    def collect(self, job: str, scratch: Path) -> list[Path]:
        """Return the part files of a finished job, on this machine."""
        return self.fetch(self.output(job), scratch / f"parts-{job}")


@contextlib.contextmanager
def placed(
    inputs: Sequence[ListedInput],
    runner: str,
    conf: Path | None,
    run_id: str,
    access: s3.Access,
    scratch: Path,
    progress: Progress,
    name: Namer = holdings.unnamed,
) -> Iterator[Place]:
    """Give the place of a job; what was put or brought for it is removed at the end.

    Args:
        inputs: As listed.
        runner: Of the job.
        conf: mrjob.conf.
        run_id: Of the run.
        access: How S3 is reached.
        scratch: A folder for what is needed on the way.
        progress: Called with bytes brought here.
        name: Called with temporary folders elsewhere, before they are made.

    Raises:
        InputError: A cluster can't read an input as it is.
        HadoopError: There is no Hadoop.
        S3Error: An object can't be read.
    """
    if runner not in CLUSTERS:
        with fetched(inputs, access, scratch, progress) as local:
            yield Place(local, str(scratch), lambda output, _: sorted(Path(output).glob("part-*")))
        return
    _check_suffixes(inputs)
    package = write_node_package(scratch / "node.zip")
    more = ("--py-files", str(package), *_settings(inputs))
    companions = companions_here(inputs, access, scratch / "companions")
    if companions:  # each task finds them in its working folder, by these names
        names = {each: f"companion-{number}.gpi" for number, each in enumerate(companions)}
        shipped = ",".join(f"{path}#{names[each]}" for each, path in companions.items())
        more = (*more, "--files", shipped)
        inputs = [
            replace(found, companion=names[found.companion]) if found.companion else found
            for found in inputs
        ]
    placing = (
        _on_hadoop(inputs, run_id, scratch, more, conf, name)
        if runner == "hadoop"
        else _on_emr(inputs, run_id, access, scratch, more, conf, name)
    )
    with placing as place:
        yield place


def _check_suffixes(inputs: Sequence[ListedInput]) -> None:
    """Refuse what Hadoop would read wrongly: it goes by a file's name."""
    for found in inputs:
        named = next((kind for kind, end in _SUFFIXES.items() if found.uri.endswith(end)), "plain")
        if found.compression == "zstd":
            raise InputError(
                f"{found.uri}: expected plain, gzip or bzip2 on a cluster, got zstd (repack it: "
                "zstd -dc FILE | gzip)"
            )
        if found.compression != named:
            raise InputError(
                f"{found.uri}: expected a name that says how it is stored, got {found.compression} "
                f"(Hadoop goes by the name: end it in {_SUFFIXES.get(found.compression, '.gaf')})"
            )


def _settings(inputs: Sequence[ListedInput]) -> tuple[str, ...]:
    """Return Hadoop's settings for inputs of this size; -D on the command line goes over them."""
    total = sum(found.bytes for found in inputs)
    settings = {"mapreduce.job.reduces": str(max(1, total // _REDUCER_BYTES))}
    if total <= _UBER_BYTES and len(inputs) <= _UBER_FILES:
        settings["mapreduce.job.ubertask.enable"] = "true"
        settings["mapreduce.job.ubertask.maxmaps"] = str(_UBER_FILES)
    return tuple(part for pair in settings.items() for part in ("-D", "=".join(pair)))


@contextlib.contextmanager
def _on_hadoop(
    inputs: Sequence[ListedInput],
    run_id: str,
    scratch: Path,
    more: tuple[str, ...],
    conf: Path | None,
    name: Namer,
) -> Iterator[Place]:
    def name_folder(folder: str) -> None:
        name(holdings.TEMPORARY, [folder])

    with hadoop.connected(run_id, conf, name_folder) as client:
        local = [found for found in inputs if not (found.is_in_s3 or found.is_in_hdfs)]
        uris = _put(client, local, scratch)
        unchanged.check_here(local)
        placed_inputs = tuple(
            Fetched(found, uris.get(found.uri, found.uri), found.compression, found.bytes)
            for found in inputs
        )
        # what mrjob puts, too, lies where the claim says, and is nobody else's
        more = (*more, "--hadoop-tmp-dir", f"{client.folder}/mrjob", "-D", hadoop.PRIVATE)
        yield Place(
            placed_inputs,
            client.folder,
            client.fetch,
            more,
            lambda error: blame.on_hadoop(error.applications, placed_inputs, scratch),
        )


def _put(client: hadoop.Hadoop, local: Sequence[ListedInput], scratch: Path) -> dict[str, str]:
    """Put files under names that can't collide; return their URIs by path."""
    if not local:
        return {}
    folder = scratch / "put"
    folder.mkdir()
    links = []
    for number, found in enumerate(local):
        suffix = _SUFFIXES.get(found.compression, "")
        link = folder / f"{number:06d}.gaf{suffix}"
        link.symlink_to(found.uri)
        links.append(link)
    return {found.uri: uri for found, uri in zip(local, client.put(links), strict=True)}


@contextlib.contextmanager
def _on_emr(
    inputs: Sequence[ListedInput],
    run_id: str,
    access: s3.Access,
    scratch: Path,
    more: tuple[str, ...],
    conf: Path | None,
    name: Namer,
) -> Iterator[Place]:
    local = [found.uri for found in inputs if not found.is_in_s3]
    if local:
        raise InputError(f"{local[0]}: expected inputs in S3 for -r emr (put them there first)")
    if not emr_option(conf, "region"):  # mrjob would take us-west-2, whatever AWS is told
        raise InputError("-r emr: expected a mrjob.conf with region (-c mrjob.conf; docs/emr.md)")
    root = s3.parse(f"{cloud_tmp_dir(conf)}{run_id}/{uuid.uuid4().hex[:8]}/")
    name(holdings.TEMPORARY, [root.uri])
    client = access.client()
    more = (*more, "--cloud-tmp-dir", f"{root.uri}mrjob/", *_encryption(access))
    read = tuple(Fetched(found, found.uri, found.compression, found.bytes) for found in inputs)
    logs = emr_option(conf, "cloud_log_dir")

    def blamed(error: JobError) -> str:
        if not (error.clusters and logs):
            return ""
        return blame.on_emr(error.clusters[-1], s3.parse(logs), read, access, scratch)

    try:
        with access.as_default():
            yield Place(
                read,
                root.uri,
                lambda output, folder: s3.download_parts(client, s3.parse(f"{output}/"), folder),
                more,
                blamed,
            )
    finally:
        with contextlib.suppress(s3.S3Error):
            s3.remove_all(client, root)


def _encryption(access: s3.Access) -> tuple[str, ...]:
    """Return Hadoop's settings for what nodes put into S3."""
    if access.kms_key_id is None:
        return ()
    settings = ("fs.s3a.encryption.algorithm=SSE-KMS", f"fs.s3a.encryption.key={access.kms_key_id}")
    return tuple(part for setting in settings for part in ("-D", setting))


def cloud_tmp_dir(conf: Path | None) -> str:
    """Return the temporary prefix that mrjob.conf names, ended by a slash.

    Raises:
        InputError: It names none: mrjob would look through all buckets for one.
    """
    found = emr_option(conf, "cloud_tmp_dir")
    if not found:
        raise InputError(
            "-r emr: expected a mrjob.conf with cloud_tmp_dir (-c mrjob.conf; docs/emr.md)"
        )
    return found.rstrip("/") + "/"


def emr_option(conf: Path | None, name: str) -> str:
    """Return what mrjob.conf says for EMR; empty when it says nothing."""
    from mrjob.conf import load_opts_from_mrjob_conf

    found = load_opts_from_mrjob_conf("emr", str(conf)) if conf else []
    return next((str(o[name]) for _, o in reversed(found) if o.get(name)), "")
