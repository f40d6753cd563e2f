"""What is trained: networks drawn at random, in words that belong to no peer.

Two spaces. "mlp" has what `MLPClassifier` has; "wide" has more activations, more optimizers and batch
normalisation. Widths are any number from 16 to 256 on a log scale, so hardly two candidates have the same
shape: the hardest case for an engine that compiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from math import exp, log
from statistics import mean

from scipy.stats import loguniform
from sklearn.model_selection import ParameterSampler
from sklearn.utils import check_random_state

SEED = 20


@dataclass(frozen=True)
class Candidate:
    """One network and how it is trained. ``l2`` is Keras': the loss has ``l2 * sum(kernel ** 2)`` more."""

    hidden_layer_sizes: tuple[int, ...] = (64,)
    activation: str = "relu"
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    l2: float = 1e-5
    batch_size: int = 32
    batch_norm: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden_layer_sizes", tuple(self.hidden_layer_sizes))  # JSON has lists

    @property
    def n_layers(self) -> int:
        """Layers that do something, normalisation included."""
        return len(self.hidden_layer_sizes) * (2 if self.batch_norm else 1) + 1

    def n_weights(self, n_features: int, n_outputs: int) -> int:
        """Numbers in the kernels."""
        widths = (n_features, *self.hidden_layer_sizes, n_outputs)
        return sum(before * after for before, after in pairwise(widths))


class Topologies:
    """One to three layers of 16 to 256 units."""

    def rvs(self, random_state=None) -> tuple[int, ...]:
        """Draw one, as `ParameterSampler` asks for it."""
        rng = check_random_state(random_state)
        n_layers = rng.randint(1, 4)
        return tuple(round(exp(rng.uniform(log(16), log(256)))) for _ in range(n_layers))


_MLP = {
    "hidden_layer_sizes": Topologies(),
    "activation": ["relu", "tanh", "sigmoid"],
    "optimizer": ["adam", "sgd"],
    "learning_rate": loguniform(1e-4, 1e-2),
    "l2": loguniform(1e-7, 1e-4),
    "batch_size": [32, 64, 128, 256],
}
SPACES = {
    "mlp": _MLP,
    "wide": {
        **_MLP,
        "activation": ["relu", "tanh", "elu", "selu", "silu"],
        "optimizer": ["sgd", "rmsprop", "adam", "nadam"],
        "batch_norm": [False, True],
    },
}


def draw_candidates(space: str, n_candidates: int) -> list[Candidate]:
    """The same ones in every run."""
    drawn = ParameterSampler(SPACES[space], n_candidates, random_state=SEED)
    return [Candidate(**{name: _plain(value) for name, value in parameters.items()}) for parameters in drawn]


def typical_subset(candidates: list[Candidate], size: int) -> list[int]:
    """Positions of the ``size`` candidates that cost a slow peer, on average, most nearly what all cost.

    Such a peer spends its time on the operations of an update rather than on their arithmetic, so it is
    the numbers of updates, and of layers to operate on, whose means must agree.
    """
    if size >= len(candidates):
        return list(range(len(candidates)))
    costs = [(1 / candidate.batch_size, candidate.n_layers) for candidate in candidates]
    typical = [mean(column) for column in zip(*costs, strict=True)]

    def deviation(few: tuple[int, ...]) -> float:
        means = [mean(column) for column in zip(*(costs[i] for i in few), strict=True)]
        return sum(abs(found / wanted - 1) for found, wanted in zip(means, typical, strict=True))

    return list(min(combinations(range(len(candidates)), size), key=deviation))


def _plain(value):
    """NumPy's numbers as Python's own, which JSON knows."""
    return value.item() if hasattr(value, "item") else value
