"""A run, from its options to a run folder.

`options` carries the options, `plan` lists the inputs, `destination` locks the run folder,
`run_pipeline` makes it with `run_jobs`, `report_process` and `run_record`; `reopen` finds the
inputs of a finished run, and `draft_sheet` writes a sample sheet of inputs. May import execution,
reports, publishing, inputs, storage, jobs and ontology.
"""
