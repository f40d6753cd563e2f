# For an environment that has `pip install -e '.[dev]'`. Environments of their own: see noxfile.py.
.PHONY: check format-check lint types test

check: format-check lint types test

format-check:
	ruff format --check .

lint:
	ruff check .

types:
	mypy

test:
	pytest -n 2
