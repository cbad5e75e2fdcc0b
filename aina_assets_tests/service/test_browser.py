"""A real browser at the real server: the whole journey and the review desk, at two widths, by mouse and keys.

Screenshots lie in the data root's `service/screenshots`; with AINA_SCREENSHOTS they are copied there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from aina_assets.core.engine import Engine
from aina_assets.learning.practice.answering import answer, whole
from aina_assets.learning.practice.generating import Practice
from aina_assets.learning.practice.task import PracticeTask
from aina_assets_tests.builds import Build, starter_settings
from benchmarks.service.server import Server, free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WIDTHS = {"desktop": (1280, 900), "phone": (390, 844)}
SERIOUS = {"serious", "critical"}


def chromium() -> str:
    """Where a Chromium is; skips where there is none."""
    found = os.environ.get("AINA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium: `apt-get install chromium`, or name one in AINA_CHROMIUM")
    return found


@pytest.fixture(scope="module")
def running(starter_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    chromium()
    data = tmp_path_factory.mktemp("browser") / "data"
    shutil.copytree(starter_build.engine.data.path, data)
    server = Server(data, free_port())
    server.start()
    yield server
    server.stop()
    kept = os.environ.get("AINA_SCREENSHOTS")
    if kept:
        shutil.copytree(data / "service" / "screenshots", kept, dirs_exist_ok=True)


@dataclass
class Visitor:
    """A browser's page that notes what it loads, and is looked at as it goes."""

    page: Any
    server: Server
    width: str
    foreign: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    axe: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def go(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")

    def look(self, name: str) -> None:
        """Keep a screenshot, let axe look, and see that nothing is wider than the screen."""
        from axe_playwright_python.sync_playwright import Axe

        folder = self.server.data / "service" / "screenshots"
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(folder / f"{name}-{self.width}.png"), full_page=True)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[self.width][0], name
        found = Axe().run(self.page).response["violations"]
        self.axe[name] = [held for held in found if held["impact"] in SERIOUS]
        told = [(held["id"], [node["target"] for node in held["nodes"]][:3]) for held in self.axe[name]]
        assert told == [], name

    def sign_in(self) -> None:
        self.go(f"/ui/enter#{self.server.token}")
        self.page.wait_for_url("**/ui/?done=in")


