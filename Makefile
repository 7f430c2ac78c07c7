PYTHON ?= .venv/bin/python

# Make the environment that everything below uses.
.venv/bin/python: pyproject.toml requirements/test.txt
	python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --requirement requirements/test.txt
	.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch .venv/bin/python

.PHONY: check lint types test docs columns lock mutants kills layouts damage mutations fuzz prove office bench format demo intake forecast-backtest soak peers

# Everything that must be green before a change lands.
check: lint types test

# A year of a province with a desk and kills, and a crowd at work at once, both on a PostgreSQL of their own; some minutes.
soak: .venv/bin/python
	$(PYTHON) -m tools.soak
	$(PYTHON) -m tools.crowd

# What a step costs the peers of the extra `peers` that are installed.
peers: .venv/bin/python
	$(PYTHON) -m benchmarks.peers

# Style, and the order of imports.
lint: .venv/bin/python
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .

# Types, strictly, of source and tests.
types: .venv/bin/python
	$(PYTHON) -m mypy .

# All tests that need nothing but Python.
test: .venv/bin/python
	$(PYTHON) -m pytest -n auto

# Write what pages take from the program itself, and wrap their prose.
docs: .venv/bin/python
	$(PYTHON) -m pytest -q tests/test_docs.py tests/test_house_map.py tests/test_words.py \
		tests/test_proved_workflows.py -k "reference or picture or wrapped or proved" --snapshot-update

# How the invented ledgers of tests/data/ledgers are understood: rows without help, fields found, rows in with
# questions, wrong values, rows and cells lost.
intake: .venv/bin/python
	$(PYTHON) -m tools.intake

# Two hundred kills -9 over each command that writes files, over imports, steps, sweeps and deliveries; eight to
# some of each stand in the ordinary tests.
kills: .venv/bin/python
	QINGLING_TEST_KILLS=200 $(PYTHON) -m pytest -q --timeout 3600 \
		tests/test_file_crashes.py tests/test_crashes.py tests/test_delivery_crashes.py tests/test_desk_crashes.py

# Each shape of ledgers in each format twenty times, with headings and values drawn each time; once in the ordinary
# tests.
layouts: .venv/bin/python
	QINGLING_TEST_LAYOUTS=20 $(PYTHON) -m pytest -q tests/test_ledger_shapes.py

# Ten thousand damaged files of every format; some hundreds stand in the ordinary tests.
damage: .venv/bin/python
	QINGLING_TEST_DAMAGED=10000 $(PYTHON) -m pytest -q tests/test_damaged_files.py --timeout 7200

# The newest versions that pyproject.toml permits, with their hashes, for every platform from Python 3.11 on.
COMPILE = build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command 'make lock' pyproject.toml
lock:
	python3 -m venv build/lock
	build/lock/bin/pip install --quiet uv
	$(COMPILE) --extra test --output-file requirements/test.txt
	$(COMPILE) --constraint requirements/test.txt --output-file requirements/run.txt
	$(COMPILE) --extra test --extra mining --extra browser --constraint requirements/test.txt --output-file requirements/office.txt

# Derive the store's rows from the table classes again, after a column has changed.
columns: .venv/bin/python
	$(PYTHON) -m tools.store_columns

# Ten thousand altered proofs for the script that checks them; some hundreds stand in the ordinary tests.
mutations: .venv/bin/python
	QINGLING_TEST_MUTATED=10000 $(PYTHON) -m pytest -q tests/test_journal_proofs.py -k mutated --timeout 7200

# A million altered declarations, conditions, templates, rows, keys and mappings; for a night. FUZZED=100000 takes
# a minute and a half of one processor, before a release. Some thousands stand in the ordinary tests.
FUZZED ?= 1000000
fuzz: .venv/bin/python
	QINGLING_TEST_FUZZED=$(FUZZED) $(PYTHON) -m pytest -q tests/test_fuzz.py --timeout 0

# A thousand workflows with a planted flaw and a thousand sound ones, each proved, families judged by play, and a thousand
# random plays moved to another version; some stand in the ordinary tests.
prove: .venv/bin/python
	QINGLING_TEST_PROVED=50 $(PYTHON) -m pytest -q tests/test_proving.py tests/test_proving_conditions.py \
		tests/test_proving_children.py tests/test_operations_migrating.py tests/test_proved_workflows.py --timeout 3600

# The ring of tests that opens what we write with LibreOffice, Chromium and Graphviz.
office: .venv/bin/python
	$(PYTHON) -m pytest -m office

# Small changes of the code of rules, dates and journal, each of which some test should notice; for hours.
mutants: .venv/bin/python
	$(PYTHON) -m tools.mutants

# Does the band of a forecast hold 8 times in 10, on invented counties that nobody tuned by? Some minutes.
forecast-backtest: .venv/bin/python
	nice $(PYTHON) -m tools.forecast_backtest

# Each measure beside its floor; writes benchmarks/results.md.
bench: .venv/bin/python
	$(PYTHON) -m benchmarks

# Put every file into the house's form.
format: .venv/bin/python
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

# The main job on real input, in the folder demo/.
demo: .venv/bin/python
	$(PYTHON) cli.py demo demo
