"""A live view tells how a search goes, wherever it runs and however it ends, and changes nothing of it."""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import re
import subprocess
import sys
import threading
import warnings
from dataclasses import replace

import cloudpickle
import numpy as np
import pytest
from joblib import parallel_config
from sklearn.base import BaseEstimator, clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.dummy import DummyClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune._compat import scikit_learn
from sknn_tune._compat.scikit_learn_searches import Evaluation
from sknn_tune.model_selection import (
    BayesianSearchCV,
    CapacitySearchCV,
    CoarseToFineSearchCV,
    HistoryRecorder,
    HyperbandSearchCV,
    LiveSearch,
    MedianPruner,
)
from sknn_tune.model_selection.watching import _questions
from sknn_tune.model_selection.watching.live import _live_search, _outputs, _view, _words
from sknn_tune.model_selection.watching.live._events import FitBegan, FitOver, curve_of, fit_over
from sknn_tune.model_selection.watching.live._html import html
from sknn_tune.model_selection.watching.live._lines import lines
from sknn_tune.model_selection.watching.live._plan import Plan, plan_of_rounds
from sknn_tune.model_selection.watching.live._progress import Progress
from sknn_tune.model_selection.watching.live._sparkline import as_svg, in_characters
from sknn_tune.search_space import uniform

needs_callbacks = pytest.mark.skipif(not scikit_learn.HAS_CALLBACKS, reason="set_callbacks came with scikit-learn 1.9")
pytestmark = needs_callbacks
failing = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.FitFailedWarning", "ignore:One or more of the test", "ignore:Scoring failed"
)

if scikit_learn.HAS_CALLBACKS:
    from sklearn.callback import with_callbacks
else:

    def with_callbacks(method):
        return method


class Learner(scikit_learn.CallbackSupportMixin, BaseEstimator):
    """Reports its epochs as our networks do: each leaves ``rest`` of the loss. A negative ``rest`` cannot be fitted."""

    def __init__(self, rest=0.5, epochs=9):
        self.rest = rest
        self.epochs = epochs

    @with_callbacks
    def fit(self, X, y):
        if self.rest < 0:
            raise ValueError(f"rest is {self.rest},\nwhich leaves nothing")
        if self.rest == 7:
            raise KeyboardInterrupt
        context = self._init_callback_context(max_subtasks=self.epochs)
        context.call_on_fit_task_begin(estimator=self)
        self.has_callbacks_ = hasattr(self, "_skl_callbacks")
        self.history_ = {"val_loss": []}
        for epoch in range(self.epochs):
            task = context.subcontext(task_name="epoch").call_on_fit_task_begin(estimator=self)
            self.history_["val_loss"].append(self.rest ** (epoch + 1))
            if task.call_on_fit_task_end(estimator=self):
                break
        context.call_on_fit_task_end(estimator=self)
        return self

    def score(self, X, y):
        return -self.history_["val_loss"][-1]


class Predictor(Learner):
    def predict(self, X):
        return np.zeros(len(X))


RESTS = [0.5, 0.25, 0.9, 0.8]
X, Y = np.zeros((24, 2)), np.tile([0, 1], 12)


def search_for(rests=RESTS, **options):
    return GridSearchCV(Learner(), {"rest": rests}, cv=2, **options)


def seen(search, live=None):
    """The last that the view has shown."""
    live = live or LiveSearch(output="lines")
    search.set_callbacks(live).fit(X, Y)
    return live._last


@pytest.fixture(autouse=True)
def nothing_is_left():
    """No thread, no socket, no entry, no stream and no filter, however the search has ended."""
    streams, n_filters = (sys.stdout, sys.stderr), len(warnings.filters)
    yield
    assert not _view.VIEWS and not _questions._LINES and not _outputs._terminal_is_taken
    assert (sys.stdout, sys.stderr) == streams and len(warnings.filters) == n_filters
    assert not [each for each in threading.enumerate() if each.name.startswith("LiveSearch")]


# --- what is seen -----------------------------------------------------------------------------------------------


