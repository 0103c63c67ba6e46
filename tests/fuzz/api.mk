# The service under many requests: schemathesis over its description, and 10,000 hostile requests.
.PHONY: test-api
API_PORT ?= 8031

test-api: $(VENV)/installed-test ## test the service with schemathesis and hostile requests (minutes)
	test -x build/schemathesis/bin/schemathesis || { $(BIN)/python -m venv build/schemathesis && \
	  build/schemathesis/bin/pip install --quiet --disable-pip-version-check 'schemathesis>=4.32'; }
	GAFREDUCE_HOSTILE_REQUESTS=10000 $(BIN)/pytest -q tests/gafreduce/service/test_service.py -k hostile
	$(BIN)/gafreduce run $(SAMPLES) --ontology $(SAMPLES)/go-samples.obo -q -o build/api-run --force --search
	$(BIN)/gafreduce serve build/api-run --port $(API_PORT) & served=$$!; \
	  build/schemathesis/bin/schemathesis run http://127.0.0.1:$(API_PORT)/openapi.json --checks all \
	    --max-examples 30 --wait-for-schema 20 --no-color; code=$$?; kill -INT $$served; wait $$served; exit $$code
