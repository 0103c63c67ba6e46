"""The options that choose lines, in the words of the field, and the filters made of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from gafreduce.jobs.model.eco import load_eco_ids
from gafreduce.jobs.model.evidence import CODES_OF_GROUP, GROUP_OF
from gafreduce.jobs.model.filters import NO_FILTERS, NOT_STATED, OBSOLETE, REPAIR, Filters
from gafreduce.jobs.model.go_terms import ASPECT_BY_NAME
from gafreduce.jobs.model.relations import OTHER, SUPPORTING
from gafreduce.jobs.rules.catalogue import RuleError, find_strict_rules

#: Fields of `Filters` that hold rules, not filters.
_RULES = ("strict", "obsolete", "quarantine")
#: Words for the three aspects, lower case.
_ASPECTS = {**ASPECT_BY_NAME, "bp": "P", "mf": "F", "cc": "C"}


def words(text: str) -> tuple[str, ...]:
    """Return a comma-separated list.

    >>> words("GO_Central, UniProt")
    ('GO_Central', 'UniProt')
    """
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise argparse.ArgumentTypeError(f"expected words between commas, got {text!r}")
    return found


def strict(text: str) -> tuple[str, ...]:
    """Return the words of rules whose lines are refused besides.

    >>> strict("GORULE:0000065,root_without_nd")
    ('obsoletion_candidate', 'root_without_nd')
    """
    try:
        return tuple(sorted(find_strict_rules(words(text))))
    except RuleError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def at_least_one(text: str) -> int:
    """Return a number of things of which there is at least one: `2`."""
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"expected a number from 1, got {text!r}")
    return int(text)


def _each(meaning: Callable[[str], str | None], expected: str) -> Callable[[str], tuple[str, ...]]:
    """Return a type of argument: a list of words, each of which has a meaning."""

    def read(text: str) -> tuple[str, ...]:
        found = [(word, meaning(word)) for word in words(text)]
        for word, value in found:
            if value is None:
                raise argparse.ArgumentTypeError(f"expected {expected}, got {word!r}")
        return tuple(value for _, value in found if value is not None)

    return read


def _evidence_word(word: str) -> str | None:
    """Return a code or a group; an ECO id is the code that it stands for.

    >>> _evidence_word("ida"), _evidence_word("Electronic"), _evidence_word("ECO:0000314")
    ('IDA', 'electronic', 'IDA')
    """
    if word.upper() in GROUP_OF:
        return word.upper()
    if word.lower() in CODES_OF_GROUP:
        return word.lower()
    return load_eco_ids().get(word.upper())


def _relation_word(word: str) -> str | None:
    if word.lower() == NOT_STATED:
        return ""
    return word.lower() if word.lower() in SUPPORTING | OTHER else None


evidence = _each(
    _evidence_word,
    f"a code such as IDA, a group ({', '.join(CODES_OF_GROUP)}) or an ECO id of docs/evidence.md",
)
aspects = _each(lambda word: _ASPECTS.get(word.lower()), "P, F or C (or BP, MF, CC)")
gp_relations = _each(
    _relation_word, f"a relation of GO such as involved_in, or {NOT_STATED!r} for none given"
)


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Declare the filters and what counts as taking part."""
    group = command.add_argument_group(
        "filters",
        "Lists between commas; each may be given once. What a filter leaves out is counted as "
        "filtered, apart from rejected lines.",
    )
    group.add_argument(
        "--evidence", metavar="LIST", type=evidence, help="codes, groups or ECO ids to take"
    )
    group.add_argument(
        "--exclude-evidence", metavar="LIST", type=evidence, help="the same, to leave out"
    )
    group.add_argument("--exclude-iea", action="store_true", help="--exclude-evidence IEA")
    group.add_argument(
        "--object-type",
        metavar="LIST",
        type=words,
        help="types of gene product: protein, RNA ...",
    )
    group.add_argument("--aspect", metavar="LIST", type=aspects, help="P, F, C: the ontology's")
    group.add_argument("--assigned-by", metavar="LIST", type=words, help="column 15: UniProt ...")
    group.add_argument(
        "--relation",
        metavar="LIST",
        type=gp_relations,
        help="gene product to term relations (column 4) to take; `none` for lines without",
    )
    group.add_argument(
        "--qualifier-relations",
        metavar="LIST",
        type=gp_relations,
        help="relations that say a gene product takes part in the term (default: see "
        "docs/evidence.md#relations); lines with others are kept and counted apart",
    )

    add_rule_arguments(command).add_argument(
        "--quarantine",
        action="store_true",
        help="keep refused and repaired lines themselves in extras/quarantine/",
    )


def add_rule_arguments(command: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Declare how strictly lines are read, and return the group of these options."""
    group = command.add_argument_group("rules (docs/rules.md)")
    group.add_argument(
        "--obsolete",
        choices=OBSOLETE,
        default=REPAIR,
        help="obsolete terms: repair: read as what replaced them, where one term did; keep: as "
        "they are; drop: refuse. Merged ids are always repaired (default: %(default)s)",
    )
    group.add_argument(
        "--strict",
        metavar="LIST",
        type=strict,
        default=(),
        help="rules whose lines are refused instead of kept with a warning: words or GORULE ids "
        "of docs/rules.md, or all",
    )
    return group


def filters_of(arguments: argparse.Namespace) -> Filters:
    """Return the filters that the options give."""
    excluded_evidence = {*(arguments.exclude_evidence or ()), *(["IEA"] * arguments.exclude_iea)}
    return Filters(
        evidence=_sorted(arguments.evidence),
        excluded_evidence=_sorted(excluded_evidence),
        aspects=_sorted(arguments.aspect),
        relations=_sorted(arguments.relation),
        object_types=_sorted(word.lower() for word in arguments.object_type or ()),
        assigned_by=_sorted(arguments.assigned_by),
        supporting_relations=_sorted(arguments.qualifier_relations)
        or NO_FILTERS.supporting_relations,
        strict=arguments.strict,
        obsolete=arguments.obsolete,
        quarantine=arguments.quarantine,
    )


def _sorted(found: Any) -> tuple[str, ...]:
    return tuple(sorted(set(found or ())))


def recorded(chosen: Filters) -> Mapping[str, list[str]]:
    """Return the filters that differ from taking everything, for the run record and the run id."""
    usual = asdict(NO_FILTERS)
    return {
        name: [value or NOT_STATED for value in values]
        for name, values in asdict(chosen).items()
        if values != usual[name] and name not in _RULES
    }


def recorded_rules(chosen: Filters) -> Mapping[str, Any]:
    """Return how strictly lines are read, for the run record and the run id."""
    return {name: getattr(chosen, name) for name in _RULES}