def test_finished_search_is_summed_up_in_a_few_plain_lines(capsys):
    search = search_for().set_callbacks(LiveSearch()).fit(X, Y)
    out = capsys.readouterr().out
    assert len(out.splitlines()) < 8 and "\x1b" not in out
    assert re.search(r"GridSearchCV of Learner: 4 of 4 candidates, 8 fits; finished in \d\.\d s\n", out)
    assert f"chosen: candidate 1, {search.best_score_:.4g} ± 0 (score, mean of 2 folds): rest=0.25\n" in out


@pytest.mark.parametrize("output", ["lines", "terminal"])
def test_view_changes_no_results(output):
    alone = search_for().fit(X, Y)
    watched = search_for().set_callbacks(LiveSearch(output=output)).fit(X, Y)
    for name, values in alone.cv_results_.items():
        if "time" not in name:
            np.testing.assert_array_equal(np.asarray(watched.cv_results_[name]), np.asarray(values))
    assert set(watched.cv_results_) == set(alone.cv_results_)


def test_networks_are_trained_as_if_nobody_looked_on():
    search = search_for().set_callbacks(LiveSearch(output="lines")).fit(X, Y)
    assert not search.best_estimator_.has_callbacks_


def test_latest_fits_are_shown_with_their_curves():
    last = seen(search_for(), LiveSearch(n_latest=3, output="lines"))
    assert [(fit.candidate, fit.fold) for fit in last.latest] == [(3, 1), (3, 0), (2, 1)]
    assert last.latest[0].curve == pytest.approx([0.8**epoch for epoch in range(1, 10)])
    assert {fit.curve_name for fit in last.latest} == {"val_loss"}
    assert last.latest[0].value == pytest.approx(-(0.8**9)) and last.latest[0].parameters == {"rest": "0.8"}
    assert last.n_running == 0 and all(fit.seconds > 0 for fit in last.latest)


def test_plain_estimators_have_no_curves(recwarn):
    search = GridSearchCV(DummyClassifier(), {"strategy": ["prior", "uniform"]}, cv=2)
    last = seen(search)
    assert [fit.curve for fit in last.latest] == [()] * 4
    assert last.best.measure == "score" and last.best.value == search.best_score_
    assert "epochs" not in html(last) and not recwarn.list


@failing
def test_failed_fits_are_counted_and_named():
    last = seen(search_for([0.5, -1, 0.25, -2]))
    assert last.n_failed_fits == 4
    assert last.failed == {"ValueError: rest is -1,": (1,), "ValueError: rest is -2,": (3,)}
    assert last.best.candidate == 2
    assert "    candidate 3: ValueError: rest is -2," in lines(last)


@failing
def test_fit_that_cannot_be_scored_has_failed():
    def scoring(estimator, X, y):
        if estimator.rest == 0.9:
            raise RuntimeError("no score")
        return 1.0

    last = seen(search_for(scoring=scoring))
    assert last.failed == {"it could not be scored": (2,)} and last.latest[2].status == "failed"


def test_of_several_metrics_the_one_that_refit_names_counts():
    scoring = {"less": lambda e, X, y: -e.rest, "more": lambda e, X, y: e.rest}
    last = seen(search_for(scoring=scoring, refit="more"))
    assert (last.best.candidate, last.best.measure) == (2, "more")


def test_the_last_of_many_candidates_are_named():
    assert _words.rows([3]) == "candidate 3"
    assert _words.rows(range(10)) == "candidates 2, 3, 4, 5, 6, 7, 8, 9 and 2 earlier"


def test_pruned_candidates_are_named_and_never_the_best():
    live, recorder = LiveSearch(output="lines"), HistoryRecorder()
    pruner = MedianPruner(n_startup_fits=2, n_warmup_epochs=3)
    search = search_for().set_callbacks(live, pruner, recorder).fit(X, Y)
    assert live._last.pruned == tuple(np.flatnonzero(search.cv_results_["pruned"])) == (2, 3)
    assert [fit.status for fit in live._last.latest[:2]] == ["pruned"] * 2
    assert "split0_history" in search.cv_results_


