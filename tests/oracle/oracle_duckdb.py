"""The numbers of `organisms` and `profile` by SQL over the raw lines of GAF files.

An independent computation: it shares no code with the product, reads the ontology itself and
counts distinct gene products by joins over all (term, ancestor) pairs.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

#: From the strongest group to the weakest.
GROUPS = {
    "experimental": ("EXP", "IDA", "IPI", "IMP", "IGI", "IEP"),
    "high_throughput": ("HTP", "HDA", "HMP", "HGI", "HEP"),
    "phylogenetic": ("IBA", "IBD", "IKR", "IRD"),
    "computational": ("ISS", "ISO", "ISA", "ISM", "IGC", "RCA"),
    "author": ("TAS", "NAS"),
    "curator": ("IC",),
    "electronic": ("IEA",),
    "unstated": (),  # every other code
}
PROFILE_COLUMNS = (
    "n_annotations",
    "n_gene_products",
    "n_gene_products_propagated",
    "n_gene_products_non_electronic",
)
ORGANISM_COLUMNS = (
    *("n_annotations", "n_gene_products", "n_terms", "n_in_aspect"),
    *("n_target_annotations", "n_target_gene_products"),
    *(f"n_target_{group}" for group in GROUPS),
    *("n_regulator_gene_products", "n_other_relation_gene_products"),
    "n_not_understood_gene_products",
    *("n_negated_gene_products", "n_conflicting_gene_products", "verdict", "contested"),
)
TERM_COLUMNS = tuple(
    f"{name}{suffix}"
    for suffix in ("", "_propagated")
    for name in ("n_organisms", "membership", "organism_ids")
)
Profile = dict[tuple[str, int], tuple[int, ...]]
Cells = dict[str, str]


class Numbers(NamedTuple):
    """The compared values: counts by (term, taxon), cells by taxon, cells by term."""

    profile: Profile
    organisms: dict[int, Cells]
    terms: dict[str, Cells]


TAKING_PART = (
    "involved_in",
    "acts_upstream_of_or_within",
    "acts_upstream_of_or_within_positive_effect",
    "enables",
    "contributes_to",
    "part_of",
    "located_in",
    "is_active_in",
)

OTHER_RELATIONS = (
    "acts_upstream_of",
    "acts_upstream_of_positive_effect",
    "acts_upstream_of_negative_effect",
    "acts_upstream_of_or_within_negative_effect",
    "colocalizes_with",
)

LINES = """
create table line as
select string_split(replace(text, chr(13), ''), chr(9)) as c
from read_csv([{files}], columns={{'text': 'VARCHAR'}}, delim='\x01', quote='', escape='',
              header=false, auto_detect=false, null_padding=false)
where text not like '!%' and length(trim(text)) > 0
"""

ANNOTATIONS = """
create table annotation as
with said as (
    select cast(regexp_extract(c[13], '^taxon:(\\d+)', 1) as bigint) as taxon,
           c[1] || ':' || c[2] as object,
           coalesce(repair.good, c[5]) as go,
           c[7] as code,
           list_contains(string_split(lower(c[4]), '|'), 'not') as negated,
           list_has_all(['', 'not', {taking_part}], string_split(lower(c[4]), '|')) as takes_part,
           list_has_all(['', 'not', {known}], string_split(lower(c[4]), '|')) as is_known,
           c[9] as letter,
           coalesce(c[16], '') as extension,
           coalesce(c[17], '') in ('', regexp_extract(c[17], '^([^:]*:)', 1) || c[2]) as whole
    from line left join repair on repair.bad = c[5]
)
select said.*, coalesce(evidence.rank, 8) as rank,
       coalesce(term.namespace, case letter when 'P' then 'biological_process' end) as namespace,
       not negated and code <> 'ND' and takes_part as supports,
       said.go in (select go from core) as on_target,
       said.go in (select go from regulator) as on_regulator,
       negated and takes_part and extension = '' and whole
           and said.go in (select ancestor from up where go = $target) as negates
from said
left join evidence using (code)
left join term on term.go = said.go
"""

CLOSURES = """
create table up as
with recursive climb(go, ancestor) as (
    select go, go from term
    union
    select climb.go, edge.parent from climb join edge on edge.child = climb.ancestor
) select * from climb;
create table core as select go from up where ancestor = $target;
create table regulator as
select distinct up.go
from up join regulates on regulates.child = up.ancestor
where regulates.parent in (select go from core) and up.go not in (select go from core)
"""

DIRECT = """
select go, taxon, count(*), count(distinct object),
       count(distinct case when rank < 7 then object end)
