"""The page of a search in a real browser: it opens, sorts, shows what is pointed at, filters, and loads nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV

from sknn_tune import KerasClassifier, display
from sknn_tune._compat import scikit_learn
from sknn_tune.display import SearchResultsDisplay
from sknn_tune.model_selection import HistoryRecorder
from sknn_tune.search_space import log_uniform

HOSTILE = "</script><b id='out'>&amp;\u2028<!--"


class Shelf(BaseEstimator):
    """Scores by its parameters alone; ``HOSTILE`` values must not get out of the page."""

    def __init__(self, rate=0.1, kind="plain"):
        self.rate = rate
        self.kind = kind

    def fit(self, X, y=None):
        if self.kind == "broken":
            raise ValueError("This kind cannot be fitted.")
        return self

    def score(self, X, y=None):
        return -abs(float(np.log10(self.rate)) + 2) + (0.1 if self.kind == "plain" else 0)


@pytest.fixture(scope="module")
def hostile_search():
    grid = {"rate": [1e-4, 1e-3, 1e-2, 1e-1], "kind": ["plain", HOSTILE]}
    return GridSearchCV(Shelf(), grid, cv=2).fit(np.zeros((8, 1)))


@pytest.fixture(scope="module")
def network_search(binary_data):
    """Twelve networks, with their curves where scikit-learn can keep them."""
    network = KerasClassifier(hidden_layer_sizes=(4,), epochs=4, validation_split=0.25, random_state=0)
    space = {"learning_rate": log_uniform(1e-4, 1.0), "hidden_layer_sizes": [(2,), (4,)], "batch_size": [16, 32]}
    search = RandomizedSearchCV(network, space, n_iter=12, cv=2, random_state=0)
    if scikit_learn.HAS_CALLBACKS:
        search.set_callbacks(HistoryRecorder())
    return search.fit(*binary_data)


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    chromedriver, chromium = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
    if chromedriver is None or chromium is None:
        missing = "needs chromium and chromedriver: apt-get install chromium chromium-driver"
        # Where all tests are to run, one that is passed over would be a page that nobody has opened.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in ("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "window-size=1200,2400"):
        options.add_argument(f"--{flag}")
    for flag in ("background-networking", "component-update", "sync"):
        options.add_argument(f"--disable-{flag}")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('browser')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(browser, network_search, tmp_path_factory):
    """The page of the networks, opened once."""
    path = tmp_path_factory.mktemp("page") / "search.html"
    SearchResultsDisplay.from_search(network_search, kind=None).save_html(path)
    return Page(browser, path)


class Page:
    """What a reader does and sees."""

    def __init__(self, browser, path):
        self.browser = browser
        browser.get(path.as_uri())
        self.problems = browser.get_log("browser")

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def find(self, selector):
        return self.browser.find_element("css selector", selector)

    def column(self, number):
        """Texts of the visible cells."""
        rows = "[...document.querySelectorAll('#candidates tbody tr:not([hidden])')]"
        return self.run(f"return {rows}.map(row => row.cells[{number}].textContent)")

    def headers(self):
        return self.run("return [...document.querySelectorAll('thead th')].map(h => h.textContent)")

    def button(self, label):
        return self.find(f"#candidates th:nth-child({self.headers().index(label) + 1}) button")

    def sorted_by(self):
        return self.run("return [...document.querySelectorAll('th[aria-sort]')].map(h => [h.textContent, h.ariaSort])")

    def lit(self):
        """The candidate that is marked in the table, and the values of the thick line in each picture."""
        return self.run(
            "const row = document.querySelector('tr.lit'), at = [row && Number(row.dataset.candidate)];"
            "for (const picture of document.querySelectorAll('.js-plotly-plot')) {"
            "  const {yaxis} = picture._fullLayout;"
            "  at.push([...picture.parentNode.querySelector('polyline').points]"
            "    .map(point => yaxis.p2d(point.y - yaxis._offset)));"
            "} return at"
        )

    def eventually(self, fact):
        """Wait for something that the browser does after the event; what it is then."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.browser, 10, poll_frequency=0.05).until(lambda _: fact())

    def candidates(self):
        return {int(candidate) for candidate in self.column(1)}

    def payload(self):
        return json.loads(self.run("return document.getElementById('data').textContent"))

    def place(self, axis, height):
        """Where a height of an axis of the lines is in the window."""
        return self.run(
            "const box = document.querySelector('#lines .nsewdrag').getBoundingClientRect();"
            "const {xaxis, yaxis} = document.getElementById('lines')._fullLayout;"
            "return [box.left + xaxis.l2p(arguments[0]), box.top + yaxis.l2p(arguments[1])]",
            *(axis, height),
        )

    def mouse(self, *steps, shift=False):
        from selenium.webdriver import ActionChains, Keys

        actions = ActionChains(self.browser, duration=50)
        if shift:
            actions.key_down(Keys.SHIFT)
        for step in steps:
            if isinstance(step, str):
                getattr(actions, step)()
            else:
                actions.w3c_actions.pointer_action.move_to_location(*(round(value) for value in step))
        if shift:
            actions.key_up(Keys.SHIFT)
        actions.perform()