def test_curve_is_found_within_pipelines_and_target_transformers():
    made = make_pipeline(StandardScaler(), TransformedTargetRegressor(Predictor()))
    name, curve = curve_of(made.fit(X, Y.astype(float)))
    assert name == "val_loss" and len(curve) == 9
    assert curve_of(DummyClassifier().fit(X, Y)) == ("", [])


def test_long_curve_is_thinned_for_its_way():
    fitted = Learner(0.999, epochs=1000).fit(X, Y)
    message = fit_over((), 0, Evaluation(fitted, {"rest": 0.999}))
    assert message.n_epochs == 1000 and len(message.curve) < 100
    assert message.curve[-1] == message.least == fitted.history_["val_loss"][-1]


def test_without_scores_the_view_goes_by_the_loss_and_says_so(monkeypatch):
    """As with a scikit-learn that keeps the scores elsewhere."""
    real = _live_search.evaluation_under_way
    monkeypatch.setattr(_live_search, "evaluation_under_way", lambda: replace(real(), scores=None))
    shown = []
    monkeypatch.setattr(_view.Progress, "chosen", lambda progress: shown.append(progress.snapshot()))
    seen(search_for())
    assert shown[0].best.candidate == 1 and shown[0].best.value == pytest.approx(0.25**9)
    assert "lowest val_loss on rows that each fit held out, mean of 2 folds: this scikit-learn" in lines(shown[0])[1]


def test_without_any_evaluation_fits_are_still_counted(monkeypatch):
    monkeypatch.setattr(_live_search, "evaluation_under_way", lambda: None)
    last = seen(search_for())
    assert (last.n_fits, last.n_candidates) == (8, 4) and last.best.candidate == 1  # of the finished search


# --- wherever it runs -------------------------------------------------------------------------------------------


@failing
def test_processes_report_to_the_one_view():
    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the workers have no such module
    try:
        _require_one_view(search_for([0.5, -1, 0.9, 0.95], n_jobs=2), X, Y)
    finally:
        cloudpickle.unregister_pickle_by_value(sys.modules[__name__])


@failing
@pytest.mark.thorough
def test_networks_in_processes_report_to_the_one_view(binary_data):
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=9, validation_split=0.25, random_state=0)
    _require_one_view(GridSearchCV(network, {"learning_rate": [0.1, -1.0, 1e-8, 1e-9]}, cv=2, n_jobs=2), *binary_data)


def _require_one_view(search, X, y):
    live = LiveSearch(n_latest=8, output="lines")
    search.set_callbacks(live, HistoryRecorder(), MedianPruner(n_startup_fits=1, n_warmup_epochs=2)).fit(X, y)
    last = live._last
    assert (last.n_candidates, last.n_fits, last.n_failed_fits) == (4, 8, 2)
    assert last.best.value == search.best_score_ and last.best.candidate == search.best_index_
    assert list(last.failed.values()) == [(1,)]
    assert last.pruned == tuple(np.flatnonzero(search.cv_results_["pruned"])) and 3 in last.pruned
    curves = {(fit.candidate, fit.fold): fit.curve for fit in last.latest if fit.curve}
    assert curves[0, 0] == pytest.approx(search.cv_results_["split0_history"][0]["val_loss"])


def test_threads_report_to_the_one_view():
    with parallel_config("threading", n_jobs=2):
        last = seen(search_for())
    assert (last.n_candidates, last.n_fits, last.best.candidate) == (4, 8, 1)


def test_search_within_a_search_has_views_of_its_own(capsys):
    inner = search_for([0.5, 0.25]).set_callbacks(LiveSearch())
    with parallel_config("threading", n_jobs=2):
        outer = GridSearchCV(inner, {"estimator__epochs": [2, 3]}, cv=2).set_callbacks(LiveSearch())
        outer.fit(np.zeros((48, 2)), np.tile([0, 1], 24))
    out = capsys.readouterr().out
    assert out.count("GridSearchCV of Learner: 2 of 2 candidates, 4 fits; finished") == 5  # the refit, too
    assert out.count("GridSearchCV of GridSearchCV: 2 of 2 candidates, 4 fits; finished") == 1


