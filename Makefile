.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

PIP := $(BIN)/python -m pip install --quiet
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	--custom-compile-command 'make lock' $(UPGRADE)

.PHONY: help demo test simulate bench soak lint format screenshots docs docs-generate lock audit licences sbom dist clean

help:  ## What can be done here
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# All versions come from the locks, with their hashes; `make lock` writes those anew from pyproject.toml.
.venv/run: pyproject.toml requirements/run.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements/run.lock
	$(PIP) --no-deps --editable .
	touch $@

.venv/dev: pyproject.toml requirements/dev.lock
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements/dev.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

.venv/release: .venv/dev requirements/release.lock
	$(PIP) --require-hashes -r requirements/release.lock
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
	$(BIN)/hadolint Dockerfile

format: .venv/dev  ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

screenshots: .venv/dev  ## Take the pictures of the documentation anew
	SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/browser/test_main_job.py tests/browser/test_pictures.py \
		tests/browser/test_demo_control.py::test_the_tour_from_its_first_step_to_its_last

docs: .venv/dev  ## Build the documentation into build/site; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

docs-generate: .venv/dev  ## Write what the documentation takes from the code anew
	$(BIN)/python -m tests.architecture.generate

lock: .venv/release  ## Write the locks anew; UPGRADE=--upgrade takes the newest versions
	$(LOCK) pyproject.toml --extra otel --output-file requirements/run.lock
	$(LOCK) pyproject.toml --extra dev --constraints requirements/run.lock --output-file requirements/dev.lock
	$(LOCK) requirements/release.in --constraints requirements/dev.lock --output-file requirements/release.lock
	$(LOCK) requirements/build.in --constraints requirements/dev.lock --output-file requirements/build.lock

audit: .venv/release  ## Ask PyPI for known weaknesses of what is locked; fails where it cannot be asked
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement requirements/run.lock
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement requirements/build.lock

licences: .venv/dev  ## Write docs/licences.md anew
	$(BIN)/python -m tests.architecture.licence_table

# What is described is what the image holds: an environment with the run-time lock and the bot, nothing else.
sbom: .venv/release dist  ## Write the bill of materials (CycloneDX) to dist/
	rm -rf build/image && $(PYTHON) -m venv --without-pip build/image
	$(BIN)/python -m pip --python build/image/bin/python install --quiet --require-hashes -r requirements/run.lock
	$(BIN)/python -m pip --python build/image/bin/python install --quiet --no-deps dist/*.whl
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --output-reproducible \
		--output-file dist/sbom.cdx.json build/image/bin/python

dist: .venv/dev  ## Build the wheel and the source archive into dist/
	rm -rf dist build/lib build/bdist.*
	$(BIN)/python -m build --no-isolation --outdir dist .

clean:  ## Remove what was built
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
