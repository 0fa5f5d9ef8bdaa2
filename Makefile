# make            sets up .venv from the locked versions, runs the default study, ends with results/report.html
# make test       sets up the same and runs every check
# make help       the other targets
PYTHON ?= python3
CORES ?= 4
VENV := .venv
BIN := $(VENV)/bin
SNAKEMAKE := $(BIN)/snakemake --cores $(CORES) --rerun-incomplete --keep-going

.DEFAULT_GOAL := reproduce
.PHONY: reproduce quick full test lint benchmark peers lock docs clean help

reproduce: $(VENV)/ready ## the default study (about twelve minutes on two cores)
	$(SNAKEMAKE)

quick: $(VENV)/ready ## the same study in two minutes, too short to learn much
	$(SNAKEMAKE) --configfile config/quick.yaml

full: $(VENV)/ready ## the long study (hours)
	$(SNAKEMAKE) --configfile config/full.yaml

test: lint ## lint, types, and all tests, the quick study on real MNIST among them
	$(BIN)/python -m pytest

lint: $(VENV)/ready ## formatting, lint and types of Python and Snakemake files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

benchmark: $(VENV)/ready ## speed of the gradients on this machine, against Keras and against its own matrix product
	$(BIN)/python benchmarks/speed.py

peers: $(VENV)/ready ## JAX and PyTorch too (some gigabytes): the studies then measure and train them beside the rest
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-peers.lock

COMPILE := $(BIN)/uv pip compile pyproject.toml --extra develop --universal --python-version 3.11 --fork-strategy fewest \
  --generate-hashes --no-annotate --no-header --quiet

lock: $(VENV)/ready ## requirements.lock, requirements-peers.lock and environment.yml anew from pyproject.toml
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra peers --constraint requirements.lock --output-file requirements-peers.lock
	sed -i.old '/^    - /d' environment.yml && rm environment.yml.old
	sed -nE 's/^([^ ]+==[^ \\]+( ; [^\\]*[^ \\])?)( \\)?$$/    - "\1"/p' requirements.lock >> environment.yml

docs: $(VENV)/ready ## docs/rules.md from the docstrings, and the figures of the README from the results that are there
	$(BIN)/rnnbench rules --markdown > docs/rules.md
	cp results/figures/_study/errors.svg docs/errors.svg
	cp results/figures/xor/endings.svg docs/endings.svg
	cp results/figures/xor/ladder_1.svg docs/ladder.svg
	cp results/figures/mnist/rules_pareto.svg docs/rules.svg

clean: ## everything that a study produced (not the environment)
	rm -rf .snakemake $(filter-out results/README.md,$(wildcard results/*))

help:
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else \
	  "rnnbench needs Python 3.11 to 3.13 and found %d.%d; name one: make PYTHON=python3.11" % v)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
