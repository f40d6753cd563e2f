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
	TF_CPP_MIN_LOG_LEVEL=2 pytest -n 2
