# make            sets up .venv from the locked versions, runs the default study, ends with results/report.html
# make test       sets up the same, and what tests need, and runs every check
# make help       the other targets
PYTHON ?= python3
CORES ?= $(shell getconf _NPROCESSORS_ONLN)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# A study that does not finish reports what it has, unless another one is at work here; the status stays that of the study.
STUDY = $(BIN)/snakemake --cores $(CORES) --rerun-incomplete --keep-going $(1) || \
  { status=$$?; [ -d .snakemake/locks ] || $(BIN)/snakemake --cores 1 --quiet all $(1) -- partial_report; exit $$status; }

QUICK_TESTS := $(addprefix tests/,test_wings.py test_network.py test_losses.py gradients/test_base.py \
  gradients/test_exact.py study/test_workflow.py study/jobs/test_log.py study/tasks/test_temporal_xor.py study/training/test_schedule.py \
  study/analysis/test_comparisons.py)

.DEFAULT_GOAL := reproduce
.PHONY: reproduce quick full series check test test-core test-study test-report test-workflow test-slurm test-store lint benchmark benchmark-page power faults peers lock docs docs-full docs-series clean help

reproduce: $(VENV)/ready ## the default study (a quarter to half an hour on two cores)
	@$(call STUDY,)

quick: $(VENV)/ready ## the same study in under two minutes, too short to learn much
	@$(call STUDY,--configfile config/quick.yaml)

full: $(VENV)/ready ## the long study (hours)
	@$(call STUDY,--configfile config/full.yaml)

series: $(VENV)/ready ## rules of online learning on chaotic series, beside a published table (about an hour)
	@$(call STUDY,--configfile config/series.yaml)

check: lint ## about a minute: formatting, lint, types, and the tests of a module each
	$(BIN)/python -m pytest -q $(QUICK_TESTS)

test: $(VENV)/develop ## formatting, lint, types, and all tests, the quick study on real MNIST among them (about ten minutes)
	$(MAKE) --jobs 5 --output-sync=target test-workflow test-core test-study test-report lint

# The workflow's tests wait for one another, and go first; the others take what they leave free.
test-core: $(VENV)/develop
	nice -n 5 $(BIN)/python -m pytest --ignore tests/workflow --ignore tests/study --ignore tests/cluster

test-study: $(VENV)/develop
	nice -n 10 $(BIN)/python -m pytest tests/study --ignore tests/study/report

test-report: $(VENV)/develop
	nice -n 10 $(BIN)/python -m pytest tests/study/report

test-workflow: $(VENV)/develop
	$(BIN)/python -m pytest tests/workflow

test-slurm: $(VENV)/develop ## the study on a Slurm of this host alone (Debian's munge, slurmctld, slurmd, slurm-client), and as a module
	$(BIN)/python -m pytest tests/cluster --ignore tests/cluster/test_store.py

test-store: $(VENV)/develop ## the study on machines that share no folder, its files in a store (S3, by moto), which is installed
	$(PIP) --require-hashes --no-deps -r requirements-store.lock
	$(BIN)/python -m pytest tests/cluster/test_store.py

lint: $(VENV)/develop ## formatting, lint and types of Python and Snakemake files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

benchmark: $(VENV)/ready ## speed of the gradients on this machine, against Keras and against its own matrix product
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/speed.py

benchmark-page: $(VENV)/develop ## how soon the report in results/ can be read, in Chromium
	$(BIN)/python benchmarks/page.py

power: $(VENV)/develop ## plant errors in the sources one at a time, and count those that the tests see (an hour)
	$(BIN)/python tests/power.py

faults: $(VENV)/develop ## docs/faults.md anew: faults planted in a finished study, what is said, and what is kept (some minutes)
	$(BIN)/python tests/faults.py > docs/faults.md

peers: $(VENV)/ready ## JAX and PyTorch too (some gigabytes): the studies then measure and train them beside the rest
	$(PIP) --require-hashes -r requirements-peers.lock

COMPILE := $(BIN)/uv pip compile pyproject.toml --extra study --group build --universal --python-version 3.11 \
  --fork-strategy fewest --generate-hashes --no-annotate --no-header --quiet

# The packages of a store ask for an older python-dateutil than matplotlib does, and work with the study's.
lock: $(VENV)/develop ## the locks and environment.yml anew from pyproject.toml
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --group develop --constraint requirements.lock --output-file requirements-develop.lock
	$(COMPILE) --extra peers --constraint requirements.lock --output-file requirements-peers.lock
	$(COMPILE) --group store --override requirements.lock --output-file requirements-store.lock
	sed -i.old '/^    - /d' environment.yml && rm environment.yml.old
	sed -nE 's/^([^ ]+==[^ \\]+( ; [^\\]*[^ \\])?)( \\)?$$/    - "\1"/p' requirements.lock >> environment.yml

FOUND = final comparisons ladder claims equivalence online learning_rates cost rules
# The tables behind a page of findings, and the page.
PUBLISHED = cp $(FOUND:%=results/tables/%.csv) docs/results/$(1) && $(BIN)/python -m rnnbench.study.report.findings docs/results/$(1).md.j2

docs: $(VENV)/ready ## the pages of docs/ that are made from the code, and findings and figures from the default study's results
	$(BIN)/rnnbench rules --markdown > docs/rules.md
	$(BIN)/python -c 'from rnnbench.study.analysis import specifications; print(specifications.page(), end="")' > docs/tables.md
	cp results/figures/_study/hero.svg docs/hero.svg
	cp results/figures/_study/court.svg docs/court.svg
	cp results/figures/xor/endings.svg docs/endings.svg
	cp results/figures/xor/ladder_1.svg docs/ladder.svg
	cp results/figures/mnist/rules_pareto.svg docs/rules.svg
	$(call PUBLISHED,default)

docs-full: $(VENV)/ready ## findings and figures from the long study's results
	mkdir -p docs/results/full
	cp results/figures/_study/hero.svg docs/results/full/hero.svg
	cp results/figures/mnist-14x14/endings.svg docs/results/full/endings.svg
	cp results/figures/mnist/rules_pareto.svg docs/results/full/rules.svg
	$(call PUBLISHED,full)

docs-series: FOUND = prequential contrasts published final cost rules
docs-series: $(VENV)/ready ## findings and figures from the series' results
	mkdir -p docs/results/series
	cp results/figures/_study/published.svg docs/results/series/published.svg
	$(call PUBLISHED,series)

clean: ## everything that a study produced (not the environment)
	rm -rf .snakemake $(filter-out results/README.md,$(wildcard results/*))

help:
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else \
	  "the study needs Python 3.11 to 3.13 and found %d.%d; name one: make PYTHON=python3.11" % v)'
	@$(PYTHON) -c 'import os, re, sys; odd = sorted(set(re.findall(r"[^\w./@%+=:,~-]", os.getcwd()))); sys.exit(0 if not odd else \
	  "the path of this folder has characters that Snakemake does not quote (%s): %s; move the folder" % (" ".join(map(repr, odd)), os.getcwd()))'
	$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements.lock || \
	  { echo "The packages could not be had: see above. Without a network, nothing can be installed; run make again." >&2; exit 1; }
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/develop: $(VENV)/ready requirements-develop.lock
	$(PIP) --require-hashes -r requirements-develop.lock
	@touch $@
