"""Tables, targets and weights made from plain descriptions, the odd ones in particular."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
from scipy import sparse


class Table(NamedTuple):
    """What a table is like; see `made_table`."""

    n_rows: int = 40
    n_columns: int = 3
    values: str = "normal"
    dtype: str = "float64"
    spoilt: str = ""
    layout: str = "C"
    container: str = "array"
    seed: int = 0


VALUES = {
    "normal": lambda r, shape: r.normal(size=shape),
    "counts": lambda r, shape: r.integers(0, 5, size=shape),
    "signs": lambda r, shape: r.integers(-1, 2, size=shape),
    "huge": lambda r, shape: 1e30 * r.normal(size=shape),
    "nearly infinite": lambda r, shape: 3e38 * r.uniform(-1, 1, size=shape),
    "beyond float32": lambda r, shape: 1e300 * r.normal(size=shape),
    "tiny": lambda r, shape: 1e-30 * r.normal(size=shape),
    "subnormal": lambda r, shape: 1e-42 * r.normal(size=shape),
    "far": lambda r, shape: 1e8 + r.normal(size=shape),
    "constant": lambda r, shape: np.full(shape, 2.5),
    "zeros": lambda r, shape: np.zeros(shape),
    "one column huge": lambda r, shape: r.normal(size=shape) * 10.0 ** (30 * (np.arange(shape[1]) == 0)),
}
DTYPES = (
    *("float64", "float32", "float16", "longdouble", "int8", "uint8", "int64", "uint64", "bool", ">f8", ">f4", ">i2"),
    *("complex64", "object", "U", "S", "M8[D]", "m8[s]"),
)
SPOILT = ("", "nan", "inf", "-inf", "all nan", "-0.0", "None", "text", "pd.NA", "huge int", "list", "empty text")
LAYOUTS = ("C", "F", "strided", "reversed", "transposed", "read-only", "unaligned", "repeated", "matrix", "masked")
CONTAINERS = (
    *("array", "lists", "frame", "frame of nullable", "frame of categories", "frame of same names"),
    *("frame of numbers as names", "polars", "csr", "csc", "coo", "csr of long indices", "csr unsorted", "csr broken"),
    *(
        "one axis",
        "three axes",
        "series",
        "scalar",
        "text",
        "none",
        "frame of sparse",
        "generator",
        "dict",
        "structured",
    ),
)


def made_table(table: Table) -> Any:
    """The table that is described."""
    random = np.random.default_rng(table.seed)
    with np.errstate(all="ignore"):
        rows = VALUES[table.values](random, (table.n_rows, table.n_columns))
    return contained(laid_out(spoilt(as_dtype(rows, table.dtype), table.spoilt), table.layout), table.container)


def as_dtype(rows: np.ndarray, dtype: str) -> np.ndarray:
    import warnings

    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if dtype[0] in "Mm":
            return rows.astype("int64").astype(dtype)
        return rows.astype(dtype)


def spoilt(rows: np.ndarray, how: str) -> np.ndarray:
    """With one value, or all, that does not belong there, as far as its dtype can hold it."""
    odd = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf, "-0.0": -0.0, "None": None, "text": "seven", "list": [1, 2]}
    odd |= {"pd.NA": pd.NA, "huge int": 10**400, "empty text": "", "all nan": np.nan}
    if not how or not rows.size:
        return rows
    if how in ("None", "text", "list", "pd.NA", "huge int", "empty text"):
        rows = rows.astype(object)
    try:
        if how == "all nan":
            rows[:] = np.nan
        else:
            rows.flat[len(rows.flat) // 2] = odd[how]
    except (TypeError, ValueError, OverflowError):
        pass
    return rows


def laid_out(rows: np.ndarray, layout: str) -> np.ndarray:
    """The same values in another order in memory."""
    if layout == "F":
        return np.asfortranarray(rows)
    if layout == "strided":
        return np.repeat(np.repeat(rows, 2, axis=0), 3, axis=1)[::2, ::3]
    if layout == "reversed":
        return rows[::-1, ::-1].copy()[::-1, ::-1]
    if layout == "transposed":
        return rows.T.copy().T
    if layout == "read-only":
        rows = rows.copy()
        rows.flags.writeable = False
        return rows
    if layout == "unaligned" and rows.dtype != object:
        bytes_ = np.empty(rows.nbytes + 1, "uint8")
        moved = bytes_[1:].view(rows.dtype).reshape(rows.shape) if rows.size else rows
        moved[...] = rows
        return moved
    if layout == "repeated" and len(rows):
        return np.broadcast_to(rows[0], rows.shape)
    if layout == "matrix" and rows.dtype != object:
        return np.asmatrix(rows)
    if layout == "masked" and rows.size:
        masked = np.ma.masked_array(rows, mask=np.zeros(rows.shape, bool))
        masked[0, 0] = np.ma.masked
        return masked
    return rows


def contained(rows: np.ndarray, container: str) -> Any:
    """What holds them; the array itself where that cannot."""
    try:
        return _contained(rows, container)
    except Exception:  # strings in a sparse matrix
        return rows


def _contained(rows: np.ndarray, container: str) -> Any:
    names = [f"c{i}" for i in range(rows.shape[1])]
    if container == "lists":
        return rows.tolist()
    if container.startswith("frame"):
        frame = pd.DataFrame(np.asarray(rows), columns=names)
        if container == "frame of nullable":
            return frame.convert_dtypes()
        if container == "frame of categories":
            return frame.astype({names[0]: "category"})
        if container == "frame of same names":
            return frame.set_axis(["same"] * len(names), axis=1)
        if container == "frame of numbers as names":
            return frame.set_axis(range(len(names)), axis=1)
        if container == "frame of sparse":
            return frame.astype(pd.SparseDtype("float64", 0.0))
        return frame
    if container == "polars":
        return pl.DataFrame({name: rows[:, i] for i, name in enumerate(names)})
    if container in ("csr", "csc", "coo"):
        return {"csr": sparse.csr_matrix, "csc": sparse.csc_array, "coo": sparse.coo_array}[container](rows)
    if container == "csr of long indices":
        found = sparse.csr_array(rows)
        found.indices, found.indptr = found.indices.astype("int64"), found.indptr.astype("int64")
        return found
    if container == "csr broken":
        found = sparse.csr_array(rows)
        found.indices[-1:] = 10**6
        return found
    if container == "csr unsorted":
        found = sparse.csr_array(rows)
        for start, stop in zip(found.indptr[:-1], found.indptr[1:], strict=True):
            found.indices[start:stop] = found.indices[start:stop][::-1].copy()
            found.data[start:stop] = found.data[start:stop][::-1].copy()
        found.has_sorted_indices = False
        return found
    simple = {
        "one axis": lambda: rows[:, 0],
        "three axes": lambda: rows[:, :, None],
        "series": lambda: pd.Series(np.asarray(rows)[:, 0]),
        "scalar": lambda: 3.0,
        "text": lambda: "rows",
        "none": lambda: None,
        "generator": lambda: iter(rows.tolist()),
        "dict": lambda: {name: rows[:, i] for i, name in enumerate(names)},
        "structured": lambda: np.array([tuple(row) for row in rows.tolist()], dtype=[(n, rows.dtype) for n in names]),
    }
    return simple[container]() if container in simple else rows


TARGETS = (
    *("two", "three", "text", "bools", "numbers", "whole floats", "one class", "all different", "labels", "one-hot"),
    *("soft", "column", "short", "long", "nan", "inf", "None", "mixed", "negative", "huge ints", "series"),
    *(
        "categories",
        "dates",
        "lists",
        "frame",
        "empty text",
        "objects",
        "two columns",
        "constant",
        "huge",
        "beyond float32",
    ),
    *(
        "tiny",
        "far",
        "complex",
        "zeros",
        "bytes",
        "scalar",
        "rare",
        "strided",
        "big-endian",
        "read-only",
        "sparse",
        "polars",
    ),
)


def made_target(kind: str, n_rows: int, seed: int) -> Any:
    """Targets of a kind, mostly one for each row."""
    random = np.random.default_rng([seed, 1])
    two, numbers = random.integers(0, 2, n_rows), random.normal(size=n_rows)
    makers = {
        "two": lambda: two,
        "three": lambda: np.arange(n_rows) % 3,
        "text": lambda: np.array(["no", "yes"])[two],
        "bools": lambda: two.astype(bool),
        "numbers": lambda: numbers,
        "whole floats": lambda: two.astype(float),
        "one class": lambda: np.ones(n_rows, int),
        "all different": lambda: np.arange(n_rows),
        "labels": lambda: random.integers(0, 2, (n_rows, 3)),
        "one-hot": lambda: np.eye(3)[np.arange(n_rows) % 3],
        "soft": lambda: random.dirichlet(np.ones(3), n_rows),
        "column": lambda: two[:, None],
        "short": lambda: two[:-1],
        "long": lambda: np.append(two, 1),
        "nan": lambda: np.where(np.arange(n_rows) == 1, np.nan, two),
        "inf": lambda: np.where(np.arange(n_rows) == 1, np.inf, two),
        "None": lambda: None,
        "mixed": lambda: np.array([1, "a", None, 2.5] * n_rows, object)[:n_rows],
        "negative": lambda: -two,
        "huge ints": lambda: two * 2**62,
        "series": lambda: pd.Series(two, index=np.arange(n_rows)[::-1] + 7, name="target"),
        "categories": lambda: pd.Categorical.from_codes(two, ["a", "b", "c"][:3]),
        "dates": lambda: np.datetime64("2026-01-01") + two,
        "lists": lambda: two.tolist(),
        "frame": lambda: pd.DataFrame({"t": two}),
        "empty text": lambda: np.array(["", "x"])[two],
        "objects": lambda: two.astype(object),
        "two columns": lambda: random.normal(size=(n_rows, 2)),
        "constant": lambda: np.full(n_rows, 7.0),
        "huge": lambda: 1e25 * numbers,
        "beyond float32": lambda: 1e39 * numbers,
        "tiny": lambda: 1e-40 * numbers,
        "far": lambda: 1e9 + numbers,
        "complex": lambda: numbers * 1j,
        "zeros": lambda: np.zeros(n_rows),
        "bytes": lambda: np.array([b"no", b"yes"])[two],
        "scalar": lambda: 1,
        "rare": lambda: (np.arange(n_rows) == 0).astype(int),
        "strided": lambda: np.repeat(numbers, 3)[::3],
        "big-endian": lambda: numbers.astype(">f8"),
        "read-only": lambda: np.broadcast_to(np.array(1.5), n_rows),
        "sparse": lambda: sparse.csr_matrix(random.integers(0, 2, (n_rows, 3))),
        "polars": lambda: pl.Series("t", two),
    }
    return makers[kind]()


WEIGHTS = (
    *("none", "ones", "random", "zeros", "some zeros", "one row", "negative", "nan", "huge", "tiny", "short", "text"),
    *("two axes", "ints", "list", "series", "scalar", "big-endian", "None inside"),
)


def made_weights(kind: str, n_rows: int, seed: int) -> Any:
    """Weights of the rows."""
    random = np.random.default_rng([seed, 2])
    some = random.uniform(0.1, 2, n_rows)
    makers = {
        "none": lambda: None,
        "ones": lambda: np.ones(n_rows),
        "random": lambda: some,
        "zeros": lambda: np.zeros(n_rows),
        "some zeros": lambda: some * (np.arange(n_rows) % 2),
        "one row": lambda: (np.arange(n_rows) == 0).astype(float),
        "negative": lambda: -some,
        "nan": lambda: np.where(np.arange(n_rows) == 0, np.nan, some),
        "huge": lambda: 1e38 * some,
        "tiny": lambda: 1e-44 * some,
        "short": lambda: some[:-1],
        "text": lambda: np.full(n_rows, "heavy"),
        "two axes": lambda: some[:, None],
        "ints": lambda: np.arange(n_rows) % 3,
        "list": lambda: some.tolist(),
        "series": lambda: pd.Series(some),
        "scalar": lambda: 2.0,
        "big-endian": lambda: some.astype(">f4"),
        "None inside": lambda: [None] * n_rows,
    }
    return makers[kind]()
