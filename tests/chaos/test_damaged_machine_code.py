"""The cache of machine code: whatever happens to its files, no number is wrong, and nothing fails."""

import ctypes
import os
import shutil
import warnings
from collections import Counter
from pathlib import Path

import numba
import numpy as np
import pytest
from damages import DAMAGES, damage_some, emptied, gone, noise
from numba import cfunc, types

from sknn_tune.engine.code import _cache
from sknn_tune.engine.code._cache import cached_compilation
from sknn_tune.engine.machine import _kernels


@pytest.fixture
def folder(monkeypatch, tmp_path):
    """An empty cache, and a process that has not looked for one."""
    monkeypatch.setenv("SKNN_TUNE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(_cache, "_said", [])
    monkeypatch.setattr(_cache, "_compiled", {})
    _cache._folder.cache_clear()
    yield tmp_path / "cache"
    _cache._folder.cache_clear()


def _twice(x):
    return 2 * x


def _tanh_and_twice():
    """A function of ours and a small one, by way of the cache: numbers of both."""
    _cache._compiled.clear()
    numbers = (ctypes.c_double * 3)(-1, 0, 0)  # the sum, its bias, and what is not written
    pointers = [ctypes.byref(numbers, 8 * place) for place in range(3)]
    kinds = [ctypes.c_void_p] * 3 + [ctypes.c_ssize_t] * 2 + [ctypes.c_double]
    ctypes.CFUNCTYPE(None, *kinds)(_kernels.activation_addresses("tanh", "float64")[0])(*pointers, 1, 1, 0.0)
    twice = cached_compilation(lambda options: cfunc(types.int64(types.int64), **options)(_twice), "twice")
    return numbers[0], twice.ctypes(21), bool(twice.cache_hits)


def test_damaged_caches(folder, tmp_path, how_many, report):
    """Each is read, mended, and read again."""
    before = numba.config.CACHE_DIR
    expected = _tanh_and_twice()[:2]
    assert expected == (pytest.approx(np.tanh(-1)), 42)
    assert _tanh_and_twice() == (*expected, True)
    sound, random, outcomes = tmp_path / "sound", np.random.default_rng(0), Counter()
    folder.rename(sound)
    for number in range(how_many(len(DAMAGES), 108)):
        shutil.copytree(sound, folder)
        what = damage_some(folder, number, random)
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            for _ in range(3):
                *found, was_read = _tanh_and_twice()
                assert tuple(found) == expected, what
        assert not said, (what, [str(each.message) for each in said])
        outcomes["mended" if was_read else what] += 1
        shutil.rmtree(folder)
    assert before == numba.config.CACHE_DIR
    report(f"{number + 1} damaged caches: {dict(outcomes)}; 0 wrong numbers, 0 errors")
    assert set(outcomes) == {"mended"}


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("damage", [emptied, noise, gone])
def test_what_cannot_be_read_is_compiled_again_though_its_checksum_fits(folder, damage, ending):
    expected = _tanh_and_twice()[:2]
    (own,) = folder.glob("*/twice")
    for file in own.rglob(f"*.{ending}"):
        damage(file, np.random.default_rng(0))
    _cache._seal(own)
    assert _tanh_and_twice() == (*expected, False)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_foreign_folders_are_asked_about_every_time(folder):
    """One that was safe when it was written, and is not when it is read."""
    expected = _tanh_and_twice()[:2]
    (own,) = folder.glob("*/twice")
    for spoil, mend in (
        (lambda: own.chmod(0o777), lambda: own.chmod(0o700)),
        (lambda: os.chown(folder, 12345, -1), lambda: os.chown(folder, 0, -1)),
    ):
        spoil()
        with pytest.warns(UserWarning, match="Machine code is not kept on disk"):
            assert _tanh_and_twice() == (*expected, False)
        mend()
        _cache._said.clear()
        assert _tanh_and_twice() == (*expected, True)
    assert Path(own).is_dir()
