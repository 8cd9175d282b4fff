# Loa. `make demo` shows it, `make run` starts it for people, `make test` checks it.
# Every target sets up what it needs first; a second run skips what is done.

PYTHON ?= python3
BIN := .venv/bin
SERVER_PACKAGES := mosquitto ffmpeg espeak-ng alsa-utils python3-venv tzdata
TEST_PACKAGES := chromium prosody prosody-modules
FAULT_PACKAGES := faketime e2fsprogs iproute2

.PHONY: demo run test quick lint bench faults sim pictures lock clean help

help:            ## this list
	@grep -hE '^[a-z]+: .*##|^[a-z]+: +##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/ –/'

.venv/ready: pyproject.toml requirements.lock package-lock.json hatch_build.py
	@setup/system_packages.sh $(SERVER_PACKAGES)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Loa needs Python 3.11 or newer: make PYTHON=python3.11 …'; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/pip install --quiet uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@$(BIN)/python -m compileall -q audio broadcaster device_agent firmware_config
	@touch $@

.venv/ready-for-tests: .venv/ready
	@setup/system_packages.sh $(TEST_PACKAGES)
	@touch $@

demo: .venv/ready            ## the main job by itself: one announcement, three speakers, a chat group
	@$(BIN)/loa demo $(ARGS)

run: .venv/ready             ## the same for people: console at http://localhost:8080
	@$(BIN)/loa run $(ARGS)

test: .venv/ready-for-tests lint   ## every check
	@$(BIN)/pytest -n 3 --dist loadgroup --no-loadscope-reorder

# The rings without a pure test are not even read: importing them takes longer than running the others.
OTHER_RINGS := browser services speakers store whole
quick: .venv/ready-for-tests ## the pure ring alone
	@$(BIN)/pytest -q -m pure -n 2 --hypothesis-profile quick $(OTHER_RINGS:%=--ignore tests/%)

lint: .venv/ready-for-tests
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --verbose 2>&1 | tail -n 20

bench: .venv/ready-for-tests ## speed, as ratios measured in one run
	@$(BIN)/python -m bench $(ARGS)

pictures: .venv/ready-for-tests ## the browser tests once more, keeping the pictures that docs and manual show
	@LOA_PICTURES=1 $(BIN)/pytest -q tests/browser

SEEDS ?= 1-100
sim: .venv/ready-for-tests   ## worlds by seed, the product's own code under faults or random rules, each judged
	@$(BIN)/python -m bench.sim $(SEEDS) $(ARGS)

faults: .venv/ready-for-tests ## real processes killed, starved and lied to; each with its criterion and figure
	@setup/system_packages.sh $(FAULT_PACKAGES)
	@$(BIN)/python -m bench.faults $(ARGS)

lock:                        ## resolve the exact versions again
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --extra dev --no-emit-package loa-lang pyproject.toml -o requirements.lock

clean:                       ## remove what set-up and runs made
	@rm -rf .venv var build dist node_modules broadcaster/web/static/vendor
