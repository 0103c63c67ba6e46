# Damaged files of every format, drawn at random: included by the Makefile.

FUZZ_SECONDS ?= 60
FUZZ_SEED ?= $(shell date +%s)

.PHONY: fuzz

fuzz: $(VENV)/installed-test ## damaged lines of every format through every reader, for FUZZ_SECONDS (60)
	$(BIN)/python tests/fuzz/fuzzing.py --giants --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED)
