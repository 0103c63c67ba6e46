"""A small GAF line for tests of inputs."""

from __future__ import annotations


def line(name: str) -> bytes:
    """Return the line of an annotation of a gene product to competence."""
    row = "DB\t{}\tsym\t\tGO:0030420\tREF:1\tIEA\t\tP\tname\t\tprotein\ttaxon:1\t20200101\tX\t\t\n"
    return row.format(name).encode()
