"""A trained network: plain arrays that can be pickled, copied and moved, and the Keras model made of them.

Keras pickles a model as an archive that must be able to name every loss, layer and function in it,
which fails for a user's own. Here the recipe (the spec) and the numbers (arrays) are kept instead;
the model is built anew from them on first use, on whatever device there is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .._forks import ForkSafeLock
from ..specs import CustomNetworkSpec, NetworkSpec, TrainingSpec, says_logits
from ._devices import placed_on
from ._network_arrays import NetworkArrays
from ._scope import why_no_formula
from ._tensorflow_in_child import check_tensorflow_can_compute
from .arrays import Predictor

#: Two threads that ask one estimator for its model must not build it twice. A lock per network could
#: not be pickled, and building takes milliseconds, so one lock serves all.
_building = ForkSafeLock(threading.RLock)


class TrainedNetwork:
    """What an engine hands back, and what it takes to go on training.

    Attributes
    ----------
    network : NetworkSpec or CustomNetworkSpec
    training : TrainingSpec
    seed : int
        The integer from which all random numbers of the fit were derived.
    engine : {"numba", "keras"}
        What trained it.
    """

    def __init__(
        self,
        network: NetworkSpec | CustomNetworkSpec,
        training: TrainingSpec,
        seed: int,
        *,
        engine: str,
        model: Any = None,
        arrays: NetworkArrays | None = None,
    ):
        self.network = network
        self.training = training
        self.seed = seed
        self.engine = engine
        # One of the two is always there; once a model is, it holds the truth.
        self._arrays: Any = arrays
        self._model = model
        self._made_as = None if model is None else _layers_of(model)
        self._trainable = None if model is None else _flags_of(model)
        self._predictor: Predictor | None = None
        self._model_users: set[object] = set()

    @property
    def arrays(self) -> NetworkArrays:
        """The numbers of the network. Read from the Keras model once there is one: users may change it."""

        def read(model: Any) -> NetworkArrays:
            from .models import read_arrays

            return read_arrays(model)

        return self._numbers(lambda arrays: arrays, read)

    @property
    def weights(self) -> list[np.ndarray]:
        """The weights alone: reading the state of the optimizer, too, would copy three times as much."""

        def read(model: Any) -> list[np.ndarray]:
            from .models import read_weights

            return read_weights(model)

        return self._numbers(lambda arrays: arrays.weights, read)

    def _numbers(self, of_arrays: Callable[[NetworkArrays], Any], of_model: Callable[[Any], Any]) -> Any:
        while True:
            arrays = self._arrays  # read once: another thread may ask for the model meanwhile, or take it away
            if arrays is not None:
                return of_arrays(arrays)
            with self._model_in_use() as model:
                if model is not None:
                    return of_model(model)

    def keras_model(self) -> Any:
        """The network as a compiled ``keras.Model``."""
        check_tensorflow_can_compute()
        with _building:
            if self._model is None:
                from .models import new_model, write_arrays

                model = new_model(self.network, self.training, self.seed, self._trainable)
                write_arrays(model, self._arrays)
                self._made_as, self._trainable = _layers_of(model), _flags_of(model)
                self._model = model  # only now, for those who look without the lock
                self._arrays = self._predictor = None
            return self._model

    @contextmanager
    def _model_in_use(self) -> Iterator[Any]:
        """The Keras model, if there is one; inside this block nobody trains it further."""
        user = object()
        while True:
            users, model = self._model_users, self._model
            users.add(user)
            if users is self._model_users and model is self._model:
                break
            users.discard(user)  # it was taken away in between
        try:
            yield model
        finally:
            users.discard(user)

    def without_model(self, model: Any) -> None:
        """Let others train the Keras model further: this network stays as it is, and has none, or a copy.

        Comes back when nobody predicts with the model any more.
        """
        from .models import copied_model, read_arrays

        users = self._model_users
        if _layers_of(model) == self._made_as:
            arrays, its_copy = read_arrays(model), None
        else:  # the user has changed more than numbers
            arrays, its_copy = None, copied_model(model)
        with _building:
            self._trainable = _flags_of(model)
            self._arrays = arrays
            self._model = its_copy
            self._model_users = set()  # last: who has found the old model is among the old users
        while users:
            time.sleep(0.001)

    def predict(self, X: Any, *, device: Any = None, arguments: Iterable[tuple[str, Any]] = ()) -> np.ndarray:
        """Raw outputs for the rows of ``X``, of shape (n_rows, n_outputs).

        Dense networks are predicted without TensorFlow, whatever has trained them: at once, and a row's prediction has
        the same bits whatever rows stand beside it. TensorFlow rounds a row at the end of a batch differently. Weights
        that the user has changed in the Keras model count; if layers or activations are others, Keras predicts.
        """
        given = dict(arguments)
        with self._model_in_use() as model:
            is_as_made = model is None or _layers_of(model) == self._made_as
            if self.engine == "numba" and is_as_made and not set(given) - {"batch_size"}:
                return self._own_predictor()(X, given.get("batch_size"))
            with placed_on(device, must_exist=False) as placement:
                if is_as_made and not (placement.on_gpu or given or why_no_formula(self.network)):
                    return self._own_predictor()(X)
                if model is not None:
                    from .models import predict_rows

                    with placement.for_tensorflow():
                        return predict_rows(model, X, arguments=given)
                with placement.for_tensorflow():
                    self.keras_model()
        return self.predict(X, device=device, arguments=given.items())

    def _own_predictor(self) -> Predictor:
        """One that is kept, until a user has changed the weights of the Keras model."""
        assert isinstance(self.network, NetworkSpec)  # there are formulas for no other
        predictor, model = self._predictor, self._model
        if predictor is None or (model is not None and not predictor.has(self.weights)):
            predictor = self._predictor = Predictor(self.network, self.weights)
        return predictor

    @property
    def gives_logits(self) -> bool:
        """Whether the outputs are logits by the word of the loss."""
        if isinstance(self.network, NetworkSpec):
            return says_logits(self.training.loss, dict(self.training.loss_arguments))
        from .models import gives_logits

        return gives_logits(self.keras_model())

    @property
    def is_finite(self) -> bool:
        """Whether every weight is a number."""
        if self._predictor is not None and self._model is None:  # made above, after this was asked
            return True
        return all(np.isfinite(weights).all() for weights in self.weights)

    @property
    def trainable(self) -> tuple[bool, ...] | None:
        """Of each layer of the Keras model whether it is trained, as the user may have set it; None: all as made."""
        model = self._model
        return self._trainable if model is None else _flags_of(model)

    @property
    def was_frozen_anew(self) -> bool:
        """Whether the user has frozen or thawed layers since the network was trained."""
        return self._model is not None and _flags_of(self._model) != self._trainable

    def __getstate__(self) -> dict:
        left_out = ("_model", "_made_as", "_predictor", "_model_users")
        kept = {name: value for name, value in vars(self).items() if name not in left_out}
        return {**kept, "_arrays": self.arrays, "_trainable": self.trainable}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._model = self._made_as = self._predictor = None
        self._model_users = set()


def _flags_of(model: Any) -> tuple[bool, ...]:
    from .models import trainable_flags

    return trainable_flags(model)


def _layers_of(model: Any) -> list[tuple[type, Any]]:
    """What a user may change in a model beside its weights, and still call it."""
    return [(type(layer), getattr(layer, "activation", None)) for layer in getattr(model, "layers", ())]
