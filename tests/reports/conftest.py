"""Input tables of the statistics from annotation lines, by code independent of the jobs."""

import gzip
import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from gafreduce.jobs.formats import gaf
from gafreduce.jobs.mapper.annotation_row import make_row
from gafreduce.jobs.mapper.interpretation import Interpreter
from gafreduce.jobs.model.annotation import Annotation
from gafreduce.jobs.reducer.gene_product import GeneProductRows
from gafreduce.jobs.reducer.organism_counts import OrganismCounts, decode_counts
from gafreduce.ontology.termfile import ASPECTS, TermFile, TermSetMember
from gafreduce.reports.components.components_file import load_default_machinery
from gafreduce.reports.statistics.ancestors import Ancestors
from gafreduce.reports.statistics.context import request_context
from gafreduce.reports.tables import frames, schema, verdicts

SHARED = Path(__file__).parents[3] / "shared" / "data"


def make_terms(parents, *, target, classes, aspects=None, names=None, obsolete=()):
    """Return a term file; `parents` are the parents of each term."""
    go_ids = tuple(sorted(parents))
    index = {go_id: number for number, go_id in enumerate(go_ids)}
    names = names or {}

    def ups(go_id):
        return {go_id}.union(*(ups(parent) for parent in parents[go_id]))

    return TermFile(
        data_version="",
        ontology_sha256="",
        relations=("is_a", "part_of"),
        target=target,
        definition="",
        go_ids=go_ids,
        aspects="".join((aspects or {}).get(go_id, "P") for go_id in go_ids),
        parents=tuple(
            ",".join(str(index[parent]) for parent in sorted(parents[go_id])) for go_id in go_ids
        ),
        obsolete=frozenset(index[go_id] for go_id in obsolete),
        repairs={},
        negating=frozenset(index[go_id] for go_id in ups(target)),
        term_set=tuple(
            TermSetMember(go_id, term_class, "", names.get(go_id, ""))
            for go_id, term_class in sorted(classes.items())
        ),
        names=tuple(names.get(go_id, f"name of {go_id}") for go_id in go_ids),
    )


def line(object_id, go_id, taxon_id=1, **cells):
    """Return an annotation; cells that are not given are those of a plain electronic line."""
    db, _, local_id = object_id.partition(":")
    plain = dict.fromkeys(Annotation._fields, "") | {
        "db": db,
        "local_id": local_id,
        "symbol": local_id,
        "negated": False,
        "go_id": go_id,
        "reference": "GO_REF:0000002",
        "evidence_code": "IEA",
        "aspect": "P",
        "object_type": "protein",
        "taxon_id": taxon_id,
        "assigned_by": "UniProt",
    }
    return Annotation(**plain | cells)


def name(taxon):
    """Return the cells that name an organism."""
    return {"organism_id": str(taxon), "taxon_id": taxon}


