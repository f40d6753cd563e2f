"""Each rule finds what it is named after on a network made to have it, and nothing on one that has not."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, make_circles, make_classification
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.exceptions import ConvergenceWarning
from sknn_tune.inspection import diagnose
from sknn_tune.inspection.diagnosis import judge
from sknn_tune.inspection.diagnosis.evidence import Evidence, Table
from sknn_tune.inspection.diagnosis.rules import RULES
from sknn_tune.inspection.handed_over import fitted_network

LAYER_RULES = [rule for rule in RULES if rule.__module__.endswith(".rules._layers")]
RULE_NAMES = {rule.__name__ for rule in RULES}


def classifier(**parameters):
    return KerasClassifier(**{"hidden_layer_sizes": (16,), "epochs": 30, "random_state": 0} | parameters)


def regressor(**parameters):
    return KerasRegressor(**{"hidden_layer_sizes": (16,), "epochs": 30, "random_state": 0} | parameters)


def evidence_of(estimator, *rows):
    return Evidence(fitted_network(estimator, "diagnose"), Table(estimator, *rows))


def outside(*arguments):
    """By the rules that need no TensorFlow."""
    return judge([evidence_of(*arguments)], [rule for rule in RULES if rule not in LAYER_RULES])


def inside(*arguments):
    return judge([evidence_of(*arguments)], LAYER_RULES)


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X), y


@pytest.fixture(scope="module")
def circles():
    return make_circles(400, noise=0.05, factor=0.5, random_state=0)


@pytest.fixture(scope="module")
def noise():
    """Half of what decides about the class cannot be seen."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 20))
    return X, (X[:, 0] + rng.normal(size=200) > 0).astype(int)


@pytest.fixture(scope="module")
def rare():
    return make_classification(1000, 10, weights=[0.96], flip_y=0.02, class_sep=0.5, random_state=0)


# A healthy network


@pytest.mark.parametrize(
    ("load", "network"),
    [
        (load_breast_cancer, classifier(early_stopping=True, epochs=100)),
        (load_iris, classifier(early_stopping=True, epochs=200, learning_rate=0.01)),
        (load_diabetes, regressor(early_stopping=True, epochs=100, learning_rate=3e-3)),
    ],
)
def test_healthy_network_has_no_finding_and_every_rule_is_judged(load, network):
    X, y = load(return_X_y=True)
    if isinstance(network, KerasRegressor):
        y = scale(y)
    X, X_val, y, y_val = train_test_split(X, y, random_state=0)
    diagnosis = diagnose(make_pipeline(StandardScaler(), network).fit(X, y), X, y, X_val, y_val)
    assert diagnosis.findings == ()
    assert diagnosis.not_checked == {}
    assert set(diagnosis.checked) == RULE_NAMES


# Bias and variance


def test_underfitting_and_plateau_of_a_linear_model_on_circles(circles):
    found = outside(classifier(hidden_layer_sizes=(), learning_rate=0.01).fit(*circles), *circles)
    assert {"underfitting", "plateau"} <= set(found.names)
    assert found["underfitting"].evidence["train_score"] < 0.7 < found["underfitting"].evidence["reference_score"]
    assert "hidden_layer_sizes" in found["underfitting"].turn


def test_no_underfitting_nor_plateau_with_enough_units(circles):
    found = outside(classifier(learning_rate=0.03).fit(*circles), *circles)
    assert not {"underfitting", "plateau"} & set(found.names)
    assert {"underfitting", "plateau"} <= set(found.checked)


def test_underfitting_goes_by_balanced_accuracy_if_classes_count_alike(rare):
    found = outside(classifier(class_weight="balanced").fit(*rare), *rare)
    assert "underfitting" not in found


def test_overfitting_by_validation_rows(noise):
    X, X_val, y, y_val = train_test_split(*noise, random_state=0)
    found = outside(classifier(hidden_layer_sizes=(64,), learning_rate=0.01).fit(X, y), X, y, X_val, y_val)
    evidence = found["overfitting"].evidence
    assert evidence["train_score"] - evidence["validation_score"] > 2 * evidence["standard_error"]


def test_overfitting_by_a_validation_loss_that_rises_again(noise):
    network = classifier(hidden_layer_sizes=(64,), learning_rate=0.01, validation_split=0.3).fit(*noise)
    evidence = outside(network, *noise)["overfitting"].evidence
    assert evidence["best_epoch"] == 1 + np.argmin(network.history_["val_loss"])
    assert evidence["given_back"] > 0.1


