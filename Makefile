# 齐管 Qiguan. Five words: run, test, check, bench, docs. Each makes the environment itself.
VENV ?= .venv
PY = $(VENV)/bin/python
PYTHON ?= python3

.PHONY: run test check bench docs clean
.DEFAULT_GOAL := run

run: $(VENV)/.base         ## the product at http://127.0.0.1:8000 with the demonstration town 示例市
	@$(PY) -m qiguan demo

test: $(VENV)/.dev         ## every test; PostgreSQL and browser tests where their programs are found
	@$(PY) -m pytest -n 2 --dist loadgroup -m 'not browser'
	@$(PY) -m pytest -n 2 --dist loadgroup --no-migrations -m browser
	@$(PY) -m tests.postgres $(PY) -m pytest -n 2 --dist loadgroup --no-migrations -m 'database and not browser and not one_database'

check: $(VENV)/.dev        ## style, types, layers, generated docs
	@$(PY) -m ruff check src tests benchmarks && $(PY) -m ruff format --check -q src tests benchmarks
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports
	@$(PY) -m qiguan docs --check

bench: $(VENV)/.dev        ## ratios against named peers, in one run
	@for f in benchmarks/bench_*.py; do $(PY) $$f || exit 1; done

docs: $(VENV)/.base        ## write docs/rules.md, settings.md, rectification.md and openapi.json from the code
	@$(PY) -m qiguan docs

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "Python 3.11 or newer is needed, this one is %d.%d: install it and say make PYTHON=python3.11" % v[:2])'
	@$(PYTHON) -m venv $(VENV) && touch $@

$(VENV)/.base: requirements.lock $(VENV)/.made
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . && touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.base
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock && touch $@

clean:                     ## the environment and caches; never the data
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
