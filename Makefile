# Each target makes what it needs in .venv, with the first Python that really works: a version
# manager may leave commands on the path that only complain, so each is tried by running it.
.DEFAULT_GOAL := help
.PHONY: help demo test lint bench docs panel
PYTHONS := python3.14 python3.13 python3.12 python3.11 python3
BIN := .venv/bin
NAMES :=

help:
	@echo 'make demo   run the first example twice: computed, then cached'
	@echo 'make test   run every test'
	@echo 'make lint   ruff, mypy, import contract'
	@echo 'make docs   write docs/reference.md from the tables of the parser'
	@echo 'make panel  build the panel for JupyterLab, where its sources have changed'
	@echo 'make bench  measure beside Metaflow (NAMES="chain22 rerun" for some of the rows)'

demo: .venv/.installed-examples
	@rm -rf demo/.nbflow && mkdir -p demo
	@echo 'First run: every step is computed, the branches and the chunks in parallel.'
	@$(BIN)/nbflow run binder/primes.ipynb --store demo/.nbflow -o demo/primes.ipynb
	@echo
	@echo 'Second run: nothing has changed.'
	@$(BIN)/nbflow run binder/primes.ipynb --store demo/.nbflow -o demo/primes.ipynb
	@$(BIN)/nbflow graph binder/primes.ipynb --store demo/.nbflow --svg demo/primes.svg >/dev/null
	@echo
	@echo 'The executed notebook is demo/primes.ipynb, its graph demo/primes.svg.'
	@echo 'Next, with other chunks (the answer stays, and so does the work they do not touch):'
	@echo
	@echo '  $(BIN)/nbflow run binder/primes.ipynb --store demo/.nbflow -p cores 4'
	@echo '  $(BIN)/nbflow why binder/primes.ipynb report --store demo/.nbflow'

test: panel
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m 'slow or not slow'

lint: .venv/.installed-test
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo

panel: .venv/.installed-test
	@$(BIN)/python labextension/build.py

docs: .venv/.installed-test
	NBFLOW_SNAPSHOTS=write $(BIN)/python -m pytest -q tests/directives/test_help.py

bench: .venv/.installed-bench
	$(BIN)/python -m tests.benchmarks $(if $(NAMES),$(NAMES),--readme)

# One file per set of extras: installed again only when pyproject.toml changed.
.venv/.installed-%: pyproject.toml | .venv/bin/python
	@echo 'Installing nbflow with its $* extras into .venv: a minute, once.'
	@$(if $(filter examples,$*),NBFLOW_SKIP_LABEXTENSION=1 )$(BIN)/python -m pip install -qq \
		--disable-pip-version-check --editable '.[$*]'
	@touch $@

.venv/bin/python:
	@for python in $(PYTHONS); do \
		if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
			2>/dev/null; then exec $$python -m venv --clear .venv; fi; \
	done; \
	echo 'No working Python of 3.11 or later with its venv module was found;' \
		'on Debian: apt-get install python3 python3-venv.' >&2; exit 1
