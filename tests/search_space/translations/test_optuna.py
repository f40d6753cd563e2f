"""Spaces in Optuna: its distributions, what a study in a database keeps, and what it cannot draw."""

import re
import warnings

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from scipy.stats import kstest, loguniform, norm, randint

from sknn_tune.search_space import (
    int_log_uniform,
    int_uniform,
    log_uniform,
    one_minus_log_uniform,
    topology,
    uniform,
)
from sknn_tune.search_space.translations import stored_params, suggest, suggest_params


@pytest.fixture(autouse=True)
def quiet():
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    yield
    optuna.logging.set_verbosity(before)


def new_study(seed=0, **arguments):
    return optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed), **arguments)


class NotByValue:
    """A choice whose ``repr`` has an address in it."""


ANY_CHOICE = [(32, 16), (64,), "(64,)", 1, True, 1.0, None, np.int64(3), np.tanh, NotByValue(), NotByValue(), [8]]
SPACE = {
    "dropout": uniform(0.0, 0.5),
    "learning_rate": log_uniform(1e-5, 1e-1),
    "momentum": one_minus_log_uniform(0.5, 0.999),
    "patience": int_uniform(3, 9),
    "batch_size": int_log_uniform(16, 256),
    "layers": topology(),
    "constant": topology(shape="constant"),
    "funnel": topology(n_layers=(0, 3), shape="funnel"),
    "activation": ["relu", "tanh", None],
    "scipy": loguniform(1e-3, 1.0),
    "array": np.array([0.5, 1.5]),
}


def _without_address(value) -> str:
    """Test processes compare names."""
    return re.sub(r" object at 0x\w+", "", repr(value))


@pytest.mark.parametrize(
    ("space", "distributions"),
    [
        (uniform(-1, 2), {"x": FloatDistribution(-1, 2)}),
        (log_uniform(1e-4, 1e-1), {"x": FloatDistribution(1e-4, 1e-1, log=True)}),
        (one_minus_log_uniform(0.5, 0.75), {"1 - x": FloatDistribution(0.25, 0.5, log=True)}),
        (int_uniform(-1, 3), {"x": IntDistribution(-1, 3)}),
        (int_log_uniform(16, 256), {"x": IntDistribution(16, 256, log=True)}),
        (
            topology(n_layers=2, units=(8, 64)),
            {
                "x.n_layers": IntDistribution(2, 2),
                "x.units_0": IntDistribution(8, 64, log=True),
                "x.units_1": IntDistribution(8, 64, log=True),
            },
        ),
        (
            topology(n_layers=3, units=(8, 64), shape="constant"),
            {"x.n_layers": IntDistribution(3, 3), "x.units_0": IntDistribution(8, 64, log=True)},
        ),
        (topology(n_layers=0), {"x.n_layers": IntDistribution(0, 0)}),
        (["relu", None, 0.5, 3], {"x": CategoricalDistribution(["relu", None, 0.5, 3])}),
        ([(16,), (16, 8)], {"x": CategoricalDistribution(["(16,)", "(16, 8)"])}),
        ([0, False], {"x": CategoricalDistribution(["0 #0", "False #1"])}),
        ([np.array([1, 2])], {"x": CategoricalDistribution(["array([1, 2])"])}),
        (loguniform(1e-4, 1e-1), {"x": FloatDistribution(1e-4, 1e-1, log=True)}),
        (randint(1, 5), {"x": IntDistribution(1, 4)}),
        *(
            (distribution, {"x": distribution})
            for distribution in (
                FloatDistribution(-1, 2),
                FloatDistribution(1e-4, 1, log=True),
                FloatDistribution(0, 1, step=0.1),
                IntDistribution(-1, 2),
                IntDistribution(1, 100, log=True),
                IntDistribution(0, 100, step=20),
                CategoricalDistribution(["a", None, 1]),
            )
        ),
    ],
    ids=_without_address,
)
def test_each_space_is_these_distributions(space, distributions):
    trial = new_study().ask()
    suggest(trial, "x", space)
    assert trial.distributions == distributions


