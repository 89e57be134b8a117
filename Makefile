# Two commands do everything: `make explore` (the plots) and `make test` (the proof). Both may be given again and again.
#
# Your own:  VENV=~/envs/mine        an environment to install into; a torch that is in it is kept, whatever its build
#            TORCH=torch==2.13.0+cu130   the torch to install instead of the CPU build that constraints.txt names
#            PYTHON=python3.12       the interpreter (3.11 or newer) that makes .venv
PYTHON ?= python3
VENV ?= .venv
TORCH ?=
OUT ?= out/explore
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

BIN := $(VENV)/bin
EXPLORE := $(VENV)/.codesign-explore
TEST := $(VENV)/.codesign-test
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help explore test check bench synth docs clean

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

explore: $(EXPLORE)  ## prune three real models (speech, language, pictures), simulate them on arrays, draw the trades
	$(BIN)/codesign sweep speech-few llm-few vit-few --out $(OUT)
	$(BIN)/codesign report $(OUT)

test: $(TEST)  ## the whole test suite
	@tools/system_packages iverilog:iverilog verilator:verilator chromium:chromium chromedriver:chromium-driver
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

check: $(TEST)  ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(TEST)  ## how fast, as JSON lines
	@tools/system_packages iverilog:iverilog verilator:verilator
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.pruning
	$(BIN)/python -m benchmarks.explorer
	$(BIN)/python -m rtl.bench

synth: $(TEST)  ## the RTL through Yosys: areas, cells, critical paths (LIBERTY=folder with cell libraries)
	@tools/system_packages iverilog:iverilog sta:opensta :qflow-tech-osu018
	$(BIN)/python -m rtl.syn $(if $(LIBERTY),--liberty $(LIBERTY))
	$(if $(LIBERTY),$(BIN)/python -m rtl.syn.power --liberty $(LIBERTY))

docs: $(TEST)  ## the documentation, into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

clean:  ## remove what the commands above made, but the environment
	rm -rf out site build sim_build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@tools/make_venv $(PYTHON) $(VENV)

$(EXPLORE): pyproject.toml constraints.txt tools/install | $(BIN)/python
	@tools/install $(BIN)/python "$(TORCH)" speech,search
	@touch $@

$(TEST): pyproject.toml constraints.txt tools/install | $(BIN)/python
	@tools/install $(BIN)/python "$(TORCH)" all,test,check,docs
	@touch $@ $(EXPLORE)
