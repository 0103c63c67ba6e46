"""Two independent ways to the numbers of organisms, profile and terms, from the raw files.

They share no code with the product: DuckDB reads the lines by SQL, goatools by its own reader.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from pathlib import Path

Profile = dict[tuple[str, int], tuple[int, int, int, int]]

SUPPORTING = (
    "",
    "involved_in",
    "acts_upstream_of_or_within",
    "acts_upstream_of_or_within_positive_effect",
    "acts_upstream_of_or_within_negative_effect",
    "enables",
    "contributes_to",
    "part_of",
    "located_in",
    "is_active_in",
)
NON_ELECTRONIC = [
    "EXP",
    "IDA",
    "IPI",
    "IMP",
    "IGI",
    "IEP",
    "HTP",
    "HDA",
    "HMP",
    "HGI",
    "HEP",
    "IBA",
    "IBD",
    "IKR",
    "IRD",
    "ISS",
    "ISO",
    "ISA",
    "ISM",
    "IGC",
    "RCA",
    "TAS",
    "NAS",
    "IC",
]


def read_obo(path: Path) -> tuple[dict[str, list[str]], dict[str, str], dict[str, str]]:
    """Return is_a and part_of parents, alternative ids, and namespaces of an OBO file."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        text = stream.read()
    parents, alternatives, namespaces = {}, {}, {}
    for stanza in text.split("\n[Term]\n")[1:]:
        go_id = re.findall(r"^id: (\S+)", stanza, re.M)[0]
        parents[go_id] = re.findall(r"^(?:is_a:|relationship: part_of) (GO:\d+)", stanza, re.M)
        namespaces[go_id] = re.findall(r"^namespace: (\S+)", stanza, re.M)[0]
        for other in re.findall(r"^alt_id: (\S+)", stanza, re.M):
            alternatives[other] = go_id
    return parents, alternatives, namespaces


def duckdb_profile(files: list[Path], obo: Path) -> tuple[Profile, dict[int, dict[str, int]]]:
    """Return the profile, and the counts of each organism, by SQL over the raw lines."""
    import duckdb

    parents, alternatives, namespaces = read_obo(obo)
    base = duckdb.connect()
    base.execute("create table edge(child text, parent text)")
    edges = [(child, parent) for child, found in parents.items() for parent in found]
    base.executemany("insert into edge values (?, ?)", edges) if len(edges) < 100 else _bulk(
        base, "edge", "child text, parent text", edges
    )
    _bulk(base, "alternative", "other text, go text", list(alternatives.items()))
    _bulk(base, "term", "go text, namespace text", list(namespaces.items()))
    names = ", ".join(f"'{path}'" for path in files)
    base.execute(f"""
        create table line as
        select string_split(replace(text, chr(13), ''), chr(9)) as c
        from read_csv([{names}], columns={{'text': 'VARCHAR'}}, delim='\x01', quote='', escape='',
                      header=false, auto_detect=false, null_padding=false)
        where text not like '!%' and length(trim(text)) > 0
    """)
    supporting = ", ".join(f"'{relation}'" for relation in SUPPORTING)
    codes = ", ".join(f"'{code}'" for code in NON_ELECTRONIC)
    base.execute(f"""
        create table annotation as
        select cast(regexp_extract(c[13], '^taxon:(\\d+)', 1) as bigint) as taxon,
               c[1] || ':' || c[2] as object,
               coalesce(a.go, c[5]) as go,
               c[7] as code,
               not list_contains(string_split(lower(c[4]), '|'), 'not') and c[7] <> 'ND'
                   and lower(c[4]) in ({supporting}) as supports,
               c[7] in ({codes}) as stated
        from line left join alternative a on a.other = c[5]
    """)
    base.execute("""
        create table closure as
        with recursive up(go, ancestor) as (
            select distinct go, go from annotation
            union
            select up.go, edge.parent from up join edge on edge.child = up.ancestor
        ) select * from up
    """)
    direct = base.execute("""
        select go, taxon, count(*), count(distinct object),
               count(distinct case when stated then object end)
        from annotation where supports group by all
    """).fetchall()
    propagated = base.execute("""
        select ancestor, taxon, count(distinct object)
        from annotation join closure using (go) where supports group by all
    """).fetchall()
    profile = {(go, taxon): (0, 0, count, 0) for go, taxon, count in propagated}
    for go, taxon, lines, objects, stated in direct:
        profile[go, taxon] = (lines, objects, profile[go, taxon][2], stated)
    rows = base.execute("""
        select taxon, count(*), count(distinct object),
               count(distinct case when supports then annotation.go end),
               count(distinct case when supports and namespace = 'biological_process' then object end),
               count(case when supports and annotation.go = 'GO:0030420' then 1 end),
               count(distinct case when supports and annotation.go = 'GO:0030420' then object end),
               count(distinct case when supports and annotation.go = 'GO:0030420' and code = 'IEA'
                     then object end),
               count(distinct case when supports
                     and annotation.go in ('GO:0045304', 'GO:0045808', 'GO:0045809') then object end)
        from annotation left join term on term.go = annotation.go group by taxon
    """).fetchall()
    columns = (
        "n_annotations",
        "n_gene_products",
        "n_terms",
        "n_in_aspect",
        "n_target_annotations",
        "n_target_gene_products",
        "n_target_electronic",
        "n_regulator_gene_products",
    )
    return profile, {taxon: dict(zip(columns, values, strict=True)) for taxon, *values in rows}


