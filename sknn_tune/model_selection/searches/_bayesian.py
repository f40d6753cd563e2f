"""Bayesian search: each candidate is proposed by what the earlier ones have shown, and none is lost."""

from __future__ import annotations

import math
import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from numbers import Integral, Real
from types import ModuleType
from typing import Any

import numpy as np
from sklearn.exceptions import FitFailedWarning
from sklearn.utils import check_random_state

from ..._accepted import names_the_nearest
from ..._compat.scikit_learn import Hidden, Interval, ObjectWith
from ..._compat.scikit_learn_searches import begin_task, end_task, says_all_failed
from ..._optional import import_optional
from ..watching import number_candidates, tell_plan
from ._alone import alone_in, refuse_who_is_alone
from ._budget import Budget
from ._fingerprint import fingerprint
from ._folds import SameFolds
from ._ledger import Ledger
from ._optuna_bridge import StudyOfCandidates
from ._present import present_settings
from ._saying_once import saying_once
from ._sequential import SequentialSearchCV
from ._shared_search import SharedSearch
from ._shared_study import SharedStudy
from ._space_in_words import listed, look_over
from ._storage import open_storage, require_shareable, told_of_storage
from ._study_of_data import DEFAULT_NAME
from ._url_with_password import hiding_password
from ._without_effect import looked_over


