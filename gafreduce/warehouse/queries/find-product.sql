-- Gene products whose id, symbol, name or synonym has a text, in all runs.
-- Parameter text: a part of it, in any case.
SELECT
  products.run_id,
  products.organism_id,
  products.object_id,
  products.symbol,
  products.name,
  products.status,
  products.best_group
FROM gene_products AS products
LEFT JOIN (
  SELECT DISTINCT run_id, organism_id, object_id
  FROM gene_products
  CROSS JOIN UNNEST(synonyms) AS listed(synonym)
  WHERE strpos(lower(listed.synonym), lower($text)) > 0
) AS named
  ON named.run_id = products.run_id
  AND named.organism_id = products.organism_id
  AND named.object_id = products.object_id
WHERE strpos(lower(products.object_id), lower($text)) > 0
  OR strpos(lower(products.symbol), lower($text)) > 0
  OR strpos(lower(products.name), lower($text)) > 0
  OR named.object_id IS NOT NULL
ORDER BY products.run_id, products.organism_id, products.object_id
