# `make` sets up and runs the pipeline, `make test` sets up and tests it.
# Stages at once: as many as there are cores for, or `make JOBS=1`.
JOBS ?=
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/ready
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# A worker for each core, a thread for each worker, a file of tests at a time.
PYTEST := OMP_NUM_THREADS=1 pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

.PHONY: all repro test slow check clean
all: repro

$(READY): requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $(READY)

repro: $(READY)  ## the whole pipeline, or what is out of date of it
	python -m stages.repro $(JOBS:%=--jobs %)
	@echo "results: reports/comparison.md, reports/figures/, models/<run>/onnx/"

check: $(READY)  ## style and types
	ruff check .
	ruff format --check .
	mypy

test: $(READY) check  ## style, types and the tests that take seconds
	$(PYTEST)

slow: $(READY)  ## the tests that take minutes
	$(PYTEST) -m slow

clean:  ## forget the environment; results stay in the cache of DVC
	rm -rf $(VENV)
