# Commands killed at random moments: included by the Makefile.

KILLS ?= 500
KILLS_SEED ?= $(shell date +%s)
KILLS_FIRST ?= 0

.PHONY: test-kills test-kills-sample

test-kills: $(VENV)/installed-test ## kill every command that writes KILLS times (500), at random moments, from number KILLS_FIRST on
	$(BIN)/python tests/kills/killing.py --kills $(KILLS) --seed $(KILLS_SEED) --first $(KILLS_FIRST)

test-kills-sample: $(VENV)/installed-test ## a sample of 20 kills; not part of `make test`, since its moments depend on the machine (20 s)
	$(BIN)/pytest -q tests/kills
