"""Run jobs: mrjob runners of gafreduce, a pool of processes, the base class of jobs, their scripts.

May import all packages of jobs. Inside jobs only the scripts import it; outside, inputs and
reports.tables do.
"""
