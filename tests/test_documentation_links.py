"""The "?" of scikit-learn's HTML repr: it leads to our pages where the metadata say where these are, else nowhere."""

from __future__ import annotations

from importlib import import_module

import pytest
from sklearn.base import BaseEstimator

import sknn_tune
from sknn_tune import KerasClassifier
from sknn_tune._documentation import page_of
from sknn_tune.model_selection import CoarseToFineSearchCV

ROOMS = ("sknn_tune", "sknn_tune.preprocessing", "sknn_tune.model_selection")
ESTIMATORS = {
    f"{room}.{name}": value
    for room in ROOMS
    for name in import_module(room).__all__
    if isinstance(value := getattr(import_module(room), name), type) and issubclass(value, BaseEstimator)
}


@pytest.fixture
def published(tmp_path, monkeypatch):
    """The metadata of a package whose pages are published."""
    folder = tmp_path / f"sknn_tune-{sknn_tune.__version__}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: sknn_tune\nVersion: 0\n"
        "Project-URL: Source, https://example.org/code\nProject-URL: Documentation, https://example.org/pages\n"
    )
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_every_public_estimator_has_a_page(name, published):
    assert page_of(ESTIMATORS[name]) == f"https://example.org/pages/generated/{name}.html"
    # Without an instance: a search needs an estimator to be made, and a link does not.
    assert ESTIMATORS[name]._doc_link_module == "sknn_tune"


def test_html_repr_leads_to_our_page(published):
    html = CoarseToFineSearchCV(KerasClassifier(), {})._repr_html_()
    for name in ("KerasClassifier", "model_selection.CoarseToFineSearchCV"):
        assert f'href="https://example.org/pages/generated/sknn_tune.{name}.html' in html


def test_class_of_a_user_has_no_page_of_ours(published):
    class Mine(KerasClassifier):
        pass

    assert "example.org" not in Mine()._repr_html_()


def test_html_repr_has_no_link_where_no_pages_are_published(tmp_path, monkeypatch):
    folder = tmp_path / "sknn_tune-0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: sknn_tune\nVersion: 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert KerasClassifier()._get_doc_link() == ""
    assert "Documentation for KerasClassifier" not in KerasClassifier()._repr_html_()
