"""`python -m gafreduce` is the command `gafreduce`."""

from gafreduce.startup import entry

entry()
