"""Classes of the user's own, with constructors of their own: get_params, clone, searches, and what is trained."""

import pickle

import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

from sknn_tune import KerasClassifier, KerasRegressor


class Net(KerasClassifier):
    """Takes two parameters, and makes another of one of them."""

    def __init__(self, units=4, epochs=2):
        super().__init__(hidden_layer_sizes=(units,), epochs=epochs, random_state=0)
        self.units = units


class Named(KerasRegressor):
    """Adds a parameter, and hands the others on."""

    def __init__(self, model=None, note="", **kwargs):
        super().__init__(model=model, **kwargs)
        self.note = note
        self.helper = note * 2  # no parameter


class Passing(KerasClassifier):
    def __init__(self, *args, epochs=3, **kwargs):
        super().__init__(*args, epochs=epochs, **kwargs)


def units_of(fitted) -> int:
    return fitted._trained.weights[0].shape[1]


def test_parameters_are_those_of_the_constructor():
    assert Net().get_params() == {"units": 4, "epochs": 2}
    names = set(KerasRegressor().get_params())
    assert set(Named().get_params()) == names | {"note"}
    assert set(Passing().get_params()) == set(KerasClassifier().get_params())
    assert repr(Net(units=3)) == "Net(units=3)"


@pytest.mark.parametrize(
    "estimator", [Net(units=3), Named(note="a", optimizer__beta_1=0.8, epochs=2), Passing(hidden_layer_sizes=(2,))]
)
def test_clones_have_the_same_parameters(estimator):
    assert clone(estimator).get_params() == estimator.get_params()
    assert vars(clone(estimator)) == vars(estimator)


def test_a_search_trains_what_it_says(binary_data):
    X, y = binary_data
    search = GridSearchCV(Net(), {"units": [2, 3]}, cv=2, refit=False, return_train_score=True).fit(X, y)
    assert search.cv_results_["mean_fit_time"].shape == (2,)
    for units in (2, 3):
        assert units_of(clone(Net()).set_params(units=units).fit(X, y)) == units


def test_unknown_and_routed_names_are_refused_where_they_would_be_lost():
    with pytest.raises(
        ValueError, match=r"Invalid parameter 'dropout' for estimator Net\. Valid .*'epochs', 'units'\]"
    ):
        Net().set_params(dropout=0.1)
    with pytest.raises(ValueError, match="Invalid parameter 'optimizer__beta_1' for estimator Net"):
        Net().set_params(optimizer__beta_1=0.1)
    assert Named().set_params(optimizer__beta_1=0.1).get_params()["optimizer__beta_1"] == 0.1


def test_what_the_constructor_fixed_is_trained_with_and_checked(binary_data):
    X, y = binary_data
    net = Net(units=3).fit(X, y)
    assert units_of(net) == 3 and net.n_iter_ == 2
    assert pickle.loads(pickle.dumps(net)).predict(X).tolist() == net.predict(X).tolist()


def test_members_of_such_a_class(binary_data):
    class Several(KerasClassifier):
        def __init__(self, units=3):
            super().__init__(hidden_layer_sizes=(units,), epochs=1, n_members=2, random_state=0)
            self.units = units

    fitted = Several().fit(*binary_data)
    assert [units_of(member) for member in fitted.members_] == [3, 3]
    assert fitted.members_[0].random_state != fitted.members_[1].random_state
