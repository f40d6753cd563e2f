"""Both estimators have the parameters of their base: in the signature, and in the docstring."""

import inspect
import re

import pytest

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.estimators._extending import also_takes, completes_docstring_of
from sknn_tune.estimators._parameters import KerasParameters


class Base:
    """What both take.

    Parameters
    ----------
    rate : float, default=0.1
        How fast.
    depth : int, default=1
        How deep.
    **further
        What else.

    Attributes
    ----------
    done_ : bool
        Whether it is.
    """

    def __init__(self, rate=0.1, *, depth=1, **further):
        self.rate, self.depth, self.further = rate, depth, further


@completes_docstring_of(Base)
class Wider(Base):
    """What one takes.

    Parameters
    ----------
    width : int, default=2
        How wide.
    depth : int, default=1
        How deep, in other words.

    Attributes
    ----------
    classes_ : list
        Which.

    Examples
    --------
    >>> Wider(width=3).width
    3
    """

    @also_takes(Base.__init__)
    def __init__(self, rate=0.1, *, width=2, **parameters):
        super().__init__(rate, **parameters)
        self.width = width


def test_the_signature_has_the_parameters_of_both():
    assert str(inspect.signature(Wider)) == "(rate=0.1, *, depth=1, width=2, **further)"
    assert str(inspect.signature(Base)) == "(rate=0.1, *, depth=1, **further)"
    made = Wider(depth=5, width=7, other=9)
    assert (made.rate, made.depth, made.width, made.further) == (0.1, 5, 7, {"other": 9})


def test_the_docstring_describes_each_parameter_once_in_the_order_of_the_signature():
    assert (
        Wider.__doc__
        == inspect.cleandoc(
            """What one takes.

    Parameters
    ----------
    rate : float, default=0.1
        How fast.
    depth : int, default=1
        How deep, in other words.
    width : int, default=2
        How wide.
    **further
        What else.

    Attributes
    ----------
    done_ : bool
        Whether it is.
    classes_ : list
        Which.

    Examples
    --------
    >>> Wider(width=3).width
    3
    """
        )
        + "\n"
    )


def test_without_docstrings_there_is_nothing_to_complete():
    class Bare:
        def __init__(self, rate=0.1): ...

    assert completes_docstring_of(Base)(Bare).__doc__ is None


def test_the_classifier_has_what_the_regressor_has_and_what_only_classes_have():
    classifier, regressor = (inspect.signature(one).parameters for one in (KerasClassifier, KerasRegressor))
    of_classes = ("class_weight", "label_smoothing")
    assert {name: p for name, p in classifier.items() if name not in of_classes} == dict(regressor)
    assert regressor == inspect.signature(KerasParameters).parameters
    with pytest.raises(TypeError, match=r"KerasRegressor\(\) got an unexpected keyword argument 'class_weight'"):
        KerasRegressor(class_weight="balanced")


@pytest.mark.parametrize("estimator", [KerasClassifier, KerasRegressor])
def test_each_parameter_has_one_entry_in_the_docstring(estimator):
    section = estimator.__doc__.split("Attributes\n")[0].split("Parameters\n")[1]
    entries = re.findall(r"^\*{0,2}(\w+)(?= : |$)", section, flags=re.MULTILINE)
    assert entries == list(inspect.signature(estimator).parameters)
