"""The plan of a run: everything that is known before its jobs start."""

from __future__ import annotations

import contextlib
import importlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from gafreduce import mrjob_conf, redaction
from gafreduce.errors import UsageError
from gafreduce.execution import job
from gafreduce.inputs import sample_sheet
from gafreduce.inputs.listed_input import InputListing
from gafreduce.inputs.listing import list_inputs
from gafreduce.inputs.ontology_file import download_ontology, find_ontology, look_up_ontology
from gafreduce.jobs.files.file_version import ChangedError, describe_change
from gafreduce.ontology import cache
from gafreduce.ontology.cache import CachedTerms
from gafreduce.ontology.termfile import TermFile
from gafreduce.pipeline.options import RunOptions
from gafreduce.pipeline.report_process import ReportProcess
from gafreduce.pipeline.requested_organisms import check_requested
from gafreduce.pipeline.run_id import compute_code_version, compute_run_id
from gafreduce.storage.resolve import StorageResolver
from gafreduce.storage.s3 import Access

if TYPE_CHECKING:
    from gafreduce.ontology.subset import Subset


@dataclass(frozen=True)
class Plan:
    """The plan of a run."""

    run_id: str
    code: str  # version of the code that runs
    command: tuple[str, ...]  # as typed, redacted: for people, never parsed
    options: RunOptions  # with the id of the term
    hashes: Mapping[str, str]  # SHA-256 of the files that options name
    versions: Mapping[str, str]  # of these files, before any of them was read
    listing: InputListing
    ontology: str  # path or URI
    ontology_path: Path  # of the file that was read
    terms: CachedTerms
    names: Mapping[int, str]  # of organisms, from --organism-names
    id_map: Mapping[str, str]  # of --id-map: ids that are counted, by other ids
    runner: str
    access: Access
    slim: Subset | None = None  # of --slim
    leaves: tuple[str, ...] = ()  # of --tree
    has_many_targets: bool = False  # the term file joins the term sets of a study

    @property
    def slim_terms(self) -> tuple[str, ...]:
        """Ids of the terms of --slim."""
        return self.slim.go_ids if self.slim else ()

    @property
    def is_on_cluster(self) -> bool:
        """Whether jobs run on a cluster."""
        return self.runner in job.CLUSTERS

    @property
    def is_target_only(self) -> bool:
        """Whether the profile is limited to the target and its descendants."""
        return self.options.scope == "target"


def make_plan(
    options: RunOptions, command: Sequence[str], scratch: Path, page: ReportProcess | None
) -> Plan:
    """List the inputs, read the ontology, and return the plan.

    Args:
        options: The options of the run.
        command: The command line as typed.
        scratch: A temporary folder.
        page: The process that makes the report; started here for small inputs.

    Raises:
        GafreduceError: An input or an option is at fault, or a service failed.
        OSError: A file cannot be read.
    """
    job.check_runner(options.runner.runner)
    versions = options.find_versions()
    ontology = find_ontology(options.ontology, options.inputs)
    redaction.check_settings("-D", options.runner.settings)
    access = options.s3.make_access(options.runner.conf_path)
    ontology = look_up_ontology(ontology, access)
    if options.runner.conf_path:
        mrjob_conf.read_options(options.runner.runner or "local", options.runner.conf_path)
    path = download_ontology(ontology, access, scratch)
    # another process reads the ontology, which takes a second
    with contextlib.closing(
        cache.start_build(path, options.term, options.ontology_relations)
    ) as build:
        resolver = StorageResolver(access, has_hadoop=options.runner.runner == "hadoop")
        listing = list_inputs(options.make_input_request(), resolver, scratch)
        importlib.import_module("gafreduce.jobs.annotation_profile")  # while it is read
        runner = options.runner.runner or choose_runner(listing)
        if page is not None and runner == "inline":
            page.start()
        terms = _copy_terms(build.wait(), scratch)
    options = replace(options, term=terms.terms.target)
    names = _read_names(options)
    check_requested(options.organisms, listing, names)
    _check_components(options)
    hashes, code = options.hash_files(), compute_code_version()
    return Plan(
        run_id=compute_run_id(
            listing.inputs, terms.terms.ontology_sha256, options.list_deciding(hashes), code
        ),
        code=code,
        command=tuple(map(_make_printable, command)),
        options=options,
        hashes=hashes,
        versions=versions,
        listing=listing,
        ontology=ontology,
        ontology_path=path,
        terms=terms,
        names=names,
        id_map=_read_id_map(options),
        slim=_read_slim(options, path, terms.terms),
        leaves=_read_tree(options),
        runner=runner,
        access=access,
    )


def _copy_terms(cached: CachedTerms, scratch: Path) -> CachedTerms:
    """Return a term file with a copy of its own: the cache may be emptied during the run."""
    return cached._replace(path=Path(shutil.copy(cached.path, scratch)))


def check_option_files(plan: Plan) -> None:
    """Check that the files that options name are those that were there before any was read.

    They are read more than once, also by the report: no part of a run may have another file.

    Raises:
        ChangedError: One changed since the run was planned, or was removed.
        OSError: One cannot be read.
    """
    versions = plan.options.find_versions()
    for name, expected in plan.versions.items():
        if not versions[name]:
            _refuse_change(plan.options, name, "none")
        if versions[name] != expected:
            _refuse_change(plan.options, name, describe_change(expected, versions[name]))
    hashes = plan.options.hash_files()  # elsewhere than on POSIX a time can be set back
    for name, expected in plan.hashes.items():
        if hashes[name] != expected:
            _refuse_change(plan.options, name, "other content")


def _refuse_change(options: RunOptions, name: str, got: str) -> NoReturn:
    raise ChangedError(
        f"{getattr(options, name)}: expected the file that was read at the start of the run, got "
        f"{got} (nothing was published: run again when nothing writes to it)"
    )


def _make_printable(word: str) -> str:
    """Return a word of a command line, redacted; bytes that are not UTF-8 become escapes."""
    return redaction.redact(word).encode("utf-8", "backslashreplace").decode("utf-8")


def choose_runner(listing: InputListing) -> str:
    """Return the runner for inputs of this size."""
    return job.choose_runner(sum(found.text_bytes for found in listing.inputs))


def _read_names(options: RunOptions) -> dict[int, str]:
    path = options.organism_names
    return sample_sheet.read_organism_names(Path(path)) if path else {}


def _read_id_map(options: RunOptions) -> dict[str, str]:
    if not options.id_map:
        return {}
    from gafreduce.pipeline.id_map import read_id_map  # most runs have none

    return read_id_map(Path(options.id_map))


def _read_tree(options: RunOptions) -> tuple[str, ...]:
    if options.tree is None:
        return ()
    from gafreduce.reports.traits.newick import read_leaves  # most runs have none

    return tuple(read_leaves(Path(options.tree)))


def _read_slim(options: RunOptions, ontology: Path, terms: TermFile) -> Subset | None:
    if options.slim is None:
        return None
    if options.scope == "target" or not options.report:
        option = "--scope target" if options.report else "--no-report"
        raise UsageError(
            f"--slim: expected a run with statistics of the whole ontology, got {option} (leave "
            "one of them out)"
        )
    from gafreduce.ontology.subset import read_subset  # most runs have none

    return read_subset(options.slim, options.slim_file, ontology, terms)


def _check_components(options: RunOptions) -> None:
    """Read the files of components, so that their errors are reported before the jobs."""
    if any(options.components_files):
        from gafreduce.reports.components.components_file import read_machinery

        read_machinery(options.term, *options.components_files)
