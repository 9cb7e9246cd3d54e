# Every step of the project; `make` alone lists them. Nothing is installed outside .venv.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:

# What `run`, `report` and `setup` take from the command line. Empty: the program decides.
DEVICE   ?= hip_stem
PROTOCOL ?=
SET      ?=
ACCURACY ?=
RANKS    ?=
RESULTS  ?= results
RUN      ?=
RUNS     ?=
PICK     ?=
STUDY    ?=
WORKERS  ?=
PORT     ?=
PYTHON   ?=

BIN   := .venv/bin
STAMP := .venv/.stamp

# Parallelism is by MPI ranks and by independent runs; threads on top of it would overload the cores.
export OMP_NUM_THREADS := 1

# What a system without Python needs. Where there is one, check_system.py names only what is missing.
BARE_PACKAGES := gcc python3-dev python3-venv libglu1-mesa libgl1 libxft2 libxcursor1 libxinerama1 libegl1 libpango-1.0-0 libpangoft2-1.0-0

# Leaves the first interpreter that is new enough in $python, or nothing. A shim that
# exists but answers with an error (a version manager without that version) is passed over,
# and so is Debian's python3-minimal, which lacks half of the standard library.
define FIND_PYTHON
python=
for candidate in $(PYTHON) python3 python3.12 python3.13 python3.14; do
  if python=$$("$$candidate" -c 'import sys, ctypes; print(sys.executable); sys.exit(sys.version_info < (3, 12))' 2>/dev/null)
  then break
  else python=
  fi
done
endef

# Runs the check with $python, or else with an older python3. Where neither can run it, says so.
define CHECK_SYSTEM
if "$${python:=python3}" -c 'import sys, ctypes; sys.exit(sys.version_info < (3, 8))' 2>/dev/null
then
  "$$python" scripts/check_system.py
else
  echo "No complete python3 found. Python 3.12 or newer is needed: Debian 13 and Ubuntu 24.04"
  echo "have it; elsewhere install uv (make then fetches a Python by itself) or pyenv."
  if command -v apt-get >/dev/null; then
    sudo=; [ "$$(id -u)" -eq 0 ] || sudo="sudo "
    echo "Install with (after \`apt-get update\` on a fresh machine):"
    printf '\n%s\n\n' "$${sudo}apt-get install --no-install-recommends $(BARE_PACKAGES)"
  fi
  exit 1
fi
endef

# An environment that is there already and sound is kept: set-up then only brings it up to date.
define SOUND_ENVIRONMENT
$(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
endef

##@ Start

.PHONY: help
help: ## show this list
	@awk '
	  BEGIN { FS = ":.*## "; print "usage: make TARGET [NAME=value ...]" }
	  /^##@ / { printf "\n%s\n", substr($$0, 5) }
	  /^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }
	' $(firstword $(MAKEFILE_LIST))
	printf '%s\n' '' 'Values for run (what is empty is decided by the program)' \
	  '  DEVICE=$(DEVICE)  PROTOCOL=$(PROTOCOL)  SET="$(SET)"  ACCURACY=$(ACCURACY)  RANKS=$(RANKS)  RESULTS=$(RESULTS)' \
	  '  make run DEVICE=hip_stem PROTOCOL=hip_iso7206_4 SET="neck_diameter=12mm" ACCURACY=0.02'

.PHONY: setup
setup: $(STAMP) ## build or update .venv (done by itself when needed; PYTHON=path to choose one)

.PHONY: check
check: ## say what this machine lacks; installs nothing
	@if $(SOUND_ENVIRONMENT); then python=$(BIN)/python; else $(FIND_PYTHON)
	fi
	$(CHECK_SYSTEM)
	if [ -e $(STAMP) ]; then
	  $(BIN)/python -c 'import dolfinx_solver, dolfinx, gmsh, pyvista, benchtwin'
	  echo "environment: ok"
	else
	  echo "environment: not built yet (make setup)"
	fi

# The names only, for a script that may install them (.ci/run).
.PHONY: missing-packages
missing-packages:
	@$(FIND_PYTHON)
	"$${python:-python3}" scripts/check_system.py --packages 2>/dev/null || echo "$(BARE_PACKAGES)"

# Standard output belongs to the results of `run`, so all that set-up says goes to standard error.
$(STAMP): requirements.lock pyproject.toml scripts/check_system.py
	@exec 1>&2
	if $(SOUND_ENVIRONMENT); then
	  python=$(BIN)/python
	else
	  $(FIND_PYTHON)
	  if [ -z "$$python" ] && command -v uv >/dev/null && uv venv --clear --seed --python 3.12 .venv
	  then python=$(BIN)/python
	  fi
	fi
	$(CHECK_SYSTEM)
	$(SOUND_ENVIRONMENT) || "$$python" -m venv --clear .venv
	echo "Installing requirements.lock into .venv (about 1.3 GB on disk; minutes on a slow line) ..."
	pip="$(BIN)/python -m pip --disable-pip-version-check"
	$$pip install --quiet --require-hashes -r requirements.lock
	# setuptools is in the lock, so nothing is fetched here. The compat mode is a plain
	# .pth line: a package added to the checkout later is importable at once. Errors only:
	# pip from 26 on also relays what setuptools has to remark on that mode.
	$$pip install -qq --no-index --no-deps --no-build-isolation \
	  --config-settings editable_mode=compat --editable .
	touch $@
	echo "Environment ready in .venv"

