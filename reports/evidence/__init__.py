"""Where annotations are from: the sources of a line, and sources that GO stopped using.

May import tables.
"""
