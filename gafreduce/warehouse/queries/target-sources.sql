-- Who states the target, by which evidence code: lines and gene products of each source and organism.
SELECT
  run_id,
  organism_id,
  assigned_by,
  evidence_code,
  evidence_group,
  count(*) AS n_annotations,
  count(DISTINCT object_id) AS n_gene_products
FROM annotations
WHERE term_class IN ('target', 'core') AND takes_part AND NOT negated
GROUP BY run_id, organism_id, assigned_by, evidence_code, evidence_group
ORDER BY run_id, organism_id, n_annotations DESC, assigned_by, evidence_code
