"""All that the rules of `diagnose` look at, each worked out when the first rule asks for it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.utils import check_array, check_random_state
from sklearn.utils.sparsefuncs import mean_variance_axis

from ...._compat.scikit_learn import rows_at
from ...handed_over import fitted_network, through_earlier_steps
from ...layers import DeadUnits, GradientNorms, dead_units, gradient_norms
from ._loss_curve import LossCurve

#: A sample of this many rows shows what layers do, and what a forest can learn, at the price of a second.
MAX_ROWS = 2000
#: Enough for each row to be left out by some forty.
N_TREES = 100
#: The score of fewer validation rows says little, and that of one may not be defined.
MIN_VALIDATION_ROWS = 10


class Evidence:
    """A fitted network, the rows it was trained on, and rows that it has not seen, if there are any."""

    def __init__(self, estimator, X, y, X_val=None, y_val=None):
        self.network = fitted_network(estimator, "diagnose")
        self.parameters: dict[str, Any] = self.network.get_params(deep=False)
        self.X = through_earlier_steps(estimator, X)
        self.y = _flat(y)
        self.X_val = None if X_val is None else through_earlier_steps(estimator, X_val)
        self.y_val = None if y_val is None else _flat(y_val)
        # Says at once what is wrong with the rows, whatever the rules need of them.
        self._data = self.network._engine_data(self.X, self.y) if self.is_usable else None
        if self._data is not None and X_val is not None:
            self.network._engine_data(self.X_val, self.y_val)

    # --- the table ---------------------------------------------------------------------------------

    @cached_property
    def values(self) -> Any:
        """X as an array or CSR matrix of shape (n_rows, n_features)."""
        array = check_array(self.X, accept_sparse="csr", allow_nd=True, dtype="float64")
        return array if sparse.issparse(array) else array.reshape(len(array), -1)

    @property
    def n_rows(self) -> int:
        return self.values.shape[0]

    @cached_property
    def means_and_spreads(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of each feature."""
        if sparse.issparse(self.values):
            means, variances = mean_variance_axis(self.values, axis=0)
            return means, np.sqrt(variances)
        return self.values.mean(axis=0), self.values.std(axis=0)

    @property
    def is_classifier(self) -> bool:
        return is_classifier(self.network)

    @cached_property
    def class_counts(self) -> dict[Any, int]:
        """Rows of each class, the rarest first; empty if there is not one class per row."""
        if not self.is_classifier or self.y.ndim > 1:
            return {}
        labels, counts = np.unique(self.y, return_counts=True)
        return {labels[place]: int(counts[place]) for place in np.argsort(counts, kind="stable")}

    @cached_property
    def _sample(self) -> np.ndarray:
        if self.n_rows <= MAX_ROWS:
            return np.arange(self.n_rows)
        return np.sort(check_random_state(0).choice(self.n_rows, MAX_ROWS, replace=False))

    # --- the network -------------------------------------------------------------------------------

    @property
    def is_usable(self) -> bool:
        """Whether the network can predict."""
        return not self.network._has_diverged()

    @property
    def is_balanced(self) -> bool:
        """Whether classes count alike: then a score by rows would punish the network for doing as it was told."""
        return bool(self.class_counts) and self.parameters["class_weight"] is not None

    @cached_property
    def train_score(self) -> float:
        """Score on the training rows: R² or accuracy, with ``class_weight`` balanced accuracy."""
        return self._score(self.X, self.y)

    @cached_property
    def why_no_validation_score(self) -> str | None:
        """Why rows that the network has not seen cannot be scored, if so."""
        if self.y_val is None:
            return (
                "Needs rows that the network was not trained on: give X_val and y_val, or fit with "
                "early_stopping=True, validation_split=0.1 or X_val, so that history_ has val_loss."
            )
        if len(self.y_val) < MIN_VALIDATION_ROWS:
            return f"Needs at least {MIN_VALIDATION_ROWS} rows in X_val, but there are {len(self.y_val)}."
        if not self.is_classifier and (np.ptp(self.y_val, axis=0) == 0).any():
            return "y_val does not vary, and R² is a share of its variance."
        return None

    @cached_property
    def validation_score(self) -> float | None:
        """The score on the rows it has not seen, if there is one."""
        return None if self.why_no_validation_score else self._score(self.X_val, self.y_val)

    def _score(self, X, y) -> float:
        if self.is_balanced:
            return _balanced_accuracy(y, self.network.predict(X))
        return float(self.network.score(X, y))

    @cached_property
    def validation_score_error(self) -> float:
        """Standard error of the validation score, from the errors of its rows."""
        actual = np.asarray(self.y_val)
        actual = actual.reshape(len(actual), -1)
        predicted = np.asarray(self.network.predict(self.X_val)).reshape(actual.shape)
        if self.is_classifier:
            wrong = (predicted != actual).any(axis=1) / self._shares_of_classes(actual)
        else:
            wrong = ((predicted - actual) ** 2 / actual.var(axis=0)).mean(axis=1)
        return float(wrong.std(ddof=1) / np.sqrt(len(wrong)))

    def _shares_of_classes(self, actual: np.ndarray) -> Any:
        """What a row's error is divided by: one, or where classes count alike, how frequent its class is."""
        if not self.is_balanced:
            return 1.0
        _, places, counts = np.unique(actual.ravel(), return_inverse=True, return_counts=True)
        return counts[places.ravel()] * len(counts) / len(actual)

    def recall_of(self, label) -> float:
        """Share of the rows of a class that are recognised, on the validation rows if they have any of it."""
        X, y = self.X, self.y
        if self.y_val is not None and np.any(self.y_val == label):
            X, y = self.X_val, self.y_val
        return float((np.asarray(self.network.predict(X))[y == label] == label).mean())

    @cached_property
    def reference_score(self) -> float:
        """What a random forest reaches on rows it has not seen: a bound that needs no tuning.

        Out of bag: each row is predicted by the trees that were grown without it.
        """
        y = self.y[self._sample]
        if y.ndim == 2 and self.is_classifier:  # a label that all rows have, or none, is always right
            y = _flat(y[:, (y != y[0]).any(axis=0)])
            if y.size == 0:
                return 1.0
        kind = RandomForestClassifier if self.is_classifier else RandomForestRegressor
        forest = kind(N_TREES, max_features="sqrt", min_samples_leaf=2, oob_score=True, random_state=0)
        forest.fit(self.values[self._sample], y)
        if not self.is_balanced:
            return float(forest.oob_score_)
        # Not class_weight: with it, rows of a rare class are in so many trees that none is left to predict them.
        probabilities = forest.oob_decision_function_ * (len(y) / np.unique(y, return_counts=True)[1])
        return _balanced_accuracy(y, forest.classes_[probabilities.argmax(axis=1)])

    @cached_property
    def units(self) -> DeadUnits:
        """What the hidden units do on the training rows."""
        return dead_units(self.network, self._sampled(self.X))

    @cached_property
    def gradients(self) -> GradientNorms:
        """The gradient on the training rows, layer by layer."""
        return gradient_norms(self.network, self._sampled(self.X), self.y[self._sample])

    @cached_property
    def penalty(self) -> float:
        """What ``l1`` and ``l2`` add to the loss, in units of the best constant prediction's."""
        return sum(float(each.kernel_regularizer(each.kernel)) for each in self._penalised) / self.constant_loss

    @cached_property
    def penalty_at_start(self) -> float:
        """What they would add with weights of the size that training usually begins with: Glorot's."""
        kernels = [(each, np.sqrt(2 / sum(each.kernel.shape))) for each in self._penalised]
        total = sum(float(each.kernel_regularizer(np.full(each.kernel.shape, size))) for each, size in kernels)
        return total / self.constant_loss

    @property
    def _penalised(self) -> list[Any]:
        """Layers with a penalty by the parameters ``l1`` and ``l2``."""
        if self.parameters["model"] is not None or not (self.parameters["l1"] or self.parameters["l2"]):
            return []
        names = {"output", *(f"hidden_{index}" for index in range(len(self.network.model_.layers)))}
        return [layer for layer in self.network.model_.layers if layer.name in names]

    def weights_into(self, layer: str, n_units: int) -> np.ndarray | None:
        """Norm of each unit's kernel in a layer whose kernel is penalised; None if it is not."""
        found = [each for each in self._penalised if each.name == layer]
        if not found or found[0].kernel.shape[-1] != n_units:
            return None
        return np.linalg.norm(np.reshape(found[0].kernel, (-1, n_units)), axis=0)

    def _sampled(self, X) -> Any:
        return X if self.n_rows <= MAX_ROWS else rows_at(X, self._sample)

    # --- its training ------------------------------------------------------------------------------

    @property
    def n_epochs(self) -> int:
        return int(self.network.n_iter_)

    @property
    def kept_epoch(self) -> int:
        """Index of the epoch whose weights the network has."""
        restored = self.parameters["early_stopping"] and self.parameters["restore_best_weights"]
        return int(self.network.best_epoch_) if restored else self.n_epochs - 1

    @property
    def batch_size(self) -> int:
        """Rows of an update; the whole training set counts as the rows given."""
        batch_size = self.parameters["batch_size"]
        return self.n_rows if batch_size in (-1, None) else min(int(batch_size), self.n_rows)

    @property
    def updates_per_epoch(self) -> float:
        return self.network.n_steps_ / self.n_epochs

    @cached_property
    def loss(self) -> LossCurve:
        """Loss on the training rows."""
        return LossCurve(np.asarray(self.network.history_["loss"]) / self.constant_loss)

    @cached_property
    def validation_loss(self) -> LossCurve | None:
        """Loss on the rows that the training has held out or was given to watch."""
        if "val_loss" not in self.network.history_:
            return None
        return LossCurve(np.asarray(self.network.history_["val_loss"]) / self.constant_loss)

    @cached_property
    def quiet_loss(self) -> LossCurve | None:
        """A loss that changes with the weights alone, not by chance; None if there is none.

        Dropout, and the statistics of single batches, make the training loss jump whatever the learning rate is. The
        validation loss is measured without them.
        """
        return self.validation_loss if self._is_noisy else self.loss

    @property
    def _is_noisy(self) -> bool:
        parameters = self.parameters
        if parameters["model"] is not None or parameters["feature_layers"]:
            return True  # they may have such layers
        return bool(np.any(parameters["dropout"]) or parameters["input_dropout"] or parameters["batch_norm"])

    @cached_property
    def constant_loss(self) -> float:
        """Loss of the best constant prediction on the training rows; of the first epoch where that is not known."""
        known = None
        if (data := self._data) is not None:
            weights = np.ones(data.n_rows) if data.sample_weight is None else data.sample_weight
            known = _constant_loss(self.network._trained.training.loss, data.y, weights / weights.sum())
        if known is not None and known > 0:
            return known
        finite = [loss for loss in self.network.history_["loss"] if np.isfinite(loss)]
        return abs(finite[0]) if finite and finite[0] else 1.0


