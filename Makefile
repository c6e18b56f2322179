# One environment for Python; each R installation has its own (tests/r-worlds).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Other methods of the benchmark that pip can install, beside what scinno has.
PEERS := .venv-peers/.ready

# Threads that spin while waiting make a shared machine several times slower.
export OMP_WAIT_POLICY ?= passive

# Two targets at a time; the output of each is not interleaved.
MAKEFLAGS += --jobs=2 --output-sync=target

.PHONY: demo test test-python test-r test-r-native test-r-modern r-native r-modern \
	browser lint docs say-setup say-parts faults benchmark benchmark-batches benchmark-domains \
	benchmark-small benchmark-speed clean

# Clustering of a data set that ships with scanpy.
demo: $(READY)
	$(BIN)/scinno demo --out scinno-demo --force

test: say-parts test-r-native test-python test-r-modern docs

# Costs up to a third of the processor's time more: make test-python COVERAGE=
COVERAGE ?= --cov --cov-report=term

# Two processes, each with whole files of tests, as their fixtures are made once for a file. Files
# are taken in the order that tests/python/conftest.py gives them.
test-python: $(READY) $(PEERS) lint browser
	$(BIN)/python -m pytest $(COVERAGE) \
		--numprocesses=2 --dist=loadfile --no-loadscope-reorder

# The report is tested in a real browser. Without root the tests list what is missing.
browser:
	command -v chromium >/dev/null && command -v chromedriver >/dev/null || [ "$$(id -u)" != 0 ] || \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends chromium chromium-driver; } >/dev/null

# The R package, in the system's R and in a newer one (Debian, root).
test-r: test-r-native test-r-modern

test-r-native: r-native
	bash tests/r-worlds/run.sh native .venv-native check
	bash tests/r-worlds/run.sh native .venv-native test

test-r-modern: r-modern
	bash tests/r-worlds/run.sh modern $(VENV) test

# One after the other: apt and pip's build folder cannot be shared.
r-native: $(READY) browser
	bash tests/r-worlds/native.sh .venv-native

r-modern: r-native
	bash tests/r-worlds/modern.sh .r-modern $(VENV)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(READY)
	$(BIN)/sphinx-build -W --keep-going -q docs docs/_build/html

# Thousands of changed files, each read in a process with limits; takes some minutes.
faults: $(READY)
	$(BIN)/python tests/faults/faults.py --page docs/development/faults.md
	$(BIN)/python tests/faults/kills.py --page docs/development/kills.md
	$(BIN)/python tests/faults/arguments.py --page docs/development/arguments.md
	SCINNO_EXAMPLES=3000 $(BIN)/python -m pytest -q tests/python/test_arguments.py

# Every available method on every labeled set; finished runs are stored, so it can be resumed.
BENCH_SETS ?= ../shared/data ../shared/data-more
benchmark: $(READY)
	$(BIN)/scinno bench $(BENCH_SETS) --seeds 5 --out benchmarks --markdown docs/benchmarks.md

# Ten sets of several batches, each also without one type in one batch, five seeds; about a day.
BATCH_SETS ?= $(BENCH_SETS) ../shared/data-multi
benchmark-batches: $(READY) $(PEERS)
	SCINNO_BENCH_PYTHON=$(CURDIR)/.venv-peers/bin/python $(BIN)/scinno bench $(BATCH_SETS) \
		--sets batches --task batches --k given --seeds 5 --out benchmarks/batches \
		--tsne all --markdown docs/benchmarks-batches.md

# Domains of the sets that have coordinates, five seeds; hours, nearly all of them GraphST's and
# STAGATE's. Sets without coordinates are left out.
DOMAIN_SETS ?= ../shared/data-multi
benchmark-domains: $(READY) $(PEERS)
	SCINNO_BENCH_PYTHON=$(CURDIR)/.venv-peers/bin/python $(BIN)/scinno bench $(DOMAIN_SETS) \
		--task domains --k given --seeds 5 --out benchmarks/domains \
		--markdown docs/benchmarks-domains.md

# A look in minutes: ten small, varied sets of these folders, one seed, the default and simple methods.
benchmark-small: $(READY)
	$(BIN)/scinno bench $(BENCH_SETS) --sets small --seeds 1 --methods scinno,simple \
		--out scinno-bench

benchmark-speed: $(READY)
	$(BIN)/python benchmarks/speed.py

# A target of its own: make shows what a target prints when that target ends.
say-setup:
	@test -e $(READY) || echo "Setting up $(VENV): PyTorch and what scinno needs, some minutes"

say-parts: say-setup
	@echo "Tests in Python and in two R installations, and the pages. What is missing is set up" \
		"first. Each part is shown when it ends."

# torch is pinned: an open range may bring gigabytes of CUDA libraries. -qq: errors only, without the
# package index's warnings.
PIP := -m pip install -qq --disable-pip-version-check
$(READY): pyproject.toml | say-setup
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) torch==2.13.0
	$(BIN)/python $(PIP) -e '.[test,docs]'
	touch $(READY)

$(PEERS): $(READY)
	bash tests/venv_on.sh $(VENV) .venv-peers
	.venv-peers/bin/python $(PIP) scvi-tools scanpy igraph leidenalg
	.venv-peers/bin/python $(PIP) harmonypy scib-metrics bbknn scanorama
	.venv-peers/bin/python $(PIP) --no-deps sc3s
	.venv-peers/bin/python $(PIP) pybanksy stagate-modern graphst-modern
	touch $(PEERS)

clean:
	rm -rf $(VENV) .venv-native .venv-peers docs/_build scinno-demo
