"""Each fold is prepared once, however many candidates of a search ask for it.

``Pipeline(memory=joblib.Memory(...))`` is made for preparations that take minutes: it pickles the data to look them
up and reads the result from a file, which takes as long as encoding a table does.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

from sklearn import get_config
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils import Tags, get_tags
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from ..._compat.scikit_learn import HasMethods, Interval, checks_parameters
from ..._documentation import LinkedToDocumentation
from ._key import KeyBuilder
from ._parameters import add_value
from ._process_cache import CACHE, CacheInfo
from ._recall import recall_or_compute
from ._stored import add_state


def _transformer_has(method: str) -> Callable[[CachedTransformer], bool]:
    def check(self: CachedTransformer) -> bool:
        getattr(getattr(self, "transformer_", self.transformer), method)  # or its own AttributeError
        return True

    return check


class CachedTransformer(TransformerMixin, LinkedToDocumentation, BaseEstimator, auto_wrap_output_keys=None):  # type: ignore[call-arg]
    """Give again, within this process, what a transformer gave before for the same contents.

    A search of 20 candidates in 3 folds prepares the rows of each fold 20 times in the same way. Wrap the transformer
    before the estimator that is tuned, and each fold is prepared once: results are looked up by the contents of
    ``X`` and ``y``, all parameters of the transformer, and those of the call. Worth it where preparing takes longer
    than reading: strings, many columns, decompositions. Not worth it where it is one pass over numbers.

    Results are those of the transformer, always. Where that cannot be said for sure nothing is kept, and
    ``not_cached_because_`` says why:

    - the transformer, or a part of it, is random: it has a ``random_state`` (or ``seed``) that is None, or any other
      object that is no plain value. An int makes it cacheable;
    - it has a function of your own as a parameter, which may look at more than its arguments. NumPy's and
      scikit-learn's are known. A transformer class of your own can be cached, if it does what scikit-learn asks:
      what ``fit`` learns depends on its parameters and arguments only;
    - it changes what it is given (``copy=False``), or itself while it transforms;
    - it cannot be pickled, or the data have values or types of which equality cannot be told.

    Parameters
    ----------
    transformer : estimator
        Any transformer of scikit-learn's kind, also a ``ColumnTransformer`` or a ``Pipeline`` of transformers. It is
        cloned; its parameters are searched as ``transformer__…``.
    max_bytes : float, default=1_000_000_000
        Bytes that the results of this process may take together, those of other transformers included: after each
        computation the least recently used are forgotten until they do. Results that are larger are not kept. A
        search needs the encoded rows of all its folds: about ``cv`` times the encoded table.

    Attributes
    ----------
    transformer_ : estimator
        The fitted transformer, a copy of its own.
    not_cached_because_ : str or None
        Why the last fit was not kept.
    n_features_in_ : int
        If the transformer says so.
    feature_names_in_ : array of str
        If the transformer says so.

    Notes
    -----
    Everyone gets copies, so that nothing one does with them reaches another. Threads that need a result which another
    one is computing wait for it. Worker processes have a cache each, so with ``n_jobs=2`` each fold is prepared
    twice at most; pickling takes the fitted transformer along and not the cache. Warnings are shown when a result is
    computed, not when it is found.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.compose import make_column_transformer
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import OneHotEncoder, StandardScaler
    >>> from sknn_tune.preprocessing import CachedTransformer
    >>> X = pd.DataFrame({"colour": ["red", "blue"] * 30, "size": range(60)})
    >>> y = [0, 1, 1] * 20
    >>> encoding = make_column_transformer((OneHotEncoder(), ["colour"]), (StandardScaler(), ["size"]))
    >>> pipeline = make_pipeline(CachedTransformer(encoding), LogisticRegression())
    >>> CachedTransformer.clear_cache()
    >>> search = GridSearchCV(pipeline, {"logisticregression__C": [0.1, 1.0, 10.0, 100.0]}, cv=3).fit(X, y)
    >>> info = CachedTransformer.cache_info()
    >>> info.misses, info.hits  # 4 fits (3 folds, all rows) and 3 transforms; the other candidates found them
    (7, 18)
    """

    _parameter_constraints: dict = {
        "transformer": [HasMethods(["fit", "transform"])],
        "max_bytes": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(self, transformer: Any, max_bytes: float = 1_000_000_000) -> None:
        self.transformer = transformer
        self.max_bytes = max_bytes

    @staticmethod
    def cache_info() -> CacheInfo:
        """What the cache of this process has done since it was last cleared, and holds.

        Returns
        -------
        info : CacheInfo
        """
        return CACHE.info()

    @staticmethod
    def clear_cache() -> None:
        """Forget all results of this process, and give their memory back."""
        CACHE.clear()

    @checks_parameters
    def fit(self, X: Any, y: Any = None, **params: Any) -> CachedTransformer:
        """Fit the transformer, or find it fitted.

        Parameters
        ----------
        X : array or table of shape (n_samples, n_features)
        y : array of shape (n_samples,), default=None
        **params : dict
            For the ``fit`` of the transformer.

        Returns
        -------
        self : CachedTransformer
        """
        self._fit("fit", X, y, params)
        return self

    @checks_parameters
    def fit_transform(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit the transformer and transform, or find both done.

        Parameters
        ----------
        X : array or table of shape (n_samples, n_features)
        y : array of shape (n_samples,), default=None
        **params : dict
            For the ``fit_transform`` of the transformer.

        Returns
        -------
        X_transformed : array, sparse matrix or table
        """
        return self._fit("fit_transform", X, y, params)

    def transform(self, X: Any, **params: Any) -> Any:
        """Transform, or find it done.

        Parameters
        ----------
        X : array or table of shape (n_samples, n_features)
        **params : dict
            For the ``transform`` of the transformer.

        Returns
        -------
        X_transformed : array, sparse matrix or table
        """
        check_is_fitted(self)
        params = self._routed("transform", params)

        def add_inputs(key: KeyBuilder) -> None:
            key.add_mark("transform")
            add_state(key, self.transformer_)
            add_value(key, (X, params))

        (transformed,), _ = recall_or_compute(
            add_inputs, lambda: (self.transformer_.transform(X, **params),), self.max_bytes
        )
        return transformed

    @available_if(_transformer_has("inverse_transform"))
    def inverse_transform(self, X: Any, **params: Any) -> Any:
        """The transformer's own; not cached.

        Parameters
        ----------
        X : array or table of shape (n_samples, n_features_out)
        **params : dict
            For the ``inverse_transform`` of the transformer.

        Returns
        -------
        X_original : array or table of shape (n_samples, n_features)
        """
        check_is_fitted(self)
        return self.transformer_.inverse_transform(X, **self._routed("inverse_transform", params))

    @available_if(_transformer_has("get_feature_names_out"))
    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """The transformer's own.

        Parameters
        ----------
        input_features : sequence of str, default=None

        Returns
        -------
        names : array of str
        """
        check_is_fitted(self)
        return self.transformer_.get_feature_names_out(input_features)

    @available_if(_transformer_has("set_output"))
    def set_output(self, *, transform: str | None = None) -> CachedTransformer:
        """Say of what kind outputs are; the transformer is told, as by a Pipeline.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"}, default=None
            None leaves it as it is.

        Returns
        -------
        self : CachedTransformer
        """
        self.transformer.set_output(transform=transform)
        if hasattr(self, "transformer_"):
            self.transformer_.set_output(transform=transform)
        return self

    @property
    def n_features_in_(self) -> int:
        return self.transformer_.n_features_in_

    @property
    def feature_names_in_(self) -> Any:
        return self.transformer_.feature_names_in_

    def get_metadata_routing(self) -> MetadataRouter:
        """Where sample weights and the like go: to the transformer.

        Returns
        -------
        routing : MetadataRouter
        """
        same = MethodMapping()
        for method in ("fit", "fit_transform", "transform", "inverse_transform"):
            same.add(caller=method, callee=method)
        return MetadataRouter(owner=self).add(transformer=self.transformer, method_mapping=same)

    def _fit(self, method: str, X: Any, y: Any, params: dict[str, Any]) -> Any:
        params = self._routed(method, params)

        def add_inputs(key: KeyBuilder) -> None:
            key.add_mark(method)
            add_value(key, (self.transformer, X, y, params))
            if get_config()["enable_metadata_routing"]:
                key.add_mark(str(self.get_metadata_routing()))

        def compute() -> tuple[Any, Any]:
            transformer = clone(self.transformer)
            if method == "fit":
                return transformer.fit(X, y, **params), None
            if hasattr(transformer, "fit_transform"):
                transformed = transformer.fit_transform(X, y, **params)
                return transformer, transformed
            return transformer, transformer.fit(X, y, **params).transform(X)

        (self.transformer_, transformed), self.not_cached_because_ = recall_or_compute(
            add_inputs, compute, self.max_bytes
        )
        return transformed

    def _routed(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """What of the call's own parameters is for the transformer: all, unless metadata routing is on."""
        if not get_config()["enable_metadata_routing"]:
            return params
        return process_routing(self, method, **params).transformer[method]

    def __sklearn_tags__(self) -> Tags:
        tags = get_tags(self.transformer)
        tags.requires_fit = True  # also around a transformer without a state
        return tags