class BayesianSearchCV(SequentialSearchCV):
    """Search in which every candidate is proposed from the scores of those before, by Optuna.

    Use it in place of ``RandomizedSearchCV`` when a fit takes long enough to be worth a thought, and from
    about thirty candidates on: the first has the settings that the estimator has now, so a search whose space holds
    these does not lose to none; the nine after it are random; the others come from where the scores were good.
    With `storage`, a search that was killed goes on where it stopped. Needs Optuna: ``pip install optuna``.

    Parameters
    ----------
    estimator : estimator object
        Any estimator or pipeline of scikit-learn's kind. It needs a ``score``, unless `scoring` is given.
    param_distributions : dict or list of dict
        What to draw each parameter from, by name: spaces of `sknn_tune.search_space`, lists of values,
        scipy's ``uniform``, ``loguniform`` and ``randint``, or distributions of Optuna. Of several dicts, each
        candidate takes one: parameters that belong together stand in the same dict (conditional spaces).
    n_iter : int, default=30
        Number of candidates, counting those that the storage already has. More find better parameters;
        30 to 100 are usual.
    sampler : sampler of Optuna, default=None
        What proposes candidates, e.g. ``optuna.samplers.TPESampler(seed=0, n_startup_trials=20)``. It is copied
        and itself never changed. None: the tree-structured Parzen estimator (TPE) [1]_ with all parameters seen
        together.
    storage : str or storage of Optuna, default=None
        Where candidates are kept as soon as they are evaluated, e.g. ``"sqlite:///search.db"``. None: in memory
        only. A password in it is not shown, but it is in a pickle of the search. Give the URL rather than a
        storage object where the search is cloned (``cross_val_score``): a clone has a copy of the object.
    study_name : str, default=None
        Name of this search within the storage, which can hold many. None: "bayesian_search". The first data set has
        the study of this name, others have their own below it, see Notes.
    shared : bool, default=False
        Whether several processes, on any machines, work on this search: each makes the same call with the same storage,
        see Notes. The storage is PostgreSQL, Redis (or Valkey) or Optuna's ``JournalStorage``.
    lease : float, default=60
        Seconds after which a worker that gives no sign of life is taken for dead, and its candidate begun again by
        another. Signs come four times as often. Longer is safer where processes are suspended, or a database is slow to
        answer; it is how long the last candidate of a dead worker is waited for.
    n_candidates_per_batch : int, default=1
        How many candidates are proposed, and then evaluated side by side by `n_jobs`. With 1, `n_jobs` has
        the folds of one candidate to share out, and each proposal knows all earlier scores. Raise it when
        there are more jobs than folds.
    timeout : float, default=None
        Seconds after which no further batch is begun; one candidate at least is evaluated. The refit comes on
        top. None: no limit.
    random_state : int, RandomState instance or None, default=None
        The same int proposes the same candidates, also if the search is interrupted and continued. A given
        `sampler` has a seed of its own.
    scoring : str, callable, list, tuple or dict, default=None
        As in ``RandomizedSearchCV``. None: the ``score`` of the estimator.
    n_jobs : int, default=None
        Fits at the same time, within a batch. None: 1. -1: as many as there are processors.
    refit : bool, str or callable, default=True
        Fit the best candidate on all data. With several metrics, the name of the one that counts, which
        also is what is optimised. With a callable or False, the first of several metrics is optimised.
    cv : int, cross-validation generator or iterable, default=None
        The folds. None: 5, stratified for a classifier. All candidates have the same, but one that shuffles
        needs an int as ``random_state`` to give the same again after an interruption.
    verbose : int, default=0
        1: a line of progress on stderr: candidates, best score so far, time, and about how much is left. From 2 on,
        what scikit-learn prints of each fit as well.
    pre_dispatch : int or str, default="2*n_jobs"
        Jobs dispatched beforehand, to limit memory.
    error_score : "raise" or float, default=nan
        Score of a fit that fails. A candidate whose mean score is NaN counts as failed: the sampler learns
        nothing from it, and the search goes on.
    return_train_score : bool, default=False
        Whether to have training scores in ``cv_results_``.

    Attributes
    ----------
    study_ : optuna.study.Study
        The study, for all of ``optuna.visualization`` and ``optuna.importance``.
    cv_results_ : dict of ndarray
        As of ``RandomizedSearchCV``, one row per candidate, in the order in which they were finished.
    not_in_space_ : dict
        Present settings that lie outside of the space, by name: the first candidate does not have these.
    best_estimator_, best_score_, best_params_, best_index_ : object
        As of ``RandomizedSearchCV``, and so are ``scorer_``, ``n_splits_``, ``refit_time_``,
        ``multimetric_``, ``classes_``, ``n_features_in_`` and ``feature_names_in_``.

    Raises
    ------
    ValueError
        If the study in the storage belongs to another search of the same data: another estimator (apart from its
        ``n_jobs``, ``verbose`` and ``memory``), space, `scoring`, metric, `cv` or `return_train_score`. The message
        says which. Everything else may change between runs. Also if a name of the space is no parameter of the
        estimator, or `storage` cannot be opened.
    RuntimeError
        If another search works on this study, and not both have ``shared=True``.
    ImportError
        If Optuna is not installed.

    See Also
    --------
    sklearn.model_selection.RandomizedSearchCV : Candidates drawn independently.
    sknn_tune.search_space.default_space : A space to begin with.

    Notes
    -----
    **First candidate.** Of each parameter searched, it has the value that the estimator has now, if that lies in the
    space; of several dicts, in the first that fits best. A value outside of it, such as ``max_depth=None`` where
    numbers are searched, is not tried: that parameter is drawn. ``not_in_space_`` names it; empty, it says that the
    present settings were evaluated as they are. With none in the space, all is drawn. It counts as one of `n_iter`.
    A study that has candidates already goes on with others, and what was queued in it
    (``study.enqueue_trial``) comes before.

    **Resuming.** Make the same call again. Finished candidates are read from the storage with all their
    columns of ``cv_results_``, failed ones too, and those that were being evaluated (one batch) are evaluated
    first. A larger `n_iter` continues a finished search; with a smaller one, all that is stored still counts.
    Without `shared`, one search at a time may run a study, and a second one gets a `RuntimeError`. Whether a process of
    another machine still runs is known only after `lease` seconds of silence; a warning says so.
    Of a candidate that was killed while it was proposed, only what you queued yourself is kept: it is proposed again,
    and is the same.
    With a `sampler` of your own, which cannot know what it drew in an earlier process, the random numbers
    are new ones after an interruption.

    **Several workers.** With ``shared=True`` each worker claims a candidate that no other has, evaluates it and hands
    it in, until `n_iter` are finished by all of them. Then each has the same ``cv_results_`` of all, in the order in
    which they were proposed, and the same ``best_params_``. Workers may come, go and die: see the guide, "One search,
    many machines". `refit` is done by each that has it; `timeout` ends one worker with what all have finished.
    A worker alone proposes what a search that is not shared proposes.

    **Several data sets.** Inside ``cross_val_score``, ``StackingClassifier`` or a multi-output estimator, a search is
    fitted on several data sets, also at the same time (``n_jobs``). The first to come has the study `study_name`; that
    of any other is called ``"bayesian_search [3f2a9c04b1de]"``, with a hash of its rows, targets, weights and groups.
    Each goes on by itself after an interruption. So changed data begin a new search: ``study_.study_name`` says which
    study it was, and ``optuna.get_all_study_names("sqlite:///search.db")`` which there are.

    **Few values.** Where a space has but a handful of combinations, the same may be proposed and evaluated
    again. ``GridSearchCV``, or the sampler ``optuna.samplers.BruteForceSampler()``, tries each of them once.

    **Watching.** ``optuna-dashboard sqlite:///search.db`` shows the search in a browser, also while it runs.
    The names of parameters are those of the search; a topology is shown as ``name.n_layers`` and
    ``name.units_0``, ..., and values near one by their distance from it, as ``1 - name``.

    References
    ----------
    .. [1] Bergstra et al. (2011), "Algorithms for Hyper-Parameter Optimization",
       https://papers.nips.cc/paper/4443-algorithms-for-hyper-parameter-optimization
    .. [2] Akiba et al. (2019), "Optuna: A Next-generation Hyperparameter Optimization Framework",
       https://arxiv.org/abs/1907.10902

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sknn_tune.model_selection import BayesianSearchCV
    >>> from sknn_tune.search_space import log_uniform
    >>> X, y = load_iris(return_X_y=True)
    >>> space = {"C": log_uniform(1e-4, 1e4), "solver": ["lbfgs", "newton-cg"]}
    >>> search = BayesianSearchCV(LogisticRegression(max_iter=1000), space, n_iter=15, random_state=0)
    >>> print(search.fit(X, y).best_score_ > 0.95)
    True

    Optuna's own tools work on ``study_``; its plots, for example
    ``optuna.visualization.matplotlib.plot_optimization_history(search.study_)``, too:

    >>> import optuna
    >>> sorted(optuna.importance.get_param_importances(search.study_))
    ['C', 'solver']
    """

    _parameter_constraints: dict = {
        **SequentialSearchCV._parameter_constraints,
        "param_distributions": [dict, list, tuple],
        "n_iter": [Interval(Integral, 1, None, closed="left")],
        "sampler": [ObjectWith(["sample_relative", "sample_independent"]), None],
        "storage": [str, Hidden(os.PathLike), ObjectWith(["create_new_study", "get_all_trials"]), None],
        "study_name": [str, None],
        "shared": ["boolean"],
        "lease": [Interval(Real, 0, None, closed="neither")],
        "n_candidates_per_batch": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    @names_the_nearest
    def __init__(
        self,
        estimator: Any,
        param_distributions: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        n_iter: int = 30,
        sampler: Any = None,
        storage: Any = None,
        study_name: str | None = None,
        shared: bool = False,
        lease: float = 60,
        n_candidates_per_batch: int = 1,
        timeout: float | None = None,
        random_state: int | np.random.RandomState | None = None,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: bool | str | Callable = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: int | str = "2*n_jobs",
        error_score: float | str = np.nan,
        return_train_score: bool = False,
    ) -> None:
        self.param_distributions = param_distributions
        self.n_iter = n_iter
        self.sampler = sampler
        self.storage = storage
        self.study_name = study_name
        self.shared = shared
        self.lease = lease
        self.n_candidates_per_batch = n_candidates_per_batch
        self.random_state = random_state
        super().__init__(
            estimator,
            timeout=timeout,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )

    @property
    def storage(self) -> Any:
        """What was given; a URL shows no password."""
        return self._storage

    @storage.setter
    def storage(self, given: Any) -> None:
        self._storage = hiding_password(given)

    def _run_search(self, evaluate_candidates: Callable, *, callback_ctx: Any = None) -> None:
        self.__dict__.pop("study_", None)  # workers get this object, and have no use for it
        look_over(self, "param_distributions", listed(self.param_distributions))
        optuna = import_optional("optuna", purpose="BayesianSearchCV")
        with told_of_storage(optuna, self.storage):
            self._search_with(optuna, evaluate_candidates, callback_ctx)

    def _search_with(self, optuna: ModuleType, evaluate_candidates: Callable, callback_ctx: Any) -> None:
        budget = Budget(self.timeout, self.verbose, self.n_iter).start()
        ledger = Ledger(self, evaluate_candidates)
        study = self._open_study(optuna, ledger)
        present = present_settings(self.estimator, self.param_distributions)
        self.not_in_space_: dict = present.not_in_space
        evaluate = saying_once(evaluate_candidates, looked_over(listed(self.param_distributions)))
        with self._ending_early(ledger.has_a_fit):
            if isinstance(study, SharedStudy):
                study.begin_with(present.held, present.chosen)
                self._search_together(evaluate, ledger, study, budget, callback_ctx)
            else:
                with self._alone_in(optuna, study) as require_alone:
                    study.begin_with(present.held, present.chosen)
                    self._go_on(study, ledger, budget)
                    if len(ledger) < self.n_iter:
                        self._search_on(evaluate, ledger, study, budget, callback_ctx, require_alone)
        budget.end()
        self.study_ = study.study
        self._give_results(ledger)

    def _alone_in(self, optuna: ModuleType, study: StudyOfCandidates) -> AbstractContextManager[Callable[[], None]]:
        if self.storage is None:  # nobody else can reach it
            return nullcontext(lambda: None)
        return alone_in(optuna, study.study, self.lease)

    def _go_on(self, study: StudyOfCandidates, ledger: Ledger, budget: Budget) -> None:
        """Enter what an earlier process has finished."""
        for candidate, fits in study.recover():
            ledger.add(candidate, fits)
        if len(ledger):
            budget.go_on_from(len(ledger))
            budget.report(*ledger.progress())

    def _search_together(
        self, evaluate_candidates: Callable, ledger: Ledger, study: SharedStudy, budget: Budget, callback_ctx: Any
    ) -> None:
        """Be one of the workers of a search."""
        require_nobody_alone = refuse_who_is_alone(study.study)
        require_nobody_alone()
        context = begin_task(self, callback_ctx, task_name="search", max_subtasks=None)
        folds = SameFolds(ledger.running.cv)

        def evaluate(batch: list[dict]) -> None:
            require_nobody_alone()
            self._evaluate(batch, evaluate_candidates, ledger, folds, context)

        worker = SharedSearch(study, ledger, budget, evaluate, callback_ctx)
        worker.run(self.n_iter, self.n_candidates_per_batch, self.lease)
        end_task(self, context)

    def _open_study(self, optuna: ModuleType, ledger: Ledger) -> StudyOfCandidates:
        if not self.param_distributions and not isinstance(self.param_distributions, dict):
            raise ValueError(
                "The 'param_distributions' parameter of BayesianSearchCV must be a dict or a list of at least one "
                f"dict. Got {self.param_distributions!r}."
            )
        running = ledger.running
        stored = self.storage is not None
        if self.shared:
            require_shareable(optuna, self.storage, self.sampler)
        options: dict[str, Any] = {
            "storage": open_storage(optuna, self.storage),
            "study_name": self.study_name,
            "facts": fingerprint(self, running.cv, running.X, running.y, running.metadata) if stored else None,
            "sampler": self.sampler,
            "seed": check_random_state(self.random_state).randint(2**31 - 1),
        }
        if self.shared:
            shared = SharedStudy(optuna, self.param_distributions, lease=self.lease, **options)
            self._warn_of_other_data(shared.study.study_name)
            return shared
        together = self.n_candidates_per_batch > 1
        return StudyOfCandidates(optuna, self.param_distributions, together=together, **options)

    def _warn_of_other_data(self, name: str) -> None:
        if name != (self.study_name or DEFAULT_NAME):
            warnings.warn(
                f"The study {self.study_name or DEFAULT_NAME!r} is of other data than this worker was fitted on, so it "
                f"works on {name!r}, with those that have the same data. That is right inside of cross_val_score; "
                "otherwise load the same rows, in the same order and types, in every worker.",
                UserWarning,
                stacklevel=2,
            )

    def _search_on(
        self,
        evaluate_candidates: Callable,
        ledger: Ledger,
        study: StudyOfCandidates,
        budget: Budget,
        callback_ctx: Any,
        require_alone: Callable[[], None],
    ) -> None:
        """Ask, evaluate and tell one batch after the other."""
        size = self.n_candidates_per_batch
        n_batches = math.ceil(self.n_iter / size) - len(ledger) // size
        tell_plan(callback_ctx, self.n_iter, n_before=len(ledger))
        context = begin_task(self, callback_ctx, task_name="search", max_subtasks=n_batches)
        folds, goes_on = SameFolds(ledger.running.cv), True
        while goes_on and len(ledger) < self.n_iter and not budget.is_spent:
            require_alone()
            # One that was interrupted has its batch to itself, or later ones would be proposed knowing less.
            end_of_batch = (len(ledger) // size + 1) * size
            places = range(len(ledger), min(end_of_batch, self.n_iter))
            asked = [study.ask(place) for place in places]
            number_candidates(context, places)
            self._evaluate([candidate for _, candidate in asked], evaluate_candidates, ledger, folds, context)
            for place, (trial, _) in zip(places, asked, strict=True):
                goes_on &= study.tell(trial, float(np.mean(ledger.scores_of(place))), ledger.fits_of(place))
            budget.report(*ledger.progress())
        end_task(self, context)

    def _evaluate(
        self, batch: list[dict], evaluate_candidates: Callable, ledger: Ledger, folds: SameFolds, context: Any
    ) -> None:
        """Fit a batch. One in which nothing could be fitted is a bad result, but a result."""
        start = time.time()
        try:
            self._evaluate_batch(evaluate_candidates, batch, "batch", context, cv=folds)
        except ValueError as error:
            if not says_all_failed(error):
                raise
            warnings.warn(
                f"All fits failed with {' and with '.join(map(str, batch))}. Their score is {self.error_score}.{error}",
                FitFailedWarning,
                stacklevel=2,
            )
            seconds = (time.time() - start) / (len(batch) * ledger.running.n_splits)
            for candidate in batch:
                ledger.add_failed(candidate, seconds, str(error))

    def _give_results(self, ledger: Ledger) -> None:
        """Make ``cv_results_`` of all candidates, for ``fit`` to go on with."""
        ledger.require_a_fit()
        ledger.complete_scores()
        running = ledger.running
        running.set_results(super()._results_of(running.candidates, running.n_splits, running.fits, None))

    def _results_of(self, candidates: list[dict], n_splits: int, fits: list[dict], columns: Mapping | None) -> dict:
        # Asked for after every batch. Once at the end is enough, or each batch would warn anew of a failed fit.
        return {}