from annotation where supports group by all
"""

PROPAGATED = """
select coalesce(up.ancestor, annotation.go), taxon, count(distinct object)
from annotation left join up on up.go = annotation.go where supports group by all
"""

PRODUCTS = """
create table product as
select taxon, object,
       bool_or(supports and on_target) as positive,
       bool_or(negates) as negated,
       bool_or(not negated and code <> 'ND' and not takes_part and is_known and on_target)
           as otherwise,
       bool_or(code <> 'ND' and not is_known and on_target) as not_understood,
       min(case when supports and on_target then rank end) as best
from annotation group by all
"""

ORGANISMS = """
with lines as (
    select taxon,
           count(*) as n_annotations,
           count(distinct object) as n_gene_products,
           count(distinct case when supports then go end) as n_terms,
           count(distinct case when supports and namespace = $aspect then object end)
               as n_in_aspect,
           count(case when supports and on_target then 1 end) as n_target_annotations,
           count(distinct case when supports and on_target then object end)
               as n_target_gene_products,
           {groups},
           count(distinct case when supports and on_regulator then object end)
               as n_regulator_gene_products,
           count(case when namespace = $aspect and code = 'ND' then 1 end) as n_nd,
           count(case when namespace = $aspect and code <> 'ND' then 1 end) as n_not_nd,
           bool_or(negates and go = $target) as negated_on_target
    from annotation group by taxon
), products as (
    select taxon,
           count(case when otherwise then 1 end) as n_other_relation_gene_products,
           count(case when not_understood then 1 end) as n_not_understood_gene_products,
           count(case when negated then 1 end) as n_negated_gene_products,
           count(case when negated and positive then 1 end) as n_conflicting_gene_products,
           min(case when positive and not negated then best end) as best
    from product group by taxon
)
select * exclude (n_nd, n_not_nd, negated_on_target, best),  -- the columns of `organisms`
       case when best = 1 then 'experimental'
            when best = 2 then 'high_throughput'
            when best <= 6 then 'curated'
            when best = 7 then 'electronic_only'
            when best = 8 then 'unstated_only'
            when n_conflicting_gene_products > 0 then 'conflicting'
            when not list_contains($complete, taxon) then 'partial_file'
            when negated_on_target then 'negated'
            when n_other_relation_gene_products > 0 then 'other_relation_only'
            when n_regulator_gene_products > 0 then 'regulators_only'
            when n_not_understood_gene_products > 0 then 'not_understood'
            when n_nd > 0 and n_not_nd = 0 then 'no_data'
            else 'not_annotated' end as verdict,
       case when negated_on_target or n_conflicting_gene_products > 0 then 'true' else 'false' end
           as contested
