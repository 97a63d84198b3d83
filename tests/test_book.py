"""The built book: what readers get is what the data and the pages say, and it asks nobody for anything."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools import pages
from tools.load import load

ROOT = Path(__file__).parent.parent
HTML = ROOT / "build" / "html"
CATALOG, _ = load(ROOT)
PAGES = [page for page in pages.load(ROOT)[0] if not page.docname.startswith("exercises/")]  # they stand in their chapters

pytestmark = pytest.mark.book


class Text(HTMLParser):
    """The text of the article, white space folded."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.feed(html[html.index("<article") : html.index("</article>")])

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def __str__(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.parts))


def html(docname: str) -> str:
    return (HTML / f"{docname}.html").read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.docname)
def test_every_page_is_built_and_outlines_say_so(page):
    text = str(Text(html(page.docname)))
    assert str(page.meta["title"]) in text
    assert ("Outline: not written yet" in text) == (page.meta.get("status") == "outline")


def test_the_welcome_page_counts_what_there_is():
    text = str(Text(html("index")))
    chapters = [page for page in PAGES if "level" in page.meta or "kind" in page.meta]
    outlines = [page for page in chapters if page.meta.get("status") == "outline"]
    assert f"{len(CATALOG.papers)} papers" in text
    assert f"{len(CATALOG.repositories)} code repositories" in text
    assert f"Of {len(chapters)} chapters and guide pages, {len(outlines)} are still outlines" in text
    assert len(chapters) == len(CATALOG.topics)


def test_every_paper_has_its_record_once():
    ids = re.findall(r'id="(paper-[a-z0-9]+)"', html("resources/catalogue"))
    assert sorted(ids) == sorted(f"paper-{key}" for key in CATALOG.papers)


def test_every_entry_of_the_source_list_is_accounted_for():
    """44 entries, and of the 21 papers with a title only those four that exist as listed are correct or imprecise."""
    text = html("resources/corrections")
    assert len(CATALOG.source_list) == 44
    assert all(f'id="listed-{key}"' in text for key in CATALOG.source_list)
    papers = [entry for entry in CATALOG.source_list.values() if entry.kind == "paper"]
    assert len(papers) == 22
    assert sum(entry.verdict in ("correct", "imprecise") for entry in papers) == 4


def test_internal_links_lead_somewhere():
    """Every link to a page or an anchor of the book, from every page."""
    ids = {path: set(re.findall(r'\bid="([^"]+)"', path.read_text("utf-8"))) for path in HTML.rglob("*.html")}
    dead = []
    for path in ids:
        if path.name == "404.html":
            continue  # it is served in the place of any page, so its links begin at the root of the site
        for target in re.findall(r'<a\b[^>]*\bhref="([^"]*)"', path.read_text("utf-8")):
            if re.match(r"[a-z]+:", target) or not target:
                continue
            name, _, anchor = target.partition("#")
            file = (path.parent / name).resolve() if name else path
            if not file.exists() or (anchor and file in ids and anchor not in ids[file]):
                dead.append((path.relative_to(HTML).as_posix(), target))
    assert dead == []


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        yield chromium
        chromium.close()


SHOWN = [
    "index",
    "policy-optimization/policy-gradients",
    "resources/catalogue",
    "libraries/choosing-a-framework",
    "appendix/notation",
]


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", SHOWN)
def test_a_page_is_quiet_and_no_wider_than_the_screen(browser: Browser, name: str, width: int):
    """From file://: no request to anybody, no error in the console, no sideways scrolling of the page."""
    tab = browser.new_page(viewport={"width": width, "height": 740})
    heard: list[str] = []
    tab.on("console", lambda message: heard.append(message.text))
    tab.on("pageerror", lambda error: heard.append(str(error)))
    tab.on("request", lambda request: heard.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
    tab.goto((HTML / f"{name}.html").as_uri())
    assert heard == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.close()


@pytest.mark.browser
def test_the_catalogue_can_be_filtered_and_says_what_is_shown(browser: Browser):
    tab = browser.new_page(viewport={"width": 360, "height": 740})
    tab.goto((HTML / "resources/catalogue.html").as_uri())
    tab.get_by_label("Rows that contain").fill("christiano")
    shown = tab.locator("table tbody tr:visible").count()
    assert 0 < shown < 20
    assert tab.get_by_role("status").inner_text() == f"{shown} of {len(CATALOG.papers)} shown"
    tab.close()


def test_a_written_chapter_says_where_each_path_goes_on():
    """The first path leads from reinforcement learning to what follows it there."""
    for path in CATALOG.paths.values():
        for here, after in zip(path.chapters, path.chapters[1:], strict=False):
            page = next(page for page in PAGES if page.docname == here)
            if page.meta.get("status") != "outline":
                ending = html(here)[html(here).index("Next on your path") :]
                title = next(other.meta["title"] for other in PAGES if other.docname == after)
                assert f"{path.title}: " in ending and f">{title}<" in ending


def test_no_id_stands_twice():
    for path in sorted(HTML.rglob("*.html")):
        ids = re.findall(r'\bid="([^"]+)"', path.read_text("utf-8"))
        assert sorted(set(ids)) == sorted(ids), (path.name, [one for one in ids if ids.count(one) > 1][:3])


@pytest.mark.browser
@pytest.mark.parametrize("name", ["foundations/language-models-as-policies", "policy-optimization/direct-alignment"])
def test_equation_numbers_stand_clear_of_their_formulas(browser: Browser, name: str):
    tab = browser.new_page(viewport={"width": 360, "height": 740})
    tab.goto((HTML / f"{name}.html").as_uri())
    script = """() => [...document.querySelectorAll("div.math")].filter((box) => {
      const [formula, number] = [box.querySelector("math"), box.querySelector(".eqno")];
      if (!formula || !number) return false;
      const [a, b] = [formula.getBoundingClientRect(), number.getBoundingClientRect()];
      return b.top < a.bottom - 1 && b.bottom > a.top + 1 && b.left < a.right - 1;
    }).length"""
    assert tab.evaluate(script) == 0
    tab.close()
