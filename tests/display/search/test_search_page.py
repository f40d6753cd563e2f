"""The page of a search in a real browser: it opens, sorts, shows what is pointed at, filters, and loads nothing."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from anything import Anything
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
    for flag in ("headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "window-size=1280,2400"):
        options.add_argument(f"--{flag}")
    for flag in ("background-networking", "component-update", "sync"):
        options.add_argument(f"--disable-{flag}")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('browser')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(chromedriver))
    folder = str(tmp_path_factory.mktemp("downloads"))
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
    driver.downloads = Path(folder)
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
        """The candidate that is marked in the table, and whether each picture has its mark over the others."""
        return self.run(
            "const row = document.querySelector('tr.lit'), candidate = row && row.dataset.candidate;"
            "const shape = (mark) => mark.getAttribute('points') || mark.getAttribute('cx') + mark.getAttribute('cy');"
            "const pictures = [...document.querySelectorAll('svg[role=img]')];"
            "return [candidate && Number(candidate), ...pictures.map((picture) => {"
            "  const over = picture.querySelector('.lit');"
            "  const mark = picture.querySelector(`.mark[data-candidate='${candidate}']`);"
            "  return over && mark ? shape(over) === shape(mark) : over === null && mark === null ? null : false;"
            "})]"
        )

    def eventually(self, fact):
        """Wait for something that the browser does after the event; what it is then."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.browser, 10, poll_frequency=0.05).until(lambda _: fact())

    def candidates(self):
        return {int(candidate) for candidate in self.column(1)}

    def payload(self):
        return json.loads(self.run("return document.getElementById('data').textContent"))

    def place(self, axis, candidate):
        """Where in the window the line of a candidate passes an axis."""
        return self.run(
            "const line = document.querySelector(`#parallel .mark[data-candidate='${arguments[1]}']`);"
            "const box = line.ownerSVGElement.getBoundingClientRect(), point = line.points[arguments[0]];"
            "return [box.left + point.x, box.top + point.y]",
            *(axis, candidate),
        )

    def axes(self):
        """Labels of the parallel axes from the top down."""
        return self.run(
            "return [...document.querySelectorAll('#parallel .name > :first-child')].map(e => e.textContent)"
        )

    def limit(self, axis, end, share):
        """Move a handle of an axis, as its slider does."""
        handle = self.run(
            f"return document.querySelectorAll('#parallel .axis')[arguments[0]].querySelector('.{end}')", axis
        )
        self.run("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))", handle, share)
        return handle

    def mouse(self, *steps):
        from selenium.webdriver import ActionChains

        actions = ActionChains(self.browser, duration=50)
        for x, y in steps:
            actions.w3c_actions.pointer_action.move_to_location(round(x), round(y))
        actions.perform()

    def width(self, pixels):
        """Of the window, as that of a telephone or a screen."""
        metrics = {"width": pixels, "height": 2400, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.eventually(lambda: self.run("return document.querySelector('#parallel').clientWidth") < pixels)
        # The page draws anew in the frame that has the new width: it has when the one after that begins.
        self.browser.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
        )


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
    marked, *pictures = page.lit()
    assert marked == candidate
    assert all(pictures) and len(pictures) == 1 + len(page.payload()["coordinates"]) - 1 + bool(
        page.payload()["curves"]
    )


def test_lines_pass_the_axes_at_the_values(page):
    data = page.payload()
    for candidate in (0, 7):
        points = page.run(
            "const line = document.querySelector(`#parallel .mark[data-candidate='${arguments[0]}']`);"
            "return [...line.points].map((point) => point.x)",
            candidate,
        )
        stems = page.run(
            "return [...document.querySelectorAll('#parallel .stem')]"
            "  .map((stem) => [stem.x1, stem.x2].map(x => x.baseVal.value))"
        )
        heights = [axis["heights"][candidate] for axis in data["coordinates"]]
        shares = [(x - low) / (high - low) for x, (low, high) in zip(points, stems, strict=True)]
        np.testing.assert_allclose(np.polyfit(heights, shares, 1), [1 / 1.06, 0.03 / 1.06], atol=0.01)


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
    assert fresh.eventually(lambda: fresh.lit()[0] is None)


