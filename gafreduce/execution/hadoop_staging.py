"""The place of a job on a Hadoop: local files are put there, the others read where they lie."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from gafreduce.diagnosis import diagnose
from gafreduce.execution.staging_area import FOR_OUTPUT_IN_S3, Place, Site
from gafreduce.inputs import verify
from gafreduce.inputs.download import Fetched
from gafreduce.inputs.listing import SUFFIXES, ListedInput
from gafreduce.publishing import lock_record
from gafreduce.storage import hadoop, s3

#: What front doors know without a look of mrjob's, and remove at once: each is a JVM.
_OPTIONS = (
    *("--no-check-input-paths", "--no-read-logs"),
    *("--cleanup", "LOCAL_TMP", "--cleanup-on-failure", "LOCAL_TMP"),
)
#: Has Hadoop read `s3://` as EMR does.
_S3A = ("-D", "fs.s3.impl=org.apache.hadoop.fs.s3a.S3AFileSystem")


@contextlib.contextmanager
def placed(inputs: Sequence[ListedInput], site: Site, more: tuple[str, ...]) -> Iterator[Place]:
    """Give the place of a job on a Hadoop; what was put there is removed at the end.

    Args:
        inputs: As listed.
        site: What is known of the run.
        more: Options of mrjob.

    Raises:
        HadoopError: There is no Hadoop, or it says no.
        ChangedError: A file changed while it was put.
    """

    def name(folder: str) -> None:
        site.recorder(lock_record.TEMPORARY, [folder])

    with hadoop.connected(site.run_id, site.conf, name) as client:
        local = [found for found in inputs if not (found.is_in_s3 or found.is_in_hdfs)]
        uris = _put(client, local, site.scratch)
        verify.check_here(local)
        read = tuple(
            Fetched(found, uris.get(found.uri, found.uri), found.compression, found.bytes)
            for found in inputs
        )
        # what mrjob puts, too, lies in the folder that the lock record names
        more = (*more, *_OPTIONS, "--hadoop-tmp-dir", client.for_mrjob)
        more = (*more, "--hadoop-bin", shlex.quote(client.binary), "-D", hadoop.PRIVATE)
        if any(found.is_in_s3 for found in inputs):
            more = (*more, *_S3A)
        if s3.is_uri(client.folder):  # as hadoop_tmp_dir may have it
            more = (*more, *FOR_OUTPUT_IN_S3)
        # files that were put there need no names of their own: a command line has an end
        folder = next(iter(uris.values()), "").rpartition("/")[0]
        yield Place(
            read,
            client.folder,
            client.fetch,
            more,
            paths=(folder,) if len(uris) == len(inputs) else (),
            blame=lambda error: diagnose.diagnose_on_hadoop(
                error.messages,
                error.applications[-1] if error.applications else "",
                read,
                site.scratch,
            ),
            release=client.remove,
        )


def _put(client: hadoop.Hadoop, local: Sequence[ListedInput], scratch: Path) -> dict[str, str]:
    """Put files under names that can't collide; return their URIs by path."""
    if not local:
        return {}
    folder = scratch / "put"
    folder.mkdir()
    names = {
        found.uri: f"{number:06d}.gaf{SUFFIXES.get(found.compression, '')}"
        for number, found in enumerate(local)
    }
    for path, name in names.items():
        (folder / name).symlink_to(path)
    target = client.put(folder)
    return {path: f"{target}/{name}" for path, name in names.items()}
