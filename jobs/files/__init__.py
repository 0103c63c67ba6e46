"""Read, split and sort files: splits of inputs, the input list, batches of lines.

`compression` decompresses inputs and verifies them while they are read; `file_version` notices
that a file changed.

May import jobs.native and the package's errors.
"""