@pytest.mark.parametrize("name", SPACE)
def test_values_lie_in_the_space(name):
    study, space = new_study(), SPACE[name]
    values = [suggest(study.ask(), name, space) for _ in range(50)]
    if hasattr(space, "narrow"):
        assert all(value in space for value in values)
        assert {type(value) for value in values} == {type(space.rvs(random_state=0))}
    elif hasattr(space, "dist"):
        assert all(1e-3 <= value <= 1.0 for value in values)
    else:
        assert set(values) == set(space)


def test_optuna_draws_as_we_do():
    study = new_study()
    draws = [suggest_params(study.ask(), SPACE) for _ in range(300)]
    assert (
        kstest([np.log10(1 - draw["momentum"]) for draw in draws], "uniform", args=(-3, 3 - np.log10(2))).pvalue > 0.01
    )
    for name, layer in (("layers", 0), ("funnel", 0), ("funnel", -1)):
        theirs = [draw[name][layer] for draw in draws if draw[name]]
        ours = [draw[layer] for draw in SPACE[name].rvs(size=600, random_state=0) if draw]
        assert kstest(theirs, ours).pvalue > 0.01


def test_every_kind_of_choice_comes_back_as_it_is():
    study = new_study()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Optuna warns of choices that a database cannot keep
        values = [suggest(study.ask(), "x", ANY_CHOICE) for _ in range(200)]
    for choice in ANY_CHOICE:
        assert any(value is choice for value in values)


@pytest.mark.parametrize("space", [SPACE, [SPACE], [{"dropout": uniform(0.5, 0.6)}, SPACE]], ids=["one", "list", "two"])
def test_a_trial_that_is_given_stored_params_has_these_params(space):
    study, chosen = new_study(), len(space) - 1 if isinstance(space, list) else 0
    for _ in range(20):
        drawn = suggest_params(new_study(seed=None).ask(), SPACE)
        study.enqueue_trial(stored_params(drawn, chosen, space))
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Optuna warns of values that are not in the distribution
            given = suggest_params(study.ask(), space)
        assert given == {**drawn, "momentum": pytest.approx(drawn["momentum"], rel=1e-15)}


def test_stored_params_may_be_some_of_all():
    study = new_study()
    for index, choice in enumerate(ANY_CHOICE):
        study.enqueue_trial(stored_params({"x": choice}, 0, {"x": ANY_CHOICE, "y": uniform(0.0, 1.0)}))
        assert suggest_params(study.ask(), {"x": ANY_CHOICE, "y": uniform(0.0, 1.0)})["x"] is ANY_CHOICE[index]


def test_labels_are_the_same_in_the_next_process():
    trials = [new_study().ask(), new_study().ask()]
    for trial in trials:  # new objects, so other addresses
        suggest(trial, "x", [NotByValue(), NotByValue(), np.tanh, lambda: 0])
    assert trials[0].distributions == trials[1].distributions
    assert "0x" not in repr(trials[0].distributions)


# A study in a database

CONDITIONAL = [
    {
        "optimizer": ["sgd"],
        "learning_rate": log_uniform(1e-3, 1.0),
        "momentum": SPACE["momentum"],
        "layers": topology(),
    },
    {"optimizer": ["adam", "nadam"], "learning_rate": log_uniform(1e-5, 1e-2), "layers": topology()},
]


@pytest.fixture(params=["sqlite", "journal"])
def storage(request, tmp_path):
    """A function that opens the same storage anew, as the next process would."""
    if request.param == "sqlite":
        return lambda: optuna.storages.RDBStorage(f"sqlite:///{tmp_path / 'study.db'}")
    backend = optuna.storages.journal.JournalFileBackend
    return lambda: optuna.storages.JournalStorage(backend(str(tmp_path / "study.log")))


@pytest.mark.parametrize("space", [SPACE, CONDITIONAL], ids=["dict", "list"])
def test_stored_trials_give_the_same_values_again(space, storage):
    study = new_study(study_name="s", storage=storage())
    drawn = []
    for _ in range(8):
        trial = study.ask()
        drawn.append(suggest_params(trial, space))
        study.tell(trial, 0.0)
    stored = optuna.load_study(study_name="s", storage=storage()).trials
    assert [suggest_params(trial, space) for trial in stored] == drawn


