"""Estimates of a run before it starts: lines, time, memory and cost by route.

`sampling.py` counts lines, `rates.py` has measured rates (`rates.json`) and list prices
(`prices.json`), `routes.py` the arithmetic. May import `inputs`, `storage` and `jobs`; nothing of
the pipeline, which asks for an estimate when a run has a limit of cost.
"""