def _flat(y: Any) -> Any:
    """A column, as some tables give it, is a single output, of which ``fit`` has warned. Labels may be sparse."""
    if y is None:
        return None
    y = y.toarray() if sparse.issparse(y) else np.asarray(y)
    return y.ravel() if y.ndim == 2 and y.shape[1] == 1 else y


def _balanced_accuracy(actual: Any, predicted: Any) -> float:
    """Mean recall of the classes that are there. Of others that are predicted, scikit-learn's would warn."""
    actual, predicted = np.asarray(actual).ravel(), np.asarray(predicted).ravel()
    return float(np.mean([(predicted[actual == label] == label).mean() for label in np.unique(actual)]))


def _constant_loss(loss: Any, y: np.ndarray, weights: np.ndarray) -> float | None:
    """Lowest loss of a prediction that does not look at the inputs. Weights sum to one."""
    if loss == "sparse_categorical_crossentropy":
        return _entropy(np.bincount(y.ravel(), weights))
    y = y.reshape(len(y), -1).astype("float64")
    mean = weights @ y
    if loss == "mean_squared_error":
        return float((weights @ (y - mean) ** 2).mean())
    if loss == "categorical_crossentropy":
        return _entropy(mean)
    if loss == "binary_crossentropy":
        return float(np.mean([_entropy(np.array([share, 1 - share])) for share in mean]))
    return None


def _entropy(shares: np.ndarray) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())
