"""The benchmark of quality: its tables leak nothing obvious, its results survive an interruption, its page is theirs.

No peer is needed, and nobody's score is compared: that is for `python -m benchmarks quality`.
"""

from __future__ import annotations

import json
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from test_benchmarks import quick_report


@pytest.fixture
def quality(monkeypatch, project_folder):
    """Give a module of the benchmark by the end of its name."""
    monkeypatch.syspath_prepend(str(project_folder))
    return lambda name: import_module(f"benchmarks._quality{name}")


def record(table: str, split: int, method: str, **scores) -> dict:
    machine = {"processor": "a", "cpus": 2, "load_average": [0.5, 0.0, 0.0]}
    cell = {"table": table, "data": "d", "split": split, "method": method, "versions": {"a-package": "1"}}
    return {**cell, **scores, "seconds": 2.0, "processor_seconds": 3.0, "machine": machine, "threads": None}


def some_records() -> list[dict]:
    """Ours ahead on one table and level on the other; TabM has one table only."""
    losses = {"sknn_tune": [0.30, 0.31], "CatBoost": [0.32, 0.33], "boosting, search": [0.40, 0.39]}
    r2 = {"sknn_tune": [0.80, 0.70], "CatBoost": [0.70, 0.81], "boosting, search": [0.50, 0.50]}
    return [
        *(record("churn", i, name, log_loss=x, auc=0.8) for name, xs in losses.items() for i, x in enumerate(xs)),
        *(record("ames", i, name, r2=x, rmse=1.0) for name, xs in r2.items() for i, x in enumerate(xs)),
        record("churn", 0, "TabM", log_loss=0.1, auc=0.8),
    ]


# --- tables --------------------------------------------------------------------------------------------


def test_tables_are_as_the_issue_of_quality_asks_for_them(quality):
    tables = quality("_tables")
    facts = pd.DataFrame([tables.describe_quality_table(name) for name in tables.QUALITY_TABLES]).set_index("table")
    assert len(facts) >= 12
    assert (facts["rows"] > 50_000).sum() >= 2
    assert set(facts["kind"]) == {"binary", "multiclass", "regression"}
    assert (facts["most_categories"] > 100).sum() >= 3
    assert (facts["missing_%"] > 5).sum() >= 3
    assert (facts["dates"] > 0).sum() >= 3


def test_no_column_counts_the_rows_or_is_the_target(quality):
    tables = quality("_tables")
    for name in tables.QUALITY_TABLES:
        X, y, kind = tables.load_quality_table(name)
        assert len(X) == len(y) and y.notna().all()
        assert list(X.index) == list(range(len(X)))
        assert "rownames" not in X and y.name not in X
        assert (X.select_dtypes(exclude=["float", "datetime"]).nunique() < len(X)).all()
        if kind == "regression":
            assert (X.select_dtypes("number").corrwith(y).abs().fillna(0) < 0.999).all()
        else:
            assert set(y) == set(range(y.nunique()))


def test_splits_hold_out_a_third_and_differ(quality):
    tables = quality("_tables")
    X, y, kind = tables.load_quality_table("attrition")
    splits = list(tables.quality_splits(X, y, kind))
    assert len({tuple(test) for _, test in splits}) == tables.N_SPLITS == 5
    for train, test in splits:
        assert sorted([*train, *test]) == list(range(len(X)))
        assert len(test) == pytest.approx(len(X) / 3, abs=1)
        assert y[test].mean() == pytest.approx(y.mean(), abs=0.01)


def test_digest_tells_tables_apart_and_not_pandas_versions(quality):
    digest_of = quality("_tables").digest_of
    X, y = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", None]}), pd.Series([0, 1])
    digest = digest_of(X, y)
    assert digest == digest_of(X.astype({"b": "category"}), y)
    assert digest != digest_of(X, 1 - y)
    assert digest != digest_of(X.rename(columns={"a": "c"}), y)
    assert digest != digest_of(X.assign(a=[1.0, 3.0]), y)


