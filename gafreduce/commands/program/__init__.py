"""Commands on gafreduce itself. They import what `gafreduce.commands` may."""
