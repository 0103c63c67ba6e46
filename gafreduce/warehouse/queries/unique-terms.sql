-- Terms that are annotated in one complete organism and in no other file, in each run.
-- A term that is unique here may be missing elsewhere only because nobody annotated it.
SELECT
  terms.run_id,
  listed.organism_id,
  organisms.organism,
  terms.aspect,
  terms.go_id,
  terms.name
FROM terms
CROSS JOIN UNNEST(terms.organism_ids) AS listed(organism_id)
JOIN organisms
  ON organisms.run_id = terms.run_id AND organisms.organism_id = listed.organism_id
WHERE terms.membership = 'unique'
ORDER BY terms.run_id, listed.organism_id, terms.aspect, terms.go_id