def test_overfitting_by_the_loss_at_the_best_epoch(noise):
    network = classifier(hidden_layer_sizes=(64,), learning_rate=0.1, early_stopping=True, patience=3)
    network.fit(*noise)
    best = network.best_epoch_
    shift = network.history_["loss"][best] + 0.5 - network.history_["val_loss"][best]
    network.history_["val_loss"] = [loss + shift for loss in network.history_["val_loss"]]
    finding = outside(network, *noise)["overfitting"]
    assert finding.evidence["explained"] - finding.evidence["validation_explained"] == pytest.approx(
        0.5 / 0.69, abs=0.05
    )
    assert "early_stopping" not in finding.turn


def test_overfitting_is_not_judged_without_rows_that_were_not_trained_on(cancer):
    diagnosis = outside(classifier(epochs=3).fit(*cancer), *cancer)
    assert "give X_val and y_val, or fit with early_stopping=True" in diagnosis.not_checked["overfitting"]


def test_a_network_that_has_learnt_nothing_has_not_learnt_too_well():
    X, y = load_diabetes(return_X_y=True)
    network = regressor(epochs=3).fit(scale(X)[:300], y[:300])
    assert "overfitting" not in outside(network, scale(X)[:300], y[:300], scale(X)[300:], y[300:])


@pytest.mark.parametrize("parameters", [{"l2": 0.1}, {"l1": 0.05}])
def test_penalty_too_strong(circles, parameters):
    network = classifier(learning_rate=0.01, **parameters).fit(*circles)
    found = outside(network, *circles)
    [name] = parameters
    assert found.names[0] == "penalty_too_strong"
    assert found["penalty_too_strong"].turn == {name: "lower, to a tenth"}
    assert next(iter(found["underfitting"].turn)) == name
    assert not {"plateau", "rate_too_large"} & set(found.names)
    kernels = network.model_.get_weights()[::2]
    penalty = sum(np.abs(kernel) ** {"l1": 1, "l2": 2}[name] for kernel in map(np.ravel, kernels[:1])).sum()
    penalty += (np.abs(kernels[1]) ** {"l1": 1, "l2": 2}[name]).sum()
    expected = parameters[name] * penalty / np.log(2)
    assert found["penalty_too_strong"].evidence["penalty"] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    "parameters",
    [
        {"l2": 1e-3},
        {"l1": 1e-3},
        {"l2": 1e-3, "learning_rate": 1e-5},  # has not yet learnt, for another reason
        {"l2": 1e-6, "hidden_layer_sizes": ()},
    ],
)
def test_no_penalty_too_strong(circles, parameters):
    found = outside(classifier(**{"learning_rate": 0.03} | parameters).fit(*circles), *circles)
    assert "penalty_too_strong" in found.checked
    assert "penalty_too_strong" not in found


# The learning rate and the length of the training


def test_divergence_leaves_what_can_be_judged_without_predictions(cancer):
    network = classifier(optimizer="sgd", learning_rate=1e6)
    with pytest.warns(ConvergenceWarning):
        network.fit(*cancer)
    diagnosis = diagnose(network, *cancer)
    assert diagnosis.names == ("divergence",)
    assert diagnosis["divergence"].turn["learning_rate"] == "lower, to a tenth"
    assert {"unscaled_inputs", "batch_too_large"} <= set(diagnosis.checked)
    assert "diverged" in diagnosis.not_checked["dead_units"]


def test_divergence_of_a_loss_that_grows_but_stays_finite():
    X, y = load_diabetes(return_X_y=True)
    network = regressor(hidden_layer_sizes=(), optimizer="sgd", learning_rate=0.3, epochs=8).fit(scale(X), scale(y))
    finding = outside(network, scale(X), scale(y))["divergence"]
    assert np.isfinite(network.history_["loss"]).all()
    assert finding.evidence["epoch"] == 8
    assert "had grown to" in finding.sentence


def test_unscaled_inputs_are_found_in_a_network_that_diverged():
    X, y = load_diabetes(return_X_y=True, scaled=False)
    network = regressor(optimizer="sgd", learning_rate=1.0)
    with pytest.warns(ConvergenceWarning):
        network.fit(X, y)
    assert outside(network, X, y).names == ("divergence", "unscaled_inputs")


