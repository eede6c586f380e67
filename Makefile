# `make run` and `make test` are all a newcomer needs: git, make and Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test check compile fix bench fuzz pins clean

run: $(STAMP)  ## check and compile the catalog, then run the example
	$(BIN)/modelbook check
	$(BIN)/modelbook compile
	$(BIN)/python examples/lookup.py

test: $(STAMP)  ## every check that CI runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/modelbook compile --check
	MODELBOOK_REQUIRE_SOPS=1 $(BIN)/pytest -q -n 2

check: $(STAMP)  ## check the catalog
	$(BIN)/modelbook check

compile: $(STAMP)  ## write generated/
	$(BIN)/modelbook compile

fix: $(STAMP)  ## format the code and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP)  ## measure against the budgets, as ratios
	$(BIN)/python benchmarks/run.py

fuzz: $(STAMP)  ## look for a file that breaks the compiler, for an hour
	mkdir -p build/fuzz/found
	$(BIN)/python tests/fuzz -max_total_time=$(or $(SECONDS),3600) -timeout=10 -max_len=8192 \
	  -dict=tests/fuzz/yaml.dict -artifact_prefix=build/fuzz/ build/fuzz/found tests/fuzz/corpus

pins:  ## choose new versions of everything (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	  --upgrade --no-emit-index-url --no-header --no-annotate -o requirements/dev.txt

clean:
	rm -rf $(VENV) dist build

$(STAMP): requirements/dev.txt pyproject.toml packaging/hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "error: $(PYTHON) is older than 3.11; try: make $(or $(MAKECMDGOALS),run) PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
