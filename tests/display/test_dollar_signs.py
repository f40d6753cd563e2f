"""Names and values with dollar signs, which Matplotlib takes for formulas, stand in pictures as they are."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.cbook import is_math_text
from matplotlib.text import Text
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from sknn_tune.display import CapacityCurveDisplay, SearchResultsDisplay, TrainingHistoryDisplay
from sknn_tune.model_selection import CapacitySearchCV

#: No formula: drawing it as one raises.
ODD = "a$_{$b"
X, Y = np.random.default_rng(0).normal(size=(30, 2)), np.arange(30.0)


class Named(Ridge):
    def __init__(self, name="", alpha=1.0):
        super().__init__(alpha=alpha)
        self.name = name


@pytest.fixture(scope="module")
def search():
    """A step and values with dollar signs."""
    pipeline = Pipeline([(ODD, Named())])
    space = {f"{ODD}__name": [ODD, f"{ODD}c"], f"{ODD}__alpha": [1e-2, 0.1, 1.0, 10.0, 100.0]}
    return GridSearchCV(pipeline, space, scoring={ODD: "r2"}, refit=ODD, cv=2).fit(X, Y)


def check_is_plain(figure):
    """Matplotlib draws it, and no text with the name as a formula."""
    figure.canvas.draw()
    texts = [text.get_text() for text in figure.findobj(Text) if "$" in text.get_text()]
    named = [text for text in texts if "mathdefault" not in text]  # the powers of ten of an axis
    assert named
    assert not any(map(is_math_text, named))
    plt.close(figure)


@pytest.mark.parametrize("kind", ["parameters", "parallel", "best_so_far"])
def test_searches(search, kind):
    check_is_plain(SearchResultsDisplay.from_search(search, kind=kind).figure_)


def test_capacity_curves():
    search = CapacitySearchCV(
        Pipeline([(ODD, Named())]),
        param_name=f"{ODD}__name",
        sizes=[ODD, f"{ODD}c"],
        scoring={ODD: "r2"},
        refit=ODD,
        cv=2,
    )
    check_is_plain(CapacityCurveDisplay.from_search(search.fit(X, Y)).figure_)


def test_histories():
    history = {ODD: [3.0, 2.0], f"val_{ODD}": [3.0, 2.0]}
    check_is_plain(TrainingHistoryDisplay.from_history(history, metric=ODD, label=ODD).figure_)
