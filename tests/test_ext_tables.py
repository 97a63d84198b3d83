"""Tables in the built page: semantics, download, paper; and the script, in a browser."""

import html.parser
import re
from pathlib import Path

import pytest
from sphinx.testing.util import SphinxTestApp

STATIC = Path(__file__).parent.parent / "docs" / "_static"
CONF = """
extensions = ["myst_parser", "tables", "folded"]
myst_enable_extensions = ["colon_fence", "attrs_block", "attrs_inline"]
html_theme = "furo"
exclude_patterns = ["_generated/**"]
html_static_path = [{static!r}]
html_css_files = ["book.css", "tables.css"]
html_js_files = [("tables.js", {{"defer": "defer"}})]
latex_engine = "lualatex"
"""
NAMES = ["Zoëa", "beta", "Alpha", "gamma 10", "gamma 9", "delta"]
KINDS = ["x [([b (c, d)](#tbl-things); 1)]{.remark}", "x, y", "unknown [(e)]{.remark}", "y (f, g)", "z", "x; z"]
ROWS = "".join(f"* - {name}\n  - {kind}\n\n    {{.source}}\n    unseen, w\n" for name, kind in zip(NAMES, KINDS, strict=True))
PAGE = f"""# Page

::::{{list-table}} A \\<b> & c caption
:name: tbl-things
:class: data-table longtable choose-2
:header-rows: 1
:stub-columns: 1
:widths: 30 70

* - Name
  - Kind
{ROWS}::::

| a | b |
|---|---|
| 1 | 2 |

::::{{folded}} Answer
Forty-two.
::::
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    root = tmp_path_factory.mktemp("tables")
    (root / "conf.py").write_text(CONF.format(static=str(STATIC)))
    (root / "index.md").write_text(PAGE)
    (root / "_generated/tables").mkdir(parents=True)
    (root / "_generated/tables/things.csv").write_text("name,kind\r\n")
    return root


def build(source, builder):
    app = SphinxTestApp(builder, srcdir=source, warningiserror=True, freshenv=True)
    try:
        app.build()
        return Path(app.outdir)
    finally:
        app.cleanup()


@pytest.fixture(scope="module")
def page(source):
    return build(source, "html") / "index.html"


class Tags(html.parser.HTMLParser):
    """All start tags with their attributes, and the text in each element that has an id."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def named(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


@pytest.mark.book
def test_header_cells_say_what_they_head(page):
    scopes = [attrs.get("scope") for attrs in Tags(page.read_text("utf-8")).named("th")]
    assert scopes == ["col", "col", *["row"] * len(NAMES), "col", "col"]


@pytest.mark.book
def test_regions_are_reached_by_keyboard_and_named_by_the_caption(page):
    text = page.read_text("utf-8")
    regions = [attrs for attrs in Tags(text).named("div") if "table-region" in attrs.get("class", "")]
    assert [attrs["tabindex"] for attrs in regions] == ["0", "0"]
    assert regions[0]["role"] == "region"
    assert f'<span id="{regions[0]["aria-labelledby"]}">A &lt;b&gt; &amp; c caption</span>' in text
    assert (regions[1]["role"], regions[1]["aria-label"]) == ("group", "Table")


