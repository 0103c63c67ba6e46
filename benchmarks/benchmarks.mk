# Benchmarks against named peers, in an environment of their own: included by the Makefile.

BENCH_FILES ?= ../shared/data/seven-organisms/whole
BENCH_OBO ?= ../shared/data/ontology/go-basic-2022-07-01.obo.gz
BENCH_SCRATCH ?= $(HOME)/.cache/gafreduce/benchmarks
PEERS := .venvs/peers

.PHONY: bench bench-quick

$(PEERS)/installed: pyproject.toml
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check . 'duckdb>=2'
	@touch $@

$(BENCH_SCRATCH)/%/made: benchmarks/make_input.py
	mkdir -p $(BENCH_SCRATCH)/$*
	$(PYTHON) benchmarks/make_input.py $(BENCH_FILES) $(BENCH_SCRATCH)/$* 20 $(if $(filter other-sets,$*),--other-sets)
	@touch $@

$(BENCH_SCRATCH)/go.obo: $(BENCH_OBO)
	mkdir -p $(BENCH_SCRATCH)
	gzip -dc $< > $@

bench: $(PEERS)/installed $(BENCH_SCRATCH)/plain/made $(BENCH_SCRATCH)/other-sets/made $(BENCH_SCRATCH)/go.obo ## gafreduce and its peers in turn, on two inputs (20 min)
	$(PEERS)/bin/python benchmarks/bench.py $(BENCH_SCRATCH)/plain $(BENCH_SCRATCH)/go.obo $(BENCH_SCRATCH) 5
	$(PEERS)/bin/python benchmarks/bench.py $(BENCH_SCRATCH)/other-sets $(BENCH_SCRATCH)/go.obo $(BENCH_SCRATCH) 5

bench-quick: $(PEERS)/installed $(BENCH_SCRATCH)/plain/made $(BENCH_SCRATCH)/go.obo ## ratios against DuckDB and a plain loop, while working
	$(PEERS)/bin/python benchmarks/bench.py $(BENCH_SCRATCH)/plain $(BENCH_SCRATCH)/go.obo $(BENCH_SCRATCH) 1
