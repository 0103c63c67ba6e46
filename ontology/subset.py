"""The terms of a subset of GO (a slim): of a file of its own, or of those that the ontology names.

Source of the format: https://geneontology.org/docs/download-ontology/#subsets
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from gafreduce.errors import TransientError
from gafreduce.ontology.obo_text import OntologyError, check_is_obo, read_terms, read_text
from gafreduce.ontology.termfile import TermFile

_SUBSET = re.compile(rb"\nsubset: *(\w+)")


class Subset(NamedTuple):
    """The terms of a subset."""

    go_ids: tuple[str, ...]  # current terms, sorted
    left_out: tuple[str, ...]  # ids that the ontology does not have, or has as obsolete; sorted


def read_subset(named: str, path: Path | None, ontology: Path, terms: TermFile) -> Subset:
    """Return the terms of a subset; merged and replaced terms are repaired.

    Args:
        named: The subset as the user named it.
        path: An OBO file with its terms; None for a subset of the ontology.
        ontology: The file of the ontology of the run.
        terms: The terms of the run.

    Raises:
        OntologyError: There is no such subset or file, or none of its terms is in the ontology.
        TransientError: The ontology is no longer the one whose terms were read.
    """
    if path is None:
        found = _find_named(named, ontology, terms.ontology_sha256)
    else:
        found = _read_file(path)
    repaired = {go_id: terms.repairs.get(go_id, go_id) for go_id in found}
    current = {
        go_id
        for go_id in repaired.values()
        if go_id in terms.index and terms.index[go_id] not in terms.obsolete
    }
    missing = sorted(written for written, go_id in repaired.items() if go_id not in current)
    if not current:
        raise OntologyError(
            f"--slim {named}: expected terms of {ontology}, got {len(found)} of which it has none "
            "(take the subset of the same release)"
        )
    return Subset(tuple(sorted(current)), tuple(missing))


def _read_file(path: Path) -> list[str]:
    """Return the ids of the terms of an OBO file that are not obsolete there."""
    text = read_text(path, "--slim")
    found = [term.go_id for term in read_terms(text) if not term.is_obsolete]
    check_is_obo(text, len(found), path)
    return found


def _find_named(name: str, ontology: Path, sha256: str) -> list[str]:
    """Return the ids of the terms of an ontology that have a subset's name."""
    text = read_text(ontology)
    if hashlib.sha256(text).hexdigest() != sha256:
        raise TransientError(
            f"{ontology}: expected the ontology that was read at first, got another one (nothing "
            "was published: run again when nothing writes to it)"
        )
    found = []
    names = set()
    for stanza in (b"\n" + text).split(b"\n[Term]")[1:]:
        subsets = set(_SUBSET.findall(stanza))
        names |= subsets
        if name.encode() in subsets and b"\nis_obsolete: true" not in stanza:
            found += re.findall(rb"\nid: *(\S+)", stanza)[:1]
    if not found:
        known = ", ".join(sorted(each.decode() for each in names)) or "none"
        raise OntologyError(
            f"--slim {name}: expected a subset of {ontology} ({known}), got another name (a file "
            "is named with its suffix or folder, such as ./goslim_prokaryote.obo)"
        )
    return [each.decode() for each in found]
