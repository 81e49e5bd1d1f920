# make report   set up, run the workflow on the embedded default (or PROFILE=...), render the book
# make test     set up and run the tests
# make setup    the environment alone             make book     render the published results, running nothing
# make pdf      print the published results       make test-book  open every rendered page in a browser (Chromium)
# make lab      JupyterLab                        make publish  copy the light parts of a run into book/results
# make clean    remove runs and rendered pages    make lock     resolve the environment anew
# make lint     style, types, bare notebooks      make dev      setup, and git keeps notebooks bare

# Importing fastai takes 15 s without bytecode and 5 s with it.
unexport PYTHONDONTWRITEBYTECODE
# Idle OpenMP threads sleep, so that a test beside a training run does not slow both down.
export OMP_WAIT_POLICY ?= PASSIVE

PROFILE ?= quick
CORES ?= 2
UV_VERSION := 0.13.9
FIND_PYTHON = for p in python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null && echo $$p && break; done
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# --nolock: after kill -9 Snakemake's own lock would have to be removed by hand. Each stage takes one that dies with it.
# Where there is a GPU, trainings take turns on it, and what needs none runs beside them.
SNAKEMAKE := snakemake --snakefile workflow/Snakefile --cores $(CORES) --rerun-incomplete --nolock --quiet rules \
	$(if $(shell command -v nvidia-smi),--resources gpu=1) --config profile=$(PROFILE)

.PHONY: report test test-book lint setup dev book pdf lab publish lock clean

report: setup
	@start=$$(date +%s); $(SNAKEMAKE) && \
	echo "report: $$(( $$(date +%s) - start )) s; the book is $(CURDIR)/_build/$(PROFILE)/html/index.html"

test: setup
	pytest -rs -n $(CORES) --dist loadfile

# What `make test` skips: the pages of `make book`, light and dark, wide and narrow, in the installed Chromium.
test-book: book
	ASTROGAN_RENDERED_BOOK=$(CURDIR)/_build/book/html pytest tests/book

lint: setup
	ruff check lib tests tools bench notebooks
	ruff format --check lib tests tools bench
	mypy
	nbstripout --verify --keep-id notebooks/*.ipynb

setup: .venv/.complete

# For those who commit: git keeps outputs out of notebooks/ (.gitattributes), not out of the published ones.
dev: setup
	git config filter.nbstripout.clean '"$(CURDIR)/$(BIN)/nbstripout" --keep-id' && git config filter.nbstripout.smudge cat

.venv/.complete: requirements.lock pyproject.toml
	@python=$$($(FIND_PYTHON)); test -n "$$python" || { echo "error: Python 3.11 or 3.12 is needed, and none was found on PATH"; exit 1; }; \
	start=$$(date +%s); rm -rf .venv && $$python -m venv .venv && \
	$(BIN)/python -m pip install --quiet uv==$(UV_VERSION) && \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --requirement requirements.lock && \
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . && \
	echo "setup: $$(( $$(date +%s) - start )) s"
	@touch $@

book: setup
	@astrogan run book --results book/results --out _build/book

pdf: setup
	@astrogan run pdf --results book/results --out _build/book

lab: setup
	jupyter lab --notebook-dir=.

publish: setup
	@astrogan run publish --run runs/$(PROFILE) --out book/results && python tools/readme.py

# Resolves requirements.lock anew from pyproject.toml; environment.yml follows it.
lock: setup
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --no-header --no-annotate \
		--no-emit-index-url --quiet --upgrade --output-file requirements.lock
	@python tools/environment.py

clean:
	rm -rf runs _build .snakemake
