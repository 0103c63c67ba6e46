# Two commands do everything: `make demo` and `make test`. `make` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLES := data/samples
DEMO := demo
CHROMIUM ?= chromium
# Silence setuptools' deprecation warnings. pip takes minutes to resolve all groups of packages at once, uv seconds.
PIP_INSTALL := PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
include tests/cluster/cluster.mk
include tests/trino/trino.mk
include tests/windows/windows.mk
include benchmarks/benchmarks.mk
include tests/fuzz/fuzz.mk
include tests/cloud/cloud.mk
include tests/kills/kills.mk
include tests/mutants/mutants.mk
include tests/fuzz/api.mk
include tests/integrations/integrations.mk
.PHONY: help install install-all demo test test-firefox coverage lint sanitize types check format golden picture docs docs-site wheel clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || \
	  { echo "gafreduce needs Python 3.11, 3.12, 3.13 or 3.14, and $(PYTHON) is none of them: name one, as in make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# A stamp for each set of packages: a second run installs nothing.
$(VENV)/installed: pyproject.toml $(wildcard jobs/native/*.[ch]) | $(BIN)/python
	$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP_INSTALL) -e '.[test]'
	@touch $@

$(VENV)/installed-lint: $(VENV)/installed
	$(PIP_INSTALL) -e '.[lint]'
	@touch $@

$(VENV)/installed-docs: $(VENV)/installed
	$(PIP_INSTALL) -e '.[docs]'
	@touch $@

install: $(VENV)/installed ## make .venv with a working gafreduce

install-all: | $(BIN)/python ## install at once what tests, linters and documentation need
	$(PIP_INSTALL) uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python -e '.[test,lint,docs]'
	@touch $(VENV)/installed $(VENV)/installed-test $(VENV)/installed-lint $(VENV)/installed-docs

demo: $(VENV)/installed ## run the main job on the samples; prints the answer and the report's path
	@$(BIN)/gafreduce run $(SAMPLES) --ontology $(SAMPLES)/go-samples.obo -o $(DEMO) --force
	@echo "open $(CURDIR)/$(DEMO)/report.html"

TESTS := -m pytest -n auto --dist loadscope $(PYTEST_ARGS)

test: $(VENV)/installed-test ## run all tests
	$(BIN)/python $(TESTS)

test-firefox: $(VENV)/installed-test ## test the page in Firefox (Debian: apt install firefox-esr)
	$(BIN)/pytest -q tests/reports/html/test_page_firefox.py

coverage: $(VENV)/installed-test ## run all tests, and require branch coverage of 90 % (twice the time)
	$(BIN)/coverage erase
	$(BIN)/coverage run $(TESTS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --show-missing

lint: $(VENV)/installed-lint $(VENV)/installed-test ## check style, layers, names and wording
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q tests/house tests/gafreduce/storage/test_schemes.py
	if command -v $(CC) >/dev/null; then $(CC) -std=c11 -fsyntax-only -Wall -Wextra -Werror \
	  -I$$($(BIN)/python -c "import sysconfig; print(sysconfig.get_path('include'))") jobs/native/*.c; fi

sanitize: $(VENV)/installed-test ## test jobs/ with the C extension under the sanitizers of memory and undefined behaviour, with and without SSE2
	mkdir -p $(VENV)/sanitized
	for without in "" -U__SSE2__; do \
	  $(CC) -O1 -g -fPIC -shared -fsanitize=address,undefined -fno-sanitize-recover=undefined $$without -Ijobs/native \
	    -I$$($(BIN)/python -c "import sysconfig; print(sysconfig.get_path('include'))") jobs/native/*.c \
	    -o $(VENV)/sanitized/_compiled.abi3.so && \
	  GAFREDUCE_SANITIZED=$(CURDIR)/$(VENV)/sanitized PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 \
	    LD_PRELOAD="$$($(CC) -print-file-name=libasan.so) $$($(CC) -print-file-name=libubsan.so)" \
	    $(BIN)/pytest -q -o timeout=1800 tests/jobs tests/reports/tables/test_taxon_counter.py tests/test_golden.py || exit 1; \
	done

types: $(VENV)/installed-lint ## check types
	$(BIN)/mypy

check: lint types test ## what CI runs

format: $(VENV)/installed-lint ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: $(VENV)/installed-test ## rewrite the golden tables; review the difference like code
	GAFREDUCE_GOLDEN=write $(BIN)/pytest -q tests/test_golden.py

picture: demo ## take the README's picture of the page, with Chromium
	$(CHROMIUM) --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1440,1300 \
	  --screenshot=$(CURDIR)/docs/report.png file://$(CURDIR)/$(DEMO)/report.html
	$(BIN)/python -c "from PIL import Image; Image.open('docs/report.png').convert('RGB').quantize(64).save('docs/report.png', optimize=True)"

docs: $(VENV)/installed ## generate the tables of docs/ from the code
	$(BIN)/python docs/make_formats.py
	$(BIN)/python docs/make_evidence.py
	$(BIN)/python docs/make_verdicts.py
	$(BIN)/python docs/make_rules.py
	$(BIN)/python docs/make_command_line.py
	$(BIN)/python docs/make_sessions.py
	$(BIN)/python infra/make_catalog.py

.PHONY: notebook sdist wheels
notebook: $(VENV)/installed-docs ## execute the notebook of the documentation again, in place
	$(BIN)/python docs/make_notebook.py

docs-site: $(VENV)/installed-docs ## build the documentation as a web site in build/site; warnings are errors
	$(BIN)/sphinx-build -c docs -b html -q -W --keep-going -d build/doctrees . build/site
	@echo "open $(CURDIR)/build/site/index.html"

$(VENV)/installed-release: $(VENV)/installed
	$(PIP_INSTALL) -e '.[release]'
	@touch $@

sdist: $(VENV)/installed-release ## build the source distribution in dist/, and the wheel of this machine from it
	rm -rf dist build *.egg-info/SOURCES.txt
	$(BIN)/python -m build --outdir dist .

# The pure wheel is for machines that no other wheel is for: without a compiler the extension is left out.
wheels: sdist ## build all that is published, in dist/: sources, manylinux wheel, pure wheel
	mkdir -p build/wheels
	PATH=$(CURDIR)/$(BIN):$$PATH auditwheel repair --wheel-dir build/wheels dist/*-linux_*.whl
	tar -xzf dist/*.tar.gz -C build
	CC=/bin/false $(BIN)/python -m build --wheel --outdir build/pure build/gafreduce-*/
	$(BIN)/wheel tags --remove --python-tag py3 --abi-tag none --platform-tag any build/pure/*.whl
	rm dist/*-linux_*.whl
	mv build/wheels/*.whl build/pure/*.whl dist
	$(BIN)/twine check --strict dist/*

wheel: $(VENV)/installed ## build the wheel that workers get
	rm -rf dist build
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## remove what was built, but not run folders
	rm -rf $(VENV) build dist $(DEMO) *.egg-info jobs/native/*.so
