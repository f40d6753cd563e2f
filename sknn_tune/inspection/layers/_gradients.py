"""How much of the error reaches each layer, and how far an update moves its weights."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

import numpy as np

from ..._compat.scikit_learn import Interval, validate_parameter_constraints
from ..._optional import import_optional
from ..handed_over import fitted_network, through_earlier_steps

Verdict = Literal["healthy", "vanishing", "exploding"]


@dataclass(frozen=True)
class LayerGradient:
    """Gradient and next update of one layer, over all its trained weights (kernel, bias, gamma, beta).

    Parameters
    ----------
    name : str
        Name of the layer, as in ``model_.summary()``.
    n_weights : int
        Weights that are trained.
    gradient_norm : float
        Euclidean norm of the gradient of the loss.
    gradient_rms : float
        Root mean square of the gradient, so that layers of different size can be compared.
    relative_gradient : float
        ``gradient_rms`` divided by that of the last layer. NaN if that is zero.
    weight_norm : float
        Euclidean norm of the weights.
    update_norm : float
        Euclidean norm of the next update: by how much the optimizer would change the weights.
    update_ratio : float
        ``update_norm / weight_norm``. NaN if all weights are zero.
    verdict : {"healthy", "vanishing", "exploding"}
        By the thresholds of `gradient_norms`.
    """

    name: str
    n_weights: int
    gradient_norm: float
    gradient_rms: float
    relative_gradient: float
    weight_norm: float
    update_norm: float
    update_ratio: float
    verdict: Verdict


@dataclass(frozen=True, repr=False)
class GradientNorms:
    """Gradients and next updates of a network, as found by `gradient_norms`. Its text is a line per layer.

    Parameters
    ----------
    layers : tuple of LayerGradient
        The layers that have trained weights, from input to output.
    loss : float
        Loss over all rows, penalties included, whose gradient this is.
    learning_rate : float
        Learning rate of the next update.
    optimizer : str
        Name of the optimizer's class.
    vanishing, exploding, largest_update : float
        Thresholds of the verdicts.
    """

    layers: tuple[LayerGradient, ...]
    loss: float
    learning_rate: float
    optimizer: str
    vanishing: float
    exploding: float
    largest_update: float

    @property
    def verdict(self) -> Verdict:
        """``"exploding"`` if any layer is, else ``"vanishing"`` if any is, else ``"healthy"``."""
        verdicts = {layer.verdict for layer in self.layers}
        return next((found for found in ("exploding", "vanishing") if found in verdicts), "healthy")

    def to_frame(self) -> Any:
        """Return a DataFrame with one row per layer.

        Returns
        -------
        table : DataFrame
            Indexed by ``layer``, with the columns ``n_weights``, ``gradient_norm``, ``gradient_rms``,
            ``relative_gradient``, ``weight_norm``, ``update_norm``, ``update_ratio`` and ``verdict``.
        """
        pandas = import_optional("pandas", purpose="to_frame")
        table = pandas.DataFrame([vars(layer) for layer in self.layers])
        return table.rename(columns={"name": "layer"}).set_index("layer")

    def __repr__(self) -> str:
        head = (
            f"gradients {self.verdict}, at a loss of {self.loss:.4g}, with {self.optimizer} at {self.learning_rate:.3g}"
        )
        width = max(len(layer.name) for layer in self.layers)
        lines = [
            f"  {layer.name:<{width}}  {layer.verdict}: gradient per weight {layer.gradient_rms:.1e} "
            f"({layer.relative_gradient:.1e} of the last layer's), update/weights {layer.update_ratio:.1e}"
            for layer in self.layers
        ]
        return "\n".join([head, *lines])


def gradient_norms(
    estimator: Any,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    vanishing: float = 0.001,
    exploding: float = 1000.0,
    largest_update: float = 1.0,
) -> GradientNorms:
    """Measure how much of the error reaches each layer, and how far the next update would move its weights.

    Where gradients vanish on the way back through the network, the first layers learn nothing: take relu or its
    like instead of sigmoid, ``batch_norm=True``, fewer layers, or ``kernel_initializer="auto"``. Where they explode,
    one update throws away what was learnt: scale the inputs, lower the ``learning_rate``, or set ``clipnorm=1.0``.

    Parameters
    ----------
    estimator : KerasClassifier, KerasRegressor or Pipeline
        Fitted estimator, or a Pipeline whose last step is one. It is left as it is.
    X : array-like or sparse matrix of shape (n_samples, n_features)
        Rows, as for ``fit``. One gradient is computed over all of them; give ``batch_size`` rows to see that of a
        single update.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        Targets, as for ``fit``. ``class_weight`` counts.
    sample_weight : array-like of shape (n_samples,), default=None
        Weights of the rows, scaled to mean one as in ``fit``.
    vanishing : float, default=0.001
        A layer whose gradient per weight is below this share of the last layer's is vanishing. At a thousandth, the
        first layer has not moved when the last is done: eight layers of sigmoid lose that much, three do not.
    exploding : float, default=1000.0
        A layer whose gradient per weight is more than this many times the last layer's is exploding.
    largest_update : float, default=1.0
        A layer is exploding, too, if its update is larger than this share of its weights: at 1.0, the update is as
        large as all that was learnt. About 0.001 is usual in a training that goes well [1]_.

    Returns
    -------
    gradients : GradientNorms
        Per layer norms of gradient, weights and update, their ratio, and a verdict.

    Raises
    ------
    NotFittedError
        If the estimator has not been fitted.
    TypeError
        If it is another estimator.
    ValueError
        If the network has no weights that are trained, or y does not fit it.

    See Also
    --------
    sknn_tune.display.GradientFlowDisplay : Draw the result.
    dead_units : Units that pass no gradient back.

    Notes
    -----
    Per layer, over all its trained weights ``w`` with gradient ``g`` of the loss (penalties included, mean over the
    rows): ``gradient_rms = sqrt(mean(g²))`` and ``update_ratio = ‖Δw‖ / ‖w‖``. The update ``Δw`` is the one that the
    estimator's optimizer makes of ``g`` next, on a copy of it: with its momentum or moments, the rate at
    which its schedule has arrived, ``clipnorm`` and ``weight_decay``. So for plain ``sgd`` it is
    ``-learning_rate * g``; with Adam it hardly depends on the size of ``g``, and only the gradients
    show that they vanish.

    Verdicts compare a layer with the last one, since all gradients are small in a network that has learnt its rows.
    A gradient that is not finite is exploding. The network runs as in ``predict``: without dropout, with
    the moving statistics of batch normalisation.

    References
    ----------
    .. [1] A. Karpathy (2016). CS231n: Neural networks part 3, ratio of updates to weights.
       https://cs231n.github.io/neural-networks-3/#ratio
    .. [2] X. Glorot, Y. Bengio (2010). Understanding the difficulty of training deep feedforward neural networks.
       https://proceedings.mlr.press/v9/glorot10a.html

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.inspection import gradient_norms
    >>> X, y = load_iris(return_X_y=True)
    >>> deep = KerasClassifier(hidden_layer_sizes=(8,) * 10, activation="sigmoid", epochs=2, random_state=0)
    >>> gradients = gradient_norms(make_pipeline(StandardScaler(), deep).fit(X, y), X, y)
    >>> gradients.verdict, gradients.layers[0].verdict, gradients.layers[-1].verdict
    ('vanishing', 'vanishing', 'healthy')
    """
    from ...engine import next_update  # loads TensorFlow

    thresholds = {"vanishing": vanishing, "exploding": exploding, "largest_update": largest_update}
    positive = [Interval(Real, 0, None, closed="neither")]
    validate_parameter_constraints(dict.fromkeys(thresholds, positive), thresholds, caller_name="gradient_norms")
    network = fitted_network(estimator, "gradient_norms")
    data = network._engine_data(through_earlier_steps(estimator, X), y, sample_weight)
    update = next_update(network._trained, data, device=network.device)
    if not update.layers:
        raise ValueError("gradient_norms finds no weights that are trained: all layers of this network are frozen.")
    last = _root_mean_square(update.layers[-1].gradient)
    layers = tuple(_measured(layer, last, **thresholds) for layer in update.layers)
    return GradientNorms(layers, update.loss, update.learning_rate, update.optimizer, **thresholds)


def _measured(layer: Any, last: float, **thresholds: float) -> LayerGradient:
    gradient_rms = _root_mean_square(layer.gradient)
    relative = gradient_rms / last if last else float("nan")
    weight_norm, update_norm = _norm(layer.weights), _norm(layer.update)
    ratio = update_norm / weight_norm if weight_norm else float("nan")
    return LayerGradient(
        name=layer.layer,
        n_weights=layer.weights.size,
        gradient_norm=_norm(layer.gradient),
        gradient_rms=gradient_rms,
        relative_gradient=relative,
        weight_norm=weight_norm,
        update_norm=update_norm,
        update_ratio=ratio,
        verdict=_verdict(gradient_rms, relative, ratio, **thresholds),
    )


def _verdict(
    gradient_rms: float, relative: float, ratio: float, *, vanishing: float, exploding: float, largest_update: float
) -> Verdict:
    """What is not known (NaN) is no offence: comparisons with it are false."""
    if not np.isfinite(gradient_rms) or relative > exploding or ratio > largest_update:
        return "exploding"
    return "vanishing" if relative < vanishing else "healthy"


def _norm(values: np.ndarray) -> float:
    return float(np.linalg.norm(values.astype(np.float64)))


def _root_mean_square(values: np.ndarray) -> float:
    return _norm(values) / float(np.sqrt(values.size))
