-- Gene products with the target for which no experiment is cited, with what they rest on.
SELECT
  products.run_id,
  products.organism_id,
  products.object_id,
  products.symbol,
  products.name,
  products.best_group
FROM gene_products AS products
WHERE products.status = 'positive'
  AND NOT EXISTS (
    SELECT 1
    FROM annotations AS cited
    WHERE cited.run_id = products.run_id
      AND cited.organism_id = products.organism_id
      AND cited.object_id = products.object_id
      AND cited.term_class IN ('target', 'core')
      AND cited.takes_part
      AND NOT cited.negated
      AND cited.evidence_group IN ('experimental', 'high_throughput')
  )
ORDER BY products.run_id, products.organism_id, products.object_id