def test_workers_that_cannot_reach_the_view_go_on_unseen(monkeypatch):
    def lost(address, message):
        raise _questions.SearchUnreachable("no way")

    monkeypatch.setattr(_live_search, "ask", lost)
    search = search_for()
    with pytest.warns(UserWarning, match=r"LiveSearch has not heard of 8 of 8 fits\. If workers are on other machines"):
        last = seen(search)
    assert last.n_candidates == 4 and last.best.candidate == search.best_index_


# --- every search -----------------------------------------------------------------------------------------------


SEARCHES = {
    "grid": lambda: search_for(),
    "random": lambda: RandomizedSearchCV(Learner(), {"rest": RESTS}, n_iter=3, cv=2, random_state=0),
    "halving": lambda: HalvingGridSearchCV(
        Learner(), {"rest": RESTS}, cv=2, factor=2, resource="epochs", max_resources=8, random_state=0
    ),
    "halving rows": lambda: HalvingGridSearchCV(Learner(), {"rest": RESTS}, cv=2, factor=2, min_resources=6),
    "coarse to fine": lambda: CoarseToFineSearchCV(
        Learner(), {"rest": uniform(0.1, 0.9)}, n_iter=3, n_rounds=2, cv=2, random_state=0
    ),
    "capacity": lambda: CapacitySearchCV(Learner(), param_name="epochs", sizes=[1, 2, 4], cv=2),
    "hyperband": lambda: HyperbandSearchCV(Learner(), {"rest": RESTS}, resource="epochs", cv=2, random_state=0),
    "bayesian": lambda: BayesianSearchCV(Learner(), {"rest": uniform(0.1, 0.9)}, n_iter=4, cv=2, random_state=0),
}


@pytest.mark.parametrize("kind", SEARCHES)
def test_every_search_says_what_it_plans_and_the_best_so_far_is_what_it_chooses(kind, monkeypatch):
    monkeypatch.setattr(_view.Progress, "chosen", lambda progress: shown.append(progress.snapshot()))
    shown: list = []
    search = SEARCHES[kind]()
    seen(search)
    [before] = shown
    assert before.n_candidates == before.n_planned == len(search.cv_results_["params"])
    assert before.n_fits == 2 * before.n_candidates
    assert before.best.value == pytest.approx(search.cv_results_["mean_test_score"][before.best.candidate])
    if kind != "capacity":  # which takes the smallest of the good ones
        assert before.best.value == pytest.approx(search.cv_results_["mean_test_score"][search.best_index_])


def test_what_an_earlier_process_has_evaluated_counts():
    optuna = pytest.importorskip("optuna")
    options = {"cv": 2, "random_state": 0, "storage": optuna.storages.InMemoryStorage()}
    BayesianSearchCV(Learner(), {"rest": [0.5, 0.6, 0.7, 0.8]}, n_iter=2, **options).fit(X, Y)
    last = seen(BayesianSearchCV(Learner(), {"rest": [0.5, 0.6, 0.7, 0.8]}, n_iter=4, **options))
    assert (last.n_candidates, last.n_planned, last.n_fits) == (4, 4, 4)
    assert {fit.candidate for fit in last.latest} == {2, 3}


# --- however it ends --------------------------------------------------------------------------------------------


def test_error_ends_the_view():
    live = LiveSearch(output="lines")
    with pytest.raises(ValueError, match="rest is -1"):
        search_for([0.5, -1, 0.25], error_score="raise").set_callbacks(live).fit(X, Y)
    assert live._last.state == "ended by ValueError"
    assert (live._last.n_candidates, live._last.n_failed_fits) == (1, 1)
    assert re.search(r"1 of 3 candidates, 3 fits; ended by ValueError after", lines(live._last)[0])


@pytest.mark.parametrize("ours", [False, True])
def test_interrupt_ends_the_view(ours):
    live = LiveSearch(output="lines")
    search = CapacitySearchCV(Learner(), param_name="rest", sizes=[0.5, 7], cv=2) if ours else search_for([0.5, 7])
    with pytest.raises(KeyboardInterrupt):
        search.set_callbacks(live).fit(X, Y)
    last = live._last
    assert last.state == "interrupted" and last.n_candidates == 1 and not last.failed
    assert last.best.candidate == 0 and "best so far: candidate 0" in lines(last)[1]


