"""The columns of a table, whatever holds them."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from sknn_tune.tables import columns_of


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, lambda columns: np.array(list(columns.values())).T])
def test_columns_of(make):
    table = make({"a": [1, 2, 3], "b": [4, 5, 6]})
    np.testing.assert_array_equal([np.asarray(column) for column in columns_of(table)], [[1, 2, 3], [4, 5, 6]])
