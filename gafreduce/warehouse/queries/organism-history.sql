-- One organism in all runs, the latest first.
-- Parameter organism: its id: a taxon id, or the name of a sample.
SELECT
  runs.created,
  runs.run_id,
  runs.target,
  runs.ontology_version,
  organisms.organism,
  organisms.verdict,
  organisms.n_target_gene_products,
  organisms.n_gene_products
FROM organisms
JOIN runs ON runs.run_id = organisms.run_id
WHERE organisms.organism_id = $organism
ORDER BY runs.created DESC, runs.run_id
