"""Metadata of the package. Settings of the tools are in pyproject.toml."""

from pathlib import Path
from runpy import run_path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

# Run by path: importing the package here would need everything it depends on.
VERSION = run_path(str(HERE / "sknn_tune" / "_version.py"))["__version__"]
# Every dependency, its oldest version and its reason are in this file.
DEPENDENCIES = run_path(str(HERE / "sknn_tune" / "_min_dependencies.py"))

setup(
    name="sknn_tune",
    version=VERSION,
    description="Neural networks of TensorFlow and Keras whose every choice a scikit-learn search can tune",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="sknn_tune developers",
    license_expression="BSD-3-Clause",
    license_files=["LICENSE"],
    # "Documentation": the address of the pages, as soon as they are published. The "?" of an estimator in a notebook
    # and the tags of the built pages follow it; without it, they have no link.
    project_urls={},
    keywords="scikit-learn keras tensorflow neural-network hyperparameter-tuning",
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
    ],
    packages=find_packages(include=["sknn_tune", "sknn_tune.*"]),
    package_data={
        "sknn_tune": ["py.typed"],  # type checkers read its annotations
        "sknn_tune.display.search": ["page/*", "page/script/*"],  # template, style and script of the page of a search
    },
    # No upper bound: TensorFlow's wheels decide which Pythons work.
    python_requires=">=3.10",
    install_requires=DEPENDENCIES["requirements"](DEPENDENCIES["REQUIRED"]),
    extras_require=DEPENDENCIES["extras"](),
    zip_safe=False,
)
