# Workflow engines, in environments of their own outside the tree: included by the Makefile.

INTEGRATIONS ?= $(HOME)/.cache/gafreduce-integrations
ENGINES := cwltool miniwdl planemo rattler-build snakemake
packages-rattler-build := 'py-rattler-build>=0.73'
packages-snakemake := 'snakemake>=9' snakefmt

.PHONY: integrations-build test-integrations

# An environment that pip did not finish has no stamp, and is made again.
$(INTEGRATIONS)/%/installed:
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check $(or $(packages-$*),$*)
	touch $@

$(INTEGRATIONS)/nextflow/installed: tests/integrations/pom.xml
	rm -rf $(@D)
	mvn -q -B -f $< dependency:copy-dependencies -DoutputDirectory=$(@D)
	touch $@

integrations-build: $(ENGINES:%=$(INTEGRATIONS)/%/installed) $(INTEGRATIONS)/nextflow/installed

test-integrations: $(VENV)/installed-test integrations-build ## run integrations/ by Nextflow, Snakemake, cwltool and others (minutes)
	GAFREDUCE_INTEGRATIONS=$(INTEGRATIONS) $(BIN)/python -m pytest tests/integrations -ra $(PYTEST_ARGS)