def test_columns_become_what_others_can_read(quality):
    columns = quality("_columns")
    X = pd.DataFrame(
        {
            "number": [1.0, np.nan, 3.0],
            "text": ["a", "b", None],
            "yes": [True, False, True],
            "date": pd.to_datetime(["2020-01-05", "2020-02-06", None]),
        }
    )
    plain = columns.PlainColumns().fit_transform(X)
    assert list(plain["text"]) == ["a", "b", columns.MISSING]
    assert list(plain["date_month"][:2]) == [1, 2] and plain["date_days"].isna()[2]
    filled = columns.PlainColumns(categories=True, most_categories=1, fill_numbers=True).fit(X).transform(X)
    assert filled["number"].tolist() == [1.0, 2.0, 3.0] and filled["number_is_missing"].tolist() == [0.0, 1.0, 0.0]
    assert filled["text"].cat.categories.tolist() == ["a"] and filled["text"].isna().tolist() == [False, True, True]
    assert filled.drop(columns="text").notna().all(axis=None)
    assert "date" in X and X["number"].isna().any(), "the table itself stays as it is"


# --- results -------------------------------------------------------------------------------------------


def test_a_line_that_was_cut_off_does_not_count_and_harms_no_other(quality, tmp_path):
    records = quality("_records")
    path = tmp_path / "results" / "quality.jsonl"
    first, second, third = (record("churn", split, "CatBoost", log_loss=0.1) for split in range(3))
    records.append_record(path, first)
    path.write_text(path.read_text() + json.dumps(second)[:40])
    records.append_record(path, third)
    assert records.read_records(path) == [first, third]


def test_last_result_counts_and_its_key_has_what_it_depends_on(quality):
    records = quality("_records")
    old, new = (record("churn", 0, "CatBoost", log_loss=x) for x in (0.2, 0.1))
    assert records.latest([old, new]) == [new]
    assert records.key_of(old) == records.key_of(new)
    for name in ("table", "data", "split", "method", "versions"):
        assert records.key_of(old) != records.key_of({**old, name: "another"})


def test_probabilities_are_kept_from_zero_and_numbers_from_shapes(quality):
    scores = quality("").scores
    certain = scores("binary", np.array([0, 1]), np.array([[0.0, 1.0], [0.0, 1.0]]))
    assert certain["log_loss"] == pytest.approx(-np.log(1e-7) / 2, rel=1e-3)
    assert scores("multiclass", np.array([0, 2]), np.eye(3)[[0, 2]])["accuracy"] == 1
    assert scores("regression", np.array([1.0, 2.0]), np.array([[1.0], [2.0]])) == {"r2": 1, "rmse": 0}


def test_ranks_are_of_methods_that_have_all_tables(quality):
    rows = {row["method"]: row for row in quality("_summary").summary_table(some_records()).rows}
    assert rows["sknn_tune"]["mean_rank"] == 1.5 and rows["CatBoost"]["mean_rank"] == 1.5
    assert rows["boosting, search"]["mean_rank"] == 3
    assert rows["boosting, search"]["mean_rank_without_searches"] is None
    assert rows["TabM"]["mean_rank"] is None and rows["TabM"]["tables"] == 1
    assert rows["CatBoost"]["ours_better/level/worse"] == "1/1/0"
    assert rows["sknn_tune"]["most_%_behind_best"] == pytest.approx(100 * 0.005 / 0.755)


def test_methods_that_were_too_slow_are_named(quality):
    slow = record("ames", 0, "TabM")
    del slow["seconds"], slow["processor_seconds"]
    records = [*some_records(), {**slow, "ended_after_seconds": 600.0}]
    summary = quality("_summary")
    assert {row["method"]: row for row in summary.summary_table(records).rows}["TabM"]["too_slow_on"] == 1
    tables = {table.title.split(",")[0]: table for table in summary.score_tables(records)}
    assert tables["R²"].rows[0]["TabM"] == "over 600 s"


def test_pages_are_written_from_results_and_begin_alike(quality, tmp_path, monkeypatch):
    page = quality("_page")
    monkeypatch.setattr(page, "PAGE", tmp_path / "quality.md")
    monkeypatch.setattr(page, "README", tmp_path / "README.md")
    page.README.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n")
    page.write_pages(some_records())
    first = page.first_lines(some_records())
    assert page.README.read_text() == f"before\n{first}\nafter\n"
    text = page.PAGE.read_text()
    assert first in text
    assert "0.3050 ± 0.0050" in text