@pytest.fixture(params=WIDTHS)
def visitor(running: Server, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    from playwright.sync_api import sync_playwright

    width, height = WIDTHS[request.param]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        made = Visitor(page, running, request.param)
        page.on(
            "request",
            lambda asked: made.foreign.append(asked.url) if not asked.url.startswith(made.base) else None,
        )
        page.on("pageerror", lambda error: made.faults.append(str(error)))
        page.on("console", lambda told: made.faults.append(told.text) if told.type == "error" else None)
        yield made
        browser.close()
    assert made.foreign == []
    assert made.faults == []


def whole_answer(server: Server, task: dict[str, Any]) -> str:
    told = PracticeTask.model_validate(task)
    key = Practice.read(Engine(starter_settings(server.data)).settings.policies_root).key(told)
    return answer(told, key, whole(key))


def test_the_whole_journey(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/ui/")
    visitor.look("assess-signed-out")
    assert page.locator("text=Make my path").is_disabled()
    visitor.sign_in()
    page.fill("#title", "senior acc")
    page.wait_for_selector("#title-list li")
    visitor.look("assess-suggesting")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("#title") == "senior accountant"
    page.click("text=Make my path")
    page.wait_for_url("**/ui/plans/**")
    assert page.locator("svg.timeline rect.bar").count() >= 10
    visitor.look("path")
    plan = page.url.rpartition("/")[2]
    page.click("text=Begin with the first practice")
    page.wait_for_url(f"**/ui/practice/{plan}.1")
    visitor.look("practice")
    page.fill("#text", "I wrote to anna.miller@gmail.com about it.")
    page.click("text=Hand in")
    page.wait_for_selector("#fault-text")
    # A refused answer is an answer of 422, which the browser notes as a fault.
    visitor.faults.clear()
    visitor.look("practice-refused")
    assert page.input_value("#text").startswith("I wrote to")
    task = page.request.get(f"{visitor.base}/practice/{plan}.1").json()
    page.fill("#text", whole_answer(visitor.server, task))
    page.click("text=Hand in")
    page.wait_for_url("**/result")
    assert page.locator("mark").count() >= 3
    visitor.look("result")
    page.locator("mark a").first.click()
    assert "#c" in page.url
    page.click("text=My record")
    page.wait_for_selector("svg.calendar")
    assert page.locator("svg.calendar .day.due").count() >= 1
    visitor.look("record")


def test_a_script_that_was_typed_is_not_run(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in()
    page.evaluate("window.ran = false")
    page.fill("#title", 'accountant <img src=x onerror="window.ran=true"><script>window.ran=true</script>')
    page.keyboard.press("Escape")
    page.click("text=Make my path")
    page.wait_for_url("**/ui/plans/**")
    assert page.evaluate("window.ran") in (False, None)
    visitor.go("/ui/titles?q=%3Cscript%3Ewindow.ran=true%3C/script%3E")
    assert page.evaluate("window.ran") in (False, None)


def test_titles_gates_and_sources(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/ui/titles?q=account")
    visitor.look("titles")
    page.locator(".results a[href^='/ui/titles/']").first.click()
    page.wait_for_selector("ul.bars")
    visitor.look("title")
    for name in ("gates", "sources", "api", "review", "enter"):
        visitor.go(f"/ui/{name}")
        visitor.look(name)
    visitor.go("/ui/titles?q=zzzz")
    visitor.look("titles-none")


def test_the_review_desk_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in()
    visitor.go("/ui/review")
    page.locator(".batches a").first.click()
    page.wait_for_selector("form.decide")
    visitor.look("desk")
    title = page.locator("#title-h").inner_text()
    page.keyboard.press("j")
    page.wait_for_function("told => document.querySelector('#title-h').innerText !== told", arg=title)
    page.keyboard.press("k")
    page.wait_for_function("told => document.querySelector('#title-h').innerText === told", arg=title)
    page.keyboard.press("1")
    assert page.locator("input[name=choice]").first.is_checked()
    page.keyboard.press("r")
    page.keyboard.type("The words name this and nothing finer.")
    page.fill("#by", "ab")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".note")
    assert "stands in the chain" in page.locator(".note").inner_text()
    assert page.locator("#title-h").inner_text() != title
    visitor.look("desk-decided")


def test_everything_can_be_reached_by_keyboard(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/ui/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.name || document.activeElement.tagName"))
        outline = page.evaluate(
            "(() => { const e = document.activeElement; if (e === document.body) return 'body';"
            " const s = getComputedStyle(e), n = e.nextElementSibling && getComputedStyle(e.nextElementSibling);"
            " return s.outlineStyle !== 'none' || (n && n.outlineStyle !== 'none') ? 'seen' : e.outerHTML; })()"
        )
        assert outline in ("seen", "body"), outline
    assert {"title", "weekly_minutes", "horizon_weeks", "goal"} <= seen


def test_the_pages_work_without_a_script(running: Server) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(f"http://127.0.0.1:{running.port}/ui/enter")
        page.fill("#token", running.token)
        page.click("main button[type=submit]")
        page.fill("#title", "Paralegal")
        page.click("text=Make my path")
        page.wait_for_url("**/ui/plans/**")
        assert page.locator("h1").inner_text()
        browser.close()


def test_the_browser_is_debians_or_named(running: Server) -> None:
    told = subprocess.run([chromium(), "--version"], capture_output=True, text=True, check=True, timeout=60)
    assert "Chrom" in told.stdout
    assert Path(running.data / "service").is_dir()
