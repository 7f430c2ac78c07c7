PYTHON ?= .venv/bin/python

# Make the environment that everything below uses.
.venv/bin/python: pyproject.toml
	python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --editable '.[test]'
	touch .venv/bin/python

.PHONY: check lint types test docs kills office bench format demo

# Everything that must be green before a change lands.
check: lint types test

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

# Write what docs/reference.md says of each command anew, from the program's own help.
docs: .venv/bin/python
	$(PYTHON) -m pytest -q tests/test_docs.py -k reference --snapshot-update

# Two hundred kills -9 over each command that writes files; eight of each stand in the ordinary tests.
kills: .venv/bin/python
	QINGLING_TEST_KILLS=200 $(PYTHON) -m pytest -q tests/test_file_crashes.py

# The ring of tests that opens what we write with LibreOffice and Chromium.
office: .venv/bin/python
	$(PYTHON) -m pytest -m office

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
