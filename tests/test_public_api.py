"""What ``import sknn_tune`` offers, and how it answers to a name it does not have."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from sklearn.base import is_classifier, is_regressor

import sknn_tune

ESTIMATORS = ["KerasClassifier", "KerasRegressor", "TabularClassifier", "TabularRegressor"]


def test_public_names_are_exactly_these():
    rooms = ["display", "export", "inspection", "model_selection", "preprocessing", "search_space"]
    assert sorted(sknn_tune.__all__) == [*ESTIMATORS, "__version__", *rooms]


def test_dir_lists_the_public_names_whether_loaded_or_not():
    assert dir(sknn_tune) == sorted(sknn_tune.__all__)


@pytest.mark.parametrize("name", sknn_tune.__all__)
def test_every_public_name_can_be_loaded(name):
    assert getattr(sknn_tune, name) is getattr(sknn_tune, name)


def test_star_import_gives_the_public_names():
    names = {}
    exec("from sknn_tune import *", names)
    assert set(sknn_tune.__all__) <= set(names)


ROOMS_AFTER_A_BARE_IMPORT = """
import sys
import sknn_tune

rooms = ("display", "export", "inspection", "model_selection", "preprocessing", "search_space")
assert not [room for room in rooms if f"sknn_tune.{room}" in sys.modules]
assert set(rooms) < set(dir(sknn_tune))
for room in rooms:
    assert getattr(sknn_tune, room) is sys.modules[f"sknn_tune.{room}"]
assert sknn_tune.search_space.uniform(0, 1).grid(2) == [0.0, 1.0]
from sknn_tune import *
assert display is sknn_tune.display
heavy = {"tensorflow", "keras", "scikeras", "optuna", "matplotlib"} & set(sys.modules)
assert not heavy, heavy
"""


def test_rooms_are_there_after_a_bare_import_and_are_loaded_on_first_use():
    result = subprocess.run(
        [sys.executable, "-c", ROOMS_AFTER_A_BARE_IMPORT], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


def test_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match=r"module 'sknn_tune' has no attribute 'KerasClasifier'"):
        sknn_tune.KerasClasifier  # noqa: B018
    assert not hasattr(sknn_tune, "KerasClasifier")


def test_estimators_are_what_their_names_say_to_scikit_learn():
    assert is_classifier(sknn_tune.KerasClassifier())
    assert is_regressor(sknn_tune.KerasRegressor())


def _installed_metadata():
    try:
        return metadata.metadata("sknn_tune")
    except metadata.PackageNotFoundError:
        pytest.skip("sknn_tune is imported from a folder, not installed")


def test_version_is_that_of_the_installed_package():
    assert _installed_metadata()["Version"] == sknn_tune.__version__


def test_metadata_names_every_extra_of_the_install_instructions():
    assert set(_installed_metadata().get_all("Provides-Extra")) == {
        "bayes",
        "benchmarks",
        "dask",
        "dev",
        "docs",
        "examples",
        "gpu",
        "onnx",
        "plot",
        "shared",
        "test",
    }


def test_oldest_versions_pin_every_required_package():
    from sknn_tune._min_dependencies import REQUIRED, oldest_versions, requirements

    pinned = [pin.split("==") for pin in oldest_versions()]
    lower_bounds = [requirement.split(",")[0].split(">=") for requirement in requirements(REQUIRED)]
    assert pinned == lower_bounds


def test_citation_names_the_version():
    citation = (Path(__file__).parents[1] / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {sknn_tune.__version__}\n" in citation
