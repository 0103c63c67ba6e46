"""Landmark terms: terms that separate whole organisms from selections of their annotations.

Every cell makes proteins, copies and repairs DNA, moves substances through membranes and so on, so
a file with all annotations of an organism has several gene products on each of `LANDMARKS`. A
selection by a term, a list of genes or a part of the lines lacks most of them. A selection by a
term that includes nearly all landmarks is betrayed by one of `BROAD`, which no organism has on
nearly all of its gene products. The term that a run asks for has no influence.

Numbers: docs/statistics.md#complete-files
"""

from __future__ import annotations

from typing import Dict, FrozenSet, NamedTuple

from gafreduce.ontology.termfile import TermFile


class Landmark(NamedTuple):
    """A term, and the number of gene products that a complete organism has at least."""

    go_id: str
    name: str
    aspect: str
    min_gene_products: int


#: About half of what the smallest free-living bacteria have.
LANDMARKS = (
    Landmark("GO:0003735", "structural constituent of ribosome", "F", 20),
    Landmark("GO:0004812", "aminoacyl-tRNA ligase activity", "F", 10),
    Landmark("GO:0016491", "oxidoreductase activity", "F", 10),
    Landmark("GO:0016787", "hydrolase activity", "F", 40),
    Landmark("GO:0006412", "translation", "P", 40),
    Landmark("GO:0006260", "DNA replication", "P", 8),
    Landmark("GO:0006281", "DNA repair", "P", 5),
    Landmark("GO:0006457", "protein folding", "P", 4),
    Landmark("GO:0055085", "transmembrane transport", "P", 15),
    Landmark("GO:0005975", "carbohydrate metabolic process", "P", 10),
    Landmark("GO:0005737", "cytoplasm", "C", 40),
    Landmark("GO:0016020", "membrane", "C", 50),
)
#: Broad terms with their aspects, and a share of the gene products in it that they never have.
BROAD = {
    "GO:0071704": "P",  # organic substance metabolic process
    "GO:0044237": "P",  # cellular metabolic process
    "GO:0044238": "P",  # primary metabolic process
    "GO:0006807": "P",  # nitrogen compound metabolic process
    "GO:0043170": "P",  # macromolecule metabolic process
    "GO:0097159": "F",  # organic cyclic compound binding
    "GO:1901363": "F",  # heterocyclic compound binding
    "GO:0043167": "F",  # ion binding
    "GO:0036094": "F",  # small molecule binding
}
MAX_BROAD_SHARE = 0.85
#: Terms of viruses and of what their proteins act on: a virus has no landmarks.
VIRAL = ("GO:0044423", "GO:0018995", "GO:0016032")
MIN_VIRAL_SHARE = 0.1

#: All terms whose gene products are counted, each with a letter in records: `a`, `b` and so on.
COUNTED = (*(each.go_id for each in LANDMARKS), *BROAD, *VIRAL)
LETTERS = "abcdefghijklmnopqrstuvwxyz"[: len(COUNTED)]


class LandmarkIndex:
    """Finds the counted terms above each term of an ontology."""

    def __init__(self, terms: TermFile) -> None:
        self._parents = terms.parents
        #: The number of each counted term in the term file; -1 where the ontology lacks it.
        self.numbers = tuple(terms.index.get(go_id, -1) for go_id in COUNTED)
        own = {number: letter for number, letter in zip(self.numbers, LETTERS) if number >= 0}
        self._letters_of: Dict[int, FrozenSet[str]] = {}
        self._own = {number: frozenset(letter) for number, letter in own.items()}

    def find_letters(self, number: int) -> str:
        """Return the letters of a term and of all terms above it, sorted."""
        known, stack = self._letters_of, [number]
        while stack:
            term = stack[-1]
            parents = [int(text) for text in self._parents[term].split(",") if text]
            missing = [parent for parent in parents if parent not in known]
            if missing:
                stack += missing
                continue
            above = (known[parent] for parent in parents)
            known[term] = self._own.get(term, frozenset()).union(*above)
            stack.pop()
        return "".join(sorted(known[number]))
