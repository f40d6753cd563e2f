"""What a table holds, and what is wrong with which column: one place for all who take rows from a user.

Whoever takes rows lets scikit-learn check them, inside `explained`: what scikit-learn or NumPy refuse is then said with
the column, a row and what to do, and what they would take for something else than it is, is refused, too.
"""

from ._columns import as_frame, columns_of, dtype_of, values_of, without_mask
from ._containers import why_no_table
from ._explained import ABSENT, explained, why_no_numbers
from ._kinds import NOT_IN_A_CELL, kind_of
from ._sentences import sentence_about_odd_labels, why_no_labels
from ._sparse import refuse_broken_sparse

__all__ = [
    "ABSENT",
    "NOT_IN_A_CELL",
    "as_frame",
    "columns_of",
    "dtype_of",
    "explained",
    "kind_of",
    "refuse_broken_sparse",
    "sentence_about_odd_labels",
    "values_of",
    "why_no_labels",
    "why_no_numbers",
    "why_no_table",
    "without_mask",
]
