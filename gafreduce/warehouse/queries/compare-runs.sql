-- All runs, the latest first, with what makes two of them comparable.
SELECT
  run_id,
  created,
  target,
  target_name,
  ontology_version,
  n_inputs,
  n_kept,
  n_organisms,
  n_experimental + n_high_throughput + n_curated AS n_with_more_than_electronic,
  n_electronic_only,
  substr(inputs_sha256, 1, 12) AS same_inputs,
  substr(ontology_sha256, 1, 12) AS same_ontology,
  options
FROM runs
ORDER BY created DESC, run_id
