"""
Random against grid search, and the space to search in
======================================================

With the same number of fits, a random search tries more values of each parameter than a grid. This
example shows why that matters, on which scale to draw which parameter, and ends with a search in the
default space of a network for handwritten digits.
"""

# %%
# The same range, drawn on two scales
# -----------------------------------
# A learning rate acts by its order of magnitude: 0.001 and 0.002 differ as much as 0.1 and 0.2. Drawn
# uniformly from 0.0001 to 1, nine of ten are above 0.1, and the range where most networks learn goes
# almost untried. ``log_uniform`` draws :math:`10^r` with a uniform :math:`r`, so that each power of ten
# gets the same number of draws.
#
# A momentum acts by its distance from one: with 0.9 it averages about 10 updates, with 0.99 about 100.
# ``one_minus_log_uniform`` draws :math:`1 - 10^r`. *Look for* the draws in the left half of each panel.

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import SearchResultsDisplay
from sknn_tune.model_selection import search_results
from sknn_tune.search_space import default_space, log_uniform, one_minus_log_uniform, topology, uniform

EPOCHS = 10
N_CANDIDATES = 16
N_DRAWS = 60

rates = [space.rvs(N_DRAWS, random_state=0) for space in (uniform(1e-4, 1), log_uniform(1e-4, 1))]
momenta = [space.rvs(N_DRAWS, random_state=0) for space in (uniform(0.5, 0.999), one_minus_log_uniform(0.5, 0.999))]

figure, axes = plt.subplots(1, 2, figsize=(9, 2.5), layout="constrained")
axes[0].eventplot(rates, linelengths=0.7, colors=["#D55E00", "#0072B2"])
axes[0].set(xlabel="learning rate", yticks=[0, 1], yticklabels=["uniform", "log_uniform"])
axes[1].eventplot([1 - draws for draws in momenta], linelengths=0.7, colors=["#D55E00", "#0072B2"])
axes[1].set(xlabel="1 − momentum", yticks=[0, 1], yticklabels=["uniform", "one_minus_\nlog_uniform"])
for ax in axes:
    ax.set(xscale="log", title=f"{N_DRAWS} draws from each")
plt.show()

for name, draws in zip(("uniform", "log_uniform"), rates, strict=True):
    print(f"{name}: {(draws < 0.01).mean():.0%} of the learning rates are below 0.01")
for name, draws in zip(("uniform", "one_minus_log_uniform"), momenta, strict=True):
    print(f"{name}: {(draws > 0.99).mean():.0%} of the momenta are above 0.99")

# %%
# *Found:* on the wrong scale, whole decades get next to nothing, and the search would learn nothing
# about them.
#
# Sixteen fits on a grid, sixteen at random
# -----------------------------------------
# Now two parameters of a network are searched: the learning rate, which matters most of all, and an L2 penalty, which
# in this range hardly matters. A grid of four by four tries four learning rates, each of them four times. A random
# search tries sixteen. The spaces give both: ``space.grid(n)`` lists values for the grid.
#
# *Look for* how close to the top of the hill each of the two has come.

X, y = load_digits(return_X_y=True)
X_search, X_held_out, y_search, y_held_out = train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)

network = KerasClassifier(hidden_layer_sizes=(32,), optimizer="sgd", epochs=EPOCHS, random_state=0)
pipeline = Pipeline([("scale", MinMaxScaler()), ("network", network)])
space = {"network__learning_rate": log_uniform(1e-4, 10), "network__l2": log_uniform(1e-6, 1e-3)}

grid = GridSearchCV(pipeline, {name: values.grid(4) for name, values in space.items()}, cv=3)
random = RandomizedSearchCV(pipeline, space, n_iter=N_CANDIDATES, cv=3, random_state=0)
searches = {"grid": grid.fit(X_search, y_search), "random": random.fit(X_search, y_search)}

for name, search in searches.items():
    results = search_results(search)
    n_rates = results["learning_rate"].nunique()
    print(f"{name:<7}{len(results)} candidates, {n_rates} learning rates, best accuracy {search.best_score_:.3f}")
SearchResultsDisplay.from_searches(searches, kind="parameters")
plt.show()

# %%
# *Found:* over the rate, the grid's points stand in four columns, which differ in the penalty only: twelve of its
# sixteen fits have told it next to nothing. The best rates lie between two of its columns, and the random search has
# several candidates there. With one more parameter the grid would need 64 fits for the same four rates,
# the random search not one more. (Bergstra and Bengio 2012, https://jmlr.org/papers/v13/bergstra12a.html)
#
# A grid is right for what has few values, such as two scalers or three activations, or when all
# combinations are wanted for a table. The spaces can be mixed with lists: ``RandomizedSearchCV`` draws from both.
#
# A space to begin with
# ---------------------
# What matters, in this order: first the learning rate; then momentum, batch size and the units of the hidden
# layers; then the number of layers and the decay of the rate. ``default_space`` lists what is worth a search
# for the optimizer at hand, in that order. ``topology`` draws whole networks: the number of layers, and for each
# its units on a log scale. A space is a dict, so it can be changed like one.
#
# *Look for*, in the picture of this search, a panel in which the points follow a line.

space = default_space(pipeline, size="small")
space["network__hidden_layer_sizes"] = topology(n_layers=(1, 2), units=(16, 128), shape="funnel")
for name, values in space.items():
    print(f"{name.removeprefix('network__'):<20}{values}")
print(f"\nSome topologies: {topology(n_layers=(1, 2), units=(16, 128), shape='funnel').rvs(4, random_state=0)}")

search = RandomizedSearchCV(pipeline, space, n_iter=N_CANDIDATES, cv=3, random_state=0).fit(X_search, y_search)
SearchResultsDisplay.from_search(search)
plt.show()

print(f"\nThe best of {N_CANDIDATES} candidates:")
for name, value in search.best_params_.items():
    print(f"  {name.removeprefix('network__'):<20}{f'{value:.3g}' if isinstance(value, float) else value}")
print(
    f"Accuracy in cross-validation {search.best_score_:.3f}, "
    f"on rows held out {search.score(X_held_out, y_held_out):.3f}"
)

# %%
# *Found:* it is the learning rate again. The lowest candidates on the left of its panel have learned too
# slowly, and the low one on its right has a high rate together with one of the largest momenta: its steps are
# too long, as the next two examples explain. Batch size and units hardly decide.
#
# The two accuracies need not agree: the first is that of the best of many, chosen by the very rows it
# was measured on, and from networks that were trained on two thirds of the rows.