@pytest.mark.parametrize(
    "parameters",
    [
        {"learning_rate": 3.0},
        {"optimizer": "rmsprop", "learning_rate": 3.0},
        {"learning_rate": 30.0, "activation": "tanh"},
    ],
)
def test_rate_too_large(cancer, parameters):
    found = outside(classifier(**parameters).fit(*cancer), *cancer)
    assert "rate_too_large" in found
    assert next(iter(found["rate_too_large"].turn)) == "learning_rate"


@pytest.mark.parametrize("learning_rate", [1e-3, 1e-2])
def test_no_rate_too_large_where_the_loss_settles(cancer, learning_rate):
    found = outside(classifier(learning_rate=learning_rate).fit(*cancer), *cancer)
    assert not {"rate_too_large", "rate_too_small", "divergence"} & set(found.names)


def test_noise_of_dropout_is_not_taken_for_a_rate_that_is_too_large(cancer):
    X, y = cancer[0][:60], cancer[1][:60]
    noisy = classifier(dropout=0.5, learning_rate=3e-3)
    diagnosis = outside(noisy.fit(X, y), X, y)
    assert "rate_too_large" not in diagnosis
    assert "Needs a validation loss: dropout, batch normalisation" in diagnosis.not_checked["rate_too_large"]
    diagnosis = outside(noisy.set_params(validation_split=0.3).fit(X, y), X, y)
    assert "rate_too_large" in diagnosis.checked
    assert "rate_too_large" not in diagnosis


def test_rate_too_large_with_dropout_shows_in_the_validation_loss(cancer):
    network = classifier(dropout=0.1, learning_rate=3.0, validation_split=0.3)
    assert "rate_too_large" in outside(network.fit(*cancer), *cancer)


def test_rate_too_large_shows_in_both_losses(cancer):
    network = classifier(epochs=20, validation_split=0.2).fit(*cancer)

    def found_with(training, validation):
        wave = (-1) ** np.arange(20)
        network.history_["loss"] = list(0.3 - 0.001 * np.arange(20) + training * wave)
        network.history_["val_loss"] = list(0.4 + validation * wave)
        return "rate_too_large" in outside(network, *cancer)

    assert found_with(training=0.012, validation=0.05)
    assert not found_with(training=0.012, validation=0.01)  # the training loss alone: by less than a tenth of itself
    assert not found_with(training=0.001, validation=0.05)  # the validation loss alone: by few rows, perhaps


def test_a_loss_that_trembles_is_not_called_jumping(cancer):
    network = classifier(epochs=20).fit(*cancer)
    network.history_["loss"] = list(0.7 + 0.001 * (-1) ** np.arange(20))
    assert "rate_too_large" not in outside(network, *cancer)


@pytest.mark.parametrize("parameters", [{"learning_rate": 1e-5}, {"learning_rate": 1e-7}, {"optimizer": "sgd"}])
def test_rate_too_small(cancer, parameters):
    found = outside(classifier(**{"learning_rate": 1e-6} | parameters).fit(*cancer), *cancer)
    assert "rate_too_small" in found
    assert not {"stopped_too_early", "plateau"} & set(found.names)
    assert found["rate_too_small"].turn["learning_rate"].startswith("raise")


def test_stopped_too_early(cancer):
    found = outside(classifier(epochs=4).fit(*cancer), *cancer)
    assert "stopped_too_early" in found
    assert "epochs" in found["stopped_too_early"].turn
    assert "stopped_too_early" not in outside(classifier(epochs=60).fit(*cancer), *cancer)


def test_stopped_too_early_by_impatience(noise):
    network = classifier(early_stopping=True, patience=0, learning_rate=1e-3, epochs=50).fit(*noise)
    network.history_["val_loss"] = list(np.linspace(0.9, 0.6, network.n_iter_))
    assert network.n_iter_ < 50
    assert "patience" in outside(network, *noise)["stopped_too_early"].turn


def test_rules_about_the_curve_say_how_many_epochs_they_need(cancer):
    diagnosis = outside(classifier(epochs=2).fit(*cancer), *cancer)
    assert diagnosis.not_checked["stopped_too_early"] == "Needs at least 3 epochs, but there were 2."
    assert diagnosis.not_checked["rate_too_large"] == "Needs at least 6 epochs, but there were 2."
    assert diagnosis.not_checked["plateau"] == "Needs at least 10 epochs, but there were 2."