def _bulk(base: object, name: str, columns: str, rows: list[tuple[str, str]]) -> None:
    """Fill a table from rows; quicker than an insert for each."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as stream:
        stream.writelines(f"{a}\t{b}\n" for a, b in rows)
        stream.flush()
        base.execute(f"create or replace table {name}({columns})")  # type: ignore[attr-defined]
        base.execute(f"copy {name} from '{stream.name}' (delimiter '\t', header false)")  # type: ignore[attr-defined]


def goatools_counts(files: list[Path], obo: Path) -> dict[tuple[str, int], tuple[int, int]]:
    """Return direct and propagated distinct gene products by goatools' own reader and closure."""
    import tempfile

    from goatools.anno.gaf_reader import GafReader
    from goatools.godag.go_tasks import get_go2ancestors
    from goatools.obo_parser import GODag

    with tempfile.TemporaryDirectory() as folder:
        plain_obo = Path(folder) / "go.obo"
        opener = gzip.open if obo.suffix == ".gz" else open
        with opener(obo, "rb") as stream:
            plain_obo.write_bytes(stream.read())
        dag = GODag(str(plain_obo), optional_attrs={"relationship"}, load_obsolete=True, prt=None)
        ancestors = get_go2ancestors(set(dag.values()), {"part_of"}, prt=None)
        direct: dict[tuple[str, int], set[str]] = defaultdict(set)
        propagated: dict[tuple[str, int], set[str]] = defaultdict(set)
        for number, path in enumerate(files):
            text = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
            plain = Path(folder) / f"{number}.gaf"
            body = text if text.startswith(b"!gaf-version") else b"!gaf-version: 2.1\n" + text
            plain.write_bytes(body.replace(b"Contributes_to", b"contributes_to"))
            for found in GafReader(str(plain), prt=None).associations:
                if "NOT" in found.Qualifier or found.Evidence_Code == "ND":
                    continue
                go_id = dag[found.GO_ID].item_id if found.GO_ID in dag else found.GO_ID
                product = f"{found.DB}:{found.DB_ID}"
                taxon = int(found.Taxon[0])
                direct[go_id, taxon].add(product)
                for each in {go_id, *ancestors.get(go_id, ())}:
                    propagated[each, taxon].add(product)
    return {key: (len(direct.get(key, ())), len(found)) for key, found in propagated.items()}
