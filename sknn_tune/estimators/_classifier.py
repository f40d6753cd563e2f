"""KerasClassifier: a neural network for classes."""

from __future__ import annotations

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

from ..specs._vocabulary import INDEX_LOSSES
from ._base import KerasEstimator
from ._constraints import CLASSIFIER_CONSTRAINTS
from ._resolve import Parameters, loss_compares_rows, resolve_loss
from ._targets import ClassTarget, Output, describe_classes, flat_labels, require_two_classes


class KerasClassifier(ClassifierMixin, KerasEstimator):
    """Classifier by a neural network, every choice about which is a parameter that a search can tune.

    Takes binary, multiclass (labels of any type) and multilabel targets. Put ``StandardScaler`` and
    ``OneHotEncoder`` before it in a pipeline: networks learn well only from inputs of similar scale.

    Parameters
    ----------
    model : callable or keras.Model, default=None
        None: the network that the parameters below describe. Otherwise a function that returns a Keras
        model (compiled or not), or a Keras model, which is copied for every fit. The function gets what
        its signature names of ``meta`` (a dict: ``n_features_in_``, ``X_shape_``, ``n_outputs_``,
        ``target_type_``, for a classifier ``n_classes_``, ...), ``compile_kwargs``, the parameters of
        this estimator, and the routed ``model__*`` ones.
    feature_layers : sequence, default=None
        Keras layers before the hidden layers: names, ``(name, arguments)`` pairs or layer objects, e.g.
        ``[("Reshape", {"target_shape": (8, 8, 1)}), ("Conv2D", {"filters": 16, "kernel_size": 3}),
        "Flatten"]``. With them X may have more than two axes.
    hidden_layer_sizes : int or sequence of int, default=(100,)
        Units of each hidden layer, first to last. One int is one layer; ``()`` is a linear model. Start
        small and grow while the validation score improves.
    activation : str, callable or sequence, default="relu"
        Name of a Keras activation, a callable, or one of these per hidden layer.
    negative_slope : float, default=0.01
        Slope of ``leaky_relu`` below zero (Keras' own default is 0.2).
    output_activation : str or callable, default="auto"
        Activation of the output layer. "auto": sigmoid for two classes and for multilabel targets,
        softmax for more classes.
    kernel_initializer : str or keras.initializers.Initializer, default="auto"
        Initial weights of the Dense layers. "auto": ``he_normal`` before relu and its like,
        ``lecun_normal`` before selu, ``glorot_uniform`` otherwise and for the output layer.
    batch_norm : bool or {"before", "after"}, default=False
        Batch normalisation of each hidden layer, before or after its activation; True means "before".
        Before: the Dense layer has no bias, since normalisation would remove it. Ioffe & Szegedy
        (2015), https://arxiv.org/abs/1502.03167.
    batch_norm_momentum : float, default=0.99
        Of the moving mean and variance that are used in prediction. Lower it when there are few updates.
    batch_norm_epsilon : float, default=1e-3
        Added to the variance.
    dropout : float or sequence of float, default=0.0
        Rate of dropout after each hidden layer, or one per layer; ``AlphaDropout`` after selu. Raise it
        against overfitting. Srivastava et al. (2014), https://jmlr.org/papers/v15/srivastava14a.html.
    input_dropout : float, default=0.0
        Rate of dropout on the inputs.
    l1 : float, default=0.0
        Penalty on the absolute values of the kernels (lasso), output layer included.
    l2 : float, default=0.0
        Penalty on the squares of the kernels (ridge), output layer included.
    activity_l1 : float, default=0.0
        Penalty on the absolute values of the hidden activations, per row (before Keras 3.13: added up
        over the rows of a batch).
    activity_l2 : float, default=0.0
        Penalty on the squares of the hidden activations, likewise.
    loss : str, callable or keras.losses.Loss, default="auto"
        What is minimised. "auto": binary crossentropy for two classes and multilabel targets, sparse
        categorical crossentropy for more. Otherwise a Keras loss by its name (``loss__*`` gives it
        arguments), class or object, or a function of ``(y_true, y_pred)``.
    optimizer : str, class or keras.optimizers.Optimizer, default="adam"
        ``"sgd"``, ``"adagrad"``, ``"rmsprop"``, ``"adam"``, ``"adamw"``, ``"nadam"`` or another of Keras',
        by name, class or object. An object keeps its own settings and is copied for every fit.
    learning_rate : float, default=1e-3
        Initial learning rate: the first parameter to tune, on a log scale. Too high and the loss jumps
        or becomes NaN; too low and it creeps.
    momentum : float, default=0.9
        For "sgd" only (give RMSProp one through ``optimizer__momentum``).
    nesterov : bool, default=False
        Nesterov's momentum, for "sgd".
    beta_1 : float, default=None
        Decay of the mean of gradients in Adam and its like. None: Keras' default for the optimizer (0.9).
    beta_2 : float, default=None
        Decay of the mean of squared gradients. None: Keras' default for the optimizer (0.999; 0.99 for Lion).
    rho : float, default=None
        Decay of the mean of squared gradients in RMSProp and Adadelta. None: Keras' default (0.9, 0.95).
    epsilon : float, default=None
        Keeps divisions stable in adaptive optimizers. None: Keras' default (1e-7).
    weight_decay : float, default=None
        Fraction of each weight taken away per update, times the learning rate. None: Keras' default
        (0.004 for AdamW, none otherwise).
    clipnorm : float, default=None
        Largest norm of the whole gradient; longer ones are scaled down (Keras' ``global_clipnorm``).
    learning_rate_schedule : str or keras LearningRateSchedule, default=None
        How the rate falls with the updates (``step``): "inverse_time",
        ``learning_rate / (1 + decay_rate * step / decay_steps)``; "exponential",
        ``learning_rate * decay_rate ** (step / decay_steps)``; "piecewise", times ``decay_rate`` at each of
        ``decay_boundaries``; "cosine", to zero along half a cosine. None: constant.
    decay_rate : float, default=0.5
        See ``learning_rate_schedule``; not used by "cosine".
    decay_steps : int or "epoch", default="epoch"
        Updates over which the decay is counted. "epoch": the updates of one epoch; for "cosine", of the
        whole training.
    staircase : bool, default=False
        Whether "inverse_time" and "exponential" fall in steps of ``decay_steps`` instead of smoothly.
    decay_boundaries : sequence of float, default=(0.5, 0.75)
        For "piecewise": rising fractions of all updates after which the rate is multiplied by ``decay_rate``.
    batch_size : int, default=32
        Rows per update; -1 for the whole training set. Small batches are noisy and slow, large ones
        need a higher learning rate.
    epochs : int, default=100
        Passes over the training rows, at most.
    shuffle : bool, default=True
        Whether each epoch visits the rows in a new order.
    class_weight : dict or "balanced", default=None
        Weights of the classes, which multiply ``sample_weight``. "balanced": such that each class has the
        same weight in all.
    early_stopping : bool, default=False
        Hold rows out and stop when they show no gain for ``patience`` epochs.
    validation_fraction : float, default=0.1
        Share of the rows held out by ``early_stopping``, stratified by class. Not used when ``fit`` gets ``X_val``.
    validation_split : scikit-learn splitter or float, default=None
        A splitter whose first split gives the rows to train on and those held out (``groups`` of ``fit``
        go to it), or a fraction. It holds rows out with ``early_stopping`` or without.
    monitor : str, default="val_loss"
        The key of ``history_`` that early stopping watches.
    patience : int, default=10
        Epochs without a gain after which training stops.
    min_delta : float, default=0.0
        Smallest change that counts as a gain.
    restore_best_weights : bool, default=True
        Whether early stopping ends with the weights of the best epoch instead of the last.
    metrics : str, callable, list or dict, default=None
        Keras metrics recorded per epoch besides the loss;
        ``accuracy`` is always recorded.
    callbacks : list, dict or keras.callbacks.Callback, default=None
        Keras callbacks: classes (``callbacks__*`` gives them arguments) or objects, which are copied for
        every fit. scikit-learn's own callbacks go to ``set_callbacks`` instead.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the present weights and optimizer state.
    random_state : int, RandomState instance or None, default=None
        Decides initial weights, row order, dropout and the rows held out: the same int gives the same
        weights, bit for bit on one machine's CPU. None: new ones in every fit. No global seed is read or set.
    engine : {"auto", "fused", "keras"}, default="auto"
        What trains. "auto": our own engine where it can, with Keras' results many times faster, else
        Keras (``engine_reason_`` says which, and why). On the processor our engine is machine code, which Numba
        compiles once for all networks; on a GPU, a TensorFlow program. "fused": our engine, or an error if it
        cannot. "keras": ``keras.Model.fit``, which can train everything.
    dtype : {"float32", "float64"}, default="float32"
        Of weights and arithmetic. "float64" is slower and exact to more digits.
    device : str or sequence of str, default=None
        A TensorFlow device such as "GPU:0", or several that concurrent fits share. None: TensorFlow's choice.
    memory : str, path or joblib.Memory, default=None
        Folder in which fits are kept: one with the same parameters, data, weights, seed and package
        versions is read back instead of run again (its Keras callbacks, too, are not run), and one that
        differs in nothing but fewer ``epochs`` goes on, where that gives the bits of training anew: not
        with early stopping, callbacks, nadam, or a schedule that knows the last epoch. It needs an
        int ``random_state``. ``joblib.Memory.reduce_size`` bounds the folder.
    verbose : int, default=0
        0: silent; 1: one progress line; 2: a line per epoch.
    **model__arguments
        ``model__*``, and likewise ``optimizer__*``, ``loss__*``, ``metrics__*``, ``callbacks__*``,
        ``compile__*``, ``fit__*`` and ``predict__*``: arguments for what the prefix names.

    Attributes
    ----------
    model_ : keras.Model
        The trained network, built on first access.
    history_ : dict of str to list of float
        "loss", "accuracy", "learning_rate", with held-out rows "val_loss", ...: one value per epoch.
    n_iter_ : int
        Epochs run.
    n_steps_ : int
        Updates made.
    best_epoch_ : int
        Index into the lists of ``history_`` of the best epoch that early stopping found; the last epoch
        without early stopping.
    n_parameters_ : int
        Numbers in the network, moving statistics included.
    classes_ : ndarray of shape (n_classes,)
        Labels, sorted; ``0 .. n_labels - 1`` for multilabel targets.
    n_classes_ : int
        How many.
    n_outputs_ : int
        Columns of y: 1, or the number of labels of a multilabel target.
    n_features_in_ : int
        Columns of X seen during fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Their names, if X had names that are all strings.
    engine_ : str
        What trained the network.
    engine_reason_ : str
        Why, in one sentence.
    device_ : str
        Where it was trained.

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

    _parameter_constraints: dict = CLASSIFIER_CONSTRAINTS

    def __init__(
        self,
        model=None,
        *,
        feature_layers=None,
        hidden_layer_sizes=(100,),
        activation="relu",
        negative_slope=0.01,
        output_activation="auto",
        kernel_initializer="auto",
        batch_norm=False,
        batch_norm_momentum=0.99,
        batch_norm_epsilon=1e-3,
        dropout=0.0,
        input_dropout=0.0,
        l1=0.0,
        l2=0.0,
        activity_l1=0.0,
        activity_l2=0.0,
        loss="auto",
        optimizer="adam",
        learning_rate=1e-3,
        momentum=0.9,
        nesterov=False,
        beta_1=None,
        beta_2=None,
        rho=None,
        epsilon=None,
        weight_decay=None,
        clipnorm=None,
        learning_rate_schedule=None,
        decay_rate=0.5,
        decay_steps="epoch",
        staircase=False,
        decay_boundaries=(0.5, 0.75),
        batch_size=32,
        epochs=100,
        shuffle=True,
        class_weight=None,
        early_stopping=False,
        validation_fraction=0.1,
        validation_split=None,
        monitor="val_loss",
        patience=10,
        min_delta=0.0,
        restore_best_weights=True,
        metrics=None,
        callbacks=None,
        warm_start=False,
        random_state=None,
        engine="auto",
        dtype="float32",
        device=None,
        memory=None,
        verbose=0,
        **model__arguments,
    ):
        self.model = model
        self.feature_layers = feature_layers
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.negative_slope = negative_slope
        self.output_activation = output_activation
        self.kernel_initializer = kernel_initializer
        self.batch_norm = batch_norm
        self.batch_norm_momentum = batch_norm_momentum
        self.batch_norm_epsilon = batch_norm_epsilon
        self.dropout = dropout
        self.input_dropout = input_dropout
        self.l1 = l1
        self.l2 = l2
        self.activity_l1 = activity_l1
        self.activity_l2 = activity_l2
        self.loss = loss
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.nesterov = nesterov
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.rho = rho
        self.epsilon = epsilon
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.learning_rate_schedule = learning_rate_schedule
        self.decay_rate = decay_rate
        self.decay_steps = decay_steps
        self.staircase = staircase
        self.decay_boundaries = decay_boundaries
        self.batch_size = batch_size
        self.epochs = epochs
        self.shuffle = shuffle
        self.class_weight = class_weight
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.validation_split = validation_split
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta
        self.restore_best_weights = restore_best_weights
        self.metrics = metrics
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.random_state = random_state
        self.engine = engine
        self.dtype = dtype
        self.device = device
        self.memory = memory
        self.verbose = verbose
        self._accept_routed(model__arguments)

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None, sample_weight=None, X_val=None, y_val=None, sample_weight_val=None, groups=None):
        """Train the network.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or tf.data.Dataset
            Training rows: NumPy, pandas, polars, SciPy sparse (never made dense whole), arrays with more
            axes when ``feature_layers`` or ``model`` takes them; or a dataset of ``(x, y)`` or
            ``(x, y, sample_weight)`` batches in its own order, with y left out.
        y : array-like of shape (n_samples,) or (n_samples, n_labels), default=None
            Class labels of any type, or a 0/1 matrix for multilabel targets.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, scaled to mean one. A weight of two is the row given twice, one of zero
            the row left out.
        X_val, y_val : array-like, default=None
            Rows to watch instead of rows held out. In a Pipeline: ``transform_input=["X_val"]``.
        sample_weight_val : array-like, default=None
            Their weights.
        groups : array-like of shape (n_samples,), default=None
            Groups for the ``validation_split`` splitter.

        Returns
        -------
        self : KerasClassifier
            The fitted estimator.
        """
        return self._fit(X, y, sample_weight, (X_val, y_val, sample_weight_val), groups)

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X, y=None, classes=None, sample_weight=None):
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

        Returns
        -------
        self : KerasClassifier
            The estimator.
        """
        return self._fit(X, y, sample_weight, (None, None, None), None, classes=classes, incremental=True)

    def predict(self, X):
        """Predict the most probable class of each row.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or tf.data.Dataset
            Rows.

        Returns
        -------
        y : ndarray of shape (n_samples,) or (n_samples, n_labels)
            Labels as in ``classes_``; for a multilabel target 1 where a label is more likely than not.
        """
        probabilities = self.predict_proba(X)
        return self._target.labels(probabilities)

    def predict_proba(self, X):
        """Predict the probability of each class.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or tf.data.Dataset
            Rows.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Columns in the order of ``classes_``, for two classes, too. Rows sum to one, except for a
            multilabel target, where each column is the probability of its label.
        """
        outputs = self._outputs(X)
        return self._target.probabilities(
            outputs,
            output_activation=getattr(self._trained.network, "output_activation", None),
            logits=self._trained.gives_logits,
        )

    # --- what the classifier tells the life of a fit ---------------------------------------------------

    def _check_target_array(self, y) -> np.ndarray:
        return flat_labels(y)

    def _describe_target(self, y, classes) -> ClassTarget:
        target = describe_classes(y, classes=classes)
        require_two_classes(target, y, type(self).__name__)
        return target

    def _set_target_attributes(self, target: ClassTarget) -> None:
        self.classes_ = target.classes
        self.n_classes_ = len(target.classes)
        self.n_outputs_ = len(target.classes) if target.is_multilabel else 1

    def _check_same_target(self, y, classes) -> None:
        if classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(
                f"classes={classes!r} is not the same as in the first call: {self.classes_.tolist()}. "
                "Give the same classes, or leave them out."
            )
        if not self._target.is_multilabel:
            self._target.index(y)

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
        form = "one_hot" if loss_compares_rows(loss) else "index"
        return Output(n_classes, "softmax" if automatic else given, form, loss, form)

    def _class_index(self, y, target: ClassTarget):
        return None if target.is_multilabel else target.index(y)

    def _target_weights(self, parameters: Parameters, rows, target: ClassTarget):
        """A function from labels to the weights that ``class_weight`` gives them."""
        given = parameters["class_weight"]
        if given is None:
            return lambda y: None
        if target.is_multilabel:
            return lambda y: compute_sample_weight(given, y)
        if isinstance(given, str):
            totals = np.bincount(target.index(rows.y), weights=rows.sample_weight, minlength=len(target.classes))
            by_class = totals.sum() / (np.count_nonzero(totals) * np.where(totals > 0, totals, 1))
        else:
            by_class = compute_class_weight(given, classes=target.classes, y=rows.y)
        return lambda y: by_class[target.index(y)].astype(self.dtype)

    def _meta(self, rows, target: ClassTarget) -> dict:
        return {**super()._meta(rows, target), "n_classes_": self.n_classes_, "classes_": self.classes_}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