# The rows of an update


def test_batch_too_small(cancer):
    found = outside(classifier(batch_size=1, learning_rate=0.03, epochs=20).fit(*cancer), *cancer)
    assert "batch_too_small" in found
    assert "rate_too_large" not in found
    calm = outside(classifier(batch_size=1, learning_rate=1e-3, epochs=20).fit(*cancer), *cancer)
    assert "batch_too_small" not in calm


def test_batch_too_large(cancer):
    found = outside(classifier(batch_size=-1).fit(*cancer), *cancer)
    assert found["batch_too_large"].evidence["batch_size"] == len(cancer[0])
    assert found["batch_too_large"].evidence["n_updates"] == 30
    full = outside(classifier(batch_size=-1, learning_rate=0.1, epochs=200).fit(*cancer), *cancer)
    assert "batch_too_large" not in full
    small = outside(classifier(batch_size=32, epochs=4).fit(*cancer), *cancer)
    assert "batch_too_large" not in small


# Inside


def _with_weights(network, change):
    model = network.model_
    weights = model.get_weights()
    change(weights)
    model.set_weights(weights)
    return network


def test_dead_units(cancer):
    def kill(n_units):
        def change(weights):
            weights[1][:n_units] = -1e6

        return inside(_with_weights(classifier(epochs=3).fit(*cancer), change), *cancer)

    assert kill(8)["dead_units"].evidence == {"dead_hidden_0": 0.5}
    assert kill(8)["dead_units"].severity == "problem"
    assert kill(4)["dead_units"].severity == "advice"
    assert "dead_units" not in kill(2)


@pytest.mark.parametrize("penalty", ["l1", "l2", "activity_l1"])
def test_units_that_a_penalty_has_silenced_are_no_problem(cancer, penalty):
    def silence(weights):
        weights[0][:, :8] *= 0.001
        weights[1][:8] = -1

    network = classifier(epochs=3, **{penalty: 1e-5}).fit(*cancer)
    finding = inside(_with_weights(network, silence), *cancer)["dead_units"]
    assert finding.severity == "advice"
    assert f"{penalty} may well have silenced" in finding.sentence
    assert list(finding.turn) == ["hidden_layer_sizes", penalty, "learning_rate"]


def test_units_with_weights_were_not_silenced_by_a_penalty(cancer):
    def kill(weights):
        weights[1][:8] = -1e6

    finding = inside(_with_weights(classifier(epochs=3, l2=1e-5).fit(*cancer), kill), *cancer)["dead_units"]
    assert finding.severity == "problem"
    assert next(iter(finding.turn)) == "learning_rate"


def test_saturated_units(cancer):
    def scaled_by(factor):
        def change(weights):
            weights[0] *= factor

        return inside(_with_weights(classifier(activation="tanh", epochs=3).fit(*cancer), change), *cancer)

    assert scaled_by(1000.0)["saturated_units"].evidence["saturated_hidden_0"] > 0.9
    assert "saturated_units" not in scaled_by(1.0)


def test_vanishing_gradients(cancer):
    def with_layers(n_layers, activation):
        network = classifier(hidden_layer_sizes=(8,) * n_layers, activation=activation, epochs=2)
        return inside(network.fit(*cancer), *cancer)

    found = with_layers(10, "sigmoid")["vanishing_gradients"]
    assert found.evidence["relative_gradient_hidden_0"] < 1e-3
    assert found.turn["activation"] == "relu"
    assert "kernel_initializer" not in found.turn  # it is "auto" already
    assert "vanishing_gradients" not in with_layers(10, "relu")
    assert "vanishing_gradients" not in with_layers(2, "sigmoid")


def test_exploding_gradients(cancer):
    network = classifier(hidden_layer_sizes=(8, 8), optimizer="sgd", epochs=2).fit(*cancer)
    assert "exploding_gradients" not in inside(network, *cancer)

    def change(weights):
        weights[0] *= 1e-5
        weights[1] *= 0
        weights[2] *= 1e5

    found = inside(_with_weights(network, change), *cancer)["exploding_gradients"]
    assert found.evidence["relative_gradient_hidden_0"] > 1e3
    assert found.turn["clipnorm"] == "1.0"


# The table


