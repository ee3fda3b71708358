# `make build` and `make test` are the two commands of a fresh machine: Python 3.11 with venv, and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: build serve verify test check format docs screenshots bench fuzz lock clean

build: $(VENV)/.installed  ## read config/, write output/
	$(BIN)/feeds build

serve: $(VENV)/.installed  ## show output/ on this machine and rebuild on change
	$(BIN)/feeds serve --build

verify: $(VENV)/.installed  ## prove that the feeds and links in output/ work
	$(BIN)/feeds verify

test: $(VENV)/.dev  ## the tests, but for the slow ones
	$(BIN)/python -m pytest -m "not slow"

check: $(VENV)/.dev  ## lint and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(VENV)/.dev  ## the parts of README and docs/ that are made from tables
	$(BIN)/python docs/generate.py

screenshots: $(VENV)/.dev  ## docs/images/, by Chromium
	$(BIN)/python -m tests.browser.screenshots output

bench: $(VENV)/.dev  ## measurements, side by side in one run
	$(BIN)/python -m bench

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --upgrade pyproject.toml

fuzz: $(VENV)/.dev  ## ten minutes of hostile input for the parsers
	$(BIN)/pip install --quiet atheris
	$(BIN)/python -m fuzz

lock: $(VENV)/.dev  ## newest versions that pyproject.toml allows, by version and hash
	$(LOCK) --all-extras --group dev -o requirements-dev.lock
	$(LOCK) --group backend -c requirements-dev.lock -o requirements.lock

clean:
	rm -rf $(VENV) .feeds output/*

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@
