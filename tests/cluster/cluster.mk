# The real Hadoop, S3 server and EMR control plane: included by the Makefile.

CLUSTER := PYTHONPATH=tests/cluster $(BIN)/python -m minihadoop

.PHONY: cluster-build cluster-up cluster-down test-cluster test-faults

cluster-build: $(VENV)/installed-test ## fetch and build a small Hadoop, an S3 server and moto, once
	$(CLUSTER) build

cluster-up: $(VENV)/installed-test ## start a cluster to try things on; says which file to source
	$(CLUSTER) up

cluster-down: ## stop it and remove what it wrote
	$(CLUSTER) down

test-cluster: cluster-build ## same bytes on every runner, and three faults, on a real Hadoop (12 min)
	$(BIN)/python -m pytest tests/cluster -m "cluster and not faults" -ra

test-faults: cluster-build ## every fault of docs/reliability.md (an hour)
	$(BIN)/python -m pytest tests/cluster -m "cluster and faults" -ra
