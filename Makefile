# AINA. `make run` and `make test` need Python 3.11+ and make, and the package registry for the first run.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DAGSTER_HOME := $(CURDIR)
export AINA_DATA ?= $(CURDIR)/data/run
export AINA_DAGSTER_STORAGE := $(AINA_DATA)/dagster
export DAGSTER_DISABLE_TELEMETRY := 1
export HF_HUB_DISABLE_TELEMETRY := 1

.DEFAULT_GOAL := help
.PHONY: help run test ui serve lint docs starter lock clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# Hash-checked, and compiled at install: importing Dagster uncompiled takes three times as long.
$(VENV)/.run: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "AINA needs Python 3.11 or newer"'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --compile -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --compile -r requirements-dev.lock
	touch $@

run: $(VENV)/.run ## build the whole engine from the starter sources
	$(BIN)/aina build

# A file's tests share what they build: they go to one worker, and each worker builds the starter once.
test: $(VENV)/.dev ## run the test suite
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(PYTEST_ARGS)

ui: $(VENV)/.run ## open the Dagster UI on http://127.0.0.1:3000
	mkdir -p $(AINA_DAGSTER_STORAGE)
	$(BIN)/dagster dev --host 127.0.0.1 --port 3000

serve: $(VENV)/.run ## open the local beta on http://127.0.0.1:8420
	$(BIN)/aina serve

lint: $(VENV)/.dev ## ruff, formatting, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.dev ## write the generated documents anew
	$(BIN)/python tools/make_docs.py

starter: $(VENV)/.dev ## write the starter sources anew from data/starter/authored
	$(BIN)/python tools/make_starter.py

lock: ## resolve the requirements anew (needs uv)
	for name in requirements requirements-dev requirements-deploy; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links $$name.in --output-file $$name.lock || exit 1; done

clean: ## remove the environment and all that runs wrote
	rm -rf $(VENV) data/run .mypy_cache .ruff_cache .pytest_cache .import_linter_cache *.egg-info
