"""Values that cannot be meant: an error that says which, or a warning where something sensible can follow."""

import datetime
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from sknn_tune import KerasClassifier, KerasRegressor, TabularClassifier, TabularRegressor

QUICK = {"hidden_layer_sizes": (4,), "epochs": 2, "random_state": 0, "engine": "numba"}
TABLE = {**QUICK, "n_members": 2, "share_weights": False, "encoding": "smooth"}
NAN, INF = float("nan"), float("inf")


@pytest.fixture
def three(multiclass_data):
    return tuple(array[:60] for array in multiclass_data)


@pytest.fixture
def rows(regression_data):
    return tuple(array[:60] for array in regression_data)


def but(array, value, row=3):
    changed = np.array(array, dtype=float)
    changed[row] = value
    return changed


# --- weights of classes ----------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [-1, NAN, INF, "2", None, [1], 1j], ids=repr)
@pytest.mark.parametrize("estimator", [KerasClassifier(**QUICK), TabularClassifier(**TABLE)], ids=["plain", "table"])
def test_a_weight_of_a_class_that_is_none_is_named(three, estimator, weight):
    message = "gives class 1 the weight .*, but a weight is a finite number, not below zero"
    with pytest.raises(ValueError, match=f"The 'class_weight' parameter of {type(estimator).__name__} {message}"):
        estimator.set_params(class_weight={0: 1, 1: weight, 2: 1}).fit(*three)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({0: 0, 1: 0, 2: 0}, "leaves no class of y with a weight, so there is nothing to learn"),
        ({0: 0, 1: 1, 2: 0}, "leaves one class only of y with a weight"),
        ({0: 1, 5: 2}, r"has weights for 5, but the classes of y are \[0, 1, 2\]. Give the labels as they are in y"),
        ({"0": 2.0}, "has weights for '0', but the classes of y are"),
    ],
    ids=["zeros", "one left", "unknown", "text"],
)
def test_weights_of_classes_that_say_nothing_are_refused(three, weights, message):
    with pytest.raises(ValueError, match=message):
        KerasClassifier(class_weight=weights, **QUICK).fit(*three)


@pytest.mark.parametrize("weights", [{0: 1e39, 1: 1, 2: 1}, {0: 1e300, 1: 1, 2: 1}], ids=["1e39", "1e300"])
def test_weights_beyond_the_precision_are_refused(three, weights):
    with pytest.raises(ValueError, match=r"beyond what dtype='float32' holds .* only their ratios count"):
        KerasClassifier(class_weight=weights, **QUICK).fit(*three)


def test_weights_of_rows_and_classes_that_leave_nothing_together_are_refused(three):
    X, y = three
    with pytest.raises(ValueError, match="leave each of 60 rows with the weight zero"):
        KerasClassifier(class_weight={0: 1e-320, 1: 1e-320, 2: 1e-320}, **QUICK).fit(X, y)


def test_numbers_of_any_kind_are_weights_of_classes(three):
    def loss(weights):
        return KerasClassifier(class_weight=weights, **QUICK).fit(*three).history_["loss"]

    expected = loss({0: 2.0})
    for two in (2, np.float32(2), np.int8(2), Decimal(2), Fraction(2), np.array(2.0)):
        assert loss({np.int64(0): two}) == expected
    assert loss({0: 2.0, 1: 1, 2: 1, 7: 5}) == expected  # a class that this fold lacks


def test_several_labels_have_no_weights_by_class(three):
    X, y = three
    with pytest.raises(ValueError, match=r"a row of this y has no single label. Use 'balanced', or"):
        KerasClassifier(class_weight={0: 1, 1: 2}, **QUICK).fit(X, 1 - np.eye(3, dtype=int)[y])


# --- weights of rows -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (-1.0, "Negative values in data passed to `sample_weight`: row 3 has -1.0"),
        (NAN, r"Input sample_weight(_val)? contains NaN \(1 row\)\. The first is in row 3"),
        (INF, r"Input sample_weight(_val)? contains infinity .* The first is inf in row 3"),
        (1e39, "Input sample_weight contains infinity or a value too large .*: row 3 has 1e"),
    ],
    ids=repr,
)
def test_the_row_of_a_weight_that_is_none_is_named(rows, value, message):
    weight = but(np.ones(60), value)
    for fit in (
        lambda network: network.fit(*rows, sample_weight=weight),
        lambda network: network.partial_fit(*rows, sample_weight=weight),
        lambda network: network.fit(*rows, X_val=rows[0], y_val=rows[1], sample_weight_val=weight),
    ):
        with pytest.raises(ValueError, match=message):
            fit(KerasRegressor(**QUICK))


def test_dates_and_masked_values_are_no_weights(rows):
    with pytest.raises(ValueError, match="sample_weight must hold numbers, but holds dates"):
        KerasRegressor(**QUICK).fit(*rows, sample_weight=pd.date_range("2020", periods=60))
    with pytest.raises(ValueError, match="Input sample_weight contains NaN"):
        KerasRegressor(**QUICK).fit(*rows, sample_weight=np.ma.masked_array(np.ones(60), mask=np.arange(60) == 3))


