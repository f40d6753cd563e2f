"""Dense networks trained on the processor by machine code that is compiled once for all."""

from ._blas_threads import n_free_cores, one_blas_thread
from ._train import train_by_machine_code

__all__ = ["n_free_cores", "one_blas_thread", "train_by_machine_code"]
