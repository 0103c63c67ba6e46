"""The GO graph through goatools, term classes, and the compact term file for the workers."""
