# For an environment that has `pip install -e '.[dev]'`. Environments of their own: see noxfile.py.
.PHONY: check format-check lint types test docs notebooks

check: format-check lint types test

format-check:
	ruff format --check .

lint:
	ruff check .

types:
	mypy

test:
	pytest -n 2

# These two need `pip install -e '.[docs]'`.
docs:
	$(MAKE) -C docs html

notebooks:
	$(MAKE) -C docs notebooks
