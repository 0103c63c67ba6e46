"""The place of a job on Amazon EMR: inputs stay in S3, one cluster does all jobs of a run."""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from gafreduce.diagnosis import diagnose
from gafreduce.errors import InputError
from gafreduce.execution.job import JobError
from gafreduce.execution.staging_area import Cluster, Place, Site
from gafreduce.inputs.download import JobInput, read_in_place
from gafreduce.inputs.listed_input import SUFFIXES, ListedInput
from gafreduce.mrjob_conf import read_option
from gafreduce.publishing import emr_clusters, lock_record
from gafreduce.storage import s3, s3_storage
from gafreduce.storage.resolve import open_storage
from gafreduce.storage.s3 import Access, Location
from gafreduce.storage.s3_errors import S3Error, translate_errors

log = logging.getLogger(__name__)

#: One by one the cluster would end after the first step; logs are not waited for.
_OPTIONS = ("--no-check-input-paths", "--no-read-logs", "--add-steps-in-batch")
#: A step's arguments may have 10,240 characters in all; the rest is mrjob's.
_PATH_CHARACTERS = 5000
#: A cluster that nobody ends does so by itself.
_IDLE = 'AutoTerminationPolicy={"IdleTimeout": 600}'
#: S3 copies up to so much in one request.
_COPY_BYTES = 5 << 30
_THREADS = 16


@contextlib.contextmanager
def placed(inputs: Sequence[ListedInput], site: Site, more: tuple[str, ...]) -> Iterator[Place]:
    """Give the place of a job on EMR; temporary objects, and a cluster that waits, go at the end.

    Args:
        inputs: As listed.
        site: What is known of the run.
        more: Options of mrjob.

    Raises:
        InputError: An input is not in S3, or mrjob.conf lacks something.
        S3Error: S3 says no.
    """
    for found in inputs:
        if "emr" not in open_storage(found.uri, site.access).read_in_place_by:
            raise InputError(
                f"{found.uri}: expected inputs in S3 for -r emr (put them there first)"
            )
    conf, access = site.conf, site.access
    if not read_option("emr", conf, "region"):  # mrjob would take us-west-2, whatever AWS is told
        raise InputError("-r emr: expected a mrjob.conf with region (-c mrjob.conf; docs/emr.md)")
    root = s3.parse(f"{cloud_tmp_dir(conf)}{site.run_id}/{uuid.uuid4().hex[:8]}/")
    site.recorder(lock_record.TEMPORARY, [root.uri])
    more = (
        *more,
        *_OPTIONS,
        *s3_storage.WRITE_OPTIONS,
        "--cloud-tmp-dir",
        f"{root.uri}mrjob/",
        *_encryption(access),
    )
    if "AutoTerminationPolicy" not in (read_option("emr", conf, "extra_cluster_params") or {}):
        more = (*more, "--extra-cluster-param", _IDLE)
    cluster = Cluster(lives=partial(emr_clusters.is_cluster_alive, access))
    try:
        read, paths = _few_paths(inputs, access, root)
        with access.as_default():
            yield Place(
                read,
                root.uri,
                partial(s3_storage.download_parts, access),
                more,
                paths,
                lambda error: _blamed(error, read, site),
                cluster,
            )
    finally:
        if cluster.name:
            _end(access, cluster.name)
        with contextlib.suppress(S3Error):
            s3.remove_prefix(access.client(), root)


def _end(access: Access, cluster: str) -> None:
    try:
        emr_clusters.terminate_cluster(access, cluster)
    except S3Error as error:
        log.warning("the cluster ends after ten idle minutes, for it could not be ended: %s", error)


def _blamed(error: JobError, read: Sequence[JobInput], site: Site) -> str:
    logs = read_option("emr", site.conf, "cloud_log_dir")
    if not (error.clusters and logs):
        return ""
    return diagnose.diagnose_on_emr(
        error.clusters[-1], s3.parse(logs), read, site.access, site.scratch
    )


def _few_paths(
    inputs: Sequence[ListedInput], access: Access, root: Location
) -> tuple[tuple[JobInput, ...], tuple[str, ...]]:
    """Return inputs as they are read, and what a step's arguments name for them.

    Many are named by the prefix that holds them and nothing else; else S3 copies them below one.
    """
    read = tuple(read_in_place(found) for found in inputs)
    uris = tuple(found.uri for found in inputs)
    if sum(map(len, uris)) <= _PATH_CHARACTERS:
        return read, uris
    folders = {uri.rpartition("/")[0] for uri in uris}
    if len(folders) == 1:
        folder = s3.parse(f"{folders.pop()}/")
        listed = s3.list_objects(access.client(), folder)
        keys = {item["Key"] for item in listed if item["Key"] != folder.key}
        if keys == {s3.parse(uri).key for uri in uris}:
            return read, (folder.uri,)
    log.warning("%d inputs are too many for a step's arguments: copied within S3", len(uris))
    target = Location(root.bucket, f"{root.key}in/")
    return _copied(read, access, target), (target.uri,)


def _copied(read: Sequence[JobInput], access: Access, target: Location) -> tuple[JobInput, ...]:
    client: Any = access.client()

    def copy(numbered: tuple[int, JobInput]) -> JobInput:
        number, found = numbered
        source = s3.parse(found.uri)
        name = f"{number:06d}.gaf{SUFFIXES.get(found.compression, '')}"
        to = Location(target.bucket, target.key + name)
        place = {"Bucket": source.bucket, "Key": source.key}
        with translate_errors(f"copying {found.uri}"):
            if found.bytes < _COPY_BYTES:
                client.copy_object(
                    Bucket=to.bucket,
                    Key=to.key,
                    CopySource=place,
                    CopySourceIfMatch=found.listed.identity.etag,
                )
            else:
                client.copy(place, to.bucket, to.key)
        return replace(found, uri=to.uri)

    with ThreadPoolExecutor(_THREADS) as pool:
        return tuple(pool.map(copy, enumerate(read)))


def _encryption(access: Access) -> tuple[str, ...]:
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
    found = read_option("emr", conf, "cloud_tmp_dir")
    if not found:
        raise InputError(
            "-r emr: expected a mrjob.conf with cloud_tmp_dir (-c mrjob.conf; docs/emr.md)"
        )
    return str(found).rstrip("/") + "/"
