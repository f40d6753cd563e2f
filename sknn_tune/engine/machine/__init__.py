"""All of Numba and nothing else: dense networks trained on the processor by code that is compiled once for all."""

from ._train import train_by_machine_code

__all__ = ["train_by_machine_code"]
