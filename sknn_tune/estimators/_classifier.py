"""KerasClassifier: a neural network for classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.class_weight import compute_sample_weight

from .._compat.scikit_learn import StrOptions, checks_parameters
from ..engine import TrainedNetwork
from ..specs import Accuracy, NetworkSpec, name_of_activation
from ._base import KerasEstimator, Weigh
from ._call_arguments import one_epoch_only
from ._class_weight import weights_of_classes
from ._constraints import RATE
from ._encoders import EncodedTarget
from ._extending import also_takes, completes_docstring_of
from ._fit_on_copy import fitting
from ._input import check_scored
from ._one_hot import is_for_exclusive_classes, is_one_hot, matrix_of_classes, warn_of_labels
from ._parameters import KerasParameters
from ._prepared import prepare
from ._rows import GivenRows, Rows
from ._streams import is_stream
from ._targets import (
    ClassTarget,
    Output,
    check_classes,
    check_labels_are_columns,
    describe_classes,
    flat_labels,
    one_hot_target,
)
from .resolve import (
    Parameters,
    is_index_loss,
    loss_compares_rows,
    meaning_of_outputs,
    output_activation,
    resolve_loss,
    usual_of_exclusive,
)


@completes_docstring_of(KerasParameters)
class KerasClassifier(ClassifierMixin, KerasEstimator):
    """Neural-network classifier whose every design choice is a parameter.

    Takes binary, multiclass (labels of any type, or one-hot rows) and multilabel targets. Put ``StandardScaler`` and
    ``OneHotEncoder`` before it in a pipeline: networks learn well only from inputs of similar scale.

    Parameters
    ----------
    output_activation : str or callable, default="auto"
        Activation of the output layer. "auto": sigmoid for two classes and for multilabel targets,
        softmax for more classes, or sigmoid with a binary loss; linear if the loss takes logits
        (``from_logits=True``).
    loss : str, callable or keras.losses.Loss, default="auto"
        What is minimised. "auto": binary crossentropy for two classes and multilabel targets, sparse
        categorical crossentropy for more. Otherwise a Keras loss by its name (``loss__*`` gives it
        arguments), class or object, or a function of ``(y_true, y_pred)``. For a matrix with one 1 in each row, a
        loss of exclusive classes (``"categorical_crossentropy"`` and its like, ``"categorical_hinge"``,
        ``"kl_divergence"``), or a softmax as ``output_activation``, says that its columns are classes: then `predict`
        gives such a matrix. Otherwise they are labels of which a row may have several.
    class_weight : dict or "balanced", default=None
        Weights of the classes, which multiply ``sample_weight``. "balanced": weights inversely proportional to
        the frequency of the class, ``n_samples / (n_classes * count_of_the_class)``, with the sums of
        ``sample_weight`` instead of the counts if there are any.
    label_smoothing : float, default=0.0
        Share of each target that is spread over all classes: a target of 1 among ``n_classes`` becomes
        ``1 - label_smoothing + label_smoothing / n_classes``, and each 0 ``label_smoothing / n_classes`` (with binary
        crossentropy, for two classes or each label: of two). A network is then not driven to probabilities of 0 and
        1: try 0.05 to 0.1 where it is too sure of itself, or where some labels are wrong. For the crossentropies and
        focal crossentropies. "loss" and "val_loss" are those with smoothing, as in Keras, and early stopping watches
        the latter; accuracy and ``metrics`` see the true labels. Szegedy et al. (2016), section 7,
        https://arxiv.org/abs/1512.00567.
    validation_fraction : float, default=0.1
        Share of the rows held out by ``early_stopping``, stratified by class. Not used when ``fit`` gets ``X_val``.
    metrics : str, callable, list or dict, default=None
        Keras metrics recorded per epoch besides the loss, each under the name as given; ``accuracy`` is always
        recorded. A metric of Keras' sees classes and probabilities in the form that it is made for, whatever the loss
        gets; for two classes, those of the second. A function or class of your own gets what the loss gets, or, where
        it cannot take that, rows instead of class numbers or the other way round.

    Attributes
    ----------
    history_ : dict of str to list of float
        "loss", "accuracy", "learning_rate", with held-out rows "val_loss", ...: one value per epoch.
        With penalties (``l1``, ``l2``, ``activity_l1``, ...), which are in the loss as in Keras, also
        "loss_without_penalty" and "val_loss_without_penalty", by which networks can be compared.
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted; ``0 .. n_labels - 1`` for multilabel targets. Of one-hot rows the names of the columns of y, or
        their numbers.
    n_classes_ : int
        Number of classes, or of labels of a multilabel target.
    n_outputs_ : int
        Columns of y: 1, or the number of labels of a multilabel target.

    See Also
    --------
    KerasRegressor : The same for numbers.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tune import KerasClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> network = KerasClassifier(hidden_layer_sizes=(16,), epochs=5, random_state=0)
    >>> pipeline = make_pipeline(StandardScaler(), network).fit(X, y)
    >>> pipeline.score(X, y) > 0.9
    True
    >>> pipeline.predict_proba(X[:3]).shape
    (3, 2)
    """

    _parameter_constraints: dict[str, list[Any]] = {
        **KerasParameters._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "label_smoothing": [RATE],
    }
    _target: Any  # ClassTarget or EncodedTarget

    @also_takes(KerasParameters.__init__)
    def __init__(
        self,
        model: Any = None,
        *,
        class_weight: dict[Any, float] | str | None = None,
        label_smoothing: float = 0.0,
        **parameters: Any,
    ) -> None:
        super().__init__(model, **parameters)
        self.class_weight = class_weight
        self.label_smoothing = label_smoothing

    @checks_parameters
    def partial_fit(
        self, X: Any, y: Any = None, classes: Any = None, sample_weight: Any = None, **fit_arguments: Any
    ) -> KerasClassifier:
        """Train for one epoch, from the present weights if there are any.

        No rows are held out and weights are taken as they are (they are not scaled to mean one, so that
        chunks of different weight count differently).

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or tf.data.Dataset
            Training rows.
        y : array-like of shape (n_samples,) or (n_samples, n_labels), default=None
            Class labels.
        classes : array-like of shape (n_classes,), default=None
            All labels that will ever come. Needed in the first call unless its y has them all.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows.
        **fit_arguments
            As of ``fit``, but for ``epochs``.

        Returns
        -------
        self : KerasClassifier
            The estimator.
        """
        one_epoch_only(fit_arguments)
        if classes is not None:
            check_classes(classes)
        with fitting(self, fit_arguments) as copy:
            copy._fit(GivenRows(X, y, sample_weight), classes=classes, incremental=True)
        return self

    def predict(self, X: Any, **predict_arguments: Any) -> np.ndarray:
        """Predict the most probable class of each row.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or tf.data.Dataset
            Rows.
        **predict_arguments
            As ``keras.Model.predict`` has them, for this call only: ``batch_size``, ``verbose``, ...

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels as in ``classes_``; for a multilabel target 1 where a label is more likely than not.
        """
        fitted = self._as_it_is()
        if isinstance(fitted._target, EncodedTarget):
            return fitted._target.decoded(fitted._outputs(X, predict_arguments))
        refuse = "No class is more probable than another."
        return fitted._predictions(X, predict_arguments, refuse=refuse, answer=fitted._target.labels)

    def predict_proba(self, X: Any, **predict_arguments: Any) -> np.ndarray:
        """Predict the probability of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or tf.data.Dataset
            Rows.
        **predict_arguments
            As of ``predict``.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``, for two classes, too. Rows sum to one, except for a
            multilabel target, where each column is the probability of its label.
        """
        fitted = self._as_it_is()
        if isinstance(fitted._target, EncodedTarget):
            return fitted._target.decoded(fitted._outputs(X, predict_arguments), return_proba=True)
        return fitted._predictions(X, predict_arguments)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or tf.data.Dataset
            Rows.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``; ``-inf`` where a probability is zero.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """The accuracy, the share of rows whose class is predicted.

        Parameters
        ----------
        X : array-like, sparse matrix, tf.data.Dataset or table read in batches
            Rows.
        y : array-like, or str, default=None
            Their true targets, or the name of their column in a table that is read in batches. A tf.data.Dataset
            brings its own.
        sample_weight : array-like, or str, default=None
            Weights of the rows, likewise.

        Returns
        -------
        score : float
            At most 1, the higher the better.
        """
        if is_stream(X):
            return self._as_it_is()._score_of_stream(X, y, sample_weight)
        self._as_it_is()._target.check_names_of(y)
        check_scored(X, y, sample_weight)
        return super().score(X, y, sample_weight)

    # --- what the classifier says about its targets ----------------------------------------------------

    def _interpreted(self, outputs: np.ndarray, network: TrainedNetwork) -> np.ndarray:
        if isinstance(network.network, NetworkSpec) and network.training.taught is not None:
            return self._target.probabilities(outputs, network.training.taught.outputs)
        return self._target.probabilities(outputs, "logits" if network.gives_logits else "probabilities")

    def _as_predicted(self, table: np.ndarray) -> np.ndarray:
        return table

    def _score_of(self, y: np.ndarray, table: np.ndarray, sample_weight: np.ndarray | None) -> float:
        return float(accuracy_score(y, self._target.labels(table), sample_weight=sample_weight))

    def _check_target_array(self, y: Any) -> np.ndarray:
        return np.asarray(y) if hasattr(type(self), "target_encoder") else flat_labels(y)

    def _describe_target(self, y: np.ndarray, classes: Any) -> ClassTarget:
        target = describe_classes(y, classes=classes)
        return self._read_matrix(target, y, classes) if target.is_multilabel else target

    def _read_matrix(self, target: ClassTarget, y: np.ndarray, classes: Any) -> ClassTarget:
        """A matrix of 0 and 1 as classes, if the loss or the output activation says so, or else as labels."""
        if matrix_of_classes(y, self.loss, self.output_activation):
            return one_hot_target(target, classes)
        check_labels_are_columns(target, classes)
        if self.model is None:  # of a model, only its loss can tell
            warn_of_labels(y, self.loss, type(self).__name__)
        return target

    def _as_model_says(self, parameters: Parameters, rows: Rows, target: ClassTarget) -> ClassTarget:
        if parameters["model"] is None or not (target.is_multilabel and is_one_hot(rows.y)):
            return target
        start = prepare(self, parameters, rows, target, goes_on=False).start
        assert start is not None
        if not is_for_exclusive_classes(start.keras_model().loss):
            warn_of_labels(rows.y, self.loss, type(self).__name__)
            return target
        return one_hot_target(target, None)

    def _set_target_attributes(self, target: ClassTarget | EncodedTarget) -> None:
        if isinstance(target, EncodedTarget):
            self.__dict__.update({"n_outputs_": 1, **target.metadata})
            return
        self.classes_ = target.classes
        self.n_classes_ = len(target.classes)
        self.n_outputs_ = len(target.classes) if target.is_multilabel else 1

    def _output(self, parameters: Parameters, target: ClassTarget) -> Output:
        n_classes = len(target.classes)
        says_softmax = name_of_activation(parameters["output_activation"]) == "softmax"
        if target.is_multilabel:
            loss = resolve_loss(parameters, "binary_crossentropy")
            activation = output_activation(parameters, loss, "sigmoid")
            meaning = meaning_of_outputs(parameters, loss, activation, exclusive=False)
            return Output(n_classes, activation, "one_hot", loss, "binary", meaning)
        loss = resolve_loss(parameters, "auto")
        if target.kind == "binary" and not is_for_exclusive_classes(loss) and not says_softmax:
            loss = "binary_crossentropy" if isinstance(loss, str) and loss == "auto" else loss
            activation = output_activation(parameters, loss, "sigmoid")
            meaning = meaning_of_outputs(parameters, loss, activation, exclusive=False)
            return Output(1, activation, "binary", loss, "binary", meaning)
        loss = _of_classes(loss, target)
        activation = output_activation(parameters, loss, usual_of_exclusive(loss))
        # A matrix is what a loss of the user's own gets, too, if it is what the user gave.
        by_rows = loss_compares_rows(loss) or (target.is_one_hot and not is_index_loss(loss))
        form: Accuracy = "one_hot" if by_rows else "index"
        meaning = meaning_of_outputs(parameters, loss, activation, exclusive=True)
        # One class may be all that a fold has; a softmax over one unit would say nothing.
        return Output(max(n_classes, 2), activation, form, loss, form, meaning)

    def _target_weights(self, parameters: Parameters, rows: Rows, target: ClassTarget) -> Weigh:
        given = parameters["class_weight"]
        if given is None:
            return lambda y: None
        if isinstance(target, EncodedTarget) or target.is_multilabel:
            if not isinstance(given, str):
                raise ValueError(
                    f"The 'class_weight' parameter of {parameters.estimator} is {given!r}, but a row of this y has no "
                    "single label. Use 'balanced', or give weights of the rows as sample_weight."
                )
            return lambda y: compute_sample_weight(given, y)
        if isinstance(given, str):
            totals = np.bincount(target.index(rows.y), weights=rows.sample_weight, minlength=len(target.classes))
            by_class = totals.sum() / (np.count_nonzero(totals) * np.where(totals > 0, totals, 1))
        else:
            y = target.classes[target.index(rows.y)]
            by_class = weights_of_classes(given, target.classes, y, parameters.estimator)
        return lambda y: by_class[target.index(y)].astype(self.dtype)

    def _meta(self, rows: Rows, target: Any) -> dict[str, Any]:
        known = vars(self)
        own = {name: known[name] for name in ("n_classes_", "classes_") if name in known}
        own |= {"target_type_": "multiclass-onehot"} if getattr(target, "is_one_hot", False) else {}  # as in SciKeras
        return {**super()._meta(rows, target), **own}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _of_classes(loss: Any, target: ClassTarget) -> Any:
    """The loss for classes of which each row has one, if none was given."""
    if not (isinstance(loss, str) and loss == "auto"):
        return loss
    return "categorical_crossentropy" if target.is_one_hot else "sparse_categorical_crossentropy"