def test_pointing_at_a_line_shows_its_row(fresh):
    """On the axis of the learning rate no two candidates meet."""
    labels = [axis["label"] for axis in fresh.payload()["coordinates"]]
    axis = labels.index("learning_rate")
    for candidate in (0, 7):
        fresh.mouse(fresh.place(axis, candidate))
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
    curves = {curve["name"]: curve for curve in fresh.payload()["curves"]}
    assert next(iter(curves)) == "val_loss" and "accuracy" in curves
    fresh.find("#curve").send_keys("accuracy")
    drawn = fresh.run(
        "return [...document.querySelector(\"#curves .mark[data-candidate='3']\").points].map((point) => point.y)"
    )
    slope, _ = np.polyfit(curves["accuracy"]["values"][3], drawn, 1)
    np.testing.assert_allclose(np.diff(drawn), slope * np.diff(curves["accuracy"]["values"][3]), atol=0.3)
    assert slope < 0  # higher values stand higher


# --- axes -----------------------------------------------------------------------------------------------


def inside(page, limits):
    """Candidates between the limits, which are thousandths of each axis."""
    axes = page.payload()["coordinates"]
    thousandths = [[(height + 0.03) / 1.06 * 1000 for height in axis["heights"]] for axis in axes]
    return {
        candidate
        for candidate in range(12)
        if all(low <= thousandths[axis][candidate] <= high for axis, low, high in limits)
    }


def test_handles_of_axes_filter_table_and_lines(fresh):
    score = len(fresh.axes()) - 1
    fresh.limit(score, "lower", 500)
    kept = inside(fresh, [(score, 500, 1000)])
    assert 0 < len(kept) < 12 and fresh.candidates() == kept
    shown = fresh.run(
        "return [...document.querySelectorAll('#parallel .mark:not(.out)')].map(m => +m.dataset.candidate)"
    )
    assert set(shown) == kept
    assert fresh.find("#shown").text == f"{len(kept)} of 12 candidates"
    rate = fresh.axes().index("learning_rate")
    fresh.limit(rate, "upper", 600)
    assert fresh.candidates() == inside(fresh, [(score, 500, 1000), (rate, 0, 600)])
    fresh.find("#all").click()
    assert len(fresh.column(1)) == 12 and fresh.find("#shown").text == "All 12 candidates"


def test_handles_work_by_keyboard_and_do_not_cross(fresh):
    from selenium.webdriver import Keys

    handle = fresh.limit(0, "lower", 500)
    handle.send_keys(Keys.ARROW_RIGHT)
    assert handle.get_attribute("value") == "501"
    other = fresh.limit(0, "upper", 100)
    assert other.get_attribute("value") == "501" and handle.get_attribute("aria-label").startswith("lower limit of ")


def test_axes_are_moved_and_hidden_by_keyboard(fresh):
    from selenium.webdriver import Keys

    first, second, *others = fresh.axes()
    fresh.find(f"[aria-label='move {second} up']").send_keys(Keys.ENTER)
    assert fresh.axes() == [second, first, *others]
    assert fresh.run("return document.activeElement.ariaLabel") == f"move {second} up"
    fresh.limit(0, "lower", 999)
    fresh.find(f"[aria-label='hide {second}']").send_keys(Keys.ENTER)
    assert fresh.axes() == [first, *others]
    assert len(fresh.candidates()) == 12  # a hidden axis filters nothing
    fresh.find(f"[aria-label='show {second}']").send_keys(Keys.ENTER)
    assert fresh.axes() == [first, *others, second]


def test_axes_are_dragged_by_their_names(fresh):
    from selenium.webdriver import ActionChains

    def drag(*steps):
        chain = ActionChains(fresh.browser, duration=50).click_and_hold(fresh.find("#parallel .grip"))
        for step in steps:
            chain.move_by_offset(0, step)
        chain.release().move_by_offset(0, 150).perform()  # let go, it stays

    first, second, third, *others = fresh.axes()
    drag(60, 30)
    assert fresh.axes() == [second, first, third, *others]
    points = fresh.run("return document.querySelector('#parallel .mark').points.length")
    assert points == len(others) + 3
    drag(60, 60, 60, -60, -60, -60)  # back to where it came from
    assert fresh.axes() == [second, first, third, *others]
    drag(150)
    assert fresh.axes() == [first, third, second, *others]
    fresh.mouse((1, 1))
    assert fresh.lit()[0] is None  # nothing was clicked