##@ Use

.PHONY: list
list: $(STAMP) ## the devices, materials and protocols there are
	@$(BIN)/benchtwin list

# The last line of standard output is the run folder, also when the program ends with
# status 3: done, but some quantity has not converged.
.PHONY: run
run: $(STAMP) ## test one device: DEVICE= PROTOCOL= SET="a=1mm b=2" ACCURACY= RANKS= RESULTS=
	@status=0
	$(BIN)/benchtwin run '$(DEVICE)' \
	  $(if $(PROTOCOL),--protocol '$(PROTOCOL)') \
	  $(foreach pair,$(SET),--set '$(pair)') \
	  $(if $(ACCURACY),--accuracy '$(ACCURACY)') \
	  $(if $(RANKS),--ranks '$(RANKS)') \
	  --results '$(RESULTS)' || status=$$?
	if [ $$status -eq 3 ]; then
	  echo "note: the run is complete and stored, but at least one quantity has not reached the" >&2
	  echo "      accuracy asked for; its error bar says by how much. make reports this as an error." >&2
	fi
	exit $$status

.PHONY: study
study: $(STAMP) ## run the variants of a study file: STUDY=file.toml WORKERS= RESULTS=
	@$(if $(STUDY),,$(error STUDY is missing: make study STUDY=studies/examples/bone_plate_grid.toml))
	status=0
	$(BIN)/benchtwin study '$(STUDY)' $(if $(WORKERS),--workers '$(WORKERS)') --results '$(RESULTS)' || status=$$?
	if [ $$status -eq 3 ]; then
	  echo "note: the study is complete, but some variant has failed, is impossible, or has not reached the" >&2
	  echo "      accuracy asked for; its report says which. make reports this as an error." >&2
	fi
	exit $$status

.PHONY: compare
compare: $(STAMP) ## 2 to 6 runs, or variants of a study, side by side: RUNS="folder folder" PICK="3 7" RESULTS=
	@$(if $(RUNS),,$(error RUNS is missing: make compare RUNS="$(RESULTS)/... $(RESULTS)/..."))
	$(BIN)/benchtwin compare $(foreach run,$(RUNS),'$(run)') --results '$(RESULTS)' $(if $(PICK),--pick $(PICK))

.PHONY: gallery
gallery: $(STAMP) ## write the page that lists all runs and studies: RESULTS=
	@$(BIN)/benchtwin gallery --results '$(RESULTS)'

.PHONY: serve
serve: $(STAMP) ## show that page to the browsers of this machine, always up to date: RESULTS= PORT=
	@$(BIN)/benchtwin serve --results '$(RESULTS)' $(if $(PORT),--port '$(PORT)')

.PHONY: report
report: $(STAMP) ## write the report of a finished run (HTML and PDF) or study: RUN=folder
	@$(if $(RUN),,$(error RUN is missing: make report RUN=$(RESULTS)/...))
	$(BIN)/benchtwin report '$(RUN)'

.PHONY: export
export: $(STAMP) ## solver deck, workbook, tables, fields of a run or study: RUN=folder
	@$(if $(RUN),,$(error RUN is missing: make export RUN=$(RESULTS)/...))
	$(BIN)/benchtwin export '$(RUN)'

##@ Develop

.PHONY: test
test: $(STAMP) ## the quick tests, on up to four cores
	@$(BIN)/python -m pytest -m "not slow" --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder tests

.PHONY: verify
verify: $(STAMP) ## known solutions (docs/verification.md), faults put into studies (docs/robustness.md), slow tests
	@$(BIN)/python -m verification
	$(BIN)/python -m verification.faults
	$(BIN)/python -m pytest -m slow tests

.PHONY: bench
bench: $(STAMP) ## time the program on standard cases
	@$(BIN)/python -m benchmarks

.PHONY: lint
lint: $(STAMP) ## style, types and the direction of imports
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: lock
lock: ## renew requirements.lock from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "uv is needed for this: pip install uv" >&2; exit 1; }
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --universal --python-version 3.12 --quiet -o requirements.lock
	# The lock names versions and hashes, never where they came from.
	if grep -n http requirements.lock >&2; then
	  echo "requirements.lock contains addresses" >&2
	  exit 1
	fi

##@ Tidy

.PHONY: clean
clean: ## remove caches and build leftovers; never results
	@find . \( -path ./.venv -o -path ./.git -o -path './$(RESULTS)' -o -path ./results \) -prune \
	  -o -type d -name __pycache__ -prune -exec rm -rf {} +
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build

.PHONY: distclean
distclean: clean ## clean, and remove .venv
	@rm -rf .venv *.egg-info
