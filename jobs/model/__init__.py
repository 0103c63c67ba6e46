"""The vocabulary of annotations: fields, evidence codes, ECO ids, relations, GO ids, filters.

Facts are literals or TSV files in this package. Modules here import nothing from other packages of
gafreduce, except `gafreduce.errors`.
"""
