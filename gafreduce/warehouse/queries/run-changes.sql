-- Organisms whose verdict or number of gene products with the target differs between two runs.
-- Parameter before: id of the earlier run.
-- Parameter after: id of the later run.
SELECT
  coalesce(earlier.organism_id, later.organism_id) AS organism_id,
  coalesce(later.organism, earlier.organism) AS organism,
  earlier.verdict AS verdict_before,
  later.verdict AS verdict_after,
  earlier.n_target_gene_products AS gene_products_before,
  later.n_target_gene_products AS gene_products_after
FROM (SELECT * FROM organisms WHERE run_id = $before) AS earlier
FULL OUTER JOIN (SELECT * FROM organisms WHERE run_id = $after) AS later
  ON later.organism_id = earlier.organism_id
WHERE earlier.verdict IS DISTINCT FROM later.verdict
  OR earlier.n_target_gene_products IS DISTINCT FROM later.n_target_gene_products
ORDER BY organism_id
