-- Organisms with their verdict and gene products with the target, in each run.
SELECT
  runs.run_id,
  runs.target,
  organisms.organism_id,
  organisms.organism,
  organisms.verdict,
  organisms.complete,
  organisms.n_target_gene_products,
  organisms.n_gene_products
FROM organisms
JOIN runs ON runs.run_id = organisms.run_id
WHERE organisms.compared
ORDER BY runs.run_id, organisms.n_target_gene_products DESC, organisms.organism_id
