"""The place of a job on a Hadoop: local files are put there, the others read where they lie."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from gafreduce.diagnosis import diagnose
from gafreduce.execution.staging_area import Place, Site
from gafreduce.inputs import verify
from gafreduce.inputs.download import JobInput
from gafreduce.inputs.listed_input import SUFFIXES, ListedInput
from gafreduce.publishing import lock_record
from gafreduce.storage import hadoop
from gafreduce.storage.resolve import open_storage

#: What front doors know without a look of mrjob's, and remove at once: each is a JVM.
_OPTIONS = (
    *("--no-check-input-paths", "--no-read-logs"),
    *("--cleanup", "LOCAL_TMP", "--cleanup-on-failure", "LOCAL_TMP"),
)


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
        storages = {found.uri: open_storage(found.uri, site.access) for found in inputs}
        local = [each for each in inputs if "hadoop" not in storages[each.uri].read_in_place_by]
        uris = _put(client, local, site.scratch)
        verify.check_copied(local)
        read = tuple(
            JobInput(found, uris.get(found.uri, found.uri), found.compression, found.bytes)
            for found in inputs
        )
        # what mrjob puts, too, lies in the folder that the lock record names
        more = (*more, *_OPTIONS, "--hadoop-tmp-dir", client.for_mrjob)
        more = (*more, "--hadoop-bin", shlex.quote(client.binary), "-D", hadoop.PRIVATE)
        for options in {storage.hadoop_input_options for storage in storages.values()}:
            more = (*more, *options)
        more = (*more, *open_storage(client.folder, site.access).hadoop_output_options)
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
