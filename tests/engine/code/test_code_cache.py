"""Machine code on disk: read by later processes, and done without where it cannot be. Damage: see `tests/chaos`."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numba
import pytest
from numba import cfunc, types

import sknn_tune
from sknn_tune.engine.code import _cache
from sknn_tune.engine.code._cache import cached_compilation
from sknn_tune.engine.machine import _kernels
from sknn_tune.engine.products import _machine


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """An empty cache, and a process that has not looked for one."""
    monkeypatch.setenv("SKNN_TUNE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(_cache, "_said", [])
    _cache._folder.cache_clear()
    yield tmp_path / "cache"
    _cache._folder.cache_clear()


SAYS_SO = "Machine code is not kept on disk, because .*Set the environment variable SKNN_TUNE_CACHE_DIR"


def _twice(x):
    return 2 * x


def _compiled():
    """A small function, by way of the cache: what it gives for 21, and whether it was read from disk."""
    function = cached_compilation(lambda options: cfunc(types.int64(types.int64), **options)(_twice), "twice")
    return function.ctypes(21), bool(function.cache_hits)


def _flip(file, *, place):
    content = bytearray(file.read_bytes())
    content[int(place * (len(content) - 1))] ^= 0x55
    file.write_bytes(content)


def test_code_is_written_once_and_read_from_then_on(folder):
    before = numba.config.CACHE_DIR
    assert _compiled() == (42, False)
    assert _compiled() == (42, True)
    assert before == numba.config.CACHE_DIR
    assert all((file.stat().st_mode & 0o077) == 0 for file in folder.glob("*/twice")), "others may write there"


def test_an_empty_variable_switches_it_off(folder, monkeypatch):
    monkeypatch.setenv("SKNN_TUNE_CACHE_DIR", "")
    assert _compiled() == _compiled() == (42, False)
    assert not folder.exists()


def test_a_folder_that_cannot_be_made_switches_it_off(folder):
    folder.write_text("in the way")
    before = numba.config.CACHE_DIR
    with pytest.warns(UserWarning, match=SAYS_SO) as said:
        assert _compiled() == _compiled() == (42, False)
    assert len(said) == 1, "once in a process"
    assert before == numba.config.CACHE_DIR and folder.read_text() == "in the way"


def test_a_folder_of_a_function_that_cannot_be_made_switches_it_off_for_that(folder):
    _compiled()
    (own,) = folder.glob("*/twice")
    own.rename(own.with_name("elsewhere"))
    own.write_text("in the way")
    with pytest.warns(UserWarning, match=SAYS_SO):
        assert _compiled() == _compiled() == (42, False)


def _not_used(folder, why):
    with pytest.warns(UserWarning, match=f"{why}.*Each process compiles it anew"):
        assert _compiled() == _compiled() == (42, False)
    assert not list(folder.rglob("*.nb?"))


@pytest.mark.parametrize("mode", [0o777, 0o703], ids=oct)
def test_a_folder_that_others_may_write_is_not_used(folder, mode):
    folder.mkdir()
    folder.chmod(mode)
    _not_used(folder, f"user.* may write in {folder}")


def test_a_folder_where_others_may_make_their_own_is_used(folder):
    """As in `/tmp`: the sticky bit keeps them from what is the user's."""
    folder.mkdir()
    folder.chmod(0o1777)
    assert _compiled() == (42, False)
    assert _compiled() == (42, True)
    (own,) = folder.glob("*/twice")
    own.chmod(0o1777)
    with pytest.warns(UserWarning, match=SAYS_SO):
        assert _compiled() == (42, False)


def test_a_folder_below_one_that_others_may_rename_is_not_used(folder):
    folder.mkdir(mode=0o700)
    folder.parent.chmod(0o777)
    try:
        _not_used(folder, f"every user may write in {folder.parent}")
    finally:
        folder.parent.chmod(0o700)


def test_a_link_that_others_may_replace_is_not_followed(folder, tmp_path):
    own, open_to_all = tmp_path / "own", tmp_path / "open"
    own.mkdir(mode=0o700)
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    (open_to_all / "link").symlink_to(own)
    folder.symlink_to(open_to_all / "link")
    _not_used(own, f"every user may write in {open_to_all}")


