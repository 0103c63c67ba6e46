# A real Trino, an S3 server and a Glue catalog in moto: included by the Makefile.
.PHONY: test-trino

test-trino: $(VENV)/installed-test ## the named queries on a real Trino, with the rows of DuckDB (minutes; fetches 800 MB once)
	$(BIN)/python -m pytest tests/trino -ra --durations=5 -o cache_dir=$(VENV)/trino-cache -o timeout=1200 $(PYTEST_ARGS)
