"""Running the main job: mrjob's own machinery, started from the front door."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)

#: Bytes of text up to which one process is quicker than starting several.
INLINE_BYTES = 32 << 20
#: How many times larger a compressed annotation file is as text.
_INFLATION = 12

Progress = Callable[[int, int], None]


class JobError(ValueError):
    """The job failed."""


@dataclass(frozen=True)
class JobOptions:
    """How the job is run; nothing here changes a number."""

    runner: str  # inline, local, hadoop or emr
    conf: Path | None = None  # mrjob.conf
    n_cores: int | None = None
    more: Sequence[str] = field(default=())  # passed to mrjob as they are


def choose_runner(n_plain: int, n_compressed: int) -> str:
    """Return the runner for inputs of so many bytes: inline while the text is small.

    >>> choose_runner(1 << 20, 0), choose_runner(0, 1 << 30)
    ('inline', 'local')
    """
    return "inline" if n_plain + _INFLATION * n_compressed <= INLINE_BYTES else "local"


def run_job(
    paths: Sequence[str],
    term_file: Path,
    input_list: Path,
    scope: str,
    output: Path,
    options: JobOptions,
    on_progress: Progress | None = None,
) -> list[Path]:
    """Run the main job and return its part files.

    Args:
        paths: Files on this machine, or URIs that the runner's cluster can read.
        term_file: What the workers need of the ontology.
        input_list: What is known of each input.
        scope: full or target.
        output: A folder that doesn't exist yet.
        options: How to run it.
        on_progress: Called with tasks done and tasks known of the stage that runs.

    Raises:
        InputError: An input is damaged.
        JobError: The job failed otherwise.
    """
    from mrjob.step import StepFailedException

    from jobs.annotation_profile import MRAnnotationProfile

    arguments = [
        *("--runner", options.runner),
        *("--term-file", str(term_file)),
        *("--input-list", str(input_list)),
        *("--scope", scope),
        *("--output-dir", str(output)),
        "--no-cat-output",
        *(["--conf-path", str(options.conf)] if options.conf else ["--no-conf"]),
        *(["--num-cores", str(options.n_cores)] if options.n_cores else []),
        *options.more,
        *paths,
    ]
    job = MRAnnotationProfile(arguments)
    try:
        with job.make_runner() as runner:
            runner.on_progress = on_progress
            runner.run()
    except StepFailedException as error:
        raise JobError(f"the job failed: {error}") from error
    return sorted(output.glob("part-*"))