@pytest.fixture
def fresh(page):
    """The page as it was when it was opened."""
    page.browser.refresh()
    page.mouse((1, 1))
    return page


# --- it opens -------------------------------------------------------------------------------------------


def test_opens_without_a_message_and_loads_nothing(page):
    assert page.problems == []
    entries = page.run("return performance.getEntries().filter(e => e.entryType == 'resource').map(e => e.name)")
    assert entries == []
    assert page.run("return document.querySelectorAll('[src], link:not([href=\"data:,\"])').length") == 0


def test_table_has_every_candidate_best_first(fresh, network_search):
    scores = network_search.cv_results_["mean_test_score"]
    assert len(fresh.column(0)) == len(scores) == 12
    assert fresh.sorted_by() == [["rank", "ascending"]]
    assert fresh.find("tr.best").get_attribute("data-candidate") == str(network_search.best_index_)
    assert fresh.column(0)[:2] == ["1 ★", "2"]
    shown = [scores[int(candidate)] for candidate in fresh.column(1)]
    assert shown == sorted(scores, reverse=True)


def test_data_of_the_search_are_told(page, network_search):
    text = page.find("body").text
    assert "12 candidates, 2 folds" in text
    for name, value in network_search.best_params_.items():
        assert name in text and (isinstance(value, float) or str(value) in text)


# --- sorting --------------------------------------------------------------------------------------------


def test_every_column_sorts_in_both_directions(fresh):
    keys = fresh.payload()["sortKeys"]
    for column, label in enumerate(fresh.headers()):
        button, directions = fresh.button(label), {}
        for _ in range(2):
            button.click()
            [(sorted_column, direction)] = fresh.sorted_by()
            assert sorted_column == label
            directions[direction] = [keys[column][int(candidate)] for candidate in fresh.column(1)]
        assert directions["ascending"] == sorted(keys[column]), label
        assert directions["descending"] == sorted(keys[column], reverse=True), label


def test_buttons_of_columns_work_by_keyboard(fresh):
    from selenium.webdriver import Keys

    button = fresh.button("learning_rate")
    button.send_keys(Keys.ENTER)
    assert fresh.sorted_by() == [["learning_rate", "ascending"]]
    button.send_keys(Keys.SPACE)
    assert fresh.sorted_by() == [["learning_rate", "descending"]]


# --- pointing -------------------------------------------------------------------------------------------


def assert_lit(page, candidate):
    data = page.payload()
    expected = [[axis["heights"][candidate] for axis in data["coordinates"]]]
    if data["curveNames"]:
        expected.append(data["curves"][candidate]["val_loss"])
    marked, *lines = page.lit()
    assert marked == candidate
    assert len(lines) == len(expected)
    for line, values in zip(lines, expected, strict=True):
        np.testing.assert_allclose(line, values, rtol=1e-3, atol=1e-3)


