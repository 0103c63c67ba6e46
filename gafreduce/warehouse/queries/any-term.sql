-- Organisms with a term or one of its descendants, with the numbers of `profile`: any term, without a new run.
-- Needs: annotation_lines (convert --to parquet), term_ancestors (convert --ancestors).
-- Parameter term: an id such as GO:0030420.
SELECT
  found.ancestor_id AS go_id,
  lines.organism_id,
  count(CASE WHEN found.distance = 0 THEN 1 END) AS n_annotations,
  count(DISTINCT CASE WHEN found.distance = 0 THEN lines.object_id END) AS n_gene_products,
  count(DISTINCT lines.object_id) AS n_gene_products_propagated,
  count(DISTINCT CASE
    WHEN found.distance = 0 AND lines.evidence_group NOT IN ('electronic', 'unstated')
    THEN lines.object_id
  END) AS n_gene_products_non_electronic
FROM annotation_lines AS lines
JOIN term_ancestors AS found ON found.go_id = lines.go_id
WHERE lines.supports AND found.ancestor_id = $term
GROUP BY found.ancestor_id, lines.organism_id
ORDER BY n_gene_products_propagated DESC, lines.organism_id
