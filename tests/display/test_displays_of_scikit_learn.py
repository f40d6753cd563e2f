"""scikit-learn's own displays take our estimators, so there are none of ours for what they draw."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.calibration import CalibrationDisplay
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.metrics import (
    ConfusionMatrixDisplay,
    DetCurveDisplay,
    PrecisionRecallDisplay,
    PredictionErrorDisplay,
    RocCurveDisplay,
    confusion_matrix,
    roc_auc_score,
)
from sklearn.model_selection import (
    LearningCurveDisplay,
    ValidationCurveDisplay,
    cross_val_score,
    learning_curve,
    validation_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def classifier():
    return make_pipeline(
        StandardScaler(), KerasClassifier(hidden_layer_sizes=(8,), learning_rate=0.02, epochs=5, random_state=0)
    )


@pytest.fixture(scope="module")
def fitted(classifier, binary_data):
    return classifier.fit(*binary_data)


def test_decision_boundaries_of_several_classes(multiclass_data):
    X, y = multiclass_data
    X, names = X[:, 2:], np.array(["setosa", "versicolor", "virginica"])
    network = KerasClassifier(hidden_layer_sizes=(8,), learning_rate=0.05, epochs=10, random_state=0).fit(X, names[y])
    regions = DecisionBoundaryDisplay.from_estimator(network, X, grid_resolution=20, response_method="predict")
    assert set(np.unique(regions.response)) == {0, 1, 2}
    setosa = DecisionBoundaryDisplay.from_estimator(
        network, X, grid_resolution=20, response_method="predict_proba", class_of_interest="setosa"
    )
    expected = network.predict_proba(np.column_stack([setosa.xx0.ravel(), setosa.xx1.ravel()]))[:, 0]
    np.testing.assert_allclose(setosa.response.ravel(), expected)


def test_learning_curve(classifier, binary_data):
    options = {"train_sizes": [40, 80], "cv": 2}
    display = LearningCurveDisplay.from_estimator(classifier, *binary_data, **options)
    sizes, _, scores = learning_curve(classifier, *binary_data, **options)
    np.testing.assert_array_equal(display.train_sizes, sizes)
    np.testing.assert_array_equal(display.test_scores, scores)


def test_validation_curve_of_a_parameter_of_the_network(classifier, binary_data):
    options = {"param_name": "kerasclassifier__learning_rate", "param_range": [1e-6, 0.02], "cv": 2}
    display = ValidationCurveDisplay.from_estimator(classifier, *binary_data, **options)
    np.testing.assert_array_equal(display.test_scores, validation_curve(classifier, *binary_data, **options)[1])
    by_hand = cross_val_score(classifier, *binary_data, cv=2)  # its rate is 0.02
    np.testing.assert_array_equal(display.test_scores[1], by_hand)


@pytest.mark.parametrize("display", [RocCurveDisplay, PrecisionRecallDisplay, DetCurveDisplay])
def test_curves_over_thresholds(display, fitted, binary_data):
    drawn = display.from_estimator(fitted, *binary_data)
    assert drawn.ax_.lines


def test_roc_curve_has_the_area_of_the_probabilities(fitted, binary_data):
    X, y = binary_data
    display = RocCurveDisplay.from_estimator(fitted, X, y)
    area = np.squeeze(display.roc_auc)
    assert area == pytest.approx(roc_auc_score(y, fitted.predict_proba(X)[:, 1]))


def test_confusion_matrix(fitted, binary_data):
    X, y = binary_data
    display = ConfusionMatrixDisplay.from_estimator(fitted, X, y)
    np.testing.assert_array_equal(display.confusion_matrix, confusion_matrix(y, fitted.predict(X)))


def test_calibration(fitted, binary_data):
    display = CalibrationDisplay.from_estimator(fitted, *binary_data, n_bins=3)
    np.testing.assert_array_equal(display.y_prob, fitted.predict_proba(binary_data[0])[:, 1])


def test_prediction_error_of_a_regressor(regression_data):
    X, y = regression_data
    network = KerasRegressor(hidden_layer_sizes=(8,), epochs=3, random_state=0).fit(X, y)
    display = PredictionErrorDisplay.from_estimator(network, X, y, subsample=None)
    np.testing.assert_array_equal(display.y_pred, network.predict(X))