@pytest.mark.parametrize(("n", "columns"), [(0, 1), (1, 1), (3, 3), (11, 4), (13, 5)])
def test_no_slice_is_alone_in_the_last_row(page, n, columns):
    script = page.run("return [...document.scripts].at(-1).textContent")
    function = re.search(r"^function columnsFor.*?^}", script, flags=re.DOTALL | re.MULTILINE).group()
    assert page.run(f"{function} return columnsFor({n}, 1216)") == columns
    assert page.run(f"{function} return columnsFor({n}, 376)") == 1


# --- columns and files ----------------------------------------------------------------------------------


def test_columns_can_be_hidden_and_what_is_shown_is_exported(fresh, network_search):
    fresh.find("summary").click()
    fresh.run("[...document.querySelectorAll('#columns label')].find(l => l.textContent === 'batch_size').click()")
    assert not fresh.find(f"#candidates th:nth-child({fresh.headers().index('batch_size') + 1})").is_displayed()
    fresh.limit(len(fresh.axes()) - 1, "lower", 500)
    fresh.find("#export").click()
    path = fresh.browser.downloads / "candidates.csv"
    fresh.eventually(lambda: path.exists() and path.stat().st_size)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["candidate"]) for row in rows] == [int(candidate) for candidate in fresh.column(1)]
    assert "batch_size" not in rows[0] and {row["status"] for row in rows} == {"finished"}
    for row in rows:
        candidate = int(row["candidate"])
        params = network_search.cv_results_["params"][candidate]
        assert float(row["learning_rate"]) == pytest.approx(params["learning_rate"], rel=1e-8)
        assert row["hidden_layer_sizes"] == str(params["hidden_layer_sizes"])
        assert float(row["accuracy"]) == pytest.approx(network_search.cv_results_["mean_test_score"][candidate])


# --- widths ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pixels", [400, 1280])
def test_all_fits_the_width_and_no_labels_lie_on_each_other(fresh, pixels):
    fresh.width(pixels)
    try:
        assert fresh.run("return document.documentElement.scrollWidth") <= pixels
        beyond = fresh.run(
            "return [...document.querySelectorAll('#parallel .track, svg text, dd, .bars td')].filter((part) =>"
            "  { const box = part.getBoundingClientRect(); return box.left < 0 || box.right > innerWidth; }).length"
        )
        assert beyond == 0
        overlapping = fresh.run(
            "const found = [];"
            "for (const values of document.querySelectorAll('.values')) {"
            "  const boxes = [...values.children].map((part) => part.getBoundingClientRect())"
            "    .sort((a, b) => a.left - b.left);"
            "  boxes.forEach((box, i) => { if (i && box.left < boxes[i - 1].right) found.push(values.textContent); });"
            "} return found"
        )
        assert overlapping == []
        narrowest = fresh.run("return Math.min(...[...document.querySelectorAll('dd')].map(d => d.clientWidth))")
        assert narrowest > 100  # where a letter stood below the other
    finally:
        fresh.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture(scope="module")
def long_page(browser, tmp_path_factory):
    """The page of forty candidates with names that are long and begin alike, and numbers of several magnitudes."""
    prefixes = [f"{name}_pipeline__classification_pipeline__keras_classifier__" for name in ("linear", "deep")]
    space = {
        "hidden_layer_sizes": [(8,), (16, 8), (16, 16, 16), (64, 32)],
        "learning_rate": log_uniform(1e-4, 1e-1),
        "learning_rate_schedule": [None, "cosine", "exponential"],
        "scaler": ["QuantileTransformer(n_quantiles=50)", "RobustScaler(with_centering=False)", "StandardScaler()"],
    }
    space = {prefix + name: values for prefix in prefixes for name, values in space.items()}
    search = RandomizedSearchCV(Anything(**dict.fromkeys(space)), space, n_iter=40, cv=2, random_state=0)
    path = tmp_path_factory.mktemp("long") / "search.html"
    SearchResultsDisplay.from_search(search.fit(np.zeros((8, 1))), kind=None).save_html(path)
    return Page(browser, path)


