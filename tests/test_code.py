"""What a user's function does is known by its code and all that the code looks at, and by nothing else."""

import functools
import sys
import types

import joblib
import pytest

from sknn_tune._code import code_in

SOURCE = """
import math
import other
FACTOR = 2.0
TABLE = [1, 2]

def inner(x):
    return x * FACTOR

def outer(x, power=2):
    return inner(x) ** power + other.OFFSET

def quiet(x):
    return x + 1

def wrap(function):
    def wrapped(x):
        return function(x)
    return wrapped

wrapped = wrap(outer)

class Base:
    SHARE = 0.5
    def call(self, x):
        return x * self.SHARE

N_EPOCHS = 0

class Counts:
    epochs = 0
    step = 1
    def on_epoch_end(self):
        global N_EPOCHS
        N_EPOCHS += self.step
        Counts.epochs += self.step

class Loss(Base):
    def __call__(self, x):
        return self.call(x) + len(TABLE)
"""


@pytest.fixture
def module(monkeypatch):
    """A module of the user's, which names another of the user's."""
    other = types.ModuleType("other")
    other.OFFSET, other.UNUSED = 1.0, 1.0
    monkeypatch.setitem(sys.modules, "other", other)
    made = types.ModuleType("mine")
    exec(SOURCE, vars(made))
    return made


CHANGES = {
    "a number of the module": ("FACTOR = 3.0", {"outer", "inner", "wrapped"}),
    "a number of another module": ("other.OFFSET = 2.0", {"outer", "wrapped"}),
    "a number that nobody names": ("other.UNUSED = 2.0", set()),
    "the code of a function": ("def inner(x):\n    return x - FACTOR", {"outer", "inner", "wrapped"}),
    "a constant in the code": ("def quiet(x):\n    return x + 2", {"quiet"}),
    "a default": ("outer.__defaults__ = (3,)", {"outer", "wrapped"}),
    "a list of the module": ("TABLE.append(3)", {"Loss"}),
    "a number of a class": ("Base.SHARE = 0.6", {"Loss", "Base"}),
    "a method": ("def call(self, x):\n    return x\nBase.call = call", {"Loss", "Base"}),
    "a comment": ("# nothing", set()),
}


@pytest.mark.parametrize("change", list(CHANGES))
def test_what_a_change_reaches_is_another(module, change):
    statement, reached = CHANGES[change]
    names = ("inner", "outer", "quiet", "wrapped", "Base", "Loss")
    given = {name: vars(module)[name] for name in names}
    before = {name: joblib.hash(code_in(value)) for name, value in given.items()}
    exec(statement, vars(module))
    given |= {name: vars(module)[name] for name in names}
    after = {name: joblib.hash(code_in(value)) for name, value in given.items()}
    assert {name for name in names if before[name] != after[name]} == reached


def test_functions_are_found_wherever_they_are(module):
    alone = code_in(module.outer)
    for holder in (
        [module.outer],
        {"loss": (module.outer,)},
        functools.partial(module.outer, power=3),
        types.SimpleNamespace(),
    ):
        if isinstance(holder, types.SimpleNamespace):
            holder = module.Base()
            holder.function = module.outer
        assert joblib.hash(alone[0]) in map(joblib.hash, code_in(holder))
    assert code_in(module.Loss()) and joblib.hash(code_in(module.Loss())) == joblib.hash(code_in(module.Loss))


def test_what_a_callback_writes_to_is_no_part_of_what_it_does(module):
    before = [joblib.hash(code_in(each, writes=True)) for each in (module.Loss, module.outer, module.Counts)]
    module.TABLE.append(3)
    assert joblib.hash(code_in(module.Loss, writes=True)) == before[0]
    module.Counts().on_epoch_end()
    assert (module.Counts.epochs, module.N_EPOCHS) == (1, 1)
    assert joblib.hash(code_in(module.Counts, writes=True)) == before[2]
    module.Counts.step = 2
    assert joblib.hash(code_in(module.Counts, writes=True)) != before[2]
    module.FACTOR = 3.0
    assert joblib.hash(code_in(module.outer, writes=True)) != before[1]


def test_what_is_known_by_its_version_is_known_by_its_name(module):
    assert code_in([len, joblib.hash, functools.partial(sorted, key=len), 3, "mse", None, module]) == []
