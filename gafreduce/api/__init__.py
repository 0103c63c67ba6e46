"""The interface for Python programs and notebooks, which `import gafreduce` offers.

Only the names in `gafreduce.__all__`, and their public attributes, are for users. May import
reports, publishing and storage; runs are made by the command in a process of its own.
"""
