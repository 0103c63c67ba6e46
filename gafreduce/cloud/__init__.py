"""Entry points of AWS Lambda: functions that AWS calls with an event.

`start` needs the extra `gafreduce[function]`. A module here is started by AWS instead of the
command line, so it may import everything except `gafreduce.cli.main` and `gafreduce.api`, which are
beside it.
"""
