"""The page in a real browser: no error, no request to anywhere, hover and filters work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from codesign.report import build
from codesign.report.page import write_page
from codesign.report.results import Results
from codesign.rows import Row

selenium = pytest.importorskip("selenium.webdriver", reason="selenium is in the test extra: pip install -e '.[test]'")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert chromium, "chromium is missing; `make test` installs it"
    assert driver, "chromedriver is missing; `make test` installs it"
    options = selenium.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--window-size=1300,1000",
        f"--user-data-dir={tmp_path_factory.mktemp('browser')}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    window = selenium.Chrome(options=options, service=selenium.ChromeService(driver))
    yield window
    window.quit()


def _shown(browser: object) -> int:
    script = "return document.querySelector('.plot').data.slice(1).reduce((n, t) => n + t.x.length, 0)"
    return int(browser.execute_script(script))  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_page_works_in_a_browser(browser: object, made_store: Path, tmp_path: Path) -> None:
    page = build(made_store, tmp_path / "out").page
    browser.get(page.as_uri())  # type: ignore[attr-defined]
    logs = browser.get_log("browser")  # type: ignore[attr-defined]
    assert logs == [], "the console is silent"
    sent = [entry["message"] for entry in browser.get_log("performance")]  # type: ignore[attr-defined]
    asked = [line for line in sent if "Network.requestWillBeSent" in line and '"url":"http' in line]
    assert asked == [], "nothing is fetched"

    assert _shown(browser) == 32
    ticks = browser.find_elements("css selector", "#filters input[name=array]")  # type: ignore[attr-defined]
    assert [tick.get_attribute("value") for tick in ticks] == ["4×4", "8×8", "16×16", "32×32"]
    ticks[0].click()
    assert _shown(browser) == 24, "a filter takes points away"
    method = browser.find_element("css selector", "#filters input[value='magnitude']")  # type: ignore[attr-defined]
    method.click()
    assert _shown(browser) == 15, "filters combine"
    ticks[0].click()
    method.click()
    assert _shown(browser) == 32

    browser.execute_script("""
        document.getElementById('axis-x').value = 'latency_ms';
        document.getElementById('filters').dispatchEvent(new Event('change'));""")  # type: ignore[attr-defined]
    title = browser.execute_script("return document.querySelector('.plot').layout.xaxis.title.text")  # type: ignore[attr-defined]
    assert title == "Latency (ms)"

    box = browser.find_element("css selector", ".plot .nsewdrag")  # type: ignore[attr-defined]
    browser.execute_script("Plotly.Fx.hover(document.querySelector('.plot'), [{curveNumber: 1, pointNumber: 0}])")  # type: ignore[attr-defined]
    hover = browser.execute_script("return document.querySelector('.hoverlayer').textContent")  # type: ignore[attr-defined]
    assert "array" in hover
    assert "speed-up" in hover
    assert box.is_displayed()
    assert browser.get_log("browser") == []  # type: ignore[attr-defined]


@pytest.mark.slow
def test_three_workloads_have_three_plots_on_one_page(
    browser: object, made_store: Path, made_rows: list[Row], tmp_path: Path
) -> None:
    of_text = {"workload": "llm limit=6", "quality_metric": "perplexity", "quality_unit": "tokens"}
    of_pictures = {"workload": "vit", "quality_metric": "accuracy", "quality_goal": "max"}
    rows = [replace(row, key=f"{row.key}-{which}", **asked) for which, asked in enumerate((of_text, of_pictures))
            for row in made_rows]  # fmt: skip
    with (made_store / "rows.jsonl").open("a") as file:
        file.writelines(row.to_json() + "\n" for row in rows)
    page = write_page(Results.load(made_store), {}, made_store)
    browser.get(page.as_uri())  # type: ignore[attr-defined]
    assert browser.get_log("browser") == []  # type: ignore[attr-defined]
    titles = browser.execute_script("""
        return [...document.querySelectorAll('.plot')].map((plot) => plot.layout.yaxis.title.text)""")  # type: ignore[attr-defined]
    assert titles == ["Word error rate (%)", "Perplexity", "Accuracy (%)"]
    better = browser.execute_script("""
        return [...document.querySelectorAll('.plot')].map((plot) => plot.data[0].y)""")  # type: ignore[attr-defined]
    assert better[0] == sorted(better[0], reverse=True), "the fastest first: errors fall with speed"
    assert better[2] == [100], "of made accuracies, which rise with speed, the last is better in both"
    browser.find_element("css selector", "#filters input[value='llm limit=6']").click()  # type: ignore[attr-defined]
    left = browser.execute_script("""
        return [...document.querySelectorAll('.plot')].map((plot) => plot.data.slice(1).length)""")  # type: ignore[attr-defined]
    assert left[1] == 0 < left[0]


def test_what_a_design_is_called_cannot_become_script(made_store: Path) -> None:
    evil = "</script><script>alert(1)</script>"
    rows = (made_store / "rows.jsonl").read_text().replace('"workload": "speech"', f'"workload": "{evil}"')
    (made_store / "rows.jsonl").write_text(rows)
    page = write_page(Results.load(made_store), {}, made_store).read_text()
    assert evil not in page
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in page
