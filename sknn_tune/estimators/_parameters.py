"""The parameters of both estimators: what each is for, its default, where it is kept, and what it may be.

A new one is an entry of the docstring, a line of the signature and one of the constructor, and a line of the table of
constraints. What it does is said in `resolve`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any

import joblib
import numpy as np

from .._compat.scikit_learn import HasMethods, Hidden, ObjectWith, Options, StrOptions
from ..specs import (
    ACTIVATIONS,
    INITIALIZERS,
    OPTIMIZERS,
    SCHEDULES,
    SHUFFLE_BUFFER,
    canonical_name,
    canonical_optimizer,
)
from ._advice import ADVICE
from ._constraints import COUNT, COUNT_OR_ZERO, FRACTION, NOT_NEGATIVE, POSITIVE, RATE, SEVERAL, Names
from ._routing import RoutedParameters


class KerasParameters(RoutedParameters):
    """What the constructors of both estimators take.

    Entries that read differently for classes and for numbers are in the docstrings of the two.

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
        Name of a Keras activation, a callable, a layer such as ``keras.layers.PReLU`` (the class, or an object), or
        one of these per hidden layer.
    negative_slope : float, default=0.01
        Slope of ``leaky_relu`` below zero (Keras' own default is 0.2).
    kernel_initializer : str or keras.initializers.Initializer, default="auto"
        Initial weights of the Dense layers. "auto": ``he_normal`` before relu and its like,
        ``lecun_normal`` before selu, ``glorot_uniform`` otherwise and for the output layer.
    batch_norm : bool or {"before", "after"}, default=False
        Batch normalisation of each hidden layer, before or after its activation; True means "before".
        Before: the Dense layer has no bias, since normalisation would remove it. Ioffe & Szegedy
        (2015), https://arxiv.org/abs/1502.03167.
    batch_norm_momentum : float, default=0.99
        Share of the old value in each update of the moving mean and variance, which predictions use. Lower it
        when there are few updates.
    batch_norm_epsilon : float, default=1e-3
        Added to the variance before its root is taken, so that a constant input does not divide by zero.
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
        whole training, whose end ``partial_fit`` does not know.
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
    shuffle_buffer : int, default=250_000
        How many rows are mixed at once. A table with more rows is visited in blocks of neighbouring rows, drawn at
        random until they fill the buffer, in which all rows are mixed: the processor, or the disk, finds them several
        times faster than rows that lie anywhere. Of rows that come in batches (Parquet, Arrow, a polars LazyFrame),
        as many are kept in memory and mixed at once: raise it if neighbouring rows are alike, lower it if they are
        wide. A ``tf.data.Dataset`` keeps its own order.
    early_stopping : bool, default=False
        Hold out rows, and stop after ``patience`` epochs without improvement of ``monitor``.
    validation_split : scikit-learn splitter or float, default=None
        A splitter whose first split gives the rows to train on and those held out (``groups`` of ``fit``
        go to it), or a fraction. It holds rows out with ``early_stopping`` or without. Where the first split leaves
        rows out, as that of ``TimeSeriesSplit`` does, the last one counts; rows in neither part are a warning.
    monitor : str, default="val_loss"
        The key of ``history_`` that early stopping watches. One of the rows trained on, such as "loss", holds no
        rows out: training stops when it has come to rest, as scikit-learn's MLP does, and a ``ConvergenceWarning``
        says if ``epochs`` ended before.
    patience : int or numpy.inf, default=10
        Epochs without improvement after which training stops. ``numpy.inf``: never, but the best epoch is kept.
    min_delta : float, default=0.0
        Smallest change that counts as an improvement.
    restore_best_weights : bool, default=True
        Whether early stopping ends with the weights of the best epoch instead of the last.
    callbacks : list, dict or keras.callbacks.Callback, default=None
        Keras callbacks: classes (``callbacks__*`` gives them arguments), made anew for every fit, or objects. An
        object is used in ``fit`` itself, as in ``keras.Model.fit``, so what it has seen is found in it. Where several
        fits would share it (clones in a search, members), each has a copy, which shares with it what it was given to
        report to, such as a list, a file or a trial. scikit-learn's own callbacks go to ``set_callbacks`` instead.
    n_members : int, default=1
        How many networks are trained, each with initial weights, row order and dropout of its own. Their
        probabilities (or numbers) are averaged, which is nearly always better than one network; by machine code
        they share the free cores. With ``early_stopping``, or a fraction as ``validation_split``, member *k* holds
        out fold *k* of ``n_members`` (stratified for classes) and stops on it: ``validation_fraction`` is not used,
        and ``oof_score_`` is an honest estimate without a further fit. A splitter as ``validation_split`` gives
        its first ``n_members`` splits (the last ones, where the first leaves rows out). ``history_``, callbacks and
        pruners see the mean over the members that are still training.
    share_weights : bool or int, default=False
        Whether the ``n_members`` share the kernels of their hidden layers, and differ by an input scale, an output
        scale and a bias of their own in each, ``output_scale * ((input_scale * x) @ kernel) + bias``, and by their
        output layers (Gorishniy et al., 2025, https://arxiv.org/abs/2410.24210). Scales begin as one, those of the
        inputs as random signs. It is one network in one fit: ``early_stopping`` holds out rows once, as for one
        member, and watches the loss of the mean prediction, while ``loss`` is the mean of the members' losses, each
        over all rows. With the same rows held out it is as good as so many networks, in the same time, with a few
        times the weights of one. Choose it where rows can be held out in one way only (``X_val``, groups, order in
        time). 16 or 32 members are usual. An int: so many members share, or all if there are fewer, and each such
        network counts as one member of the fit, with a fold of its own: ``n_members=16, share_weights=2`` are eight
        networks of two. Not with ``model``, ``feature_layers`` or ``batch_norm``.
    warm_start : bool, default=False
        Whether ``fit`` goes on from the present weights and optimizer state.
    random_state : int, RandomState instance or None, default=None
        Decides initial weights, row order, dropout and the rows held out: the same int gives the same
        weights, bit for bit on one machine's CPU. None: new ones in every fit. No global seed is read or set.
    engine : {"auto", "numba", "keras"}, default="auto"
        What trains. "numba": machine code for dense networks on the processor, which Numba compiles once for all
        networks, or an error that says why it cannot. "keras": Keras' own training step in one compiled
        function, with the bits of ``keras.Model.fit`` in less time, on any device; ``Model.fit`` itself where it
        must be. "auto": machine code where it covers the network, with Keras' results many times faster, else
        Keras; on a machine with a card, Keras for networks that are large enough for it (``engine_reason_`` says
        which, and why).
    dtype : {"float32", "float64"}, default="float32"
        Precision of weights and arithmetic. "float64" is slower and exact to more digits.
    device : str or sequence of str, default=None
        A TensorFlow device such as "GPU:0", or several that concurrent fits share. None: the processor for dense
        networks that are too small for a card, TensorFlow's choice for all others. With "CPU:0" a dense network
        is trained without TensorFlow being loaded.
    memory : str, path or joblib.Memory, default=None
        Folder in which fits are kept. One with the same parameters, data, weights, seed and package versions is
        read back instead of run again, so its Keras callbacks are not run either. Functions and classes of your own
        count by their code and what it looks at. A fit goes on from a stored one
        that differs only in having fewer ``epochs``, where the result has the same bits: not with early stopping,
        callbacks, nadam, or a schedule that knows the last epoch. It needs an int ``random_state``.
        ``joblib.Memory.reduce_size`` bounds the folder.
    verbose : int, default=0
        0: silent; 1: one progress line; 2: a line per epoch.
    **model__arguments
        ``model__*``, and likewise ``optimizer__*``, ``loss__*``, ``metrics__*``, ``callbacks__*``,
        ``compile__*``, ``fit__*`` and ``predict__*``: arguments for what the prefix names.

    Attributes
    ----------
    model_ : keras.Model
        The trained network, built on first access.
    n_iter_ : int
        Epochs run; of several members, by the one that ran longest. Under ``warm_start`` and `partial_fit` those of all
        calls together, like ``history_``.
    n_steps_ : int
        Updates made; of several members, by all together.
    best_epoch_ : int
        Index of the best epoch in the lists of ``history_``, as early stopping found it; of the last epoch
        without early stopping. Each of several members has its own.
    n_parameters_ : int
        How many weights, biases and moving statistics the network has.
    members_ : list of estimators
        With several networks (``n_members`` above 1, unless all share their weights): the members, fitted estimators
        that predict alone.
    oof_prediction_ : ndarray of shape (n_samples,) or (n_samples, n_outputs)
        With such members and rows held out: for each row the probabilities (or numbers) that the member
        predicts that has not seen it, their mean if several have not; NaN for rows never held out.
    oof_score_ : float
        Accuracy (or R²) of ``oof_prediction_`` over its rows, as of ``score``.
    n_features_in_ : int
        Columns of X seen during fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns of X, if all of them are strings.
    engine_ : {"numba", "keras"}
        What trained the network: machine code, or Keras.
    engine_reason_ : str
        Why this engine trained it, in one sentence.
    device_ : str
        Where it was trained.
    """

    def __init__(
        self,
        model: Any = None,
        *,
        feature_layers: Sequence[Any] | None = None,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | Callable[..., Any] | Sequence[Any] = "relu",
        negative_slope: float = 0.01,
        output_activation: str | Callable[..., Any] = "auto",
        kernel_initializer: Any = "auto",
        batch_norm: bool | str = False,
        batch_norm_momentum: float = 0.99,
        batch_norm_epsilon: float = 1e-3,
        dropout: float | Sequence[float] = 0.0,
        input_dropout: float = 0.0,
        l1: float = 0.0,
        l2: float = 0.0,
        activity_l1: float = 0.0,
        activity_l2: float = 0.0,
        loss: Any = "auto",
        optimizer: Any = "adam",
        learning_rate: float = 1e-3,
        momentum: float = 0.9,
        nesterov: bool = False,
        beta_1: float | None = None,
        beta_2: float | None = None,
        rho: float | None = None,
        epsilon: float | None = None,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        learning_rate_schedule: Any = None,
        decay_rate: float = 0.5,
        decay_steps: int | str = "epoch",
        staircase: bool = False,
        decay_boundaries: Sequence[float] = (0.5, 0.75),
        batch_size: int = 32,
        epochs: int = 100,
        shuffle: bool = True,
        shuffle_buffer: int = SHUFFLE_BUFFER,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        validation_split: Any = None,
        monitor: str = "val_loss",
        patience: float = 10,
        min_delta: float = 0.0,
        restore_best_weights: bool = True,
        metrics: Any = None,
        callbacks: Any = None,
        n_members: int = 1,
        share_weights: bool | int = False,
        warm_start: bool = False,
        random_state: int | np.random.RandomState | None = None,
        engine: str = "auto",
        dtype: str = "float32",
        device: str | Sequence[str] | None = None,
        memory: str | os.PathLike[str] | joblib.Memory | None = None,
        verbose: int = 0,
        **model__arguments: Any,
    ) -> None:
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
        self.shuffle_buffer = shuffle_buffer
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.validation_split = validation_split
        self.monitor = monitor
        self.patience = patience
        self.min_delta = min_delta
        self.restore_best_weights = restore_best_weights
        self.metrics = metrics
        self.callbacks = callbacks
        self.n_members = n_members
        self.share_weights = share_weights
        self.warm_start = warm_start
        self.random_state = random_state
        self.engine = engine
        self.dtype = dtype
        self.device = device
        self.memory = memory
        self.verbose = verbose
        self._accept_routed(model__arguments)

    _parameter_advice = ADVICE
    _parameter_constraints: dict[str, list[Any]] = {
        # network
        "model": [callable, None],
        "feature_layers": [list, tuple, None],
        "hidden_layer_sizes": [COUNT, "array-like"],
        "activation": [StrOptions(set(ACTIVATIONS)), list, tuple, callable],
        "negative_slope": [NOT_NEGATIVE],
        "output_activation": [StrOptions({"auto", *ACTIVATIONS}), callable],
        "kernel_initializer": [Names({"auto", *INITIALIZERS}, canonical_name), callable],
        "batch_norm": ["boolean", StrOptions({"before", "after"})],
        "batch_norm_momentum": [RATE],
        "batch_norm_epsilon": [POSITIVE],
        "dropout": [RATE, "array-like"],
        "input_dropout": [RATE],
        "l1": [NOT_NEGATIVE],
        "l2": [NOT_NEGATIVE],
        "activity_l1": [NOT_NEGATIVE],
        "activity_l2": [NOT_NEGATIVE],
        # optimisation
        "loss": [str, callable, Hidden(list), Hidden(tuple), Hidden(dict), Hidden(None)],
        "optimizer": [Names(set(OPTIMIZERS), canonical_optimizer), HasMethods(["apply_gradients"])],
        "learning_rate": [POSITIVE],
        "momentum": [RATE],
        "nesterov": ["boolean"],
        "beta_1": [RATE, None],
        "beta_2": [RATE, None],
        "rho": [RATE, None],
        "epsilon": [POSITIVE, None],
        "weight_decay": [NOT_NEGATIVE, None],
        "clipnorm": [POSITIVE, None],
        "learning_rate_schedule": [StrOptions(set(SCHEDULES)), ObjectWith(["get_config", "__call__"]), None],
        "decay_rate": [POSITIVE],
        "decay_steps": [COUNT, StrOptions({"epoch"})],
        "staircase": ["boolean"],
        "decay_boundaries": ["array-like"],
        "batch_size": [COUNT, Options(Integral, {-1}), Hidden(None)],
        "epochs": [COUNT],
        "shuffle": ["boolean"],
        "shuffle_buffer": [COUNT],
        # stopping
        "early_stopping": ["boolean"],
        "validation_fraction": [FRACTION],
        "validation_split": [ObjectWith(["split", "get_n_splits"]), RATE, None],
        "monitor": [str],
        "patience": [COUNT_OR_ZERO, Options(Real, {math.inf})],
        "min_delta": [NOT_NEGATIVE],
        "restore_best_weights": ["boolean"],
        # run
        "metrics": [str, callable, list, tuple, dict, None],
        # A callback of scikit-learn's is let through, unnamed: fit answers with the door it should have taken.
        "callbacks": [list, tuple, dict, HasMethods(["set_model"]), Hidden(HasMethods(["on_fit_task_end"])), None],
        "n_members": [COUNT],
        "share_weights": ["boolean", SEVERAL],
        "warm_start": ["boolean"],
        "random_state": ["random_state"],
        "engine": [StrOptions({"auto", "numba", "keras"})],
        "dtype": [StrOptions({"float32", "float64"})],
        "device": [str, list, tuple, None],
        "memory": [str, os.PathLike, HasMethods(["cache"]), None],
        "verbose": ["verbose"],
    }
