"""Read, split and sort files: splits of inputs, the input list, batches of lines.

`splits` decompresses inputs and checks their integrity while they are read; `file_version` notices
that a file changed.

May import jobs.native and the package's errors.
"""
