"""How many lines of GAF files some rules concern, by SQL over the raw lines.

An independent computation: it shares no code with the product and reads the ontology itself.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

Counts = dict[tuple[str, str], int]  # lines by finding and value

REGULATES = re.compile(r"^relationship: \w*regulates (GO:\d{7})", re.MULTILINE)
TERM = re.compile(r"^(id|namespace|alt_id|is_obsolete): (\S+)", re.MULTILINE)

LINES = """
create table line as
select string_split(replace(text, chr(13), ''), chr(9)) as c
from read_csv([{files}], columns={{'text': 'VARCHAR'}}, delim='\x01', quote='', escape='',
              header=false, auto_detect=false, null_padding=false)
where text not like '!%' and length(trim(text)) > 0
"""

RULES = """
with said as (
    select c, list_transform(string_split(c[6], '|'), lambda each: trim(each)) as refs,
           known.namespace as own, known.obsolete as obsolete, merged.primary_id as primary_id,
           c[1] || ':' || c[2] || ' ' || regexp_extract(c[13], '[0-9]+') as product,
           coalesce(merged.primary_id, c[5]) as term
    from line
    left join merged on merged.id = c[5]
    left join known on known.id = coalesce(merged.primary_id, c[5])
),
supports as (
    select product, term, own from said where c[7] <> 'ND' and own is not null and c[4] in
        ('', 'enables', 'involved_in', 'located_in', 'part_of', 'is_active_in')
),
both_said as (
    select distinct a.product, regulated, regulating
    from supports a join regulates on a.term = regulated
    join supports b on b.product = a.product and b.term = regulating
    where regulated not in ('GO:0008150', 'GO:0003674', 'GO:0005575')
)
select 'repaired_go_id' as word, c[5] as value, count(*) from said
where primary_id is not null group by all
union all
select 'obsolete_go_id', c[5], count(*) from said where obsolete group by all
union all
select 'unknown_go_id', c[5], count(*) from said where own is null group by all
union all
select 'aspect_corrected', c[9], count(*) from said
where own is not null and c[9] in ('P', 'F', 'C')
  and c[9] <> case own when 'biological_process' then 'P' when 'molecular_function' then 'F'
                       else 'C' end group by all
union all
select 'missing_value', name, count(*) from said,
    (values ('symbol', 3), ('reference', 6), ('object_type', 12), ('date', 14),
            ('assigned_by', 15)) as field(name, position)
where trim(c[position]) = '' group by all
union all
select 'bad_date', '', count(*) from said
where trim(c[14]) <> '' and (not regexp_full_match(c[14], '[0-9]{{8}}')
  or try_strptime(c[14], '%Y%m%d') is null) group by all
union all
select 'odd_taxon', '', count(*) from said
where not regexp_full_match(trim(c[13]), 'taxon:[1-9][0-9]*([|]taxon:[1-9][0-9]*)?') group by all
union all
select 'obsolete_go_ref', '', count(*) from said
where len(list_intersect(refs, {obsolete_refs})) > 0 group by all
union all
select 'several_references', '', count(*) from said
where len(list_distinct(list_transform(refs, lambda r: upper(string_split(r, ':')[1])))) < len(refs)
group by all
union all
select 'no_public_reference', '', count(*) from said
where c[6] <> '' and not list_bool_or(list_transform(refs,
    lambda r: regexp_matches(upper(r), '^(PMID|PMC|DOI|GO_REF):'))) group by all
union all
select 'iep_not_on_process', '', count(*) from said
where c[7] in ('IEP', 'HEP') and own <> 'biological_process' group by all
union all
select 'ic_without_go_id', '', count(*) from said
where c[7] = 'IC' and c[8] not like '%GO:%' group by all
union all
select 'iss_without_source', '', count(*) from said
where c[7] in ('ISS', 'ISA', 'ISO') and trim(c[8]) = '' group by all
union all
select 'self_reference', '', count(*) from said
where c[7] in ('ISS', 'ISA', 'ISO') and list_contains(regexp_split_to_array(c[8], '[|,]'),
    c[1] || ':' || c[2]) group by all
union all
select 'root_without_nd', '', count(*) from said
where coalesce(primary_id, c[5]) in ('GO:0008150', 'GO:0003674', 'GO:0005575')
  and c[7] not in ('ND', 'NR', '') group by all
union all
select 'iba_of_others', '', count(*) from said
where c[7] = 'IBA' and not (c[15] = 'GO_Central' and
    len(list_intersect(refs, ['GO_REF:0000033', 'PMID:21873635'])) > 0) group by all
union all
select 'process_and_regulation', regulated || ' ' || regulating, count(*)
from both_said join supports using (product) where term in (regulated, regulating) group by all
union all
select 'nd_beside_others', case own when 'biological_process' then 'P'
    when 'molecular_function' then 'F' else 'C' end, count(*) from said
where c[7] = 'ND' and exists (from supports where supports.product = said.product
                              and supports.own = said.own) group by all
"""

#: Obsolete references among those that GOA used until 2019.
OBSOLETE_REFS = [f"GO_REF:00000{n:02d}" for n in (19, 20, 23, 29, 35, 37, 38, 39, 40, 42, 45, 46)]


def count(files: Sequence[Path], ontology: Path) -> Counts:
    """Return the lines of each finding that the query knows."""
    connection = duckdb.connect()
    paths = ", ".join(f"'{path}'" for path in files)
    connection.execute(LINES.format(files=paths))
    opener = gzip.open if ontology.suffix == ".gz" else open
    with opener(ontology, "rt", encoding="utf-8") as stream:
        stanzas = stream.read().split("[Term]")[1:]
    known, merged, regulates = [], [], []
    for stanza in stanzas:
        found = TERM.findall(stanza.split("[Typedef]")[0])
        tags = dict(found)
        known.append((tags["id"], tags["namespace"], "is_obsolete" in tags))
        regulates += [(tags["id"], regulated) for regulated in REGULATES.findall(stanza)]
        merged += [(value, tags["id"]) for tag, value in found if tag == "alt_id"]
    columns = zip(*known, strict=True)
    table = pa.table(
        dict(zip(("id", "namespace", "obsolete"), map(pa.array, columns), strict=True))
    )
    connection.register("known", table)
    ids, primary = (pa.array(values, pa.string()) for values in zip(*merged, strict=True))
    connection.execute("create table regulates (regulating varchar, regulated varchar)")
    connection.executemany("insert into regulates values (?, ?)", regulates or [("", "")])
    connection.register("merged", pa.table({"id": ids, "primary_id": primary}))
    rows = connection.execute(RULES.format(obsolete_refs=OBSOLETE_REFS)).fetchall()
    return {(word, value): n_lines for word, value, n_lines in rows if n_lines}
