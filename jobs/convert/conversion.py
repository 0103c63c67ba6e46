"""From one format to another: what the target needs and the source does not say, and what is lost.

Every loss has a name and is counted; nothing is made up that would say more than the source does.
"""

from __future__ import annotations

from collections import Counter
from typing import Counter as CounterOf
from typing import Dict, FrozenSet, Iterable, Iterator, List, NamedTuple, Optional, Tuple, Union

from gafreduce.jobs.accounting.line_counts import FileCounts
from gafreduce.jobs.files.input_list import InputFile
from gafreduce.jobs.formats import registry
from gafreduce.jobs.mapper.rule_checker import TOO_MANY_COLUMNS
from gafreduce.jobs.model.annotation import CONTROL_CHARACTER, Annotation, Rejection
from gafreduce.jobs.model.go_terms import ROOTS, is_go_id
from gafreduce.jobs.model.relations import (
    ASPECT_BY_RELATION,
    COMPLEX_RELATION,
    ROOT_RELATION_BY_ASPECT,
)
from gafreduce.ontology.termfile import TermFile

#: Every loss and what it means, in the words of the user.
LOSSES: Dict[str, str] = {
    "relation_not_stated": "the source has no relation; the weakest one that the term allows is "
    "written",
    "relation_not_known": "the relation is none of GO's; it is written unchanged",
    "evidence_not_stated": "the source has no evidence; NR or ECO:0000000 is written",
    "evidence_not_known": "code or ECO id is none of GO's; GAF gets it unchanged, GPAD gets "
    "ECO:0000000",
    "eco_id_widened": "the ECO id is narrower than its evidence code, and GAF has only the code",
    "reference_not_stated": "the source has no reference; the column stays empty",
    "symbol_not_stated": "the source has no symbol; the id is written",
    "type_not_stated": "the source has no type of gene product; `gene_product` is written",
    "aspect_not_known": "neither source nor ontology give the aspect (provide one: --ontology)",
    "date_not_stated": "the source has no date; the column stays empty",
    "date_not_a_date": "the date is not a date; it is written unchanged",
    "assigned_by_not_stated": "the source does not name who assigned it; the column stays empty",
    "aspect_dropped": "GPAD has no aspect, and the term is not in the ontology",
    "product_dropped": "GPAD has no symbol, name, synonyms, type and taxon (keep them: "
    "--write-gpi FILE)",
    "product_differs": "a gene product has several descriptions; GPI has the first",
    "columns_not_read": "the line has more columns than its format; the additional ones are lost",
    "form_dropped": "the gene product form is lost: GPAD has no column for it",
}

#: A relation that a term allows whatever the gene product does there: the weakest of its aspect.
#: Source: GORULE:0000061, https://geneontology.org/docs/go-annotation-file-gaf-format-2.2/
_WEAKEST = {"P": "acts_upstream_of_or_within", "F": "enables", "C": "located_in"}

Losses = CounterOf[str]


class Completed(NamedTuple):
    """An annotation with what every target needs."""

    annotation: Annotation
    aspect: str  # P, F or C; empty when it can't be told


class TermFacts:
    """What a conversion asks of the ontology: the aspect of a term, and whether it is a complex."""

    def __init__(self, terms: Optional[TermFile]) -> None:
        """Take the facts from a term file.

        Args:
            terms: Of the target COMPLEX_ID over is_a; None: nothing is known.
        """
        self._aspects: Dict[str, str] = {}
        self._complexes: FrozenSet[str] = frozenset()
        self._repairs: Dict[str, str] = {}
        if terms is not None:
            self._aspects = dict(zip(terms.go_ids, terms.aspects))
            self._repairs = terms.repairs
            self._complexes = frozenset(
                term.go_id for term in terms.term_set if term.term_class in ("target", "core")
            )

    def aspect(self, go_id: str) -> str:
        """Return the aspect of a term; empty for a term that is not known."""
        return self._aspects.get(self._repairs.get(go_id, go_id), "")

    def is_complex(self, go_id: str) -> bool:
        """Tell whether a term is a protein-containing complex."""
        return self._repairs.get(go_id, go_id) in self._complexes


def complete(annotation: Annotation, facts: TermFacts, losses: Losses) -> Completed:
    """Return an annotation with aspect and relation, and count what had to be supplied."""
    aspect = facts.aspect(annotation.go_id) or annotation.aspect
    if not aspect:
        first = annotation.relation.split("|")[0]
        aspect = ASPECT_BY_RELATION.get(first, "")
    if annotation.relation:
        return Completed(annotation, aspect)
    if annotation.go_id in ROOTS:
        relation = ROOT_RELATION_BY_ASPECT[ROOTS[annotation.go_id]]
    elif facts.is_complex(annotation.go_id):
        relation = COMPLEX_RELATION
    else:
        relation = _WEAKEST.get(aspect, "")
    losses["relation_not_stated"] += 1
    return Completed(annotation._replace(relation=relation), aspect)


def read_annotations(
    source: InputFile, blocks: Iterable[bytes], counts: FileCounts
) -> Iterator[Annotation]:
    """Return what the lines of a file say; `counts` grows as they are read.

    GO's rules are not asked, only whether a line can be understood and written.

    Args:
        source: The file's row of the input list.
        blocks: Its text in blocks of whole lines, each ended by LF.
        counts: Of the file.
    """
    reader = registry.make_reader(source)
    for block in blocks:
        for line in block.split(b"\n")[:-1]:
            counts.n_lines += 1
            line = line.rstrip(b"\r")
            if not line.strip():
                counts.n_blank += 1
            elif reader.is_header(line):
                counts.n_header += 1
            else:
                parsed = reader.parse(line)
                usable = _usable(parsed, line, counts)
                if usable and reader.max_columns and line.count(b"\t") >= reader.max_columns:
                    counts.find(TOO_MANY_COLUMNS, line)
                yield from usable


def _usable(
    parsed: Union[List[Annotation], Rejection], line: bytes, counts: FileCounts
) -> List[Annotation]:
    """Return the annotations of a line that can be written, and count the line."""
    if isinstance(parsed, Rejection):
        counts.refuse(parsed, line)
        return []
    refused = [rejection for rejection in map(rejection_of, parsed) if rejection]
    usable = [annotation for annotation in parsed if not rejection_of(annotation)]
    if usable:
        counts.n_kept += 1
    elif refused:
        counts.refuse(refused[0], line)
    else:
        counts.n_blank += 1
    return usable


def rejection_of(annotation: Annotation) -> Optional[Rejection]:
    """Return why an annotation can be written in no format; None when it can."""
    if not annotation.db or not annotation.local_id:
        return Rejection("no_object_id", "GORULE:0000001")
    if CONTROL_CHARACTER.search(annotation.object_id):
        return Rejection("control_character", "GORULE:0000001")
    if not is_go_id(annotation.go_id):
        return Rejection("bad_go_id", "GORULE:0000027")
    return None


def count_gaps(annotation: Annotation, losses: Losses) -> None:
    """Count columns that every target needs and that stay empty."""
    for cell, loss in (
        (annotation.reference, "reference_not_stated"),
        (annotation.date, "date_not_stated"),
        (annotation.assigned_by, "assigned_by_not_stated"),
    ):
        if not cell:
            losses[loss] += 1


def row(cells: Tuple[str, ...]) -> str:
    """Return cells as a line of tab-separated text; control characters become blanks."""
    return "\t".join(
        CONTROL_CHARACTER.sub(" ", cell) if CONTROL_CHARACTER.search(cell) else cell
        for cell in cells
    )


def new_losses() -> Losses:
    """Return a count of losses that has none yet."""
    return Counter()
