"""One transformer for a whole table: every column is encoded as its kind asks for."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.utils import Tags
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from ..._compat.scikit_learn import Interval, NamesTheNearest, StrOptions, checks_parameters
from ..._documentation import LinkedToDocumentation
from ...tables import as_frame, columns_of, explained, values_of
from .._piecewise_linear import PiecewiseLinearEncoder
from .._smooth_robust_scaler import SmoothRobustScaler
from ._columns import (
    as_categories,
    as_dates,
    as_durations,
    as_numbers,
    first_present,
    is_categorical,
    is_missing,
    read_column,
    zone_of,
)
from ._dates import come_again, date_parts, days_of_year, name_of_day, parts_that_vary
from ._numbers_as_text import text_among_numbers
from ._target_means import TargetMeans, target_columns
from ._zones import Zone

#: The kind of a column of strings that name their rows.
LEFT_OUT = "left out"

_READERS: dict[str, Callable[[Any], np.ndarray]] = {
    "number": as_numbers,
    "duration": as_durations,
    "category": as_categories,
}

_PLURALS = {"number": "numbers", "duration": "durations", "date": "dates", "category": "categories"}

#: Kinds whose values are numbers as they are read.
_OF_NUMBERS = ("number", "duration")

#: A column of strings in which more than this share of the rows have a string of their own names its rows.
_SHARE_OF_NAMES = 0.5

#: From so many categories on, means of the target are given beside the columns of single categories.
_MANY_CATEGORIES = 10

#: Rows from which a category has a column of its own.
_ROWS_OF_CATEGORY = 2


class _Column(NamedTuple):
    """What is learnt of one column."""

    name: str
    kind: str
    parts: tuple[str, ...] = ()  # of a date
    zone: Zone = Zone()
    has_days: bool = False  # of the year, that tell rows apart
    n_categories: int = 0
    odd_text: str | None = None  # what keeps it from being a column of numbers
    is_text: bool = False  # of categories: whether all are text

    def number_parts(self) -> tuple[str, ...]:
        """The columns of numbers that it gives, by what is added to its name."""
        return ("",) if self.kind in _OF_NUMBERS else self.parts


class TableEncoder(TransformerMixin, NamesTheNearest, LinkedToDocumentation, BaseEstimator):
    """Encode a table of any columns as numbers that a network learns well from.

    Numbers, booleans, strings, categories, dates and missing values go in as they are; what comes out is a dense
    array of float32 within ±3. `TabularClassifier` and `TabularRegressor` have it inside; put it
    before any other network, or a linear model, in a pipeline.

    Parameters
    ----------
    encoding : {"piecewise", "smooth"}, default="piecewise"
        How numbers are encoded: by `PiecewiseLinearEncoder`, which lets a network bend at thresholds, or by
        `SmoothRobustScaler`, one bounded output per column, which is better for smooth functions and for tables of
        few rows and many columns.
    calendar_days : bool, default=False
        Whether each day of the year has an output of its own, beside the numbers of a date: for what happens on
        holidays, where there are several years to learn it from.
    n_bins : int, default=16
        Pieces per column, for ``"piecewise"``.
    max_categories : int, default=50
        How many outputs a column of categories has at most. The most frequent have one each, all others share one.
    target_encoding : bool, default=False
        Whether columns of at least ten categories are given by the mean target of each category, too: found by
        scikit-learn's ``TargetEncoder``, for each row from other rows (five folds), standardised and kept
        within ±3. Needs ``y`` in ``fit``; without it there are none. Worth trying where categories have many names.
    target_type : {"auto", "continuous", "classes"}, default="auto"
        What ``y`` is. ``"auto"``: numbers if one of them is no whole number, else classes.

    Attributes
    ----------
    kinds_ : dict of str to str
        For each column ``"number"``, ``"duration"``, ``"date"``, ``"category"``, or ``"left out"``.
    has_days_of_several_years_ : bool
        Whether days of the year of a column of dates come again in another year, as a rule.
    has_many_categories_ : bool
        Whether a column has ten categories or more, which means of the target can tell apart.
    n_features_in_ : int
    feature_names_in_ : array of shape (`n_features_in_`,)
        If ``X`` has names that are all strings.

    See Also
    --------
    sknn_tune.TabularClassifier : A network with this inside, and TabularRegressor likewise.
    CachedTransformer : Encodes each fold of a search once.

    Notes
    -----
    - Numbers are columns of numbers or booleans, whatever holds them (also objects), and durations, in seconds. A
      missing one is encoded as the median, with a further output which is 1 where it is missing.
    - Dates, and strings that are all dates as ISO 8601 writes them (``2026-01-31``), become numbers: the day, the
      month, the day of the month, the weekday and the hour, as far as they vary; with
      ``calendar_days`` each day of the year, too, new ones being zeros. The hour is that of the clock, in the
      time zone that the column had in ``fit``: new rows in another zone are the same moments by that clock. Text with
      offsets of summer and winter is taken as it is written. A column with a zone in one place, and none in the
      other, is a warning.
    - Everything else is categories: strings, and columns that pandas or polars say are categorical, of numbers, too.
      A missing value is a category of its own. One that was not there in ``fit`` counts as a rare one, and gives
      zeros if there were none. Numbers that are names (postcodes, station numbers) are to be given as strings.
    - A column of strings in which most rows have one of their own (names, free text) says nothing that such an
      encoder could learn: it is left out, with a warning. Encode it before, such as with ``TextEncoder`` of skrub.

    Columns of one value give zeros, those of one date nothing. Infinity is refused.

    Examples
    --------
    >>> import pandas as pd
    >>> from sknn_tune.preprocessing import TableEncoder
    >>> table = pd.DataFrame(
    ...     {
    ...         "size": [1.0, 2.0, None, 4.0],
    ...         "colour": ["red", "blue", "red", "blue"],
    ...         "sold": pd.to_datetime(["2026-01-31", "2026-02-01", "2026-02-03", "2026-02-07"]),
    ...     }
    ... )
    >>> encoder = TableEncoder(encoding="smooth").fit(table)
    >>> encoder.kinds_
    {'size': 'number', 'colour': 'category', 'sold': 'date'}
    >>> print(*encoder.get_feature_names_out())
    size sold_day sold_month sold_day_of_month sold_weekday missingindicator_size colour_blue colour_red
    """

    _parameter_constraints: dict = {
        "encoding": [StrOptions({"piecewise", "smooth"})],
        "calendar_days": ["boolean"],
        "n_bins": [Interval(Integral, 1, None, closed="left")],
        "max_categories": [Interval(Integral, 2, None, closed="left")],
        "target_encoding": ["boolean"],
        "target_type": [StrOptions({"auto", "continuous", "classes"})],
    }

    def __init__(
        self,
        encoding: str = "piecewise",
        calendar_days: bool = False,
        n_bins: int = 16,
        max_categories: int = 50,
        target_encoding: bool = False,
        target_type: str = "auto",
    ) -> None:
        self.encoding = encoding
        self.calendar_days = calendar_days
        self.n_bins = n_bins
        self.max_categories = max_categories
        self.target_encoding = target_encoding
        self.target_type = target_type

    def fit(self, X: Any, y: Any = None) -> TableEncoder:
        """Learn how to encode each column.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            For the means of the target.

        Returns
        -------
        self : TableEncoder
        """
        self.fit_transform(X, y)
        return self

    @checks_parameters
    def fit_transform(self, X: Any, y: Any = None) -> np.ndarray:
        """Learn how to encode each column, and encode.

        Rows of the training are not encoded as ``transform`` would encode them: means of the target are those of
        other rows.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            For the means of the target.

        Returns
        -------
        X_encoded : array of float32 of shape (n_samples, n_features_out)
        """
        X = self._checked(X, reset=True)
        names = getattr(self, "feature_names_in_", [f"x{number}" for number in range(self.n_features_in_)])
        columns = [_learn(str(name), column) for name, column in zip(names, columns_of(X), strict=True)]
        self._columns = [column for column, _ in columns]
        self.kinds_ = {column.name: column.kind for column in self._columns}
        self._warn_of_what_is_left_out()
        self._warn_of_numbers_as_text()
        values = [each for _, each in columns]
        self.has_days_of_several_years_ = any(column.kind == "date" and come_again(dates) for column, dates in columns)
        self.has_many_categories_ = any(column.n_categories >= _MANY_CATEGORIES for column in self._columns)
        numbers, categories = self._in_two_tables(values, len(X))
        self._of_numbers = self._of_days = self._of_categories = self._of_targets = None
        blocks = [np.empty((len(X), 0))]
        if numbers.shape[1]:
            self._of_numbers = _encoder_of_numbers(self.encoding, self.n_bins)
            blocks.append(self._of_numbers.fit_transform(numbers))
        if self.calendar_days and any(column.has_days for column in self._columns):
            days = self._days_of_year(values, len(X))
            self._of_days = _encoder_of_days(days)
            blocks.append(self._of_days.fit_transform(days))
        if categories.shape[1]:
            self._of_categories = _encoder_of_categories(self.max_categories)
            blocks.append(self._of_categories.fit_transform(categories))
        has_means = self._has_means()
        if y is not None and has_means.any():
            self._of_targets = TargetMeans()
            kind: Any = "numbers" if self.target_type == "continuous" else "labels"
            with explained(type(self).__name__, y=y, targets=kind):
                targets = target_columns(y, self.target_type)
            blocks.append(self._of_targets.fit_transform(categories[:, has_means], targets))
        return _together(blocks)

    def transform(self, X: Any) -> np.ndarray:
        """Encode.

        Parameters
        ----------
        X : DataFrame or array of shape (n_samples, n_features)

        Returns
        -------
        X_encoded : array of float32 of shape (n_samples, n_features_out)
        """
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        given = list(columns_of(X))
        values = [self._read(*each) for each in zip(self._columns, given, strict=True)]
        self._warn_of_no_text(given, values)
        numbers, categories = self._in_two_tables(values, len(X))
        blocks = [np.empty((len(X), 0))]
        if self._of_numbers is not None:
            blocks.append(self._of_numbers.transform(numbers))
        if self._of_days is not None:
            blocks.append(self._of_days.transform(self._days_of_year(values, len(X))))
        if self._of_categories is not None:
            blocks.append(self._of_categories.transform(categories))
        if self._of_targets is not None:
            blocks.append(self._of_targets.transform(categories[:, self._has_means()]))
        return _together(blocks)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the outputs.

        Parameters
        ----------
        input_features : sequence of str, default=None
            Ignored where ``fit`` had names; otherwise those of the columns.

        Returns
        -------
        names : array of str
        """
        check_is_fitted(self)
        given = OneToOneFeatureMixin.get_feature_names_out(self, input_features)  # those of the columns
        columns = list(zip(self._columns, map(str, given), strict=True))
        names: list[str] = []
        if self._of_numbers is not None:
            parts = [f"{name}_{part}" if part else name for column, name in columns for part in column.number_parts()]
            names += self._of_numbers.get_feature_names_out(parts).tolist()
        if self._of_days is not None:
            of_dates = [name for column, name in columns if column.has_days]
            days = zip(of_dates, self._of_days.categories_, strict=True)
            names += [f"{name}_{name_of_day(day)}" for name, known in days for day in known]
        of_categories = [name for column, name in columns if column.kind == "category"]
        if self._of_categories is not None:
            names += self._of_categories.get_feature_names_out(of_categories).tolist()
        if self._of_targets is not None:
            many = [name for name, has_means in zip(of_categories, self._has_means(), strict=True) if has_means]
            names += self._of_targets.names(many)
        return np.asarray(names, dtype=object)

    def _checked(self, X: Any, reset: bool) -> Any:
        """A table as it is, anything else as an array; sparse rows and infinity are refused."""
        X = as_frame(X)
        with explained(type(self).__name__, X, takes_any_column=True):
            if not hasattr(X, "columns"):
                X = check_array(X, dtype=None, ensure_all_finite=False, estimator=self, input_name="X")
            if 0 in (X.shape if reset else X.shape[:1]):
                check_array(np.empty(X.shape), estimator=self)  # for its message
            validate_data(self, X, reset=reset, skip_check_array=True)
        return X

    def _read(self, column: _Column, values: Any) -> np.ndarray:
        """A column of new rows, in the form that it had in ``fit``."""
        if column.kind == LEFT_OUT:
            return np.empty(0)
        try:
            if column.kind == "date":
                dates = as_dates(values, column.zone.clock)
                self._warn_of_other_zone(column, values, dates)
                return dates
            read = _READERS[column.kind](values)
        except ValueError as error:
            raise ValueError(
                f"Column {column.name!r} held {_PLURALS[column.kind]} in fit, and now something else, {error}. "
                "Give the column as it was in fit."
            ) from None
        if column.kind in _OF_NUMBERS:
            _refuse_infinity(column.name, read)
        return read

    def _warn_of_no_text(self, given: Sequence[Any], values: Sequence[np.ndarray]) -> None:
        """Say which columns of text hold something else now, of which nothing is known."""
        of_categories = [each for each in zip(self._columns, given, values, strict=True) if each[0].kind == "category"]
        categories = [] if self._of_categories is None else self._of_categories.categories_
        for (column, now, names), known in zip(of_categories, categories, strict=True):
            first = first_present(now) if column.is_text else None
            if first is not None and not isinstance(first, str) and set(known.tolist()).isdisjoint(names.tolist()):
                warnings.warn(
                    f"Column {column.name!r} of {type(self).__name__} held text in fit, and holds something else now, "
                    f"such as {first!r}: none of it is a category that fit has seen, so all rows are encoded as "
                    "unknown. Give the column as it was in fit.",
                    UserWarning,
                    stacklevel=4,
                )

    def _warn_of_other_zone(self, column: _Column, given: Any, dates: np.ndarray) -> None:
        now = zone_of(given)
        if np.isnat(dates).all() or now.is_known == column.zone.is_known:
            return
        then, here = (f"{'a' if each.is_known else 'no'} time zone" for each in (column.zone, now))
        warnings.warn(
            f"Column {column.name!r} of {type(self).__name__} had {then} in fit ({column.zone}), and has {here} now "
            f"({now}), so nobody knows whether its clock is the same. Its hours are taken as they are written; give "
            "the column with its zone, or without one, as it was in fit.",
            UserWarning,
            stacklevel=4,
        )

    def _in_two_tables(self, values: Sequence[np.ndarray], n_rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Numbers, among them those of dates, and categories."""
        numbers: list[np.ndarray] = []
        categories: list[np.ndarray] = []
        for column, of_column in zip(self._columns, values, strict=True):
            if column.kind in _OF_NUMBERS:
                numbers.append(of_column)
            elif column.kind == "date":
                parts = date_parts(of_column)
                numbers += [parts[part] for part in column.parts]
            elif column.kind == "category":
                categories.append(of_column)
        table = np.empty((n_rows, len(categories)), dtype=object)
        for place, of_column in enumerate(categories):
            table[:, place] = of_column
        return np.array(numbers, dtype=np.float64).reshape(len(numbers), n_rows).T, table

    def _days_of_year(self, values: Sequence[np.ndarray], n_rows: int) -> np.ndarray:
        """Those of each column of dates where they vary, as whole numbers."""
        days = [days_of_year(each) for column, each in zip(self._columns, values, strict=True) if column.has_days]
        return np.array(days, dtype=np.int64).reshape(len(days), n_rows).T

    def _has_means(self) -> np.ndarray:
        """Which of the columns of categories are given by means of the target, too."""
        counts = [column.n_categories for column in self._columns if column.kind == "category"]
        return np.array([self.target_encoding and count >= _MANY_CATEGORIES for count in counts], dtype=bool)

    def _warn_of_what_is_left_out(self) -> None:
        names = [column.name for column in self._columns if column.kind == LEFT_OUT]
        if names:
            warnings.warn(
                f"{type(self).__name__} leaves out {', '.join(map(repr, names))}: most rows have a string of their "
                "own there, such as a name or a text. Encode what the text says in columns of numbers or categories "
                "before, or drop it.",
                UserWarning,
                stacklevel=4,
            )

    def _warn_of_numbers_as_text(self) -> None:
        odd = [
            f"{column.name!r} (such as {column.odd_text!r})" for column in self._columns if column.odd_text is not None
        ]
        if odd:
            warnings.warn(
                f"{type(self).__name__} takes {', '.join(odd)} for categories, since not all is a number there, though "
                "most is. Make numbers of it first, such as by pandas.to_numeric(column, errors='coerce'), which makes "
                "missing values of what is none; or strings of all, if they are names.",
                UserWarning,
                stacklevel=4,
            )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


def _learn(name: str, given: Any) -> tuple[_Column, np.ndarray]:
    """What there is to know of a column, and its values."""
    try:
        kind, values = read_column(given)
    except ValueError as error:
        raise ValueError(
            f"Column {name!r} holds what cannot be encoded, {error}. Give each of its values a column of its own, or "
            "leave it out."
        ) from None
    if kind == "date":
        parts, days = tuple(parts_that_vary(values)), len(np.unique(days_of_year(values[~np.isnat(values)])))
        return _Column(name, kind, parts, zone_of(given), has_days=days > 1), values
    if kind in _OF_NUMBERS:
        _refuse_infinity(name, values)
        return _Column(name, kind), values
    odd_text = None if is_categorical(given) else text_among_numbers(given)
    counts = Counter(value for value in values.tolist() if value is not None)
    n_rows = sum(counts.values())
    if len(counts) >= _MANY_CATEGORIES and len(counts) > _SHARE_OF_NAMES * n_rows:
        return _Column(name, LEFT_OUT, odd_text=odd_text), values
    is_text = all(isinstance(value, str) or is_missing(value) for value in values_of(given))
    return _Column(name, kind, n_categories=len(counts), odd_text=odd_text, is_text=is_text), values


def _refuse_infinity(name: str, values: np.ndarray) -> None:
    if np.isinf(values).any():
        raise ValueError(f"Input X contains infinity, in column {name!r}. Clip or drop these values.")


def _encoder_of_numbers(encoding: str, n_bins: int) -> Any:
    if encoding == "piecewise":
        return PiecewiseLinearEncoder(n_bins=n_bins)
    fill = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    return make_pipeline(SmoothRobustScaler(), fill)


def _encoder_of_days(days: np.ndarray) -> OneHotEncoder:
    """Missing dates have no output: the numbers of a date say which they are."""
    kept = [np.unique(column[column > 0]) for column in days.T]
    return OneHotEncoder(categories=kept, handle_unknown="ignore", sparse_output=False, dtype=np.float32)


def _encoder_of_categories(max_categories: int) -> OneHotEncoder:
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        max_categories=max_categories,
        min_frequency=_ROWS_OF_CATEGORY,
        sparse_output=False,
        dtype=np.float32,
    )


def _together(blocks: Sequence[np.ndarray]) -> np.ndarray:
    return np.ascontiguousarray(np.hstack(blocks), dtype=np.float32)
