"""``memory=``: whatever happens to its files, no fit is wrong, and none fails."""

import shutil
import warnings
from collections import Counter

import numpy as np
import pytest
from damages import DAMAGES, cut, damage_some, noise, one_bit_flipped

from sknn_tune import KerasClassifier
from sknn_tune.engine.machine._runner import MachineRunner

#: Folders, each damaged in another way.
N_FOLDERS = len(DAMAGES)


@pytest.fixture
def n_trained(monkeypatch):
    """Counts the fits that are really trained, as a list of one number each."""
    counted, original = [], MachineRunner.__init__

    def init(self, *args, **kwargs):
        counted.append(1)
        original(self, *args, **kwargs)

    monkeypatch.setattr(MachineRunner, "__init__", init)
    return counted


def _fitted(X, y, memory=None, **params):
    network = KerasClassifier(hidden_layer_sizes=(6,), epochs=2, random_state=0, memory=memory)
    return network.set_params(**params).fit(X, y)


def _bits(fitted):
    return fitted.predict_proba(fitted_rows).tobytes(), str(fitted.history_)


fitted_rows = np.linspace(-2, 2, 60).reshape(10, 6)


def test_damaged_folders(binary_data, tmp_path, how_many, report):
    """Four fits, the last of which goes on from the third; some files are damaged; all are fitted again, twice."""
    fits = [{"learning_rate": 0.1}, {"dropout": 0.2}, {"epochs": 3}, {"epochs": 5}]
    sound, random, outcomes = tmp_path / "sound", np.random.default_rng(0), Counter()
    expected = [_bits(_fitted(*binary_data, **params)) for params in fits]
    for params in fits:
        _fitted(*binary_data, memory=sound, **params)
    for number in range(how_many(N_FOLDERS, 108)):
        folder = shutil.copytree(sound, tmp_path / "damaged")
        what = damage_some(folder, number, random)
        for time in ("first", "second"):
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                for params, bits in zip(fits, expected, strict=True):
                    assert _bits(_fitted(*binary_data, memory=folder, **params)) == bits, (what, params, time)
            sentences = {str(each.message) for each in said}
            assert all("kept in 'memory'" in each or "Unable to cache" in each for each in sentences), (what, sentences)
            outcomes[time, "with a warning" if said else "silently right"] += 1
        shutil.rmtree(folder)
    report(f"{number + 1} damaged memory folders, each fitted twice: {dict(outcomes)}; 0 wrong numbers, 0 errors")
    assert outcomes["first", "with a warning"] > N_FOLDERS / 3


@pytest.mark.parametrize("damage", [cut, one_bit_flipped, noise])
def test_a_damaged_entry_is_trained_again_and_mended(binary_data, tmp_path, n_trained, damage):
    first = _bits(_fitted(*binary_data, memory=tmp_path))
    (entry,) = tmp_path.rglob("output.pkl")
    sound, random = entry.read_bytes(), np.random.default_rng(0)
    for _ in range(3):
        damage(entry, random)
        n_trained.clear()
        with pytest.warns(UserWarning, match="A fit that was kept in 'memory' is damaged .* It is trained anew"):
            again = _fitted(*binary_data, memory=tmp_path)
        assert len(n_trained) == 1
        assert _bits(again) == first
        assert entry.read_bytes() == sound


def test_an_entry_of_another_fit_is_not_taken_for_it(binary_data, tmp_path):
    """Its own checksum fits."""
    for rate in (0.1, 0.01):
        _fitted(*binary_data, memory=tmp_path, learning_rate=rate)
    one, other = tmp_path.rglob("output.pkl")
    shutil.copyfile(one, other)
    expected = [_bits(_fitted(*binary_data, learning_rate=rate)) for rate in (0.1, 0.01)]
    with pytest.warns(UserWarning, match="damaged"):
        found = [_bits(_fitted(*binary_data, memory=tmp_path, learning_rate=rate)) for rate in (0.1, 0.01)]
    assert found == expected


def test_a_damaged_shorter_fit_is_not_gone_on_from(binary_data, tmp_path):
    _fitted(*binary_data, memory=tmp_path)
    (entry,) = tmp_path.rglob("output.pkl")
    one_bit_flipped(entry, np.random.default_rng(1))
    with pytest.warns(UserWarning, match="damaged"):
        longer = _fitted(*binary_data, epochs=4, memory=tmp_path)
    assert _bits(longer) == _bits(_fitted(*binary_data, epochs=4))


def test_damaged_files_of_others_in_the_folder_do_not_matter(binary_data, tmp_path, n_trained):
    first = _bits(_fitted(*binary_data, memory=tmp_path))
    for file in tmp_path.rglob("*"):
        if file.is_file() and file.name != "output.pkl":
            file.write_bytes(b"\xff\xfe" * 50)
    n_trained.clear()
    assert _bits(_fitted(*binary_data, memory=tmp_path)) == first
    assert not n_trained
