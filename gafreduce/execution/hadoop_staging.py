"""Staging on a Hadoop cluster: local files are copied into HDFS, others are read in place."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from gafreduce.diagnosis import diagnose
from gafreduce.errors import GafreduceError
from gafreduce.execution.job import JobError
from gafreduce.execution.staging_area import StagingArea, StagingRequest, make_input_name
from gafreduce.inputs import verify
from gafreduce.inputs.download import JobInput
from gafreduce.inputs.listed_input import ListedInput
from gafreduce.publishing import lock_record, resource_marks
from gafreduce.storage import hadoop
from gafreduce.storage.resolve import open_storage

#: Checks and removals that are done here, without a JVM of mrjob's for each.
_OPTIONS = (
    *("--no-check-input-paths", "--no-read-logs"),
    *("--cleanup", "LOCAL_TMP", "--cleanup-on-failure", "LOCAL_TMP"),
)


class HadoopStagingArea(StagingArea):
    """The staging area of jobs on a Hadoop cluster."""

    def __init__(
        self,
        client: hadoop.Hadoop,
        inputs: Sequence[JobInput],
        options: Sequence[str],
        paths: Sequence[str],
        request: StagingRequest,
    ) -> None:
        super().__init__(inputs, client.folder, options, paths)
        self._client = client
        self._request = request

    def download_parts(self, output: str, folder: Path) -> list[Path]:
        """Return the part files of a job's output, downloaded into a folder; sorted.

        Raises:
            HadoopError: The download failed, or the output has no `_SUCCESS`.
        """
        return self._client.download_parts(output, folder)

    def diagnose(self, error: JobError) -> GafreduceError | None:
        """Return the cause of a failed job; None when it is not known."""
        application = error.applications[-1] if error.applications else ""
        request = self._request
        return diagnose.diagnose_on_hadoop(
            error.messages, application, self.inputs, request.access, request.scratch
        )

    def remove(self) -> None:
        """Remove the files of the jobs in HDFS.

        Raises:
            HadoopError: The removal failed.
        """
        self._client.remove()


@contextlib.contextmanager
def stage_on_hadoop(
    inputs: Sequence[ListedInput], request: StagingRequest, options: Sequence[str]
) -> Iterator[HadoopStagingArea]:
    """Give the staging area of a run; its files are removed after the block.

    Args:
        inputs: As listed.
        request: The facts about the run.
        options: Options of mrjob.

    Raises:
        HadoopError: There is no Hadoop, or a call failed.
        ChangedError: A file changed while it was copied.
    """

    def record(folder: str) -> None:
        request.recorder(lock_record.TEMPORARY, [folder])

    mark = request.recorder.mark
    marker = resource_marks.make_marker_name(mark)
    with hadoop.connect(request.run_id, request.conf, record, marker) as client:
        storages = {found.uri: open_storage(found.uri, request.access) for found in inputs}
        local = [each for each in inputs if "hadoop" not in storages[each.uri].read_in_place_by]
        uris = _put(client, local, request.scratch)
        verify.check_copied(local)
        # files that were copied are named by their folder: a command line has a limit
        folder = next(iter(uris.values()), "").rpartition("/")[0]
        input_options = {storage.hadoop_input_options for storage in storages.values()}
        yield HadoopStagingArea(
            client,
            [
                JobInput(found, uris.get(found.uri, found.uri), found.compression, found.bytes)
                for found in inputs
            ],
            [
                *options,
                *_OPTIONS,
                # in the folder that the lock record names
                *("--hadoop-tmp-dir", client.mrjob_folder),
                *("-D", f"mapreduce.job.name={resource_marks.make_job_name(mark)}"),
                *("--hadoop-bin", shlex.quote(client.binary), "-D", hadoop.PRIVATE),
                *(option for each in input_options for option in each),
                *open_storage(client.folder, request.access).hadoop_output_options,
            ],
            [folder] if len(uris) == len(inputs) else [],
            request,
        )


def _put(client: hadoop.Hadoop, local: Sequence[ListedInput], scratch: Path) -> dict[str, str]:
    """Copy files to HDFS, in one call, under names of their own; return their URIs by path."""
    if not local:
        return {}
    folder = scratch / "put"
    folder.mkdir()
    names = {
        found.uri: make_input_name(number, found.compression) for number, found in enumerate(local)
    }
    for path, name in names.items():
        (folder / name).symlink_to(path)
    target = client.put_folder(folder)
    return {path: f"{target}/{name}" for path, name in names.items()}
