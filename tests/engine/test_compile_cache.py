"""Compiled code on disk: where it lies, what happens to damaged files, and that it is used."""

import os
import subprocess
import sys
import textwrap

import pytest

from sknn_tune.engine import _compile_cache
from sknn_tune.engine._cache_folder import enable_compile_cache, remove_damaged, remove_oldest, seal


@pytest.fixture
def flags(monkeypatch):
    """A process that has not switched the cache on."""
    monkeypatch.setattr(_compile_cache, "_directory", None)
    monkeypatch.setattr(_compile_cache.atexit, "register", lambda function: None)
    monkeypatch.setenv("TF_XLA_FLAGS", "")
    return lambda: os.environ["TF_XLA_FLAGS"]


def test_the_folder_is_made_and_named_to_tensorflow(flags, monkeypatch, tmp_path):
    monkeypatch.setenv("SKNN_TUNE_CACHE_DIR", str(tmp_path / "new"))
    folder = enable_compile_cache()
    assert folder.parent == tmp_path / "new" and folder.is_dir()
    assert f"--tf_xla_persistent_cache_directory={folder}" in flags()
    again = flags()
    assert enable_compile_cache() == folder and flags() == again


def test_the_users_flags_stay(flags, monkeypatch, tmp_path):
    monkeypatch.setenv("SKNN_TUNE_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_max_cluster_size=7")
    enable_compile_cache()
    assert flags().startswith("--tf_xla_max_cluster_size=7 --tf_xla_persistent_cache_directory=")


def test_the_users_cache_stays(flags, monkeypatch, tmp_path):
    monkeypatch.setenv("SKNN_TUNE_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("TF_XLA_FLAGS", "--tf_xla_persistent_cache_directory=/elsewhere")
    assert enable_compile_cache() is None
    assert flags() == "--tf_xla_persistent_cache_directory=/elsewhere"


def test_an_empty_variable_switches_it_off(flags, monkeypatch):
    monkeypatch.setenv("SKNN_TUNE_CACHE_DIR", "")
    assert enable_compile_cache() is None and flags() == ""


def test_a_folder_that_cannot_be_made_switches_it_off(flags, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SKNN_TUNE_CACHE_DIR", str(tmp_path / "file"))
    assert enable_compile_cache() is None and flags() == ""


def _file(folder, name, content=b"machine code"):
    file = folder / f"{name}.pb"
    file.write_bytes(content)
    return file


@pytest.mark.parametrize("damage", [b"", b"machine", b"machine c0de"])
def test_damaged_files_are_removed_and_sound_ones_stay(damage, tmp_path):
    sound, damaged = _file(tmp_path, "sound"), _file(tmp_path, "damaged")
    for file in (sound, damaged):
        seal(file)
    damaged.write_bytes(damage)
    remove_damaged(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["sound.pb", "sound.pb.checksum"]


def test_files_without_a_checksum_get_one(tmp_path):
    file = _file(tmp_path, "new")
    remove_damaged(tmp_path)
    assert file.exists() and (tmp_path / "new.pb.checksum").exists()


def test_the_oldest_files_go_first(tmp_path):
    for age, name in enumerate(["newest", "middle", "oldest"]):
        os.utime(_file(tmp_path, name), (1e9 - age, 1e9 - age))
    remove_oldest(tmp_path, most=2)
    assert sorted(file.stem for file in tmp_path.glob("*.pb")) == ["middle", "newest"]


FIT = textwrap.dedent(
    """
    from sknn_tune.engine._cache_folder import enable_compile_cache
    enable_compile_cache()
    import numpy as np
    from sknn_tune.engine.loop._epochs import train_fused
    from sknn_tune.specs import ArrayData, NetworkSpec, TrainingSpec
    network = NetworkSpec((3,), 1, "linear", (), (4,), ("relu",), kernel_initializers=("zeros",) * 2, dropouts=(0.0,))
    training = TrainingSpec("mean_squared_error", "sgd", 0.1, 8, 2)
    generator = np.random.default_rng(0)
    shapes = (3, 4), (4,), (4, 1), (1,)
    result = train_fused(
        network, training, ArrayData(*(generator.normal(size=s).astype("float32") for s in ((20, 3), (20, 1)))), None,
        initial_weights=[generator.normal(size=shape).astype("float32") for shape in shapes], initial_optimizer=None,
        row_order=lambda epoch: np.arange(20), dropout_seed=0, way="compiled",
    )
    print(*(weights.tobytes().hex() for weights in result.weights))
    """
)


def _fit_in_a_new_process(folder):
    # Level 3: TensorFlow complains at length of tuning hints in machine code that it wrote itself.
    environment = {**os.environ, "SKNN_TUNE_CACHE_DIR": str(folder), "TF_XLA_FLAGS": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, "-c", FIT], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_code_on_disk_is_used_and_damage_heals(tmp_path):
    cold = _fit_in_a_new_process(tmp_path)
    files = sorted(tmp_path.glob("*/*.pb"))
    assert files, "nothing was written"
    assert len(list(tmp_path.glob("*/*.checksum"))) == len(files)
    written = [file.stat().st_mtime_ns for file in files]
    assert _fit_in_a_new_process(tmp_path) == cold
    assert [file.stat().st_mtime_ns for file in files] == written, "code was compiled again"
    for file in files:  # as if damaged before the first process could write a checksum
        file.write_bytes(file.read_bytes()[:-100])
        file.with_name(f"{file.name}.checksum").unlink()
    assert _fit_in_a_new_process(tmp_path) == cold
