-- The contract's profile, terms, organisms and annotations by DuckDB, straight from the text.
-- Run by peer_duckdb.py, which sets the variables `files`, `obo` and `out`.
-- Lines are positive, supporting lines; what GO's rules refuse is not looked for: the benchmark's
-- input has none of it, and compare.py holds the numbers against ours before any time is told.

create table stanza as
select regexp_extract(s, '^id: (\S+)', 1) as go,
       regexp_extract(s, '\nname: ([^\n]*)', 1) as name,
       regexp_extract(s, '\nnamespace: (\S+)', 1) as namespace,
       regexp_extract_all(s, '\nalt_id: (\S+)', 1) as others,
       list_concat(regexp_extract_all(s, '\nis_a: (\S+)', 1),
                   regexp_extract_all(s, '\nrelationship: part_of (\S+)', 1)) as parents,
       s like '%\nis_obsolete: true%' or contains(s, chr(10) || 'is_obsolete: true') as obsolete
from (select unnest(string_split(content, '[Term]' || chr(10))[2:]) as s
      from read_text(getvariable('obo')));

create table alternative as select unnest(others) as other, go from stanza;
create table edge as select go as child, unnest(parents) as parent from stanza;

create table annotation as
select cast(regexp_extract(c[13], '^taxon:(\d+)', 1) as bigint) as taxon_id,
       c[1] || ':' || c[2] as object_id,
       coalesce(a.go, c[5]) as go_id,
       c[7] as code,
       not list_contains(string_split(lower(c[4]), '|'), 'not') and c[7] <> 'ND'
         and lower(c[4]) in ('', 'involved_in', 'acts_upstream_of_or_within', 'enables',
           'contributes_to', 'part_of', 'located_in', 'is_active_in',
           'acts_upstream_of_or_within_positive_effect',
           'acts_upstream_of_or_within_negative_effect') as supports,
       c[7] not in ('IEA', 'ND', 'NR', '') as stated,
       case when coalesce(a.go, c[5]) in ('GO:0030420', 'GO:0045304', 'GO:0045808', 'GO:0045809')
            then text end as text
from (select text, string_split(text, chr(9)) as c
      from read_csv(getvariable('files'), columns = {'text': 'VARCHAR'}, delim = chr(1), quote = '',
                    escape = '', header = false, auto_detect = false)
      where text not like '!%')
left join alternative a on a.other = c[5];

create table closure as
with recursive up(go, ancestor) as (
  select distinct go_id, go_id from annotation
  union
  select up.go, edge.parent from up join edge on edge.child = up.ancestor
) select go, ancestor from up;

create table pair as select distinct taxon_id, object_id, go_id from annotation where supports;

create table profile as
with direct as (
  select go_id, taxon_id, count(*) as n_annotations, count(distinct object_id) as n_gene_products,
         count(distinct case when stated then object_id end) as n_gene_products_non_electronic
  from annotation where supports group by all),
propagated as (
  select ancestor as go_id, taxon_id, count(distinct object_id) as n_gene_products_propagated
  from pair join closure on closure.go = pair.go_id group by all)
select go_id, taxon_id, coalesce(n_annotations, 0) as n_annotations,
       coalesce(n_gene_products, 0) as n_gene_products, n_gene_products_propagated,
       coalesce(n_gene_products_non_electronic, 0) as n_gene_products_non_electronic
from propagated left join direct using (go_id, taxon_id);

create table organisms as
select taxon_id, count(*) as n_annotations, count(distinct object_id) as n_gene_products,
       count(distinct case when supports then go_id end) as n_terms,
       count(distinct case when supports and namespace = 'biological_process'
             then object_id end) as n_in_aspect,
       count(case when supports and go_id = 'GO:0030420' then 1 end) as n_target_annotations,
       count(distinct case when supports and go_id = 'GO:0030420'
             then object_id end) as n_target_gene_products
from annotation left join stanza on stanza.go = annotation.go_id group by taxon_id;

create table terms as
select go_id, any_value(name) as name, any_value(namespace) as namespace,
       count(case when n_gene_products > 0 then 1 end) as n_organisms,
       string_agg(case when n_gene_products > 0 then taxon_id end, '|' order by taxon_id) as taxon_ids,
       count(*) as n_organisms_propagated,
       string_agg(taxon_id, '|' order by taxon_id) as taxon_ids_propagated
from profile left join stanza on stanza.go = profile.go_id group by go_id;

create table annotations as
select taxon_id, object_id, go_id, replace(text, chr(9), ' ') as line
from annotation where text is not null;
