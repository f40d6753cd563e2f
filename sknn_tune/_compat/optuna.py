"""Optuna: what of it is known by more than its public names. Nothing of it is imported here."""

from __future__ import annotations


def says_nothing_is_left(error: RuntimeError) -> bool:
    """Whether ``Study.tell`` raised it because the sampler has gone through all that there is to propose.

    Such samplers (``BruteForceSampler``, ``GridSampler``) call ``Study.stop``, which refuses outside of
    ``Study.optimize``, after the trial has been stored. Known by the text, from Optuna 4.0 to 5.0; with another one, a
    search through a finite list ends with this error instead of its results.
    """
    return "Study.stop" in str(error)
