"""What parameters of ours are called in scikit-learn's MLP, in Keras and in the code of people who know these."""

from __future__ import annotations

_IN_OURS = {
    "alpha": "'l2'",
    "max_iter": "'epochs'",
    "nb_epoch": "'epochs'",
    "lr": "'learning_rate'",
    "solver": "'optimizer'",
    "tol": "'min_delta'",
    "n_iter_no_change": "'patience'",
    "nesterovs_momentum": "'nesterov'",
    "units": "'hidden_layer_sizes'",
    "hidden_units": "'hidden_layer_sizes'",
    "layers": "'hidden_layer_sizes'",
    "kernel_regularizer": "'l1' and 'l2'",
    "batch_normalization": "'batch_norm'",
    "dropout_rate": "'dropout'",
    "seed": "'random_state'",
    "n_estimators": "'n_members'",
}


def name_elsewhere(name: str) -> str:
    """``" It is called 'l2' here."``, or nothing."""
    if name == "n_jobs":
        return " The search has it: a fit shares its work among free cores by itself."
    return f" It is called {_IN_OURS[name]} here." if name in _IN_OURS else ""
