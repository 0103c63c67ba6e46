"""Staging on Amazon EMR: inputs are read in S3, and one cluster does all jobs of a run."""

from __future__ import annotations

import contextlib
import json
import logging
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gafreduce.diagnosis import diagnose
from gafreduce.errors import GafreduceError, InputError
from gafreduce.execution.job import JobError
from gafreduce.execution.staging_area import StagingArea, StagingRequest, make_input_name
from gafreduce.inputs.download import JobInput, read_in_place
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.mrjob_conf import read_option
from gafreduce.publishing import emr_clusters, lock_record, resource_marks
from gafreduce.storage import s3, s3_storage
from gafreduce.storage.resolve import open_storage
from gafreduce.storage.s3 import Access, Location
from gafreduce.storage.s3_errors import S3Error, translate_errors

log = logging.getLogger(__name__)

#: Steps are added together: one by one, the cluster would end after the first step.
_OPTIONS = ("--no-check-input-paths", "--no-read-logs", "--add-steps-in-batch")
#: A step's arguments have at most 10,240 characters; mrjob needs the others.
_PATH_CHARACTERS = 5000
#: A cluster that is not terminated shuts down by itself.
_IDLE = 'AutoTerminationPolicy={"IdleTimeout": 600}'
#: The largest copy in one request of S3.
_COPY_BYTES = 5 << 30
_THREADS = 16


class EmrStagingArea(StagingArea):
    """The staging area of jobs on Amazon EMR."""

    def __init__(
        self,
        request: StagingRequest,
        inputs: Sequence[JobInput],
        root: Location,
        options: Sequence[str],
        paths: Sequence[str],
    ) -> None:
        super().__init__(inputs, root.uri, options, paths)
        self._request = request

    def find_waiting_cluster(self) -> str:
        """Return the EMR cluster that waits for the next job; empty for none.

        Raises:
            S3Error: The request failed.
        """
        is_alive = self.cluster and emr_clusters.is_cluster_alive(
            self._request.access, self.cluster
        )
        return self.cluster if is_alive else ""

    def download_parts(self, output: str, folder: Path) -> list[Path]:
        """Return the part files of a job's output, downloaded into a folder; sorted.

        Raises:
            S3Error: A request failed.
        """
        return s3_storage.download_parts(self._request.access, output, folder)

    def diagnose(self, error: JobError) -> GafreduceError | None:
        """Return the cause of a failed job; None when it is not known."""
        request = self._request
        logs = read_option("emr", request.conf, "cloud_log_dir")
        if not (error.clusters and logs):
            return None
        return diagnose.diagnose_on_emr(
            error.clusters[-1], s3.parse(logs), self.inputs, request.access, request.scratch
        )


@contextlib.contextmanager
def stage_on_emr(
    inputs: Sequence[ListedInput], request: StagingRequest, options: Sequence[str]
) -> Iterator[EmrStagingArea]:
    """Give the staging area of a run.

    After the block its temporary objects are removed, and a cluster that waits is terminated.

    Args:
        inputs: As listed.
        request: The facts about the run.
        options: Options of mrjob.

    Raises:
        InputError: An input is not in S3, or mrjob.conf lacks something.
        S3Error: A request failed.
    """
    conf, access = request.conf, request.access
    for found in inputs:
        if "emr" not in open_storage(found.uri, access).read_in_place_by:
            raise InputError(
                f"{found.uri}: expected inputs in S3 for -r emr (copy them there first)"
            )
    if not read_option("emr", conf, "region"):  # mrjob would use us-west-2, whatever AWS's own is
        raise InputError("-r emr: expected a mrjob.conf with region (-c mrjob.conf; docs/emr.md)")
    root = s3.parse(f"{read_cloud_tmp_dir(conf)}{request.run_id}/{uuid.uuid4().hex[:8]}/")
    request.recorder(lock_record.TEMPORARY, [root.uri])
    options = [
        *options,
        *_OPTIONS,
        *s3_storage.WRITE_OPTIONS,
        *("--cloud-tmp-dir", f"{root.uri}mrjob/"),
        *_encryption_options(access),
    ]
    params = read_option("emr", conf, "extra_cluster_params") or {}
    if "AutoTerminationPolicy" not in params:
        options += ["--extra-cluster-param", _IDLE]
    tags = resource_marks.make_tags(request.recorder.mark, params.get("Tags") or ())
    options += ["--extra-cluster-param", f"Tags={json.dumps(tags)}"]
    area: EmrStagingArea | None = None
    try:
        _put_marker(access, root, request.recorder.mark)
        read, paths = _choose_paths(inputs, access, root)
        area = EmrStagingArea(request, read, root, options, paths)
        with access.as_default():
            yield area
    finally:
        if area is not None and area.cluster:
            _terminate(access, area.cluster)
        with contextlib.suppress(S3Error):
            s3.remove_prefix(access.client(), root)


def _put_marker(access: Access, root: Location, mark: str) -> None:
    """Put an empty object that shows to which run the temporary objects belong."""
    marker = Location(root.bucket, root.key + resource_marks.make_marker_name(mark))
    with translate_errors(f"putting {marker.uri}"):
        access.client().put_object(Bucket=marker.bucket, Key=marker.key)


def _terminate(access: Access, cluster: str) -> None:
    try:
        emr_clusters.terminate_cluster(access, cluster)
    except S3Error as error:
        log.warning(
            "could not terminate the cluster (%s); it will shut down after 10 idle minutes", error
        )


def _choose_paths(
    inputs: Sequence[ListedInput], access: Access, root: Location
) -> tuple[tuple[JobInput, ...], tuple[str, ...]]:
    """Return inputs as they are read, and the paths for a step's arguments.

    For many inputs the path is their prefix; when it has other objects, the inputs are copied below
    a prefix of their own.
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
    log.warning(
        "%d inputs are too many for the arguments of a step: copying them within S3", len(uris)
    )
    target = Location(root.bucket, f"{root.key}in/")
    return _copy_inputs(read, access, target), (target.uri,)


def _copy_inputs(
    read: Sequence[JobInput], access: Access, target: Location
) -> tuple[JobInput, ...]:
    client: Any = access.client()

    def copy(numbered: tuple[int, JobInput]) -> JobInput:
        number, found = numbered
        source = s3.parse(found.uri)
        to = Location(target.bucket, target.key + make_input_name(number, found.compression))
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
        return found._replace(uri=to.uri)

    with ThreadPoolExecutor(_THREADS) as pool:
        return tuple(pool.map(copy, enumerate(read)))


def _encryption_options(access: Access) -> tuple[str, ...]:
    """Return Hadoop's settings for the encryption of objects that nodes put into S3."""
    if access.kms_key_id is None:
        return ()
    settings = ("fs.s3a.encryption.algorithm=SSE-KMS", f"fs.s3a.encryption.key={access.kms_key_id}")
    return tuple(part for setting in settings for part in ("-D", setting))


def read_cloud_tmp_dir(conf: Path | None) -> str:
    """Return the temporary prefix in mrjob.conf, with a slash at the end.

    Raises:
        InputError: There is none: mrjob would search all buckets for one.
    """
    found = read_option("emr", conf, "cloud_tmp_dir")
    if not found:
        raise InputError(
            "-r emr: expected a mrjob.conf with cloud_tmp_dir (-c mrjob.conf; docs/emr.md)"
        )
    return str(found).rstrip("/") + "/"
