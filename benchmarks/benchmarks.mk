# Benchmarks against named peers, in an environment of their own: included by the Makefile.

BENCH_FILES ?= ../shared/data/seven-organisms/whole
BENCH_OBO ?= ../shared/data/ontology/go-basic-2022-07-01.obo.gz
BENCH_SCRATCH ?= $(HOME)/.cache/gafreduce/benchmarks
BENCH_OUT ?= $(BENCH_SCRATCH)/results
BENCH_ROUNDS ?= 5
PEERS := .venvs/peers
PEERS_PYTHON := $(PEERS)/bin/python

.PHONY: bench bench-quick bench-rows bench-page profile timeline

$(PEERS)/installed: benchmarks/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS_PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# How each input is made; the name of an input is the name of its folder.
BENCH_MAKE_plain := plain
BENCH_MAKE_plain-gz := plain --gz
BENCH_MAKE_other-sets := other-sets

.PRECIOUS: $(BENCH_SCRATCH)/inputs/%/.made
$(BENCH_SCRATCH)/inputs/%/.made: benchmarks/make_input.py
	mkdir -p $(BENCH_SCRATCH)/inputs
	$(PYTHON) benchmarks/make_input.py $(firstword $(BENCH_MAKE_$*)) $(BENCH_FILES) $(@D) $(wordlist 2,9,$(BENCH_MAKE_$*))
	@touch $@

BENCH := $(PEERS_PYTHON) benchmarks/bench.py $(BENCH_FILES) $(BENCH_OBO) $(BENCH_SCRATCH)

bench: $(VENV)/installed $(PEERS)/installed ## gafreduce and its peers in turn, on two inputs (an hour)
	$(BENCH) peers peers-other-sets --rounds $(BENCH_ROUNDS) --out $(BENCH_OUT)

bench-quick: $(VENV)/installed $(PEERS)/installed ## ratios against DuckDB and a plain loop, while working (3 min)
	$(BENCH) quick --rounds 2

bench-rows: $(VENV)/installed $(PEERS)/installed ## sizes, shapes, gz, start and report against their bounds (hours, 40 GB); BENCH_CHECKS="gz start" for some
	$(BENCH) $(or $(BENCH_CHECKS),all) --out $(BENCH_OUT)

BENCH_PAGES ?= demo/report.html
bench-page: $(VENV)/installed ## first paint and usable tables of BENCH_PAGES in chromium, medians of five loads
	$(BIN)/python benchmarks/page.py $(BENCH_PAGES)

BENCH_PAIRS ?= 15

.PHONY: bench-against
bench-against: $(BENCH_SCRATCH)/inputs/plain/.made $(BENCH_SCRATCH)/inputs/seven/.made ## this commit against BASE=commit, in pairs: ratios of CPU and wall with their intervals (20 min)
	@test -n "$(BASE)" || { echo "name a commit: make bench-against BASE=COMMIT" >&2; exit 2; }
	$(PYTHON) benchmarks/against.py $(BASE) $(BENCH_SCRATCH)/inputs/plain $(BENCH_OBO) $(BENCH_SCRATCH) \
	  --seven $(BENCH_SCRATCH)/inputs/seven --pairs $(BENCH_PAIRS) $(BENCH_ARGS)

profile: $(VENV)/installed $(BENCH_SCRATCH)/inputs/plain/.made ## where the time goes, function by function, in one process
	rm -rf $(BENCH_SCRATCH)/out/profile
	$(BIN)/python -m cProfile -o $(BENCH_SCRATCH)/profile.out -m gafreduce run $(BENCH_SCRATCH)/inputs/plain/*.gaf \
	  --ontology $(BENCH_OBO) --no-report -q -r inline -o $(BENCH_SCRATCH)/out/profile
	$(BIN)/python -c "import pstats; pstats.Stats('$(BENCH_SCRATCH)/profile.out').sort_stats('tottime').print_stats(30)"

timeline: $(VENV)/installed $(BENCH_SCRATCH)/inputs/plain/.made ## which process runs when, with its CPU and memory
	rm -rf $(BENCH_SCRATCH)/out/timeline
	$(BIN)/python benchmarks/timeline.py $(BIN)/gafreduce run $(BENCH_SCRATCH)/inputs/plain/*.gaf \
	  --ontology $(BENCH_OBO) --no-report -q -r local -o $(BENCH_SCRATCH)/out/timeline

# one in 750 of the organisms of UniProt-GOA, each as large as there
BENCH_MAKE_goa-sample := goa --lines 2000000 --sample-of 1500000000

.PHONY: bench-scale
bench-scale: $(VENV)/installed $(PEERS)/installed $(BENCH_SCRATCH)/inputs/goa-sample/.made ## rates of the job's tasks, and what UniProt-GOA would take (5 min)
	$(PEERS_PYTHON) benchmarks/scale.py measure $(BENCH_SCRATCH)/inputs/goa-sample $(BENCH_OBO) $(BENCH_SCRATCH)
	$(PEERS_PYTHON) benchmarks/scale.py write

# The founding seven: five whole files, and the excerpts of the other two.
$(BENCH_SCRATCH)/inputs/seven/.made:
	mkdir -p $(@D)
	cp $(BENCH_FILES)/*.gaf.gz $(@D)
	for path in $(BENCH_FILES)/../excerpt/*.gaf; do \
	  name=$$(basename $$path); test -e $(@D)/$$name.gz || cp $$path $(@D); done
	@touch $@

.PHONY: bench-hadoop
bench-hadoop: $(VENV)/installed-test $(BENCH_SCRATCH)/inputs/seven/.made ## a run on a real Hadoop against what Hadoop takes for the same lines (half an hour)
	$(BIN)/python benchmarks/bench.py $(BENCH_FILES) $(BENCH_OBO) $(BENCH_SCRATCH) hadoop hadoop-cpu --out $(BENCH_OUT)
