"""A package that is missing is named as pip knows it, TensorFlow too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sknn_tune._min_dependencies import DEPENDENCIES
from sknn_tune._optional import import_optional, requirement


@pytest.mark.parametrize("module", ["optuna", "plotly.offline", "pandas", "matplotlib.pyplot"])
def test_a_missing_package_is_named_with_its_oldest_version(monkeypatch, module):
    package = module.split(".")[0]
    for loaded in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError) as error:
        import_optional(module, purpose="A picture")
    assert str(error.value) == (
        f"A picture needs the package '{package}', which is not installed. Install it with: pip install "
        f"'{package}>={DEPENDENCIES[package].minimum}'"
    )
    assert "sknn_tune[" not in str(error.value)


def test_a_package_that_is_there_and_broken_is_told_apart(monkeypatch, tmp_path):
    (tmp_path / "plotly").mkdir()
    (tmp_path / "plotly" / "__init__.py").write_text("import some_part_of_plotly")
    for loaded in [name for name in sys.modules if name.split(".")[0] == "plotly"]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError) as error:
        import_optional("plotly", purpose="The page")
    assert str(error.value) == (
        "The page needs the package 'plotly', which is installed but cannot be imported: No module named "
        f"'some_part_of_plotly'. Install it anew with: pip install --force-reinstall '{requirement('plotly')}'"
    )


def test_an_upper_bound_is_named_too():
    assert requirement("scikeras") == "scikeras>=0.13.0,<0.14"


SCRIPT = """
import sys
import numpy as np
from sknn_tune import KerasClassifier


class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, NotInstalled())
X, y = np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) % 2
network = KerasClassifier(hidden_layer_sizes=(2,), epochs=1, random_state=0).fit(X, y)
network.predict(X)
for needs_keras in (lambda: network.model_, lambda: network.set_params(engine="keras").fit(X, y)):
    try:
        needs_keras()
    except ImportError as error:
        print(error)
"""


@pytest.mark.few(2)
@pytest.mark.parametrize("missing", ["tensorflow", "keras", "scikeras"])
def test_without_tensorflow_machine_code_trains_and_all_else_says_what_it_needs(missing):
    package = str(Path(sys.modules["sknn_tune"].__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, missing],
        env={**os.environ, "PYTHONPATH": package, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == 2 * [
        f"All but the training of dense networks by machine code needs the package {missing!r}, which is not "
        f"installed. Install it with: pip install {requirement(missing)!r}"
    ]
