"""Each fit of a search has a log of its own, which grows while the search runs."""

from __future__ import annotations

import csv
import struct
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sknn_tune import KerasClassifier
from sknn_tune._compat import scikit_learn
from sknn_tune.model_selection import BayesianSearchCV, FitLogs, MedianPruner, search_results
from sknn_tune.model_selection.watching._log_files import EventLog, _masked_crc

pytestmark = pytest.mark.skipif(
    not scikit_learn.HAS_CALLBACKS, reason="set_callbacks came with scikit-learn 1.9, and the logs are a callback"
)

if scikit_learn.HAS_CALLBACKS:
    from sklearn.callback import with_callbacks
else:

    def with_callbacks(method):
        return method


def read_csv(path: Path) -> dict[str, list[float]]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in rows[0]}


def logs_in(folder: Path) -> dict[tuple[int, int], dict[str, list[float]]]:
    """By candidate and fold."""
    return {
        (int(path.parent.name.removeprefix("candidate-")), int(path.stem.removeprefix("fold-"))): read_csv(path)
        for path in folder.rglob("*.csv")
    }


def as_recorded(search) -> dict[tuple[int, int], dict[str, list[float]]]:
    """What the table of curves says of each fit."""
    table = search_results(search, curves=True)
    return {
        key: curves.drop(columns=["candidate", "fold"]).dropna(axis=1).astype(float).to_dict("list")
        for key, curves in table.groupby(["candidate", "fold"])
    }


@pytest.fixture
def network():
    return KerasClassifier(hidden_layer_sizes=(4,), epochs=3, validation_split=0.25, random_state=0)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_each_fit_has_a_table_of_its_epochs(n_jobs, network, binary_data, tmp_path):
    pipeline = make_pipeline(StandardScaler(), network)
    grid = {"kerasclassifier__learning_rate": [0.01, 0.001], "kerasclassifier__epochs": [2, 3]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=n_jobs).set_callbacks(FitLogs(tmp_path / "new" / "logs"))
    search.fit(*binary_data)
    logs = logs_in(tmp_path / "new" / "logs")
    assert logs.keys() == {(candidate, fold) for candidate in range(4) for fold in range(2)}
    assert logs == as_recorded(search)
    assert list(logs[0, 0]) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"]


def test_networks_that_keras_trains_have_logs(network, binary_data, tmp_path):
    network.set_params(engine="keras", epochs=2)
    search = GridSearchCV(network, {"l2": [0.0]}, cv=2).set_callbacks(FitLogs(tmp_path)).fit(*binary_data)
    assert logs_in(tmp_path) == as_recorded(search)


class Looking(scikit_learn.CallbackSupportMixin, BaseEstimator):
    """Reports its epochs, and keeps what is in the folder after the first of two."""

    def __init__(self, folder=None, fails=False):
        self.folder = folder
        self.fails = fails

    @with_callbacks
    def fit(self, X, y):
        context = self._init_callback_context(max_subtasks=2)
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        self.history_ = {"loss": []}
        for loss in (2.0, 1.0):
            task = context.subcontext(task_name="epoch").call_on_fit_task_begin(estimator=self)
            self.history_["loss"].append(loss)
            task.call_on_fit_task_end(estimator=self)
            if loss == 2.0:
                self.seen_ = [log["loss"] for log in logs_in(self.folder).values()] if self.folder else []
                if self.fails:
                    raise RuntimeError("on purpose")
        context.call_on_fit_task_end(estimator=self)
        return self

    def score(self, X, y):
        return float(self.seen_[-1:] == [[2.0]])


def test_an_epoch_is_written_as_soon_as_it_is_over(binary_data, tmp_path):
    search = GridSearchCV(Looking(), {"folder": [tmp_path]}, cv=2, refit=False).set_callbacks(FitLogs(tmp_path))
    assert search.fit(*binary_data).cv_results_["split0_test_score"] == [1.0]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite")
def test_a_fit_that_fails_has_the_epochs_before(binary_data, tmp_path):
    search = GridSearchCV(Looking(), {"fails": [False, True]}, cv=2, refit=False).set_callbacks(FitLogs(tmp_path))
    search.fit(*binary_data)
    assert logs_in(tmp_path)[1, 0] == {"epoch": [1.0], "loss": [2.0]}


def test_rounds_are_numbered_on(binary_data, tmp_path):
    search = HalvingGridSearchCV(Looking(), {"folder": [None, ""]}, cv=2, min_resources=50, factor=2, refit=False)
    search.set_callbacks(FitLogs(tmp_path)).fit(*binary_data)
    assert len(search.cv_results_["params"]) == 3
    assert {candidate for candidate, _ in logs_in(tmp_path)} == {0, 1, 2}


def test_a_search_that_goes_on_goes_on_in_its_folder(network, binary_data, tmp_path):
    pytest.importorskip("optuna")
    space = {"learning_rate": [0.1, 0.01, 0.001]}
    for n_iter in (2, 4):
        search = BayesianSearchCV(
            network, space, n_iter=n_iter, cv=2, random_state=0, storage=f"sqlite:///{tmp_path}/study.db"
        )
        search.set_callbacks(FitLogs(tmp_path / "logs")).fit(*binary_data)
    logs, recorded = logs_in(tmp_path / "logs"), as_recorded(search)
    assert {candidate for candidate, _ in logs} == {0, 1, 2, 3}
    assert {key: logs[key] for key in recorded} == recorded


def test_fits_from_memory_have_logs(network, binary_data, tmp_path):
    network.set_params(memory=str(tmp_path / "memory"))
    for name in ("first", "second"):
        GridSearchCV(network, {"l2": [0.0]}, cv=2).set_callbacks(FitLogs(tmp_path / name)).fit(*binary_data)
    assert logs_in(tmp_path / "first") == logs_in(tmp_path / "second") != {}