@pytest.mark.parametrize("scale", [2.0**124, 2.0**127, 2.0**-120])
def test_weights_whose_sum_overflows_are_those_of_their_ratios(rows, scale):
    expected = KerasRegressor(**QUICK).fit(*rows).history_["loss"]
    assert KerasRegressor(**QUICK).fit(*rows, sample_weight=np.full(60, scale)).history_["loss"] == expected


def test_weights_in_a_stream_are_looked_at(rows):
    tf = pytest.importorskip("tensorflow")
    stream = tf.data.Dataset.from_tensor_slices((*rows, but(np.ones(60), -1))).batch(20)
    with pytest.raises(ValueError, match=r"Negative values in data passed to `sample_weight`: row 3 has -1\.0"):
        KerasRegressor(epochs=1).fit(stream)


# --- targets of a regressor ------------------------------------------------------------------------

DAYS = np.datetime64("2020-01-01") + np.arange(60)
DATES = {
    "datetime64": DAYS,
    "datetime64[ns]": DAYS.astype("M8[ns]"),
    "series": pd.Series(DAYS),
    "time zone": pd.Series(pd.date_range("2020", periods=60, tz="UTC")),
    "periods": pd.Series(pd.period_range("2020", periods=60)),
    "dates": [datetime.date(2020, 1, 1)] * 60,
    "timestamps": np.array([pd.Timestamp("2020")] * 60, dtype=object),
    "a column": pd.DataFrame({"a": np.arange(60.0), "b": pd.date_range("2020", periods=60)}),
}
DURATIONS = {
    "timedelta64": np.arange(60).astype("m8[s]"),
    "series": pd.Series(pd.to_timedelta(np.arange(60), unit="s")),
    "objects": [datetime.timedelta(days=1)] * 60,
}


@pytest.mark.parametrize("y", DATES.values(), ids=DATES)
def test_dates_are_no_numbers(rows, y):
    message = r"y must hold numbers, but holds (dates|periods).*The first is .*2020(-01-01|, 1, 1).* in row 0"
    with pytest.raises(TypeError, match=message):
        KerasRegressor(**QUICK).fit(rows[0], y)


@pytest.mark.parametrize("y", DURATIONS.values(), ids=DURATIONS)
def test_durations_are_no_numbers(rows, y):
    with pytest.raises(TypeError, match=r"y must hold numbers, but holds durations .* Say in which unit"):
        KerasRegressor(**QUICK).fit(rows[0], y)


def test_dates_are_refused_wherever_targets_are_given(rows):
    X, y = rows
    for fit in (
        lambda: KerasRegressor(**QUICK).partial_fit(X, DAYS),
        lambda: KerasRegressor(**QUICK).fit(X, y, X_val=X, y_val=DAYS),
        lambda: KerasRegressor(**QUICK, n_members=2).fit(X, DAYS),
        lambda: TabularRegressor(**TABLE).fit(X, DAYS),
    ):
        with pytest.raises(TypeError, match="y must hold numbers, but holds dates"):
            fit()


@pytest.mark.parametrize(
    "y",
    [np.r_[np.arange(3.0), [None], np.arange(56.0)].astype(object), but(np.ones(60), NAN), but(np.ones(60), INF)],
    ids=["None", "NaN", "infinity"],
)
def test_targets_that_are_not_finite_are_refused(rows, y):
    with pytest.raises(ValueError, match="Input y contains"):
        KerasRegressor(**QUICK).fit(rows[0], y)


def test_masked_targets_are_refused(rows):
    y = np.ma.masked_array(rows[1], mask=np.arange(60) == 3)
    with pytest.raises(ValueError, match="Input y contains NaN"):
        KerasRegressor(**QUICK).fit(rows[0], y)


@pytest.mark.parametrize("value", [1e39, -1e300])
@pytest.mark.parametrize("engine", ["numba", "keras"])
def test_a_target_beyond_the_precision_is_refused(rows, value, engine):
    X, y = rows
    message = r"y has -?1e\+\d+ in row 3, beyond what dtype='float32' holds .* or use dtype='float64'"
    with pytest.raises(ValueError, match=message):
        KerasRegressor(**{**QUICK, "engine": engine}).fit(X, but(y, value))
    with pytest.raises(ValueError, match=message):
        KerasRegressor(**QUICK).fit(X, y, X_val=X, y_val=but(y, value))
    if abs(value) < 1e100:
        assert KerasRegressor(**QUICK, dtype="float64").fit(X, but(y, value)).n_iter_ == 2


def test_targets_whose_squares_overflow_are_a_warning_that_names_the_row(rows):
    with (
        pytest.warns(UserWarning, match=r"y has 1e\+20 in row 3. The square of an error as large as that is beyond"),
        pytest.warns(UserWarning, match="Training diverged"),
    ):
        KerasRegressor(**QUICK).fit(rows[0], but(rows[1], 1e20))


