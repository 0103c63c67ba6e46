-- profile, terms, organisms and annotations of the contract (reports/tables/columns.tsv) by DuckDB, straight
-- from the text of GAF files, as TSV and Parquet. Run by peer_duckdb.py, which sets the variables
-- `files`, `terms` (a term file: docs/formats.md#term-file) and `out` (a folder).
-- Written to be fast: numbers instead of ids, a column of few distinct values is read once for each
-- distinct cell, lines are gathered by gene product before terms are propagated.
-- What GO's rules refuse is not looked for: the benchmarks' input has none of it, and compare.py
-- compares the tables with gafreduce's before any time is reported.

-- The ontology: numbers are places in the term file's list.
create temp table field as
select split_part(line, chr(9), 1) as name, line[instr(line, chr(9)) + 1:] as value
from (select unnest(string_split(content, chr(10))) as line
      from read_text(getvariable('terms')));

create temp macro words(field_name, separator) as table
select row_number() over () - 1 as number, word
from (select unnest(string_split(value, separator)) as word from field where name = field_name);

create temp table term as
select go.number, go.word as go_id, name.word as name,
       case when obsolete.word is null then 'current' else 'obsolete' end as status,
       aspect.word as aspect
from words('go_ids', ' ') go
join words('aspects', '') aspect using (number)
join words('names', chr(9)) name using (number)
left join words('obsolete', ' ') obsolete on obsolete.word = cast(go.number as varchar);

create temp table edge as
select number as child, unnest(string_split(word, ',')) :: bigint as parent
from words('parents', ' ') where word <> '-';

-- The current id of an id as written; an unknown id gets a negative number further down.
create temp table written as
select go_id as id, number from term
union all
select split_part(word, '>', 1), term.number
from words('repairs', ' ') join term on term.go_id = split_part(word, '>', 2);

create temp table closure as
select go_id, split_part(value, chr(9), 2) as term_class
from (select value, split_part(value, chr(9), 1) as go_id from field where name = 'closure');

create temp table term_class as
select number, term_class from closure join term using (go_id)
union all
select word :: bigint, 'ancestor' from words('negating', ' ')
where word :: bigint not in (select number from closure join term using (go_id));

create temp table evidence as
select unnest(string_split(codes, ' ')) as code, evidence_group, strength
from (values
  ('EXP IDA IPI IMP IGI IEP', 'experimental', 1), ('HTP HDA HMP HGI HEP', 'high_throughput', 2),
  ('IBA IBD IKR IRD', 'phylogenetic', 3), ('ISS ISO ISA ISM IGC RCA', 'computational', 4),
  ('TAS NAS', 'author', 5), ('IC', 'curator', 6), ('IEA', 'electronic', 7),
  ('NR', 'unstated', 8), ('ND', 'no_data', 9)
) as groups(codes, evidence_group, strength);

-- The lines: what is counted, and the rest of the cells where a line may be shown.
create temp table line as
select c1, c2, c4, c5, c7, c13, filename,
       case when c5 in (select id from written join term_class using (number)
                        where term_class <> 'ancestor')
                 or (c4 <> '' and contains(lower(c4), 'not'))
            then [c3, c6, c8, c9, c10, c11, c12, c14, c15, c16, c17] end as rest,
       case when c5 not in (select id from written) then c9 end as aspect
from read_csv(getvariable('files'), delim = chr(9), quote = '', escape = '', header = false,
              auto_detect = false, filename = true,
              force_not_null = ['c3', 'c4', 'c6', 'c8', 'c9', 'c10', 'c11', 'c12', 'c14', 'c15',
                                'c16', 'c17'],
              columns = {'c1': 'VARCHAR', 'c2': 'VARCHAR', 'c3': 'VARCHAR', 'c4': 'VARCHAR',
                         'c5': 'VARCHAR', 'c6': 'VARCHAR', 'c7': 'VARCHAR', 'c8': 'VARCHAR',
                         'c9': 'VARCHAR', 'c10': 'VARCHAR', 'c11': 'VARCHAR', 'c12': 'VARCHAR',
                         'c13': 'VARCHAR', 'c14': 'VARCHAR', 'c15': 'VARCHAR', 'c16': 'VARCHAR',
                         'c17': 'VARCHAR'});

insert into term
select -row_number() over (order by c5), c5, '', 'unknown', min(aspect)
from line where aspect is not null group by c5;
insert into written select go_id, number from term where number < 0;

create temp table taxon as
select c13, regexp_extract(c13, '^\w+:0*(\d+)', 1) :: bigint as taxon_id,
       regexp_extract(c13, '\|\w+:0*(\d+)$', 1) as interacting_taxon
from (select distinct c13 from line);

create temp table relation as
select c4, list_contains(parts, 'not') as negated,
       coalesce(list_aggregate(stated, 'string_agg', '|'), '') as relation,
       list_has_all(['involved_in', 'enables', 'contributes_to', 'part_of', 'located_in',
                     'is_active_in', 'acts_upstream_of_or_within',
                     'acts_upstream_of_or_within_positive_effect',
                     'acts_upstream_of_or_within_negative_effect'], stated) as takes_part
from (select c4, string_split(lower(c4), '|') as parts,
             list_filter(parts, lambda part: part not in ('', 'not')) as stated
      from (select distinct c4 from line));

create temp table read_line as
select taxon_id, c1, c2, written.number :: integer as number,
       not negated and c7 <> 'ND' and takes_part as supports,
       c7 = 'ND' as no_data,
       coalesce(strength, 8) < 7 as stated
from line join taxon using (c13) join relation using (c4) join written on id = c5
left join evidence on code = c7;

-- By gene product and term, by gene product, and by term and taxon.
create temp table fact as
select taxon_id, c1, c2, number, count(*) as n_lines,
       count(*) filter (supports) as n_annotations,
       bool_or(supports and stated) as non_electronic,
       count(*) filter (no_data) as n_no_data
from read_line group by taxon_id, c1, c2, number;

create temp table product as
select (row_number() over ()) :: integer as product, *
from (select taxon_id, c1, c2, sum(n_lines) as n_lines,
             list(number) filter (n_annotations > 0) as numbers,
             bool_or(n_annotations > 0 and aspect = target_aspect) as in_aspect,
             count(*) filter (n_no_data > 0 and aspect = target_aspect) as n_no_data,
             count(*) filter (n_no_data < n_lines and aspect = target_aspect) as n_said
      from fact join term using (number),
           (select aspect as target_aspect from term_class join term using (number)
            where term_class = 'target')
      group by taxon_id, c1, c2);

create temp table direct as
select number, taxon_id, sum(n_annotations) as n_annotations, count(*) as n_gene_products,
       count(*) filter (non_electronic) as n_gene_products_non_electronic
from fact where n_annotations > 0 group by number, taxon_id;

create temp table ancestor as
with recursive climb(number, ancestor) as (
  select distinct number, number from direct
  union
  select number, parent from climb join edge on child = ancestor
) select number, ancestor :: integer as ancestor from climb;

create temp table propagated as
select ancestor as number, taxon_id, count(*) as n_gene_products_propagated
from (select distinct product, taxon_id, ancestor
      from (select product, taxon_id, unnest(numbers) as number from product)
      join ancestor using (number))
group by ancestor, taxon_id;

create table profile as
select go_id, taxon_id, coalesce(n_annotations, 0) :: bigint as n_annotations,
       coalesce(n_gene_products, 0) as n_gene_products, n_gene_products_propagated,
       coalesce(n_gene_products_non_electronic, 0) as n_gene_products_non_electronic
from propagated left join direct using (number, taxon_id) join term using (number)
order by go_id, taxon_id;

create table annotations as
select taxon_id, c1 || ':' || c2 as object_id, go_id, rest[1] as symbol, term_class,
       c5 as annotated_go_id, relation, negated, c7 as evidence_code,
       coalesce(evidence_group, 'unstated') as evidence_group, rest[2] as reference,
       rest[3] as with_from, rest[9] as assigned_by, rest[8] as date,
       rest[10] as annotation_extension, rest[11] as gene_product_form,
       parse_filename(filename) as source_file, rest[4] as aspect, rest[5] as name,
       rest[6] as synonyms, rest[7] as object_type, interacting_taxon, takes_part,
       concat_ws(' ', c1, c2, rest[1], c4, c5, rest[2], c7, rest[3], rest[4], rest[5], rest[6],
                 rest[7], c13, rest[8], rest[9], rest[10], rest[11]) as line
from line join taxon using (c13) join relation using (c4) join written on id = c5
join term using (number) join term_class using (number) left join evidence on code = c7
where rest is not null and (term_class <> 'ancestor' or negated)
order by all;

-- Organisms: from gene products, from the rows of the closure, and from the files.
create temp table claim as
select taxon_id, object_id, max(strength_of_target) is not null as positive,
       bool_or(negates) as negated, bool_or(negates and term_class = 'target') as on_target,
       bool_or(other_relation) as other_relation, bool_or(regulates) as regulates,
       count(strength_of_target) as n_lines, list(distinct strength_of_target) as strengths
from (select a.*, negated and takes_part and term_class in ('target', 'ancestor')
                  and annotation_extension = ''
                  and (gene_product_form = ''
                       or split_part(gene_product_form, ':', 2) = split_part(object_id, ':', 2))
                  as negates,
             not negated and evidence_code <> 'ND' and takes_part as supports,
             not negated and evidence_code <> 'ND' and not takes_part
             and term_class in ('target', 'core') as other_relation,
             supports and term_class not in ('target', 'core', 'ancestor') as regulates,
             case when supports and term_class in ('target', 'core')
                  then coalesce(strength, 8) end as strength_of_target
      from annotations a
      left join evidence on code = evidence_code)
group by taxon_id, object_id;

create temp macro n_with(strengths, positive, wanted) as
  count(*) filter (positive and list_contains(strengths, wanted));

create temp table claims as
select taxon_id, sum(n_lines) as n_target_annotations,
       count(*) filter (positive) as n_target_gene_products,
       n_with(strengths, positive, 1) as n_target_experimental,
       n_with(strengths, positive, 2) as n_target_high_throughput,
       n_with(strengths, positive, 3) as n_target_phylogenetic,
       n_with(strengths, positive, 4) as n_target_computational,
       n_with(strengths, positive, 5) as n_target_author,
       n_with(strengths, positive, 6) as n_target_curator,
       n_with(strengths, positive, 7) as n_target_electronic,
       n_with(strengths, positive, 8) as n_target_unstated,
       count(*) filter (regulates) as n_regulator_gene_products,
       count(*) filter (other_relation) as n_other_relation_gene_products,
       count(*) filter (negated) as n_negated_gene_products,
       count(*) filter (negated and positive) as n_conflicting_gene_products,
       bool_or(on_target) as on_target,
       min(list_min(strengths)) filter (positive and not negated) as best
from claim group by taxon_id;

create temp table foreign_line as
select arg_max(taxon_id, (n, -taxon_id)) as taxon_id, sum(n) - max(n) as n_lines
from (select filename, taxon_id, count(*) as n from line join taxon using (c13)
      group by filename, taxon_id)
group by filename;

create temp table counted as
select taxon_id, sum(n_lines) as n_annotations, count(*) as n_gene_products,
       count(*) filter (in_aspect) as n_in_aspect, sum(n_no_data) as n_no_data,
       sum(n_said) as n_said,
       n_gene_products >= 10 or n_gene_products >= 0.02 * max(n_gene_products) over () as compared
from product group by taxon_id;

-- The Wilson score interval of k in n, per 1,000; z is the square of 1.96 by n.
create temp macro wilson(sign, k, n, z) as
  case when k = 0 and sign < 0 then 0.0 when k = n and sign > 0 then 1000.0
       else 1000 / (1 + z) * (k / n + z / 2
                              + sign * sqrt(z * (k / n) * (1 - k / n) + z * z / 4)) end;

create table organisms as
select taxon_id, 'taxon:' || taxon_id as organism, compared, true as complete,
       case when best = 1 then 'experimental' when best = 2 then 'high_throughput'
            when best <= 6 then 'curated' when best = 7 then 'electronic_only'
            when best = 8 then 'unstated_only'
            when n_conflicting_gene_products > 0 then 'conflicting'
            when on_target then 'negated'
            when n_other_relation_gene_products > 0 then 'other_relation_only'
            when n_regulator_gene_products > 0 then 'regulators_only'
            when n_no_data > 0 and n_said = 0 then 'no_data' else 'not_annotated' end as verdict,
       coalesce(on_target or n_conflicting_gene_products > 0, false) as contested,
       n_annotations :: bigint as n_annotations, n_gene_products,
       coalesce(n_terms, 0) as n_terms, n_in_aspect,
       coalesce(n_target_annotations, 0) :: bigint as n_target_annotations,
       k as n_target_gene_products,
       coalesce(n_target_experimental, 0) as n_target_experimental,
       coalesce(n_target_high_throughput, 0) as n_target_high_throughput,
       coalesce(n_target_phylogenetic, 0) as n_target_phylogenetic,
       coalesce(n_target_computational, 0) as n_target_computational,
       coalesce(n_target_author, 0) as n_target_author,
       coalesce(n_target_curator, 0) as n_target_curator,
       coalesce(n_target_electronic, 0) as n_target_electronic,
       coalesce(n_target_unstated, 0) as n_target_unstated,
       coalesce(n_regulator_gene_products, 0) as n_regulator_gene_products,
       coalesce(n_other_relation_gene_products, 0) as n_other_relation_gene_products,
       coalesce(n_negated_gene_products, 0) as n_negated_gene_products,
       coalesce(n_conflicting_gene_products, 0) as n_conflicting_gene_products,
       case when rated then 1000 * (k / n_in_aspect) end as rate_per_1000,
       case when rated then wilson(-1, k, n_in_aspect, z) end as rate_low,
       case when rated then wilson(1, k, n_in_aspect, z) end as rate_high,
       (select any_value(evidence_group) from evidence where strength = best) as best_group,
       coalesce(n_foreign_in_files, 0) :: bigint as n_foreign_in_files
from (select *, compared and n_in_aspect > 0 as rated, coalesce(n_target_gene_products, 0) as k,
             1.959963984540054 :: double ** 2 / n_in_aspect as z
      from counted left join claims using (taxon_id))
left join (select taxon_id, count(*) as n_terms from direct group by taxon_id) using (taxon_id)
left join (select taxon_id, sum(n_lines) as n_foreign_in_files from foreign_line group by taxon_id)
  using (taxon_id)
order by taxon_id;

-- Terms: who has them among the compared.
create temp macro membership_of(n, n_compared) as
  case when n = 0 or n_compared < 2 then '' when n = n_compared then 'core'
       when n = 1 then 'unique' else 'shared' end;

create table terms as
select go_id, name, aspect, status, coalesce(term_class, '') as term_class,
       n_organisms, membership_of(n_organisms, n_compared) as membership, taxon_ids,
       n_organisms_propagated,
       membership_of(n_organisms_propagated, n_compared) as membership_propagated,
       taxon_ids_propagated
from (select go_id, count(*) filter (compared and n_gene_products > 0) as n_organisms,
             list(taxon_id order by taxon_id) filter (compared and n_gene_products > 0)
               as taxon_ids,
             count(*) filter (compared) as n_organisms_propagated,
             list(taxon_id order by taxon_id) filter (compared) as taxon_ids_propagated
      from profile join (select taxon_id, compared from counted) using (taxon_id) group by go_id)
join term using (go_id) left join closure using (go_id),
     (select count(*) as n_compared from counted where compared)
order by go_id;

-- The files.
create temp macro joined(taxa) as
  array_to_string(taxa[:1000], '|') || case when len(taxa) > 1000 then '|...' else '' end;

copy profile to (getvariable('out') || '/profile.parquet') (format parquet);
copy organisms to (getvariable('out') || '/organisms.parquet') (format parquet);
copy terms to (getvariable('out') || '/terms.parquet') (format parquet);
copy annotations to (getvariable('out') || '/annotations.parquet') (format parquet);
copy profile to (getvariable('out') || '/profile.tsv')
  (format csv, delimiter '\t', header, quote '', escape '');
copy organisms to (getvariable('out') || '/organisms.tsv')
  (format csv, delimiter '\t', header, quote '', escape '');
copy (select * replace (joined(taxon_ids) as taxon_ids,
                        joined(taxon_ids_propagated) as taxon_ids_propagated) from terms)
  to (getvariable('out') || '/terms.tsv') (format csv, delimiter '\t', header, quote '', escape '');
copy annotations to (getvariable('out') || '/annotations.tsv')
  (format csv, delimiter '\t', header, quote '', escape '');
