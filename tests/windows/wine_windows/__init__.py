"""A real Python for Windows under Wine, and what gafreduce does with it.

`build` fetches what is needed, once; `shims` makes what this Wine lacks; `wheel` cross-builds the
wheel for Windows; `wine` runs Python; `checks` compare its results with those of this system.
"""
