"""The differences between systems: the rest of the product asks here, and names no system.

`host` has the properties of the system; `file_state` tells the versions of a file apart;
`file_access` locks, reads and links files and finds whose they are; `named_directory` is the form
of `directory.Directory` for Windows, by `file_handle`, and `directory_tree` what both forms share;
`job_object` ends the children of a process with it there.
Nodes have this package: Python 3.9, standard library only. It imports nothing of the others.
"""
