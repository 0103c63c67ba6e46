"""Commands that make or read run folders. They import what `gafreduce.commands` may."""