def test_timeout_leaves_what_was_done():
    search = CoarseToFineSearchCV(Learner(), {"rest": uniform(0.1, 0.9)}, n_iter=3, n_rounds=2, cv=2, timeout=1e-6)
    with pytest.warns(UserWarning, match="The time of the search was spent"):
        last = seen(search)
    assert last.state == "finished" and last.n_candidates < last.n_planned == 6


def test_view_that_cannot_be_drawn_does_not_end_the_search(monkeypatch):
    class Broken(io.StringIO):
        def write(self, text):
            raise BrokenPipeError("nobody reads")

    monkeypatch.setattr(_outputs, "Lines", lambda made=_outputs.Lines: made(Broken()))
    search = search_for()
    with pytest.warns(
        UserWarning, match=r"LiveSearch could not draw any more: BrokenPipeError: nobody reads\. The sea"
    ):
        seen(search)
    assert search.best_index_ == 1


def test_it_can_be_used_again_cloned_and_pickled(capsys):
    live = LiveSearch(n_latest=1, output="lines")
    search = search_for().set_callbacks(live).fit(X, Y)
    clone(search).fit(X, Y)
    again = pickle.loads(pickle.dumps(search)).fit(X, Y)
    assert again.best_index_ == 1 and len(live._last.latest) == 1
    assert capsys.readouterr().out.count("finished") == 3
    assert "4 of 4 candidates" in repr(live) and "4 of 4 candidates" in live._repr_html_()
    assert repr(LiveSearch(n_latest=2)) == "LiveSearch(n_latest=2)"


# --- terminals and notebooks ------------------------------------------------------------------------------------


@failing
def test_terminal_shows_all_of_it_and_gives_the_streams_back(monkeypatch):
    console = pytest.importorskip("rich.console").Console(
        file=io.StringIO(), force_terminal=True, width=110, record=True, legacy_windows=False
    )
    monkeypatch.setattr(_outputs, "Terminal", lambda made=_outputs.Terminal: made(console))
    search = search_for([0.5, -1, 0.25, 0.9]).set_callbacks(
        MedianPruner(n_startup_fits=2, n_warmup_epochs=3), LiveSearch(output="terminal")
    )
    search.fit(X, Y)
    text = console.export_text()
    last = text[text.rindex("GridSearchCV of Learner") :]
    assert "4 of 4 candidates, 8 fits; finished in" in last
    assert "chosen: candidate 2" in last and "(score, mean of 2 folds)" in last
    assert re.search(r"2 +1 +-3\.815e-06 +█▃▁▁▁▁▁▁▁ 0\.25 → 3\.815e-06 +9 +\d\.\d\d +rest=0\.25", last)
    assert "failed: 2 fits: candidate 1: ValueError: rest is -1," in last and "pruned: candidate 3" in last
    assert "\x1b[?25l" in console.file.getvalue() and console.file.getvalue().endswith("\x1b[?25h")  # the cursor


def test_second_search_at_the_same_time_writes_lines():
    pytest.importorskip("rich")
    first = _outputs.output_for("terminal")
    try:
        assert isinstance(first, _outputs.Terminal) and isinstance(_outputs.output_for("terminal"), _outputs.Lines)
    finally:
        _outputs._terminal_is_taken = False


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
def test_real_terminal_keeps_one_view():
    pytest.importorskip("rich")
    code = (
        "from sklearn.dummy import DummyClassifier\nfrom sklearn.model_selection import GridSearchCV\n"
        "from sknn_tune.model_selection import LiveSearch\n"
        "live = LiveSearch(refresh_seconds=0.01)\n"
        "grid = GridSearchCV(DummyClassifier(), {'random_state': range(30)}, cv=2).set_callbacks(live)\n"
        "grid.fit([[0], [1], [2], [3]], [0, 1, 0, 1])\nprint('done')"
    )
    shown = _in_terminal([sys.executable, "-c", code])
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1  # the cursor is hidden once, and comes back
    assert "\x1b[1A\x1b[2K" in shown  # drawn anew in the same place
    after = shown[shown.rindex("30 of 30 candidates") :]
    assert "finished in" in after and after.rstrip().endswith("done")


