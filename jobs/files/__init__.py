"""Read, split and sort files: splits of inputs, the input list, batches of lines.

May import jobs.native and the package's errors.
"""
