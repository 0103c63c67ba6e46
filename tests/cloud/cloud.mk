# A run by itself, with AWS's own matcher and emulator: included by the Makefile. Needs root, Go, Maven and Java.

.PHONY: test-cloud test-cloud-quick check-template image-check image-constraints

CLOUD_TESTS := $(BIN)/python -m pytest tests/cloud -ra -s --durations=5 -o cache_dir=$(VENV)/cloud-cache $(PYTEST_ARGS)

$(VENV)/installed-cloud: $(VENV)/installed-test
	$(PIP_INSTALL) 'awslambdaric>=4'
	@touch $@

test-cloud: cluster-build $(VENV)/installed-cloud ## a sheet in S3 becomes a run: real S3 server, AWS's matcher and emulator (8 min)
	$(CLOUD_TESTS)

test-cloud-quick: cluster-build $(VENV)/installed-cloud ## the part of test-cloud for every change (3 min)
	$(CLOUD_TESTS) -m "not slow"

CHECKOV := build/checkov/bin/checkov --quiet --compact --skip-download --framework cloudformation -f infra/gafreduce.yaml

build/checkov/bin/checkov: | $(BIN)/python
	$(BIN)/python -m venv build/checkov
	build/checkov/bin/pip install --quiet --disable-pip-version-check 'checkov>=3.3'

check-template: $(VENV)/installed-test build/checkov/bin/checkov ## check the template by cfn-lint, moto and checkov (in an environment of its own, 291 MB)
	$(BIN)/pytest -q tests/infra
	$(CHECKOV) --config-file infra/checkov.yaml
	@# an exception that no resource needs any more is taken out
	$(CHECKOV) --output json --soft-fail | $(BIN)/python -c 'import json, re, sys; \
	  failed = {each["check_id"] for each in json.load(sys.stdin)["results"]["failed_checks"]}; \
	  listed = set(re.findall(r"CKV\w+", open("infra/checkov.yaml").read())); \
	  sys.exit(f"infra/checkov.yaml: nothing needs {listed - failed}" if listed - failed else 0)'

image-check: $(VENV)/installed ## build the image without Docker and run it as Lambda does (root, buildah, debootstrap; 5 GB in build/image, 10 min)
	sh tests/cloud/check_image.sh build/image $(BIN)/gafreduce

image-constraints: ## take the newest versions into the image: infra/constraints.txt (uv)
	echo awslambdaric | uv pip compile --quiet pyproject.toml - --extra lambda --extra query --python-version 3.11 \
	  --upgrade --no-header --no-annotate --output-file infra/constraints.txt
	sed -i '1i # The versions of what the image contains. make image-constraints renews them.' infra/constraints.txt