def test_a_link_of_the_users_is_followed(folder, tmp_path):
    (tmp_path / "own").mkdir(mode=0o700)
    folder.symlink_to("own")
    assert _compiled() == (42, False)
    assert _compiled() == (42, True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("which", ["folder", "above", "function"])
def test_code_in_a_folder_of_another_user_is_not_run(folder, which):
    """Even with a checksum that fits, as whoever can write the code can compute it."""
    _compiled()
    (own,) = folder.glob("*/twice")
    given_away = {"folder": folder, "above": folder.parent, "function": own}[which]
    os.chown(given_away, 12345, -1)
    try:
        with pytest.warns(UserWarning, match="belongs to another user.*Each process compiles it anew"):
            assert _compiled() == (42, False)
    finally:
        os.chown(given_away, 0, -1)


def test_folders_are_made_for_the_user_alone(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("SKNN_TUNE_CACHE_DIR", str(folder / "a" / "b"))
    before = os.umask(0)
    try:
        _compiled()
    finally:
        os.umask(before)
    made = [place for place in folder.rglob("*") if place.is_dir()]
    assert {place.stat().st_mode & 0o777 for place in (folder, *made) if "twice" not in place.parts[-2:-1]} == {0o700}


def test_a_user_without_a_home_is_told_once_and_served(folder, monkeypatch):
    for name in ("SKNN_TUNE_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)

    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    with pytest.warns(UserWarning, match="this user has no home folder.*SKNN_TUNE_CACHE_DIR") as said:
        assert _compiled() == _compiled() == (42, False)
    assert len(said) == 1


def test_an_error_in_compiling_is_told_and_leaves_numba_as_it_was(folder):
    before = numba.config.CACHE_DIR

    def fails(options):
        raise RuntimeError("no such instruction")

    with pytest.raises(RuntimeError, match="no such instruction"):
        cached_compilation(fails, "fails")
    assert before == numba.config.CACHE_DIR


def _sources(package):
    """Every file that code comes from."""
    rooms = ("code", "formulas", "machine", "products")
    return sorted(file for room in rooms for file in package.glob(f"engine/{room}/**/*.py"))


@pytest.fixture
def package(tmp_path):
    """A copy of the package, whose files may be changed."""
    return shutil.copytree(Path(sknn_tune.__file__).parent, tmp_path / "sknn_tune")


def test_a_change_in_any_file_that_code_comes_from_gives_another_folder(package):
    """Numba itself looks at the file of a function only: it would go on with a formula as it was."""
    seen = {_cache._digest(package)}
    for file in [*_sources(package), package / "_compat" / "numba.py"]:
        file.write_text(file.read_text() + "\n")
        seen.add(_cache._digest(package))
    assert len(seen) == len(_sources(package)) + 2


RELU_OF_MINUS_ONE = """
import ctypes
from sknn_tune.engine.machine._kernels import activation_addresses
numbers = (ctypes.c_double * 3)(-1, 0, 0)  # the sum, its bias, and what is not written
pointers = [ctypes.byref(numbers, 8 * place) for place in range(3)]
kinds = [ctypes.c_void_p] * 3 + [ctypes.c_ssize_t] * 2 + [ctypes.c_double]
ctypes.CFUNCTYPE(None, *kinds)(activation_addresses("relu", "float64")[0])(*pointers, 1, 1, 0.0)
print(numbers[0])
"""


def test_a_formula_that_was_changed_is_compiled_anew(package, tmp_path):
    """Stale machine code is a wrong number."""
    found = []
    environment = {**os.environ, "SKNN_TUNE_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)}
    formulas = package / "engine" / "formulas" / "_activations.py"
    for _ in range(2):
        command = [sys.executable, "-c", RELU_OF_MINUS_ONE]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        found.append(float(done.stdout))
        formulas.write_text(formulas.read_text().replace("larger(z, zero)", "larger(z, one)"))
    assert found == [0, 1]


def test_a_file_that_is_new_gone_or_renamed_gives_another_folder(package):
    before = _cache._digest(package)
    new = package / "engine" / "formulas" / "_new.py"
    new.write_text("")
    with_new = _cache._digest(package)
    new.rename(new.with_name("_newer.py"))
    assert len({before, with_new, _cache._digest(package)}) == 3
    new.with_name("_newer.py").unlink()
    assert _cache._digest(package) == before


def test_all_files_of_the_package_that_compiled_code_is_defined_in_are_covered():
    """What is compiled, and all that it calls, by the modules that its functions come from."""
    root = Path(sknn_tune.__file__).parent
    covered = {*_sources(root), root / "_compat" / "numba.py"}
    seen = set()

    def follow(value):
        code = getattr(value, "__code__", None) or getattr(getattr(value, "py_func", None), "__code__", None)
        function = getattr(value, "py_func", value)
        if code is None or code in seen or not Path(code.co_filename).is_relative_to(root):
            return
        seen.add(code)
        for name in code.co_names:
            follow(function.__globals__.get(name))
        for cell in function.__closure__ or ():
            follow(cell.cell_contents)

    follow(_kernels.train_rows)
    for loops in (_kernels.loops_of_activation(name, "float32") for name in ("gelu", "softmax")):
        follow(loops.forward)
        follow(loops.backward)
    for function in (_kernels.loop_of_loss("log_cosh", False, "float32"), *_kernels.LAYERS.values()):
        follow(function)
    follow(_kernels.batch_gradients_of(True))
    for product in (_machine.multiply, _machine.multiply_sparse):
        follow(product)
    assert len(seen) > 20
    assert {Path(code.co_filename) for code in seen} <= covered


NAMES_IN_THIS_PROCESS = """
import sys
from sknn_tune.engine.code import _cache
from sknn_tune.engine.formulas import ACTIVATIONS, LOSSES, ROW_ACTIVATIONS
from sknn_tune.engine.machine import _kernels
from sknn_tune.engine.products import product_of
product_of([[1.0]], None, "float32")
part = slice(int(sys.argv[1]), None, 3)
for name in [*ACTIVATIONS, *ROW_ACTIVATIONS][part]:
    _kernels.activation_addresses(name, "float32")
for name, loss in [*LOSSES.items()][part]:
    _kernels.loss_address(name, loss.own_activation or "linear", "float32")
def was_read(found):
    return found.cache_hits if hasattr(found, "cache_hits") else sum(found.stats.cache_hits.values())
print(sorted(key for key, found in _cache._compiled.items() if not was_read(found)))
"""


@pytest.mark.few(1)
@pytest.mark.parametrize("part", range(3))
def test_formulas_are_compiled_once_for_all_processes(tmp_path, part):
    """What a formula is made of is part of the key of its code: it must be the same in every process."""
    found = []
    for seed in ("1", "2"):
        environment = {**os.environ, "SKNN_TUNE_CACHE_DIR": str(tmp_path), "PYTHONHASHSEED": seed}
        command = [sys.executable, "-W", "error", "-c", NAMES_IN_THIS_PROCESS, str(part)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        found.append(done.stdout.strip())
    assert found[0] != "[]" and found[1] == "[]"


FIT = textwrap.dedent(
    """
    import hashlib, json
    import numba
    before = numba.config.CACHE_DIR
    import numpy as np
    from sknn_tune import KerasClassifier
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(60, 4)), np.arange(60) % 2
    network = KerasClassifier(hidden_layer_sizes=(6,), activation="tanh", epochs=2, random_state=0).fit(X, y)
    assert network.engine_ == "numba", network.engine_reason_
    assert numba.config.CACHE_DIR == before, numba.config.CACHE_DIR
    digest = hashlib.sha256(network.predict_proba(X).tobytes())
    print(json.dumps([digest.hexdigest(), network.history_["loss"]]))
    """
)


@pytest.fixture
def begin():
    """Starts a process that fits with a cache in a folder, and is not waited for."""
    processes = []

    def begin_one(folder):
        environment = {**os.environ, "SKNN_TUNE_CACHE_DIR": str(folder)}
        told = "ignore:Machine code is not kept on disk:UserWarning"  # by the process whose folder is a file
        command = [sys.executable, "-W", "error", "-W", told, "-c", FIT]
        processes.append(
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        )
        return processes[-1]

    yield begin_one
    for process in processes:
        process.kill()
        process.communicate()


def _results(*processes):
    found = []
    for process in processes:
        out, err = process.communicate()
        assert process.returncode == 0, err[-2000:]
        found.append(json.loads(out))
    return found


def _written(folder):
    return {file: file.stat().st_mtime_ns for file in folder.glob("**/*") if file.suffix in (".nbi", ".nbc")}


@pytest.mark.thorough  # tests/chaos damages the same folders
def test_processes_share_code_and_never_get_wrong_code(begin, tmp_path):
    """Everything in one test: each process that has to compile takes its seconds."""
    folder, unwritable = tmp_path / "cache", tmp_path / "file"
    unwritable.write_text("in the way")
    one, other = _results(begin(folder), begin(folder))
    assert one == other, "two that start at once with an empty folder"
    assert _written(folder)
    # The two may have written over each other's files, which costs a compilation at most.
    assert _results(begin(folder)) == [one]
    warm = _written(folder)
    assert _results(begin(folder)) == [one]
    assert _written(folder) == warm, "code was compiled again"
    code = sorted(file for file in warm if file.suffix == ".nbc")  # every index fits
    for number, file in enumerate(code):
        _flip(file, place=(number % 10) / 10)
    damaged = _written(folder)
    without = begin(""), begin(unwritable)
    assert _results(*without) == [one, one], "switched off, and where nothing can be written"
    assert _results(begin(folder)) == [one], "after damage"
    healed = _written(folder)
    assert all(file not in healed or healed[file] > damaged[file] for file in code), "damaged code was read"
