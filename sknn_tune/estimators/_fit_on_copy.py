"""A fit works on a copy of the estimator; what it has learnt becomes the estimator's own at the end, in one step.

Problem: a service predicts in some threads while another thread fits the estimator again. A fit sets two dozen
attributes one after the other (columns, classes, encoder, network, ...), and a prediction between two of them mixes
the old network with the new one, or finds none. Choice: the attributes are set on a copy, and the ``__dict__`` of the
estimator is exchanged when all are there; a prediction works on a copy, too, which has all of the old ones or all of
the new ones (`FittedEstimator.__copy__`). So a fit that fails leaves the estimator as it was. Not taken: a lock, which
would let predictions wait for a fit, and would have to be kept out of pickles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any

from .._compat.scikit_learn import hand_over_callback_context
from ._call_arguments import take_arguments
from ._routing import all_defaults


@contextmanager
def fitting(estimator: Any, arguments: Mapping[str, Any], *, also: str = "") -> Iterator[Any]:
    """Give a copy of ``estimator`` to be fitted, with the ``arguments`` of this call of ``fit``.

    When the block ends without an error, the estimator has what the copy has learnt. Its parameters stay as they are.
    ``also`` are further names of arguments, for the message about an unknown one.
    """
    fitted = copy(estimator)
    take_arguments(fitted, arguments, also=also)
    before = dict(vars(fitted))
    try:
        yield fitted
    finally:  # scikit-learn tears callbacks down, whether a fit fails or not
        hand_over_callback_context(fitted, estimator)
    interrupted = vars(fitted).pop("_interrupted", False)
    _take_over(estimator, fitted, before)
    if interrupted:
        raise KeyboardInterrupt


def _take_over(estimator: Any, fitted: Any, before: Mapping[str, Any]) -> None:
    """What the fit has changed; parameters, and what others have set meanwhile, stay as they are."""
    parameters, learnt = {*all_defaults(estimator), *estimator._routed_parameters()}, vars(fitted)
    changed = {name: value for name, value in learnt.items() if name not in before or value is not before[name]}
    gone = before.keys() - learnt.keys()
    kept = {name: value for name, value in dict(vars(estimator)).items() if name in parameters or name not in gone}
    estimator.__dict__ = {**kept, **{name: value for name, value in changed.items() if name not in parameters}}
    # A `model` that is a method stays bound to the copy, which need not keep the network when that is replaced.
    for name in ("_trained", "members_"):
        learnt.pop(name, None)
