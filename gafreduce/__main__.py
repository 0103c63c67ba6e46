"""`python -m gafreduce` is the command `gafreduce`."""

from gafreduce.cli import entry

entry()