def _in_terminal(command):
    import pty

    here, there = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30", "PYTHONUTF8": "1"}
    with subprocess.Popen(command, stdout=there, stdin=there, stderr=there, env=environment) as process:
        os.close(there)
        shown = b""
        while True:
            try:
                read = os.read(here, 65536)
            except OSError:  # nobody writes any more
                break
            if not read:
                break
            shown += read
    os.close(here)
    assert process.returncode == 0, shown.decode()
    return shown.decode()


def test_log_file_gets_no_signs_that_it_does_not_know():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    _outputs.Lines(stream).close(seen(search_for()))
    stream.seek(0)
    assert "candidate 1, -3.815e-06 ? 0" in stream.read()


def test_line_comes_with_every_tenth_of_the_candidates_or_as_their_number_doubles():
    def n_lines(n_planned):
        stream = io.StringIO()
        output = _outputs.Lines(stream)
        for n in range(101):
            output.show(replace(shot, n_candidates=n, n_planned=n_planned))
        return stream.getvalue().count("\n")

    shot = replace(seen(search_for()), state="searching")
    assert n_lines(100) == 11 and n_lines(None) == 7


class Shell:
    """As much of a notebook's shell as there is to a display: outputs by their names."""

    kernel = True

    def __init__(self):
        self.display_pub = self
        self.shown = []

    def publish(self, data, metadata, *, transient, update):
        assert update == (bool(self.shown))
        self.shown.append((transient["display_id"], data))


def test_notebook_has_one_output_that_is_replaced(monkeypatch):
    shell = Shell()
    monkeypatch.setattr(_outputs, "_notebook_shell", lambda: shell)
    seen(search_for(), LiveSearch())
    assert len({name for name, _ in shell.shown}) == 1
    data = shell.shown[-1][1]
    assert "finished in" in data["text/plain"] and "<svg" in data["text/html"]
    assert data["text/html"].count("<tr>") == 6


def test_html_is_escaped():
    last = replace(seen(search_for()), search="<b>", failed={"<script>": (1,)}, n_failed_fits=1)
    assert "<b>" not in html(last) and "<script>" not in html(last) and "&lt;script&gt;" in html(last)


