"""
Search on the right scale, from coarse to fine
==============================================

A random search is as good as the space it draws from. This example shows on which scale to draw which
parameter, starts from the default space of a network for handwritten digits, and then searches again
around the best candidates of the first round.
"""

# %%
# The same range, drawn on two scales
# -----------------------------------
# A learning rate acts by its order of magnitude: 0.001 and 0.002 differ as much as 0.1 and 0.2. Drawn
# uniformly from 0.0001 to 1, nine of ten are above 0.1, and the range where most networks learn goes
# almost untried. ``log_uniform`` gives each power of ten the same number of draws.
#
# A momentum acts by its distance from one: with 0.9 it averages about 10 updates, with 0.99 about 100,
# with 0.999 about 1000. ``one_minus_log_uniform`` draws that distance on a log scale.

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler

from sknn_tune import KerasClassifier
from sknn_tune.search_space import default_space, log_uniform, narrow, one_minus_log_uniform, uniform

N_CANDIDATES = 24
EPOCHS = 10

N_DRAWS = 60
rates = {space: space.rvs(N_DRAWS, random_state=0) for space in (uniform(1e-4, 1), log_uniform(1e-4, 1))}
momenta = {
    space: space.rvs(N_DRAWS, random_state=0) for space in (uniform(0.5, 0.999), one_minus_log_uniform(0.5, 0.999))
}
for space, draws in rates.items():
    print(f"{space}: {(draws < 0.01).mean():.0%} of {N_DRAWS} learning rates are below 0.01")
for space, draws in momenta.items():
    print(f"{space}: {(draws > 0.99).mean():.0%} of {N_DRAWS} momenta are above 0.99")

# %%
# A space to begin with
# ---------------------
# ``default_space`` knows which parameters matter most for the optimizer at hand, and lists them in that
# order. It is a dict, so it can be changed like one.

X, y = load_digits(return_X_y=True)
X_search, X_held_out, y_search, y_held_out = train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)

pipeline = Pipeline(
    [("scale", MinMaxScaler()), ("network", KerasClassifier(optimizer="sgd", epochs=EPOCHS, random_state=0))]
)
space = default_space(pipeline, size="small")
space["network__learning_rate"] = log_uniform(1e-4, 1)  # wide, to see both ends fail

# %%
# From coarse to fine
# -------------------
# The first round shows where good networks are. ``narrow`` keeps the region around its best fifth, and
# the second round draws from that: fewer of its networks are wasted where nothing can be learned, so that
# its median is higher. The digits are easy, and the best of both rounds differ by less than chance.


def search_in(space, seed):
    search = RandomizedSearchCV(pipeline, space, n_iter=N_CANDIDATES, cv=2, random_state=seed)
    return search.fit(X_search, y_search)


coarse = search_in(space, seed=0)
narrowed = narrow(space, coarse)
fine = search_in(narrowed, seed=1)

for name in space:
    print(f"\n{name.removeprefix('network__')}\n  coarse: {space[name]}\n  fine:   {narrowed[name]}")

rounds = {"coarse": pd.DataFrame(coarse.cv_results_), "fine": pd.DataFrame(fine.cv_results_)}
print(f"\nAccuracy of {N_CANDIDATES} candidates in two folds:")
for name, results in rounds.items():
    scores = results["mean_test_score"]
    print(f"  {name:<8}median {scores.median():.3f}   best {scores.max():.3f}")
print(f"The best on {len(y_held_out)} rows held out from both searches: {fine.score(X_held_out, y_held_out):.3f}")

# %%
# Draws and scores
# ----------------
# Above, each line is a draw. Below, each point is a network, and the grey band is what ``narrow`` has
# left of the learning rates.

figure, axes = plt.subplot_mosaic(
    [["rates", "momenta"], ["scores", "scores"]], figsize=(9, 6.5), height_ratios=[2, 3], layout="constrained"
)

for name, drawn, positions, label in (
    ("rates", rates, lambda rate: rate, "learning rate"),
    ("momenta", momenta, lambda momentum: 1 - momentum, "1 − momentum"),
):
    axes[name].eventplot(
        [positions(draws) for draws in drawn.values()], linelengths=0.7, colors=["tab:orange", "tab:blue"]
    )
    axes[name].set(xscale="log", xlabel=label, ylim=(-0.5, 1.6), title=f"{N_DRAWS} draws from each")
    axes[name].set_yticks([0, 1], [type(space).__name__.replace("_log", "\n_log") for space in drawn])

region = narrowed["network__learning_rate"]
axes["scores"].axvspan(region.low, region.high, color="0.9", label="narrowed space")
for (name, results), colour in zip(rounds.items(), ("tab:orange", "tab:blue"), strict=True):
    axes["scores"].scatter(
        results["param_network__learning_rate"].astype(float),
        results["mean_test_score"],
        s=40,
        color=colour,
        alpha=0.8,
        label=f"{name} round",
    )
axes["scores"].set(xscale="log", xlabel="learning rate", ylabel="accuracy, mean of 2 folds")
axes["scores"].set_title(f"Two rounds of {N_CANDIDATES} networks for handwritten digits")
axes["scores"].legend(loc="center left")
figure.savefig("search_spaces.png", dpi=150)
print("Picture: search_spaces.png")
