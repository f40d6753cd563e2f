"""A storage that cannot be meant is answered with one that can."""

import re
import sys

import pytest
from sklearn.naive_bayes import GaussianNB

from sknn_tune.model_selection import BayesianSearchCV


def message_of(storage, data):
    search = BayesianSearchCV(GaussianNB(), {"priors": [None]}, n_iter=1, cv=2, storage=storage)
    with pytest.raises(ValueError) as error:
        search.fit(*data)
    return str(error.value)


@pytest.mark.parametrize(
    ("storage", "meant"),
    [
        ("search.db", "sqlite:///search.db"),
        ("runs/search.sqlite3", "sqlite:///runs/search.sqlite3"),
        ("/tmp/search.db", "sqlite:////tmp/search.db"),
        ("sqlite:/search.db", "sqlite:///search.db"),
        ("sqlite:search.db", "sqlite:///search.db"),
        ("sqlite", "sqlite:///sqlite"),
        ("", "sqlite:///search.db"),
        (":memory:", "sqlite:///:memory:"),
        (r"C:\runs\search.db", r"sqlite:///C:\\runs\\search.db"),
    ],
)
def test_a_file_name_is_answered_with_its_url(binary_data, storage, meant):
    assert message_of(storage, binary_data) == (
        "The 'storage' parameter of BayesianSearchCV must be the URL of a database, or a storage of Optuna. Got "
        f"{storage!r} instead. For a file, write storage='{meant}'; for a search that need not be kept, storage=None."
    )


@pytest.mark.parametrize("storage", ["sqlite://search.db", "sqlite:///no/such/folder/search.db", "sqlite:///{folder}"])
def test_a_url_that_leads_nowhere(binary_data, storage, tmp_path):
    storage = storage.format(folder=tmp_path)
    message = message_of(storage, binary_data)
    assert message.startswith(f"BayesianSearchCV cannot open its storage {storage!r}: ")
    assert message.endswith("'sqlite:///search.db', or four before a path that begins with one; its folder must exist.")
    assert "\n" not in message


def test_a_file_that_is_something_else(binary_data, tmp_path):
    (tmp_path / "notes.txt").write_text("These are no tables, however long one looks at them. " * 50)
    message = message_of(f"sqlite:///{tmp_path}/notes.txt", binary_data)
    assert re.search("cannot open its storage .*notes.txt': .*not a database", message)


def test_a_password_is_not_repeated(binary_data):
    message = message_of("nosuchdatabase://me:secret@host/search", binary_data)
    assert message.startswith("BayesianSearchCV cannot open its storage 'nosuchdatabase://me:***@host/search': ")
    assert "secret" not in message


def test_the_driver_of_a_database_is_named(binary_data, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymysql", None)
    search = BayesianSearchCV(
        GaussianNB(), {"priors": [None]}, n_iter=1, cv=2, storage="mysql+pymysql://me:secret@host/a"
    )
    with pytest.raises(ImportError) as error:
        search.fit(*binary_data)
    assert str(error.value) == (
        "BayesianSearchCV needs the package 'pymysql' for its storage 'mysql+pymysql://me:***@host/a', and it is not "
        "installed. A database in a file needs none: storage='sqlite:///search.db'."
    )
