# Commands killed at random moments: included by the Makefile.

KILLS ?= 500
KILLS_SEED ?= $(shell date +%s)

.PHONY: test-kills

test-kills: $(VENV)/installed-test ## kill every command that writes KILLS times (500), at random moments
	$(BIN)/python tests/kills/killing.py --kills $(KILLS) --seed $(KILLS_SEED)
