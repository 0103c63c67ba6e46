"""Commands on annotation files and the ontology. They import what `gafreduce.commands` may."""
