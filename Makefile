# `make run` and `make test` are all a newcomer needs; both install what they use into .venv.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo test soak install install-dev browser format lint types bench-calibration bench-pages bench-serving bench-drift bench-rescore bench-watching lock clean bench-estimates

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.requirements
DEV := $(VENV)/.requirements-dev
# The locks name every package, so there is nothing to resolve; each file's hash is checked.
WHOLE := --quiet --no-deps --require-hashes -r
PIP := $(BIN)/python -m pip install --disable-pip-version-check $(WHOLE)
# uv takes a fifth of pip's time. It reads none of pip's settings, so where only pip knows how to
# reach an index, pip installs. Compiled here once: where Python may write no bytecode, each process
# that a test starts would compile all of scikit-learn again.
UV := $(BIN)/uv pip install --python $(BIN)/python --compile-bytecode $(WHOLE)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes

# An environment whose Python is gone, upgraded away, is none: its stamps must not be believed.
$(shell test -x $(BIN)/python || rm -rf $(VENV))

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNTIME)  ## start the console, the prediction service and the worker
	@$(BIN)/streamlit run

demo: $(RUNTIME)  ## load the demo models and their traffic
	@$(BIN)/python -m console demo

test: $(DEV) browser  ## the gate: format, lint, types, import contracts, all tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

soak: $(DEV)  ## the long tests: bad days mixed for ten minutes, a million requests
	@$(BIN)/python -m pytest -o faulthandler_timeout=0 tests/soak $(ARGS)

install: $(RUNTIME)  ## install what the application needs

install-dev: $(DEV)  ## install what the tests need as well

browser: $(DEV)  ## find a Chromium, or install one, for the browser tests
	@$(BIN)/python -m scripts.install_chromium

format: $(DEV)  ## format the code and repair what ruff can
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

lint: $(DEV)  ## check format, lint and import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --no-logo

types: $(DEV)  ## check the types
	@$(BIN)/mypy

bench-calibration: $(RUNTIME)  ## simulate false flags and power of the drift verdict, into docs/benchmarks
	@$(BIN)/python -m scripts.simulate_drift $(ARGS)

bench-pages: $(RUNTIME)  ## measure how long each page takes to draw, into docs/benchmarks
	@$(BIN)/python -m scripts.bench_pages

bench-serving: $(RUNTIME)  ## measure the service against its peers, into docs/benchmarks
	@$(BIN)/python -m scripts.bench_serving $(ARGS)

bench-drift: $(RUNTIME)  ## measure drift over ten million predictions, into docs/benchmarks
	@$(BIN)/python -m scripts.bench_drift $(ARGS)

bench-rescore: $(RUNTIME)  ## measure rescoring of a million logged requests, into docs/benchmarks
	@$(BIN)/python -m scripts.bench_rescore $(ARGS)

bench-estimates: $(RUNTIME)  ## simulate estimates of performance against truth, into docs/benchmarks
	@$(BIN)/python -m scripts.simulate_estimates $(ARGS)

bench-watching: $(RUNTIME)  ## simulate false alarms and delays of watching, into docs/benchmarks
	@$(BIN)/python -m scripts.simulate_watching $(ARGS)

lock: $(BIN)/uv  ## pin requirements*.in again (newest versions: make lock LOCK_FLAGS=--upgrade)
	@$(LOCK) $(LOCK_FLAGS) requirements-install.in -o requirements-install.txt
	@$(LOCK) $(LOCK_FLAGS) requirements.in -o requirements.txt
	@$(LOCK) $(LOCK_FLAGS) requirements-dev.in -o requirements-dev.txt

clean:  ## remove the environment and all caches; data/local stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .bench
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is as new as the last finished install, so a second `make run` starts at once.
$(RUNTIME): requirements.txt | $(BIN)/uv
	@echo "Installing requirements.txt into $(VENV): a minute, the first time."
	@$(UV) $< || $(PIP) $<
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	@echo "Installing requirements-dev.txt into $(VENV)."
	@$(UV) $< || $(PIP) $<
	@touch $@

$(BIN)/uv: | $(BIN)/python
	@$(PIP) requirements-install.txt

$(BIN)/python:
	@python=$${PYTHON:-$$(sh scripts/find_python.sh)} && test -n "$$python" \
		&& echo "Creating $(VENV) with $$("$$python" --version)." \
		&& "$$python" -m venv $(VENV)
