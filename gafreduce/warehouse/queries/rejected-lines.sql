-- Lines that were refused, by file and reason, with the first example.
SELECT run_id, source_file, reason, rule, n_lines, example_1
FROM rejections
ORDER BY n_lines DESC, run_id, source_file, reason