class Counted:
    """Counts annotation lines in plain sets."""

    def __init__(self, terms):
        self.terms = terms
        self.interpreter = Interpreter(terms, target_only=False)
        self.ancestors = Ancestors(terms)
        self.aspect_of = dict(zip(terms.go_ids, terms.aspects, strict=True))
        self.everyone = defaultdict(Counter)  # taxon -> object_id -> lines
        self.direct = defaultdict(set)  # (taxon, number) -> object_ids
        self.stated = defaultdict(set)
        self.closed = defaultdict(set)
        self.go_ids = defaultdict(set)  # (taxon, object_id) -> go_ids
        self.in_aspect, self.no_data, self.other = (defaultdict(set) for _ in range(3))
        self.rows = defaultdict(list)  # (taxon, object_id) -> rows of `annotations`
        self.context = Counter()

    def add(self, a):
        reading = self.interpreter.interpret(
            a.relation, a.negated, a.go_id, a.evidence_code, a.aspect
        )
        key = (a.taxon_id, a.object_id)
        self.everyone[a.taxon_id][a.object_id] += 1
        if reading.term_class:
            self.rows[key].append(make_row(a, reading, "x.gaf", b""))
        if reading.go_id in self.aspect_of:
            self._add_aspect(key, reading)
        number = self.ancestors.find_number(reading.go_id)
        if reading.is_supporting and number is not None:
            self._add_current(key, number, reading)
        cells = a._asdict() | reading._asdict()
        cells["takes_part"] = reading.has_supporting_relation
        names = [n for n in schema.CONTEXT.column_names if n != "n_annotations"]
        key = (str(a.taxon_id), a.object_id)
        self.context[(*key, *(cells[each] for each in names[2:]))] += 1

    def _add_aspect(self, key, reading):
        """Count the products in the aspect; obsolete terms keep their aspect."""
        if self.aspect_of[reading.go_id] != self.interpreter.target_aspect:
            return
        kind = self.no_data if reading.evidence_group == "no_data" else self.other
        kind[key[0]].add(key[1])
        if reading.is_supporting:
            self.in_aspect[key[0]].add(key[1])

    def _add_current(self, key, number, reading):
        taxon, object_id = key
        self.direct[taxon, number].add(object_id)
        self.go_ids[key].add(reading.go_id)
        if reading.evidence_group not in ("electronic", "unstated"):
            self.stated[taxon, number].add(object_id)
        for up in self.ancestors.close_term(number):
            self.closed[taxon, up].add(object_id)

    def profile(self):
        for (taxon, number), products in self.closed.items():
            direct, stated = self.direct[taxon, number], self.stated[taxon, number]
            yield (
                self.terms.go_ids[number],
                str(taxon),
                taxon,
                0,  # lines: no statistic reads them
                len(direct),
                len(products),
                len(stated),
            )

    def annotations(self):
        for (taxon, object_id), rows in self.rows.items():
            for row in rows:
                cells = row._asdict() | name(taxon) | {"object_id": object_id}
                cells["negated"] = row.negated == "true"
                cells["takes_part"] = row.takes_part == "true"
                yield tuple(cells[name] for name in schema.ANNOTATIONS.column_names)

    def facts(self):
        for key, rows in self.rows.items():
            product = GeneProductRows(key[1])
            for row in rows:
                product.add(row)
            yield key, rows, product.summarise()

    def gene_products(self):
        for (taxon, object_id), rows, facts in self.facts():
            cells = name(taxon) | {
                "object_id": object_id,
                "status": facts.status,
                "term_classes": sorted({row.term_class for row in rows}),
                "n_annotations": len(rows),
            }
            yield tuple(cells.get(name, "") for name in schema.GENE_PRODUCTS.column_names)

    def organisms(self, compared, incomplete):
        for taxon in sorted({*self.everyone, *compared}):
            organism = OrganismCounts()
            for key, _, facts in self.facts():
                if key[0] == taxon:
                    organism.add_facts(facts)
            counts = decode_counts(organism.encode()).counts
            counts["n_aspect_no_data"] = len(self.no_data[taxon])
            counts["n_aspect_other"] = len(self.other[taxon])
            cells = {
                **counts,
                **name(taxon),
                "organism": f"taxon:{taxon}",
                "compared": taxon in compared,
                "complete": "false" if taxon in incomplete else "true",
                "contested": False,
                "verdict": verdicts.decide_verdict(counts, is_complete=taxon not in incomplete),
                "n_in_aspect": len(self.in_aspect[taxon]),
                "n_gene_products": len(self.everyone[taxon]),
            }
            yield tuple(
                cells.get(column.name, None if column.type in ("integer", "float") else "")
                for column in schema.ORGANISMS.columns
            )


def make_tables(annotations, terms, *, compared=None, incomplete=()):
    """Return organisms, gene_products, annotations, profile, context and term_sets.

    `context` has every line: more than the job keeps, so that the statistics must ignore lines.
    """
    counted = Counted(terms)
    for annotation in annotations:
        counted.add(annotation)
    compared = sorted(counted.everyone) if compared is None else compared
    context = [(*key, times) for key, times in counted.context.items()]
    sets = Counter((str(taxon), tuple(sorted(ids))) for (taxon, _), ids in counted.go_ids.items())
    term_sets = [(taxon, list(ids), times) for (taxon, ids), times in sets.items()]
    frame = frames.make_frame
    return {
        "organisms": frame(schema.ORGANISMS, counted.organisms(compared, incomplete)),
        "gene_products": frame(schema.GENE_PRODUCTS, counted.gene_products()),
        "annotations": frame(schema.ANNOTATIONS, counted.annotations()),
        "profile": frame(schema.PROFILE, counted.profile()),
        "context": frame(schema.CONTEXT, context),
        "term_sets": frame(schema.TERM_SETS, term_sets),
    }


def narrow(context, request):
    """Return the rows of `context` that a request keeps; each line is decided by itself."""

    def is_kept(object_id, with_from, symbol, synonyms):
        return (
            object_id in request.object_ids
            or bool({e.strip() for e in re.split(r"[|,]", with_from)} & request.families)
            or bool({s.strip().lower() for s in (symbol, *synonyms.split("|"))} & request.symbols)
        )

    names = ("object_id", "with_from", "symbol", "synonyms")
    return context[[is_kept(*row) for row in frames.iterate_rows(context, names)]].reset_index(
        drop=True
    )


