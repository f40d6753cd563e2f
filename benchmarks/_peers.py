"""Who is compared: for each peer an estimator, and a candidate in that peer's words.

Whatever a peer leaves open is set alike for all: Glorot's initial kernels, Nesterov momentum 0.9 for SGD, no
early stopping, the penalty on kernels. Left at each peer's default: the number of threads, and the seed of the
Keras and PyTorch peers (SciKeras' own seeding breaks later unseeded fits).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ._candidates import Candidate

#: The peer that the others are held against.
OURS = "sknn_tune"

#: Who runs with ``--quick``.
_QUICK = (OURS, "MLPClassifier")


@dataclass(frozen=True)
class Peer:
    """One contender.

    Attributes
    ----------
    build : callable
        ``build(n_features, n_classes)`` gives the estimator.
    parameters : callable
        ``parameters(candidate, epochs)`` gives what ``set_params`` takes.
    imports : tuple of str
        What it needs; loaded before any clock starts.
    slow : bool
        It runs only some of the candidates of a search.
    threads : bool
        Whether two jobs are two threads; otherwise they are two processes, joblib's default.
    spaces : tuple of str
        The spaces of candidates that it can express.
    """

    name: str
    build: Callable[[int, int], Any]
    parameters: Callable[[Candidate, int], dict[str, Any]]
    imports: tuple[str, ...]
    slow: bool = True
    threads: bool = False
    spaces: tuple[str, ...] = ("mlp", "wide")

    @property
    def keeps_code(self) -> bool:
        """Whether machine code is kept on disk."""
        return self.name in (OURS, "sknn_tune processes")

    def is_installed(self) -> bool:
        """Whether all its packages can be found; looks without importing them."""
        return all(find_spec(name.split(".")[0]) for name in self.imports)

    def load(self) -> None:
        """Import everything."""
        for name in self.imports:
            import_module(name)

    def estimator(self, candidate: Candidate, n_features: int, n_classes: int, epochs: int):
        """Ready to fit."""
        return self.build(n_features, n_classes).set_params(**self.parameters(candidate, epochs))


def chosen_peers(names: list[str] | None, quick: bool) -> list[Peer]:
    """Those asked for, or all that are installed; ours first, since the others are held against it."""
    if names is None:
        return [PEERS[name] for name in _QUICK] if quick else [peer for peer in PEERS.values() if peer.is_installed()]
    return sorted((PEERS[name] for name in names), key=lambda peer: peer.name != OURS)


def _network(candidate: Candidate) -> dict[str, Any]:
    """What describes the model, apart from how it is fed."""
    return {name: value for name, value in asdict(candidate).items() if name != "batch_size"}


# --- sknn_tune -----------------------------------------------------------------------------------------


def _build_ours(engine: str):
    def build(n_features, n_classes):
        from sknn_tune import KerasClassifier

        return KerasClassifier(engine=engine, nesterov=True, kernel_initializer="glorot_uniform", random_state=0)

    return build


def _our_parameters(candidate: Candidate, epochs: int) -> dict[str, Any]:
    return {**asdict(candidate), "epochs": epochs}


# --- scikit-learn --------------------------------------------------------------------------------------


def _build_mlp(n_features, n_classes):
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(tol=0.0, epsilon=1e-7, random_state=0)  # Adam's epsilon as in Keras


def _mlp_parameters(candidate: Candidate, epochs: int) -> dict[str, Any]:
    return {
        "hidden_layer_sizes": candidate.hidden_layer_sizes,
        "activation": {"sigmoid": "logistic"}.get(candidate.activation, candidate.activation),
        "solver": candidate.optimizer,
        "learning_rate_init": candidate.learning_rate,
        "batch_size": candidate.batch_size,
        # The loss of its batches has alpha / 2 / rows * sum(kernel ** 2), that of Keras l2 * sum(kernel ** 2).
        "alpha": 2 * candidate.l2 * candidate.batch_size,
        "max_iter": epochs,
        "n_iter_no_change": epochs + 1,  # it never stops early
    }


# --- Keras ---------------------------------------------------------------------------------------------


def _build_model_fit(n_features, n_classes):
    from ._keras_network import ModelFit

    return ModelFit()


def _build_scikeras(n_features, n_classes):
    from scikeras.wrappers import KerasClassifier

    from ._keras_network import build_for_scikeras

    return KerasClassifier(build_for_scikeras, verbose=0, **_scikeras_parameters(Candidate(), epochs=1))


def _scikeras_parameters(candidate: Candidate, epochs: int) -> dict[str, Any]:
    routed = {f"model__{name}": value for name, value in _network(candidate).items()}
    return {**routed, "batch_size": candidate.batch_size, "epochs": epochs}


def _build_keras_wrapper(n_features, n_classes):
    from keras.wrappers import SKLearnClassifier

    from ._keras_network import build_for_keras_wrapper

    return SKLearnClassifier(build_for_keras_wrapper)


def _keras_wrapper_parameters(candidate: Candidate, epochs: int) -> dict[str, Any]:
    return {
        "model_kwargs": _network(candidate),
        "fit_kwargs": {"batch_size": candidate.batch_size, "epochs": epochs, "verbose": 0},
    }


# --- skorch --------------------------------------------------------------------------------------------


def _build_skorch(n_features, n_classes):
    from skorch import NeuralNetClassifier
    from torch.nn import CrossEntropyLoss

    from ._torch_network import TorchNetwork

    return NeuralNetClassifier(
        TorchNetwork,
        module__n_features=n_features,
        module__n_outputs=n_classes,
        criterion=CrossEntropyLoss,
        train_split=None,
        iterator_train__shuffle=True,
        verbose=0,
    )


def _skorch_parameters(candidate: Candidate, epochs: int) -> dict[str, Any]:
    from ._torch_network import OPTIMIZERS

    momentum = {"optimizer__momentum": 0.9, "optimizer__nesterov": True} if candidate.optimizer == "sgd" else {}
    return {
        "module__hidden_layer_sizes": candidate.hidden_layer_sizes,
        "module__activation": candidate.activation,
        "module__batch_norm": candidate.batch_norm,
        "optimizer": OPTIMIZERS[candidate.optimizer],
        "optimizer__weight_decay": 2 * candidate.l2,  # the gradient of l2 * weight ** 2; of biases, too
        "lr": candidate.learning_rate,
        "batch_size": candidate.batch_size,
        "max_epochs": epochs,
        **momentum,
    }


#: Imports do not count, for anyone: ours are those of a fit by machine code.
_OUR_IMPORTS = ("sknn_tune.estimators", "sknn_tune.engine.machine._runner")

PEERS = {
    peer.name: peer
    for peer in (
        Peer(OURS, _build_ours("auto"), _our_parameters, _OUR_IMPORTS, slow=False, threads=True),
        Peer(
            "MLPClassifier",
            _build_mlp,
            _mlp_parameters,
            ("sklearn.neural_network",),
            slow=False,
            spaces=("mlp",),
        ),
        Peer("skorch", _build_skorch, _skorch_parameters, ("skorch", "torch", "benchmarks._torch_network")),
        Peer("Model.fit", _build_model_fit, _our_parameters, ("keras", "tensorflow", "benchmarks._keras_network")),
        Peer(
            "keras.wrappers",
            _build_keras_wrapper,
            _keras_wrapper_parameters,
            ("keras.wrappers", "tensorflow", "benchmarks._keras_network"),
        ),
        Peer(
            "SciKeras",
            _build_scikeras,
            _scikeras_parameters,
            ("scikeras.wrappers", "tensorflow", "benchmarks._keras_network"),
        ),
        Peer("sknn_tune processes", _build_ours("auto"), _our_parameters, _OUR_IMPORTS, slow=False),
        Peer(
            "sknn_tune engine=keras",
            _build_ours("keras"),
            _our_parameters,
            ("sknn_tune.estimators", "tensorflow", "scikeras.wrappers"),
            threads=True,
        ),
    )
}