def test_targets_that_float32_cannot_tell_apart_are_a_warning(rows):
    seconds = 1.7e9 + np.arange(60.0)
    with pytest.warns(UserWarning, match=r"y varies by 59 around 1\.7e\+09, where float32 tells apart only .* 2e\+02"):
        KerasRegressor(**QUICK).fit(rows[0], seconds)
    two = np.column_stack([rows[1], seconds])
    with pytest.warns(UserWarning, match="Column 1 of y varies by 59"):
        KerasRegressor(**QUICK).fit(rows[0], two)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        KerasRegressor(**QUICK, dtype="float64").fit(rows[0], seconds)
        KerasRegressor(**QUICK).fit(rows[0], 1990 + np.arange(60.0))  # years


def test_numbers_for_a_table_may_be_large_as_long_as_they_have_a_spread(rows):
    X, y = rows
    assert np.isfinite(TabularRegressor(**TABLE).fit(X, y * 1e39).predict(X)).all()
    with pytest.raises(ValueError, match=r"y has numbers as large as 1e\+300, whose spread cannot be worked out"):
        TabularRegressor(**TABLE).fit(X, but(y, 1e300))


# --- inputs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix], ids=["dense", "sparse"])
def test_inputs_whose_squares_overflow_are_a_warning_that_names_the_row(binary_data, form):
    X, y = binary_data
    X = X.copy()
    X[3, 2] = X[5, 1] = 1e20
    with pytest.warns(UserWarning, match=r"Input X has 1e\+20 in row 3, column 2 \(and 1 more\). Its square is beyond"):
        KerasClassifier(**QUICK).fit(form(X), y)
    assert KerasClassifier(**QUICK, dtype="float64").fit(form(X), y).n_iter_ == 2


def test_masked_inputs_are_refused(binary_data):
    X, y = binary_data
    masked = np.ma.masked_array(X, mask=np.zeros(X.shape, dtype=bool))
    fitted = KerasClassifier(**QUICK).fit(masked, y)
    masked.mask[3, 2] = True
    with pytest.raises(ValueError, match="Input X contains NaN"):
        fitted.predict(masked)


# --- predictions -----------------------------------------------------------------------------------


#: Sums of sums that overflow: infinite numbers of both signs meet.
DEEP = {**QUICK, "hidden_layer_sizes": (16, 16), "activation": "linear"}


def with_a_far_row(X):
    X = X.copy()
    X[7] = np.where(np.arange(X.shape[1]) % 2, -3e38, 3e38)
    return X


@pytest.mark.parametrize("parameters", [{}, {"n_members": 2}, {"engine": "keras"}], ids=repr)
@pytest.mark.parametrize("data", ["binary_data", "multiclass_data"])
def test_a_row_without_a_probability_has_no_class(request, data, parameters):
    X, y = request.getfixturevalue(data)
    fitted = KerasClassifier(**{**DEEP, **parameters}).fit(X, y)
    X = with_a_far_row(X)
    message = r"What the network says of row 7 is not finite: its largest input is 3e\+38, and sums of it overflow"
    with pytest.warns(UserWarning, match=message):
        probabilities = fitted.predict_proba(X)
    assert np.isnan(probabilities).all(axis=1).tolist() == (np.arange(len(X)) == 7).tolist()
    with pytest.raises(ValueError, match=f"{message}.* No class is more probable than another"):
        fitted.predict(X)
    with pytest.raises(ValueError, match=message):
        fitted.score(X, y)


def test_a_number_that_is_not_finite_is_a_warning(regression_data):
    X, y = regression_data
    fitted = KerasRegressor(**DEEP).fit(X, y)
    with pytest.warns(UserWarning, match="What the network says of row 7 is not finite"):
        predicted = fitted.predict(with_a_far_row(X))
    assert np.flatnonzero(~np.isfinite(predicted)).tolist() == [7]


def test_the_logarithm_of_a_probability(binary_data):
    X, y = binary_data
    fitted = KerasClassifier(**QUICK).fit(X, y)
    np.testing.assert_array_equal(fitted.predict_log_proba(X), np.log(fitted.predict_proba(X)))
    assert np.isneginf(fitted.predict_log_proba(X * 1e6)).any()  # without a warning of NumPy's


@pytest.mark.parametrize(
    "labels", [np.array(["no", "yes"]), np.array(["no", "yes"], dtype=object)], ids=["text", "objects"]
)
def test_masked_labels_are_no_class_of_their_own(rows, labels):
    """NumPy fills what is masked of text with a question mark, which was a third class."""
    X, _ = rows
    y = np.ma.array(labels[(X[:, 0] > 0).astype(int)], mask=np.arange(len(X)) % 5 == 0)
    with pytest.raises(ValueError, match=r"drop the rows whose label is missing|Rows without a label"):
        KerasClassifier(epochs=1).fit(X, y)


def test_numbers_beyond_integers_are_no_labels_without_a_word_of_numpys():
    X = np.arange(8.0).reshape(4, 2)
    with pytest.raises(ValueError, match="Unknown label type: continuous"):
        KerasClassifier().fit(X, [1e30, 2e30, 1e30, 2.5])