@pytest.mark.parametrize(
    "change",
    [
        lambda X: 100 * X,
        lambda X: X + 50,
        lambda X: X / 1000,
        lambda X: np.hstack([X / 50, 5 * X[:, :1]]),
    ],
    ids=["large", "far", "small", "mixed"],
)
def test_unscaled_inputs(cancer, change):
    X = change(cancer[0])
    finding = outside(classifier(epochs=2).fit(X, cancer[1]), X, cancer[1])["unscaled_inputs"]
    assert "StandardScaler" in finding.turn


def test_scaled_sparse_and_nearly_constant_inputs_are_not_unscaled(cancer):
    from scipy import sparse

    X = np.hstack([cancer[0], np.ones((len(cancer[0]), 1)), np.zeros((len(cancer[0]), 1))])
    X[0, -1] = 0.01
    for table in (X, sparse.csr_matrix(X)):
        assert "unscaled_inputs" not in outside(classifier(epochs=2).fit(table, cancer[1]), table, cancer[1])


def test_inputs_are_judged_as_the_network_gets_them(cancer):
    X = 1000 * cancer[0] + 3
    pipeline = make_pipeline(StandardScaler(), classifier(epochs=2)).fit(X, cancer[1])
    assert "unscaled_inputs" not in outside(pipeline, X, cancer[1])


def test_inputs_of_layers_that_scale_are_not_judged(cancer):
    network = classifier(feature_layers=[("Rescaling", {"scale": 0.01})], epochs=1).fit(100 * cancer[0], cancer[1])
    diagnosis = outside(network, 100 * cancer[0], cancer[1])
    assert "may scale the inputs by themselves" in diagnosis.not_checked["unscaled_inputs"]


def test_unscaled_target():
    X, y = load_diabetes(return_X_y=True)
    X = scale(X)
    finding = outside(regressor().fit(X, y), X, y)["unscaled_target"]
    assert finding.evidence["mean"] == pytest.approx(y.mean())
    assert "unscaled_target" not in outside(regressor().fit(X, scale(y)), X, scale(y))
    assert "unscaled_target" not in outside(regressor(learning_rate=0.03, epochs=60).fit(X, y), X, y)


def test_class_imbalance_ignored(rare):
    finding = outside(classifier().fit(*rare), *rare)["class_imbalance_ignored"]
    assert finding.evidence["recall"] < 0.5
    assert finding.evidence["ratio"] < 0.2
    assert finding.turn == {"class_weight": "'balanced'"}
    assert "class_imbalance_ignored" not in outside(classifier(class_weight="balanced").fit(*rare), *rare)


def test_imbalance_of_classes_that_are_told_apart_all_the_same_is_no_finding():
    X = np.vstack([np.full((100, 2), -1.0), np.full((10, 2), 1.0)])
    y = np.repeat(["often", "seldom"], [100, 10])
    assert "class_imbalance_ignored" not in outside(classifier(learning_rate=0.1).fit(X, y), X, y)


# Targets of all kinds, and what cannot be diagnosed


@pytest.mark.parametrize("kind", ["multilabel", "outputs", "labels"])
def test_targets_of_all_kinds(cancer, kind):
    X, y = cancer
    target = {
        "multilabel": np.column_stack([y, 1 - y, X[:, 0] > 0]).astype(int),
        "outputs": np.column_stack([X[:, 0], X[:, 1] - X[:, 2]]),
        "labels": np.array(["malignant", "benign"], dtype=object)[y],
    }[kind]
    network = (regressor if kind == "outputs" else classifier)(epochs=60, learning_rate=3e-3)
    diagnosis = diagnose(network.fit(X[:400], target[:400]), X[:400], target[:400], X[400:], target[400:])
    assert diagnosis.not_checked == {}
    assert not {"underfitting", "divergence", "rate_too_small", "rate_too_large"} & set(diagnosis.names)


def test_few_rows_cannot_tell_what_can_be_learnt(cancer):
    X, y = cancer[0][:20], cancer[1][:20]
    diagnosis = outside(classifier().fit(X, y), X, y)
    assert diagnosis.not_checked["underfitting"] == "Needs at least 30 rows, but there are 20."


def test_large_tables_are_sampled():
    X, y = make_classification(3000, 5, random_state=0)
    diagnosis = diagnose(classifier(learning_rate=0.01, epochs=10).fit(X, y), X, y)
    assert {"dead_units", "underfitting", "vanishing_gradients"} <= set(diagnosis.checked)


