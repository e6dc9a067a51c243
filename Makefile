.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test simulate bench soak lint format screenshots clean

help:  ## What can be done here
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/run: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

demo: .venv/run  ## Try it: a local Slack, a local cloud and the bot
	$(BIN)/rds-restore-bot demo

test: .venv/dev  ## Run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile

simulate: .venv/dev  ## Ten thousand runs of the whole bot with seeded faults, in virtual time
	$(BIN)/python -m tests.simulation --seeds 10000 --jobs 2

bench: .venv/dev  ## Measure the budgets (BENCH="--quick", BENCH=approve, …)
	$(BIN)/python -m tests.bench $(BENCH)

soak: .venv/dev  ## 200 restores with random faults in 30 minutes (SOAK="--minutes 2 --restores 15")
	$(BIN)/python -m tests.bench.soak $(SOAK)

lint: .venv/dev  ## Check style, types and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev  ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: .venv/dev  ## Take the pictures of the documentation anew
	SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/browser/test_main_job.py

clean:  ## Remove what was built
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
