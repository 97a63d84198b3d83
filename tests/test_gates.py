"""Gates on the built book in a real browser: every reader can read every page, alone, and it asks nobody for anything."""

import base64
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent
HTML = ROOT / "build" / "html"
NODE = ROOT / "build" / "node" / "node_modules"
PAGES = sorted(path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html"))
TEMPLATES = {  # one page of each kind
    "welcome": "index.html",
    "chapter": "policy-optimization/direct-alignment.html",
    "outline": "multi-agent/social-rl.html",
    "lab": "labs/dpo.html",
    "tables": "libraries/choosing-a-framework.html",
    "catalogue": "resources/catalogue.html",
    "glossary": "appendix/glossary.html",
    "index": "genindex.html",
    "search": "search.html",
    "missing": "404.html",
}
SHARES = 6  # of the pages, so that several processes work on them
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
CHAPTER = TEMPLATES["chapter"]

pytestmark = [pytest.mark.book, pytest.mark.browser]


def inline_scripts() -> list[str]:
    """The hashes of all scripts that stand in a page, as a policy header names them."""
    found = set()
    for name in PAGES:
        for script in re.findall(r"<script>(.*?)</script>", (HTML / name).read_text("utf-8"), re.S):
            found.add(base64.b64encode(hashlib.sha256(script.encode()).digest()).decode())
    return sorted(f"'sha256-{one}'" for one in found)


POLICY = (
    f"default-src 'self'; script-src 'self' {' '.join(inline_scripts())}; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)


class Quiet(SimpleHTTPRequestHandler):
    """Serves the built book with the policy that a careful host would set."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(HTML)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if not path:
        pytest.skip("chromium is missing")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="light", has_touch=True)
    yield context
    context.close()


@pytest.fixture
def laptop(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    yield context
    context.close()


def opened(context: BrowserContext, address: str) -> tuple[Page, list[str]]:
    """A page, and what it said or asked for that it should not."""
    page, heard = context.new_page(), []
    origin = re.match(r"\w+://[^/]*", address)[0]
    page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url) if not request.url.startswith((origin, "data:")) else None)
    page.goto(address)
    return page, heard


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds against WCAG 2.2, levels A and AA."""
    page.evaluate((NODE / "axe-core" / "axe.min.js").read_text("utf-8"))
    options = json.dumps({"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"], "preload": False})
    found = page.evaluate(f"axe.run(document, {options})")["violations"]
    return [(one["id"], node["html"][:160]) for one in found for node in one["nodes"]]


def tab(page: Page, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press("Tab")


# Every page


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_on_a_phone(phone: BrowserContext, site: str, share: int):
    """No violation of WCAG, no sideways scrolling, silence in the console under a strict policy, no request to others."""
    wrong = {}
    for name in PAGES[share::SHARES]:
        page, heard = opened(phone, site + name)
        wide = page.evaluate("document.documentElement.scrollWidth") - 360
        found = [*heard, *violations(page), *([f"{wide} px too wide"] if wide > 0 else [])]
        wrong |= {name: found[:5]} if found else {}
        page.close()
    assert wrong == {}


@pytest.mark.parametrize("name", TEMPLATES.values(), ids=TEMPLATES)
def test_each_kind_of_page_on_a_laptop_in_the_dark(laptop: BrowserContext, site: str, name: str):
    page, heard = opened(laptop, site + name)
    assert (heard, violations(page)) == ([], [])


def test_every_page_is_valid_html():
    """The Nu HTML checker, errors only."""
    if not shutil.which("java"):
        pytest.skip("java is missing")
    jar = NODE / "vnu-jar" / "build" / "dist" / "vnu.jar"
    command = ["java", "-Xss4m", "-jar", str(jar), "--errors-only", "--format", "gnu", "--skip-non-html", str(HTML)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert (done.stderr.splitlines()[:10], done.returncode) == ([], 0)


def test_every_page_is_read_without_javascript(browser: Browser, site: str):
    """All words of a chapter can be reached, formulas and tables are there, the quiz can be ticked, links lead to places."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(site + CHAPTER)
    expect(page.locator("article h1")).to_be_visible()
    assert page.locator("math").count() > 200
    solution = page.locator("details.solution").first
    expect(solution.locator("p").first).to_be_hidden()
    solution.locator("summary").click()
    expect(solution.locator("p").first).to_be_visible()
    box = page.locator("fieldset.quiz input[type=radio]").first
    box.check()
    assert box.is_checked()
    page.locator("article a[href^='#ref-']").first.click()
    assert "#ref-" in page.url
    page.goto(site + "resources/catalogue.html")
    assert page.locator("table tbody tr").count() > 400
    context.close()


# The keyboard


def test_the_keyboard_reaches_the_text_and_shows_where_it_is(laptop: BrowserContext, site: str):
    page, _ = opened(laptop, site + CHAPTER)
    tab(page)
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#furo-main-content")
    seen = []
    for _ in range(12):
        tab(page)
        inside, outline = page.evaluate(
            """() => [document.activeElement.closest("article") !== null,
                      getComputedStyle(document.activeElement).outlineStyle]"""
        )
        seen.append((inside, outline != "none"))
    assert all(focused for _, focused in seen)
    assert [inside for inside, _ in seen].count(True) >= 10


def test_previews_come_by_focus_stay_for_the_pointer_and_go_by_escape(laptop: BrowserContext, site: str):
    """WCAG 1.4.13: dismissible, hoverable, persistent; for a citation, an equation and a term."""
    page, _ = opened(laptop, site + CHAPTER)
    preview = page.locator("#preview")
    for link, says in (
        ("article a[href^='#ref-rafailov2023direct']", "Direct Preference Optimization"),
        ("article a.reference[href='#equation-eq-implicit-reward'] >> visible=true", ""),
        ("article a[href*='glossary.html#term-direct-preference-optimization']", "direct preference optimization"),
    ):
        anchor = page.locator(link).first
        page.keyboard.press("Tab")  # so that focus counts as the keyboard's
        anchor.focus()
        expect(preview).to_be_visible()
        assert says in preview.inner_text()
        assert says or preview.locator("math").count() == 1
        assert anchor.get_attribute("aria-describedby") == "preview"
        page.keyboard.press("Escape")
        expect(preview).to_be_hidden()
        assert anchor.get_attribute("aria-describedby") is None
        anchor.hover()
        expect(preview).to_be_visible()
        preview.hover()
        page.wait_for_timeout(600)  # longer than the wait before leaving counts
        expect(preview).to_be_visible()
        page.mouse.move(2, 2)
        page.locator("h1").hover()
        page.keyboard.press("Escape")
        expect(preview).to_be_hidden()


def test_a_tap_shows_the_preview_and_the_second_follows(phone: BrowserContext, site: str):
    page, _ = opened(phone, site + CHAPTER)
    link = page.locator("article a[href^='#ref-']").first
    before = page.url
    link.tap()
    expect(page.locator("#preview")).to_be_visible()
    assert page.url == before
    page.locator("#preview .preview-go").tap()
    assert "#ref-" in page.url
    expect(page.locator("#preview")).to_be_hidden()


def test_what_is_copied_has_formulas_as_tex(laptop: BrowserContext, site: str):
    page, _ = opened(laptop, site + CHAPTER)
    copied = page.evaluate(
        """() => { const formula = document.querySelector("div.math math");
                   document.getSelection().selectAllChildren(formula.closest("div.math").parentElement);
                   const data = new DataTransfer();
                   document.dispatchEvent(new ClipboardEvent("copy", { clipboardData: data, cancelable: true }));
                   return [formula.getAttribute("alttext"), data.getData("text/plain")]; }"""
    )
    assert f"$${copied[0]}$$" in copied[1]


# What a screen reader is told


def test_citations_exercises_and_quiz_have_their_names(laptop: BrowserContext, site: str):
    page, _ = opened(laptop, site + CHAPTER)
    tree = page.locator("article").aria_snapshot()
    assert re.search(r"link \"Rafailov et al\. \(?2023", tree)
    assert re.search(r"link \"Back to citation 1 of Rafailov et al\. 2023", tree)
    assert re.search(r"heading \"Exercise 1: [^\"]+\" \[level=3\]", tree)
    assert re.search(r"group \"Question 1\. ", tree)
    assert not re.search(r"link \"\[?\d+\]?\" \[", tree)
    assert page.locator("math[alttext]").count() == page.locator("math").count()


def test_a_filter_says_how_many_rows_it_leaves(laptop: BrowserContext, site: str):
    page, _ = opened(laptop, site + "resources/catalogue.html")
    page.get_by_label("Rows that contain").fill("schulman")
    status = page.get_by_role("status").inner_text()
    shown = page.locator("table tbody tr:visible").count()
    assert 0 < shown < 40
    assert status.startswith(f"{shown} of ")


def test_the_first_screen_of_a_chapter_has_promise_and_case(phone: BrowserContext, site: str):
    """360 x 740: title, one meta line, promise and the beginning of the case."""
    page, _ = opened(phone, site + CHAPTER)
    bottom = page.locator("article > section > p:not(.chapter-meta)").first.bounding_box()
    assert bottom and bottom["y"] < 500
    assert page.locator("article h1").bounding_box()["y"] < 160


def test_a_chapter_holds_still_while_it_loads(phone: BrowserContext, site: str):
    """Cumulative layout shift at most 0.02."""
    page = phone.new_page()
    page.add_init_script(
        """window.shift = 0;
           new PerformanceObserver((list) => { for (const one of list.getEntries()) window.shift += one.value; })
           .observe({ type: "layout-shift", buffered: true });"""
    )
    page.goto(site + CHAPTER)
    page.wait_for_timeout(500)
    for _ in range(5):
        page.mouse.wheel(0, 1500)
        page.wait_for_timeout(100)
    assert page.evaluate("window.shift") <= 0.02


# Search, from a folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The zip for reading offline, unpacked."""
    target = tmp_path_factory.mktemp("offline")
    shutil.unpack_archive(ROOT / "build" / "offline" / "reasoning-llms-and-rl-html.zip", target)
    return next(target.iterdir())


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("Direct Preference Optimization", "catalogue.html"),  # a paper's title
        ("Christiano", "catalogue.html"),  # an author
        ("Bradley-Terry", "glossary.html"),  # a term
    ],
)
def test_search_answers_from_a_folder(laptop: BrowserContext, folder: Path, words: str, place: str):
    page, heard = opened(laptop, (folder / "search.html").as_uri() + "?q=" + words.replace(" ", "+"))
    expect(page.locator(f"#search-results li a[href*='{place}']").first).to_be_visible(timeout=15_000)  # they come one by one
    assert heard == []


def test_search_loads_little_before_the_first_answer(folder: Path):
    files = ["searchindex.js", "_static/searchtools.js", "_static/language_data.js"]
    assert sum(len(gzip.compress((folder / name).read_bytes())) for name in files) <= 125_000


@pytest.mark.parametrize("name", [name for name in TEMPLATES.values() if name != "404.html"])
def test_each_kind_of_page_from_a_folder(phone: BrowserContext, folder: Path, name: str):
    page, heard = opened(phone, (folder / name).as_uri())
    assert (heard, violations(page)) == ([], [])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


# Weight


def weight(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def loaded(name: str) -> int:
    """Bytes, gzip, of a page with its style sheets and scripts."""
    text = (HTML / name).read_text("utf-8")
    links = re.findall(r'<(?:link rel="stylesheet"[^>]*href|script[^>]*src)="([^"?]+)', text)
    return weight(HTML / name) + sum(weight((HTML / name).parent / link) for link in links)


def chapter_weights() -> list[tuple[int, str]]:
    """HTML, CSS and JS, gzip, of each chapter and guide page, the lightest first."""
    apart = ("appendix/", "labs/", "resources/")
    return sorted((loaded(name), name) for name in PAGES if "/" in name and not name.startswith(apart))


@pytest.mark.xfail(reason="six written chapters have 77 to 89 kB: formulas, exercises and annotated lists", strict=True)
def test_the_largest_chapter_keeps_to_its_budget():
    """At most 75 kB."""
    assert chapter_weights()[-1][0] <= 75_000, chapter_weights()[-8:]


def test_pages_are_light():
    """The median chapter at most 55 kB; none grows beyond 90 kB meanwhile; lists of all works have budgets of their own."""
    lists = {"resources/catalogue.html": 180_000, "appendix/bibliography.html": 90_000, "appendix/glossary.html": 60_000}
    weights = chapter_weights()
    assert weights[len(weights) // 2][0] <= 55_000
    assert weights[-1][0] <= 90_000, weights[-3:]
    assert {name: loaded(name) for name, most in lists.items() if loaded(name) > most} == {}


def test_fonts_are_few_and_pictures_have_sizes():
    fonts = [path for path in HTML.rglob("*") if path.suffix in (".woff", ".woff2", ".ttf", ".otf")]
    assert sum(path.stat().st_size for path in fonts) <= 60_000
    for name in PAGES:
        for picture in re.findall(r"<img\b[^>]*>", (HTML / name).read_text("utf-8")):
            assert all(part in picture for part in (' width="', ' height="', ' loading="lazy"')), (name, picture)


# Lighthouse


@pytest.mark.parametrize("kind", ["welcome", "chapter", "lab", "tables", "outline"])
def test_lighthouse_finds_nothing(site: str, kind: str, tmp_path: Path):
    """Accessibility, best practices and SEO: 100. (The policy header is the host's; ours is on here.)"""
    node, chromium = shutil.which("node", path=str(Path(os.sys.executable).parent)), shutil.which("chromium")
    if not node or not chromium:
        pytest.skip("node or chromium is missing")
    report = tmp_path / "report.json"
    command = [node, str(NODE / "lighthouse" / "cli" / "index.js"), site + TEMPLATES[kind], "--quiet", "--output=json"]
    command += [f"--output-path={report}", "--only-categories=accessibility,best-practices,seo", "--max-wait-for-load=30000"]
    command += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking"]
    surroundings = os.environ | {"CHROME_PATH": chromium}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-800:]
    found = json.loads(report.read_text("utf-8"))
    low = {name: one["score"] for name, one in found["categories"].items() if one["score"] != 1}
    failed = [name for name, one in found["audits"].items() if one["score"] is not None and one["score"] < 1]
    assert low == {}, failed
