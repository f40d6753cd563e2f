"""What to do with the columns of a table before a network: plain transformers, for any estimator.

All are written for scikit-learn's pipelines and searches and know nothing of networks.
"""

from ._piecewise_linear import PiecewiseLinearEncoder
from ._smooth_robust_scaler import SmoothRobustScaler
from .caching import CachedTransformer, CacheInfo
from .table import TableEncoder

__all__ = ["CacheInfo", "CachedTransformer", "PiecewiseLinearEncoder", "SmoothRobustScaler", "TableEncoder"]
