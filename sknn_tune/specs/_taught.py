"""What a network is taught and what its outputs mean: for whoever measures how well it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Classes of which a row has one, labels of which it may have several, or numbers.
TargetKind = Literal["classes", "labels", "numbers"]

#: What an output says: a probability, its logit, a number whose sign decides, or what is to be predicted itself.
Meaning = Literal["probabilities", "logits", "signs", "numbers"]


@dataclass(frozen=True)
class Taught:
    """What the targets are, in the user's sense, and in which form a network gets them.

    Attributes
    ----------
    kind : {"classes", "labels", "numbers"}
    outputs : {"probabilities", "logits", "signs", "numbers"}
        What the outputs of the network mean.
    form : {"binary", "index", "one_hot", "number"} or None
        How the targets are encoded; None for a model of the user's own, which will tell.
    n_outputs : int or None
        Columns of the outputs; None likewise.
    exclusive : bool
        Of numbers that are probabilities: whether those of a row are of classes of which it has one.
    """

    kind: TargetKind
    outputs: Meaning
    form: str | None = None
    n_outputs: int | None = None
    exclusive: bool = False
