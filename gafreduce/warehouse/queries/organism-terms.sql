-- Terms of an organism with their gene products, directly or by a descendant.
-- Needs: annotation_lines (convert --to parquet), term_ancestors (convert --ancestors).
-- Parameter organism: its id: a taxon id, or the name of a sample.
SELECT
  found.ancestor_id AS go_id,
  count(DISTINCT lines.object_id) AS n_gene_products_propagated,
  count(DISTINCT CASE WHEN found.distance = 0 THEN lines.object_id END) AS n_gene_products
FROM annotation_lines AS lines
JOIN term_ancestors AS found ON found.go_id = lines.go_id
WHERE lines.supports AND lines.organism_id = $organism
GROUP BY found.ancestor_id
ORDER BY n_gene_products_propagated DESC, go_id
