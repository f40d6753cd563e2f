"""What the two estimators for tables have in common: an encoder before the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.utils.validation import check_array, check_X_y

from ..._compat.scikit_learn import StrOptions, rows_at
from ...engine import TrainingResult
from ...preprocessing import CachedTransformer, TableEncoder
from ...tables import ABSENT, as_frame, without_mask
from .._base import KerasEstimator
from .._before_fit import check_parameters_together
from .._constraints import COUNT
from .._input import NO_TARGETS, as_numbers, check_weights, explaining, has_targets
from .._members import MembersInFit
from .._rows import NO_ROWS, GivenRows, check_groups
from .._seeds import seed_of
from .._splits import for_rows
from .._streams import Source, is_stream, source_of
from ..resolve import Parameters
from ._choice import Encoding, EncodingChoice
from ._tried_members import TriedMembers

#: Rows from which it is quicker to look up whether they were encoded before than to encode them.
_WORTH_LOOKING_UP = 100

#: Up to so many rows it is quicker to try members of the fit than networks that see fewer rows.
_MOST_ROWS_OF_TRIED_MEMBERS = 20_000

#: Networks of a fit with ``n_members="auto"``, and rows from which there are fewer: each then costs more, but of many
#: rows a larger share may be held out.
_NETWORKS, _FEWER_NETWORKS, _MANY_ROWS = 8, 5, 10_000

#: Constraints of the parameters that these estimators add to those of a network.
ENCODER_CONSTRAINTS: dict[str, list[Any]] = {
    "encoding": [StrOptions({"auto", "piecewise", "smooth"})],
    "calendar_days": ["boolean", StrOptions({"auto"})],
    "n_bins": TableEncoder._parameter_constraints["n_bins"],
    "max_categories": TableEncoder._parameter_constraints["max_categories"],
    "target_encoding": ["boolean", StrOptions({"auto"})],
}

#: The same with those of a network that may be "auto" here.
TABULAR_CONSTRAINTS: dict[str, list[Any]] = {**ENCODER_CONSTRAINTS, "n_members": [COUNT, StrOptions({"auto"})]}


class TabularEstimator(KerasEstimator):
    """A network that encodes its rows itself. To be named before the estimator whose network it is.

    Parameters
    ----------
    encoding : {"auto", "piecewise", "smooth"}, default="auto"
        How numbers are encoded, see `TableEncoder`. "auto": "smooth" where its loss on rows that are held out is lower
        by 2 % and a standard error, else "piecewise". Both are tried, up to eight times for tables of few rows and
        three times for those of more than 2 500; where "smooth" is behind, there is an end. Tried are networks of the
        fit itself, so that it takes longer by the networks that are not chosen: mostly one, of few rows up to eight.
        Where there are none that hold out rows each (``n_members=1``, ``callbacks``, ``X_val``), or more than 20 000
        rows, other networks are tried, on 10 000 rows: in a search with ``n_members=1`` give the two as values to
        try. `partial_fit` takes "piecewise".
    calendar_days : bool or "auto", default="auto"
        Whether each day of the year has an input of its own, beside the numbers of a date: for what happens on
        holidays. "auto": where days come again in another year, and as for ``encoding`` by rows that are held out;
        for other tables never. `partial_fit` takes False.
    n_bins : int, default=16
        Pieces per column of numbers, for "piecewise".
    max_categories : int, default=50
        How many inputs a column of categories becomes at most: its rare categories share one.
    target_encoding : bool or "auto", default="auto"
        Whether columns of ten categories and more are given by the mean target of each category, too. This is how
        persons, products or places with names by the hundred are told apart. "auto": where there are such columns,
        and the loss of rows that are held out is lower with the means. `partial_fit` takes False.
    hidden_layer_sizes : int or sequence of int, default=(128, 128)
        Units of each hidden layer, first to last.
    activation : str, callable or sequence, default="gelu"
        As for `KerasClassifier`. "gelu" (https://arxiv.org/abs/1606.08415) is a smooth "relu", a little better on
        two tables of three, in somewhat more time.
    dropout : float or sequence of float, default=0.1
        Rate of dropout after each hidden layer, or one per layer.
    optimizer : str, class or keras.optimizers.Optimizer, default="adamw"
        As for `KerasClassifier`.
    learning_rate : float, default=2e-3
        Initial learning rate.
    weight_decay : float, default=0.01
        Fraction of each weight taken away per update, times the learning rate. None: Keras' default.
    batch_size : int, default=128
        Rows per update; -1 for the whole training set.
    epochs : int, default=200
        Passes over the training rows, at most.
    early_stopping : bool, default=True
        Hold out rows, and stop after ``patience`` epochs without improvement of ``monitor``.
    patience : int, default=8
        Epochs without improvement after which training stops.
    n_members : int or "auto", default="auto"
        How many members are averaged. With ``early_stopping`` each network, of ``share_weights`` members, holds out
        another fold and stops on it. "auto": eight networks, or five where 10 000 rows and more have a weight, which
        take two thirds of the time and predict as well or nearly; so 16 or ten members, which with
        ``share_weights=True`` are one network. A fit that goes on keeps its networks, however many rows it gets. For
        a search take 1, and refit the best with "auto" by `RefitWith`.
    share_weights : bool or int, default=2
        How many members share the kernels of one network, see `KerasClassifier`. With ``model``, ``feature_layers``
        or ``batch_norm``, which members cannot share, take False.

    Attributes
    ----------
    encoder_ : CachedTransformer
        The fitted `TableEncoder`, which is its ``transformer_``: ``encoder_.transform(X)`` is what the network gets.
    encoding_ : {"piecewise", "smooth"}
        How numbers are encoded.
    calendar_days_ : bool
        Whether days of the year have inputs of their own.
    target_encoding_ : bool
        Whether columns of many categories are given by means of the target, too.
    encoding_losses_ : dict of str to list of float
        For each encoding that was tried, such as ``"piecewise"`` and ``"smooth with target means"``, the loss of the
        rows held out, try by try; empty if none was.
    members_ : list of estimators
        The networks that are averaged, each of ``share_weights`` members: fitted estimators that take the table itself.
    """

    _learnt_from_rows = (
        *KerasEstimator._learnt_from_rows,
        "encoder_",
        "encoding_",
        "calendar_days_",
        "target_encoding_",
        "encoding_losses_",
        "_n_networks_by_rows",
    )

    #: Parameters that the network alone does not have.
    _of_table = tuple(ENCODER_CONSTRAINTS)
    #: The estimator of the network alone.
    _network_alone: type[KerasEstimator]
    #: Whether means of the target are those of numbers or of classes.
    _target_type: str

    encoding: str
    encoder_: CachedTransformer
    encoding_: str
    calendar_days: bool | str
    calendar_days_: bool
    target_encoding: bool | str
    target_encoding_: bool
    encoding_losses_: dict[str, list[float]]
    #: Those of ``n_members="auto"``, for the rows of the last fit.
    _n_networks_by_rows: int = _NETWORKS
    #: While a fit lasts: its rows as they were given, and encoded; its seed; what came of members tried before it.
    _rows_of_fit: tuple[Any, np.ndarray] | None = None
    _seed_of_fit: int | None = None
    _trained_before: Mapping[int, TrainingResult] = MappingProxyType({})

    def __init__(
        self,
        model: Any = None,
        *,
        encoding: str = "auto",
        calendar_days: bool | str = "auto",
        n_bins: int = 16,
        max_categories: int = 50,
        target_encoding: bool | str = "auto",
        hidden_layer_sizes: int | Sequence[int] = (128, 128),
        activation: str | Callable[..., Any] | Sequence[Any] = "gelu",
        dropout: float | Sequence[float] = 0.1,
        optimizer: Any = "adamw",
        learning_rate: float = 2e-3,
        weight_decay: float | None = 0.01,
        batch_size: int = 128,
        epochs: int = 200,
        early_stopping: bool = True,
        patience: int = 8,
        n_members: Any = "auto",
        share_weights: bool | int = 2,
        **parameters: Any,
    ) -> None:
        super().__init__(
            model,
            hidden_layer_sizes=hidden_layer_sizes,
            activation=activation,
            dropout=dropout,
            optimizer=optimizer,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            batch_size=batch_size,
            epochs=epochs,
            early_stopping=early_stopping,
            patience=patience,
            n_members=n_members,
            share_weights=share_weights,
            **parameters,
        )
        self.encoding = encoding
        self.calendar_days = calendar_days
        self.n_bins = n_bins
        self.max_categories = max_categories
        self.target_encoding = target_encoding

    def _target_alone(self, y: np.ndarray) -> np.ndarray:
        """y as the network is taught it."""
        return y

    def _all_parameters(self) -> dict[str, Any]:
        known = super()._all_parameters()
        if known["n_members"] == "auto":
            sharing = known["share_weights"]
            # Where all share the weights of one network, as many as where two do.
            of_a_network = (2 if sharing else 1) if isinstance(sharing, bool | np.bool_) else sharing
            known["n_members"] = self._n_networks_by_rows * of_a_network
        return known

    # --- fitting -----------------------------------------------------------------------------------

    def _fit(
        self, given: GivenRows, watched: GivenRows = NO_ROWS, *, classes: Any = None, incremental: bool = False
    ) -> None:
        self._check_no_stream(given.X, watched.X)
        if self._goes_on(incremental):
            self._check_same_encoder()
        else:
            # Before anything is tried.
            check_parameters_together(Parameters(self), self._set_later, watches=watched.X is not None, streams=False)
            self._learn_encoding(given, watched, may_try=not incremental)
        try:
            super()._fit(given, watched, classes=classes, incremental=incremental)
        finally:
            self._forget_rows()

    def _initialize(self, given: GivenRows) -> None:
        self._check_no_stream(given.X)
        self._learn_encoding(given, NO_ROWS, may_try=False)
        try:
            super()._initialize(given)
        finally:
            self._forget_rows()

    def _forget_rows(self) -> None:
        for name in ("_rows_of_fit", "_seed_of_fit", "_trained_before"):
            self.__dict__.pop(name, None)

    def _checked_batch(self, source: Source, x: Any) -> Any:
        raise self._no_stream(source)

    def _check_no_stream(self, *tables: Any) -> None:
        for X in tables:
            if is_stream(X):
                raise self._no_stream(source_of(self, X))

    def _no_stream(self, source: Source) -> TypeError:
        return TypeError(
            f"{type(self).__name__} encodes the columns of a table, but X is a {source.name}. Give a DataFrame or an "
            "array, such as X.collect() of a LazyFrame, or give it to KerasClassifier or KerasRegressor."
        )

    def _check_same_encoder(self) -> None:
        """Refuse to go on where rows would have to be encoded otherwise."""
        fitted = self.encoder_.transformer_.get_params(deep=False)
        for name in ENCODER_CONSTRAINTS:
            given = getattr(self, name)
            if given != fitted[name] and given != "auto":
                raise cannot_go_on_with(self, name, fitted[name])

    def _learn_encoding(self, given: GivenRows, watched: GivenRows, *, may_try: bool) -> None:
        rows, counted, n_rows = self._counted_rows(given)
        seed = self._seed_of_fit = seed_of(self.random_state)
        self._n_networks_by_rows = _NETWORKS if len(counted) < _MANY_ROWS else _FEWER_NETWORKS

        def encode(estimator: TabularEstimator, encoding: Encoding) -> None:
            estimator.encoder_, table = choice.encoded(encoding)
            encoded = np.zeros((n_rows, table.shape[1]), dtype=table.dtype)
            encoded[counted] = table  # rows without weight are left out before anything is trained
            estimator._rows_of_fit = given.X, encoded

        def tried_with(encoding: Encoding) -> TabularEstimator:
            estimator = type(self)(**self.get_params(deep=False))
            known = self._all_parameters()  # the constructor of a subclass may not take them
            estimator.__dict__.update({**known, "warm_start": False, "verbose": 0, "_seed_of_fit": seed})
            encode(estimator, encoding)
            return estimator

        members = None
        if self._may_try_members(rows, watched):
            members = TriedMembers(tried_with, given, Parameters(self).n_networks, self.memory)
        choice = self._choice(rows, for_rows(self.validation_split, counted, n_rows), seed, members)
        chosen = self._chosen(choice, may_try)
        self.encoding_, self.calendar_days_, self.target_encoding_ = chosen
        self.encoding_losses_ = choice.losses
        encode(self, chosen)
        if members is not None:
            self._trained_before = members.of(chosen)

    def _counted_rows(self, given: GivenRows) -> tuple[GivenRows, np.ndarray, int]:
        """The rows with a weight, checked; their numbers; and how many rows there are."""
        X, y = as_frame(given.X), without_mask(given.y)
        with explaining(self, X, y, takes_any_column=True):
            if not hasattr(X, "columns"):
                X = check_array(X, dtype=None, ensure_all_finite=False, estimator=self, input_name="X")
            place = np.zeros((X.shape[0], 1))  # only y is to be looked at: of X, the encoder knows more
            y = check_X_y(place, y, dtype=None, multi_output=True, y_numeric=self._numeric_target, estimator=self)[1]
            y = self._as_array(y)
        weights = check_weights(given.sample_weight, X, self.dtype)
        groups = check_groups(given.groups, len(y))
        counted = np.arange(len(y)) if weights is None else np.flatnonzero(weights)
        rows = GivenRows(*(None if each is None else rows_at(each, counted) for each in (X, y, weights, groups)))
        return rows, counted, len(y)

    def _may_try_members(self, rows: GivenRows, watched: GivenRows) -> bool:
        """Whether members of the fit hold out rows each, and nobody has to see them being trained."""
        parameters = Parameters(self)
        holds_out = parameters.stops_on_held_out_rows or bool(parameters["validation_split"])
        is_alone = watched.X is None and self.callbacks is None
        return holds_out and is_alone and parameters.n_networks > 1 and len(rows.y) <= _MOST_ROWS_OF_TRIED_MEMBERS

    def _new_seed(self) -> int:
        return super()._new_seed() if self._seed_of_fit is None else self._seed_of_fit

    def _members_in_fit(self, *, goes_on: bool, incremental: bool) -> MembersInFit:
        known = {} if goes_on else self._trained_before
        return MembersInFit(self, goes_on=goes_on, incremental=incremental, trained_before=known)

    def _choice(self, rows: GivenRows, splitter: Any, seed: int, members: TriedMembers | None) -> EncodingChoice:
        def network_alone() -> KerasEstimator:
            of_network = {n: value for n, value in self.get_params(deep=False).items() if n not in self._of_table}
            of_network["n_members"] = Parameters(self)["n_members"]
            # What it says, it says in the name of the estimator that the user knows.
            named = type(type(self).__name__, (self._network_alone,), {})
            # By set_params, so that nothing is said a second time of parameters that have no effect.
            return named().set_params(**{**of_network, "validation_split": splitter})

        return EncodingChoice(network_alone, rows, self._target_alone, self._new_encoder, splitter, seed, members)

    def _chosen(self, choice: EncodingChoice, may_try: bool) -> Encoding:
        numbers = "piecewise" if self.encoding == "auto" else self.encoding
        chosen = Encoding(numbers, self.calendar_days is True, self.target_encoding is True)
        if not may_try:
            return chosen
        if self.target_encoding == "auto" and choice.encoded(chosen)[0].transformer_.has_many_categories_:
            chosen = choice.better(chosen._replace(target_encoding=True), than=chosen, by=0)
        if self.encoding == "auto":
            chosen = choice.better(chosen._replace(numbers="smooth"), than=chosen)
        if self.calendar_days == "auto" and choice.encoded(chosen)[0].transformer_.has_days_of_several_years_:
            chosen = choice.better(chosen._replace(calendar_days=True), than=chosen)
        return chosen

    def _new_encoder(self, encoding: Encoding) -> CachedTransformer:
        encoder = TableEncoder(
            encoding.numbers,
            encoding.calendar_days,
            self.n_bins,
            self.max_categories,
            encoding.target_encoding,
            self._target_type,
        )
        return CachedTransformer(encoder)

    # --- what the network gets --------------------------------------------------------------------------

    def _encoded_in_fit(self, X: Any) -> np.ndarray | None:
        if self._rows_of_fit is None or X is not self._rows_of_fit[0]:
            return None
        return self._rows_of_fit[1]

    def _encoded(self, X: Any) -> np.ndarray:
        few = not hasattr(X, "shape") or X.shape[0] < _WORTH_LOOKING_UP
        with explaining(self, X, takes_any_column=True):
            return (self.encoder_.transformer_ if few else self.encoder_).transform(X)

    def _checked_inputs(self, X: Any, y: Any = NO_TARGETS, *, reset: bool) -> Any:
        # Rows to watch, be they the same, are encoded as new ones are.
        encoded = self._encoded_in_fit(X) if reset else None
        encoded = self._encoded(X) if encoded is None else encoded
        if reset:
            self._remember_columns(encoded)
        if not encoded.shape[1]:
            raise ValueError(
                f"No column of X can be encoded for {type(self).__name__}: {self.encoder_.transformer_.kinds_}. "
                "Columns of one date, and of text that differs in most rows, are left out."
            )
        if not has_targets(y):
            return check_array(encoded, dtype=np.dtype(self.dtype), estimator=self)
        y = without_mask(y)
        with explaining(self, ABSENT, y):
            encoded, y = check_X_y(
                encoded,
                y,
                dtype=np.dtype(self.dtype),
                multi_output=True,
                y_numeric=self._numeric_target,
                estimator=self,
            )
            return encoded, self._as_array(y)

    def _as_array(self, y: Any) -> np.ndarray:
        if self._numeric_target:
            return as_numbers(y)
        return y.toarray() if sparse.issparse(y) else y

    def _remember_columns(self, encoded: np.ndarray) -> None:
        self.n_features_in_ = self.encoder_.n_features_in_
        self.__dict__.pop("feature_names_in_", None)
        if hasattr(self.encoder_, "feature_names_in_"):
            self.feature_names_in_ = self.encoder_.feature_names_in_
        self._row_shape = encoded.shape[1:]

    def _meta(self, rows: Any, target: Any) -> dict[str, Any]:
        return {**super()._meta(rows, target), "n_features_in_": self._row_shape[0]}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags


def cannot_go_on_with(estimator: Any, name: str, before: Any) -> ValueError:
    """Of a parameter that decides what the network was taught."""
    return ValueError(
        f"warm_start and partial_fit cannot go on with {name}={getattr(estimator, name)!r}: {type(estimator).__name__} "
        f"was fitted with {name}={before!r}. Keep it, or fit with warm_start=False."
    )
