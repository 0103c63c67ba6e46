# The service: against schemathesis and hostile requests, opened by Datasette, and under load beside it.
.PHONY: test-api bench-api bench-api-start
API_PORT ?= 8031
API_SECONDS ?= 60
API_CONNECTIONS ?= 1 16 64
API_RUN ?= build/api-run
DATASETTE := build/datasette/bin/datasette

$(DATASETTE):
	$(BIN)/python -m venv build/datasette
	build/datasette/bin/pip install --quiet --disable-pip-version-check 'datasette>=0.65,<1'

build/schemathesis/bin/schemathesis: | $(BIN)/python
	$(BIN)/python -m venv build/schemathesis
	build/schemathesis/bin/pip install --quiet --disable-pip-version-check 'schemathesis>=4.32'

build/api-run/run.json: $(VENV)/installed-test
	$(BIN)/gafreduce run $(SAMPLES) --ontology $(SAMPLES)/go-samples.obo -q -o build/api-run --force --search

test-api: $(VENV)/installed-test $(DATASETTE) build/schemathesis/bin/schemathesis build/api-run/run.json ## test the service with schemathesis, hostile requests and Datasette (minutes)
	GAFREDUCE_HOSTILE_REQUESTS=10000 GAFREDUCE_DATASETTE=$(CURDIR)/$(DATASETTE) $(BIN)/pytest -q \
	  tests/gafreduce/service -k "hostile or datasette" -o timeout=1200
	$(BIN)/gafreduce serve build/api-run --port $(API_PORT) & served=$$!; \
	  build/schemathesis/bin/schemathesis run http://127.0.0.1:$(API_PORT)/openapi.json --checks all \
	    --max-examples 30 --wait-for-schema 20 --no-color; code=$$?; kill -INT $$served; wait $$served; exit $$code

bench-api: $(VENV)/installed-test $(DATASETTE) build/api-run/run.json ## requests a second of the service and of Datasette, in turn: API_SECONDS (60), API_RUN, API_CONNECTIONS
	$(BIN)/python benchmarks/api_load.py $(API_RUN) $(DATASETTE) --seconds $(API_SECONDS) --connections $(API_CONNECTIONS)

bench-api-start: $(VENV)/installed-test build/api-run/run.json ## cold start of the service as a function, in AWS's runtime emulator (Go); API_RUN
	$(BIN)/pip install --quiet --disable-pip-version-check awslambdaric
	$(BIN)/python benchmarks/cold_start.py $(API_RUN)
