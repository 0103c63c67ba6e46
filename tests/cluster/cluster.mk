# The real Hadoop, S3 server and EMR control plane: included by the Makefile.

CLUSTER := PYTHONPATH=tests/cluster $(BIN)/python -m minihadoop

.PHONY: cluster-build cluster-up cluster-down test-cluster test-cluster-small test-faults

cluster-build: $(VENV)/installed-test ## fetch and build a small Hadoop, an S3 server and moto, once
	$(CLUSTER) build

cluster-up: $(VENV)/installed-test ## start a cluster to try things on; says which file to source
	$(CLUSTER) up

cluster-down: ## stop it and remove what it wrote
	$(CLUSTER) down

# Two tests at a time, on one cluster; but for those that stop what others need.
CLUSTER_TESTS := $(BIN)/python -m pytest tests/cluster -ra --durations=5 -o cache_dir=$(VENV)/cluster-cache $(PYTEST_ARGS)
SIDE_BY_SIDE := -n 2 --dist worksteal

test-cluster: cluster-build ## same bytes on every runner, and three faults, on a real Hadoop (10 min)
	$(CLUSTER_TESTS) -m "cluster and not faults" $(SIDE_BY_SIDE)

test-cluster-small: cluster-build ## the part of test-cluster that CI runs: samples and excerpts (5 min)
	$(CLUSTER_TESTS) -m "cluster and not faults and not large" $(SIDE_BY_SIDE)

test-faults: cluster-build ## every fault of docs/reliability.md (an hour)
	$(CLUSTER_TESTS) -m "cluster and faults and not alone" $(SIDE_BY_SIDE); \
	first=$$?; $(CLUSTER_TESTS) -m "cluster and faults and alone" --dead-after 60 && exit $$first
