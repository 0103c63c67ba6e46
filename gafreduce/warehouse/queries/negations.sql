-- Gene products that a NOT concerns, and conflicting ones: a NOT is never a statement on the organism.
SELECT
  products.run_id,
  products.organism_id,
  products.object_id,
  products.symbol,
  products.status,
  lines.go_id,
  lines.evidence_code,
  lines.reference
FROM gene_products AS products
JOIN annotations AS lines
  ON lines.run_id = products.run_id
  AND lines.organism_id = products.organism_id
  AND lines.object_id = products.object_id
WHERE lines.negated
ORDER BY products.run_id, products.organism_id, products.object_id, lines.go_id
