"""KerasClassifier: a neural network for classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from .._compat.scikit_learn import StrOptions, checks_parameters
from ..engine import TrainedNetwork
from ..specs import INDEX_LOSSES, Accuracy
from ._base import KerasEstimator, Weigh
from ._call_arguments import one_epoch_only, with_arguments
from ._constraints import RATE
from ._encoders import EncodedTarget
from ._extending import also_takes, completes_docstring_of
from ._parameters import KerasParameters
from ._rows import GivenRows, Rows
from ._targets import ClassTarget, Output, describe_classes, flat_labels, require_two_classes
from .resolve import Parameters, loss_compares_rows, resolve_loss


@completes_docstring_of(KerasParameters)
class KerasClassifier(ClassifierMixin, KerasEstimator):
    """Neural-network classifier whose every design choice is a parameter.

    Takes binary, multiclass (labels of any type) and multilabel targets. Put ``StandardScaler`` and
    ``OneHotEncoder`` before it in a pipeline: networks learn well only from inputs of similar scale.

    Parameters
    ----------
    output_activation : str or callable, default="auto"
        Activation of the output layer. "auto": sigmoid for two classes and for multilabel targets,
        softmax for more classes.
    loss : str, callable or keras.losses.Loss, default="auto"
        What is minimised. "auto": binary crossentropy for two classes and multilabel targets, sparse
        categorical crossentropy for more. Otherwise a Keras loss by its name (``loss__*`` gives it
        arguments), class or object, or a function of ``(y_true, y_pred)``.
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
        Keras metrics recorded per epoch besides the loss; ``accuracy`` is always recorded.

    Attributes
    ----------
    history_ : dict of str to list of float
        "loss", "accuracy", "learning_rate", with held-out rows "val_loss", ...: one value per epoch.
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted; ``0 .. n_labels - 1`` for multilabel targets.
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
        with with_arguments(self, fit_arguments):
            return self._fit(GivenRows(X, y, sample_weight), classes=classes, incremental=True)

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
        if isinstance(getattr(self, "_target", None), EncodedTarget):
            return self._target.decoded(self._outputs(X, predict_arguments))
        probabilities = self.predict_proba(X, **predict_arguments)
        return self._target.labels(probabilities)

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
        if isinstance(getattr(self, "_target", None), EncodedTarget):
            return self._target.decoded(self._outputs(X, predict_arguments), return_proba=True)
        return self._predictions(X, predict_arguments)

    # --- what the classifier says about its targets ----------------------------------------------------

    def _interpreted(self, outputs: np.ndarray, network: TrainedNetwork) -> np.ndarray:
        return self._target.probabilities(
            outputs,
            output_activation=getattr(network.network, "output_activation", None),
            logits=network.gives_logits,
        )

    def _as_predicted(self, table: np.ndarray) -> np.ndarray:
        return table

    def _score_of(self, y: np.ndarray, table: np.ndarray, sample_weight: np.ndarray | None) -> float:
        return float(accuracy_score(y, self._target.labels(table), sample_weight=sample_weight))

    def _check_target_array(self, y: Any) -> np.ndarray:
        return np.asarray(y) if hasattr(type(self), "target_encoder") else flat_labels(y)

    def _describe_target(self, y: np.ndarray, classes: Any) -> ClassTarget:
        target = describe_classes(y, classes=classes)
        require_two_classes(target, y, type(self).__name__)
        return target

    def _set_target_attributes(self, target: ClassTarget | EncodedTarget) -> None:
        if isinstance(target, EncodedTarget):
            self.__dict__.update({"n_outputs_": 1, **target.metadata})
            return
        self.classes_ = target.classes
        self.n_classes_ = len(target.classes)
        self.n_outputs_ = len(target.classes) if target.is_multilabel else 1

    def _output(self, parameters: Parameters, target: ClassTarget) -> Output:
        given, n_classes = parameters["output_activation"], len(target.classes)
        automatic = given == "auto" if isinstance(given, str) else False
        if target.is_multilabel:
            loss = resolve_loss(parameters, "binary_crossentropy")
            return Output(n_classes, "sigmoid" if automatic else given, "one_hot", loss, "binary")
        loss = resolve_loss(parameters, "auto")
        by_class = isinstance(loss, str) and (loss in INDEX_LOSSES or loss.startswith("categorical_"))
        if target.kind == "binary" and not by_class and given != "softmax":
            loss = "binary_crossentropy" if loss == "auto" else loss
            return Output(1, "sigmoid" if automatic else given, "binary", loss, "binary")
        loss = "sparse_categorical_crossentropy" if loss == "auto" else loss
        form: Accuracy = "one_hot" if loss_compares_rows(loss) else "index"
        return Output(n_classes, "softmax" if automatic else given, form, loss, form)

    def _target_weights(self, parameters: Parameters, rows: Rows, target: ClassTarget) -> Weigh:
        given = parameters["class_weight"]
        if given is None:
            return lambda y: None
        if isinstance(target, EncodedTarget) or target.is_multilabel:
            return lambda y: compute_sample_weight(given, y)
        if isinstance(given, str):
            totals = np.bincount(target.index(rows.y), weights=rows.sample_weight, minlength=len(target.classes))
            by_class = totals.sum() / (np.count_nonzero(totals) * np.where(totals > 0, totals, 1))
        else:
            by_class = compute_class_weight(given, classes=target.classes, y=rows.y)
        return lambda y: by_class[target.index(y)].astype(self.dtype)

    def _meta(self, rows: Rows, target: Any) -> dict[str, Any]:
        known = vars(self)
        return {
            **{name: known[name] for name in ("n_classes_", "classes_") if name in known},
            **super()._meta(rows, target),
        }

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
