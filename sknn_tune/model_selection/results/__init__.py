"""What can be read from a finished search: tables, facts for pictures, which parameters mattered, what to choose."""

from ._capacity_curve import CapacityCurve, capacity_curve
from ._description import SearchDescription, describe_search
from ._duration import duration_text
from ._metrics import deciding, deciding_metric, metric_name
from ._network_sizes import PARAMETER, size_parameters
from ._one_standard_error import good_enough, one_standard_error
from ._parameter_importance import ParameterImportance, importance_of, parameter_importance
from ._parameter_scales import ParameterScale, value_text
from ._several_searches import describe_searches
from ._table import search_results, short_names
from ._what_is_measured import differing, is_loss, what_is_measured

__all__ = [
    "PARAMETER",
    "CapacityCurve",
    "ParameterImportance",
    "ParameterScale",
    "SearchDescription",
    "capacity_curve",
    "deciding",
    "deciding_metric",
    "describe_search",
    "describe_searches",
    "differing",
    "duration_text",
    "good_enough",
    "importance_of",
    "is_loss",
    "metric_name",
    "one_standard_error",
    "parameter_importance",
    "search_results",
    "short_names",
    "size_parameters",
    "value_text",
    "what_is_measured",
]
