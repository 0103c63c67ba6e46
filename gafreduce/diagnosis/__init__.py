"""Diagnosis of a failed cluster job: from its messages and logs to a cause that users can act on.

May import inputs, storage and jobs, not execution: callers pass messages and ids of a job.
"""