@pytest.mark.thorough
def test_saved_notebook_has_the_last_state_as_one_output():
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    code = (
        "from sklearn.dummy import DummyClassifier\nfrom sklearn.model_selection import GridSearchCV\n"
        "from sknn_tune.model_selection import LiveSearch\nlive = LiveSearch(refresh_seconds=0.01)\n"
        "search = GridSearchCV(DummyClassifier(), {'random_state': range(40)}, cv=2).set_callbacks(live)\n"
        "search = search.fit([[0], [1], [2], [3]], [0, 1, 0, 1])"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(notebook, timeout=120).execute()
    [output] = notebook.cells[0].outputs
    assert output.output_type == "display_data"
    assert "40 of 40 candidates, 80 fits; finished in" in output.data["text/plain"]
    assert "40 of 40 candidates" in output.data["text/html"]


def test_output_that_is_not_there_is_refused():
    with pytest.raises(RuntimeError, match="'output' parameter of LiveSearch is 'notebook', but this process is not"):
        search_for().set_callbacks(LiveSearch(output="notebook")).fit(X, Y)


def test_worker_does_not_draw_on_the_terminal_of_others(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Tty())
    assert not _outputs._is_drawable()  # caught by somebody, such as sphinx-gallery
    monkeypatch.setattr(sys, "__stdout__", sys.stdout)
    monkeypatch.setenv("TERM", "xterm")
    assert _outputs._is_drawable()
    monkeypatch.setattr(multiprocessing.current_process(), "name", "LokyProcess-1")
    assert not _outputs._is_drawable()


class Tty(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


# --- what is expected of the rest -------------------------------------------------------------------------------


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Known:
    """What a view asks a search."""

    n_splits_, refit, scoring, estimator = 2, True, None, DummyClassifier()

    def __init__(self, **more):
        self.__dict__.update(more)


def progress_of(search, clock):
    return Progress(search, 5, lambda round_, task: False, clock)


def run_fits(progress, clock, tasks, seconds, round_=(0, 0), **message):
    for task in tasks:
        progress.fit_began(FitBegan(round_, task))
        clock.now += seconds
        scores = {"score": float(task)}
        progress.fit_over(FitOver(round_, task, message.get("parameters", {}), scores, None))


def test_time_left_is_what_later_fits_took():
    """The first ones wait for libraries to load."""
    clock = Clock()
    progress = progress_of(Known(), clock)
    progress.round_begun((0, 0), 20, None)
    assert progress.snapshot().seconds_left is None
    run_fits(progress, clock, range(2), 30)
    run_fits(progress, clock, range(2, 10), 1)
    shot = progress.snapshot()
    assert shot.seconds_left == pytest.approx(10) and shot.part_done == 0.5 and shot.elapsed_seconds == 68


def test_time_left_knows_what_candidates_cost():
    clock = Clock()
    progress = progress_of(Known(), clock)
    progress.planned(Plan(4, costs=(1, 1, 1, 9)))
    progress.round_begun((0, 0), 8, None)
    run_fits(progress, clock, range(4), 1)
    assert progress.snapshot().seconds_left == pytest.approx(20) and progress.snapshot().part_done == pytest.approx(
        1 / 6
    )


def test_time_left_ends_with_the_timeout():
    clock = Clock()
    progress = progress_of(Known(timeout=10), clock)
    progress.round_begun((0, 0), 20, None)
    run_fits(progress, clock, range(4), 1)
    shot = progress.snapshot()
    assert (shot.seconds_left, shot.left_until) == (6, "until the timeout")


def test_time_left_of_a_ladder_goes_by_its_latest_step():
    clock = Clock()
    progress = progress_of(Known(), clock)
    progress.planned(Plan(4, is_ladder=True))
    run_fits(progress, clock, range(2), 1)
    run_fits(progress, clock, range(2, 4), 5)
    shot = progress.snapshot()
    assert (shot.seconds_left, shot.left_until) == (20, "if all sizes are tried")


def test_plan_of_a_halving_search():
    plan = plan_of_rounds(Known(factor=3), [10], 3)
    assert plan.n_candidates == 10 + 4 + 2
    assert plan.costs == (1,) * 10 + (3,) * 4 + (9,) * 2
    assert set(plan_of_rounds(Known(factor=3, aggressive_elimination=True), [10], 3).costs) == {1}


def test_candidates_with_more_resources_are_better():
    clock = Clock()
    progress = progress_of(Known(resource_="epochs"), clock)
    progress.round_begun((0, 0), 4, None)
    run_fits(progress, clock, range(4), 1, parameters={"epochs": "3"})
    progress.round_begun((0, 1), 2, None)
    run_fits(progress, clock, range(2), 1, (0, 1), parameters={"epochs": "9"})
    assert progress.snapshot().best.candidate == 2 and progress.snapshot().best.value == 0.5


def test_curves_of_one_line():
    assert in_characters([3.0, 3.0]) == "▁▁" and in_characters([]) == "" and in_characters([float("nan")]) == "×"
    assert len(in_characters(range(1000), 20)) == 20
    assert as_svg([float("inf")]) == "" and as_svg([1.0, float("nan"), 0.0]).count(",") == 2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_latest": -1}, "The 'n_latest' parameter of LiveSearch must be an int"),
        ({"refresh_seconds": 0}, "The 'refresh_seconds' parameter of LiveSearch must be a float"),
        ({"output": "jupyter"}, "The 'output' parameter of LiveSearch must be a str among"),
        ({"address": "a b"}, "The 'address' parameter of LiveSearch must be a name"),
    ],
)
def test_wrong_parameter_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        LiveSearch(**wrong)


def test_it_belongs_on_the_search():
    with pytest.raises(TypeError, match="LiveSearch watches the fits of a search, but was set on Learner"):
        Learner().set_callbacks(LiveSearch()).fit(X, Y)
