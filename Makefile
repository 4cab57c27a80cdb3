# Every target does its own set-up; nothing but Python 3.11 and make is needed.
#   make demo                     the whole trip on the sandboxes, then the console
#   make -s demo ARGS="--headless --json --orders 500"
#   make test                     all tests
#   make simulate SEEDS=0:300 FAULTS=all   small worlds that go wrong, judged by their books
#   make simulate SEEDS=0:20 ENGINE=postgres   the same on a private PostgreSQL
#   make bench                    how fast an order becomes a request, beside two yardsticks
#   make kills N=30               kill -9 at every named place and at random, on SQLite and PostgreSQL
#   make screenshots              renew docs/screenshots: the real console on simulated shops, the same bytes each time
#   make fuzz TARGET=answer SECONDS_EACH=60   spoilt input at one door: soap answer webhook order mapping template
#   make check                    what CI runs first: lint, types, imports, tests
PYTHON ?= python3.11
ifeq (, $(shell command -v $(PYTHON) 2>/dev/null))
PYTHON := python3
endif
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ARGS ?=
TESTS ?= tests
SEEDS ?= 0:300
FAULTS ?= all
JOBS ?= 2
N ?= 30
TARGET ?= soap
SECONDS_EACH ?= 60
ENGINE ?= both

.PHONY: setup demo test check lint types imports golden screenshots simulate mutants summary bench fuzz kills format clean

setup: $(READY)

$(READY): pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) 1>&2
	@echo "setting up $(VENV) (once; a minute or two) ..." 1>&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1" 1>&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev 1>&2
	@touch $(READY)

demo: $(READY)
	@$(BIN)/qbconsole demo $(ARGS)

# worksteal: each worker begins with tests that stand together, so what a module shares is built once, not in both.
test: $(READY)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(TESTS) $(ARGS)

check: lint types imports test

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy
	MYPYPATH=tests:tests/bench $(BIN)/mypy --no-warn-unused-configs tests/bench

imports: $(READY)
	$(BIN)/lint-imports

golden: $(READY)
	QBCONSOLE_GOLDEN=write $(BIN)/python -m pytest -q tests/golden tests/console

# Look at each as a picture before you keep it.
screenshots: $(READY)
	$(BIN)/python tests/screens/take_screenshots.py

simulate: $(READY)
	$(if $(filter postgres,$(ENGINE)),PYTHONPATH=.:tests $(BIN)/python tests/simulate/on_postgres.py,$(BIN)/qbconsole) sandbox simulate --seeds $(SEEDS) --faults $(FAULTS) $(ARGS)

# One promise of the program broken after the other: the simulation has to tell each within 200 seeds.
mutants: $(READY)
	PYTHONPATH=.:tests/mutants $(BIN)/python tests/mutants/hunt.py $(ARGS)

# RESULTS: files that `sandbox simulate --json` wrote; added up into docs/reliability.md.
summary: $(READY)
	$(BIN)/python tests/simulate/write_summary.py $(ARGS) $(RESULTS)

bench: $(READY)
	PYTHONPATH=tests:tests/bench $(BIN)/python tests/bench/booking.py
	PYTHONPATH=tests:tests/bench $(BIN)/python tests/bench/storing.py
	PYTHONPATH=tests:tests/bench $(BIN)/python tests/bench/importing.py
	PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/delivering.py
	PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/listing.py
	PYTHONPATH=.:tests:tests/bench $(BIN)/python tests/bench/previewing.py

# With atheris where it is installed; what breaks a law is kept under tests/fuzz/found and is a test from then on.
fuzz: $(READY)
	PYTHONPATH=.:tests $(BIN)/python tests/fuzz/run.py $(TARGET) $(SECONDS_EACH)

# Real processes of ours, killed with -9; FULL=1: four workers, 40 companies, 3,000 documents on PostgreSQL instead.
kills: $(READY)
	PYTHONPATH=.:tests:tests/kills $(BIN)/python $(if $(FULL),tests/kills/crowd.py,tests/kills/loop.py --kills $(N) --engine $(ENGINE)) $(ARGS)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