def test_pointing_at_a_row_shows_its_line_and_curve(fresh):
    for number in (2, 5):
        row = fresh.find(f"#candidates tbody tr:nth-child({number})")
        fresh.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", row)
        box = fresh.run("const b = arguments[0].getBoundingClientRect(); return [b.left + 40, b.top + 5]", row)
        fresh.mouse(box)
        candidate = int(row.get_attribute("data-candidate"))
        assert_lit(fresh, candidate)
        assert f"candidate {candidate}" in fresh.find("#details").text
    fresh.mouse((1, 1))
    assert fresh.eventually(lambda: fresh.lit()[:2] == [None, []])


def test_pointing_at_a_line_shows_its_row(fresh):
    """On the axis of the learning rate no two candidates meet."""
    labels = [axis["label"] for axis in fresh.payload()["coordinates"]]
    axis = labels.index("learning_rate")
    heights = fresh.payload()["coordinates"][axis]["heights"]
    for candidate in (0, 7):
        fresh.mouse(fresh.place(axis, heights[candidate]))
        assert fresh.eventually(lambda candidate=candidate: fresh.lit()[0] == candidate)
        assert_lit(fresh, candidate)


def test_a_click_holds_a_candidate_until_escape(fresh):
    from selenium.webdriver import Keys

    first, other = (fresh.find(f"#candidates tbody tr:nth-child({number})") for number in (1, 3))
    first.click()
    fresh.mouse((1, 1))
    assert fresh.find("tr.lit") == first
    assert fresh.lit()[0] == int(first.get_attribute("data-candidate"))
    other.send_keys(Keys.ESCAPE)
    assert fresh.lit()[0] is None


def test_rows_are_reached_by_keyboard(fresh):
    from selenium.webdriver import Keys

    rows = [fresh.find(f"#candidates tbody tr:nth-child({number})") for number in (1, 2)]
    rows[0].send_keys(Keys.ARROW_DOWN)
    assert fresh.lit()[0] == int(rows[1].get_attribute("data-candidate"))
    assert [row.get_attribute("tabindex") for row in rows] == ["-1", "0"]


@pytest.mark.skipif(not scikit_learn.HAS_CALLBACKS, reason="set_callbacks came with scikit-learn 1.9")
def test_other_curves_can_be_chosen(fresh):
    names = fresh.payload()["curveNames"]
    assert names[0] == "val_loss" and "accuracy" in names
    fresh.find("#curve").send_keys("accuracy")
    drawn = fresh.run("return Array.from(document.getElementById('curves').data[3].y)")
    assert drawn == fresh.payload()["curves"][3]["accuracy"]


# --- brushing -------------------------------------------------------------------------------------------


def brush(page, axis, low, high, shift=False):
    (x, bottom), (_, top) = page.place(axis, low), page.place(axis, high)
    page.mouse((x - 25, bottom), "click_and_hold", (x + 5, top + 5), (x + 25, top), "release", shift=shift)


def test_a_box_over_an_axis_filters_table_and_lines(fresh):
    coordinates = fresh.payload()["coordinates"]
    axis = len(coordinates) - 1
    brush(fresh, axis, 0.5, 1.04)
    heights = coordinates[axis]["heights"]
    inside = {candidate for candidate, height in enumerate(heights) if height >= 0.5}
    assert 0 < len(inside) < 12
    assert fresh.eventually(lambda: fresh.candidates() == inside)
    visible = fresh.run("return document.getElementById('lines').data.map(t => t.visible !== false)")
    assert {candidate for candidate, is_visible in enumerate(visible) if is_visible} == inside
    assert fresh.find("#shown").text == f"{len(inside)} of 12 candidates"
    fresh.find("#all").click()
    assert len(fresh.column(1)) == 12 and fresh.find("#shown").text == "All 12 candidates"


def test_boxes_over_two_axes_filter_by_both(fresh):
    coordinates = fresh.payload()["coordinates"]
    score, rate = len(coordinates) - 1, [axis["label"] for axis in coordinates].index("learning_rate")
    brush(fresh, score, 0.5, 1.04)
    assert fresh.eventually(lambda: len(fresh.candidates()) < 12)
    brush(fresh, rate, 0.3, 1.04, shift=True)
    inside = {
        candidate
        for candidate in range(12)
        if coordinates[score]["heights"][candidate] >= 0.5 and coordinates[rate]["heights"][candidate] >= 0.3
    }
    assert fresh.eventually(lambda: fresh.candidates() == inside)


