"""The jobs of a run, over the same staged inputs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gafreduce.execution import job, time_limit
from gafreduce.execution.post_job import PostJobWork
from gafreduce.execution.staging import stage_inputs
from gafreduce.execution.staging_area import StagingArea, StagingRequest
from gafreduce.execution.time_limit import Watch
from gafreduce.inputs import verify
from gafreduce.inputs.download import JobInput
from gafreduce.jobs.files import input_list
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.mapper.id_map import write_id_map
from gafreduce.jobs.model.filters import write_filters
from gafreduce.pipeline.plan import Plan
from gafreduce.pipeline.stages import Stages
from gafreduce.publishing import lock_record
from gafreduce.publishing.lock_record import Recorder
from gafreduce.storage.hadoop import HadoopError
from gafreduce.storage.s3_errors import S3Error
from gafreduce.system import host


@dataclass(frozen=True)
class RunJobs:
    """The jobs of a run; after the last one the cluster's inputs are verified, then removed."""

    plan: Plan
    area: StagingArea
    sources: tuple[InputFile, ...]  # the inputs as the jobs read them
    side_files: job.SideFiles
    scratch: Path
    stages: Stages
    recorder: Recorder
    watch: Watch | None  # None on this machine
    after: PostJobWork
    has_context: bool  # whether a context job may follow the profile

    @property
    def inputs(self) -> tuple[JobInput, ...]:
        """The inputs, each with its file on this machine."""
        return self.area.inputs

    def run_profile(self) -> list[Path]:
        """Run the main job, and return its part files."""
        from gafreduce.jobs.annotation_profile import MRAnnotationProfile

        own = ["--scope", self.plan.options.scope]
        if self.plan.has_many_targets:
            own.append("--many-targets")
        parts = self._run("job", MRAnnotationProfile, own)
        if not self.has_context:
            self._begin_release()
        return parts

    def run_context(self, request: Path | None) -> list[Path]:
        """Run the job that finds the lines for the statistics, and return its part files.

        Args:
            request: The lines that are needed; None when there are none.
        """
        from gafreduce.jobs.context import MRContext

        parts: list[Path] = []
        if request is not None:
            self.stages.progress.begin("rereading")
            # map-only, whatever number of reducers the main job was given
            more = ("-D", "mapreduce.job.reduces=0") if self.area.options else ()
            parts = self._run("context", MRContext, ["--request", str(request)], more)
        self._begin_release()
        return parts

    def finish(self) -> None:
        """Wait until the inputs are verified.

        Raises:
            ChangedError: An input changed while the cluster read it.
            TransientError: S3 or Hadoop failed.
        """
        self.after.wait()

    def _begin_release(self) -> None:
        if self.plan.is_on_cluster:
            self.after.start()

    def _run(
        self, name: str, job_class: type[Any], own: Sequence[str], more: Sequence[str] = ()
    ) -> list[Path]:
        options = self.plan.options.runner
        settings = [part for setting in options.settings for part in ("-D", setting)]
        job_options = job.JobOptions(
            runner=self.plan.runner,
            conf=options.conf_path,
            n_cores=options.cores,
            more=(*self.area.options, *settings, *more),
            watch=self.watch,
            cluster=self.area.find_waiting_cluster(),
            keeps_cluster=self.has_context and self.plan.runner == "emr",
        )
        try:
            n_parts = job.run_job(
                job_class,
                own,
                self.area.input_paths,
                self.side_files,
                self.area.output_path(name),
                job_options,
                self.stages.count_tasks,
                self._record,
                self.stages.progress.count_bytes,
            )
        except (job.JobError, OSError) as error:
            self._explain_failure(error)
            raise
        return self.area.collect_parts(name, self.scratch, n_parts)

    def _explain_failure(self, error: job.JobError | OSError) -> None:
        """Raise an error that names the cause of a failed job, when it can be found."""
        # a missing or changed input makes a job fail
        if self.plan.is_on_cluster:
            with contextlib.suppress(S3Error, HadoopError):
                verify.check_unchanged(self.plan.listing.inputs, self.plan.access)
        else:
            verify.check_unchanged_here(self.plan.listing.inputs)
        cause = self.area.diagnose(error) if isinstance(error, job.JobError) else None
        if cause is not None:
            raise cause from error

    def _record(self, kind: str, values: Sequence[str]) -> None:
        """Add a cluster or application to the lock record."""
        if kind == lock_record.CLUSTERS:  # first here, so that it is ended whatever happens next
            self.area.cluster = values[-1]
        self.recorder(kind, values)


@contextlib.contextmanager
def stage_jobs(
    plan: Plan, scratch: Path, stages: Stages, recorder: Recorder, has_context: bool
) -> Iterator[RunJobs]:
    """Stage the inputs and write the side files; give the jobs.

    Args:
        plan: The plan of the run.
        scratch: A temporary folder.
        stages: Reports progress.
        recorder: Adds to the run's lock record what the jobs have outside this process.
        has_context: Whether a context job may follow the profile.

    Raises:
        GafreduceError: An input cannot be read, or a service failed.
    """
    with contextlib.ExitStack() as stack:
        watch = None
        if plan.is_on_cluster:
            limit = time_limit.Watch(plan.options.runner.max_wall)
            watch = stack.enter_context(time_limit.keep_watch(limit))
        with stages.stage("inputs"):
            request = StagingRequest(
                plan.run_id, plan.options.runner.conf_path, plan.access, scratch, recorder
            )
            area = stack.enter_context(
                stage_inputs(plan.listing.inputs, plan.runner, request, stages.count_tasks)
            )
        sources = tuple(found.input_file() for found in area.inputs)
        files = job.SideFiles(
            plan.terms.path,
            scratch / "inputs.tsv",
            scratch / "filters.json",
            scratch / "id-map.tsv" if plan.id_map else None,
        )
        input_list.write_input_list(sources, files.input_list)
        write_filters(plan.options.filters, files.filters)
        if files.id_map is not None:
            write_id_map(plan.id_map, files.id_map)
        if host.IS_WINDOWS:
            from gafreduce.jobs.runners import spawned_pool

            stack.callback(spawned_pool.end_workers)
        after = stack.enter_context(PostJobWork(plan.listing.inputs, plan.access, area))
        yield RunJobs(
            plan, area, sources, files, scratch, stages, recorder, watch, after, has_context
        )


def describe_stored(found: JobInput, source: InputFile) -> InputFile:
    """Return an input as the user knows it, for the table of inputs."""
    listed = found.listed
    return source._replace(uri=listed.uri, compression=listed.compression, bytes=listed.bytes)