def test_diagnosis_does_not_change_the_estimator(cancer):
    network = classifier(epochs=3).fit(*cancer)
    before, state = network.predict_proba(cancer[0]), {name: vars(network)[name] for name in network.get_params()}
    diagnose(network, *cancer)
    np.testing.assert_array_equal(network.predict_proba(cancer[0]), before)
    assert {name: vars(network)[name] for name in state} == state


def test_other_and_unfitted_estimators_are_refused(cancer):
    with pytest.raises(TypeError, match="diagnose looks into a fitted KerasClassifier or KerasRegressor"):
        diagnose(LogisticRegression().fit(*cancer), *cancer)
    with pytest.raises(NotFittedError, match="diagnose needs a trained network"):
        diagnose(classifier(), *cancer)


@pytest.mark.parametrize("given", ["X_val", "y_val"])
def test_half_of_the_validation_rows_is_refused(cancer, given):
    with pytest.raises(ValueError, match=f"{given} was given without [Xy]_val. Give both, or neither."):
        diagnose(classifier(), *cancer, **{given: cancer[0]})


def test_a_score_of_few_or_equal_validation_rows_is_no_evidence(noise):
    X, y = noise
    network = classifier(hidden_layer_sizes=(64,), learning_rate=0.01).fit(X[:100], y[:100])
    wrong = np.flatnonzero(network.predict(X) != y)
    few = outside(network, X[:100], y[:100], X[wrong[:1]], y[wrong[:1]])
    assert few.not_checked["overfitting"] == "Needs at least 10 rows in X_val, but there are 1."
    numbers = regressor().fit(X, X[:, 0])
    equal = outside(numbers, X, X[:, 0], X[:20], np.ones(20))
    assert equal.not_checked["overfitting"] == "y_val does not vary, and R² is a share of its variance."


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        (lambda X, y: (X, y[:-1]), r"inconsistent numbers of samples: \[100, 99\]"),
        (lambda X, y: (X[:, :3], y), "X has 3 features, but KerasClassifier is expecting 20"),
        (lambda X, y: (X, y.astype(str)), r"labels that are not among the classes: \['0', '1'\]"),
    ],
)
def test_validation_rows_are_checked_even_if_no_rule_needs_them(noise, validation, message):
    X, y = noise
    network = classifier(epochs=1, learning_rate=1e-7).fit(X, y)
    with pytest.raises(ValueError, match=message):
        diagnose(network, X, y, *validation(X[:100], y[:100]))


def test_a_column_of_labels_is_one_output(rare):
    X, y = rare
    network = classifier(epochs=3).fit(X, y)
    assert repr(outside(network, X, y[:, None])) == repr(outside(network, X, y))


def test_labels_that_all_rows_have_and_sparse_labels(cancer):
    X, y = cancer
    labels = np.column_stack([y, X[:, 0] > 0, np.zeros(len(y))]).astype(int)
    network = classifier(epochs=40).fit(X, labels)
    evidence, of_two = evidence_of(network, X, labels), classifier(epochs=1).fit(X, labels[:, :2])
    assert evidence.reference_score == evidence_of(of_two, X, labels[:, :2]).reference_score > 0.8
    assert evidence_of(network, X[:50], np.ones((50, 3), dtype=int)).reference_score == 1.0
    assert repr(outside(network, X, sparse.csr_matrix(labels))) == repr(outside(network, X, labels))


def test_a_class_that_is_not_among_the_validation_rows_is_not_warned_of():
    X, y = load_iris(return_X_y=True)
    network = classifier(class_weight="balanced", learning_rate=0.01).fit(X, y)
    evidence = evidence_of(network, X, y)
    assert evidence.train_score == pytest.approx(balanced_accuracy_score(y, network.predict(X)))
    assert evidence_of(network, X, y, X, np.full(150, 2)).validation_score < 0.5  # predicts 0 and 1, too


def test_rows_that_cannot_be_looked_at_are_refused_in_a_sentence(cancer):
    tf = pytest.importorskip("tensorflow")
    X, y = cancer
    network = classifier(epochs=1).fit(X, y)
    with pytest.raises(TypeError, match=r"X is a tf\.data\.Dataset.*give some of its rows as an array"):
        diagnose(network, tf.data.Dataset.from_tensor_slices((X, y)).batch(8), None)
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        diagnose(network, X, None)
