# Questline: plain `make` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test spark browser check format slow generated clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Questline needs Python 3.11 or newer; name one with make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt -e '.[dev]' -c constraints.txt
	@touch $(STAMP)

demo: $(STAMP) ## environment, 30 days x 5,000 players, pipeline, a summary of metrics
	$(BIN)/python src/event_generator.py --days 30 --users 5000
	$(BIN)/python src/etl_pipeline.py
	$(BIN)/questline summary
	@echo "Open the dashboard: $(BIN)/streamlit run src/dashboard.py"

test: $(STAMP) ## the tests (slow ones: make slow)
	$(BIN)/python -m pytest -m "not slow and not spark and not browser" -q -n 2 --dist loadfile --no-loadscope-reorder

spark: $(STAMP) ## Spark and Java, where they are missing, and the tests on Spark
	@$(BIN)/python -m questline.engines.setup_spark || echo "The tests on Spark are skipped."
	$(BIN)/python -m pytest -m spark -q

browser: $(STAMP) ## Chromium, where it is missing, and the tests of the dashboard in it
	@.ci/chromium || echo "The tests in a browser are skipped."
	$(BIN)/python -m pytest -m browser -q

slow: $(STAMP) ## the long tests
	$(BIN)/python -m pytest -m slow -q

check: $(STAMP) ## format, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(STAMP) ## put the code in shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove what was generated
	rm -rf $(VENV) data/raw_events/* data/raw_events_truth data/processed/* .mypy_cache .ruff_cache .pytest_cache .hypothesis
