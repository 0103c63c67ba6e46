"""Files of this machine, S3 and HDFS behind one interface, and their clients.

Callers need base.py (the interface) and resolve.py (the storage of a URI). May import
gafreduce.errors, gafreduce.mrjob_conf and gafreduce.jobs.
"""
