"""The C extension, its type stub, and the module that loads it.

Imports nothing of gafreduce.
"""
