"""Pruners stop hopeless fits of a search, never good ones, and say which, in one process or several."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator, clone
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer
from sklearn.exceptions import FitFailedWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingRandomSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sknn_tune import KerasClassifier
from sknn_tune._compat import scikit_learn
from sknn_tune.model_selection import (
    BayesianSearchCV,
    CoarseToFineSearchCV,
    HistoryRecorder,
    MedianPruner,
    SuccessiveHalvingPruner,
)
from sknn_tune.model_selection.watching._comparison import Curve
from sknn_tune.model_selection.watching._whole_before_stopped import _behind_whole
from sknn_tune.search_space import log_uniform

needs_callbacks = pytest.mark.skipif(not scikit_learn.HAS_CALLBACKS, reason="set_callbacks came with scikit-learn 1.9")
pytestmark = needs_callbacks

if scikit_learn.HAS_CALLBACKS:
    from sklearn.callback import with_callbacks
else:

    def with_callbacks(method):
        return method


EPOCHS = 12
#: Two rates that learn, two that do not: the good ones come first.
RATES = [0.03, 0.02, 1e-7, 1e-8]
GOOD, HOPELESS = [0, 1], [2, 3]
PRUNERS = {
    "median": lambda: MedianPruner(n_startup_fits=2, n_warmup_epochs=3),
    "halving": lambda: SuccessiveHalvingPruner(min_epochs=3, reduction_factor=2),
}


class Halving(scikit_learn.CallbackSupportMixin, BaseEstimator):
    """Not ours, but reports its epochs in the same way: each leaves ``rest`` of the loss."""

    def __init__(self, rest=0.5, epochs=EPOCHS):
        self.rest = rest
        self.epochs = epochs

    @with_callbacks
    def fit(self, X, y):
        context = self._init_callback_context(max_subtasks=self.epochs)
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        self.history_ = {"val_loss": []}
        for epoch in range(self.epochs):
            task = context.subcontext(task_name="epoch").call_on_fit_task_begin(estimator=self)
            self.history_["val_loss"].append(self.rest ** (epoch + 1))
            if task.call_on_fit_task_end(estimator=self):
                break
        context.call_on_fit_task_end(estimator=self)
        return self

    def score(self, X, y):
        return -self.history_["val_loss"][-1]


@pytest.fixture
def network():
    return KerasClassifier(hidden_layer_sizes=(8,), epochs=EPOCHS, validation_split=0.25, random_state=0)


def search_for(network, rates=RATES, **options):
    return GridSearchCV(network, {"learning_rate": rates}, cv=2, **options)


# --- who is stopped ------------------------------------------------------------------------------------


@pytest.mark.parametrize("pruner", PRUNERS.values(), ids=PRUNERS)
def test_hopeless_candidates_are_stopped_and_the_best_runs_to_the_end(pruner, network, binary_data):
    search = search_for(network).set_callbacks(pruner()).fit(*binary_data)
    results = search.cv_results_
    assert results["pruned"][HOPELESS].all()
    assert results["mean_n_epochs"][HOPELESS].max() < EPOCHS / 2
    assert search.best_index_ in GOOD
    assert not results["pruned"][search.best_index_]
    assert results["mean_n_epochs"][search.best_index_] == EPOCHS
    assert search.best_estimator_.n_iter_ == EPOCHS  # the refit is no contestant


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_fits_of_threads_and_processes_are_compared_with_each_other(backend, network, binary_data):
    """With two workers, a fit seldom has more than half of the fits before it in its own."""
    pruner = MedianPruner(n_startup_fits=2, n_warmup_epochs=3)
    search = search_for(network, [*RATES, 1e-9, 1e-10], n_jobs=2).set_callbacks(pruner)
    with parallel_config(backend):
        search.fit(*binary_data)
    results = search.cv_results_
    assert not results["pruned"][GOOD].any()
    assert results["pruned"][[3, 4, 5]].all()
    assert {record.n_epochs for record in pruner.fits_ if not record.is_pruned} == {EPOCHS}
    assert len(pruner.fits_) == 12


def test_candidate_that_is_lost_in_one_fold_stops_after_one_epoch_in_the_next(network, binary_data):
    search = search_for(network).set_callbacks(PRUNERS["median"]()).fit(*binary_data)
    results = search.cv_results_
    np.testing.assert_array_equal(results["split0_n_epochs"], [EPOCHS, EPOCHS, 4, 4])
    np.testing.assert_array_equal(results["split1_n_epochs"], [EPOCHS, EPOCHS, 1, 1])


def test_networks_in_a_pipeline_are_reached(network, binary_data):
    pipeline = make_pipeline(StandardScaler(), network)
    search = GridSearchCV(pipeline, {"kerasclassifier__learning_rate": RATES}, cv=2)
    search.set_callbacks(PRUNERS["median"]()).fit(*binary_data)
    np.testing.assert_array_equal(search.cv_results_["pruned"], [False, False, True, True])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_any_estimator_that_reports_its_epochs_is_stopped(n_jobs, binary_data):
    search = GridSearchCV(Halving(), {"rest": [0.1, 0.2, 0.8, 0.9]}, cv=3, n_jobs=n_jobs)
    results = search.set_callbacks(PRUNERS["median"]()).fit(*binary_data).cv_results_
    assert search.best_params_ == {"rest": 0.1}
    assert results["pruned"][3] and not results["pruned"][0]


def test_keras_engine_is_stopped_as_well(network, binary_data):
    search = search_for(network.set_params(engine="keras", epochs=5, batch_size=-1), [0.1, 1e-8])
    search.set_callbacks(MedianPruner(n_startup_fits=1, n_warmup_epochs=2)).fit(*binary_data)
    np.testing.assert_array_equal(search.cv_results_["split0_n_epochs"], [5, 3])


def test_more_is_better_for_accuracy(network, binary_data):
    pruner = MedianPruner(n_startup_fits=2, n_warmup_epochs=6, monitor="val_accuracy")
    search = search_for(network).set_callbacks(pruner).fit(*binary_data)
    np.testing.assert_array_equal(search.cv_results_["pruned"], [False, False, True, True])


def test_rounds_of_a_halving_search_are_compared_each_for_itself(network, binary_data):
    """Each round trains longer. Rows of ``cv_results_`` follow the rounds."""
    search = HalvingRandomSearchCV(
        network, {"learning_rate": RATES}, resource="epochs", min_resources=4, max_resources=8, factor=2, cv=2
    )
    pruner = MedianPruner(n_startup_fits=1, n_warmup_epochs=1)
    results = search.set_callbacks(pruner).fit(*binary_data).cv_results_
    assert len(pruner.fits_) == 2 * len(results["params"])
    whole = ~results["pruned"]
    np.testing.assert_array_equal(results["mean_n_epochs"][whole], np.asarray(results["n_resources"])[whole])
    assert whole[: search.n_candidates_[0]].any() and whole[search.n_candidates_[0] :].any()


def test_later_batches_of_a_bayesian_search_are_compared_with_the_first(network, binary_data, tmp_path):
    """Two candidates at a time are too few to compare; a search that goes on has only its own fits to go by."""
    options = {"n_candidates_per_batch": 2, "cv": 2, "random_state": 0, "storage": f"sqlite:///{tmp_path}/search.db"}
    space = {"learning_rate": log_uniform(1e-8, 1e-1)}
    search = BayesianSearchCV(network, space, n_iter=8, **options)
    results = search.set_callbacks(PRUNERS["median"]()).fit(*binary_data).cv_results_
    assert results["pruned"].any() and not results["pruned"][:2].any() and not results["pruned"][search.best_index_]
    resumed = BayesianSearchCV(network, space, n_iter=10, **options)
    later = resumed.set_callbacks(PRUNERS["median"]()).fit(*binary_data).cv_results_
    np.testing.assert_array_equal(later["mean_test_score"][:8], results["mean_test_score"])
    np.testing.assert_array_equal(np.isnan(later["mean_n_epochs"]), [True] * 8 + [False] * 2)


def test_second_round_of_coarse_to_fine_is_compared_with_the_first(network, binary_data):
    search = CoarseToFineSearchCV(
        network, {"learning_rate": log_uniform(1e-8, 1e-1)}, n_iter=6, n_rounds=2, cv=2, random_state=0
    )
    results = search.set_callbacks(MedianPruner(n_startup_fits=6, n_warmup_epochs=3)).fit(*binary_data).cv_results_
    assert results["pruned"].any() and set(results["round"][results["pruned"]]) == {1}


@pytest.mark.few(1)
@pytest.mark.parametrize("pruner", PRUNERS.values(), ids=PRUNERS)
def test_random_search_saves_two_fifths_of_the_epochs_and_loses_less_than_a_standard_error(pruner, binary_data):
    network = KerasClassifier(epochs=20, validation_split=0.25, random_state=0)
    space = {"learning_rate": log_uniform(1e-6, 0.1), "hidden_layer_sizes": [(8,), (32,)]}
    options = {"n_iter": 24, "cv": 3, "random_state": 0, "scoring": "neg_log_loss"}
    plain = RandomizedSearchCV(network, space, **options).fit(*binary_data)
    pruned = RandomizedSearchCV(network, space, **options).set_callbacks(pruner()).fit(*binary_data)
    assert pruned.cv_results_["mean_n_epochs"].mean() <= 0.6 * 20
    standard_error = plain.cv_results_["std_test_score"][plain.best_index_] / np.sqrt(2)
    assert pruned.best_score_ >= plain.best_score_ - standard_error


# --- what is compared -----------------------------------------------------------------------------------


@pytest.mark.few(3)
@pytest.mark.parametrize("engine", ["numba", "keras"])
@pytest.mark.parametrize("parameter", ["l1", "l2", "activity_l1"])
def test_nobody_is_stopped_for_its_penalty(parameter, engine, network, binary_data):
    """Here penalties change numbers, but not the networks: all are the same, and none falls behind."""
    network.set_params(learning_rate=1e-12, engine=engine, epochs=4)
    search = GridSearchCV(network, {parameter: [0.0, 0.0, 1e-6, 0.1, 1.0]}, cv=2)
    search.set_callbacks(MedianPruner(n_startup_fits=1, n_warmup_epochs=1)).fit(*binary_data)
    losses = [search.cv_results_["split0_history"][row]["val_loss"][-1] for row in range(5)]
    assert losses[4] > losses[3] + 0.1 > losses[0] + 0.2
    alone = [search.cv_results_["split0_history"][row]["val_loss_without_penalty"] for row in (2, 3, 4)]
    np.testing.assert_allclose(alone, losses[0], rtol=1e-5)
    # Rounding may make one of them worse by its last digit, but not by what a penalty is.
    assert not search.cv_results_["pruned"].all()


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("members", [{}, {"n_members": 2}])
def test_better_networks_are_not_stopped_for_a_higher_penalty(members, n_jobs, network, binary_data):
    network.set_params(**members)
    candidates = [{"learning_rate": [1e-6, 1e-5, 1e-4], "l1": [0.0]}, {"learning_rate": [0.03], "l1": [0.05]}]
    search = GridSearchCV(network, candidates, cv=2, n_jobs=n_jobs)
    search.set_callbacks(MedianPruner(n_startup_fits=1, n_warmup_epochs=1)).fit(*binary_data)
    results = search.cv_results_
    assert search.best_index_ == 3 and not results["pruned"][3]
    # By Keras' number it would have been the worst.
    assert results["split0_history"][3]["val_loss"][1] > results["split0_history"][2]["val_loss"][1]


@pytest.fixture
def issue_example():
    """Breast cancer, of which the best network has a strong penalty; and its rows."""
    X, y = load_breast_cancer(return_X_y=True)
    network = KerasClassifier(epochs=20, validation_split=0.2, learning_rate=0.01, random_state=0)
    search = GridSearchCV(network, {"l2": [1e-6, 1e-5, 1e-4, 1e-3, 1e-2]}, cv=3, scoring="neg_log_loss")
    return search, StandardScaler().fit_transform(X), y


def test_issue_example_is_decided_by_the_loss_without_penalty(issue_example):
    """Of the losses on held-out rows, none that is compared has a penalty in it."""
    search, X, y = issue_example
    search.set_callbacks(HistoryRecorder()).fit(X, y)
    histories = [search.cv_results_["split0_history"][row] for row in range(5)]
    compared = np.array([MedianPruner()._losses(history) for history in histories])
    assert search.best_params_ == {"l2": 0.01}
    # With penalties the best two are behind by 0.07 and more; without, by hundredths, or not at all.
    assert histories[4]["val_loss"][0] > histories[0]["val_loss"][0] + 0.07
    assert np.ptp(compared[:, :3]) < 0.02
    assert compared[3].min() < compared[:3].min()


def test_issue_example_says_that_held_out_rows_do_not_rank_as_the_search_does(issue_example):
    """In one fold the 76 rows that a fit holds out find 0.01 worst, by 0.07 to 0.035, and the 190 of the fold best."""
    search, X, y = issue_example
    search.set_callbacks(MedianPruner(n_startup_fits=3, n_warmup_epochs=2))
    with pytest.warns(UserWarning, match=r"for their 'val_loss' of candidates that score more.*: 4\. They can be"):
        search.fit(X, y)
    assert search.best_params_ == {"l2": 0.01} and search.cv_results_["pruned"][4]
    assert search.best_score_ == pytest.approx(-0.103, abs=0.003)
    longer = search.set_callbacks(MedianPruner()).fit(X, y)  # its defaults: five fits, five epochs
    assert longer.best_params_ == {"l2": 0.01} and longer.best_score_ > -0.1


DIFFERENT_LOSSES = {
    "label_smoothing": [0.0, 0.3, 0.1],
    "class_weight": [None, {0: 9.0, 1: 1.0}, "balanced"],
    "loss": ["auto", "mean_squared_error", "hinge"],
}


@pytest.mark.parametrize("parameter", DIFFERENT_LOSSES)
def test_different_losses_are_not_compared_and_a_warning_says_so(parameter, network, binary_data):
    grid = {parameter: DIFFERENT_LOSSES[parameter]}
    search = GridSearchCV(network, grid, cv=2).set_callbacks(MedianPruner(n_startup_fits=1, n_warmup_epochs=1))
    with pytest.warns(UserWarning, match=f"only where they have the same '{parameter}'") as found:
        search.fit(*binary_data)
    (said,) = [str(warning.message) for warning in found if "only where" in str(warning.message)]
    assert "monitor='val_accuracy'" in said
    assert not search.cv_results_["pruned"].any()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_those_of_one_loss_are_still_compared(n_jobs, network, binary_data):
    grid = {"kerasclassifier__label_smoothing": [0.0, 0.3], "kerasclassifier__learning_rate": RATES}
    search = GridSearchCV(make_pipeline(StandardScaler(), network), grid, cv=2, n_jobs=n_jobs)
    with pytest.warns(UserWarning, match="'label_smoothing'"):
        search.set_callbacks(PRUNERS["median"]()).fit(*binary_data)
    rates = np.array([candidate["kerasclassifier__learning_rate"] for candidate in search.cv_results_["params"]])
    assert not search.cv_results_["pruned"][rates == 0.03].any()
    assert search.cv_results_["pruned"][rates == 1e-8].any()


def test_different_losses_are_compared_by_a_metric(network, binary_data, recwarn):
    grid = {"loss": ["auto", "mean_squared_error"], "learning_rate": RATES}
    pruner = MedianPruner(n_startup_fits=2, n_warmup_epochs=3, monitor="val_mse")
    search = GridSearchCV(network.set_params(metrics=["mse"]), grid, cv=2).set_callbacks(pruner).fit(*binary_data)
    assert not [str(warning.message) for warning in recwarn if "compared" in str(warning.message)]
    assert search.cv_results_["pruned"].any()


def test_fits_read_back_from_memory_are_compared_without_penalties(network, binary_data, tmp_path):
    network.set_params(memory=tmp_path, learning_rate=1e-12)
    grid = {"l2": [0.0, 1.0]}
    GridSearchCV(network, grid, cv=2).fit(*binary_data)
    pruner = MedianPruner(n_startup_fits=1, n_warmup_epochs=1)
    GridSearchCV(network, {"l2": [1.0]}, cv=2).set_callbacks(pruner).fit(*binary_data)
    (record, _) = pruner.fits_
    assert pruner._losses(record.history)[-1] < record.history["val_loss"][-1] - 1


# --- what is not changed ----------------------------------------------------------------------------------


def test_fits_that_are_not_stopped_are_the_same_to_the_last_bit(network, binary_data):
    plain = search_for(network).fit(*binary_data)
    pruned = search_for(network).set_callbacks(PRUNERS["median"]()).fit(*binary_data)
    for fold in range(2):
        scores = [search.cv_results_[f"split{fold}_test_score"][GOOD] for search in (plain, pruned)]
        np.testing.assert_array_equal(*scores)
    assert plain.best_params_ == pruned.best_params_
    X, _ = binary_data
    np.testing.assert_array_equal(plain.predict_proba(X), pruned.predict_proba(X))


def test_stopped_fit_is_not_kept_in_memory_and_one_read_back_counts_as_whole(network, binary_data, tmp_path):
    network.set_params(memory=tmp_path)
    pruned = search_for(network).set_callbacks(PRUNERS["median"]()).fit(*binary_data)
    again = search_for(network).set_callbacks(PRUNERS["median"]()).fit(*binary_data)  # the good ones from memory
    np.testing.assert_array_equal(again.cv_results_["mean_n_epochs"], pruned.cv_results_["mean_n_epochs"])
    recorder = HistoryRecorder()
    search_for(network).set_callbacks(recorder).fit(*binary_data)
    assert {record.n_epochs for record in recorder.fits_} == {EPOCHS}


# --- what is recorded -------------------------------------------------------------------------------------


def test_results_say_which_fits_were_stopped_and_when(network, binary_data):
    pruner = PRUNERS["median"]()
    search = search_for(network).set_callbacks(pruner).fit(*binary_data)
    results = search.cv_results_
    np.testing.assert_array_equal(results["pruned"], [False, False, True, True])
    np.testing.assert_array_equal(results["n_parameters"], search.best_estimator_.n_parameters_)
    assert pruner.pruned_.to_dict("list") == {"candidate": [2, 2, 3, 3], "fold": [0, 1] * 2, "n_epochs": [4, 1] * 2}


def test_fit_that_fails_has_no_number_of_epochs(network, binary_data):
    search = search_for(network, [*RATES, -1.0]).set_callbacks(PRUNERS["median"]())
    with (
        pytest.warns(FitFailedWarning, match="2 fits failed"),
        pytest.warns(UserWarning, match="scores are non-finite"),
    ):
        search.fit(*binary_data)
    results = search.cv_results_
    np.testing.assert_array_equal(np.isnan(results["split1_n_epochs"]), [False] * 4 + [True])
    np.testing.assert_array_equal(results["pruned"], [False, False, True, True, False])


# --- who is chosen ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("refit", [True, False])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_stopped_candidate_is_chosen_only_if_it_scores_best_all_the_same(refit, n_jobs, network, binary_data):
    """A pruner that monitors the opposite of the score."""
    pruner = MedianPruner(n_startup_fits=1, n_warmup_epochs=3, monitor="val_loss", mode="max")
    rates = [1e-8, 1e-7, 0.03, 0.05]
    search = search_for(network, rates, scoring="neg_log_loss", refit=refit, n_jobs=n_jobs).set_callbacks(pruner)
    with pytest.warns(UserWarning, match=r"for their 'val_loss' of candidates that score more, as they are, than the"):
        results = search.fit(*binary_data).cv_results_
    assert results["rank_test_score"].argmin() == search.best_index_ in (2, 3)
    assert results["pruned"][search.best_index_]
    assert search.best_score_ == results["mean_test_score"][search.best_index_]
    assert search.best_params_["learning_rate"] == rates[search.best_index_]
    assert "_select_best_index" not in vars(search)


@pytest.mark.parametrize(
    ("scores", "stopped", "best"),
    [
        ([0.8, 0.9, 0.9], [1], 2),  # of equal ones, the one that ran to its end
        ([0.8, 0.9, 0.7], [1], 1),
        ([0.8, 0.9, np.nan], [0, 1], 1),  # no other has a score
        ([np.nan, 0.9, 0.8], [1], 1),
        ([np.nan, 0.7, 0.8], [0, 1], 2),
    ],
)
def test_of_scores_no_better_a_stopped_candidate_is_not_the_best(scores, stopped, best):
    filled = np.nan_to_num(scores, nan=-1.0)
    ranks = 1 + np.array([np.sum(filled > score) for score in filled])
    seen = _behind_whole({"mean_test_score": np.array(scores), "rank_test_score": ranks, "params": [{}] * 3}, stopped)
    assert np.argmin(seen["rank_test_score"]) == np.nanargmax(seen["mean_test_score"]) == best


def test_function_as_refit_sees_stopped_candidates_behind_those_that_score_as_much(network, binary_data):
    def choose(results):
        seen.append(results["mean_test_neg_log_loss"])
        return int(np.argmax(results["mean_test_neg_log_loss"]))

    seen = []
    search = search_for(network, scoring=["accuracy", "neg_log_loss"], refit=choose)
    results = search.set_callbacks(PRUNERS["median"]()).fit(*binary_data).cv_results_
    np.testing.assert_array_equal(np.isneginf(seen[0]), results["pruned"])
    assert search.best_index_ == np.argmax(results["mean_test_neg_log_loss"])


def test_two_pruners_both_have_their_say(network, binary_data):
    search = search_for(network, [*RATES, 1e-9]).set_callbacks(*(make() for make in PRUNERS.values()))
    results = search.fit(*binary_data).cv_results_
    assert search.best_index_ == 0
    np.testing.assert_array_equal(results["pruned"], results["mean_n_epochs"] < EPOCHS)
    assert results["pruned"][HOPELESS].all()


# --- state ------------------------------------------------------------------------------------------------


def test_second_search_with_the_same_pruner_starts_anew(network, binary_data):
    pruner = PRUNERS["median"]()
    search = search_for(network).set_callbacks(pruner).fit(*binary_data)
    first = pruner.fits_
    twin = clone(search).fit(*binary_data)  # scikit-learn's clone shares callbacks
    assert [vars(record) for record in pruner.fits_] == [vars(record) for record in first]
    np.testing.assert_array_equal(twin.cv_results_["pruned"], search.cv_results_["pruned"])


def test_search_with_its_pruner_can_be_pickled(network, binary_data):
    search = search_for(network).set_callbacks(PRUNERS["median"]())
    search = pickle.loads(pickle.dumps(search)).fit(*binary_data)
    again = pickle.loads(pickle.dumps(search))
    np.testing.assert_array_equal(again.cv_results_["pruned"], [False, False, True, True])
    np.testing.assert_array_equal(again.fit(*binary_data).cv_results_["pruned"], [False, False, True, True])


def test_pruner_recorder_and_progress_bar_work_together(network, binary_data, capsys):
    pytest.importorskip("rich")
    from sklearn.callback import ProgressBar

    search = search_for(network, n_jobs=2).set_callbacks(PRUNERS["median"](), HistoryRecorder(), ProgressBar())
    results = search.fit(*binary_data).cv_results_
    assert [len(history["loss"]) for history in results["split1_history"]] == list(results["split1_n_epochs"])
    assert "100%" in capsys.readouterr().out


# --- the rules on given curves ------------------------------------------------------------------------------


def curve(*best, is_over=True, is_pruned=False):
    return Curve(list(best), is_over, is_pruned)


def test_median_rule():
    rule = MedianPruner(n_startup_fits=3, n_warmup_epochs=1)._falls_behind
    rivals = [curve(5, 1), curve(5, 2), curve(5, 3)]  # 3, 3.5 and 4 on average
    assert rule(curve(9, 3.6), rivals)
    assert not rule(curve(9, 3.5), rivals)  # the median itself is not behind
    assert not rule(curve(3.4, 9), rivals)  # its best counts
    assert not rule(curve(9), rivals)  # warm-up
    assert not rule(curve(9, 9), rivals[:2])  # too few
    assert rule(curve(9, 9), [*rivals[:2], curve(5, 3, is_over=False)])  # still running, but as far
    assert not rule(curve(9, 9), [*rivals[:2], curve(5, is_over=False)])  # not yet as far
    assert rule(curve(9, 3.6, 3.6), rivals)  # they ended before: all their epochs count
    assert rule(curve(9, 3.6), [curve(5, 2, 99)] * 3)  # what comes later does not
    stopped = [curve(5, is_pruned=True)] * 3
    assert not rule(curve(9, 4), rivals + stopped)  # the median is now between 4 and 5


def test_network_that_overfits_is_no_measure_for_one_that_learns_slowly():
    rule = MedianPruner(n_startup_fits=3, n_warmup_epochs=1)._falls_behind
    assert not rule(curve(0.12, 0.1, 0.09, 0.08), [curve(0.1, 0.07, 0.11, 0.14)] * 3)


def test_halving_rule():
    rule = SuccessiveHalvingPruner(min_epochs=2, reduction_factor=2)._falls_behind
    rivals = [curve(9, value, is_over=False) for value in (1, 2, 3)]
    assert not rule(curve(9, 1.5), rivals)  # second of four
    assert rule(curve(9, 2.5), rivals)
    assert not rule(curve(9), rivals) and not rule(curve(9, 9, 9), rivals)  # no milestones
    assert rule(curve(9, 9, 9, 9), [curve(9, 9, 9, 1)])  # the next one
    assert not rule(curve(9, 5), [])  # the first goes on
    assert not rule(curve(9, 5), [curve(1, is_over=False)])  # not there yet
    assert rule(curve(9, 5), [curve(1)])  # ended by itself, and better
    assert not rule(curve(9, 5), [curve(1, is_pruned=True)])  # stopped before


def test_number_that_is_none_is_the_worst():
    best, worse, none = MedianPruner(monitor="val_auc")._losses({"val_auc": [0.9, 0.1, float("nan")]})
    assert best < worse < none


# --- errors ---------------------------------------------------------------------------------------------------


def test_monitor_that_is_not_recorded_is_explained(network, binary_data):
    search = search_for(network.set_params(validation_split=None), error_score="raise").set_callbacks(MedianPruner())
    message = (
        r"The 'monitor' parameter of MedianPruner is 'val_loss', but the epochs of KerasClassifier record only: loss, "
        r"accuracy, learning_rate\. Give the network rows to validate on \(validation_split=0\.1 or"
    )
    with pytest.raises(ValueError, match=message):
        search.fit(*binary_data)


def test_error_in_another_process_reaches_the_search(network, binary_data):
    search = search_for(network.set_params(validation_split=None), n_jobs=2, error_score="raise")
    with pytest.raises(ValueError, match="The 'monitor' parameter of MedianPruner"):
        search.set_callbacks(MedianPruner()).fit(*binary_data)


def test_training_rows_can_be_monitored(network, binary_data):
    pruner = MedianPruner(n_startup_fits=2, n_warmup_epochs=3, monitor="loss")
    search = search_for(network.set_params(validation_split=None)).set_callbacks(pruner).fit(*binary_data)
    np.testing.assert_array_equal(search.cv_results_["pruned"], [False, False, True, True])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MedianPruner(monitor="val_thing"), "Is more or less of 'val_thing' better"),
        (lambda: MedianPruner(n_startup_fits=0), "The 'n_startup_fits' parameter of MedianPruner must be an int"),
        (lambda: MedianPruner(n_warmup_epochs=-1), "The 'n_warmup_epochs' parameter of MedianPruner"),
        (lambda: MedianPruner(mode="best"), "The 'mode' parameter of MedianPruner must be a str among"),
        (lambda: SuccessiveHalvingPruner(min_epochs=0), "The 'min_epochs' parameter of SuccessiveHalvingPruner"),
        (lambda: SuccessiveHalvingPruner(reduction_factor=1), "The 'reduction_factor' parameter of Successive"),
    ],
)
def test_wrong_parameter_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_pruner_belongs_on_the_search(network, binary_data):
    with pytest.raises(TypeError, match=r"MedianPruner watches the fits of a search, but was set on KerasClassifier"):
        network.set_callbacks(MedianPruner()).fit(*binary_data)


def test_search_without_epochs_is_warned_of(binary_data):
    search = RandomizedSearchCV(SVC(), {"C": [1, 2]}, n_iter=2, cv=2).set_callbacks(MedianPruner())
    before = list(warnings.filters)
    with pytest.warns(UserWarning, match="MedianPruner has seen no epochs in this search"):
        search.fit(*binary_data)
    assert warnings.filters == before


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_steps_that_know_no_callbacks_are_no_matter(n_jobs, network, binary_data, recwarn):
    """scikit-learn would warn of them in every fit; warnings are errors here."""
    pipeline = make_pipeline(ColumnTransformer([("all", StandardScaler(), [0, 1, 2, 3, 4, 5])]), network)
    search = GridSearchCV(pipeline, {"kerasclassifier__learning_rate": RATES}, cv=2, n_jobs=n_jobs)
    search.set_callbacks(PRUNERS["median"](), HistoryRecorder()).fit(*binary_data)
    assert search.cv_results_["pruned"].any() and not recwarn.list


def test_pruned_before_a_search_is_an_attribute_error():
    with pytest.raises(AttributeError, match="This MedianPruner has not seen a search to its end yet"):
        MedianPruner().pruned_  # noqa: B018