def test_a_fit_that_a_pruner_stops_has_a_shorter_log(network, binary_data, tmp_path):
    network.set_params(epochs=6)
    pruner = MedianPruner(n_startup_fits=1, n_warmup_epochs=2)
    search = GridSearchCV(network, {"learning_rate": [0.03, 1e-7]}, cv=2)
    search.set_callbacks(FitLogs(tmp_path), pruner).fit(*binary_data)
    logs = logs_in(tmp_path)
    assert len(logs[0, 0]["epoch"]) == 6
    assert len(logs[1, 0]["epoch"]) == pruner.fits_[2].n_epochs < 6


def test_a_full_disk_does_not_fail_a_fit(binary_data, tmp_path):
    (tmp_path / "candidate-000").write_text("a file where a folder is to be")
    search = GridSearchCV(Looking(), {}, cv=2, refit=False).set_callbacks(FitLogs(tmp_path))
    with pytest.warns(UserWarning, match=r"FitLogs could not write all logs of this search to '.*candidate-000"):
        search.fit(*binary_data)
    assert search.cv_results_["split1_n_epochs"] == [2]


def test_what_is_no_folder_is_refused_before_the_first_fit(binary_data, tmp_path):
    (tmp_path / "file").write_text("")
    search = GridSearchCV(Looking(), {}, cv=2).set_callbacks(FitLogs(tmp_path / "file"))
    with pytest.raises(OSError, match="The 'folder' parameter of FitLogs must be a folder, or a place where"):
        search.fit(*binary_data)


@pytest.mark.parametrize("arguments", [{"folder": 3}, {"folder": "logs", "format": "json"}])
def test_what_it_cannot_take_is_refused(arguments):
    with pytest.raises(ValueError, match=f"The '{list(arguments)[-1]}' parameter of FitLogs must be"):
        FitLogs(**arguments)


# --- TensorBoard ------------------------------------------------------------------------------------------------


def records_of(path: Path) -> list[bytes]:
    """The contents of an event log, with its check sums compared."""
    content, records = path.read_bytes(), []
    while content:
        [length] = struct.unpack("<Q", content[:8])
        record = content[12 : 12 + length]
        assert content[8:12] == _masked_crc(content[:8])
        assert content[12 + length : 16 + length] == _masked_crc(record)
        records.append(record)
        content = content[16 + length :]
    return records


def test_check_sum_is_that_of_its_definition():
    crc = 0xE3069283  # CRC-32C of "123456789", as in RFC 3720 and all catalogues of check sums
    masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
    assert _masked_crc(b"123456789") == struct.pack("<I", masked)


def test_event_log_has_a_record_for_each_epoch(tmp_path):
    log = EventLog(tmp_path / "fold-0")
    log.write(1, {"loss": 0.5})
    [path] = (tmp_path / "fold-0").iterdir()
    version, epoch = records_of(path)
    assert version.endswith(b"\x1a\x0dbrain.Event:2")
    # step 1, then summary { value { tag: "loss" simple_value: 0.5 } }
    assert epoch.endswith(b"\x10\x01" + b"\x2a\x0d\x0a\x0b" + b"\x0a\x04loss" + b"\x15" + struct.pack("<f", 0.5))


def test_a_search_leaves_runs_with_parameters_and_scores(binary_data, tmp_path):
    search = GridSearchCV(Looking(), {"fails": [False]}, cv=2, refit=False)
    for _ in range(2):  # the second takes the place of the first
        search.set_callbacks(FitLogs(tmp_path, format="tensorboard")).fit(*binary_data)
    [path] = (tmp_path / "candidate-000" / "fold-1").iterdir()
    records = b"".join(records_of(path))
    for text in (b"loss", b"session_start_info", b"fails", b"candidate-000", b"test_score", b"session_end_info"):
        assert text in records
    assert len(records_of(path)) == 1 + 2 + 3


@pytest.mark.skipif(
    find_spec("tensorboard") is None,
    reason="reads the logs with TensorBoard itself, which newer versions of TensorFlow do not bring",
)
@pytest.mark.thorough
def test_tensorboard_reads_curves_and_parameters(network, binary_data, tmp_path):
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.plugins.hparams import metadata

    search = GridSearchCV(network, {"learning_rate": [0.01, 0.001], "hidden_layer_sizes": [(3,)]}, cv=2)
    search.set_callbacks(FitLogs(tmp_path, format="tensorboard")).fit(*binary_data)
    runs = EventMultiplexer().AddRunsFromDirectory(str(tmp_path)).Reload()
    curves = as_recorded(search)
    for (candidate, fold), curve in curves.items():
        run = runs.GetAccumulator(f"candidate-{candidate:03d}/fold-{fold}")
        losses = [tensor.tensor_proto.float_val[0] for tensor in run.Tensors("loss")]
        assert losses == pytest.approx(curve["loss"])
        assert [tensor.step for tensor in run.Tensors("loss")] == curve["epoch"]
        [score] = run.Tensors("test_score")
        assert np.isclose(score.tensor_proto.float_val[0], search.cv_results_[f"split{fold}_test_score"][candidate])
        tags = run.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
        started = metadata.parse_session_start_info_plugin_data(tags)
        assert started.group_name == f"candidate-{candidate:03d}"
        assert started.hparams["learning_rate"].number_value == search.cv_results_["params"][candidate]["learning_rate"]
        assert started.hparams["hidden_layer_sizes"].string_value == "(3,)"
