"""What the other methods need done to a table before they can read it, and no more.

Each says in its documentation what it takes: categories as pandas' own type, or as text, gaps or none. Nobody but us
takes dates, so all get the same numbers of them.
"""

from __future__ import annotations

import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from ._quality_tables import is_date, is_number

MISSING = "(missing)"
#: What boosting of scikit-learn takes in one column, less one for all others.
MOST_CATEGORIES = 254
NUMBERS, TEXTS = make_column_selector(dtype_include="number"), make_column_selector(dtype_exclude="number")


class PlainColumns(TransformerMixin, BaseEstimator):
    """A DataFrame of numbers and of strings or categories.

    Parameters
    ----------
    categories : bool
        Strings become pandas' categories, those of the rows that are learnt from: others count as missing. Otherwise
        they stay strings, and a missing one is a string too.
    most_categories : int, optional
        So many are kept, the most frequent ones, and the rest is missing.
    fill_numbers : bool
        Medians instead of missing numbers, and columns that say where.
    """

    def __init__(self, categories: bool = False, most_categories: int | None = None, fill_numbers: bool = False):
        self.categories = categories
        self.most_categories = most_categories
        self.fill_numbers = fill_numbers

    def fit(self, X: pd.DataFrame, y=None) -> PlainColumns:
        """Learn categories and medians."""
        X = with_numbers_of_dates(X)
        self.levels_ = {
            name: sorted(X[name].astype(object).value_counts().index[: self.most_categories], key=str)
            for name in X
            if not is_number(X[name])
        }
        numbers = X.drop(columns=list(self.levels_))
        self.medians_ = numbers.median().fillna(0)
        self.gaps_ = list(numbers.columns[numbers.isna().any()])
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Give the columns in their order, then those that say where numbers are missing."""
        X = with_numbers_of_dates(X)
        missing = {f"{name}_is_missing": X[name].isna().astype(float) for name in self.gaps_}
        for name in X:
            if name not in self.levels_:
                X[name] = X[name].astype(float)
            elif self.categories:
                known = X[name].astype(object).where(X[name].isin(self.levels_[name]))
                X[name] = pd.Categorical(known, self.levels_[name])
            else:
                X[name] = X[name].astype(object).where(X[name].notna(), MISSING).astype(str)
        return X.fillna(self.medians_).assign(**missing) if self.fill_numbers else X


def with_numbers_of_dates(X: pd.DataFrame) -> pd.DataFrame:
    """Days since 1970, and the parts of a date that come again; a copy in any case."""
    X = X.copy()
    for name in [name for name in X if is_date(X[name])]:
        dates = X.pop(name)
        X[f"{name}_days"] = (dates - pd.Timestamp(0)) / pd.Timedelta(days=1)
        for part in ("month", "day", "day_of_week", "hour"):
            X[f"{name}_{part}"] = getattr(dates.dt, part)
    return X


def one_hot(numbers):
    """A pipeline that ends in numbers: of columns of numbers by ``numbers``, of strings one for each category.

    Categories of fewer than ten rows, and beyond the `MOST_CATEGORIES` most frequent ones, are taken together.
    """
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=10,
        max_categories=MOST_CATEGORIES,
        sparse_output=False,
        dtype="float32",
    )
    return make_pipeline(PlainColumns(), make_column_transformer((numbers, NUMBERS), (encoder, TEXTS)))


def standardised():
    """Columns of numbers as a network wants them at least: no gaps, one scale."""
    return make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