from lines join products using (taxon)
"""


def read_ontology(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """Return the parts of an OBO file that the queries need, as rows by table."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        stanzas = re.split(r"^\[", stream.read(), flags=re.MULTILINE)[1:]
    tables: dict[str, list[tuple[str, ...]]] = {
        name: [] for name in ("term", "edge", "regulates", "repair")
    }
    for stanza in stanzas:
        if not stanza.startswith("Term]"):
            continue
        (go_id,) = re.findall(r"^id: (\S+)", stanza, re.MULTILINE)
        (namespace,) = re.findall(r"^namespace: (\S+)", stanza, re.MULTILINE)
        tables["term"].append((go_id, namespace))
        for parent in re.findall(r"^(?:is_a:|relationship: part_of) (GO:\d+)", stanza, re.M):
            tables["edge"].append((go_id, parent))
        for parent in re.findall(r"^relationship: \w*regulates (GO:\d+)", stanza, re.MULTILINE):
            tables["regulates"].append((go_id, parent))
        for other in re.findall(r"^alt_id: (\S+)", stanza, re.MULTILINE):
            tables["repair"].append((other, go_id))
        for other in re.findall(r"^replaced_by: (\S+)", stanza, re.MULTILINE):
            tables["repair"].append((go_id, other))
    return tables


def _fill(base: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Iterable[Any]) -> None:
    names = columns.split()
    cells = list(zip(*rows, strict=True)) or [[] for _ in names]
    arrow = pa.table(dict(zip(names, map(list, cells), strict=True)))
    base.register("arrow", arrow)
    base.execute(f"create table {name} as select * from arrow")
    base.unregister("arrow")


def count(
    files: Sequence[Path],
    ontology: Path,
    compared: Sequence[int],
    complete: Sequence[int],
    target: str = "GO:0030420",
    aspect: str = "biological_process",
) -> Numbers:
    """Return the numbers of the files, by SQL; `complete` are the organisms that are complete."""
    base = duckdb.connect()
    tables = read_ontology(ontology)
    _fill(base, "term", "go namespace", tables["term"])
    _fill(base, "edge", "child parent", tables["edge"])
    _fill(base, "regulates", "child parent", tables["regulates"])
    _fill(base, "repair", "bad good", tables["repair"])
    ranks = [(code, rank) for rank, codes in enumerate(GROUPS.values(), 1) for code in codes]
    _fill(base, "evidence", "code rank", ranks)
    base.execute(LINES.format(files=", ".join(f"'{path}'" for path in files)))
    for query in CLOSURES.split(";"):
        base.execute(query, {"target": target} if "$" in query else None)
    taking_part = ", ".join(f"'{relation}'" for relation in TAKING_PART)
    known = ", ".join(f"'{relation}'" for relation in (*TAKING_PART, *OTHER_RELATIONS))
    base.execute(ANNOTATIONS.format(taking_part=taking_part, known=known), {"target": target})
    base.execute(PRODUCTS)

    propagated = base.execute(PROPAGATED).fetchall()
    profile = {(go_id, taxon): (0, 0, number, 0) for go_id, taxon, number in propagated}
    for go_id, taxon, n_lines, n_products, n_stated in base.execute(DIRECT).fetchall():
        profile[go_id, taxon] = (n_lines, n_products, profile[go_id, taxon][2], n_stated)

    groups = ",\n".join(
        f"count(distinct case when supports and on_target and rank = {rank} then object end) "
        f"as n_target_{name}"
        for rank, name in enumerate(GROUPS, 1)
    )
    found = base.execute(
        ORGANISMS.format(groups=groups),
        {"target": target, "aspect": aspect, "complete": list(complete)},
    )
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, map(str, row), strict=True)) for row in found.fetchall()]
    organisms = {int(row.pop("taxon")): row for row in rows}
    return Numbers(profile, organisms, _terms(profile, compared, complete))


def _terms(profile: Profile, compared: Sequence[int], complete: Sequence[int]) -> dict[str, Cells]:
    """Return the cells of `terms` for each term of the profile: its organisms and its membership."""
    having: dict[str, tuple[set[int], set[int]]] = {}
    for (go_id, taxon), (_, n_direct, _, _) in profile.items():
        direct, propagated = having.setdefault(go_id, (set(), set()))
        if taxon in compared:
            propagated.add(taxon)
            if n_direct:
                direct.add(taxon)
    sure = set(complete) & set(compared)

    def cells(taxa: set[int]) -> tuple[str, str, str]:
        word = "" if not taxa else "unique" if len(taxa) == 1 else "shared"
        if taxa and not taxa & sure:
            word = "partial_only"
        elif len(sure) > 1 and sure <= taxa:
            word = "core"
        return str(len(taxa)), word, "|".join(map(str, sorted(taxa)))

    return {
        go_id: dict(zip(TERM_COLUMNS, (*cells(direct), *cells(propagated)), strict=True))
        for go_id, (direct, propagated) in having.items()
    }


def read_run(run_dir: Path) -> Numbers:
    """Return the same numbers from the tables of a run folder."""

    def rows(name: str) -> Iterator[Cells]:
        with (run_dir / "tables" / f"{name}.tsv").open(encoding="utf-8", newline="\n") as stream:
            yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)

    return Numbers(
        profile={
            (row["go_id"], int(row["taxon_id"])): tuple(int(row[c]) for c in PROFILE_COLUMNS)
            for row in rows("profile")
        },
        organisms={
            int(row["taxon_id"]): {name: row[name] for name in ORGANISM_COLUMNS}
            for row in rows("organisms")
        },
        terms={row["go_id"]: {name: row[name] for name in TERM_COLUMNS} for row in rows("terms")},
    )
