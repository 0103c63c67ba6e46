"""`gafreduce run`: from a command line to a run folder and the answer."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import importlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gafreduce import progress, redaction, signals
from gafreduce.cli import filter_options
from gafreduce.errors import UsageError
from gafreduce.execution import job
from gafreduce.inputs import sample_sheet
from gafreduce.inputs.listed_input import InputListing
from gafreduce.inputs.listing import InputRequest, list_inputs
from gafreduce.inputs.ontology_file import download_ontology, find_ontology
from gafreduce.ontology import cache
from gafreduce.ontology.cache import CachedTerms
from gafreduce.pipeline import report_process
from gafreduce.pipeline.plan import Plan, Request
from gafreduce.pipeline.report_process import MachineryFiles, ReportProcess
from gafreduce.pipeline.run_id import code_version, run_id
from gafreduce.pipeline.run_pipeline import Stages
from gafreduce.pipeline.run_pipeline import run as run_pipeline
from gafreduce.publishing import folder_lock, local_publish, recovery, run_folder
from gafreduce.publishing.lock_record import Recorder
from gafreduce.publishing.run_folder import RunFolder
from gafreduce.storage import hadoop, s3
from gafreduce.storage.resolve import StorageResolver, local_path
from gafreduce.storage.s3_errors import translate_errors
from gafreduce.tempdir import temporary_folder

if TYPE_CHECKING:
    from gafreduce.publishing.s3_lock import S3Lock


def run(arguments: argparse.Namespace) -> Iterator[str]:
    """Make a run folder; print the answer and the path of the report."""
    if arguments.output == "":
        raise UsageError("-o: expected a folder or s3:// URI, got an empty text")
    ontology = find_ontology(arguments.ontology)
    redaction.check_settings("-D", arguments.settings)
    hadoop.go_by(Path(arguments.conf) if arguments.conf else None)
    access = s3.Access(arguments.endpoint_url, arguments.profile, arguments.sse_kms_key_id)
    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(temporary_folder())
        # the ontology takes a second: it is read beside what follows
        build = cache.start_build(
            download_ontology(ontology, access, scratch),
            arguments.term,
            arguments.ontology_relations,
        )
        stack.callback(build.close)
        resolver = StorageResolver(access, has_hadoop=arguments.runner == "hadoop")
        listing = list_inputs(
            InputRequest(
                tuple(arguments.inputs),
                arguments.format,
                taxon_id=arguments.taxon or 0,
                companion=arguments.companion or "",
            ),
            resolver,
            scratch,
        )
        importlib.import_module("gafreduce.jobs.annotation_profile")
        page = None
        if not (arguments.no_report or arguments.dry_run):
            page = stack.enter_context(report_process.ready())
            if _runner(arguments, listing) == "inline":  # its imports take another, after our own
                page.start()
        plan = _plan(arguments, listing, ontology, build.wait(), access)
        if arguments.dry_run:
            yield from _describe(plan, arguments)
            return
        yield from _make(plan, arguments, scratch, page)


def _plan(
    arguments: argparse.Namespace,
    listing: InputListing,
    ontology: str,
    terms: CachedTerms,
    access: s3.Access,
) -> Plan:
    names_file = Path(arguments.organism_names) if arguments.organism_names else None
    names = sample_sheet.read_organism_names(names_file) if names_file else {}
    machinery = _machinery_files(arguments, terms.terms.target)
    filters = filter_options.filters_of(arguments)
    options: dict[str, Any] = {
        "term": terms.terms.target,
        "relations": list(arguments.ontology_relations),
        "scope": arguments.scope,
        "organisms": sorted(arguments.organism or ()),
        "organism_names": _sha256(names_file),
        "format": arguments.format,
        "filters": filter_options.recorded(filters),
        "rules": filter_options.recorded_rules(filters),
        "max_rejected": arguments.max_rejected,
        "components": _sha256(machinery.components),
        "orthologs": _sha256(machinery.orthologs),
        "report": not arguments.no_report,
    }
    request = Request(
        command=("gafreduce", *map(redaction.redact, sys.argv[1:])),
        organisms=tuple(options["organisms"]),
        names=names,
        scope=arguments.scope,
        max_rejected=arguments.max_rejected,
        max_wall=arguments.max_wall,
        job=job.JobOptions(
            runner=_runner(arguments, listing),
            conf=Path(arguments.conf) if arguments.conf else None,
            n_cores=arguments.cores,
            more=tuple(part for setting in arguments.settings for part in ("-D", setting)),
        ),
        access=access,
        options=options,
        ontology=ontology,
        machinery=machinery,
        filters=filters,
    )
    code = code_version()
    identifier = run_id(listing.inputs, terms.terms.ontology_sha256, options, code)
    return Plan(identifier, code, listing, terms, request)


def _runner(arguments: argparse.Namespace, listing: InputListing) -> str:
    """Return the runner that was named, else the one for so much text."""
    if arguments.runner:
        return str(arguments.runner)
    plain = sum(found.bytes for found in listing.inputs if found.compression == "plain")
    packed = sum(found.bytes for found in listing.inputs if found.compression != "plain")
    return job.choose_runner(plain, packed)


def _machinery_files(arguments: argparse.Namespace, target: str) -> MachineryFiles:
    """Return the files that say what else is looked for; read here, so that errors come early."""
    files = MachineryFiles(
        Path(arguments.components) if arguments.components else None,
        Path(arguments.orthologs) if arguments.orthologs else None,
    )
    if any(files):
        from gafreduce.reports.components.components_file import read_machinery

        read_machinery(target, *files)
    return files


def _sha256(path: Path | None) -> str | None:
    if path is None:
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _make(
    plan: Plan, arguments: argparse.Namespace, scratch: Path, page: ReportProcess | None
) -> Iterator[str]:
    if arguments.output and local_path(arguments.output) is None:
        yield from _make_in_s3(plan, arguments, scratch, page)
        return
    path = Path(arguments.output or run_folder.DEFAULT_PARENT / plan.run_id)
    folder = RunFolder(path)
    if arguments.force:
        local_publish.check_replaceable(folder)
    is_there = not arguments.force and folder.is_complete(plan.run_id)
    if not is_there:
        with folder_lock.lock_folder(path) as lock:
            # looked at again: another run may have ended between the first look and the lock
            is_there = not arguments.force and folder.is_complete(plan.run_id)
            if not is_there:
                with (
                    recovery.recover(lock, plan.request.access),
                    progress.show_progress(arguments.quiet) as report,
                ):
                    run_pipeline(plan, path, scratch, Stages(report), page, lock.record)
    where = f"{path}: this run is there already" if is_there else str(path)
    yield from _answer(folder, arguments, where)


def _make_in_s3(
    plan: Plan, arguments: argparse.Namespace, scratch: Path, page: ReportProcess | None
) -> Iterator[str]:
    from gafreduce.publishing import s3_publish
    from gafreduce.publishing.s3_lock import hold_lock
    from gafreduce.storage.s3_prefix import Prefix

    access, folder = plan.request.access, RunFolder(scratch / "run")
    bucket, key = s3.parse(arguments.output)
    asked = s3.Location(bucket, key).uri
    with translate_errors(f"looking for a run in {asked}"):
        if arguments.force:  # never over what is there: beside it
            key = s3_publish.find_unused_prefix(bucket, key, access.client())
        place = Prefix(access.client(), bucket, key)
        heartbeat = Prefix(access.hasty_client(), bucket, key)
        lock = s3_publish.lock_prefix(place, plan.run_id, heartbeat)
        if lock is None:
            s3_publish.download_summary(place, folder)
    where = asked if not arguments.force else place.uri
    if lock is None:
        yield from _answer(folder, arguments, f"{where}: this run is there already")
        return
    with hold_lock(lock, on_lost=signals.interrupt_main), recovery.recover(lock, access):
        with progress.show_progress(arguments.quiet) as report:
            run_pipeline(plan, folder.path, scratch, Stages(report), page, _make_recorder(lock))
        with translate_errors(f"publishing to {place.uri}"):
            s3_publish.publish(folder, place, lock)
    yield from _answer(folder, arguments, where)


def _make_recorder(lock: S3Lock) -> Recorder:
    """Return a recorder; when its request fails, the next heartbeat has the record too."""
    from botocore.exceptions import BotoCoreError, ClientError

    def record(kind: str, values: Sequence[str]) -> None:
        with contextlib.suppress(BotoCoreError, ClientError):
            lock.record(kind, values)

    return record


def _answer(folder: RunFolder, arguments: argparse.Namespace, where: str) -> Iterator[str]:
    """Return the answer in lines, or as JSON."""
    from gafreduce.reports.summary import summary

    if arguments.json:
        found = summary.read_summary(folder).as_dict()
        yield json.dumps(found, ensure_ascii=False, indent=2)
        return
    if not arguments.quiet:
        yield from summary.read_summary(folder).format_lines()
    yield str(where)


def _describe(plan: Plan, arguments: argparse.Namespace) -> Iterator[str]:
    """Say what a run would do."""
    terms = plan.terms.terms
    yield f"run id\t{plan.run_id}"
    yield f"runner\t{plan.request.job.runner}"
    yield f"folder\t{arguments.output or run_folder.DEFAULT_PARENT / plan.run_id}"
    if plan.terms.note:
        yield f"note\t{plan.terms.note}"
    for term in terms.term_set:
        yield f"closure\t{term.go_id}\t{term.term_class}\t{term.name}"
    for found in plan.listing.inputs:
        yield (
            f"input\t{found.source_file}\t{found.format}\t{found.compression}\t"
            f"{found.bytes}\t{found.organism}"
        )
