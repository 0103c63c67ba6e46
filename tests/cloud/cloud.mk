# A run by itself, with AWS's own matcher and emulator: included by the Makefile. Needs root, Go, Maven and Java.

.PHONY: test-cloud test-cloud-quick check-template

CLOUD_TESTS := $(BIN)/python -m pytest tests/cloud -ra -s --durations=5 -o cache_dir=$(VENV)/cloud-cache $(PYTEST_ARGS)

$(VENV)/installed-cloud: $(VENV)/installed-test
	$(PIP_INSTALL) 'awslambdaric>=4'
	@touch $@

test-cloud: cluster-build $(VENV)/installed-cloud ## a sheet in S3 becomes a run: real S3 server, AWS's matcher and emulator (8 min)
	$(CLOUD_TESTS)

test-cloud-quick: cluster-build $(VENV)/installed-cloud ## the part of test-cloud for every change (3 min)
	$(CLOUD_TESTS) -m "not slow"

check-template: ## check the template by checkov, in an environment of its own (291 MB)
	test -x build/checkov/bin/checkov || { $(PYTHON) -m venv build/checkov && build/checkov/bin/pip install -q checkov; }
	build/checkov/bin/checkov --quiet --compact --framework cloudformation -f infra/gafreduce.yaml --config-file infra/checkov.yaml
