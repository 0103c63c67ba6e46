"""`python -m gafreduce` is the command `gafreduce`."""

import sys

from gafreduce.child_process import list_trusted_entries

# `python -m` puts the working folder first: a file typing.py there would be executed
sys.path[:] = list_trusted_entries(sys.path)

from gafreduce.startup import entry  # noqa: E402 - only now

entry()
