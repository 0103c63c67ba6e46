# Small changes of the modules that decide results, each of which a test must notice: included by the Makefile.

MUTANTS ?= 400
MUTANTS_SEED ?= 1

.PHONY: mutants

mutants: $(VENV)/installed-test ## change the modules that decide results in MUTANTS places (400) of a copy; tests must fail (an hour)
	rm -rf build/mutants
	nice -n 10 $(BIN)/python tests/mutants/mutating.py --mutants $(MUTANTS) --seed $(MUTANTS_SEED)
