"""The GO graph through goatools, the term set of a target, and the term file for the workers.

It may import `gafreduce.errors` only. Nodes import `termfile`, and nothing else from here.
"""