def read_ontology(path, target, classes):
    """Return a term file with is_a and part_of from an OBO file."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        stanzas = stream.read().split("\n\n")
    parents, aspects, names, obsolete, repairs = {}, {}, {}, set(), {}
    for stanza in stanzas:
        if not stanza.startswith("[Term]"):
            continue
        tags = defaultdict(list)
        for text in stanza.splitlines()[1:]:
            tag, _, value = text.partition(": ")
            tags[tag].append(value.partition(" ! ")[0])
        go_id = tags["id"][0]
        part_of = (v.split()[1] for v in tags["relationship"] if v.startswith("part_of "))
        parents[go_id] = {*tags["is_a"], *part_of}
        names[go_id] = tags["name"][0]
        aspects[go_id] = ASPECTS[tags["namespace"][0]]
        repairs |= dict.fromkeys(tags["alt_id"], go_id)
        if tags["is_obsolete"]:
            obsolete.add(go_id)
    made = make_terms(
        parents, target=target, classes=classes, aspects=aspects, names=names, obsolete=obsolete
    )
    return replace(made, repairs=repairs)


FOUNDING = {
    "GO:0030420": "target",
    "GO:0045304": "regulator",
    "GO:0045808": "negative_regulator",
    "GO:0045809": "positive_regulator",
}


def read_gaf(path):
    """Yield the valid annotations of a file."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as stream:
        for text in stream:
            if not text.startswith(b"!") and text.strip():
                parsed = gaf.parse_line(text.rstrip(b"\r\n"))
                if isinstance(parsed, Annotation):
                    yield parsed


WHOLE = (326423, 279010, 592022, 235909, 420246)
EXCERPTS = (224308, 83333)


@pytest.fixture(scope="session")
def founding_terms():
    path = SHARED / "ontology" / "go-basic-2022-07-01.obo.gz"
    if not path.exists():
        pytest.skip("needs ../shared")
    return read_ontology(path, "GO:0030420", FOUNDING)


@pytest.fixture(scope="session")
def founding_files():
    """Return five whole files and two excerpts."""
    folder = SHARED / "seven-organisms"
    if not folder.exists():
        pytest.skip("needs ../shared")
    files = [*sorted((folder / "whole").glob("*.gaf.gz"))]
    files += [p for p in sorted((folder / "excerpt").glob("*.gaf")) if "subtilis" in p.name]
    files += [p for p in sorted((folder / "excerpt").glob("*.gaf")) if "coli_K-12" in p.name]
    assert len(files) == 7
    return files


@pytest.fixture(scope="session")
def founding_tables(founding_terms, founding_files):
    """Return the tables of the files; the excerpts are marked incomplete."""
    annotations = [annotation for path in founding_files for annotation in read_gaf(path)]
    made = make_tables(
        annotations, founding_terms, compared=[*WHOLE, *EXCERPTS], incomplete=EXCERPTS
    )
    machinery = load_default_machinery("GO:0030420")
    request = request_context(made["gene_products"], made["organisms"], machinery)
    made["context"] = narrow(made["context"], request)
    kept = made["term_sets"]["organism_id"].isin(map(str, request.term_set_organisms))
    made["term_sets"] = made["term_sets"][kept].reset_index(drop=True)
    return made


#: A small ontology, two aspects. T is the target, T1 its part, N and R regulate it.
SMALL = {
    "GO:0008150": set(),  # root P
    "GO:0000002": {"GO:0008150"},  # parent of the target
    "GO:0000003": {"GO:0000002"},  # target
    "GO:0000004": {"GO:0000003"},  # core
    "GO:0000005": {"GO:0008150"},  # regulation
    "GO:0000006": {"GO:0000005"},  # negative regulator
    "GO:0000007": {"GO:0000005"},  # regulator
    "GO:0000008": {"GO:0000002"},  # sibling
    "GO:0000009": {"GO:0008150"},  # elsewhere
    "GO:0000010": {"GO:0000009"},  # elsewhere, below
    "GO:0003674": set(),  # root F
    "GO:0000021": {"GO:0003674"},
    "GO:0000022": {"GO:0000021"},
    "GO:0000030": set(),  # obsolete
}
SMALL_CLASSES = {
    "GO:0000003": "target",
    "GO:0000004": "core",
    "GO:0000006": "negative_regulator",
    "GO:0000007": "regulator",
}


@pytest.fixture(scope="session")
def small_terms():
    return make_terms(
        SMALL,
        target="GO:0000003",
        classes=SMALL_CLASSES,
        aspects=dict.fromkeys(("GO:0003674", "GO:0000021", "GO:0000022"), "F"),
        obsolete=("GO:0000030",),
    )


def make_organisms(*rows):
    """Return the table `organisms` from (taxon_id, n_target, n_in_aspect, other cells)."""
    made = []
    for taxon, n_target, n_total, cells in rows:
        given = {
            **name(taxon),
            "compared": True,
            "complete": "true",
            "contested": False,
            "n_target_gene_products": n_target,
            "n_in_aspect": n_total,
        } | cells
        made.append(
            tuple(
                given.get(c.name, 0 if c.type == "integer" else None if c.type == "float" else "")
                for c in schema.ORGANISMS.columns
            )
        )
    return frames.make_frame(schema.ORGANISMS, made)


class Maker:
    """The functions of this file for tests: a conftest can't be imported by name."""

    organisms = staticmethod(make_organisms)
    line = staticmethod(line)
    tables = staticmethod(make_tables)
    terms = staticmethod(make_terms)
    narrow = staticmethod(narrow)


@pytest.fixture(scope="session")
def make():
    return Maker
