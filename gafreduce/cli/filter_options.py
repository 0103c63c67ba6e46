"""The options that select annotation lines, and the filters made of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from gafreduce.cli.options import parse_list
from gafreduce.errors import UsageError
from gafreduce.jobs.model.eco import load_eco_ids
from gafreduce.jobs.model.evidence import CODES_OF_GROUP, GROUP_OF
from gafreduce.jobs.model.filters import NO_FILTERS, NOT_STATED, OBSOLETE, REPAIR, Filters
from gafreduce.jobs.model.go_terms import ASPECT_BY_NAME
from gafreduce.jobs.model.relations import OTHER, SUPPORTING, read_relation
from gafreduce.jobs.rules.catalogue import find_strict_rules

#: Words for the three aspects, lower case.
_ASPECTS = {**ASPECT_BY_NAME, "bp": "P", "mf": "F", "cc": "C"}


def parse_strict(text: str) -> tuple[str, ...]:
    """Return the words of the rules that are applied strictly.

    >>> parse_strict("GORULE:0000065,root_without_nd")
    ('obsoletion_candidate', 'root_without_nd')
    """
    try:
        return tuple(sorted(find_strict_rules(parse_list(text))))
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _list_parser(
    read_word: Callable[[str], str | None], expected: str
) -> Callable[[str], tuple[str, ...]]:
    """Return the type of an option that takes a list.

    Args:
        read_word: Returns the value of a word; None for an unknown word.
        expected: The words that are known, for the error message.
    """

    def parse(text: str) -> tuple[str, ...]:
        found = [(word, read_word(word)) for word in parse_list(text)]
        for word, value in found:
            if value is None:
                raise argparse.ArgumentTypeError(f"expected {expected}, got {word!r}")
        return tuple(value for _, value in found if value is not None)

    return parse


def _read_evidence(word: str) -> str | None:
    """Return an evidence code or group; an ECO id becomes its code.

    >>> _read_evidence("ida"), _read_evidence("Electronic"), _read_evidence("ECO:0000314")
    ('IDA', 'electronic', 'IDA')
    """
    if word.upper() in GROUP_OF:
        return word.upper()
    if word.lower() in CODES_OF_GROUP:
        return word.lower()
    return load_eco_ids().get(word.upper())


def _read_aspect(word: str) -> str | None:
    return _ASPECTS.get(word.lower())


def _read_relation(word: str) -> str | None:
    if word.lower() == NOT_STATED:
        return ""
    name, negated = read_relation(word)
    return name if name in SUPPORTING | OTHER and name and not negated else None


parse_evidence = _list_parser(
    _read_evidence,
    f"a code such as IDA, a group ({', '.join(CODES_OF_GROUP)}) or an ECO id of docs/evidence.md",
)
parse_aspects = _list_parser(_read_aspect, "P, F or C (or BP, MF, CC)")
parse_relations = _list_parser(
    _read_relation, f"a relation of GO such as involved_in, or {NOT_STATED!r} for none given"
)


def add_filters(command: argparse.ArgumentParser) -> None:
    """Add the filters and the rules."""
    group = command.add_argument_group(
        "filters",
        "Comma-separated lists; each option may be given once. Lines that a filter excludes are\n"
        "counted as filtered, separately from rejected lines.",
    )
    group.add_argument(
        "--evidence",
        metavar="LIST",
        type=parse_evidence,
        help="evidence codes, groups or ECO ids to include",
    )
    group.add_argument(
        "--exclude-evidence",
        metavar="LIST",
        type=parse_evidence,
        help="evidence codes, groups or ECO ids to exclude, such as IEA",
    )
    group.add_argument(
        "--object-type",
        metavar="LIST",
        type=parse_list,
        help="types of gene product to include, such as protein",
    )
    group.add_argument(
        "--aspect", metavar="LIST", type=parse_aspects, help="aspects to include: P, F, C"
    )
    group.add_argument(
        "--assigned-by",
        metavar="LIST",
        type=parse_list,
        help="assigning groups to include (column 15), such as UniProt",
    )
    group.add_argument(
        "--relation",
        metavar="LIST",
        type=parse_relations,
        help="relations of gene product and term (column 4) to include; `none` for lines without "
        "one",
    )
    group.add_argument(
        "--qualifier-relations",
        metavar="LIST",
        type=parse_relations,
        help="relations that count as support for the term (default: see docs/evidence.md); "
        "lines with other relations are kept and counted separately",
    )
    add_rules(command).add_argument(
        "--quarantine",
        action="store_true",
        help="write refused and repaired lines to extras/quarantine/",
    )


def add_rules(command: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Add the rules for annotation lines, and return the group of these options."""
    group = command.add_argument_group("rules (docs/rules.md)")
    group.add_argument(
        "--obsolete",
        choices=OBSOLETE,
        default=REPAIR,
        help="treatment of obsolete terms: repair replaces a term that has one successor; keep; "
        "drop refuses its lines. Merged ids are always replaced (default: %(default)s)",
    )
    group.add_argument(
        "--strict",
        metavar="LIST",
        type=parse_strict,
        default=(),
        help="rules that refuse lines instead of keeping them with a warning: words or GORULE ids "
        "of docs/rules.md, or all",
    )
    return group


def make_filters(arguments: argparse.Namespace) -> Filters:
    """Return the filters of a command line."""
    return Filters(
        evidence=_sort(arguments.evidence),
        excluded_evidence=_sort(arguments.exclude_evidence),
        aspects=_sort(arguments.aspect),
        relations=_sort(arguments.relation),
        object_types=_sort(word.lower() for word in arguments.object_type or ()),
        assigned_by=_sort(arguments.assigned_by),
        supporting_relations=_sort(arguments.qualifier_relations)
        or NO_FILTERS.supporting_relations,
        strict=arguments.strict,
        obsolete=arguments.obsolete,
        quarantine=arguments.quarantine,
    )


def _sort(values: Any) -> tuple[str, ...]:
    return tuple(sorted(set(values or ())))