@pytest.mark.parametrize("pixels", [400, 1280])
def test_long_names_and_their_values_have_their_places(long_page, pixels):
    long_page.width(pixels)
    try:
        assert long_page.run("return document.documentElement.scrollWidth") <= pixels
        overlapping = long_page.run(
            "const texts = [...document.querySelectorAll('#parallel .grip, #parallel .values span')];"
            "const upright = [...document.querySelectorAll('.slice text:not([transform])')];"
            "const found = [];"
            "for (const group of [texts, upright]) {"
            "  const boxes = group.map((text) => [text.textContent, text.getBoundingClientRect()]);"
            "  boxes.forEach(([one, a], i) => boxes.slice(i + 1).forEach(([other, b]) => {"
            "    if (Math.min(a.right, b.right) > Math.max(a.left, b.left) + 1"
            "      && Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top) + 2) found.push([one, other]);"
            "  }));"
            "} return found"
        )
        assert overlapping == []
        labels = long_page.run(
            "return [...document.querySelectorAll('.slice .of-axis')].map((text) => text.firstChild.textContent)"
        )
        assert len(set(labels)) == len(labels) == 8
        lines = long_page.run("return [...document.querySelectorAll('.grip')].map((name) => name.innerText)")
        assert all("\n" not in line for line in lines)
    finally:
        long_page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


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
        best, label = fresh.run(
            "return [['.mark.best', 'stroke'], ['svg text', 'fill']].map(([of, what]) =>"
            "  getComputedStyle(document.querySelector(of)).getPropertyValue(what))"
        )
        assert contrast(label, paper) > 4.5
        assert best.startswith("oklab") and (float(best.split("(")[1].split()[0]) > 0.6) == (scheme == "dark")
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
    assert page.run("return [...document.querySelectorAll('#parallel b, #slices b')].length") == 0


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


def test_several_searches_are_on_one_page(browser, hostile_search, tmp_path):
    other = GridSearchCV(Shelf(), {"rate": [1e-3, 1e-2, 0.1]}, cv=2).fit(np.zeros((8, 1)))
    display = SearchResultsDisplay.from_searches({"grid": hostile_search, HOSTILE: other}, kind=None)
    page = Page(browser, display.save_html(tmp_path / "page.html"))
    assert page.problems == [] and page.run("return document.getElementById('out')") is None
    assert page.column(page.headers().index("search")).count(HOSTILE) == 3
    assert page.axes() == ["search", "kind", "rate", "score"]
    assert page.run("return document.querySelectorAll('.key .own').length") == 2
    colours = page.run(
        "return [...document.querySelectorAll('#parallel .mark')].map(m => m.style.getPropertyValue('--own'))"
    )
    assert sorted(colours) == ["var(--search-0)"] * 8 + ["var(--search-1)"] * 3
    page.limit(0, "lower", 600)
    assert len(page.column(0)) == 3
    assert page.find("h3").text == "grid"


def test_page_without_a_browser(hostile_search, tmp_path, monkeypatch):
    for package in ("matplotlib", "matplotlib.pyplot", "pandas", "plotly", "plotly.offline"):  # it needs none of them
        monkeypatch.setitem(sys.modules, package, None)
    path = tmp_path / "page.html"
    assert SearchResultsDisplay.from_search(hostile_search, kind=None).save_html(str(path)) == path
    text = path.read_text(encoding="utf-8")
    assert HOSTILE not in text
    assert "default-src 'none'" in text
    body = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert re.findall(r"https?://", body) == []
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []
    assert len(text) < 100_000


def test_template_style_and_script_are_installed_with_the_package():
    folder = Path(display.__file__).parent / "search" / "page"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*")}
    scripts = {f"script/{name}.js" for name in ("state", "picture", "parallel", "plots", "table", "begin")}
    assert files == {"search.css", "search.html", *scripts}
    installed = {str(path) for path in metadata.files("sknn_tune") or []}
    if "sknn_tune/display/search/_page.py" not in installed:
        pytest.skip("sknn_tune is imported from a folder, not installed")
    assert {f"sknn_tune/display/search/page/{name}" for name in files} <= installed
