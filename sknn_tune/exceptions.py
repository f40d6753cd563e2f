"""Errors and warnings of sknn_tune."""

from sklearn.exceptions import ConvergenceWarning, NotFittedError

__all__ = ["ConvergenceWarning", "DivergedError", "NetworkTooLargeError", "NotFittedError"]


class DivergedError(ValueError):
    """Training diverged and left weights of no use, so nothing can be predicted.

    Raised by ``predict``, ``predict_proba`` and ``score``. Inside a search it makes scikit-learn give
    the candidate its ``error_score``, and the rest of the search goes on.
    """


class NetworkTooLargeError(MemoryError, ValueError):
    """No memory of this machine can hold the network that the parameters describe.

    Raised by ``fit`` before anything of the network is allocated. What counts is the most that the process can have:
    the memory of the machine with its swap space, less where a control group or ``ulimit -v`` allows less. A network is
    refused if its weights, their gradients, what the optimizer keeps of them, and a batch in each layer are larger than
    that, for all members together. One that is merely large is tried. Inside a search it makes scikit-learn give the
    candidate its ``error_score``, as every error in ``fit``, and the rest of the search goes on.

    Examples
    --------
    >>> from sknn_tune import KerasClassifier
    >>> from sknn_tune.exceptions import NetworkTooLargeError
    >>> try:
    ...     KerasClassifier(hidden_layer_sizes=(10**9, 10**9)).fit([[0.0], [1.0]], [0, 1])
    ... except NetworkTooLargeError as error:
    ...     print(str(error)[:46])
    The 'hidden_layer_sizes' parameter of KerasCla
    """
