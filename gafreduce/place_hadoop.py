"""The place of a job on a Hadoop: local files are put there, the others read where they lie."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from gafreduce import blame, hadoop, unchanged
from gafreduce.fetch import Fetched
from gafreduce.inputs import SUFFIXES, ListedInput
from gafreduce.place import Place, Site
from reports import holdings

#: What front doors know without a look of mrjob's, each of which is a JVM.
_OPTIONS = ("--no-check-input-paths", "--no-read-logs")
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
        site.name(holdings.TEMPORARY, [folder])

    with hadoop.connected(site.run_id, site.conf, name) as client:
        local = [found for found in inputs if not (found.is_in_s3 or found.is_in_hdfs)]
        uris = _put(client, local, site.scratch)
        unchanged.check_here(local)
        read = tuple(
            Fetched(found, uris.get(found.uri, found.uri), found.compression, found.bytes)
            for found in inputs
        )
        # what mrjob puts, too, lies where the claim says, and is nobody else's
        more = (*more, *_OPTIONS, "--hadoop-tmp-dir", f"{client.folder}/mrjob")
        more = (*more, "-D", hadoop.PRIVATE)
        if any(found.is_in_s3 for found in inputs):
            more = (*more, *_S3A)
        yield Place(
            read,
            client.folder,
            client.fetch,
            more,
            blame=lambda error: blame.on_hadoop(error, read, site.scratch),
        )


def _put(client: hadoop.Hadoop, local: Sequence[ListedInput], scratch: Path) -> dict[str, str]:
    """Put files under names that can't collide; return their URIs by path."""
    if not local:
        return {}
    folder = scratch / "put"
    folder.mkdir()
    links = []
    for number, found in enumerate(local):
        suffix = SUFFIXES.get(found.compression, "")
        link = folder / f"{number:06d}.gaf{suffix}"
        link.symlink_to(found.uri)
        links.append(link)
    return {found.uri: uri for found, uri in zip(local, client.put(links), strict=True)}
