"""The network in what a user hands over: an estimator, or a Pipeline that ends with one."""

from ._messages import described, where_it_is_kept
from ._network import fitted_network, fitted_networks, last_step, resamples, shares_weights, through_earlier_steps

__all__ = [
    "described",
    "fitted_network",
    "fitted_networks",
    "last_step",
    "resamples",
    "shares_weights",
    "through_earlier_steps",
    "where_it_is_kept",
]