# --- light and dark -------------------------------------------------------------------------------------


def contrast(one, other):
    """Of two colours of CSS, as the Web Content Accessibility Guidelines reckon it."""

    def luminance(colour):
        channels = np.array([int(number) for number in re.findall(r"\d+", colour)[:3]]) / 255
        linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_page_can_be_read_in_light_and_in_dark(fresh):
    backgrounds = set()
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        fresh.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        paper, text, quiet = fresh.run(
            "const colour = (of, what) => getComputedStyle(document.querySelector(of))[what];"
            "return [colour('body', 'backgroundColor'), colour('body', 'color'), colour('p', 'color')]"
        )
        backgrounds.add(paper)
        assert contrast(text, paper) > 7 and contrast(quiet, paper) > 4.5
        of_text = {"light": "#1d232b", "dark": "#e6eaef"}[scheme]
        drawn = "return document.getElementById('lines')._fullLayout.font.color"
        assert fresh.eventually(lambda drawn=drawn, of_text=of_text: fresh.run(drawn) == of_text)
    assert len(backgrounds) == 2


# --- what users write, and other searches ---------------------------------------------------------------


def test_values_and_titles_cannot_break_out(browser, hostile_search, tmp_path):
    path = SearchResultsDisplay.from_search(hostile_search, kind=None).save_html(tmp_path / "page.html", title=HOSTILE)
    page = Page(browser, path)
    assert page.problems == []
    assert page.run("return document.getElementById('out')") is None
    assert page.find("h1").text == " ".join(HOSTILE.split())
    assert page.run("return document.title").startswith("</script>")
    assert HOSTILE in page.column(page.headers().index("kind"))
    assert page.run("return [...document.querySelectorAll('#lines b, #lines a')].length") == 0


def test_failed_candidates_and_few_of_them(browser, tmp_path):
    search = GridSearchCV(Shelf(), {"kind": ["plain", "broken"]}, cv=2)
    with pytest.warns(FitFailedWarning, match="2 fits failed"), pytest.warns(UserWarning, match="non-finite"):
        search.fit(np.zeros((8, 1)))
    page = Page(browser, SearchResultsDisplay.from_search(search, kind=None).save_html(tmp_path / "page.html"))
    assert page.problems == []
    assert page.column(2)[1] == "failed"
    assert "1 failed" in page.find("body").text
    assert "10 candidates with a score at least" in page.find("body").text
    page.button("score").click()
    page.button("score").click()
    assert page.column(2)[-1] == "failed"  # last in both directions


# --- the file -------------------------------------------------------------------------------------------


def test_page_without_a_browser(hostile_search, tmp_path, monkeypatch):
    for package in ("matplotlib", "matplotlib.pyplot", "pandas"):  # it needs neither
        monkeypatch.setitem(sys.modules, package, None)
    path = tmp_path / "page.html"
    assert SearchResultsDisplay.from_search(hostile_search, kind=None).save_html(str(path)) == path
    text = path.read_text(encoding="utf-8")
    assert HOSTILE not in text
    assert "default-src 'none'" in text
    body = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert re.findall(r"https?://", body) == []


def test_missing_plotly_is_named(hostile_search, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly.offline", None)
    with pytest.raises(ImportError, match=r"The page of a search needs the package 'plotly'.*pip install 'plotly"):
        SearchResultsDisplay.from_search(hostile_search, kind=None).save_html(tmp_path / "page.html")


def test_template_style_and_script_are_installed_with_the_package():
    folder = Path(display.__file__).parent / "search" / "page"
    assert {path.name for path in folder.iterdir()} == {"search.css", "search.html", "search.js"}
    installed = {str(path) for path in metadata.files("sknn_tune") or []}
    if "sknn_tune/display/search/_page.py" not in installed:
        pytest.skip("sknn_tune is imported from a folder, not installed")
    assert {f"sknn_tune/display/search/page/{path.name}" for path in folder.iterdir()} <= installed
