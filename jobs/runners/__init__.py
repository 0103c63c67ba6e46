"""Run jobs: our runners of mrjob, a pool of processes, the base class of jobs, their scripts.

May import all packages of jobs; nothing but the scripts in jobs/ and gafreduce imports it.
"""
