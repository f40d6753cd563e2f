"""
From SciKeras to here
=====================

Code that was written for SciKeras runs after changing one import. This example does that, shows what behaves
otherwise afterwards, and then takes the second step: without the function that builds the network.
"""

# %%
# Code for SciKeras
# -----------------
# This is how a network is given to SciKeras: a function builds it, from ``meta`` and from parameters with the
# prefix ``model__``. The only line that changes is the import.

import time

import keras
import matplotlib.pyplot as plt
from scikeras.wrappers import KerasClassifier as SciKerasClassifier
from scipy.stats import loguniform
from sklearn.base import is_classifier
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, check_cv, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier  # was: from scikeras.wrappers import KerasClassifier
from sknn_tune.display import TrainingHistoryDisplay

EPOCHS = 10
N_CANDIDATES = 20


def get_clf(meta, hidden_layer_sizes, dropout):
    model = keras.Sequential([keras.Input((meta["n_features_in_"],))])
    for units in hidden_layer_sizes:
        model.add(keras.layers.Dense(units, activation="relu"))
        model.add(keras.layers.Dropout(dropout))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    return model


X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

clf = KerasClassifier(
    model=get_clf,
    loss="binary_crossentropy",
    optimizer="adam",
    optimizer__learning_rate=0.01,
    model__hidden_layer_sizes=(32,),
    model__dropout=0.5,
    epochs=EPOCHS,
    random_state=0,
)
pipeline = make_pipeline(StandardScaler(), clf)
params = {"kerasclassifier__optimizer__learning_rate": [0.001, 0.01]}
start = time.perf_counter()
grid = GridSearchCV(pipeline, params, cv=2, scoring="roc_auc").fit(X_train, y_train)
seconds_own = (time.perf_counter() - start) / (len(grid.cv_results_["params"]) * 2 + 1)
print(f"{grid.best_params_}\nROC AUC: {grid.best_score_:.3f} in two folds, {grid.score(X_test, y_test):.3f} held out")

# %%
# What behaves otherwise
# ----------------------
# To scikit-learn from version 1.6 on, SciKeras' classifiers are none. Nothing fails at once, but ``GridSearchCV`` and
# its like ask, and choose the folds by the answer: without regard to the classes. Scorers that need
# probabilities, such as the one above, refuse to work.

for name, estimator in (("SciKeras", SciKerasClassifier(get_clf)), ("sknn_tune", KerasClassifier(get_clf))):
    folds = check_cv(5, y, classifier=is_classifier(estimator))
    print(f"{name:<10} is a classifier: {is_classifier(estimator)!s:<6} folds: {type(folds).__name__}")

# %%
# And beyond that:
#
# * Defaults: ``epochs=100`` and ``verbose=0``; with SciKeras 1 and 1. If a script relied on these, say so.
# * ``random_state`` gives the same weights in one process, in several and in threads, and sets no global seed.
# * ``history_`` has lists per epoch, as before, and ``model_`` is the Keras model.
# * Names and order of columns are checked, as in scikit-learn's own estimators.
# * ``class_weight`` and ``sample_weight`` multiply; the array of the caller stays as it is.
#
# The second step: no function
# ----------------------------
# The network above is one that parameters can describe: hidden layers, an activation, dropout. Without the
# function there is less to write, more to search, and a faster engine: Keras has to build and trace each
# model anew, which takes longer than to train it on a small table; machine code for networks of parameters is there
# already.

network = KerasClassifier(
    hidden_layer_sizes=(32,), dropout=0.2, learning_rate=0.01, epochs=EPOCHS, validation_split=0.2, random_state=0
)
pipeline = make_pipeline(StandardScaler(), network)
params = {
    "kerasclassifier__hidden_layer_sizes": [(16,), (32,), (64,), (32, 16)],
    "kerasclassifier__activation": ["relu", "elu", "tanh"],
    "kerasclassifier__dropout": [0, 0.2, 0.5],
    "kerasclassifier__batch_norm": [False, True],
    "kerasclassifier__learning_rate": loguniform(1e-3, 1e-1),
}
start = time.perf_counter()
search = RandomizedSearchCV(pipeline, params, n_iter=N_CANDIDATES, cv=2, scoring="roc_auc", random_state=0)
search.fit(X_train, y_train)
seconds = (time.perf_counter() - start) / (2 * N_CANDIDATES + 1)
print("\n".join(f"{name.removeprefix('kerasclassifier__')}: {value}" for name, value in search.best_params_.items()))
print(f"ROC AUC: {search.best_score_:.3f} in two folds, {search.score(X_test, y_test):.3f} held out")
print(f"Seconds per fit: {seconds_own:.2f} with the function, {seconds:.2f} without")
print(search.best_estimator_[-1].engine_reason_)

# %%
# Keep the function for what parameters cannot say: branches, shared layers, layers of your own.
#
# The best network of the second search has held a fifth of its rows out. *Look for* whether both curves fall and
# stay together.

TrainingHistoryDisplay.from_estimator(search.best_estimator_)
plt.show()

# %%
# *Found:* they do, and both still fall a little in the last epoch, so a few more would do no harm. The dashed one is
# the lower: it is measured after an epoch, the solid one during it, and these rows happen to be easy ones.
