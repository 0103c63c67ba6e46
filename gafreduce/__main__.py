"""`python -m gafreduce` is the command `gafreduce`."""

from gafreduce.start import entry

entry()