def test_a_study_goes_on_in_the_next_process(storage):
    study = new_study(study_name="s", storage=storage())
    for _ in range(3):
        study.tell(trial := study.ask(), float(len(suggest_params(trial, SPACE))))
    study = optuna.load_study(study_name="s", storage=storage(), sampler=optuna.samplers.TPESampler(seed=0))
    study.tell(trial := study.ask(), float(len(suggest_params(trial, SPACE))))
    assert len(study.trials) == 4


def test_optuna_notices_that_choices_were_reordered(storage):
    study = new_study(study_name="s", storage=storage())
    trial = study.ask()
    value = suggest(trial, "x", [(16,), (32,)])
    study.tell(trial, 0.0)
    with pytest.raises(ValueError, match="dynamic value space"):
        suggest(new_study(study_name="s", storage=storage(), load_if_exists=True).ask(), "x", [(32,), (16,)])
    assert study.trials[0].params["x"] == repr(value)


# Lists of spaces


def test_a_list_of_spaces_gives_parameters_of_one_of_them():
    study = new_study()
    drawn = [suggest_params(study.ask(), CONDITIONAL) for _ in range(40)]
    assert {draw["optimizer"] for draw in drawn} == {"sgd", "adam", "nadam"}
    for draw in drawn:
        space = CONDITIONAL[draw["optimizer"] != "sgd"]
        assert list(draw) == list(space)
        assert draw["learning_rate"] in space["learning_rate"]


def test_a_parameter_is_shared_between_spaces_that_agree_on_it():
    study = new_study()
    names = set()
    for _ in range(20):
        trial = study.ask()
        suggest_params(trial, CONDITIONAL)
        names |= set(trial.params)
    assert {name for name in names if "layers" not in name} == {
        *("which space", "optimizer [0]", "optimizer [1]", "learning_rate [0]", "learning_rate [1]", "1 - momentum"),
    }
    assert {"layers.n_layers", "layers.units_0"} <= names


def test_a_list_of_one_space_is_that_space():
    one, same = new_study().ask(), new_study().ask()
    assert suggest_params(one, [SPACE]) == suggest_params(same, SPACE)
    assert one.params == same.params


# Samplers


@pytest.mark.parametrize("multivariate", [False, True])
@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")  # multivariate is
def test_a_sampler_learns_from_what_the_spaces_show_it(multivariate):
    """The best is momentum near 0.99 in a network of two layers of about 64; TPE finds its neighbourhood."""
    space = {"momentum": one_minus_log_uniform(0.5, 0.9999), "layers": topology(n_layers=(1, 4), shape="funnel")}

    def distance(trial):
        params = suggest_params(trial, space)
        layers = params["layers"]
        return abs(np.log10(1 - params["momentum"]) + 2) + abs(len(layers) - 2) + abs(np.log2(layers[0]) - 6)

    sampler = optuna.samplers.TPESampler(seed=0, multivariate=multivariate, group=multivariate)
    study = optuna.create_study(sampler=sampler)
    study.optimize(distance, n_trials=60)
    values = [trial.value for trial in study.trials]
    assert np.median(values[-20:]) < 0.6 * np.median(values[:10])


# Errors


@pytest.mark.parametrize(
    ("space", "named"),
    [
        (norm(0, 1), "scipy's norm"),
        (loguniform(1, 10, loc=3), "scipy's loguniform"),
        ("relu", "'relu'"),
        (0.5, "0.5"),
        ([], "[]"),
    ],
)
def test_what_optuna_cannot_draw(space, named):
    with pytest.raises(ValueError) as error:
        suggest_params(new_study().ask(), {"network__x": space})
    assert str(error.value) == (
        f"Optuna cannot draw 'network__x' from {named}. Give a list of values with at least one in it, a space of "
        "sknn_tune.search_space, a distribution of Optuna, or scipy's uniform, loguniform (without loc) or randint."
    )
