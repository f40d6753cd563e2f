"""Every parameter changes the network, its compilation or its training: the files beside this one show it."""

from importlib import import_module
from pathlib import Path

import pytest

from sknn_tune import KerasClassifier, KerasRegressor

#: Tested in a file of its own.
ELSEWHERE = {"model": "test_custom_models"}


def _tested_parameters() -> set[str]:
    names = set(ELSEWHERE)
    for path in Path(__file__).parent.glob("test_parameters_*.py"):
        for value in vars(import_module(path.stem)).values():
            for mark in getattr(value, "pytestmark", []):
                if mark.name == "parameters":
                    names.update(mark.args)
    return names


def test_every_parameter_has_a_test_of_its_effect():
    assert _tested_parameters() == set(KerasClassifier().get_params()) >= set(KerasRegressor().get_params())


def test_the_files_of_what_is_tested_elsewhere_exist():
    assert all(Path(__file__).with_name(f"{name}.py").exists() for name in ELSEWHERE.values())


@pytest.mark.parametrize("estimator", [KerasClassifier, KerasRegressor])
def test_every_parameter_has_a_constraint(estimator):
    assert set(estimator._parameter_constraints) == set(estimator().get_params())