def test_methods_that_have_some_tables_are_ranked_on_those_that_all_have(quality):
    page = quality("_page")
    tables = ["churn", "attrition", "credit", "lending", "tip"]
    few = [
        record(table, 0, method, log_loss=loss, auc=0.8)
        for table in tables
        for method, loss in {"sknn_tune": 0.3, "CatBoost": 0.4, "TabM": 0.2}.items()
    ]
    more = [record("cells", 0, method, log_loss=0.3, auc=0.8) for method in ("sknn_tune", "CatBoost")]
    all_tables, of_all = page.first_lines([*few, *more]).split("More methods, on 5 tables and 1 split of each")
    assert "TabM" not in all_tables and "| TabM | 1 |" in of_all
    assert "More methods" not in page.first_lines(few), "all have all tables"


def test_ranks_over_all_splits_are_not_those_over_the_splits_that_searches_have(quality):
    """Nor does a method with one table leave all others with no more than that."""
    page = quality("_page")
    tables = ["churn", "attrition", "credit", "lending", "tip"]
    losses = {"sknn_tune": (0.3, 0.3), "CatBoost": (0.2, 0.5), "boosting, search": (0.1,)}
    found = [
        record(table, split, method, log_loss=loss, auc=0.8)
        for table in tables
        for method, of_splits in losses.items()
        for split, loss in enumerate(of_splits)
    ]
    first, more = page.first_lines([*found, record("tip", 0, "TabM", log_loss=0.9, auc=0.8)]).split(
        "More methods, on 5"
    )
    assert "| sknn_tune | 1 |" in first and "boosting, search" not in first
    assert "| boosting, search | 1 |" in more and "| sknn_tune | 3 |" in more and "TabM" not in more


def test_a_method_is_ended_by_seconds_of_the_processor(quality):
    """Its own work counts against it, not that of others on the machine."""
    fresh, endless = import_module("benchmarks._fresh"), import_module("benchmarks._fit").measure_product
    with pytest.raises(fresh.ChildTooSlowError, match="over 1 s of the processor"):
        fresh.in_fresh_process(endless, limit_seconds=1, library="numpy", size=1000, repeats=10**6)


def test_a_page_compares_the_newest_results_on_the_same_splits(quality):
    page = quality("_page")
    old = record("churn", 0, "sknn_tune", log_loss=0.9, versions={"checkout": "old"})
    shown = page.of_one_kind([old, *some_records(), record("churn", 4, "CatBoost", log_loss=0.9)])
    assert page.first_lines(shown) == page.first_lines(some_records())
    assert "3 splits of each" not in page.page_of(shown)


def test_readme_begins_with_what_the_page_says(quality, project_folder):
    page = quality("_page")
    if not page.PAGE.exists():
        pytest.skip("the page has not been written yet")
    parts = [
        path.read_text(encoding="utf-8").split(page.BEGIN)[1].split(page.END)[0] for path in (page.PAGE, page.README)
    ]
    assert parts[0] == parts[1]


def test_a_method_that_differs_for_classes_only_shares_what_it_does_not_differ_in(quality):
    own = [record("churn", split, "RealMLP, log loss", log_loss=0.2, auc=0.8) for split in (0, 1)]
    shared = [
        record(table, split, "RealMLP", r2=0.6, log_loss=0.5, rmse=1.0)
        for table in ("churn", "ames")
        for split in (0, 1)
    ]
    rows = quality("_summary").summary_table([*some_records(), *own, *shared]).rows
    ranks = {row["method"]: row["mean_rank"] for row in rows}
    assert ranks["RealMLP, log loss"] == (1 + 3.5) / 2
    assert ranks["RealMLP"] == (5 + 3.5) / 2


# --- a run ---------------------------------------------------------------------------------------------


@pytest.mark.thorough
def test_a_second_run_measures_only_what_is_missing(tmp_path, project_folder):
    records = tmp_path / "records.jsonl"
    found = quick_report("quality", tmp_path, project_folder, "--records", str(records))
    assert found["failures"] == []
    lines = records.read_text().splitlines()
    assert {json.loads(line)["table"] for line in lines} == {"attrition", "diabetes"}
    records.write_text(lines[0] + "\n")
    quick_report("quality", tmp_path, project_folder, "--records", str(records))
    again = records.read_text().splitlines()
    assert again[0] == lines[0] and len(again) == 2
