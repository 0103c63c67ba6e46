"""Components of the machinery behind the target: the components file and the tables of matches.

May import tables.
"""
