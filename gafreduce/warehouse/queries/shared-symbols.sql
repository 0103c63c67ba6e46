-- Symbols of gene products with the target that several organisms have; equal symbols need not be orthologs.
-- Parameter organisms: in at least so many organisms (default: 2).
SELECT
  run_id,
  lower(symbol) AS symbol,
  count(DISTINCT organism_id) AS n_organisms,
  count(*) AS n_gene_products
FROM gene_products
WHERE status IN ('positive', 'conflicting') AND symbol IS NOT NULL
GROUP BY run_id, lower(symbol)
HAVING count(DISTINCT organism_id) >= CAST($organisms AS integer)
ORDER BY run_id, n_organisms DESC, lower(symbol)