@pytest.mark.book
def test_no_id_stands_twice(page):
    ids = [attrs["id"] for _, attrs in Tags(page.read_text("utf-8")).tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert "tbl-things" in ids


@pytest.mark.book
def test_the_csv_file_can_be_downloaded(page):
    links = [attrs["href"] for attrs in Tags(page.read_text("utf-8")).named("a") if "download" in attrs]
    assert len(links) == 1
    assert (page.parent / links[0]).read_bytes() == b"name,kind\r\n"


@pytest.mark.book
def test_columns_on_paper_are_ragged_and_as_wide_as_given(source):
    tex = next(build(source, "latex").glob("*.tex")).read_text("utf-8")
    spec = r">{\raggedright\arraybackslash}\X{30}{100}>{\raggedright\arraybackslash}\X{70}{100}"
    assert rf"\begin{{longtable}}{{{spec}}}" in tex or spec in tex
    assert tex.count(r"\begingroup\bookdatatable") == tex.count(r"\endgroup") == 1
    assert "Download as CSV" not in tex


def test_the_script_is_clean_for_a_strict_policy():
    script = (STATIC / "tables.js").read_text("utf-8")
    assert not re.search(r"\beval\b|new Function|innerHTML|\.on[a-z]+ ?=|\bfetch\b|import\(|\.style\b|https?://", script)
    assert len(script.splitlines()) <= 200


@pytest.fixture
def browser(page):
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        yield chromium
        chromium.close()


def opened(browser, page, **options):
    tab = browser.new_context(**options).new_page()
    tab.goto(page.as_uri())
    return tab


def names(tab):
    return tab.locator("table.data-table tbody th:visible").all_inner_texts()


@pytest.mark.book
@pytest.mark.browser
def test_filter_choose_and_sort(browser, page):
    tab = opened(browser, page)
    status = tab.get_by_role("status")
    assert (names(tab), status.inner_text()) == (NAMES, "6 rows")
    tab.get_by_label("Rows that contain").fill("ZOEA")
    assert (names(tab), status.inner_text()) == (["Zoëa"], "1 of 6 shown")
    tab.get_by_label("Rows that contain").fill("unseen")
    assert status.inner_text() == "0 of 6 shown"  # sources are not searched
    tab.get_by_label("Rows that contain").fill("(c, d)")
    assert names(tab) == ["Zoëa"]  # remarks are
    tab.get_by_role("button", name="Show all").click()
    kinds = tab.get_by_label("Kind")
    assert kinds.locator("option").all_inner_texts() == ["any", "x", "y", "y (f, g)", "z", "unknown"]
    kinds.select_option("z")
    assert (names(tab), status.inner_text()) == (["gamma 9", "delta"], "2 of 6 shown")
    kinds.select_option("")
    header = tab.get_by_role("columnheader", name="Name")
    for state, order in (
        ("ascending", ["Alpha", "beta", "delta", "gamma 9", "gamma 10", "Zoëa"]),
        ("descending", ["Zoëa", "gamma 10", "gamma 9", "delta", "beta", "Alpha"]),
        (None, NAMES),
    ):
        header.get_by_role("button").press("Enter")
        assert (header.get_attribute("aria-sort"), names(tab)) == (state, order)
    for _ in range(2):
        tab.get_by_role("columnheader", name="Kind").get_by_role("button").click()
        assert names(tab)[-1] == "Alpha"  # what is unknown comes last, up and down
    assert tab.locator("th[aria-sort]").count() == 1
    tab.get_by_label("Kind").select_option("x")
    assert sorted(names(tab)) == ["Zoëa", "beta", "delta"]


@pytest.mark.book
@pytest.mark.browser
def test_without_javascript_the_table_is_whole(browser, page):
    tab = opened(browser, page, java_script_enabled=False)
    assert names(tab) == NAMES
    assert tab.locator(".data-table-tools").count() == 0


@pytest.mark.book
@pytest.mark.browser
def test_a_phone_scrolls_the_table_and_not_the_page(browser, page):
    tab = opened(browser, page, viewport={"width": 320, "height": 640})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320
    assert not tab.get_by_label("Kind").is_visible()
    tab.get_by_text("Choose by column").click()
    assert tab.get_by_label("Kind").is_visible()


@pytest.mark.book
@pytest.mark.browser
def test_what_is_folded_is_printed(browser, page):
    tab = opened(browser, page)
    answer = tab.get_by_text("Forty-two.")
    height = "answer => answer.checkVisibility({contentVisibilityAuto: true}) && answer.getBoundingClientRect().height"
    assert not answer.evaluate(height)
    tab.emulate_media(media="print")
    assert answer.evaluate(height) > 10
    assert answer.evaluate("answer => answer.closest('details').getBoundingClientRect().bottom") > answer.evaluate(
        "answer => answer.getBoundingClientRect().bottom"
    )
