"""All that the rules of `diagnose` look at, each worked out when the first rule asks for it."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import is_classifier

from ...._forks import cached_property
from ...handed_over import shares_weights
from ...layers import DeadUnits, GradientNorms, dead_units, gradient_norms
from ._constant_prediction import loss_of_constant, lowest_loss
from ._forest import balanced_accuracy
from ._loss_curve import LossCurve
from ._penalties import Penalties
from ._table import Table

#: The score of fewer validation rows says little, and that of one may not be defined.
MIN_VALIDATION_ROWS = 10


class Evidence:
    """A fitted network, the rows it was trained on, and rows that it has not seen, if there are any.

    Parameters
    ----------
    network : KerasClassifier or KerasRegressor
        Fitted, of one network.
    table : Table
        The rows.
    """

    def __init__(self, network: Any, table: Table) -> None:
        self.network, self._table = network, table
        self.parameters: dict[str, Any] = network.get_params(deep=False)
        self.X, self.y, self.X_val, self.y_val = table.X, table.y, table.X_val, table.y_val
        # Says at once what is wrong with the rows, whatever the rules need of them.
        self._data = network._engine_data(self.X, self.y) if self.is_usable else None
        if self._data is not None and self.X_val is not None:
            network._engine_data(self.X_val, self.y_val)

    # --- the table ---------------------------------------------------------------------------------

    @property
    def n_rows(self) -> int:
        return self._table.n_rows

    @property
    def means_and_spreads(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation of each feature."""
        return self._table.means_and_spreads

    @property
    def taught_targets(self) -> np.ndarray:
        """Targets as the network is taught them, of shape (n_rows, n_outputs)."""
        y = self.y if self._data is None else self._data.y
        return y.reshape(len(y), -1).astype("float64")

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

    # --- the network -------------------------------------------------------------------------------

    @property
    def is_usable(self) -> bool:
        """Whether the network can predict."""
        return not self.network._has_diverged()

    @property
    def members_share_weights(self) -> bool:
        """Whether it is the network of several members."""
        return shares_weights(self.network)

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

    def _score(self, X: Any, y: Any) -> float:
        if self.is_balanced:
            return balanced_accuracy(y, self.network.predict(X))
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

    def recall_of(self, label: Any) -> float:
        """Share of the rows of a class that are recognised, on the validation rows if they have any of it."""
        X, y = self.X, self.y
        if self.y_val is not None and np.any(self.y_val == label):
            X, y = self.X_val, self.y_val
        return float((np.asarray(self.network.predict(X))[y == label] == label).mean())

    @property
    def reference_score(self) -> float:
        """What a random forest reaches on rows it has not seen: a bound that needs no tuning.

        Out of bag: each row is predicted by the trees that were grown without it.
        """
        return self._table.reference_score(classes=self.is_classifier, balanced=self.is_balanced)

    @cached_property
    def units(self) -> DeadUnits:
        """What the hidden units do on the training rows."""
        return dead_units(self.network, self._table.sampled_X)

    @cached_property
    def gradients(self) -> GradientNorms:
        """The gradient on the training rows, layer by layer."""
        return gradient_norms(self.network, self._table.sampled_X, self._table.sampled_y)

    @cached_property
    def penalty(self) -> float:
        """What ``l1`` and ``l2`` add to the loss, in units of the best constant prediction's."""
        return self._penalties.now / self.constant_loss

    @cached_property
    def penalty_at_start(self) -> float:
        """What they would add with weights of the size that training usually begins with: Glorot's."""
        return self._penalties.at_start / self.constant_loss

    def weights_into(self, layer: str, n_units: int) -> np.ndarray | None:
        """Norm of each unit's kernel in a layer whose kernel is penalised; None if it is not."""
        return self._penalties.weights_into(layer, n_units)

    @cached_property
    def _penalties(self) -> Penalties:
        return Penalties(self.network, self.parameters)

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
        return self._curve("loss")

    @cached_property
    def validation_loss(self) -> LossCurve | None:
        """Loss on the rows that the training has held out or was given to watch."""
        if "val_loss" not in self.network.history_:
            return None
        return self._curve("val_loss")

    def _curve(self, name: str) -> LossCurve:
        return LossCurve((np.asarray(self.network.history_[name]) - self._lowest_loss) / self.constant_loss)

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
        """Loss of the best constant prediction on the training rows; of the first epoch where that is not known.

        With ``label_smoothing``: beyond the loss that a perfect prediction has.
        """
        known = self._known_constant_loss
        if known is not None and known > self._lowest_loss:
            return known - self._lowest_loss
        finite = [loss for loss in self.network.history_["loss"] if np.isfinite(loss)]
        return abs(finite[0]) if finite and finite[0] else 1.0

    @cached_property
    def _known_constant_loss(self) -> float | None:
        if (data := self._data) is None:
            return None
        weights = np.ones(data.n_rows) if data.sample_weight is None else data.sample_weight
        return loss_of_constant(data.y, weights / weights.sum(), **self._loss_of_training)

    @cached_property
    def _lowest_loss(self) -> float:
        """Loss of a perfect prediction, where it is known; else 0, as it is for the usual losses."""
        if not self.is_classifier or self._known_constant_loss is None:
            return 0.0
        return lowest_loss(**self._loss_of_training)

    @property
    def _loss_of_training(self) -> dict[str, Any]:
        training = self.network._trained.training
        return {
            "loss": training.loss,
            "label_smoothing": dict(training.loss_arguments).get("label_smoothing", 0.0),
            "n_classes": getattr(self.network, "n_classes_", 0),
        }
