-- Terms that every complete organism of a run has, directly or by a descendant.
SELECT run_id, aspect, go_id, name, n_organisms_propagated
FROM terms
WHERE membership_propagated = 'core'
ORDER BY run_id, aspect, go_id
