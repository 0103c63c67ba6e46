"""The GO graph through goatools, the term set of a target, and the term file for the workers.

May import gafreduce.errors, startup and child_process. Nodes import `termfile`, and nothing else
from here.
"""
