"""Arguments by name: what is not taken is refused, with the nearest name; what is taken is not."""

import inspect

import pytest
from sklearn.base import clone

from sknn_tune import KerasClassifier
from sknn_tune._accepted import check_accepted, check_routes, names_the_nearest
from sknn_tune.model_selection import (
    BayesianSearchCV,
    CapacitySearchCV,
    CoarseToFineSearchCV,
    HistoryRecorder,
    HyperbandSearchCV,
    MedianPruner,
    RefitWith,
    SuccessiveHalvingPruner,
)


class Stop:
    def __init__(self, patience=1, monitor="loss"):
        pass


class Report:
    def __init__(self, trial, every=1):
        pass


class Open:
    def __init__(self, **anything):
        pass


def test_a_name_that_is_not_taken_comes_with_the_nearest():
    check_accepted("The callback Stop", Stop, ["patience", "monitor"], "callbacks")
    check_accepted("The callback Open", Open, ["anything", "else"], "callbacks")
    with pytest.raises(
        ValueError,
        match=r"^The callback Stop has no argument 'patienc', given as 'callbacks__patienc' "
        r"\(did you mean 'patience'\?\)\. It has: monitor, patience\.$",
    ):
        check_accepted("The callback Stop", Stop, ["patienc"], "callbacks")
    with pytest.raises(ValueError, match=r"has no argument 'oter'.* It has: monitor, patience"):
        check_accepted("It", Open, ["oter"], "x", base=Stop)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (Stop, ["patience"]),
        ([Stop, Open], ["patience", "1__anything"]),
        ({"stop": Stop, "more": [Report]}, ["stop__patience", "more__0__trial"]),
        ([Stop(), Report], ["1__trial"]),
        ([Report], ["0__0"]),  # by place
        ([Stop(), Stop], []),
    ],
)
def test_routes_that_lead_somewhere_are_taken(given, names):
    check_routes("callback", given, dict.fromkeys(names), "callbacks")


@pytest.mark.parametrize(
    ("given", "names", "message"),
    [
        ([Stop], ["0__patienc"], "Stop has no argument 'patienc', given as 'callbacks__0__patienc' .*'patience'"),
        ({"stop": Stop}, ["stopp__patience"], "'callbacks__stopp__patience' leads to no callback: .* 'stop'"),
        ([Stop], ["3__patience"], "leads to no callback: there is none under '3'. Those given are: '0'"),
        ([Stop()], ["0__patience"], "'callbacks__0__patience' was given, but .* it's not a class"),
        ([Stop(), Stop], ["patience"], "'callbacks__patience' was given, but .* Give the class"),
        (Stop, ["patience__x"], "'callbacks__patience__x' leads to nothing: Stop was given no 'patience'"),
        (Report, [], "The callback Report needs 'trial'. Give it as 'callbacks__trial', or give a finished callback"),
    ],
)
def test_routes_that_lead_nowhere_are_refused(given, names, message):
    with pytest.raises((TypeError, ValueError), match=message):
        check_routes("callback", given, dict.fromkeys(names), "callbacks")


@pytest.mark.parametrize(
    ("maker", "name", "hint"),
    [
        (BayesianSearchCV, "n_trials", r"\(it is called 'n_iter' here\)\. It takes: estimator, param_distributions"),
        (BayesianSearchCV, "n_itr", r"\(did you mean 'n_iter'\?\)"),
        (CoarseToFineSearchCV, "n_round", "'n_rounds'"),
        (CapacitySearchCV, "tolerence", "'tolerance'"),
        (HyperbandSearchCV, "max_resource", "'max_resources'"),
        (HistoryRecorder, "adress", "'address'"),
        (RefitWith, "parms", "'params'"),
        (MedianPruner, "n_startup_trials", "it is called 'n_startup_fits' here"),
        (SuccessiveHalvingPruner, "factor", "it is called 'reduction_factor' here"),
    ],
)
def test_options_of_searches_and_pruners_are_refused_with_the_nearest(maker, name, hint):
    with pytest.raises(
        TypeError, match=rf"^{maker.__name__}\(\) got an unexpected keyword argument '{name}' ?\(?.*{hint}"
    ):
        maker(**{name: 1})


def test_a_decorated_constructor_is_still_read():
    search = BayesianSearchCV(KerasClassifier(), {"l2": [0.1]}, n_iter=3)
    assert clone(search).n_iter == 3
    assert next(iter(inspect.signature(MedianPruner).parameters)) == "n_startup_fits"
    assert names_the_nearest(Stop.__init__).__doc__ == Stop.__init__.__doc__
