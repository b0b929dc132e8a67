# Everything one does with this project. `make` alone lists the targets.
# It needs make and Python 3.11 or newer; whatever else a target needs, it installs.

PYTHON := .venv/bin/python

.PHONY: help run check test coverage format shots bench goldens outcomes conformance clients survival package mounts fresh soak clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

# HOST and PORT reach app.py through the environment, also as `make run PORT=8001`.
run: .venv/.run ## Serve the site on http://127.0.0.1:8000 (PORT=8001 and HOST=… change that)
	@exec $(PYTHON) app.py

check: .venv/.dev ## Run the checks: lint, format, types, dead code
	@exec $(PYTHON) -m tools.check checks

test: .venv/.dev ## Run every check and test, and print the counts
	@exec $(PYTHON) -m tools.check

format: .venv/.dev ## Format the code, and mend what the linters can mend
	@$(PYTHON) -m ruff check --fix --quiet . ; $(PYTHON) -m ruff format .
	@node="$$($(PYTHON) -m tools.nodejs)" && "$$node" node_modules/@biomejs/biome/bin/biome check --write

shots: .venv/.dev ## Take screenshots of the pages
	@CHROMIUM="$$($(PYTHON) -m tools.browser)" && export CHROMIUM && $(PYTHON) -m tools.shots

bench: .venv/.dev ## Measure the site
	@$(PYTHON) -m tools.bench

goldens: .venv/.dev ## Write golden files and corpus again, for you to read the difference
	@$(PYTHON) -m tools.goldens
	@$(PYTHON) -m tools.corpus

outcomes: .venv/.dev ## Measure again what each client does on each fault
	@$(PYTHON) -m tools.faults clients

clients: .venv/.dev ## Install the newest releases of other clients aside, and measure them on faults
	@$(PYTHON) -m tools.clients

conformance: .venv/.dev ## Judge the SDKs and curl by the corpus again
	@$(PYTHON) -m tools.conformance

coverage: .venv/.dev ## Run the tests, and print what none of them reaches
	@$(PYTHON) -m coverage erase
	@CHROMIUM="$$($(PYTHON) -m tools.browser)" && export CHROMIUM && $(PYTHON) -m coverage run -m pytest --quiet --numprocesses=2
	@$(PYTHON) -m coverage combine --quiet && $(PYTHON) -m coverage report

soak: .venv/.dev ## Run the tests that take long: whole matrices, floods
	@$(PYTHON) -m pytest --quiet -m soak

survival: .venv/.dev ## Run every program of the generator on every fault again
	@$(PYTHON) -m tools.faults programs

package: .venv/.dev ## Build the wheel, and try each form of it in an empty environment
	@$(PYTHON) -m tools.package

mounts: .venv/.dev ## Run the generator's web-standard handler in Next.js, Hono and Deno
	@$(PYTHON) -m tools.mounts

fresh: .venv/.dev ## Compare tables and pins with the newest releases, and models with the date
	@$(PYTHON) -m tools.fresh

clean: ## Remove everything that make and the tests have made
	rm -rf .venv node_modules build shots test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: each is touched last, so what was interrupted is done again. An interpreter that no longer
# runs (Python was upgraded or removed) makes the whole environment stale.
ifneq ($(shell $(PYTHON) -c "print('runs')" 2>/dev/null),runs)
.PHONY: .venv/.made
endif

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

.venv/.made:
	@for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  $$python -c '$(NEW_ENOUGH)' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or newer is needed: install it (Debian, Ubuntu: apt install python3 python3-venv), then run make again." >&2; exit 1; \
	fi; \
	if ! $$python -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "Python's venv module is needed: install it (Debian, Ubuntu: apt install python3-venv), then run make again." >&2; exit 1; \
	fi; \
	echo "Making .venv with $$($$python --version)"; \
	$$python -m venv --clear .venv
	@touch $@

PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check

.venv/.run: requirements.txt .venv/.made
	@echo "Installing what the site needs (requirements.txt)"
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.run
	@echo "Installing what the checks need (requirements-dev.txt)"
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@
