# The real Hadoop, S3 server and EMR control plane: included by the Makefile.

CLUSTER = PYTHONPATH=tests/cluster $(PYTHON) -m minihadoop
PYTHON ?= .venv/bin/python

.PHONY: cluster-build cluster-up cluster-down test-cluster test-faults

cluster-build:  ## Fetch and build a minimal Hadoop, versitygw and moto into the cache, once
	$(CLUSTER) build

cluster-up:  ## Start a cluster to try things on; says which file to source
	$(CLUSTER) up

cluster-down:  ## Stop it and remove what it wrote
	$(CLUSTER) down

test-cluster:  ## Same bytes on every runner, and three faults, on a real Hadoop (12 minutes)
	$(PYTHON) -m pytest tests/cluster -m "cluster and not faults" -ra

test-faults:  ## Every fault of docs/reliability.md (an hour)
	$(PYTHON) -m pytest tests/cluster -m "cluster and faults" -ra
