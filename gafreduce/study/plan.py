"""The plan of a study: the plan of the run of each trait, and that of the job that they share."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gafreduce.errors import InputError, UsageError
from gafreduce.ontology import termfile
from gafreduce.ontology.cache import CachedTerms
from gafreduce.ontology.targets import find_targets, join_targets
from gafreduce.pipeline.destination import find_address
from gafreduce.pipeline.options import RunOptions
from gafreduce.pipeline.plan import Plan, make_plan
from gafreduce.pipeline.run_id import compute_run_id
from gafreduce.publishing.run_folder import TRAITS
from gafreduce.study.trait_sheet import TraitRow


@dataclass(frozen=True)
class Trait:
    """A trait of a study, with the plan of a run of its own."""

    label: str
    group: str
    plan: Plan

    @property
    def go_id(self) -> str:
        """The id of the term."""
        return self.plan.terms.terms.target

    @property
    def folder(self) -> str:
        """The path of its run folder, relative to the folder of the study."""
        return f"{TRAITS}/{self.go_id.replace(':', '_')}"


@dataclass(frozen=True)
class StudyPlan:
    """The plan of a study. The run id of `joint` is the id of the study."""

    joint: Plan  # of the job with the term sets of all traits
    traits: tuple[Trait, ...]
    is_clustered: bool = False  # clusters order the overview


def make_study_plan(
    options: RunOptions,
    rows: Sequence[TraitRow],
    command: Sequence[str],
    scratch: Path,
    *,
    is_clustered: bool = False,
) -> StudyPlan:
    """List the inputs, read the ontology, and return the plan.

    Args:
        options: The options of each run, with the first term.
        rows: The traits.
        command: The command line as typed.
        scratch: A temporary folder.
        is_clustered: Whether clusters order the overview.

    Raises:
        GafreduceError: An input or an option is at fault, or a service failed.
        OSError: A file cannot be read.
    """
    if options.scope == "target":
        raise UsageError("--scope target: expected one term, got several (leave it out)")
    first = make_plan(replace(options, term=rows[0].term), command, scratch, None)
    terms = first.terms.terms
    names, places = [row.term for row in rows], [row.place for row in rows]
    targets = find_targets(first.ontology_path, names, places, terms)
    _check_distinct(rows, [target.go_id for target in targets])
    plans = []
    for number, target in enumerate(targets):
        own = terms if target.go_id == terms.target else target.apply(terms)
        # no path: nothing reads the term file of one trait
        cached = first.terms._replace(terms=own, note=target.note) if number else first.terms
        plans.append(_make_trait_plan(first, cached))
    names = [plan.terms.terms.names[plan.terms.terms.index[plan.options.term]] for plan in plans]
    labels = [row.label or name for row, name in zip(rows, names, strict=True)]
    run_ids, groups = [plan.run_id for plan in plans], [row.group for row in rows]
    study_id = _compute_id([run_ids, labels, groups, is_clustered])
    joined = join_targets([plan.terms.terms for plan in plans])
    path = scratch / "joint.terms"
    termfile.write(joined, path)
    joint = replace(
        first, run_id=study_id, terms=CachedTerms(path, joined, ""), has_many_targets=True
    )
    traits = [
        Trait(label, row.group, plan) for label, row, plan in zip(labels, rows, plans, strict=True)
    ]
    address = find_address(joint)
    return StudyPlan(joint, tuple(_place_trait(trait, address) for trait in traits), is_clustered)


def _make_trait_plan(first: Plan, terms: CachedTerms) -> Plan:
    """Return the plan of the run of a trait, from that of another one."""
    options = replace(first.options, term=terms.terms.target)
    run_id = compute_run_id(
        first.listing.inputs,
        terms.terms.ontology_sha256,
        options.list_deciding(first.hashes),
        first.code,
    )
    return replace(first, run_id=run_id, options=options, terms=terms)


def _place_trait(trait: Trait, address: str) -> Trait:
    """Return a trait whose options name its folder in that of the study."""
    options = replace(trait.plan.options, output=f"{address.rstrip('/')}/{trait.folder}")
    return replace(trait, plan=replace(trait.plan, options=options))


def _compute_id(deciding: Sequence[object]) -> str:
    """Return the id of a study, by the ids of its runs, labels, groups and the order."""
    text = json.dumps(deciding, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _check_distinct(rows: Sequence[TraitRow], go_ids: Sequence[str]) -> None:
    """Check that no term is named twice.

    Raises:
        InputError: One is.
    """
    places: dict[str, str] = {}
    for row, go_id in zip(rows, go_ids, strict=True):
        if go_id in places:
            raise InputError(
                f"{row.place}: expected another term than at {places[go_id]}, got {go_id} again "
                "(name it once)"
            )
        places[go_id] = row.place
